"""`wireglass run` as a process: over again after a save, in several workers, and to a clean end."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ports import free_port
from wireglass import Client
from wireglass.errors import WireglassError

CORE = str(Path(__file__).resolve().parents[3] / "core")
PATIENCE = 60.0
"""Seconds that a slow machine may take for anything here."""

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"),
]

SERVER = """
import os, pathlib
from contextlib import asynccontextmanager
from fastmcp import Context, FastMCP

@asynccontextmanager
async def lifespan(server):
    yield {}
    with open("ended", "a") as file:
        file.write("x")

mcp = FastMCP("run", lifespan=lifespan)

@mcp.tool
def word() -> str:
    return "WORD"

@mcp.tool
def process() -> int:
    return os.getpid()

@mcp.tool
async def ask(ctx: Context) -> str:
    answer = await ctx.elicit("Who?", str)
    return f"{answer.data}"

@mcp.tool
async def wait() -> str:
    import asyncio
    pathlib.Path("waiting").touch()
    await asyncio.sleep(600)
"""


@asynccontextmanager
async def running(folder: Path, *words: str, word: str = "one") -> AsyncGenerator[tuple[Any, str], None]:
    """A process that serves `server.py` of a folder over HTTP, and its URL."""
    (folder / "server.py").write_text(SERVER.replace("WORD", word))
    port = free_port()
    command = [sys.executable, "-m", "wireglass.cli.main", "run", "server.py", "--runtime", "embedded"]
    command += ["--transport", "http", "--port", str(port), *words]
    environment = {**os.environ, "PYTHONPATH": CORE, "PYTHONDONTWRITEBYTECODE": "1"}
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, cwd=folder, env=environment, stderr=log, stdout=log)
    try:
        yield process, f"http://127.0.0.1:{port}/mcp"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ask(url: str, tool: str, **options: Any) -> Any:
    async with Client(url, timeout=60, **options) as client:
        return (await client.call_tool(tool, {})).data


async def until(wanted: Callable[[], Awaitable[Any]]) -> Any:
    """What `wanted` returns, once that is true. A server that is not there yet is no failure."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                found = await wanted()
                if found:
                    return found
            except (WireglassError, OSError):
                pass
            await asyncio.sleep(0.05)


async def end_of(process: Any, number: signal.Signals = signal.SIGTERM) -> int:
    process.send_signal(number)
    async with asyncio.timeout(PATIENCE):
        return await process.wait()


async def test_a_save_starts_the_server_again_and_a_broken_one_waits_for_the_next(tmp_path: Path) -> None:
    async with running(tmp_path, "--reload") as (process, url):

        async def says(word: str) -> bool:
            return await ask(url, "word") == word

        await until(lambda: says("one"))
        (tmp_path / "server.py").write_text(SERVER.replace("WORD", "two"))
        await until(lambda: says("two"))
        (tmp_path / "server.py").write_text("this is no Python")
        await until(lambda: _gone(url))
        assert process.returncode is None
        (tmp_path / "server.py").write_text(SERVER.replace("WORD", "three"))
        await until(lambda: says("three"))
        await end_of(process)
        await until(lambda: _gone(url))


async def _gone(url: str) -> bool:
    try:
        await ask(url, "word")
    except (WireglassError, OSError):
        return True
    return False


async def test_workers_share_the_requests_and_the_questions(tmp_path: Path) -> None:
    async with running(tmp_path, "--workers", "2") as (process, url):
        seen: set[int] = set()

        async def both() -> bool:
            seen.add(await ask(url, "process"))
            return len(seen) == 2

        await until(both)
        assert process.pid not in seen

        async def answer(*_: Any) -> dict[str, Any]:
            return {"value": "Ada"}

        # Each round of a question may reach the other worker: they share the key that seals its state.
        for _ in range(6):
            assert await ask(url, "ask", mode="stateless", elicitation_handler=answer) == "Ada"
        await end_of(process)
    assert (tmp_path / "ended").read_text() == "xx"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_an_http_server_with_its_lifespan_though_a_call_is_under_way(
    tmp_path: Path, number: signal.Signals
) -> None:
    async with running(tmp_path) as (process, url):
        await until(lambda: ask(url, "word"))
        call = asyncio.ensure_future(ask(url, "wait"))
        await until(lambda: _exists(tmp_path / "waiting"))
        status = await end_of(process, number)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
    assert status in (0, 130, -number)
    assert (tmp_path / "ended").read_text() == "x"
    assert "Traceback" not in (tmp_path / "log").read_text()


async def _exists(path: Path) -> bool:
    return await asyncio.to_thread(path.exists)


def test_stdio_has_no_workers(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    command = [sys.executable, "-m", "wireglass.cli.main", "run", "server.py", "--workers", "2"]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": CORE}, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 1
    assert "--transport http" in done.stderr
