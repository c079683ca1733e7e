"""The client end of Streamable HTTP, for every revision, on httpx.

It moves messages and headers. Of the methods it knows only `initialize`, because the session id comes with its
answer. Sources: transports pages of 2025-03-26 to 2026-07-28.
"""

import asyncio
import time
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Final

import anyio

from wireglass.errors import SessionLost, TransportClosed, TransportError
from wireglass.protocol.framing import MAX_MESSAGE_BYTES, Parsed, answered_id, dump, parse
from wireglass.protocol.messages import JsonObject, RequestId
from wireglass.protocol.versions import HEADER_PROTOCOL_VERSION, HEADER_SESSION_ID, is_stateless
from wireglass.wire.base import Broken, Incoming, Tap
from wireglass.wire.http_answers import (
    Arrival,
    EventCursor,
    broken,
    incoming,
    is_error_message,
    media_type,
    read_body,
    read_events,
    status_error,
)
from wireglass.wire.http_identity import HttpIdentity
from wireglass.wire.http_link import HttpLink, OverHttpLink
from wireglass.wire.http_request import (
    EVENT_STREAM,
    ClientFactory,
    Post,
    answered,
    method,
    request_ids,
    transport_error,
)
from wireglass.wire.http_streams import GetStreams

if TYPE_CHECKING:
    import httpx

__all__ = ["ClientFactory", "HttpClientTransport"]

_BOTH: Final = f"application/json, {EVENT_STREAM}"
_ACCEPT_SECONDS: Final = 5.0
"""How long `send` waits for a server to accept what it need not answer."""


