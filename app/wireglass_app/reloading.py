"""Saving a server's file starts its process anew: one watcher per open file, on the runtime thread."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from wireglass.launch.find import split_spec
from wireglass.launch.watch import changes
from wireglass_app.bridge import Bridge
from wireglass_app.server_session import ServerSession
from wireglass_app.workbench import Workbench

__all__ = ["Reloading"]


class Reloading(QObject):
    """Drafts, selection and history stay, because the session object stays; only its process is another."""

    def __init__(self, bridge: Bridge, workbench: Workbench) -> None:
        super().__init__(workbench)
        self._bridge = bridge
        self._watchers: dict[ServerSession, tuple[str, asyncio.Task[Any]]] = {}
        self._restarts: dict[ServerSession, asyncio.Task[Any]] = {}
        self._again: set[ServerSession] = set()
        workbench.added.connect(self._follow)
        workbench.session_changed.connect(self._follow)
        workbench.removed.connect(self._removed)

    def _follow(self, session: ServerSession) -> None:
        """Watches the file that the server is started from now, which may be another than before, or none."""
        spec = session.target.spec if session.target.reload and not session.recorded else ""
        known, _task = self._watchers.get(session, ("", None))
        if known == spec:
            return
        self._stop(session)
        if spec:
            saved = self._bridge.channel(lambda _batches: self._saved(session), session)
            work = self._bridge.run(_watch, split_spec(spec)[0], saved)
            self._watchers[session] = (spec, self._bridge.spawn(work, session))

    def _removed(self, session: ServerSession) -> None:
        self._again.discard(session)
        self._stop(session)

    def _stop(self, session: ServerSession) -> None:
        _spec, task = self._watchers.pop(session, ("", None))
        if task is not None:
            task.cancel()

    def _saved(self, session: ServerSession) -> None:
        """A save during a restart means one more restart after it, however many saves there were."""
        if session in self._restarts:
            self._again.add(session)
        elif session in self._watchers:
            task = self._restarts[session] = session.spawn(session.restart())
            task.add_done_callback(lambda _task: self._restarted(session))

    def _restarted(self, session: ServerSession) -> None:
        self._restarts.pop(session, None)
        if session in self._again:
            self._again.discard(session)
            self._saved(session)


async def _watch(path: Path, saved: Callable[[Any], None]) -> None:
    async for changed in changes(path):
        saved(changed)
