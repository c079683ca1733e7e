"""The client's side of stdio: launches a server as a child process and speaks over its stdin and stdout.

Source: "stdio" on the transports page of every revision. The server's side is `wire/own_streams.py`.
"""

import asyncio
import contextlib
import os
import signal
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter_ns
from typing import Any, Final, Literal, cast

from wireglass.errors import TransportClosed, TransportError
from wireglass.protocol.framing import MAX_MESSAGE_BYTES, LineDecoder, answered_id, dump, parse
from wireglass.protocol.messages import Frame, JsonObject, RequestId
from wireglass.wire.base import Broken, Incoming, Received, Tap
from wireglass.wire.child import (
    Guard,
    batch_command,
    child_environment,
    end_group,
    find_program,
    group_is_alive,
    guard_child,
    safe_environment,
    start_options,
)
from wireglass.wire.own_streams import StdioServerTransport

__all__ = ["StdioClientTransport", "StdioServerTransport"]

_STDERR_LINES: Final = 200
_STDERR_LINE_CHARACTERS: Final = 4000
_PAUSE_AT: Final = 10_000
"""Messages waiting to be read before we stop reading the pipe: a flood fills the pipe, not our memory."""


class StdioClientTransport:
    """One server process. `start` launches it, `aclose` ends it and everything it started."""

    name = "stdio"

    def __init__(
        self,
        command: str,
        args: Sequence[str] = (),
        *,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        tap: Tap | None = None,
        on_stderr: Callable[[str], object] | None = None,
        inherit_env: bool = False,
        grace: float = 2.0,
    ) -> None:
        """`env` is added to a safe subset of our environment (`inherit_env`: to all of it). `on_stderr` gets each
        line of the child's stderr. `grace` is in seconds: the wait after each step of the shutdown."""
        self.command = command
        self.args = tuple(args)
        self.env = child_environment(os.environ if inherit_env else safe_environment(), env or {})
        self.cwd = None if cwd is None else os.fspath(cwd)
        self._tap = tap
        self._on_stderr = on_stderr
        self._grace = grace
        self._arrived: deque[Incoming] = deque()
        self._accept: Callable[[Incoming], None] = self._arrived.append
        self._waiter: asyncio.Future[None] | None = None
        self._stderr: deque[str] = deque(maxlen=_STDERR_LINES)
        self._process: asyncio.SubprocessTransport | None = None
        self._protocol: _Pipes | None = None
        self._stdin: asyncio.WriteTransport | None = None
        self._guard: Guard | None = None
        self._ended = False
        self._closing: asyncio.Task[None] | None = None
        self._paused = False

    @property
    def pid(self) -> int | None:
        """The child's process id, once it has been started."""
        return None if self._process is None else self._process.get_pid()

    @property
    def exit_status(self) -> int | None:
        """The child's exit status (negative: the signal that ended it), or None while it runs."""
        return None if self._process is None else self._process.get_returncode()

    @property
    def stderr_tail(self) -> str:
        """The last lines of the child's stderr."""
        return "\n".join(self._stderr)

    # Start

    async def start(self) -> None:
        """Launches the child. Raises TransportError when there is no such program or folder."""
        program = find_program(self.command, self.env, self.cwd)
        loop = asyncio.get_running_loop()
        options = cast("dict[str, Any]", {**start_options(), "env": self.env, "cwd": self.cwd})
        batch = batch_command(program, self.args)
        try:
            if batch is None:
                starting = loop.subprocess_exec(lambda: _Pipes(self), program, *self.args, **options)
            else:
                starting = loop.subprocess_shell(lambda: _Pipes(self), batch, **options)
            process, protocol = await starting
        except OSError as error:
            raise TransportError(
                f"{self.command} could not be started: {error.strerror or error}.",
                next_step="Try the same command in a terminal.",
            ) from error
        self._process, self._protocol = process, protocol
        self._stdin = cast(asyncio.WriteTransport, process.get_pipe_transport(0))
        self._guard = guard_child(process.get_pid())

    # Messages

    async def send(
        self,
        message: JsonObject | list[JsonObject] | str,
        *,
        related: RequestId | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Writes one line; waits while the pipe is full. Raises TransportClosed."""
        data = message.encode() if isinstance(message, str) else dump(message)
        queued = perf_counter_ns() if self._tap is not None else 0
        if self._protocol is not None and self._protocol.full is not None:
            await self._protocol.full.wait()
        stdin = self._stdin
        if stdin is None or self._ended or stdin.is_closing():
            if stdin is not None and self._protocol is not None and self._closing is None:
                await self._protocol.wait_exit(1.0)  # the pipe breaks a moment before the exit status is known
            raise self._closed_error()
        stdin.write(data + b"\n")
        if self._tap is not None:
            parsed = parse(data)
            self._tap(
                Frame("client", "stdio", parsed.raw, parsed.value, perf_counter_ns(), parsed.error, queued_ns=queued)
            )

    def push_to(self, sink: Callable[[Incoming], None]) -> None:
        """Hands each arrival to `sink` when it is read; `receive` then only reports the end."""
        self._accept = sink
        while self._arrived:
            sink(self._arrived.popleft())

    async def receive(self) -> Incoming:
        """The next line of the child's stdout. Raises TransportClosed, with exit status and stderr, at the end."""
        while not self._arrived:
            if self._ended:
                raise self._closed_error()
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        if self._paused and len(self._arrived) < _PAUSE_AT // 2:
            self._pause(False)
        return self._arrived.popleft()

    def take_lines(self, lines: list[bytes]) -> None:
        """Called with complete lines of stdout, in order."""
        at = perf_counter_ns()
        for line in lines:
            parsed = parse(line)
            if self._tap is not None:
                self._tap(Frame("server", "stdio", parsed.raw, parsed.value, at, parsed.error))
            if parsed.error is None:
                self._accept(Received(parsed.value))
            else:
                error = TransportError(f"The server wrote a line that is no message. {parsed.error}")
                self._accept(Broken(error, answered_id(parsed.raw)))
        if len(self._arrived) > _PAUSE_AT and not self._paused:
            self._pause(True)
        self._wake()

    def take_oversized(self, head: bytes) -> None:
        """Called when a line was too long to keep, with how it began."""
        raw = head.decode(errors="backslashreplace")
        text = f"The server wrote a line of more than {MAX_MESSAGE_BYTES >> 20} MiB; it was dropped."
        if self._tap is not None:
            self._tap(Frame("server", "stdio", raw, None, perf_counter_ns(), text))
        self._accept(Broken(TransportError(text), answered_id(raw)))
        self._wake()

    def take_stderr(self, line: bytes) -> None:
        """Called with each line of stderr."""
        text = line.decode(errors="backslashreplace")[:_STDERR_LINE_CHARACTERS]
        self._stderr.append(text)
        if self._on_stderr is not None:
            self._on_stderr(text)

    def take_end(self) -> None:
        """Called when nothing more will arrive."""
        self._ended = True
        if self._protocol is not None and self._protocol.full is not None:
            self._protocol.full.set()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _pause(self, pause: bool) -> None:
        stdout = None if self._process is None else self._process.get_pipe_transport(1)
        if stdout is None or stdout.is_closing():
            return
        reader = cast(asyncio.ReadTransport, stdout)
        reader.pause_reading() if pause else reader.resume_reading()
        self._paused = pause

    async def negotiated(self, version: str) -> None:
        """Nothing depends on the version here."""

    async def abandon(self, request_id: RequestId) -> Literal[False]:
        """The session has to send a cancel."""
        return False

    # End

    def _closed_error(self) -> TransportClosed:
        status = self.exit_status
        if status is None:
            text = "The server closed its output." if self._process is not None else "The server is not running."
        elif status < 0:
            text = f"The server was ended by {_signal_name(-status)}."
        else:
            text = f"The server exited with status {status}."
        step = "The end of its stderr may tell why." if self._stderr else "Run the same command in a terminal."
        return TransportClosed(text, exit_status=status, stderr_tail=self.stderr_tail, next_step=step)

    async def aclose(self) -> None:
        """Closes stdin, then after `grace` seconds SIGTERM, then SIGKILL, to the child and all it started."""
        if self._process is None:
            return
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close(self._process))
        await asyncio.shield(self._closing)

    async def _close(self, process: asyncio.SubprocessTransport) -> None:
        protocol = self._protocol
        assert protocol is not None
        pid = process.get_pid()
        try:
            if self._stdin is not None:
                self._stdin.close()
            if self._paused:
                self._pause(False)
            if not await protocol.wait_exit(self._grace):
                # On Windows console programs cannot be asked: then there is nothing to wait for.
                asked = await asyncio.to_thread(end_group, pid, force=False)
                if not asked or not await protocol.wait_exit(self._grace):
                    await asyncio.to_thread(end_group, pid, force=True)
                    await protocol.wait_exit(self._grace)
            await self._end_rest(pid)
        finally:
            # Also when the loop is being torn down under us: nothing may be left running.
            if process.get_returncode() is None:
                end_group(pid, force=True)
            process.close()
            if self._guard is not None:
                self._guard.release()
            self.take_end()

    async def _end_rest(self, pid: int) -> None:
        """Ends what the child left behind in its group."""
        if not group_is_alive(pid) or not end_group(pid, force=False):
            return
        for _ in range(20):
            await asyncio.sleep(self._grace / 40)
            if not group_is_alive(pid):
                return
        end_group(pid, force=True)