class HttpClientTransport(OverHttpLink):
    """Streamable HTTP client; a `Transport`.

    `headers` go with every request. `auth` is any httpx.Auth. `tap` sees every message in both directions, with
    secrets masked. `limit` bounds one message in bytes. Redirects are followed only within the same origin, because
    headers hold credentials.
    """

    name = "streamable-http"

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: "httpx.Auth | None" = None,
        tap: Tap | None = None,
        client_factory: ClientFactory | None = None,
        listen: bool = True,
        limit: int = MAX_MESSAGE_BYTES,
    ) -> None:
        self.url = url
        self._identity = HttpIdentity()
        self._link = HttpLink(url, headers=headers, auth=auth, tap=tap, client_factory=client_factory, limit=limit)
        self._gets = GetStreams(self._link, self._identity, self._stream)
        self._listens = listen
        self._inbox: asyncio.Queue[Incoming | None] = asyncio.Queue(1024)
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Task[None] | None = None
        self._waiting: dict[RequestId, Post] = {}
        self._posts = 0
        self._stateless = False
        self._closed = False

    @property
    def session_id(self) -> str | None:
        """The id of the session that the last successful `initialize` opened, or None."""
        return self._identity.session_id

    async def start(self) -> None:
        """Checks the address and makes the HTTP client; nothing is sent yet. Raises TransportError."""
        self._link.start()

    async def send(
        self,
        message: JsonObject | list[JsonObject] | str,
        *,
        related: RequestId | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """POSTs one message and returns when its bytes are with the operating system; the answer comes by `receive`.

        Raises TransportError when it could not be sent, TransportClosed after `aclose`.
        """
        if self._closed or not self._link.started:
            raise TransportClosed()
        post = self._prepare(message, headers or {})
        post.task = self._spawn(self._run(post))
        try:
            await post.handed
        except asyncio.CancelledError:
            if not post.handed.done() or post.handed.cancelled():
                post.task.cancel()
            raise
        if not post.waiting:
            # What gets no answer is accepted before anything later is sent: `notifications/initialized` would
            # otherwise race the first request, on another connection.
            await asyncio.wait([post.task], timeout=_ACCEPT_SECONDS)

    async def receive(self) -> Incoming:
        """The next message or failure, from whichever stream. Raises TransportClosed after `aclose`."""
        item = await self._inbox.get() if not self._closed or self._inbox.qsize() else None
        if item is None:
            raise TransportClosed()
        return item

    async def negotiated(self, version: str) -> None:
        """Opens the GET stream, unless the version has none. Servers of the handshake eras send there what belongs
        to no request; one that does not offer it answers 405, which is fine."""
        if is_stateless(version):
            return
        self._identity.version = version
        if self._listens and self._listener is None and not self._closed:
            self._listener = self._spawn(self._gets.listen())

    async def abandon(self, request_id: RequestId) -> bool:
        """Closes the stream of a stateless request, which cancels it (True). In the handshake eras a disconnect
        cancels nothing (False); the stream then stays open for a moment, so that a late answer is still seen."""
        post = self._waiting.pop(request_id, None)
        if post is None:
            return self._stateless
        if post.stateless:
            if post.task is not None:
                post.task.cancel()
            return True
        post.waiting.remove(request_id)
        if not post.waiting:
            post.abandoned = True
            post.linger()
        return False

    async def aclose(self) -> None:
        """Ends every stream, then the session with DELETE. Safe to call twice; never raises."""
        if self._closed:
            return
        self._closed = True
        with anyio.move_on_after(5, shield=True):
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._delete_session()
            await self._link.aclose()
        if not self._inbox.full():  # a full inbox has no reader waiting
            self._inbox.put_nowait(None)

    # Sending

    def _prepare(self, message: JsonObject | list[JsonObject] | str, extra: Mapping[str, str]) -> Post:
        queued_ns = time.perf_counter_ns()
        body = message.encode("utf-8", "surrogatepass") if isinstance(message, str) else dump(message)
        value: Any = parse(body).value if isinstance(message, str) else message
        headers = {name.lower(): text for name, text in extra.items()}
        version = headers.get(HEADER_PROTOCOL_VERSION)
        opens = method(value) == "initialize"
        self._stateless = stateless = is_stateless(version)
        if opens:
            self._identity.lost = None
        elif not stateless:
            if self._identity.lost is not None:
                raise self._identity.lost  # without its id, a server would answer that there is no session at all
            self._identity.add_to(headers)
        self._posts += 1
        post = Post(
            channel=f"POST {self._posts}",
            body=body,
            message=value,
            headers={"accept": _BOTH, "content-type": "application/json", **headers},
            queued_ns=queued_ns,
            handed=asyncio.get_running_loop().create_future(),
            stateless=stateless,
            had_session=HEADER_SESSION_ID in headers,
            opens_session=opens,
        )
        for id in request_ids(value):
            post.waiting.append(id)
            self._waiting[id] = post
        return post

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _run(self, post: Post) -> None:
        """The whole life of one POST. Whatever goes wrong ends as an exception in `send` or as a Broken."""
        try:
            async with asyncio.timeout(None) as post.limit:
                await self._exchange(post)
            if post.waiting:
                await self._fail(post, TransportError("The server ended its answer without answering the request."))
        except asyncio.CancelledError:
            if not post.handed.done():
                post.handed.cancel()
            raise
        except Exception as error:  # the boundary: httpx, an Auth of the user, the operating system
            if post.limit is None or not post.limit.expired():  # `linger` sets it, when nothing is expected any more
                await self._fail(post, transport_error(error, self.url))
        finally:
            for id in post.waiting:
                self._waiting.pop(id, None)
            if not post.handed.done():
                post.handed.set_result(None)

    async def _fail(self, post: Post, error: TransportError) -> None:
        if not post.handed.done():
            post.handed.set_exception(error)
            return
        if isinstance(error, SessionLost):
            self._forget_session(error)
        if not post.abandoned:
            for item in broken(error, post.waiting):
                await self._inbox.put(item)

    async def _exchange(self, post: Post) -> None:
        cursor = EventCursor()
        async with self._link.post(post) as response:
            if response.status_code >= 300:
                await self._refused(post, response)
            elif media_type(response.headers) == EVENT_STREAM:
                await self._stream(response, cursor, post)
            else:
                await self._body(post, response)
                return
        if post.waiting and not post.abandoned and not post.stateless:
            await self._gets.resume(post, cursor)

    # Receiving

    async def _refused(self, post: Post, response: "httpx.Response") -> None:
        body, first_byte_ns = await read_body(response, limit=self._link.limit)
        parsed = parse(body)
        lost = post.had_session and response.status_code == 404
        if is_error_message(parsed.value):
            self._link.received(post.channel, response, parsed, first_byte_ns)
            # An error without an id, to a message without one, is about that message and about no request in flight.
            about_request = bool(post.waiting) or answered(parsed.value) is not None
            if about_request and not lost:
                await self._deliver(parsed.value, response, post)
                if not post.waiting:
                    return
        elif body:
            self._link.received(
                post.channel, response, Parsed(parsed.raw, parsed.value, "not an MCP message"), first_byte_ns
            )
        raise status_error(response, body, had_session=post.had_session)

    async def _body(self, post: Post, response: "httpx.Response") -> None:
        body, first_byte_ns = await read_body(response, limit=self._link.limit)
        if not body:
            self._accepted(post)
            return
        parsed = parse(body)
        self._link.received(post.channel, response, parsed, first_byte_ns)
        if parsed.error is None:
            await self._deliver(parsed.value, response, post)
        if parsed.error is not None or post.waiting:
            kind = media_type(response.headers) or "no content type"
            raise status_error(response, body, why=f"The server answered with {kind} that is no answer to the request.")

    def _accepted(self, post: Post) -> None:
        """An empty answer. Wrong for a request, but with a GET stream open its answer may still come there."""
        if self._listener is not None:
            for id in post.waiting:
                self._waiting.pop(id, None)
            post.waiting.clear()

    async def _stream(self, response: "httpx.Response", cursor: EventCursor, post: Post | None, name: str = "") -> None:
        """Reads an event stream to its end; a broken connection is an end too when it can be resumed."""
        import httpx

        channel = name or (post.channel if post else "")
        try:
            async for arrival in read_events(response, cursor, limit=self._link.limit):
                await self._event(arrival, response, post, channel)
        except httpx.HTTPError:
            if post is not None and post.waiting and (post.stateless or cursor.last_id is None):
                raise

    async def _event(self, arrival: Arrival, response: "httpx.Response", post: Post | None, channel: str) -> None:
        event = arrival.event
        if not event.data or event.event != "message":
            return
        parsed = parse(event.data)
        self._link.received(channel, response, parsed, arrival.first_byte_ns, arrival.at_ns, event.id)
        if parsed.error is None:
            await self._deliver(parsed.value, response, post)
        else:
            error = TransportError(f"An event is not a message. {parsed.error}")
            await self._inbox.put(Broken(error, answered_id(parsed.raw)))

    async def _deliver(self, message: Any, response: "httpx.Response", post: Post | None) -> None:
        """Learns from the message what the transport must know, then passes it on."""
        if post is not None and post.opens_session:
            self._identity.learn(message, response)
        if response.status_code >= 400 and post is not None:
            message = self._owned(message, post)
        for part in message if isinstance(message, list) else [message]:
            id = answered(part)
            waiting = self._waiting.pop(id, None) if id is not None else None
            if waiting is not None and id is not None:
                waiting.settle(id)
        await self._inbox.put(incoming(message, response))

    def _owned(self, message: Any, post: Post) -> Any:
        """An error body whose id is null or made up, with the id of the only request it can be about. Peers write
        such bodies when they refuse before they read the message; the recorded frame keeps what they sent."""
        if is_error_message(message) and len(post.waiting) == 1 and answered(message) not in post.waiting:
            return {**message, "id": post.waiting[0]}
        return message

    # The session

    def _forget_session(self, lost: SessionLost) -> None:
        self._identity.forget(lost)
        if self._listener is not None:
            self._listener.cancel()
            self._listener = None

    async def _delete_session(self) -> None:
        if not self._link.started or self._identity.session_id is None:
            return
        headers: dict[str, str] = {}
        self._identity.add_to(headers)
        try:
            async with self._link.exchange(
                "DELETE", channel="DELETE", headers=headers, timeout=2.0, quiet=True
            ) as response:
                await response.aread()
        except Exception:  # a courtesy: a server that is gone, or an Auth that wants to ask the user, changes nothing
            pass
