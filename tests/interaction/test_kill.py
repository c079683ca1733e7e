"""The server is killed at a random point of a call: a clear error at once, every frame kept, nothing left behind."""

import asyncio
import os
import random
import signal
import sys
from pathlib import Path

import anyio
import psutil
import pytest
import server as subject

from wireglass import Client
from wireglass.client.transports import StdioTransport
from wireglass.errors import TransportClosed
from wireglass.protocol.messages import Frame

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")]
CORE = Path(__file__).parents[2] / "core"
CALLS = (("count", {"to": 500}), ("big", {"size": 400_000}), ("wait", {}), ("echo", {"a": 1}))


@pytest.mark.parametrize("times", [pytest.param(6), pytest.param(200, marks=pytest.mark.slow)])
async def test_killed_at_a_random_frame(times: int) -> None:
    pick = random.Random(20260728)
    mine = psutil.Process()
    before = set(mine.children(recursive=True))
    most = 0
    for turn in range(times):
        await kill_once(pick)
        if turn < 3:
            # What the first ones open for good (imports, the loop's own) is no leak.
            most = max(most, mine.num_fds())
    # A leak is one at least a turn. The loop closes a dead child's pipes a turn later, and others in this process may
    # open something of their own meanwhile.
    with anyio.fail_after(30):
        while mine.num_fds() > most + 2:  # noqa: ASYNC110 - nobody announces a closed descriptor
            await asyncio.sleep(0.01)
    assert set(mine.children(recursive=True)) <= before


async def kill_once(pick: random.Random) -> None:
    """One connection, one call, killed when a certain number of frames has crossed."""
    frames: list[Frame] = []
    pids: list[int] = []
    last, name_and_arguments = pick.randrange(1, 60), pick.choice(CALLS)
    killed = False

    def tap(frame: Frame) -> None:
        nonlocal killed
        frames.append(frame)
        if len(frames) >= last and pids and not killed:
            killed = True
            os.kill(pids[0], signal.SIGKILL)

    async def call_until_killed() -> None:
        nonlocal killed
        while True:
            calling = asyncio.create_task(client.call_tool(*name_and_arguments, progress_handler=lambda *_: None))
            if name_and_arguments[0] == "wait":
                # Such a call brings no frames that could reach the number.
                await asyncio.sleep(pick.random() / 100)
                if not killed:
                    killed = True
                    os.kill(pids[0], signal.SIGKILL)
            await calling

    target = StdioTransport(sys.executable, [str(subject.__file__)], env={"PYTHONPATH": str(CORE)})
    client = Client(target, tap=tap, mode=pick.choice(["stateless", "2025-11-25"]))
    async with client:
        pids.append(client.session.transport.pid)  # type: ignore[attr-defined]  # a stdio transport
        with pytest.raises(TransportClosed) as closed:
            await asyncio.wait_for(call_until_killed(), 60)
        assert closed.value.exit_status == -signal.SIGKILL
    received = [frame for frame in frames if frame.sender == "server"]
    assert received, "the frames that crossed before the end are kept"
    assert all(frame.at_ns for frame in frames)
    assert has_ended(pids[0])


def has_ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


GRANDCHILD = """
import subprocess, sys, time
sleeper = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(120)"
other = subprocess.Popen([sys.executable, "-c", sleeper])
print('{"jsonrpc": "2.0", "method": "pid", "params": {"pid": %d}}' % other.pid, flush=True)
time.sleep(120)
"""
HOLDER = """
import asyncio, sys
from wireglass.wire.stdio import StdioClientTransport
async def main():
    transport = StdioClientTransport(sys.executable, ["-c", sys.argv[1]])
    await transport.start()
    pid = (await transport.receive()).message["params"]["pid"]
    print(transport.pid, pid, flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


@pytest.mark.slow
async def test_when_we_are_killed_the_servers_whole_group_ends() -> None:
    """Neither child nor grandchild reads stdin, and one ignores SIGTERM: only the guard can end them."""
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, GRANDCHILD, stdout=asyncio.subprocess.PIPE, env={"PYTHONPATH": str(CORE)}
    )
    assert holder.stdout is not None
    pids = [int(word) for word in (await holder.stdout.readline()).split()]
    processes = [psutil.Process(pid) for pid in pids]
    holder.kill()
    await holder.wait()
    _, alive = await asyncio.to_thread(psutil.wait_procs, processes, timeout=60)
    assert [process for process in alive if not has_ended(process.pid)] == []
