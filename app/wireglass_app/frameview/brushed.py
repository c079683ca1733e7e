"""The stretch of time that was brushed in the Timeline, as a chip beside the filter; a click shows all times again."""

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal

from wireglass_app.controls import Button
from wireglass_app.moments import clock_ms
from wireglass_app.plain import duration, tip

__all__ = ["BrushChip"]

_SETTLE_MS = 120
"""While the brush is drawn, views follow at this distance."""


class BrushChip(Button):
    """`settled` carries the stretch (frames' clock, nanoseconds) or None; `wall` turns a moment into one since 1970."""

    settled = Signal(object)
    cleared = Signal()

    def __init__(self, wall: Callable[[int], int]) -> None:
        super().__init__("", icon="close", name="Show all times again", clicked=lambda: self.cleared.emit())
        self._wall = wall
        self._range: tuple[int, int] | None = None
        self._timer = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._timer.timeout.connect(lambda: self.settled.emit(self._range))
        self.hide()

    def show_range(self, brushed: tuple[int, int] | None) -> None:
        """Another stretch; the views hear of it when it has come to rest."""
        self._range = brushed
        self.setVisible(brushed is not None)
        if brushed is not None:
            begin, until = (clock_ms(self._wall(at)) for at in brushed)
            length = duration((brushed[1] - brushed[0]) / 1e6)
            self.setText(f"{begin} · {length}")
            self.setAccessibleName(f"From {begin} to {until}, as brushed in the Timeline. Show all times again")
            self.setToolTip(tip(f"Only {begin} to {until}, as brushed in the Timeline. A click shows all times again."))
        self._timer.start()
