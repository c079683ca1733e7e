"""A child process over stdio: messages, noise, stderr, and that nothing is left of it."""

import asyncio
import sys
from pathlib import Path

import anyio
import psutil
import pytest

from wireglass.errors import TransportClosed, TransportError
from wireglass.protocol.messages import Frame
from wireglass.wire.base import Broken, Received
from wireglass.wire.stdio import StdioClientTransport

pytestmark = pytest.mark.anyio

ECHO = """
import sys
for line in sys.stdin:
    sys.stdout.write(line); sys.stdout.flush()
"""


def child(code: str, **options: object) -> StdioClientTransport:
    return StdioClientTransport(sys.executable, ["-c", code], grace=1.0, **options)  # type: ignore[arg-type]


async def test_messages_come_back_and_both_directions_are_tapped() -> None:
    frames: list[Frame] = []
    transport = child(ECHO, tap=frames.append)
    await transport.start()
    await transport.send({"jsonrpc": "2.0", "id": 1, "method": "é"})
    received = await transport.receive()
    assert received == Received({"jsonrpc": "2.0", "id": 1, "method": "é"})
    await transport.aclose()
    assert [(f.sender, f.raw) for f in frames] == [
        ("client", '{"jsonrpc":"2.0","id":1,"method":"é"}'),
        ("server", '{"jsonrpc":"2.0","id":1,"method":"é"}'),
    ]


async def test_a_line_of_ten_megabytes_is_one_message() -> None:
    transport = child(ECHO)
    await transport.start()
    await transport.send({"text": "x" * 10_000_000})
    received = await transport.receive()
    assert isinstance(received, Received)
    assert len(received.message["text"]) == 10_000_000
    await transport.aclose()


async def test_noise_on_stdout_is_a_frame_with_an_error_and_the_next_message_still_arrives() -> None:
    frames: list[Frame] = []
    transport = child("print('hello'); print('{\"a\": 1}', flush=True); input()", tap=frames.append)
    await transport.start()
    assert isinstance(await transport.receive(), Broken)
    assert await transport.receive() == Received({"a": 1})
    await transport.aclose()
    assert frames[0].raw == "hello"
    assert frames[0].error is not None


async def test_an_exit_tells_status_and_stderr() -> None:
    lines: list[str] = []
    transport = child("import sys; sys.stderr.write('no\\nluck\\n'); sys.exit(3)", on_stderr=lines.append)
    await transport.start()
    with pytest.raises(TransportClosed) as closed:
        await transport.receive()
    assert closed.value.exit_status == 3
    assert closed.value.stderr_tail == "no\nluck"
    assert lines == ["no", "luck"]
    with pytest.raises(TransportClosed):
        await transport.send({})
    await transport.aclose()


@pytest.mark.parametrize(("command", "cwd"), [("no-such-program-here", None), (sys.executable, "/no/such/folder")])
async def test_what_cannot_start_says_so(command: str, cwd: str | None) -> None:
    with pytest.raises(TransportError) as error:
        await StdioClientTransport(command, cwd=cwd).start()
    assert error.value.next_step


async def test_only_safe_variables_reach_the_child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("A_SECRET", "s")
    code = "import os, json; print(json.dumps([os.environ.get('A_SECRET'), os.environ.get('MINE'), os.getcwd()]))"
    transport = child(code, env={"MINE": "m"}, cwd=tmp_path)
    await transport.start()
    assert await transport.receive() == Received([None, "m", str(tmp_path)])
    await transport.aclose()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
async def test_a_child_that_ignores_everything_is_killed_with_its_children() -> None:
    code = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
other = subprocess.Popen([sys.executable, "-c", stubborn])
print(other.pid, flush=True)
time.sleep(60)
"""
    transport = StdioClientTransport(sys.executable, ["-c", code], grace=0.2)
    await transport.start()
    received = await transport.receive()
    assert isinstance(received, Received)
    pids = [transport.pid, received.message]
    assert all(pids)
    await transport.aclose()
    with anyio.fail_after(30):  # the kernel ends what it was told to kill at a moment of its own
        while not all(map(has_ended, pids)):  # noqa: ASYNC110 - a grandchild's end is not announced to us
            await asyncio.sleep(0.01)


def has_ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def test_a_cancelled_close_still_ends_the_child() -> None:
    transport = StdioClientTransport(sys.executable, ["-c", "import time; time.sleep(60)"], grace=0.2)
    await transport.start()
    closing = asyncio.create_task(transport.aclose())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    await transport.aclose()
    assert transport.exit_status is not None


async def test_an_answer_that_cannot_be_read_names_its_request() -> None:
    transport = child(ECHO)
    await transport.start()
    await transport.send('{"jsonrpc":"2.0","id":4,"result":' + "[" * 500 + "]" * 500 + "}")
    received = await transport.receive()
    assert isinstance(received, Broken)
    assert received.request_id == 4
    assert "nested too deeply (line 1 column" in received.error.message
    await transport.aclose()
