"""The head of a prompt: title, description, and what can be done with its messages."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from wireglass_app.controls import column, row, surface
from wireglass_app.theme import theme

__all__ = ["PromptHead"]

_NARROW = 620
"""Design pixels below which the buttons of the messages stand in the second line, so that the title has the first."""


class PromptHead(QWidget):
    """`names` and the primary button share the first line; the others too, as long as there is room."""

    def __init__(
        self, names: tuple[QWidget, QWidget], description: QWidget, others: tuple[QWidget, ...], primary: QWidget
    ) -> None:
        super().__init__()
        surface(self, "panel", "bottom")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._others = others
        self._narrow = False
        self._top = row(*names, None, *others, primary)
        self._below = row(description)
        self._below.setStretch(0, 1)
        self.setLayout(column(self._top, self._below, gap=4, margins=(14, 9, 14, 9)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < theme().px(_NARROW)
        if narrow == self._narrow:
            return
        self._narrow = narrow
        for at, button in enumerate(self._others):
            (self._top if narrow else self._below).removeWidget(button)
            if narrow:
                self._below.addWidget(button)
            else:
                self._top.insertWidget(3 + at, button)
