"""Replays the calls of a recording on a live server, one after the other, and says which came to something else."""

import asyncio
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from wireglass.recording.json_diff import ABSENT, same
from wireglass.recording.replay import RecordedCall
from wireglass_app.bridge import Bridge
from wireglass_app.calls import Call
from wireglass_app.compare.items import Item
from wireglass_app.dossier.compare import outcome
from wireglass_app.dossier.words import verdict
from wireglass_app.plain import duration, visible
from wireglass_app.server_session import ServerSession

__all__ = ["Replay", "ReplayCall"]

State = Literal["ready", "skipped", "running", "same", "changed", "breaking", "gone"]


@dataclass(slots=True, eq=False)
class ReplayCall:
    """A recorded call, and what became of it now."""

    recorded: RecordedCall
    state: State
    words: str
    call: Call | None = None

    def item(self) -> Item:
        """As a line of the list."""
        recorded, call = self.recorded, self.call
        then = {"params": recorded.params, "outcome": recorded.outcome}
        now = ABSENT if call is None or not call.ended else {"params": recorded.params, "outcome": outcome(call)}
        note = duration(recorded.took_ms) if recorded.took_ms is not None else ""
        if call is not None and call.ended and recorded.took_ms is not None:
            change = call.milliseconds - recorded.took_ms
            note = f"{'+' if change >= 0 else '−'}{duration(abs(change))}"  # noqa: RUF001 (a minus sign)
        title = recorded.name or recorded.method
        return Item(self.state, visible(title, 200), self.words, lambda: (then, now), recorded.method, note=note,
                    group=(self, self.state))  # fmt: skip


class Replay(QObject):
    """The calls of one recording against one server. Runs only what is marked ready, in the order of the recording."""

    changed = Signal()
    """A call is in another state; or the replay began or ended."""

    def __init__(self, bridge: Bridge, calls: list[RecordedCall], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.session: ServerSession | None = None
        self.calls = [ReplayCall(call, "skipped", "") for call in calls]
        self._running: Call | None = None
        self._at: ReplayCall | None = None
        self._over = asyncio.Event()
        self._stopped = False
        self.busy = False

    @property
    def ready(self) -> list[ReplayCall]:
        """The calls that would run."""
        return [one for one in self.calls if one.state == "ready"]

    def choose(self, session: ServerSession | None) -> None:
        """Another server to run on: what only reads is ready, what may change something waits for a tick."""
        self.session = session
        for one in self.calls:
            one.call = None
            one.state, one.words = self._first_state(one.recorded)
        self.changed.emit()

    def toggle(self, one: ReplayCall) -> None:
        """Runs a call too, or leaves it out. A call that cannot run stays out."""
        if self.busy or one.state not in ("ready", "skipped") or one.recorded.masked:
            return
        ready = one.state == "skipped"
        one.state, one.words = ("ready", "will run, as you ticked it") if ready else ("skipped", "left out by you")
        self.changed.emit()

    def _first_state(self, recorded: RecordedCall) -> tuple[State, str]:
        session = self.session
        if session is None:
            return "skipped", "no server is chosen"
        if recorded.masked:
            return "skipped", "its arguments held a secret, which is masked in the file"
        if recorded.method != "tools/call":
            return "ready", f"{recorded.method}: only reads"
        tool = session.catalogue.tool(recorded.name)
        if tool is None:
            return "gone", "the server has no such tool"
        hints = tool.get("annotations")
        if isinstance(hints, dict) and hints.get("readOnlyHint") is True:
            return "ready", "marked read-only"
        return "skipped", "may change something: tick it to run it too"

    def start(self) -> None:
        """Runs what is ready; call it when nothing runs."""
        if not self.busy and self.session is not None and self.ready:
            self.busy, self._stopped = True, False
            self._bridge.spawn(self._run(self.session), self, self.session)

    def stop(self) -> None:
        """Stops the call that runs, and begins no other."""
        self._stopped = True
        if self._running is not None and self.session is not None:
            self.session.cancel(self._running)

    async def _run(self, session: ServerSession) -> None:
        try:
            for one in self.ready:
                if self._stopped or not session.usable:
                    break
                await self._run_one(session, one)
        finally:
            self.busy, self._running = False, None
            if isValid(self):
                self.changed.emit()

    async def _run_one(self, session: ServerSession, one: ReplayCall) -> None:
        over = self._over = asyncio.Event()
        session.call_changed.connect(self._call_changed)
        try:
            self._at = one
            one.state, one.words = "running", "running"
            one.call = self._running = session.start(one.recorded.method, one.recorded.name, dict(one.recorded.params))
            self.changed.emit()
            if not one.call.ended:
                await over.wait()
        finally:
            if isValid(session) and isValid(self):
                session.call_changed.disconnect(self._call_changed)
        await self._judge(one, one.call)

    def _call_changed(self, call: Call) -> None:
        one = self._at
        if one is not None and call is one.call:
            one.words = "waits for you: see the Inbox" if call.state == "waiting" else one.words
            self.changed.emit()
            if call.ended:
                self._over.set()

    async def _judge(self, one: ReplayCall, call: Call) -> None:
        then: Any = one.recorded.outcome
        equal = await self._bridge.compute(same, then, outcome(call) if call.result is not None else _failure(call))
        worked = "error" not in then and "status" not in then and then.get("isError") is not True
        if equal:
            one.state, one.words = "same", "came to the same"
        elif call.failed and worked:
            one.state, one.words = "breaking", f"now fails: {verdict(call).title}"
        else:
            one.state, one.words = "changed", "came to something else"
        self.changed.emit()


def _failure(call: Call) -> Any:
    """An error as a recording tells it, so that the same error is the same."""
    problem = call.problem
    code = getattr(problem, "code", None)
    if code is None:
        return outcome(call)
    error = {"code": code, "message": getattr(problem, "message", "")}
    data = getattr(problem, "data", None)
    return {"error": error if data is None else error | {"data": data}}
