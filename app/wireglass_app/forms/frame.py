"""The painted frames of forms: the border of a composed field, and the line beside a group inside a group."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from wireglass_app.controls import column
from wireglass_app.theme import theme

__all__ = ["FieldFrame", "Indent"]


class FieldFrame(QWidget):
    """Looks like an entry field around other widgets."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().color("line.control"), 1))
        painter.setBrush(theme().color("bg.panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)


class Indent(QWidget):
    """A group inside a group: moved in, with a line at its left."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.setLayout(column(content, margins=(13, 2, 0, 2)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        right = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        painter.fillRect(self.width() - 2 if right else 0, 0, 2, self.height(), theme().color("line.default"))
