"""Two servers: what one shows to its clients beside what the other does."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QComboBox

from wireglass.recording.surface import Changes, Surface, compare_surfaces
from wireglass_app.compare.items import Listing, Source, items_of, section
from wireglass_app.compare.pickers import chosen_of, pair_bar, refill, swap
from wireglass_app.plain import visible
from wireglass_app.server_session import ServerSession

if TYPE_CHECKING:
    from wireglass_app.panels.base import Desk

__all__ = ["ServersSource", "surface_of"]

_FEW = (
    "Two servers are needed",
    "Open a second server: its tools, resources, prompts, instructions and capabilities are compared with the first.",
)


class ServersSource(Source):
    """The first server is the one that clients know; the second is what they would get instead."""

    key, title = "servers", "Two servers"

    def __init__(self, desk: "Desk", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._sessions: list[ServerSession] = []
        self._compared: tuple[Any, ...] = ()
        self.first, self.second = QComboBox(), QComboBox()
        self.bar = pair_bar(("First server", self.first), ("Second server", self.second), self._swap)
        for one in (self.first, self.second):
            one.activated.connect(lambda _at: self._compare())
        bench = desk.workbench
        for signal in (bench.added, bench.removed, bench.session_changed):
            signal.connect(self.heard)

    def enter(self) -> None:
        chosen = self._chosen()
        self._sessions = list(self._desk.workbench.sessions)
        names = [f"{visible(one.name, 80)} · {visible(one.target.summary, 60)}" for one in self._sessions]
        first, second = (one if one in self._sessions else None for one in chosen)
        if first is None:
            first = next((one for one in self._sessions if one is not second), None)
        if second is None or second is first:
            second = next((one for one in self._sessions if one is not first), None)
        for box, one in ((self.first, first), (self.second, second)):
            refill(box, names, self._sessions.index(one) if one is not None else -1)
        self._compare()

    def choose(self, **facts: Any) -> None:
        """`first` and `second` are sessions; either may be left out."""
        for box, wanted in ((self.first, facts.get("first")), (self.second, facts.get("second"))):
            if wanted in self._sessions:
                box.setCurrentIndex(self._sessions.index(wanted))
        first, second = self._chosen()
        if first is second and facts.get("first") is not None:
            other = next((at for at, one in enumerate(self._sessions) if one is not first), -1)
            self.second.setCurrentIndex(other)
        self._compare()

    def _chosen(self) -> tuple[ServerSession | None, ServerSession | None]:
        return chosen_of(self._sessions, self.first, self.second)

    def _swap(self) -> None:
        swap(self.first, self.second)
        self._compare()

    def _compare(self) -> None:
        first, second = self._chosen()
        if first is None or second is None:
            self._compared = ()
            self.listing = Listing(empty=_FEW)
            self.changed.emit()
            return
        wanted = (first, second, first.catalogue.lists, second.catalogue.lists, first.facts, second.facts)
        if len(wanted) == len(self._compared) and all(a is b for a, b in zip(wanted, self._compared, strict=True)):
            return
        self._compared = wanted
        if first is second:
            self._show(Changes(()), first, second)
            return
        self.busy.emit("Comparing")
        self._desk.bridge.spawn(self._comparing(wanted), self)

    async def _comparing(self, wanted: tuple[Any, ...]) -> None:
        first, second = wanted[0], wanted[1]
        found = await self._desk.bridge.compute(compare_surfaces, surface_of(first), surface_of(second))
        if self._compared is wanted:
            self.busy.emit("")
            self._show(found, first, second)

    def _show(self, found: Changes, first: ServerSession, second: ServerSession) -> None:
        names = visible(first.name, 80), visible(second.name, 80)
        unread = [name for name, one in zip(names, (first, second), strict=True) if not one.catalogue.read]
        empty = ("No difference", f"{names[0]} and {names[1]} show the same to their clients.")
        if first is second:
            empty = ("This is the same server twice", "Choose another one on either side.")
        elif unread:
            empty = ("Nothing is known yet", f"The lists of {' and '.join(unread)} have not been read.")
        rows = section("What they show", items_of(found)) if not unread else []
        self.listing = Listing(tuple(rows), names[0], names[1], f"{names[1]} ← {names[0]}", empty)
        self.changed.emit()


def surface_of(session: ServerSession) -> Surface:
    """What a server shows now."""
    facts = session.facts
    if facts is None:
        return Surface(session.catalogue.lists)
    return Surface(session.catalogue.lists, facts.version, facts.server_info, facts.capabilities, facts.instructions)
