"""The lists that one server offers: read when it says that they changed, and compared with what was known."""

from dataclasses import replace
from time import perf_counter_ns
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from wireglass.errors import McpError, RequestTimeout, TransportError
from wireglass_app.catalogue import Changes, Lists

if TYPE_CHECKING:
    from wireglass_app.server_session import ServerSession

__all__ = ["SessionLists", "last_good"]

_SETTLE_MS = 150
"""A server that changes several things tells of each by itself."""


def last_good(before: Lists, found: Lists) -> Lists:
    """A list that could not be read now (a server over HTTP is gone, say) stays as it was, with the reason beside."""
    lost = {key for key, _reason in found.problems}
    return replace(
        found,
        tools=before.tools if "tools" in lost else found.tools,
        resources=before.resources if "resources" in lost else found.resources,
        templates=before.templates if "resourceTemplates" in lost else found.templates,
        prompts=before.prompts if "prompts" in lost else found.prompts,
    )


class SessionLists:
    """Works for its session: fills `session.catalogue` and tells what changed."""

    def __init__(self, session: "ServerSession") -> None:
        self._session = session
        self.timer = QTimer(session, singleShot=True, interval=_SETTLE_MS)
        """Runs while a change was announced and the lists were not read yet."""
        self.timer.timeout.connect(self.reread)

    def changed(self) -> None:
        """The server says so, or it could not be heard for a while."""
        self.timer.start()

    def reread(self) -> None:
        """Reads them once the server is connected."""
        if self._session.usable:
            self._session.spawn(self._reread())
        elif self._session.state == "connecting":
            self.timer.start()  # the first reading may have been before the change

    async def _reread(self) -> None:
        try:
            await self.read()
        except (TransportError, McpError, RequestTimeout) as problem:
            self._session.catalogue.problem = str(problem)
            self._session.catalogue_changed.emit(None)

    async def read(self) -> None:
        """Reads every list the server announces. Raises what the client raises."""
        session = self._session
        if session.link is not None:
            heard = session.frames_heard
            found = await session.bridge.run(session.link.read_lists)
            if found.problems:
                await session.bridge.settled()  # frames come in batches, after results
                session.unreached = session.usable and session.frames_heard == heard
            changes = self.take(last_good(session.catalogue.lists, found))
            session.catalogue_changed.emit(changes)

    def take(self, found: Lists) -> Changes | None:
        """What was read is what the server offers now; returns what changed since the last time."""
        session = self._session
        changes = session.catalogue.take(found)
        if session.starts > 1 and changes is not None:
            session.changes, session.seen = changes, set()
            session.reload_seconds = (perf_counter_ns() - session.began_ns) / 1e9
        return changes
