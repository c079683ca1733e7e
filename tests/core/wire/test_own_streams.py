"""The server's side of stdio: stdout carries nothing but the protocol, and a slow client loses nothing."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic_core import from_json, to_json

from wireglass.wire import own_streams
from wireglass.wire.base import Received
from wireglass.wire.own_streams import StdioServerTransport
from wireglass.wire.pipe_writer import PipeWriter
from wireglass.wire.stdio import StdioClientTransport

pytestmark = pytest.mark.anyio
CORE = Path(__file__).parents[3] / "core"

SERVE = """
import asyncio, os, subprocess, sys
from wireglass.session import ServerSession
from wireglass.wire.own_streams import StdioServerTransport

async def handle(scope):
    what = scope.params.get("what")
    if what == "print":
        print("printed")
    elif what == "write":
        os.write(1, b"written\\n")
    elif what == "child":
        subprocess.run([sys.executable, "-c", "print('child'); import sys; print(repr(sys.stdin.read()))"])
    elif what == "input":
        return {"end": sys.stdin.read()}
    elif what == "big":
        return {"text": "x" * scope.params["size"]}
    elif what == "long":
        return {"content": [{"type": "text", "text": "x" * scope.params["size"]}]}
    elif what == "wait":
        await asyncio.sleep(0.05)
    return {"protocolVersion": "2025-11-25", "what": what}

print("banner")
asyncio.run(ServerSession(handle, StdioServerTransport()).run())
print("after")
"""


def ask(id: int, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": id, "method": "ping", "params": params}


async def exchange(*messages: dict[str, Any], **options: Any) -> tuple[list[Any], str]:
    """What a server answers, and its stderr."""
    transport = StdioClientTransport(
        sys.executable, ["-c", SERVE], env={"PYTHONPATH": str(CORE), "PYTHONIOENCODING": "utf-8"}, **options
    )
    await transport.start()
    answers: list[Any] = []
    for message in messages:
        await transport.send(message)
        received = await transport.receive()
        assert isinstance(received, Received), received
        answers.append(received.message)
    await transport.aclose()
    return answers, transport.stderr_tail


async def test_whatever_is_printed_goes_to_stderr_with_one_warning() -> None:
    answers, stderr = await exchange(ask(1, what="print"), ask(2, what="write"), ask(3, what="child"))
    assert [answer["id"] for answer in answers] == [1, 2, 3]
    lines = stderr.splitlines()
    assert lines[0] == "banner"
    assert [line for line in lines if not line.startswith("wireglass:")][:4] == [
        "banner",
        "printed",
        "written",
        "child",
    ]
    assert sum(line.startswith("wireglass:") for line in lines) == 1
    assert "''" in lines, "a child of a tool reads nothing of the protocol"


async def test_a_tool_that_reads_stdin_gets_its_end_and_not_the_protocol() -> None:
    answers, _ = await exchange(ask(1, what="input"), ask(2))
    assert answers[0]["result"] == {"end": ""}
    assert answers[1]["id"] == 2


async def test_answers_larger_than_the_pipe_cross_whole_and_in_order() -> None:
    transport = StdioClientTransport(sys.executable, ["-c", SERVE], env={"PYTHONPATH": str(CORE)})
    await transport.start()
    for id in range(1, 6):
        await transport.send(ask(id, what="big", size=700_000))
    await asyncio.sleep(0)
    for id in range(1, 6):
        received = await transport.receive()
        assert isinstance(received, Received)
        assert (received.message["id"], len(received.message["result"]["text"])) == (id, 700_000)
    await transport.aclose()


async def test_long_results_and_short_ones_keep_their_order_with_a_slow_client() -> None:
    """A long text is written in pieces that are made when there is room; what is answered meanwhile comes after it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVE, env={"PYTHONPATH": str(CORE)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        limit=1 << 26,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    asked = [
        ask(1, what="long", size=3_000_000), ask(2), ask(3, what="long", size=5_000_000),
        ask(4, what="big", size=400_000), ask(5, what="long", size=300_000), ask(6),
    ]  # fmt: skip
    process.stdin.write(b"".join(to_json(message) + b"\n" for message in asked))
    await asyncio.sleep(0.3)  # nobody reads meanwhile
    async with asyncio.timeout(20):
        lines = [from_json(await process.stdout.readline()) for _ in asked]
        process.stdin.close()
        await process.wait()
    assert sorted(line["id"] for line in lines) == [1, 2, 3, 4, 5, 6]
    sizes = {line["id"]: len(line["result"].get("content", [{"text": ""}])[0]["text"]) for line in lines}
    assert sizes == {1: 3_000_000, 2: 0, 3: 5_000_000, 4: 0, 5: 300_000, 6: 0}


def run(**options: Any) -> "subprocess.CompletedProcess[bytes]":
    """The server as a plain program, until its stdin ends."""
    command = [sys.executable, "-c", SERVE]
    return subprocess.run(
        command, capture_output=True, env={"PYTHONPATH": str(CORE)}, timeout=60, check=True, **options
    )


def test_what_was_asked_before_the_end_of_stdin_is_answered() -> None:
    done = run(
        input=b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"what":"wait"}}\n'
        b'{"jsonrpc":"2.0","id":2,"method":"ping","params":{"what":"big","size":300000}}'
    )
    *lines, last = done.stdout.splitlines()
    assert sorted(from_json(line)["id"] for line in lines) == [1, 2]
    assert last == b"after", "stdout is given back at the end"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX files")
