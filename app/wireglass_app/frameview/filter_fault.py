"""Why a filter is none: a line under the field, laid over what is below, so that no row moves while one types."""

from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtWidgets import QWidget

from wireglass_app.controls import Label, surface
from wireglass_app.theme import theme

__all__ = ["FilterFault"]


class FilterFault(Label):
    """`tell` shows it; it goes with its field."""

    def __init__(self, field: QWidget) -> None:
        super().__init__("", "bad", "caption", wrap=True)
        surface(self, "popup")
        self._field = field
        self.setParent(field)
        self.hide()
        field.installEventFilter(self)

    def tell(self, text: str) -> None:
        """Shows a sentence under the field."""
        self.setText(text)
        self.setParent(_room(self._field))
        self._place()
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and not self.isHidden():
            self._place()
        return False

    def _place(self) -> None:
        parent = self.parentWidget() or self._field
        edge = theme().px(8)
        self.setContentsMargins(edge, edge // 2, edge, edge // 2)
        wide = min(self._field.width(), self.fontMetrics().horizontalAdvance(self.text()) + 2 * edge + 4)
        self.resize(wide, self.heightForWidth(wide))
        self.move(self._field.mapTo(parent, QPoint(0, self._field.height() + 2)))


def _room(field: QWidget) -> QWidget:
    """The view around the field: the nearest parent that goes on below it."""
    parent = field.parentWidget() or field
    while (above := parent.parentWidget()) is not None and parent.height() < 3 * field.height():
        parent = above
    return parent
