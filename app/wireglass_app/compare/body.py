"""What Compare and Replay show below their heads: a list with its foot, and what the chosen line says."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from wireglass_app.controls import column, surface
from wireglass_app.layouts import beside
from wireglass_app.theme import theme

__all__ = ["CompareBody"]

_NARROW = 820
"""Below this width the list stands above what it explains."""
_BESIDE, _ABOVE = (352, 860), (200, 400)
"""Pixels of the list and of what it explains."""


class CompareBody(QStackedWidget):
    """Both beside each other, or in a narrow pane one above the other; or `empty`, which says why there is no list."""

    def __init__(self, listed: QWidget, foot: QWidget, detail: QWidget, empty: QWidget) -> None:
        super().__init__()
        left = surface(QWidget(), "sunken")
        lines = column(listed, surface(foot, "sunken", "top"), gap=0)
        lines.setStretch(0, 1)
        left.setLayout(lines)
        self._empty = empty
        self._both = beside(left, detail, sizes=[theme().px(one) for one in _BESIDE])
        self.addWidget(empty)
        self.addWidget(self._both)

    def show_list(self, there: bool) -> None:
        """The list, or why there is none."""
        self.setCurrentWidget(self._both if there else self._empty)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < theme().px(_NARROW)
        wanted = Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal
        if wanted != self._both.orientation():
            self._both.setOrientation(wanted)
            self._both.setSizes([theme().px(one) for one in (_ABOVE if narrow else _BESIDE)])
