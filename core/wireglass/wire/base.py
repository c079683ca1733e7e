"""What every transport promises, and the tap that copies each frame before anyone reads it."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from wireglass.errors import TransportError
from wireglass.protocol.messages import Frame, JsonObject, RequestId
from wireglass.records import field, record

__all__ = ["Broken", "HttpContext", "Incoming", "Pushing", "Received", "Streaming", "Tap", "Transport"]

Tap = Callable[[Frame], None]
"""Gets each frame, in both directions, on the loop's thread. Must be quick and must not raise."""


@record(frozen=True)
class HttpContext:
    """Server side: the HTTP request that brought a message, and who sent it."""

    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Lower-case names."""
    scope: Any = None
    """The ASGI scope."""
    principal: str | None = None
    """Whoever the access token speaks for, or None without authorization."""
    access_token: Any = None


@record
class Received:
    """A JSON value from the peer: an object, an array (a batch of 2025-03-26), or anything else it sent."""

    message: Any
    headers: Mapping[str, str] | None = None
    """HTTP only: headers of the answer that carried it, lower-case names."""
    status: int | None = None
    """HTTP only: the status of that answer."""
    answers: RequestId | None = None
    """HTTP only: the request whose own answer this is, for peers whose error bodies do not repeat its id."""
    http: HttpContext | None = None
    """Server side of HTTP only."""


@record
class Broken:
    """Something arrived that is not JSON, or one request failed below JSON-RPC. The connection lives on."""

    error: TransportError
    request_id: RequestId | None = None
    """The request that will get no answer because of it, if one can be named."""


Incoming = Received | Broken


class Transport(Protocol):
    """One connection to one peer. Owned by a single session; `send` may be called from several tasks."""

    name: str
    """"stdio", "memory", "streamable-http" or "sse"."""

    async def start(self) -> None:
        """Opens the connection. Raises TransportError with a next step for the reader."""
        ...

    async def send(
        self,
        message: JsonObject | list[JsonObject] | str,
        *,
        related: RequestId | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Sends one message (a str is sent as it is: the raw composer).

        `related` is the peer's request that the message belongs to, so that HTTP picks the right stream. `headers`
        are protocol headers (`Mcp-Method`, ...) that only HTTP carries. Returns when the bytes are handed over.
        Raises TransportClosed when the peer is gone.
        """
        ...

    async def receive(self) -> Incoming:
        """Waits for what the peer sends next. Raises TransportClosed at the end."""
        ...

    async def negotiated(self, version: str) -> None:
        """Told once by the client's session when the protocol version is settled: after the answer to `initialize`
        and its `notifications/initialized`, or at once when no handshake is needed. HTTP opens its GET stream here."""
        ...

    async def abandon(self, request_id: RequestId) -> bool:
        """Stops waiting for one of our requests. True if that tells the peer by itself (a closed HTTP stream at
        2026-07-28), False if the session must send `notifications/cancelled`."""
        ...

    async def aclose(self) -> None:
        """Ends the connection and whatever it started. Safe to call twice; never raises."""
        ...


@runtime_checkable
class Pushing(Protocol):
    """A transport that can do without a queue: it saves a turn of the loop for each message."""

    def push_to(self, sink: Callable[[Incoming], None]) -> None:
        """From here on hands each arrival to `sink` in the moment it is read, also those that wait already.
        `receive` then only reports the end. `sink` never raises."""
        ...


@runtime_checkable
class Streaming(Protocol):
    """A transport with a stream for each request of the peer: it must be told of those that get no answer."""

    def dropped(self, request_id: RequestId) -> None:
        """The peer has cancelled its request: nothing more comes for it. Unknown ids are ignored."""
        ...