class _Pipes(asyncio.SubprocessProtocol):
    """Hears asyncio's events about the child and passes them on as lines."""

    def __init__(self, owner: StdioClientTransport) -> None:
        self._owner = owner
        self._out = LineDecoder()
        self._err = LineDecoder()
        self._exited = asyncio.Event()
        self._out_closed = False
        self._oversized = 0
        self.full: asyncio.Event | None = None
        """Set again when the pipe to the child has room; None while it has."""

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 2:
            for line in self._err.feed(data):
                self._owner.take_stderr(line)
            return
        if lines := self._out.feed(data):
            self._owner.take_lines(lines)
        if self._out.oversized > self._oversized:
            self._oversized = self._out.oversized
            self._owner.take_oversized(self._out.head)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        if fd == 2:
            for line in self._err.close():
                self._owner.take_stderr(line)
        elif fd == 1:
            if lines := self._out.close():
                self._owner.take_lines(lines)
            self._out_closed = True
            self._end_soon(1.0)  # the exit status usually follows at once and makes a better message

    def process_exited(self) -> None:
        self._exited.set()
        self._end_soon(0.5)  # a grandchild may hold the pipe open for ever

    def _end_soon(self, seconds: float) -> None:
        delay = 0.0 if self._out_closed and self._exited.is_set() else seconds
        asyncio.get_running_loop().call_later(delay, self._owner.take_end)

    def connection_lost(self, exc: Exception | None) -> None:
        self._owner.take_end()

    def pause_writing(self) -> None:
        self.full = asyncio.Event()

    def resume_writing(self) -> None:
        if self.full is not None:
            self.full.set()
        self.full = None

    async def wait_exit(self, seconds: float) -> bool:
        """Whether the child has ended within `seconds`."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._exited.wait(), seconds)
        return self._exited.is_set()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
