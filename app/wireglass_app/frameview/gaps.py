"""Where a server was gone: a dashed line between two rows, and below the table which servers are away now."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from wireglass.recording.ledger import Ledger
from wireglass_app.controls import Elided, column, surface
from wireglass_app.plain import visible
from wireglass_app.server_session import ServerSession
from wireglass_app.theme import theme

__all__ = ["AwayLine", "GapDelegate", "Gaps", "paint_gap"]

Index = QModelIndex | QPersistentModelIndex
_BREAKS = ("end", "reload")
"""Not the first start of a server: before it nothing was there that could have gone."""
_GONE = {"crashed": "stopped", "failed": "could not be reached", "closed": "was disconnected"}


class Gaps:
    """The moments at which a server ended or began anew."""

    def __init__(self, ledger: Ledger, of: Callable[[str], bool] = lambda _connection: True) -> None:
        """`of` tells which connections count."""
        self._ledger, self._of = ledger, of
        self._looked_at = 0
        self._moments: list[int] = []

    def within(self, first_ns: int, last_ns: int) -> bool:
        """Whether something broke off or began between two moments (frames' clock)."""
        events = self._ledger.events
        if len(events) != self._looked_at:
            self._looked_at = len(events)
            breaks = (event for event in events if event.kind in _BREAKS and self._of(event.connection))
            self._moments = sorted(event.at_ns for event in breaks)
        return bisect_right(self._moments, first_ns) < bisect_left(self._moments, last_ns)


def paint_gap(painter: QPainter, rect: QRect) -> None:
    """The line above a row."""
    painter.save()
    painter.setPen(QPen(theme().color("text.muted"), 1, Qt.PenStyle.DashLine))
    painter.drawLine(rect.topLeft(), rect.topRight())
    painter.restore()


class GapDelegate(QStyledItemDelegate):
    """Paints rows as usual, with that line above those for which `begins(row)` holds."""

    def __init__(self, begins: Callable[[int], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._begins = begins

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        if self._begins(index.row()):
            paint_gap(painter, option.rect)  # type: ignore[attr-defined]  # a member that the stubs leave out


class AwayLine(QWidget):
    """ "shop stopped: its frames stay as they are. F5 starts it again." Hidden when every server is there."""

    def __init__(self, what: str) -> None:
        """`what` stays as it is: "frames", say."""
        super().__init__()
        self._what = what
        self.words = Elided("", "secondary", "small")
        self.words.setContentsMargins(14, 4, 14, 4)
        self.setLayout(column(self.words))
        surface(self, "sunken", "top")
        self.hide()

    def show_sessions(self, sessions: Iterable[ServerSession]) -> None:
        """Tells of those that are gone; what only connects or was never there is not."""
        gone = [one for one in sessions if one.state in _GONE]
        parts = [f"{visible(one.name, 60)} {_GONE[one.state]}" for one in gone]
        whose, which = ("its", "it") if len(gone) == 1 else ("their", "the current one")
        tail = f"{whose} {self._what} stay as they are. F5 starts {which} again."
        self.words.setText(f"{', '.join(parts)}: {tail}" if parts else "")
        self.setVisible(bool(parts))
