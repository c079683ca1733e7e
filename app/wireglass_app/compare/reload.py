"""What the last reload changed: the lists of the current server before and after, and its watched calls."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from wireglass.recording.json_diff import ABSENT
from wireglass.recording.surface import Changes, Lists, compare_lists
from wireglass_app.calls import Call, WatchedRun
from wireglass_app.compare.items import Heading, Item, Listing, Source, items_of, section
from wireglass_app.dossier.compare import outcome
from wireglass_app.plain import duration, visible
from wireglass_app.server_session import ServerSession

if TYPE_CHECKING:
    from wireglass_app.panels.base import Desk

__all__ = ["ReloadSource"]

_WATCH = "Ctrl+Shift+R marks a call as watched: it runs again after each reload if its tool is read-only."


class ReloadSource(Source):
    """Follows the current server."""

    key, title = "reload", "What the reload changed"
    both = Signal(object, object)
    """The last call and its repetition, which has ended."""

    def __init__(self, desk: "Desk", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._read: tuple[Lists, Lists] | None = None
        self._changes: Changes | None = None
        self._again: tuple[Call, Call] | None = None
        desk.workbench.call_changed.connect(self._call_changed)
        desk.workbench.session_changed.connect(self.heard)
        desk.workbench.current_changed.connect(self.heard)

    @property
    def last(self) -> Call | None:
        """The last call of a tool that the current server answered, if it still has that tool."""
        session: ServerSession | None = self._desk.workbench.current
        if session is None or not session.usable:
            return None
        done = (one for one in reversed(session.calls) if one.method == "tools/call" and one.ended and one.result)
        call = next(done, None)
        return call if call is not None and session.catalogue.tool(call.name) is not None else None

    def choose(self, **facts: Any) -> None:
        """`repeat`: runs the last call again; `both` tells of the two runs."""
        session, call = self._desk.workbench.current, self.last
        if facts.get("repeat") and session is not None and call is not None:
            self._again = (call, session.again(call))

    def _call_changed(self, _session: ServerSession, call: Call) -> None:
        if call.ended and self._again is not None and self._again[1] is call:
            both, self._again = self._again, None
            self.both.emit(*both)
        elif call.ended:
            self.heard()

    def enter(self) -> None:
        session: ServerSession | None = self._desk.workbench.current
        if session is not None and session.changes is not None:
            self._look_into(session, session.changes)
        self.listing = self._listing(session)
        self.changed.emit()

    def _look_into(self, session: ServerSession, changes: Changes) -> None:
        """The window's own look stops after some hundred items: here all of them are looked into, in a worker."""
        both = (session.catalogue.before, session.catalogue.lists)
        if self._read is not None and self._read[0] is both[0] and self._read[1] is both[1]:
            return
        self._read, self._changes = both, changes
        if len(changes.items) > 100:
            self.busy.emit("Comparing")
            self._desk.bridge.spawn(self._looking(both), self)

    async def _looking(self, both: tuple[Lists, Lists]) -> None:
        found = await self._desk.bridge.compute(compare_lists, *both)
        self.busy.emit("")
        if self._read is both:
            self._changes = found
            self.listing = self._listing(self._desk.workbench.current)
            self.changed.emit()

    def _listing(self, session: ServerSession | None) -> Listing:
        words = "Save a server's file, or press F5: what changed in its tools, resources and prompts appears here."
        if session is None or session.changes is None or self._changes is None:
            return Listing(empty=("Nothing to compare yet", words))
        rows = section("Capabilities", items_of(self._changes))
        rows += _watched(session)
        number = session.starts - 1
        before = f"reload {number - 1}" if number > 1 else "first start"
        note = f"{visible(session.name, 60)} · reload {number}"
        if session.connected_at:
            note += f" at {datetime.fromtimestamp(session.connected_at):%H:%M:%S}"
        empty = ("The last reload changed nothing", f"Tools, resources and prompts are as before. {_WATCH}")
        return Listing(tuple(rows), f"Before · {before}", f"After · reload {number}", note, empty, _WATCH)


def _watched(session: ServerSession) -> list[Heading | Item]:
    runs = list(session.watched.values())
    ran = sum(1 for run in runs if run.call is not None)
    return section("Watched calls, run again", [_run(run) for run in runs], f"{ran} of {len(runs)}")


def _run(run: WatchedRun) -> Item:
    note, tone = _pace(run.earlier, run.call)
    return Item(
        run.what,
        run.name,
        run.words,
        lambda: (outcome(run.earlier) if run.earlier else ABSENT, outcome(run.call) if run.call else ABSENT),
        note=note,
        tone=tone,
    )


def _pace(earlier: Call | None, call: Call | None) -> tuple[str, str]:
    if earlier is None or call is None:
        return "", "muted"
    change = call.milliseconds - earlier.milliseconds
    sign = "+" if change >= 0 else "−"  # noqa: RUF001 (a minus sign)
    slow = change > 50 and call.milliseconds > 1.5 * earlier.milliseconds
    return f"{sign}{duration(abs(change))}", "warn" if slow else "muted"
