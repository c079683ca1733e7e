"""The ground of a row that paints itself: chosen, under the mouse, with the focus. One look for all painted lists."""

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from wireglass_app.theme import theme

__all__ = ["paint_ground"]

_FOCUS_WIDTH = 3


def paint_ground(painter: QPainter, option: QStyleOptionViewItem) -> None:
    """Fills the row's rectangle as its state says; the focus is a stripe at the left."""
    rect = option.rect
    if option.state & QStyle.StateFlag.State_Selected:
        painter.fillRect(rect, theme().color("bg.selected"))
    elif option.state & QStyle.StateFlag.State_MouseOver:
        painter.fillRect(rect, theme().color("bg.hover"))
    if option.state & QStyle.StateFlag.State_HasFocus:
        painter.fillRect(QRect(rect.left(), rect.top(), _FOCUS_WIDTH, rect.height()), theme().color("focus"))