def test_stdin_may_be_a_file_or_nothing(tmp_path: Path) -> None:
    script = tmp_path / "input"
    script.write_bytes(b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
    with script.open() as source:
        assert run(stdin=source).stdout.startswith(b'{"jsonrpc":"2.0","id":1')
    assert run(stdin=subprocess.DEVNULL).stdout == b"after\n"


@pytest.fixture
async def piped(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[StdioServerTransport, list[bytes]]]:
    """A transport that writes into a pipe, and what it hands to the system with each call."""
    ours, theirs = os.pipe()
    written: list[bytes] = []
    transport = StdioServerTransport()
    transport._diversion = SimpleNamespace(stdin=-1, stdout=theirs, undo=lambda: None)  # type: ignore[assignment]
    transport._loop = asyncio.get_running_loop()
    transport._out = PipeWriter(theirs, transport._loop, transport._make_room)
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: written.append(bytes(data)) or real(fd, data))
    yield transport, written
    os.close(ours)
    os.close(theirs)


def answer_at_once(transport: StdioServerTransport, *, times: int = 1) -> None:
    """Has each line that arrives answered before the next one is looked at."""

    def sink(item: Any) -> None:
        for _ in range(times):
            with contextlib.suppress(StopIteration):
                transport.send({"id": item.message["id"]}).send(None)

    transport.push_to(sink)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
async def test_answers_to_lines_that_came_together_leave_together(
    piped: tuple[StdioServerTransport, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    transport, written = piped
    monkeypatch.setattr(own_streams, "perf_counter_ns", lambda: 0)  # no time passes
    answer_at_once(transport)
    transport._fed(b'{"id":0}\n{"id":1}\n{"id":2}\n')
    assert written == [b'{"id":0}\n{"id":1}\n{"id":2}\n']
    written.clear()
    transport._fed(b'{"id":3}\n')
    assert written == [b'{"id":3}\n'], "a lone one at once"


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
async def test_an_answer_does_not_wait_for_a_slow_neighbour(
    piped: tuple[StdioServerTransport, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    transport, written = piped
    clock = iter(range(0, 10**12, 10**9))  # each look is a second later
    monkeypatch.setattr(own_streams, "perf_counter_ns", lambda: next(clock))
    answer_at_once(transport)
    transport._fed(b'{"id":0}\n{"id":1}\n')
    assert written == [b'{"id":0}\n', b'{"id":1}\n']


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
async def test_a_request_that_sends_much_does_not_keep_it_all(piped: tuple[StdioServerTransport, list[bytes]]) -> None:
    transport, written = piped
    answer_at_once(transport, times=1000)
    transport._fed(b'{"id":7}\n')
    assert b"".join(written) == b'{"id":7}\n' * 1000
    assert 2 < len(written) < 100


async def test_a_line_that_is_no_json_is_told_in_the_same_words_with_a_tap_and_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = (b"{broken", b'{"a": NaN}', b'"\xff"', b"[" * 500, b'{"fine": "\xc3\xa4"}', b"  at indent")
    heard: list[list[Any]] = []
    for tap in (None, lambda _frame: None):
        items: list[Any] = []
        transport = StdioServerTransport(tap=tap)
        transport.push_to(items.append)
        transport._fed(b"\n".join(lines) + b"\n")
        heard.append([item.message if isinstance(item, Received) else item.error.message for item in items])
    assert heard[0] == heard[1]
    assert heard[0][4] == {"fine": "\u00e4"}


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
async def test_answers_of_one_turn_leave_together_and_a_lone_one_at_once(
    piped: tuple[StdioServerTransport, list[bytes]],
) -> None:
    transport, written = piped
    for number in range(4):
        await transport.send({"id": number})
    assert written == [b'{"id":0}\n'], "the first leaves at once"
    await asyncio.sleep(0)
    assert written[1:] == [b'{"id":1}\n{"id":2}\n{"id":3}\n']
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await transport.send({"id": 4})
    assert written[2:] == [b'{"id":4}\n']
    await transport.send({"id": 5})
    transport._polls = False
    await transport.aclose()
    assert written[3:] == [b'{"id":5}\n'], "nothing is left behind"
