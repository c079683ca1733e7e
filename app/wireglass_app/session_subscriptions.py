"""What of one server's resources is subscribed to, also after its process was replaced by another."""

from typing import TYPE_CHECKING

from wireglass.errors import McpError, RequestTimeout, TransportError

if TYPE_CHECKING:
    from wireglass_app.link import Link
    from wireglass_app.server_session import ServerSession

__all__ = ["SessionSubscriptions"]


class SessionSubscriptions:
    """Works for its session: fills `session.subscriptions`, whose times of updates outlive a reload."""

    def __init__(self, session: "ServerSession") -> None:
        self._session = session
        self._wanted: dict[str, None] = {}

    async def subscribe(self, link: "Link", uri: str, wanted: bool) -> None:
        """Starts or stops hearing of updates of a resource. Raises what the client raises."""
        session = self._session
        await session.bridge.run(link.subscribe, uri, wanted)
        if wanted:
            self._wanted[uri] = None
            session.subscriptions.setdefault(uri, [])
        else:
            self._wanted.pop(uri, None)
            session.subscriptions.pop(uri, None)
        session.updated.emit(uri)

    def begin(self) -> None:
        """A new process knows of no subscription; those that somebody asked for are asked for again."""
        for uri in [uri for uri in self._session.subscriptions if uri not in self._wanted]:
            del self._session.subscriptions[uri]

    def resume(self) -> None:
        """It is connected again."""
        if self._wanted and (link := self._session.link) is not None:
            self._session.spawn(self._resume(link))

    async def _resume(self, link: "Link") -> None:
        for uri in list(self._wanted):
            try:
                await self.subscribe(link, uri, True)
            except TransportError:
                return  # gone again: the next start asks once more
            except (McpError, RequestTimeout):  # the server no longer offers it
                self._wanted.pop(uri, None)
                self._session.subscriptions.pop(uri, None)
                self._session.updated.emit(uri)
