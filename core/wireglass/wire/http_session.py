"""The server end of one Streamable HTTP session of the handshake eras, as a Transport.

Each POST with requests opens a stream; what belongs to a request travels on its stream, the rest on the one that the
client opens with GET. Streams outlive connections when there is an event store. Sources: transports pages of
2025-03-26 to 2025-11-25.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from wireglass.errors import TransportClosed
from wireglass.protocol.framing import dump
from wireglass.protocol.messages import JsonObject, RequestId, as_object, is_object, is_request_id
from wireglass.wire.base import Incoming, Received
from wireglass.wire.event_store import EventStore

__all__ = ["HttpServerTransport", "Outgoing", "Sink", "Stream", "requests_in"]

logger = logging.getLogger("wireglass.http")

_PRIMED_SINCE: Final = "2025-11-25"
"""Older clients choke on an event without data."""
_BACKLOG: Final = 256
"""Messages kept for a GET stream that is not open."""
_UNREAD: Final = 1024
"""Messages that a connection may be behind. Then whoever sends on a request's stream waits; a GET stream is closed,
because nobody can wait for it: its client comes back for what is kept."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way to the client. `last` ends its stream."""

    data: bytes
    message: Any
    id: str | None
    last: bool


class Sink(asyncio.Queue["Outgoing | None"]):
    """What one connection reads; None means that it must end. `room` is unset while its reader is far behind."""

    def __init__(self) -> None:
        super().__init__()
        self.room = asyncio.Event()
        self.room.set()

    def _put(self, item: "Outgoing | None") -> None:
        super()._put(item)
        if self.qsize() >= _UNREAD:
            self.room.clear()

    def _get(self) -> "Outgoing | None":
        item = super()._get()
        if self.qsize() < _UNREAD:
            self.room.set()
        return item


@dataclass(slots=True, eq=False)
class Stream:
    """What one POST, or the GET, is answered with. At most one connection reads it, from `sink`."""

    name: str
    pending: set[RequestId] = field(default_factory=set[RequestId])
    sink: Sink | None = None
    given_up: bool = False
    """Whether its client has cancelled what it was opened for."""
    backlog: deque[Outgoing] = field(default_factory=lambda: deque[Outgoing](maxlen=_BACKLOG))

    def attach(self) -> Sink:
        """A new sink; whoever read before is told to stop (a client that comes back may be quicker than TCP)."""
        self.detach()
        self.sink = Sink()
        return self.sink

    def detach(self, sink: Sink | None = None) -> None:
        """Takes the sink away, if it is still the one given; its reader gets None."""
        if self.sink is not None and (sink is None or sink is self.sink):
            self.sink.put_nowait(None)
            self.sink.room.set()
            self.sink = None


