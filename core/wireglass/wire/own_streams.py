"""The server's side of stdio: our own stdin and stdout, with stdout kept clean (`diversion`)."""

import asyncio
import contextlib
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from itertools import chain
from time import perf_counter_ns
from typing import Final, Literal

from pydantic_core import from_json

from wireglass.errors import TransportClosed, TransportError
from wireglass.protocol.framing import LARGE, LineDecoder, dump, parse
from wireglass.protocol.long_text import dump_pieces, has_long_text
from wireglass.protocol.messages import Frame, JsonObject, RequestId
from wireglass.wire.base import Broken, Incoming, Received, Tap
from wireglass.wire.diversion import Diversion
from wireglass.wire.pipe_writer import PipeWriter

__all__ = ["StdioServerTransport"]

_READ_SIZE: Final = 1 << 16
_LONG_READ_SIZE: Final = 1 << 18
"""Once a read was full. Not from the start: for a buffer this large malloc asks the system for memory and gives it
back, at each read, which costs as much as a third of a small call."""
_LINGER_SECONDS: Final = 2.0
_MOST_CORKED: Final = 64
"""Lines that wait for others to leave with."""
_CORKED_NS: Final = 500_000
"""How long an answer waits for those of the other requests that came with its own."""


class StdioServerTransport:
    """Our own stdin and stdout. Only one may be open in a process at a time."""

    name = "stdio"

    def __init__(self, *, tap: Tap | None = None) -> None:
        self._tap = tap
        self._lines = LineDecoder()
        self._arrived: deque[Incoming] = deque()
        self._accept: Callable[[Incoming], None] = self._arrived.append
        self._waiter: asyncio.Future[None] | None = None
        self._ended = False
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._diversion: Diversion | None = None
        self._out: PipeWriter | None = None
        self._polls = False
        self._read_size = _READ_SIZE
        self._feeding = False
        self._corked = False
        self._corked_lines: list[bytes] = []
        self._room: asyncio.Future[None] | None = None

    async def start(self) -> None:
        """Takes over stdin and stdout."""
        self._loop = asyncio.get_running_loop()
        self._diversion = Diversion()
        self._out = PipeWriter(self._diversion.stdout, self._loop, self._make_room)
        self._polls = sys.platform != "win32" and self._poll(self._diversion.stdin)
        if not self._polls:
            threading.Thread(target=self._read_in_thread, name="wireglass-stdin", daemon=True).start()

    def _poll(self, descriptor: int) -> bool:
        """Lets the loop wait for stdin, if it can: for pipes, sockets and terminals, not for files and /dev/null."""
        assert self._loop is not None
        try:
            self._loop.add_reader(descriptor, self._readable)
        except (OSError, NotImplementedError):
            return False
        return True

    # Messages

    def _readable(self) -> None:
        assert self._diversion is not None
        try:
            data = os.read(self._diversion.stdin, self._read_size)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        self._read_size = _LONG_READ_SIZE if len(data) == self._read_size else _READ_SIZE
        self._fed(data)

    def _read_in_thread(self) -> None:
        assert self._diversion is not None
        assert self._loop is not None
        descriptor, loop = self._diversion.stdin, self._loop
        data = b"start"
        while data and not self._closed:
            try:
                data = os.read(descriptor, _LONG_READ_SIZE)
            except OSError:
                data = b""
            try:
                loop.call_soon_threadsafe(self._fed, data)
            except RuntimeError:
                return  # the loop is closed; nobody listens

    def _fed(self, data: bytes) -> None:
        lines = self._lines.feed(data) if data else self._lines.close()
        if self._tap is None:
            self._take(lines)
        else:
            self._take_tapped(lines, self._tap)
        if not data:
            self._end()
            self._wake()
        elif self._arrived:
            self._wake()

    def _take(self, lines: list[bytes]) -> None:
        """Hands over each line. Many requests are answered while it is: the answers of lines that came together leave
        together, unless one of them takes its time."""
        together = self._corked = len(lines) > 1
        self._feeding = True
        since = perf_counter_ns()
        try:
            for line in lines:
                self._accept(_item(line))
                if together and self._corked_lines and (now := perf_counter_ns()) - since > _CORKED_NS:
                    self._flush()
                    since = now
            self._flush()
        except TransportClosed:
            pass  # nobody reads; the end of stdin will follow
        finally:
            self._feeding = self._corked = False

    def _take_tapped(self, lines: list[bytes], tap: Tap) -> None:
        at = perf_counter_ns()
        for line in lines:
            parsed = parse(line)
            tap(Frame("client", "stdio", parsed.raw, parsed.value, at, parsed.error))
            self._accept(Received(parsed.value) if parsed.error is None else Broken(TransportError(parsed.error)))

    def _end(self) -> None:
        self._ended = True
        if self._polls and self._loop is not None and self._diversion is not None:
            self._loop.remove_reader(self._diversion.stdin)
        self._make_room()

    def _make_room(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def push_to(self, sink: Callable[[Incoming], None]) -> None:
        """Hands each arrival to `sink` when it is read; `receive` then only reports the end."""
        self._accept = sink
        while self._arrived:
            sink(self._arrived.popleft())

    async def receive(self) -> Incoming:
        """The next line of stdin. Raises TransportClosed at its end."""
        while not self._arrived:
            if self._ended or self._closed:
                raise TransportClosed("The client closed our stdin.")
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._arrived.popleft()

    async def send(
        self,
        message: JsonObject | list[JsonObject] | str,
        *,
        related: RequestId | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Writes one line; waits while the client does not read. Raises TransportClosed."""
        if self._out is None or self._closed:
            raise TransportClosed("Our stdout is closed.")
        if self._tap is None and has_long_text(message):
            self._flush()
            self._out.write_pieces(chain(dump_pieces(message), (b"\n",)))
        else:
            data = message.encode() if isinstance(message, str) else dump(message)
            if not self._corked:
                self._out.write(data + b"\n")
                self._cork()
            else:
                self._corked_lines.append(data)
                if len(self._corked_lines) >= _MOST_CORKED:
                    self._flush()
            if self._tap is not None:
                parsed = parse(data)
                self._tap(Frame("server", "stdio", parsed.raw, parsed.value, perf_counter_ns(), parsed.error))
        while self._out.is_full and not self._ended and not self._closed:
            if self._room is None or self._room.done():
                self._room = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._room)

    def _cork(self) -> None:
        """What else is sent in this turn of the loop goes out together: an answer to a lone request leaves at once,
        and a thousand that were asked together do not cost a thousand system calls."""
        assert self._loop is not None
        if self._tap is None:  # a tap is told when each message left
            self._corked = True
            if not self._feeding:
                self._loop.call_soon(self._uncork)

    def _uncork(self) -> None:
        self._corked = False
        if self._corked_lines and not self._closed:
            try:
                self._flush()
            except TransportClosed:
                return  # nobody reads; the end of stdin will follow
            self._cork()

    def _flush(self) -> None:
        """Writes the lines that wait for the end of the turn. Raises TransportClosed."""
        if self._corked_lines and self._out is not None:
            lines, self._corked_lines = self._corked_lines, []
            self._out.write(b"\n".join(lines) + b"\n")

    async def negotiated(self, version: str) -> None:
        """Only the client's end is told."""

    async def abandon(self, request_id: RequestId) -> Literal[False]:
        """The session has to send a cancel."""
        return False

    async def aclose(self) -> None:
        """Sends what is left, then gives stdin and stdout back."""
        if self._closed or self._diversion is None or self._out is None or self._loop is None:
            self._closed = True
            return
        with contextlib.suppress(TransportClosed):
            self._flush()
        await self._send_rest(self._out)
        self._closed = True
        if self._polls:
            self._loop.remove_reader(self._diversion.stdin)
        self._out.restore()
        self._wake()
        self._diversion.undo()

    async def _send_rest(self, out: PipeWriter) -> None:
        """Gives a slow client a moment to read what is left; a client that is gone makes the pipe break at once."""
        for _ in range(40):
            if not out.is_waiting:
                return
            await asyncio.sleep(_LINGER_SECONDS / 40)
        out.drop()


def _item(line: bytes) -> Incoming:
    """What a line is to the session. Its text, which only a tap wants to see, is not made."""
    if len(line) <= LARGE:
        try:
            return Received(from_json(line, allow_inf_nan=False))
        except ValueError:
            pass  # `parse` finds the words
    parsed = parse(line)
    return Received(parsed.value) if parsed.error is None else Broken(TransportError(parsed.error))
