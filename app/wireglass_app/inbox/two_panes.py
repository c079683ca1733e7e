"""Two panes side by side; where there is no room for both, one at a time with a switch above."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from wireglass_app.controls import Rule, Segments, column, row, surface
from wireglass_app.theme import theme

__all__ = ["TwoPanes"]

_ANY = 16_777_215
"""Qt's QWIDGETSIZE_MAX."""


class TwoPanes(QWidget):
    """`least` is the width, in design pixels, from which both are shown; below it, `first` at first."""

    def __init__(
        self, left: QWidget, right: QWidget, names: tuple[str, str], *, least: int, first: str = "left"
    ) -> None:
        super().__init__()
        self._panes = {"left": left, "right": right}
        self._most = {key: pane.maximumWidth() for key, pane in self._panes.items()}
        self._least = least
        self._narrow = False
        self._alone = ""
        self.switch = Segments([("left", names[0]), ("right", names[1])], "Shown")
        self.switch.set_current(first)
        self.switch.chosen.connect(lambda _key: self._show())
        self._line = Rule("vertical")
        self._bar = surface(QWidget(), "panel", edge="bottom")
        self._bar.setLayout(row(self.switch, None, margins=(14, 4, 14, 4)))
        self._bar.hide()
        panes = row(left, self._line, right, gap=0)
        lines = column(self._bar, gap=0)
        lines.addLayout(panes, 1)
        self.setLayout(lines)
        self._row = panes

    def set_shares(self, left: int, right: int) -> None:
        """How they share the room."""
        self._row.setStretch(0, left)
        self._row.setStretch(2, right)

    def show_alone(self, key: str) -> None:
        """One for good, "left" or "right", without a switch; "" for both again."""
        self._alone = key
        self._show()

    def show_pane(self, key: str) -> None:
        """Brings one to sight, "left" or "right", where only one is shown."""
        self.switch.set_current(key)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < theme().px(self._least)
        if narrow != self._narrow:
            self._narrow = narrow
            self._show()

    def minimumSizeHint(self) -> QSize:
        """One pane is enough."""
        return QSize(theme().px(300), super().minimumSizeHint().height())

    def _show(self) -> None:
        self._bar.setVisible(self._narrow and not self._alone)
        self._line.setVisible(not self._narrow and not self._alone)
        for key, pane in self._panes.items():
            pane.setVisible(key == self._alone if self._alone else not self._narrow or key == self.switch.current())
            pane.setMaximumWidth(_ANY if self._narrow else self._most[key])
