"""The client end of HTTP+SSE, the transport of 2024-11-05: one event stream in, POSTs out.

Source: transports page of 2024-11-05. Later revisions keep it only for old servers.
"""

import asyncio
import time
from collections.abc import Coroutine, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

import anyio

from wireglass.errors import TransportClosed, TransportError
from wireglass.protocol.framing import MAX_MESSAGE_BYTES, answered_id, dump, parse
from wireglass.protocol.messages import JsonObject, RequestId
from wireglass.wire.base import Broken, Incoming, Tap
from wireglass.wire.http_answers import (
    Arrival,
    EventCursor,
    broken,
    incoming,
    media_type,
    read_body,
    read_events,
    status_error,
)
from wireglass.wire.http_link import HttpLink, OverHttpLink
from wireglass.wire.http_request import EVENT_STREAM, ClientFactory, Post, request_ids, transport_error

if TYPE_CHECKING:
    import httpx

__all__ = ["SseClientTransport"]

_ENDPOINT_SECONDS: Final = 15.0


class SseClientTransport(OverHttpLink):
    """HTTP+SSE client; a `Transport`. The parameters are those of HttpClientTransport."""

    name = "sse"

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: "httpx.Auth | None" = None,
        tap: Tap | None = None,
        client_factory: ClientFactory | None = None,
        limit: int = MAX_MESSAGE_BYTES,
    ) -> None:
        self.url = url
        self.endpoint: str | None = None
        """Where messages are POSTed, once the server has said so."""
        self._link = HttpLink(url, headers=headers, auth=auth, tap=tap, client_factory=client_factory, limit=limit)
        self._inbox: asyncio.Queue[Incoming | None] = asyncio.Queue(1024)
        self._tasks: set[asyncio.Task[None]] = set()
        self._end: TransportError | None = None
        self._posts = 0
        self._order = asyncio.Lock()
        """One POST at a time: on connections side by side messages could overtake each other."""

    async def start(self) -> None:
        """Opens the event stream and waits for the endpoint. Raises TransportError, HttpStatusError among them."""
        self._link.start()
        found: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(_ENDPOINT_SECONDS) as limit:
                self._spawn(self._read(found, limit))
                self.endpoint = await found
        except TimeoutError:
            raise TransportError(
                f"{urlsplit(self.url).netloc} opened a stream but did not say where to send messages.",
                next_step="Check that the address is an HTTP+SSE endpoint; newer servers speak Streamable HTTP.",
            ) from None
        finally:
            if self.endpoint is None:
                await self.aclose()

    async def send(
        self,
        message: JsonObject | list[JsonObject] | str,
        *,
        related: RequestId | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """POSTs one message and returns when its bytes are with the operating system. Raises TransportError."""
        if self._end is not None or self.endpoint is None:
            raise self._end or TransportClosed()
        raw = isinstance(message, str)
        body = message.encode("utf-8", "surrogatepass") if isinstance(message, str) else dump(message)
        value: Any = parse(body).value if raw else message
        self._posts += 1
        post = Post(
            channel=f"POST {self._posts}",
            body=body,
            message=value,
            headers={"content-type": "application/json", **(headers or {})},
            queued_ns=time.perf_counter_ns(),
            handed=asyncio.get_running_loop().create_future(),
            waiting=request_ids(value),
        )
        task = self._spawn(self._post(post, self.endpoint))
        try:
            await post.handed
        except asyncio.CancelledError:
            if not post.handed.done() or post.handed.cancelled():
                task.cancel()
            raise

    async def receive(self) -> Incoming:
        """The next message or failure. Raises TransportClosed when the stream has ended."""
        item = None if self._end is not None and self._inbox.empty() else await self._inbox.get()
        if item is None:
            raise self._end or TransportClosed()
        return item

    async def negotiated(self, version: str) -> None:
        """Nothing to do: the stream is open from the start."""

    async def abandon(self, request_id: RequestId) -> bool:
        """False: the session must send `notifications/cancelled`."""
        return False

    async def aclose(self) -> None:
        """Closes the stream, which ends the session. Safe to call twice; never raises."""
        self._finish(TransportClosed())
        with anyio.move_on_after(5, shield=True):
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._link.aclose()

    def _finish(self, error: TransportError) -> None:
        if self._end is None:
            self._end = error
            if not self._inbox.full():  # a full inbox has no reader waiting
                self._inbox.put_nowait(None)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # The stream

    async def _read(self, found: asyncio.Future[str], limit: asyncio.Timeout) -> None:
        end: TransportError = TransportClosed("The server ended the event stream.", next_step="Connect again.")
        try:
            link, headers = self._link, {"accept": EVENT_STREAM}
            async with link.exchange("GET", channel="SSE", headers=headers, hold=lambda: _held(limit)) as response:
                await self._listen(response, found)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # the boundary: httpx, an Auth of the user, the operating system
            end = transport_error(error, self.url)
        if not found.done():
            found.set_exception(end)
        self._finish(end if isinstance(end, TransportClosed) else TransportClosed(end.message, next_step=end.next_step))

    async def _listen(self, response: "httpx.Response", found: asyncio.Future[str]) -> None:
        if response.status_code != 200 or media_type(response.headers) != EVENT_STREAM:
            body, _ = await read_body(response, limit=self._link.limit)
            raise status_error(response, body)
        async for arrival in read_events(response, EventCursor(), limit=self._link.limit):
            if arrival.event.event == "endpoint" and not found.done():
                found.set_result(_within_origin(self.url, arrival.event.data.decode("utf-8", "replace").strip()))
            elif arrival.event.event == "message" and arrival.event.data:
                await self._message(arrival, response)

    async def _message(self, arrival: Arrival, response: "httpx.Response") -> None:
        parsed = parse(arrival.event.data)
        event_id = arrival.event.id
        self._link.received("SSE", response, parsed, arrival.first_byte_ns, arrival.at_ns, event_id)
        if parsed.error is None:
            await self._inbox.put(incoming(parsed.value, response))
        else:
            error = TransportError(f"An event is not a message. {parsed.error}")
            await self._inbox.put(Broken(error, answered_id(parsed.raw)))

    # Messages out

    async def _post(self, post: Post, url: str) -> None:
        try:
            async with self._order, self._link.post(post, url) as response:
                body, _ = await read_body(response, limit=self._link.limit)
            if response.status_code >= 300:
                raise status_error(response, body)
        except asyncio.CancelledError:
            if not post.handed.done():
                post.handed.cancel()
            raise
        except Exception as error:  # the boundary: httpx, an Auth of the user, the operating system
            failure = transport_error(error, self.url)
            if not post.handed.done():
                post.handed.set_exception(failure)
                return
            for item in broken(failure, post.waiting):
                await self._inbox.put(item)


def _within_origin(url: str, endpoint: str) -> str:
    """The endpoint as an absolute URL. Raises TransportError for another origin, which must not get our headers."""
    target = urljoin(url, endpoint)
    if _origin(target) != _origin(url):
        raise TransportError(
            f"The server wants messages sent to another origin, {_origin(target)}.",
            next_step="Connect to that address directly if you trust it.",
        )
    return target


def _origin(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{parts.hostname}:{port}"


@contextmanager
def _held(limit: asyncio.Timeout) -> Generator[None]:
    """The time that a person takes to sign in does not count."""
    loop = asyncio.get_running_loop()
    due = limit.when()
    left = None if due is None else max(1.0, due - loop.time())
    if not limit.expired():
        limit.reschedule(None)
    try:
        yield
    finally:
        if left is not None and not limit.expired():
            limit.reschedule(loop.time() + left)
