"""The form and the result of a view: side by side, one above the other, or one at a time where neither has room."""

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from wireglass_app.controls import Segments, column, row, surface
from wireglass_app.layouts import beside
from wireglass_app.theme import theme

__all__ = ["Half", "Halves"]

Half = Literal["form", "result"]

_WIDE = 700
"""Design pixels from which both stand side by side: what a window 1180 wide leaves beside navigation and list."""
_HIGH = 400
"""Below it, two halves one above the other would both be cut."""
_FORM = 346


class Halves(QWidget):
    """`form` and `result`. Where only one is in sight a switch above names both, and `show_half` brings one up."""

    def __init__(self, form: QWidget, result: QWidget, names: tuple[str, str]) -> None:
        super().__init__()
        self._halves: dict[str, QWidget] = {"form": form, "result": result}
        self._single = False
        self.splitter = beside(form, result, sizes=(_FORM, 620))
        self.switch = Segments([("form", names[0]), ("result", names[1])], "Shown")
        self.switch.set_current("form")
        self.switch.chosen.connect(lambda _key: self._show())
        self._bar = surface(QWidget(), "panel", edge="bottom")
        self._bar.setLayout(row(self.switch, None, margins=(14, 4, 14, 4)))
        self._bar.hide()
        self.setLayout(column(self._bar, self.splitter, gap=0))

    @property
    def single(self) -> bool:
        """Whether only one half is in sight."""
        return self._single

    def show_half(self, which: Half) -> None:
        """Brings one to sight where only one is shown."""
        if self.switch.current() != which:
            self.switch.set_current(which)
            self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= theme().px(_WIDE)
        wanted = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if self.splitter.orientation() != wanted:
            self.splitter.setOrientation(wanted)
        single = not wide and self.height() < theme().px(_HIGH)
        if single != self._single:
            self._single = single
            self._show()

    def _show(self) -> None:
        self._bar.setVisible(self._single)
        focus = QApplication.focusWidget()
        within = next((key for key, half in self._halves.items() if focus and half.isAncestorOf(focus)), "")
        for key, half in self._halves.items():
            half.setVisible(not self._single or key == self.switch.current())
        if self._single and within not in ("", self.switch.current()):  # else the next widget of the window has it
            self.switch.button(self.switch.current()).setFocus(Qt.FocusReason.OtherFocusReason)
