"""The status mark of a server: shape and colour together, and the same in words."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from wireglass_app.server_session import ServerSession
from wireglass_app.shell_words import STATE_WORDS
from wireglass_app.theme import theme

__all__ = ["paint_mark", "state_words"]

_TOKENS = {
    "ready": "bar.green",
    "connecting": "bar.blue",
    "failed": "bad.fill",
    "crashed": "bad.fill",
    "closed": "line.control",
    "idle": "line.control",
    "recorded": "bar.violet",
}


def state_words(session: ServerSession) -> str:
    """The state as a person would say it."""
    return "not answering" if session.unreached else STATE_WORDS[session.state]


def paint_mark(painter: QPainter, x: float, y: float, session: ServerSession) -> None:
    """Disc: connected. Ring: not connected, or on the way. Diamond: failed, stopped, or not answering."""
    ink = theme().color("bad.fill" if session.unreached else _TOKENS[session.state])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if session.unreached or session.state in ("failed", "crashed"):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawPolygon(QPolygonF([QPointF(x, y - 5), QPointF(x + 5, y), QPointF(x, y + 5), QPointF(x - 5, y)]))
        return
    filled = session.state in ("ready", "recorded")
    painter.setPen(Qt.PenStyle.NoPen if filled else QPen(ink, 1.6))
    painter.setBrush(ink if filled else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QRectF(x - 4, y - 4, 8, 8))
