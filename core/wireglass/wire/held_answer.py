"""One HTTP answer of the server end, its head held back until it is known whether JSON or an event stream follows.

So early errors keep their HTTP status, and quick answers stay plain JSON. Sources: transports page of 2026-07-28
(keep-alive comments, `X-Accel-Buffering`), and what the official SDK does with the head.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any, Final

from wireglass.protocol import messages
from wireglass.protocol.framing import dump, encode_comment, encode_event
from wireglass.protocol.messages import RequestId

__all__ = ["HeldAnswer", "Message", "Receive", "Send", "read_request", "refuse"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_STREAM_HEADERS: Final = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
)
_PATIENCE_SECONDS: Final = 0.05
"""Answers quicker than this never pay for the task that watches the connection."""


class HeldAnswer:
    """The answer to one request. `can_stream` says whether the client takes an event stream.

    `keep_alive` is in seconds: after so long a stream gets a comment, and a held head goes out. Use as a context
    manager around the work; if the client goes away meanwhile, the task inside is cancelled and the cancellation ends
    here, with `disconnected` set.
    """

    __slots__ = (
        "_headers",
        "_keep_alive",
        "_lock",
        "_owner",
        "_patience",
        "_receive",
        "_send",
        "_watcher",
        "can_stream",
        "disconnected",
        "finished",
        "streaming",
    )

    def __init__(self, receive: Receive, send: Send, *, can_stream: bool, keep_alive: float) -> None:
        self._receive = receive
        self._send = send
        self._keep_alive = keep_alive
        self._lock = asyncio.Lock()
        self._headers: tuple[tuple[bytes, bytes], ...] = ()
        self._owner: asyncio.Task[Any] | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._watcher: asyncio.Task[None] | None = None
        self.can_stream = can_stream
        self.streaming = False
        """Whether the head of an event stream is out."""
        self.finished = False
        self.disconnected = False

    def add_header(self, name: bytes, value: bytes) -> None:
        """Adds a header to whichever head goes out."""
        self._headers = (*self._headers, (name, value))

    async def __aenter__(self) -> "HeldAnswer":
        self._owner = asyncio.current_task()
        self._patience = asyncio.get_running_loop().call_later(_PATIENCE_SECONDS, self._start_watching)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if self._patience is not None:
            self._patience.cancel()
        if self._watcher is not None:
            self._watcher.cancel()
            try:
                await asyncio.wait([self._watcher])
            except asyncio.CancelledError as late:
                # The watcher cancelled us when the work was already done, or someone else did.
                kind = type(late)
                if not self.disconnected:
                    raise
        if self.disconnected and kind is asyncio.CancelledError and self._owner is not None:
            return self._owner.uncancel() == 0
        return False

    def _start_watching(self) -> None:
        self._watcher = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        """Waits for the client to go away, and keeps the stream alive until then."""
        gone = asyncio.ensure_future(self._disconnect())
        try:
            while True:
                done, _ = await asyncio.wait([gone], timeout=self._keep_alive)
                if done:
                    break
                if self.can_stream and not self.finished:
                    await self._write(encode_comment("keep-alive"))
            self.disconnected = True
            if self._owner is not None:
                self._owner.cancel("the client closed the connection")
        finally:
            gone.cancel()

    async def _disconnect(self) -> None:
        # Servers block in `receive` until the client is gone. One that repeats itself must not keep the loop from
        # its work, hence the sleep.
        while (await self._receive())["type"] != "http.disconnect":  # noqa: ASYNC110  # there is no event to wait for
            await asyncio.sleep(_PATIENCE_SECONDS)

    async def json(self, body: bytes, status: int = 200) -> None:
        """The whole answer as JSON; only while nothing has been sent."""
        await self._whole(status, body, b"application/json")

    async def empty(self, status: int = 202) -> None:
        """The whole answer without a body."""
        await self._whole(status, b"", None)

    async def _whole(self, status: int, body: bytes, kind: bytes | None) -> None:
        self.finished = True
        headers = [(b"content-length", b"%d" % len(body)), *self._headers]
        if kind is not None:
            headers.append((b"content-type", kind))
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    async def open_stream(self) -> None:
        """Sends the head of an event stream, if it is not out yet."""
        async with self._lock:
            await self._open()

    async def _open(self) -> None:
        if not self.streaming:
            self.streaming = True
            headers = [*_STREAM_HEADERS, *self._headers]
            await self._send({"type": "http.response.start", "status": 200, "headers": headers})

    async def event(
        self, data: bytes, *, event: str | None = None, id: str | None = None, retry: int | None = None
    ) -> None:
        """One event of the stream, which it opens if need be. Does nothing for clients that take no stream."""
        if self.can_stream and not self.finished:
            await self._write(encode_event(data, event=event, id=id, retry=retry))

    async def _write(self, chunk: bytes) -> None:
        async with self._lock:  # the watcher writes too, and a head may wait for the client to read
            await self._open()
            await self._send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def end_stream(self) -> None:
        """Ends the event stream, opening it first if nothing was sent at all."""
        async with self._lock:
            await self._open()
            self.finished = True
            await self._send({"type": "http.response.body", "body": b""})

    async def answer(self, data: bytes, status: int = 200, *, id: str | None = None) -> None:
        """The last message: as JSON if the head is still held, else as the last event."""
        if self.streaming:
            await self.event(data, id=id)
            await self.end_stream()
        else:
            await self.json(data, status)


async def refuse(
    send: Send,
    status: int,
    code: int,
    text: str,
    *,
    id: RequestId | None = None,
    data: Any = None,
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> None:
    """An error answer as JSON-RPC, given before any session was asked."""
    body = dump(messages.error(id, code, text, data))
    start = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})


async def read_request(headers: Mapping[str, str], receive: Receive, limit: int) -> bytes | None:
    """The request body; None when it is longer than `limit` bytes, even if that is only found out on the way."""
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit:
        return None
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return body if len(body) <= limit else None
    chunks, size = [body], len(body)
    while message.get("more_body", False) and size <= limit:
        message = await receive()
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
    return b"".join(chunks) if size <= limit else None
