"""Two runs, of one tool or of two, of one server or of two: arguments, result, outcome and time."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QComboBox

from wireglass.recording.json_diff import Difference, difference
from wireglass_app.calls import Call
from wireglass_app.compare.items import Heading, Item, Listing, Source, section
from wireglass_app.compare.pickers import chosen_of, pair_bar, refill, swap
from wireglass_app.dossier.compare import outcome
from wireglass_app.dossier.words import verdict
from wireglass_app.plain import count, counted, duration, visible
from wireglass_app.server_session import ServerSession

if TYPE_CHECKING:
    from wireglass_app.panels.base import Desk

__all__ = ["RunsSource"]

_LISTED = 300
_PLACES = 500
_FEW = ("Two runs are needed", "Run a tool twice, also with other arguments: any two runs can be compared here.")
_SIDES = {"changed": "differs", "gone": "only in the earlier run", "new": "only in the later run"}

_Run = tuple[ServerSession, Call]


class RunsSource(Source):
    """The list shows where the two differ; a run that failed where the other did not comes first."""

    key, title = "runs", "Two runs"

    def __init__(self, desk: "Desk", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._runs: list[_Run] = []
        self._compared: tuple[Call, Call] | None = None
        self._picked = False
        """Whether somebody chose; until then the latest run is compared with the one before it."""
        self.first, self.second = QComboBox(), QComboBox()
        self.bar = pair_bar(("Earlier run", self.first), ("Later run", self.second), self._swap)
        for one in (self.first, self.second):
            one.activated.connect(lambda _at: self._pick())
        desk.workbench.call_changed.connect(self._call_changed)

    def _call_changed(self, _session: ServerSession, call: Call) -> None:
        if call.ended:
            self.heard()

    def enter(self) -> None:
        first, second = self._chosen()
        runs = [(session, call) for session in self._desk.workbench.sessions for call in session.calls if call.ended]
        self._runs = sorted(runs, key=lambda run: run[1].at, reverse=True)[:_LISTED]
        calls = [call for _, call in self._runs]
        if second not in calls or not self._picked:
            second = calls[0] if calls else None
        if first not in calls or first is second or not self._picked:
            first = _before(self._runs, second)
        texts = [_words(run) for run in self._runs]
        for box, one in ((self.first, first), (self.second, second)):
            refill(box, texts, calls.index(one) if one is not None else -1)
        self._compare()

    def choose(self, **facts: Any) -> None:
        """`first` and `second` are calls."""
        calls = [call for _, call in self._runs]
        for box, wanted in ((self.first, facts.get("first")), (self.second, facts.get("second"))):
            if wanted in calls:
                box.setCurrentIndex(calls.index(wanted))
        self._pick()

    def _chosen(self) -> tuple[Call | None, Call | None]:
        return chosen_of([call for _, call in self._runs], self.first, self.second)

    def _swap(self) -> None:
        swap(self.first, self.second)
        self._pick()

    def _pick(self) -> None:
        self._picked = True
        self._compare()

    def _compare(self) -> None:
        first, second = self._chosen()
        if first is None or second is None:
            self._compared = None
            self.listing = Listing(empty=_FEW)
            self.changed.emit()
        elif self._compared != (first, second):
            self._compared = (first, second)
            self.busy.emit("Comparing")
            self._desk.bridge.spawn(self._comparing(first, second), self)

    async def _comparing(self, first: Call, second: Call) -> None:
        found = await self._desk.bridge.compute(difference, _whole(first), _whole(second))
        if self._compared == (first, second):
            self.busy.emit("")
            self._show(found, first, second)

    def _show(self, found: Difference, first: Call, second: Call) -> None:
        sides: Callable[[], tuple[Any, Any]] = lambda: (_whole(first), _whole(second))  # noqa: E731 (typed)
        group = (first, second)
        items = [
            Item(_kind(place.kind), place.path or "the whole", _SIDES[place.kind], sides, path=place.path, group=group)
            for place in found.places[:_PLACES]
        ]
        ended = [Item("breaking" if second.failed else "changed", visible(second.name, 120),
                      f"{verdict(second).title}, was: {verdict(first).title}", sides, path="", group=group)
                 ] if first.failed != second.failed else []  # fmt: skip
        more = len(found.places) - _PLACES
        rows: list[Heading | Item] = section("Outcome", ended)
        rows += section("Arguments and result", items, counted(len(found.places), "place"))
        words = _words(self._runs[self.first.currentIndex()]), _words(self._runs[self.second.currentIndex()])
        change = second.milliseconds - first.milliseconds
        pace = f"{duration(abs(change))} {'slower' if change > 0 else 'faster'}"
        same = ("No difference", f"Arguments and results are the same. The later run was {pace}.")
        footer = f"The later run was {pace}." + (
            f" {count(more)} more places are shown at the right." if more > 0 else ""
        )
        self.listing = Listing(tuple(rows), words[0], words[1], pace, same, footer)
        self.changed.emit()


def _kind(kind: str) -> Any:
    return kind if kind in ("gone", "new") else "changed"


def _whole(call: Call) -> dict[str, Any]:
    return {"call": call.name, "arguments": call.params.get("arguments"), "result": outcome(call)}


def _before(runs: list[_Run], call: Call | None) -> Call | None:
    """The run before it of the same name, else the one before it at all, else any other."""
    others = [other for _, other in runs if other is not call]
    if call is None or not others:
        return None
    earlier = [other for other in others if other.at <= call.at] or others
    return next((other for other in earlier if other.name == call.name), earlier[0])


def _words(run: _Run) -> str:
    session, call = run
    at = datetime.fromtimestamp(call.at).strftime("%H:%M:%S")
    parts = (f"{visible(call.name, 60)} run {call.number}", at, verdict(call).title, duration(call.milliseconds))
    return " · ".join((visible(session.name, 40), *parts))
