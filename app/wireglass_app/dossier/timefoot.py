"""The foot of the result pane: where the time of the call went, as one bar with a sentence over it."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from wireglass_app.calls import Call
from wireglass_app.controls import Button, Elided, Label, column, row, surface
from wireglass_app.dossier.timebar import Parted, TimeBar
from wireglass_app.dossier.words import usual_times
from wireglass_app.plain import duration

__all__ = ["TimeFoot"]

_UNANSWERED = ("cancelled", "timeout", "lost")
"""Of calls in these states the wire knows no whole time."""


class TimeFoot(QWidget):
    """Its owner shows it where there is room, if it has something to tell."""

    opened = Signal()
    """All of it is wanted: that is in the Timing tab."""

    def __init__(self) -> None:
        super().__init__()
        self.tells = False
        """Whether the time of the last call is known."""
        self.bar = TimeBar()
        self.bar.opened.connect(self.opened)
        self.title = Label("", type="small-strong")
        self.facts = Elided("", "muted", "caption")
        self.open = Button("Open timing", "link", clicked=self.opened.emit)
        top = row(self.title, self.facts, self.open)
        top.setStretchFactor(self.facts, 1)
        surface(self, "sunken", "top")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # else large text is squeezed
        self.setLayout(column(top, self.bar, gap=4, margins=(14, 6, 14, 8)))

    def show_call(self, call: Call, parted: Parted | None, calls: Sequence[Call]) -> None:
        """`parted` is None while the call runs; `calls` are all of its server."""
        self.tells = parted is not None and parted.total_ms > 0 and call.state not in _UNANSWERED
        if parted is not None:
            self.bar.set_parts(parted.parts)
            self.title.setText(f"Where {duration(parted.total_ms)} went")
            self.facts.setText(_facts(call, parted, calls))


def _facts(call: Call, parted: Parted, calls: Sequence[Call]) -> str:
    if parted.reported:
        return usual_times(call, calls)
    if call.state in _UNANSWERED:
        return "No answer came."
    return "The server reports no middleware chain: these are the wire's times."
