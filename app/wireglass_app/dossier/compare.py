"""The Compare tab: the run that is shown beside another run of the same tool."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QStackedWidget, QWidget

from wireglass.recording.json_diff import difference, same
from wireglass_app.bridge import Bridge
from wireglass_app.calls import Call
from wireglass_app.controls import Empty, Label, column, row, surface
from wireglass_app.dossier.words import verdict
from wireglass_app.moments import clock
from wireglass_app.payloads.difference import DifferenceView
from wireglass_app.plain import duration

__all__ = ["ComparePage", "outcome"]

_LISTED = 50


class ComparePage(QWidget):
    """Compared only while in sight, and off the Qt thread: results may be large."""

    def __init__(self) -> None:
        super().__init__()
        self._bridge: Bridge | None = None
        self._call: Call | None = None
        self._others: list[Call] = []
        self._compared: tuple[Any, ...] = ()
        self._known: tuple[Any, ...] = ()
        self.other = QComboBox()
        self.other.setAccessibleName("Run to compare with")
        self.other.currentIndexChanged.connect(lambda _at: self._compare())
        self.facts = Label("", "muted", "small")
        self.view = DifferenceView("The other run", "This run")
        self.none = Empty(
            "compare",
            "One run so far",
            "Run it again, also with other arguments: two runs are shown side by side here.",
        )
        head = surface(QWidget(), "panel", "bottom")
        head.setLayout(
            row(Label("Compare with", "secondary", "small"), self.other, self.facts, None, margins=(14, 6, 14, 6))
        )
        both = QWidget()
        both.setLayout(column(head, self.view, gap=0))
        self._both = both
        self._stack = QStackedWidget()
        self._stack.addWidget(self.none)
        self._stack.addWidget(both)
        self.setLayout(column(self._stack))

    def set_runs(self, bridge: Bridge, call: Call | None, runs: Sequence[Call]) -> None:
        """The run that is shown, and all runs of its tool."""
        self._bridge = bridge
        others = [run for run in reversed(runs) if run is not call and run.ended][:_LISTED]
        chosen = self.chosen
        known = (call, call is not None and call.ended_ns, others)
        if known == self._known:
            return
        self._known = known
        if call is not self._call or chosen not in others:
            chosen = _before(call, others)
        self._call, self._others = call, others
        self.other.blockSignals(True)
        self.other.clear()
        self.other.addItems([_words(run) for run in others])
        if chosen in others:
            self.other.setCurrentIndex(others.index(chosen))
        self.other.blockSignals(False)
        self._name_sides()
        self._stack.setCurrentWidget(self._both if others and call is not None and call.ended else self.none)
        self._compare()

    @property
    def chosen(self) -> Call | None:
        """The other run."""
        at = self.other.currentIndex()
        return self._others[at] if 0 <= at < len(self._others) else None

    def choose(self, run: Call) -> None:
        """Compares with this run, if it is listed."""
        if run in self._others:
            self.other.setCurrentIndex(self._others.index(run))

    def step(self, forward: bool) -> None:
        """F8 and Shift+F8."""
        self.view.step(forward)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._compare()

    def _compare(self) -> None:
        call, other = self._call, self.chosen
        if not self.isVisible() or self._bridge is None or call is None or other is None or not call.ended:
            return
        wanted = (call, other)
        if self._compared == wanted:
            return
        self._compared = wanted
        self._name_sides()
        self.view.show_difference(None, "Comparing")
        self._bridge.spawn(self._comparing(self._bridge, call, other), self)

    def _name_sides(self) -> None:
        call, other = self._call, self.chosen
        if call is not None and other is not None:
            self.view.left_title.setText(_words(other))
            self.view.right_title.setText(_words(call))
            self.facts.setText(_facts(other, call))

    async def _comparing(self, bridge: Bridge, call: Call, other: Call) -> None:
        found = await bridge.compute(difference, *_sides(other, call))
        if self._compared == (call, other):
            self.view.show_difference(found)


def outcome(call: Call) -> Any:
    """What a call came to, as one JSON value; without what differs in every run anyway."""
    if call.result is not None:
        return {name: value for name, value in call.result.items() if name != "_meta"}
    words = verdict(call)
    return {"ended": words.title, "fact": words.fact, "text": words.text}


def _sides(left: Call, right: Call) -> tuple[Any, Any]:
    """The outcomes; with the arguments when these differ."""
    first, second = left.params.get("arguments"), right.params.get("arguments")
    if same(first, second):
        return outcome(left), outcome(right)
    return {"arguments": first, "result": outcome(left)}, {"arguments": second, "result": outcome(right)}


def _before(call: Call | None, others: Sequence[Call]) -> Call | None:
    """The run just before the one that is shown, else the latest."""
    if call is None:
        return None
    return next((run for run in others if run.number < call.number), others[0] if others else None)


def _words(call: Call) -> str:
    at = clock(call.at)
    return f"Run {call.number} · {at} · {verdict(call).title} · {duration(call.milliseconds)}"


def _facts(left: Call, right: Call) -> str:
    change = right.milliseconds - left.milliseconds
    if abs(change) < 0.05:
        return "as fast"
    faster = "slower" if change > 0 else "faster"
    return f"{duration(abs(change))} {faster}"
