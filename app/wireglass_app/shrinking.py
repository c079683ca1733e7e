"""A scroll area as high as what it holds, and lower where there is no room for all of it: nothing in it is cut."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLayout, QScrollArea, QSizePolicy, QWidget

from wireglass_app.layouts import surface
from wireglass_app.theme import theme

__all__ = ["Shrinking"]


class Shrinking(QScrollArea):
    """For words above something that needs room of its own. A layout would squeeze wrapped text below its lines."""

    def __init__(self, content: QLayout, *, least: int, most: int = 0) -> None:
        """It never is lower than `least` pixels of the design, if its content is as high; nor higher than `most`, if
        that is given."""
        super().__init__()
        self._least, self._most = least, most
        self._inner = surface(QWidget(), "panel")
        self._inner.setLayout(content)
        self._inner.installEventFilter(self)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setWidget(self._inner)

    def sizeHint(self) -> QSize:
        """The height of the content at the width of now."""
        inner = self._inner
        hint = inner.sizeHint()
        high = inner.heightForWidth(self.viewport().width()) if inner.hasHeightForWidth() else hint.height()
        return QSize(hint.width(), min(high, theme().px(self._most)) if self._most else high)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._inner.minimumSizeHint().width(), min(self.sizeHint().height(), theme().px(self._least)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Other words in it: another height."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)
