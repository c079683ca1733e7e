"""What the output schema says against a result: the place, the value, what is asked for; and a way to each place."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from wireglass.protocol.verdicts import Verdict
from wireglass_app.calls import Call
from wireglass_app.controls import Button, Label, column, row, surface
from wireglass_app.plain import count, visible

__all__ = ["Violations"]

_SHOWN = 4
_CHOOSE = "Choose one of "
"""How the verdict of an enumeration begins to name its values: advice for who fills in a form, here a fact."""


class Violations(QWidget):
    """The first few of them; all are in the report."""

    go = Signal(str)
    """To the value at this JSON Pointer."""
    report = Signal()
    """Copy all of it."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        surface(self, "panel", "bottom")
        found = call.verdicts or ()
        title = Label("Result does not match its schema.", "bad", "strong", wrap=True)
        self.copy = Button("Copy report", "ghost", clicked=self._copy)
        head = row(title, self.copy)
        head.setStretch(0, 1)
        lines = column(head, gap=4, margins=(14, 6, 14, 8))
        for one in found[:_SHOWN]:
            place = visible(one.path, 120)
            button = Button(_way(one), "link", name=f"{_way(one)}, {place}" if place else _way(one))
            button.clicked.connect(partial(self.go.emit, one.path))
            line = row(Label(_sentence(one, place), "primary", "small", wrap=True).selectable(), button)
            line.setStretch(0, 1)
            lines.addLayout(line)
        if len(found) > _SHOWN:
            lines.addWidget(Label(f"and {count(len(found) - _SHOWN)} more, in the report", "muted", "small"))
        self.setLayout(lines)

    def _copy(self) -> None:
        self.report.emit()
        self.copy.setText("Copied")


def _way(one: Verdict) -> str:
    return "Go to its object" if one.keyword == "required" else "Go to the value"


def _sentence(one: Verdict, place: str) -> str:
    """ "/quotes/2/price is the text "24,90"; a number is needed." """
    message, where = visible(one.message, 300), place or "The result"
    told = f"{where} {message[5:]}" if message.startswith("This ") else f"{where}: {message}"
    return " ".join(part for part in (told, _asked(one)) if part)


def _asked(one: Verdict) -> str:
    """What the schema asks for, where the sentence itself does not say it."""
    if one.keyword == "format":
        return one.next_step
    listed = one.next_step.startswith(_CHOOSE) and one.keyword != "oneOf" and "them" not in one.next_step
    return f"Allowed: {visible(one.next_step.removeprefix(_CHOOSE), 300)}" if listed else ""
