"""Connections of a proxy to the server behind it: which one a request uses, and when it closes."""

import asyncio
import contextlib
import inspect
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from wireglass.errors import INTERNAL_ERROR, METHOD_NOT_FOUND, McpError, RequestTimeout, TransportError
from wireglass.protocol.messages import as_object
from wireglass.server.context import Context, current_context
from wireglass.server.proxy_metadata import BackendUnreachable
from wireglass.server.subscriptions import Outbox
from wireglass.server.watching import Stop
from wireglass.session.scope import SessionFacts
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


_LISTS = {f"notifications/{kind}s/list_changed": kind for kind in ("tool", "resource", "prompt")}


class _Backend:
    """One connection to the other server, the requests of ours that use it, and who hears of changes there."""

    def __init__(self, client: "Client", stale: Callable[[str], None], *, own: bool) -> None:
        """`stale` is called with the kind of every list that changed."""
        self.client = client
        self.own = own
        self._using: list[Context] = []
        self.lists: list[Callable[[str], None]] = [stale]
        self.resources: dict[str, list[Callable[[], None]]] = {}
        self._gate = asyncio.Lock()

    async def hear(self, message: Any) -> None:
        """Passes news of the other server on to those who listen for it."""
        if message.method in _LISTS:
            self.changed(_LISTS[message.method])
        elif message.method == "notifications/resources/updated":
            changed = str(message.params.get("uri"))
            for uri, listeners in [*self.resources.items()]:
                if changed == uri or changed.startswith(uri.rstrip("/") + "/"):  # it may be a part of it
                    for tell in [*listeners]:
                        tell()

    def changed(self, kind: str) -> None:
        """A list changed there."""
        for tell in [*self.lists]:
            tell(kind)

    def missed(self) -> None:
        """A stream dropped that would have told: anything may have changed."""
        for kind in _LISTS.values():
            self.changed(kind)

    async def watch(self, uri: str, tell: Callable[[], None]) -> None:
        """Tells when a resource changes there. Raises McpError, RequestTimeout, TransportError."""
        async with self._gate:
            if uri not in self.resources:
                await self.client.subscribe_resource(uri)
            self.resources.setdefault(uri, []).append(tell)

    async def unwatch(self, uri: str, tell: Callable[[], None]) -> None:
        """No longer tells."""
        async with self._gate:
            listeners = self.resources.get(uri, [])
            if tell in listeners:
                listeners.remove(tell)
            if not listeners and self.resources.pop(uri, None) is not None and self.client.is_connected():
                await self.client.unsubscribe_resource(uri)

    async def take_over(self, before: "_Backend") -> None:
        """Goes on with what a connection that broke was listening for."""
        self.lists = before.lists
        for uri, listeners in before.resources.items():
            with contextlib.suppress(McpError, TransportError, RequestTimeout, TimeoutError):
                await self.client.subscribe_resource(uri)
            self.resources[uri] = listeners

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

    def __init__(self, factory: Callable[[], Any], stale: Callable[[str], None]) -> None:
        """`stale` is called with the kind of every list that changed there."""
        self._factory = factory
        self._stale = stale
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def connected(self) -> AsyncGenerator["Client", None]:
        """A client on the other server. One connection serves one session of ours; calls without a session get their
        own for as long as they last."""
        context = current_context.get()
        backend, kept = await self._backend(context)
        try:
            async with backend.used_by(context) as client:
                yield client
        finally:
            if not kept:
                await self._close(backend)

    async def watch(self, uri: str | None, tell: Callable[..., None]) -> Stop:
        """Calls `tell` when the resource changes there, or with the kind of a list that does, until stopped.

        Raises McpError, RequestTimeout, TransportError.
        """
        backend, kept = await self._backend(current_context.get())

        async def stop() -> None:
            if uri is None and tell in backend.lists:
                backend.lists.remove(tell)
            with contextlib.suppress(McpError, RequestTimeout, TransportError, TimeoutError):
                if uri is not None:
                    await backend.unwatch(uri, tell)
                if not kept:
                    await self._close(backend)

        try:
            if uri is None:
                backend.lists.append(tell)
                await backend.client.listen_for_changes()
            else:
                await backend.watch(uri, tell)
        except BaseException:
            await stop()
            raise
        return stop

    async def _backend(self, context: Context | None) -> tuple[_Backend, bool]:
        """A connection, and whether it is kept for the session."""
        session = context.scope.session if context is not None and context.scope is not None else None
        if session is None or (session.id is None and session.transport not in ("stdio", "memory")):
            with span("connect", "server"):
                return await self._open(context), False
        backends: dict[int, asyncio.Task[_Backend]] = session.attributes.setdefault("wireglass.backends", {})
        opening = backends.get(id(self))
        if opening is None or (opening.done() and not _is_usable(opening)):
            work = self._open_kept(context, session, opening)
            opening = backends[id(self)] = asyncio.get_running_loop().create_task(work)
            session.closed.append(lambda: self._drop(backends))
        if opening.done():
            return opening.result(), True
        with span("connect", "server"):
            return await asyncio.shield(opening), True

    async def _open_kept(
        self, context: Context | None, session: SessionFacts, before: "asyncio.Task[_Backend] | None"
    ) -> _Backend:
        backend = await self._open(context)
        if before is not None and not before.cancelled() and before.exception() is None:
            await backend.take_over(before.result())
        elif context is not None and context.scope is not None and not context.scope.stateless:
            # Since 2026-07-28 whoever wants to hear of changes says so, and gets a `watch`. Before, everybody does.
            outbox = Outbox(session.notify)
            session.closed.append(outbox.drop)
            backend.lists.append(lambda kind: outbox.put(f"notifications/{kind}s/list_changed", lambda: None))
        if len(backend.lists) > 1:
            with contextlib.suppress(McpError, RequestTimeout, TransportError, TimeoutError):
                await backend.client.listen_for_changes()
        return backend

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
            return _Backend(given, self._stale, own=False)
        from wireglass.client.client import Client
        from wireglass.client.inputs import InputBroker

        broker = InputBroker()
        capabilities = _capabilities(context)
        client = Client.new(given)  # one for each session of ours, of the author's own kind
        client.answer_with(broker)
        backend = _Backend(client, self._stale, own=True)
        client._log_handler = given._log_handler or backend.tell_log
        client._message_handler = _both(given._message_handler, backend.hear)
        client.on_missed = backend.missed
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


def _both(given: Callable[..., Any] | None, ours: Callable[[Any], Awaitable[None]]) -> Callable[[Any], Awaitable[None]]:
    """A message handler that is the author's and ours."""
    if given is None:
        return ours

    async def hear(message: Any) -> None:
        told = given(message)
        if inspect.isawaitable(told):
            await told
        await ours(message)

    return hear


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
