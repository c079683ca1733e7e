"""Tabs that tell how much is behind them in a small pill beside their name."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QTabBar, QToolButton, QWidget

from wireglass_app.plain import count
from wireglass_app.theme import theme

__all__ = ["CountedTabs"]

_AFTER = 7
"""Between a pill and the end of its tab: the style puts it there without any room."""


class CountedTabs(QTabBar):
    """A tab bar whose tabs may carry a number; zero shows none."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._numbers: dict[int, int] = {}
        for button in self.findChildren(QToolButton):  # Qt's own, shown where the tabs have no room
            button.setToolTip(button.accessibleName())

    def number(self, at: int) -> int:
        """What stands in the pill of a tab."""
        return self._numbers.get(at, 0)

    def set_number(self, at: int, number: int) -> None:
        """Puts a number beside the name of a tab."""
        if self.number(at) == number:
            return
        self._numbers[at] = number
        self.setAccessibleTabName(at, f"{self.tabText(at)}, {count(number)}" if number else "")
        old = self.tabButton(at, QTabBar.ButtonPosition.RightSide)
        if isinstance(old, _Pill) and number and old.take(count(number)):
            return
        # Another widget: a tab bar looks at the size of one only when it gets it.
        self.setTabButton(at, QTabBar.ButtonPosition.RightSide, _Pill(count(number)) if number else None)  # type: ignore[arg-type]  # Qt's null
        if old:  # Qt's null otherwise, which the stubs leave out
            old.deleteLater()


class _Pill(QWidget):
    """The number, small on a ground of its own."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def take(self, text: str) -> bool:
        """Shows another text if it is as wide."""
        before, self._text = self.sizeHint(), text
        self.update()
        return self.sizeHint() == before

    def sizeHint(self) -> QSize:
        width = QFontMetrics(theme().font("caption")).horizontalAdvance(self._text)
        return QSize(max(theme().px(17), width + theme().px(10)) + theme().px(_AFTER), theme().px(17))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.resize(self.sizeHint())
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("bg.hover"))
        box = self.rect().adjusted(0, 0, -theme().px(_AFTER), 0)
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        painter.setPen(theme().color("text.secondary"))
        painter.setFont(theme().font("caption"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._text)
