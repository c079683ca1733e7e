"""The sessions of one Streamable HTTP endpoint in the handshake eras: opened, found, listened to, ended.

Sources: session management and resumability in the transports pages of 2025-03-26 to 2025-11-25.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from wireglass.errors import INTERNAL_ERROR, INVALID_REQUEST
from wireglass.protocol.messages import JsonObject, RequestId, as_object, is_object, is_request_id
from wireglass.protocol.versions import BATCH_VERSION, HEADER_LAST_EVENT_ID, HEADER_SESSION_ID
from wireglass.wire.base import HttpContext, Received, Transport
from wireglass.wire.event_store import EventStore
from wireglass.wire.held_answer import HeldAnswer, Send, refuse
from wireglass.wire.http_checks import NO_BATCHES
from wireglass.wire.http_session import HttpServerTransport, Outgoing, Sink, Stream, requests_in
from wireglass.wire.serving import Directory
from wireglass.wire.shared_sessions import HttpSession, SharedHttpSessions

__all__ = ["CLOSE_STREAM", "HttpSessions"]

logger = logging.getLogger("wireglass.http")

CLOSE_STREAM: Final = "wireglass.close_stream"
"""Member of the ASGI scope that a handler sees: ends the connection of its request, whose answer is then fetched with
GET and `Last-Event-ID` (polling, 2025-11-25). A call without arguments; there only when streams can be resumed."""

_SESSION_LOST: Final = -32001
"""No code is assigned; the official SDKs use this one. The status 404 is what counts."""


class HttpSessions:
    """All sessions of an endpoint, by their ids. A session belongs to the principal who opened it."""

    def __init__(
        self,
        serve: Callable[[Transport, str, JsonObject], Awaitable[None]],
        *,
        store: EventStore | None,
        retry_ms: int | None,
        json_only: bool,
        idle_seconds: float | None,
        limit: int,
        directory: Directory | None = None,
    ) -> None:
        self._serve = serve
        self._store = store
        self._retry_ms = retry_ms
        self._json_only = json_only
        self._idle_seconds = idle_seconds
        self._limit = limit
        self._shared = None if directory is None else SharedHttpSessions(directory, idle_seconds)
        self._sessions: dict[str, HttpSession] = {}
        self._chores: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._sessions)

    async def aclose(self) -> None:
        """Ends every session."""
        for chore in self._chores:
            chore.cancel()
        for id in list(self._sessions):
            await self._end(id)

    # POST

    async def post(self, message: Any, http: HttpContext, answer: HeldAnswer, send: Send) -> None:
        """Hands a message to its session and brings the answers back; `initialize` opens a session."""
        opens = is_object(message) and message.get("method") == "initialize" and is_request_id(message.get("id"))
        if opens:
            await self._open(message, http, answer, send)
            return
        session = await self._find(http.headers, http.principal, send, _first_id(message))
        if session is None:
            return
        if isinstance(message, list) and session.transport.version != BATCH_VERSION:
            await refuse(send, 400, INVALID_REQUEST, NO_BATCHES)
            return
        if self._shared is not None and await self._shared.leave(session, message):
            async with answer:
                await answer.empty()
            return
        reused = next((id for id in requests_in(message) if session.transport.in_flight(id)), None)
        if reused is not None:
            text = f"The request id {reused!r} is already in flight."
            await refuse(send, 400, INVALID_REQUEST, text)
            return
        if self._shared is None:
            await self._exchange(session.transport, message, http, answer)
            return
        self._shared.take_letters(session)
        settled = dict(session.known)
        await self._exchange(session.transport, message, http, answer)
        if session.known != settled:
            await self._shared.save(session)

    async def _open(self, message: JsonObject, http: HttpContext, answer: HeldAnswer, send: Send) -> None:
        """The session id goes out only with a successful answer; after any other the session never was."""
        if len(self._sessions) >= self._limit:
            text = "The server has too many sessions. Try again later."
            await refuse(send, 503, INVALID_REQUEST, text, id=message["id"], headers=[(b"retry-after", b"30")])
            return
        id = secrets.token_urlsafe(24)
        session = self._start(id, http.principal)
        opened = False
        try:
            async with answer:
                accepted = await session.transport.accept(Received(message, http=http))
                assert accepted is not None
                item = await _last(accepted[1])  # nothing may precede the answer to initialize
                opened = item is not None and is_object(item.message) and "result" in item.message
                if item is None:
                    await answer.empty(500)
                    return
                if opened:
                    version: Any = as_object(item.message["result"]).get("protocolVersion")
                    session.transport.version = version
                    opened = self._shared is None or await self._shared.save(session)
                    if not opened:
                        await answer.empty(503)
                        return
                    answer.add_header(HEADER_SESSION_ID.encode(), id.encode())
                await answer.answer(item.data, id=item.id)
        finally:
            if not opened or answer.disconnected:
                await self._end(id)
                if self._shared is not None:
                    await self._shared.forget(id)

    def _start(self, id: str, principal: str | None, known: JsonObject | None = None) -> HttpSession:
        # The stream names must not give the session id away: they travel as event ids, which are logged more freely.
        transport = HttpServerTransport(secrets.token_hex(6), store=self._store, json_only=self._json_only)
        session = HttpSession(id, transport, principal, known or {})
        transport.version = session.known.get("version")
        transport.has_other_workers = self._shared is not None
        self._sessions[id] = session
        session.task = asyncio.get_running_loop().create_task(self._run(id, session))
        self._touch(id, session)
        return session

    async def _run(self, id: str, session: HttpSession) -> None:
        try:
            await self._serve(session.transport, id, session.known)
        except Exception:
            # The boundary of a session: it ends, the endpoint lives on.
            logger.exception("A session failed")
        finally:
            self._sessions.pop(id, None)
            if session.timer is not None:
                session.timer.cancel()
            if session.letters is not None:
                session.letters.cancel()
            await session.transport.aclose()

    async def _exchange(
        self, transport: HttpServerTransport, message: Any, http: HttpContext, answer: HeldAnswer
    ) -> None:
        async with answer:
            if transport.primes and answer.can_stream:
                http = _closable(http, transport, message)
            accepted = await transport.accept(Received(message, http=http))
            if accepted is None:
                await answer.empty()
                return
            stream, sink = accepted
            try:
                if transport.primes and answer.can_stream:
                    await self._prime(transport, stream, answer)
                await self._pump(stream, sink, answer)
            finally:
                stream.detach(sink)

    async def _prime(self, transport: HttpServerTransport, stream: Stream, answer: HeldAnswer) -> None:
        assert transport.store is not None
        id = await transport.store.append(stream.name, b"")
        await answer.event(b"", id=id, retry=self._retry_ms)

    async def _pump(self, stream: Stream, sink: Sink, answer: HeldAnswer) -> None:
        """Writes what comes on a stream until its last message, or until the session lets go of the connection."""
        while True:
            item = await sink.get()
            if item is None:
                if answer.streaming or answer.can_stream:
                    await answer.end_stream()
                else:
                    # Its client cancelled it, or the session ended before it answered.
                    await answer.empty(202 if stream.given_up else 500)
                return
            if item.last:
                await answer.answer(item.data, id=item.id)
                return
            await answer.event(item.data, id=item.id)

    # GET and DELETE

    async def get(self, headers: Mapping[str, str], principal: str | None, answer: HeldAnswer, send: Send) -> None:
        """The stream for what belongs to no request; with `Last-Event-ID`, the rest of whichever stream broke."""
        session = await self._find(headers, principal, send, None)
        if session is None:
            return
        transport = session.transport
        last_id = headers.get(HEADER_LAST_EVENT_ID)
        if last_id and self._store is not None:
            await self._resume(transport, last_id, answer, send)
            return
        stream = transport.standing
        sink = stream.attach()
        async with answer:
            try:
                await answer.open_stream()
                if transport.primes:
                    await self._prime(transport, stream, answer)
                while stream.backlog:
                    item = stream.backlog.popleft()
                    await answer.event(item.data, id=item.id)
                await self._follow(sink, answer)
            finally:
                stream.detach(sink)

    async def _resume(self, transport: HttpServerTransport, last_id: str, answer: HeldAnswer, send: Send) -> None:
        assert self._store is not None
        name = last_id.rpartition("-")[0]
        own, stream = transport.own_stream(name)
        sink = stream.attach() if stream is not None else None
        found = await self._store.after(last_id) if own else None
        if found is None or found[0] != name:
            if stream is not None:
                stream.detach(sink)
            text = "The stream cannot be resumed after this event; what followed is no longer known."
            await refuse(send, 400, INVALID_REQUEST, text)
            return
        replayed: set[str] = set()
        async with answer:
            try:
                await answer.open_stream()
                for event in found[1]:
                    replayed.add(event.id)
                    if event.data:
                        await answer.event(event.data, id=event.id)
                if sink is None:
                    await answer.end_stream()
                    return
                if stream is transport.standing:
                    transport.standing.backlog.clear()  # it was stored as well
                await self._follow(sink, answer, replayed)
            finally:
                if stream is not None:
                    stream.detach(sink)

    async def _follow(self, sink: Sink, answer: HeldAnswer, replayed: set[str] | None = None) -> None:
        while (item := await sink.get()) is not None:
            if item.id is None or replayed is None or item.id not in replayed:
                await answer.event(item.data, id=item.id)
            if item.last:
                break
        await answer.end_stream()

    async def delete(self, headers: Mapping[str, str], principal: str | None, send: Send) -> None:
        """Ends a session at its client's wish."""
        session = await self._find(headers, principal, send, None)
        if session is None:
            return
        if self._shared is not None and not await self._shared.forget(session.id):
            await refuse(send, 503, INTERNAL_ERROR, "The session cannot be ended now. Try again later.")
            return
        await self._end(headers[HEADER_SESSION_ID])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    # Finding and ending

    async def _find(
        self, headers: Mapping[str, str], principal: str | None, send: Send, request_id: RequestId | None
    ) -> HttpSession | None:
        """The session that a request names; None after a refusal was sent. Someone else's does not exist."""
        id = headers.get(HEADER_SESSION_ID)
        if id is None:
            text = f"The header {HEADER_SESSION_ID} is missing. A session begins with initialize."
            await refuse(send, 400, INVALID_REQUEST, text, id=request_id)
            return None
        try:
            session = self._sessions.get(id) if self._shared is None else await self._taken_up(id, principal)
        except Exception:
            # The boundary to the store of the sessions.
            logger.exception("The sessions cannot be looked up")
            text = "The server cannot look up its sessions now. Try again later."
            await refuse(send, 503, INTERNAL_ERROR, text, id=request_id, headers=[(b"retry-after", b"5")])
            return None
        if session is None or session.principal != principal or session.transport.closed:
            text = "There is no such session. Begin a new one with initialize."
            await refuse(send, 404, _SESSION_LOST, text, id=request_id)
            return None
        self._touch(id, session)
        return session

    async def _taken_up(self, id: str, principal: str | None) -> HttpSession | None:
        """The session as the other workers left it, begun here if need be; None: it is over, or someone else's."""
        assert self._shared is not None
        session, known = self._sessions.get(id), await self._shared.find(id)
        if known is None:
            if session is not None and session.saved_at:
                await self._end(id)
            return None
        if known.get("principal") != principal:
            return None
        if session is None:
            session = self._sessions.get(id)  # two requests at once: one session
            if session is None and len(self._sessions) >= self._limit:
                return None
            session = session or self._start(id, principal, known)
        await self._shared.refresh(session, known)
        return session

    def _touch(self, id: str, session: HttpSession) -> None:
        if self._idle_seconds is None:
            return
        session.used_at = asyncio.get_running_loop().time()
        if session.timer is None:
            self._arm(id, session, self._idle_seconds)

    def _arm(self, id: str, session: HttpSession, seconds: float) -> None:
        session.timer = asyncio.get_running_loop().call_later(seconds, self._expire, id, session)

    def _expire(self, id: str, session: HttpSession) -> None:
        """One timer a session, moved on only when it rings: touching a session stays cheap."""
        assert self._idle_seconds is not None
        now = asyncio.get_running_loop().time()
        if session.transport.busy:
            session.used_at = now
            if self._shared is not None:
                self._chores.add(chore := asyncio.get_running_loop().create_task(self._keep(id, session)))
                chore.add_done_callback(self._chores.discard)
        rest = session.used_at + self._idle_seconds - now
        if rest > 0:
            self._arm(id, session, rest)
        elif session.task is not None:
            session.task.cancel()

    async def _keep(self, id: str, session: HttpSession) -> None:
        """A long call or an open stream is use as well: the other workers must not forget the session meanwhile."""
        assert self._shared is not None
        if not await self._shared.keep(session):
            await self._end(id)

    async def _end(self, id: str) -> None:
        session = self._sessions.pop(id, None)
        if session is not None and session.task is not None:
            session.task.cancel()
            await asyncio.wait([session.task])


async def _last(sink: Sink) -> Outgoing | None:
    while (item := await sink.get()) is not None and not item.last:
        pass
    return item


def _closable(http: HttpContext, transport: HttpServerTransport, message: Any) -> HttpContext:
    """Lets the handler of a request end its connection early."""
    ids = requests_in(message)
    if len(ids) != 1 or http.scope is None:
        return http
    return replace(http, scope={**http.scope, CLOSE_STREAM: lambda: transport.close_stream(ids[0])})


def _first_id(message: Any) -> RequestId | None:
    ids = requests_in(message)
    return ids[0] if ids else None
