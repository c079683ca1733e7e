"""Two ends in one process. Messages cross as JSON text, so that nothing works here that fails on a real wire."""

import asyncio
from collections import deque
from collections.abc import Mapping
from time import perf_counter_ns
from typing import Literal

from wireglass.errors import TransportClosed, TransportError
from wireglass.protocol.framing import dump, parse
from wireglass.protocol.messages import Frame, JsonObject, RequestId, Sender
from wireglass.wire.base import Broken, Incoming, Received, Tap

__all__ = ["MemoryTransport", "memory_pair"]


class MemoryTransport:
    """One end of a pair. Make both with `memory_pair`."""

    name = "memory"

    def __init__(self, side: Sender, tap: Tap | None = None) -> None:
        self._side: Sender = side
        self._tap = tap
        self.peer: MemoryTransport | None = None
        self._arrived: deque[Incoming] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False

    async def start(self) -> None:
        """Nothing to open."""

    async def send(
        self,
        message: JsonObject | list[JsonObject] | str,
        *,
        related: RequestId | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Hands the message to the other end. Raises TransportClosed when either end is closed."""
        peer = self.peer
        if self._closed or peer is None or peer._closed:
            raise TransportClosed("The other end of the in-memory connection is closed.")
        parsed = parse(message.encode() if isinstance(message, str) else dump(message))
        if self._tap is not None:
            frame = Frame(self._side, "memory", parsed.raw, parsed.value, perf_counter_ns(), parsed.error)
            self._tap(frame)
        peer._deliver(Received(parsed.value) if parsed.error is None else Broken(TransportError(parsed.error)))

    def _deliver(self, item: Incoming) -> None:
        self._arrived.append(item)
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def receive(self) -> Incoming:
        """The next message. What was sent before the other end closed is still delivered."""
        while not self._arrived:
            if self._closed or self.peer is None or self.peer._closed:
                raise TransportClosed("The other end of the in-memory connection is closed.")
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._arrived.popleft()

    async def negotiated(self, version: str) -> None:
        """Nothing depends on the version here."""

    async def abandon(self, request_id: RequestId) -> Literal[False]:
        """The session has to send a cancel."""
        return False

    async def aclose(self) -> None:
        """Closes both directions; the other end sees TransportClosed."""
        self._closed = True
        self._wake()
        if self.peer is not None:
            self.peer._wake()


def memory_pair(tap: Tap | None = None) -> tuple[MemoryTransport, MemoryTransport]:
    """A connected pair: the client's end and the server's. `tap` gets every frame once, in both directions."""
    client, server = MemoryTransport("client", tap), MemoryTransport("server", tap)
    client.peer, server.peer = server, client
    return client, server
