"""Connections of a proxy to the server behind it: which one a request uses, and when it closes."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from wireglass.errors import INTERNAL_ERROR, METHOD_NOT_FOUND, McpError, RequestTimeout, TransportError
from wireglass.protocol.messages import as_object
from wireglass.server.context import Context, current_context
from wireglass.server.proxy_metadata import BackendUnreachable
from wireglass.tracing import span

if TYPE_CHECKING:
    from wireglass.client.client import Client
    from wireglass.client.inputs import InputKind, InputRequest

__all__ = ["Backends"]

log = logging.getLogger("wireglass.server.proxy")

_METHODS: dict[str, str] = {
    "elicitation": "elicitation/create",
    "sampling": "sampling/createMessage",
    "roots": "roots/list",
}


class _Backend:
    """One connection to the other server, and the requests of ours that use it."""

    def __init__(self, client: "Client", *, own: bool) -> None:
        self.client = client
        self.own = own
        self._using: list[Context] = []

    @asynccontextmanager
    async def used_by(self, context: Context | None) -> AsyncGenerator["Client", None]:
        """The client, while `context` is who gets what the other server asks and says."""
        if context is not None:
            self._using.append(context)
        try:
            yield self.client
        finally:
            if context is not None:
                self._using.remove(context)

    def _context(self) -> Context:
        if not self._using:
            raise McpError(METHOD_NOT_FOUND, "Nobody is there to answer: no request is in flight.")
        return self._using[-1]

    async def answer(self, request: "InputRequest") -> dict[str, Any]:
        """Passes a question of the other server on to our client."""
        return await self._context().ask(_METHODS[request.kind], request.params)

    async def tell_log(self, message: Any) -> None:
        """Passes a log message on to our client."""
        if self._using:
            await self._context().log_data(message.level, message.data, message.logger)


_CLOSE_SECONDS = 10.0
"""How long the end of a server waits for the connections of its proxies to close."""


class Backends:
    """The connections of one proxy. `factory` returns a client, or awaits to one, for each of them."""

    def __init__(self, factory: Callable[[], Any]) -> None:
        self._factory = factory
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def connected(self) -> AsyncGenerator["Client", None]:
        """A client on the other server. One connection serves one session of ours; calls without a session get their
        own for as long as they last."""
        context = current_context.get()
        session = context.scope.session if context is not None and context.scope is not None else None
        if session is None or (session.id is None and session.transport not in ("stdio", "memory")):
            with span("connect", "server"):
                backend = await self._open(context)
            try:
                async with backend.used_by(context) as client:
                    yield client
            finally:
                await self._close(backend)
            return
        backends: dict[int, asyncio.Task[_Backend]] = session.attributes.setdefault("wireglass.backends", {})
        opening = backends.get(id(self))
        if opening is None or (opening.done() and not _is_usable(opening)):
            opening = backends[id(self)] = asyncio.get_running_loop().create_task(self._open(context))
            session.closed.append(lambda: self._drop(backends))
        if opening.done():
            backend = opening.result()
        else:
            with span("connect", "server"):
                backend = await asyncio.shield(opening)
        async with backend.used_by(context) as client:
            yield client

    @asynccontextmanager
    async def kept(self) -> AsyncGenerator[None, None]:
        """Around the time of the server: at its end, waits for the connections of sessions that are gone, whose
        processes end with us."""
        try:
            yield
        finally:
            if self._closing:
                await asyncio.wait(set(self._closing), timeout=_CLOSE_SECONDS)

    def _drop(self, backends: dict[int, "asyncio.Task[_Backend]"]) -> None:
        opening = backends.pop(id(self), None)
        if opening is None:
            return
        task = asyncio.get_running_loop().create_task(self._close_later(opening))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close_later(self, opening: "asyncio.Task[_Backend]") -> None:
        try:
            await self._close(await opening)
        except Exception:  # boundary: our client is gone; what the other side says at the end is for the log
            log.debug("A backend could not be closed", exc_info=True)

    async def _open(self, context: Context | None) -> _Backend:
        made = self._factory()
        if asyncio.iscoroutine(made):
            made = await made
        given = cast("Client", made)
        if given.is_connected():
            return _Backend(given, own=False)
        from wireglass.client.client import Client
        from wireglass.client.inputs import InputBroker

        broker = InputBroker()
        capabilities = _capabilities(context)
        client = Client.new(given)  # one for each session of ours, of the author's own kind
        client.answer_with(broker)
        backend = _Backend(client, own=True)
        client._log_handler = given._log_handler or backend.tell_log
        for kind in _METHODS:
            chosen = cast("InputKind", kind)
            if given.inputs.handles(chosen):
                broker.respond(chosen, given.inputs.ask)
            elif kind in capabilities:
                broker.respond(chosen, backend.answer)
        try:
            await client.__aenter__()
        except (TransportError, RequestTimeout) as error:
            raise BackendUnreachable(INTERNAL_ERROR, f"Client failed to connect: {error}") from error
        return backend

    async def _close(self, backend: _Backend) -> None:
        if backend.own:
            await backend.client.__aexit__(None, None, None)


def _capabilities(context: Context | None) -> dict[str, Any]:
    """What our client can answer. While it introduces itself, it is only in what it says."""
    scope = context.scope if context is not None else None
    if scope is None:
        return {}
    return as_object(scope.params.get("capabilities")) if scope.method == "initialize" else scope.client_capabilities


def _is_usable(opening: "asyncio.Task[_Backend]") -> bool:
    if opening.cancelled() or opening.exception() is not None:
        return False
    return opening.result().client.is_connected()
