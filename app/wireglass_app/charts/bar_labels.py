"""Words on the bars of the timeline: measured once, in the bar if they fit, else behind it, else cut short."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from wireglass_app.models.lanes import Bar
from wireglass_app.models.timeline import VIOLET
from wireglass_app.plain import visible
from wireglass_app.theme import theme

__all__ = ["LEAST_ELIDED", "LEAST_LABEL", "BarLabels"]

LEAST_LABEL = 24
"""Pixels below which no label is tried."""
LEAST_ELIDED = 44
"""Pixels of a bar that holds the beginning of a label too long for it."""


class BarLabels:
    """Draws labels, and remembers their widths: measuring text is the slowest part of a paint."""

    def __init__(self) -> None:
        self._widths: dict[str, float] = {}

    def forget(self) -> None:
        """The font of bars is another one."""
        self._widths.clear()

    def width(self, label: str) -> float:
        """Pixels of a whole label."""
        known = self._widths.get(label)
        if known is None:
            if len(self._widths) > 5_000:
                self._widths.clear()
            metrics = QFontMetricsF(theme().font("caption"))
            known = self._widths[label] = metrics.horizontalAdvance(visible(label))
        return known

    def paint(self, painter: QPainter, label: str, bar: Bar, rect: QRectF, room_until: float) -> None:
        """The label of a bar that fills `rect`, up to where the next bar begins; left out where it has no place."""
        box = self.place(label, rect, room_until)
        if box is None:
            return
        hatched = bar.tone == VIOLET or bar.end is None
        inside = rect.contains(box)
        solid = inside and not hatched
        painter.setPen(theme().color("bar.ink" if solid else "text.primary" if inside else "text.secondary"))
        text = visible(label)
        if self.width(label) > box.width():
            text = QFontMetricsF(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)

    def place(self, label: str, rect: QRectF, room_until: float) -> QRectF | None:
        """Inside the bar if it fits, else after it if there is room before the next one, else nowhere."""
        width = self.width(label)
        if width + 8 <= rect.width():
            if rect.left() + width + 8 > room_until:
                return None  # the next one overlaps this bar: the last track takes what has no other place
            return QRectF(rect.left() + 5, rect.top(), width + 3, rect.height())
        if room_until - rect.right() >= max(LEAST_LABEL, width + 10):
            return QRectF(rect.right() + 5, rect.top(), width + 4, rect.height())
        if rect.width() >= LEAST_ELIDED and rect.right() <= room_until:
            return rect.adjusted(5, 0, -3, 0)
        return None