class HttpServerTransport:
    """A `Transport` whose messages the HTTP endpoint puts in with `accept` and takes out of streams."""

    name = "streamable-http"

    def __init__(self, stream_prefix: str, *, store: EventStore | None, json_only: bool) -> None:
        self.version: str | None = None
        """The version of the successful answer to `initialize`."""
        self.has_other_workers = False
        """Whether other processes may go on with this session, and ask its client too."""
        self.store = store
        self._prefix = stream_prefix
        self._json_only = json_only
        self._inbox: asyncio.Queue[Incoming | None] = asyncio.Queue(1024)
        self._streams: dict[str, Stream] = {}
        self._by_request: dict[RequestId, Stream] = {}
        self._count = 0
        self._order = asyncio.Lock()
        self._asked: set[RequestId] = set()
        self._closed = False
        self.standing = self._new_stream()
        """The stream for what belongs to no request; read by GET."""

    def _new_stream(self) -> Stream:
        stream = Stream(f"{self._prefix}.{self._count}")
        self._count += 1
        self._streams[stream.name] = stream
        return stream

    # What the endpoint does

    @property
    def closed(self) -> bool:
        """Whether the session is over."""
        return self._closed

    @property
    def busy(self) -> bool:
        """Whether a request is in hand or a client is listening."""
        return bool(self._by_request) or self.standing.sink is not None

    @property
    def primes(self) -> bool:
        """Whether streams begin with an event that only has an id, so that they can be resumed from the start."""
        return self.store is not None and self.version is not None and self.version >= _PRIMED_SINCE

    def in_flight(self, id: RequestId) -> bool:
        """Whether a request with this id waits for its answer."""
        return id in self._by_request

    @property
    def awaited(self) -> list[RequestId]:
        """Requests that a message may still be about: the client's in hand, and those that the client was asked."""
        return [*self._by_request, *self._asked]

    def concerns(self, message: Any) -> RequestId | None:
        """The request that an answer or a cancel is about, when it is none of those in hand here; else None."""
        if not is_object(message):
            return None
        if "method" not in message:
            id, known = message.get("id"), self._asked
        elif message["method"] == "notifications/cancelled":
            id, known = as_object(message.get("params")).get("requestId"), self._by_request
        else:
            return None
        return id if is_request_id(id) and id not in known else None

    async def accept(self, item: Received) -> tuple[Stream, Sink] | None:
        """Takes in what was POSTed. Returns the stream that its answers will come on and where to read them, or None
        if there will be no answers."""
        ids = requests_in(item.message)
        if self._asked:
            self._asked.difference_update(_answered_in(item.message))
        if not ids:
            await self._inbox.put(item)
            return None
        stream = self._new_stream()
        stream.pending.update(ids)
        self._by_request.update(dict.fromkeys(ids, stream))
        sink = stream.attach()
        await self._inbox.put(item)
        return stream, sink

    def own_stream(self, name: str) -> tuple[bool, Stream | None]:
        """Whether a stream of this name was ever this session's, and the stream if it is not finished."""
        return name.rpartition(".")[0] == self._prefix, self._streams.get(name)

    def close_stream(self, id: RequestId) -> None:
        """Ends the connection that waits for a request, not the request: the client will come back for the answer.
        Does nothing without an event store, since the answer would be lost."""
        stream = self._by_request.get(id)
        if stream is not None and self.store is not None:
            stream.detach()

    def dropped(self, request_id: RequestId) -> None:
        """A cancelled request: its stream ends without an answer, unless others of its batch are still to come."""
        stream = self._by_request.pop(request_id, None)
        if stream is None:
            return
        stream.pending.discard(request_id)
        if not stream.pending:
            stream.given_up = True
            stream.detach()
            self._streams.pop(stream.name, None)

    # What the session does

    async def start(self) -> None:
        """Nothing to open."""

    async def send(
        self,
        message: JsonObject | list[JsonObject] | str,
        *,
        related: RequestId | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Puts a message on its stream. It is lost if that has no reader and there is no event store. Waits while the
        reader of a request's stream is far behind, unless the message is an answer.

        Raises TransportClosed.
        """
        if self._closed:
            raise TransportClosed()
        answered = _answered_in(message)
        self._asked.update(requests_in(message))
        stream = self._route(answered, related)
        data = dump(message)
        if self.store is None:
            self._put(stream, message, data, answered, None)
        else:
            async with self._order:
                id = await self.store.append(stream.name, data)
                self._put(stream, message, data, answered, id)
        sink = None if stream is self.standing or answered else stream.sink
        if sink is not None and not sink.room.is_set():
            await sink.room.wait()

    def _route(self, answered: list[RequestId], related: RequestId | None) -> Stream:
        for id in answered:
            if id in self._by_request:
                return self._by_request[id]
        if self._json_only and not answered:
            return self.standing  # a JSON answer has no room for anything else
        stream = self._by_request.get(related) if related is not None else None
        return stream or self.standing

    def _put(self, stream: Stream, message: Any, data: bytes, answered: list[RequestId], id: str | None) -> None:
        for one in answered:
            stream.pending.discard(one)
            self._by_request.pop(one, None)
        last = bool(answered) and not stream.pending and stream is not self.standing
        item = Outgoing(data, message, id, last)
        if stream.sink is not None and stream is self.standing and not stream.sink.room.is_set():
            logger.warning("A client does not read its stream; %d messages wait. The stream is closed.", _UNREAD)
            stream.detach()
        if stream.sink is not None:
            stream.sink.put_nowait(item)
        elif stream is self.standing:
            stream.backlog.append(item)
        if last:
            self._streams.pop(stream.name, None)

    async def receive(self) -> Incoming:
        """The next message that was POSTed. Raises TransportClosed when the session is over."""
        item = None if self._closed and self._inbox.empty() else await self._inbox.get()
        if item is None:
            raise TransportClosed("The session has ended.")
        return item

    async def negotiated(self, version: str) -> None:
        """Only clients are told."""

    async def abandon(self, request_id: RequestId) -> bool:
        """False: the client must be told with `notifications/cancelled`."""
        return False

    async def aclose(self) -> None:
        """Ends the session: every connection ends, stored events go."""
        if self._closed:
            return
        self._closed = True
        for stream in self._streams.values():
            stream.detach()
        if not self._inbox.full():
            self._inbox.put_nowait(None)
        if self.store is not None:
            for number in range(self._count):
                await self.store.forget(f"{self._prefix}.{number}")


def requests_in(message: Any) -> list[RequestId]:
    """The ids of the requests in a message or batch, in order; also of malformed ones that get an error answer."""
    parts: list[Any] = message if isinstance(message, list) else [message]
    return [part["id"] for part in parts if is_object(part) and "method" in part and is_request_id(part.get("id"))]


def _answered_in(message: Any) -> list[RequestId]:
    parts: list[Any] = message if isinstance(message, list) else [message]
    ids = [part.get("id") for part in parts if is_object(part) and "method" not in part]
    return [id for id in ids if is_request_id(id)]
