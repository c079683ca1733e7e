"""The server's side of stdio: our own stdin and stdout, with stdout kept clean.

While it serves, file descriptor 1 and `sys.stdout` lead to stderr and descriptor 0 to nowhere, so that neither a
`print()`, nor C code, nor a child process of a tool can write into the protocol or read from it.
"""

import asyncio
import contextlib
import io
import os
import stat
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from time import perf_counter_ns
from typing import Final, Literal, TextIO

from pydantic_core import from_json

from wireglass.errors import TransportClosed, TransportError
from wireglass.protocol.framing import LARGE, LineDecoder, dump, parse
from wireglass.protocol.long_text import dump_pieces, has_long_text
from wireglass.protocol.messages import Frame, JsonObject, RequestId
from wireglass.wire.base import Broken, Incoming, Received, Tap

__all__ = ["StdioServerTransport"]

_READ_SIZE: Final = 1 << 16
_LONG_READ_SIZE: Final = 1 << 18
"""Once a read was full. Not from the start: for a buffer this large malloc asks the system for memory and gives it
back, at each read, which costs as much as a third of a small call."""
_LINGER_SECONDS: Final = 2.0
_HIGH_WATER: Final = 1 << 20
"""Bytes waiting to be written before `send` waits for the client to read."""
_UNMADE: Final = _HIGH_WATER + 1
"""What pieces count for that are not made yet: whoever sends them waits until they are."""
_BATCH: Final = 16
"""Pieces written with one call."""
_GATHERS: Final = hasattr(os, "writev")
_MOST_CORKED: Final = 64
"""Lines that wait for others to leave with."""
_CORKED_NS: Final = 500_000
"""How long an answer waits for those of the other requests that came with its own."""


class _StrayOutput(io.TextIOWrapper):
    """What `sys.stdout` is meanwhile: writes to stderr, and says so once."""

    warned = False

    def write(self, text: str, /) -> int:
        if not self.warned and text.strip():
            self.warned = True
            super().write("wireglass: stdout carries the protocol; what is printed goes to stderr.\n")
        return super().write(text)


