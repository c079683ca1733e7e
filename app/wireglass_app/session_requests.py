"""What one server is asked and told outside the list of its calls."""

from collections.abc import Callable, Coroutine
from time import perf_counter_ns, time
from typing import TYPE_CHECKING, Any, TypeVar

from wireglass.errors import McpError, RequestTimeout, TransportError
from wireglass_app.calls import Completed, Roots
from wireglass_app.era import Ping

if TYPE_CHECKING:
    from wireglass_app.link import Link
    from wireglass_app.server_session import ServerSession

__all__ = ["SessionRequests"]

T = TypeVar("T")
_PINGS_KEPT = 20


class SessionRequests:
    """Works for its session: fills its `pings` and its `log_level`. Raises what the client raises."""

    def __init__(self, session: "ServerSession", over: Callable[[], bool]) -> None:
        """`over` tells whether the server was closed for good."""
        self._session, self._over = session, over

    @property
    def link(self) -> "Link":
        """Raises TransportError."""
        if self._session.link is None:
            raise TransportError("The server is not connected.", next_step="Connect it again.")
        return self._session.link

    def still_open(self) -> None:
        """Who asked for something of a server that was closed meanwhile is no longer told of it: raises
        TransportError."""
        if self._over():
            raise TransportError("The server was closed.", next_step="Open it again.")

    async def _answer(self, work: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
        found = await self._session.bridge.run(work, *args)
        self.still_open()
        return found

    async def complete(self, ref: dict[str, Any], argument: str, value: str, context: dict[str, str]) -> Completed:
        """See `ServerSession.complete`."""
        params: dict[str, Any] = {"ref": ref, "argument": {"name": argument, "value": value}}
        if context:
            params["context"] = {"arguments": context}
        link = self._session.link
        if link is None:
            return Completed()
        began = perf_counter_ns()
        try:
            result = await self._session.bridge.run(link.request, "completion/complete", params)
        except (McpError, TransportError, RequestTimeout):
            return Completed()
        return Completed.of(result, (perf_counter_ns() - began) / 1e6)

    async def ping(self) -> Ping:
        """`ping`, with the time it took."""
        session = self._session
        found = Ping(time(), await self._answer(self.link.ping))
        session.pings = [*session.pings, found][-_PINGS_KEPT:]
        session.era_changed.emit()
        return found

    async def set_log_level(self, level: str) -> None:
        """`logging/setLevel`."""
        await self._answer(self.link.set_log_level, level)
        self._session.log_level = level
        self._session.era_changed.emit()

    async def tell_roots(self, link: "Link", roots: Roots) -> None:
        """A connected server hears of other folders. Nobody waits for it: that it failed is a fault of the bridge."""
        try:
            await self._session.bridge.run(link.set_roots, roots)
        except (McpError, TransportError) as problem:
            self._session.bridge.fault.emit(problem)

    async def draft(self, params: dict[str, Any], on_text: Callable[[str], object]) -> dict[str, Any]:
        """See `ServerSession.draft`."""

        def deliver(texts: list[Any]) -> None:
            on_text("".join(texts))

        bridge = self._session.bridge
        return await bridge.run(self.link.draft, params, bridge.channel(deliver, self._session))
