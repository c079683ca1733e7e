"""Watched calls: run again after each reload of their server if they change nothing, and compared with before."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from wireglass.protocol.spans import TRACE_KEY
from wireglass.recording.json_diff import difference, same
from wireglass_app.bridge import Bridge
from wireglass_app.calls import Call, WatchedRun
from wireglass_app.dossier.compare import outcome
from wireglass_app.dossier.words import verdict
from wireglass_app.models.watched import Watched
from wireglass_app.plain import counted, visible
from wireglass_app.server_session import ServerSession
from wireglass_app.workbench import Workbench

__all__ = ["Watching"]

_SLOWER, _FELT_MS = 1.5, 50.0


class Watching(QObject):
    """`say` tells in one sentence what a reload changed in the result of a watched call."""

    def __init__(self, bridge: Bridge, workbench: Workbench, watched: Watched, say: Callable[[str], None]) -> None:
        super().__init__(workbench)
        self._bridge, self._workbench, self._watched, self._say = bridge, workbench, watched, say
        self._starts: dict[ServerSession, int] = {}
        self._again: dict[Call, Call | None] = {}
        workbench.added.connect(self._added)
        workbench.removed.connect(self._removed)
        workbench.call_changed.connect(self._call_changed)

    def _added(self, session: ServerSession) -> None:
        self._starts[session] = session.starts
        session.catalogue_changed.connect(lambda _changes: self._lists_read(session))

    def _removed(self, session: ServerSession) -> None:
        self._starts.pop(session, None)

    def _lists_read(self, session: ServerSession) -> None:
        """Once for each start of the server but the first; lists may be read again meanwhile."""
        before = self._starts.get(session)
        if before is None or before == session.starts or not session.usable:
            return
        self._starts[session] = session.starts
        if session.starts < 2:
            return
        session.watched = {}
        for name, arguments in self._watched.of(session.target.key).items():
            tool = session.catalogue.tool(name)
            if tool is None:
                self._say(f"{visible(name, 60)} is watched, but the server no longer has it.")
                self._keep(
                    session, WatchedRun(name, "gone", "the server no longer has it", _last(session, name, arguments))
                )
            elif not _harmless(tool):
                self._say(f"{visible(name, 60)} is watched, but not marked read-only, so it was not run.")
                self._keep(session, WatchedRun(name, "same", "not run: it is not marked read-only"))
            else:
                earlier = _last(session, name, arguments)
                self._again[session.call_tool(name, arguments, meta={TRACE_KEY: True})] = earlier

    def _keep(self, session: ServerSession, run: WatchedRun) -> None:
        session.watched[run.name] = run
        self._workbench.session_changed.emit(session)

    def _call_changed(self, session: ServerSession, call: Call) -> None:
        if call.ended and call in self._again:
            self._bridge.spawn(self._compare(session, call, self._again.pop(call)), self, session)

    async def _compare(self, session: ServerSession, call: Call, earlier: Call | None) -> None:
        name = visible(call.name, 60)
        if earlier is None:
            self._keep(session, WatchedRun(call.name, "same", "ran; there is no earlier run", None, call))
            self._say(f"{name} ran after the reload; there is no earlier run to compare with.")
            return
        found = await self._bridge.compute(difference, outcome(earlier), outcome(call))
        number = len(found.places)
        self._keep(session, _run(call, earlier, number))
        if number:
            self._say(f"{name} after the reload: {counted(number, 'difference')}. Compare shows them.")
        else:
            self._say(f"{name} after the reload: the same result.")


def _run(call: Call, earlier: Call, differences: int) -> WatchedRun:
    if call.failed and not earlier.failed:
        return WatchedRun(call.name, "breaking", f"now fails: {verdict(call).title}", earlier, call)
    if differences:
        words = f"{counted(differences, 'difference')} in its result"
        return WatchedRun(call.name, "changed", words, earlier, call)
    slow = call.milliseconds > _SLOWER * earlier.milliseconds and call.milliseconds - earlier.milliseconds > _FELT_MS
    return WatchedRun(call.name, "same", "result equal, but slower" if slow else "result equal", earlier, call)


def _harmless(tool: dict[str, Any]) -> bool:
    hints = tool.get("annotations")
    return isinstance(hints, dict) and hints.get("readOnlyHint") is True


def _last(session: ServerSession, name: str, arguments: dict[str, Any]) -> Call | None:
    fitting = (
        call
        for call in reversed(session.calls)
        if call.method == "tools/call" and call.name == name and call.ended and call.state != "lost"
        if same(call.params.get("arguments"), arguments)
    )
    return next(fitting, None)