class _Diversion:
    """Moves the process's stdin and stdout out of everybody's way, and back."""

    def __init__(self) -> None:
        self._python_out: TextIO = sys.stdout
        self.stdin = os.dup(0)
        self.stdout = os.dup(1)
        os.dup2(2, 1)
        nowhere = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nowhere, 0)
        os.close(nowhere)
        with contextlib.suppress(OSError, ValueError):
            # After the move: what was printed during start-up and still waits in the buffer goes to stderr too.
            self._python_out.flush()
        self._stray = _StrayOutput(
            io.FileIO(1, "w", closefd=False), encoding="utf-8", errors="backslashreplace", write_through=True
        )
        sys.stdout = self._stray

    def undo(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stray.flush()
        if sys.stdout is self._stray:
            sys.stdout = self._python_out
        os.dup2(self.stdin, 0)
        os.dup2(self.stdout, 1)
        os.close(self.stdin)
        os.close(self.stdout)


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
        self._diversion: _Diversion | None = None
        self._polls = False
        self._read_size = _READ_SIZE
        self._was_blocking = True
        self._unsent: deque[memoryview | Iterator[bytes]] = deque()
        self._unsent_size = 0
        self._feeding = False
        self._corked = False
        self._corked_lines: list[bytes] = []
        self._room: asyncio.Future[None] | None = None
        self._write_lock = threading.Lock()

    async def start(self) -> None:
        """Takes over stdin and stdout."""
        self._loop = asyncio.get_running_loop()
        self._diversion = _Diversion()
        self._polls = sys.platform != "win32" and self._poll(self._diversion.stdin)
        if not self._polls:
            threading.Thread(target=self._read_in_thread, name="wireglass-stdin", daemon=True).start()
        if sys.platform != "win32" and _is_pipe(self._diversion.stdout):
            # A pipe or socket is ours alone. A terminal is shared with the shell and stays as it is.
            self._was_blocking = os.get_blocking(self._diversion.stdout)
            os.set_blocking(self._diversion.stdout, False)

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
        if self._diversion is None or self._closed:
            raise TransportClosed("Our stdout is closed.")
        if self._tap is None and has_long_text(message):
            self._flush()
            self._write_pieces(chain(dump_pieces(message), (b"\n",)))
        else:
            data = message.encode() if isinstance(message, str) else dump(message)
            if not self._corked:
                self._write(data + b"\n")
                self._cork()
            else:
                self._corked_lines.append(data)
                if len(self._corked_lines) >= _MOST_CORKED:
                    self._flush()
            if self._tap is not None:
                parsed = parse(data)
                self._tap(Frame("server", "stdio", parsed.raw, parsed.value, perf_counter_ns(), parsed.error))
        while self._unsent_size > _HIGH_WATER and not self._ended and not self._closed:
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
        if self._corked_lines:
            lines, self._corked_lines = self._corked_lines, []
            self._write(b"\n".join(lines) + b"\n")

    def _write(self, data: bytes) -> None:
        """Hands over what the pipe takes now and keeps the rest."""
        assert self._diversion is not None
        view = memoryview(data)
        if not self._unsent:
            taken = self._write_some(view)
            if taken == len(data):
                return
            view = view[taken:]
            assert self._loop is not None
            _widen(self._diversion.stdout)
            self._loop.add_writer(self._diversion.stdout, self._writable)
        self._unsent.append(view)
        self._unsent_size += len(view)

    def _write_pieces(self, pieces: Iterator[bytes]) -> None:
        """Hands over what the pipe takes now; what is left is made when the pipe has room for it."""
        assert self._diversion is not None
        assert self._loop is not None
        rest: list[memoryview] = []
        if not self._unsent:
            _widen(self._diversion.stdout)
            rest = self._take_pieces(pieces)
            if not rest:
                return
            self._loop.add_writer(self._diversion.stdout, self._writable)
        self._unsent.extend(rest)
        self._unsent.append(pieces)
        self._unsent_size += sum(map(len, rest)) + _UNMADE

    def _take_pieces(self, pieces: Iterator[bytes]) -> list[memoryview]:
        """Writes pieces until there are no more, or the pipe is full: then what it did not take of those made."""
        while batch := list(islice(pieces, _BATCH)):
            if rest := self._write_batch(batch):
                return rest
        return []

    def _write_batch(self, batch: list[bytes]) -> list[memoryview]:
        """What the pipe did not take. Raises TransportClosed when nobody reads."""
        views = [memoryview(piece) for piece in batch]
        assert self._diversion is not None
        while views:
            try:
                taken = (
                    os.writev(self._diversion.stdout, views) if _GATHERS else os.write(self._diversion.stdout, views[0])
                )
            except BlockingIOError:
                return views
            except InterruptedError:
                continue
            except OSError as error:
                raise TransportClosed("The client no longer reads our stdout.") from error
            while views and taken >= len(views[0]):
                taken -= len(views.pop(0))
            if taken:
                views[0] = views[0][taken:]
        return views

    def _write_some(self, view: memoryview) -> int:
        """How many bytes the pipe took. Raises TransportClosed when nobody reads."""
        assert self._diversion is not None
        taken = 0
        while taken < len(view):
            try:
                taken += os.write(self._diversion.stdout, view[taken:])
            except BlockingIOError:
                break
            except InterruptedError:
                continue
            except OSError as error:
                raise TransportClosed("The client no longer reads our stdout.") from error
        return taken

    def _writable(self) -> None:
        assert self._diversion is not None
        assert self._loop is not None
        try:
            while self._unsent:
                view = self._unsent.popleft()
                if not isinstance(view, memoryview):
                    rest = self._take_pieces(view)
                    if rest:
                        self._unsent.appendleft(view)
                        self._unsent.extendleft(reversed(rest))
                        self._unsent_size += sum(map(len, rest))
                        break
                    self._unsent_size -= _UNMADE
                    continue
                taken = self._write_some(view)
                self._unsent_size -= taken
                if taken < len(view):
                    self._unsent.appendleft(view[taken:])
                    break
        except TransportClosed:
            self._drop_unsent()  # nobody reads; the end of stdin will follow
        if not self._unsent:
            self._loop.remove_writer(self._diversion.stdout)
        if self._unsent_size <= _HIGH_WATER and self._room is not None and not self._room.done():
            self._room.set_result(None)

    def _drop_unsent(self) -> None:
        self._unsent.clear()
        self._unsent_size = 0

    async def negotiated(self, version: str) -> None:
        """Only the client's end is told."""

    async def abandon(self, request_id: RequestId) -> Literal[False]:
        """The session has to send a cancel."""
        return False

    async def aclose(self) -> None:
        """Sends what is left, then gives stdin and stdout back."""
        if self._closed or self._diversion is None or self._loop is None:
            self._closed = True
            return
        with contextlib.suppress(TransportClosed):
            self._flush()
        if self._unsent:
            await self._send_rest()
        self._closed = True
        if self._polls:
            self._loop.remove_reader(self._diversion.stdin)
        if sys.platform != "win32" and self._was_blocking:
            with contextlib.suppress(OSError):
                os.set_blocking(self._diversion.stdout, True)
        self._wake()
        self._diversion.undo()

    async def _send_rest(self) -> None:
        """Gives a slow client a moment to read what is left; a client that is gone makes the pipe break at once."""
        assert self._diversion is not None
        assert self._loop is not None
        for _ in range(40):
            if not self._unsent:
                return
            await asyncio.sleep(_LINGER_SECONDS / 40)
        self._loop.remove_writer(self._diversion.stdout)
        self._drop_unsent()


def _item(line: bytes) -> Incoming:
    """What a line is to the session. Its text, which only a tap wants to see, is not made."""
    if len(line) <= LARGE:
        try:
            return Received(from_json(line, allow_inf_nan=False))
        except ValueError:
            pass  # `parse` finds the words
    parsed = parse(line)
    return Received(parsed.value) if parsed.error is None else Broken(TransportError(parsed.error))


def _is_pipe(descriptor: int) -> bool:
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _widen(descriptor: int) -> None:
    """Lets a Linux pipe hold a megabyte instead of 64 KiB: a large answer then crosses in a few wake-ups."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, 1 << 20)
