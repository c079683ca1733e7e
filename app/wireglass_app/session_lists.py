"""The lists that one server offers: read when it says that they changed, and compared with what was known."""

from time import perf_counter_ns
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from wireglass.errors import McpError, RequestTimeout, TransportError
from wireglass_app.catalogue import Changes, Lists

if TYPE_CHECKING:
    from wireglass_app.server_session import ServerSession

__all__ = ["SessionLists"]

_SETTLE_MS = 150
"""A server that changes several things tells of each by itself."""


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
            changes = self.take(await session.bridge.run(session.link.read_lists))
            session.catalogue_changed.emit(changes)

    def take(self, found: Lists) -> Changes | None:
        """What was read is what the server offers now; returns what changed since the last time."""
        session = self._session
        changes = session.catalogue.take(found)
        if session.starts > 1 and changes is not None:
            session.changes, session.seen = changes, set()
            session.reload_seconds = (perf_counter_ns() - session.began_ns) / 1e9
        return changes
