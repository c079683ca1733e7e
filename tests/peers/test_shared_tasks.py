"""Tasks over two processes and one Redis: whichever gets a request, the client sees one task."""

import asyncio
import contextlib
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from peers.processes import environment, free_port, listening
from peers.round_robin import round_robin
from wireglass import Client

pytestmark = [pytest.mark.peer, pytest.mark.anyio]

SERVER = """
import asyncio, os
from datetime import timedelta
from wireglass import Context, FastMCP
from wireglass.server.components import TaskConfig

mcp = FastMCP("tasks", storage=os.environ["STORE"])
often = TaskConfig(mode="required", poll_interval=timedelta(milliseconds=50))

@mcp.tool(task=often)
async def greet(ctx: Context) -> dict[str, str]:
    await asyncio.sleep(0.5)
    first = await ctx.elicit("First?", str)
    second = await ctx.elicit("Second?", str)
    return {"first": first.data, "second": second.data, "process": str(os.getpid())}

@mcp.tool(task=often)
async def fail() -> str:
    await asyncio.sleep(0.5)
    raise ValueError("wrong")

@mcp.tool(task=often)
async def wait() -> str:
    await asyncio.sleep(600)
    return "never"
"""


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[int]]:
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed")
    folder: Path = tmp_path_factory.mktemp("tasks")
    (folder / "server.py").write_text(SERVER)
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with contextlib.ExitStack() as stack:
        stack.enter_context(listening(command, port, environment(ours=False), folder / "redis.txt"))
        variables = {**environment(ours=True), "STORE": f"redis://127.0.0.1:{port}"}
        ports = [free_port(), free_port()]
        for own in ports:
            line = [sys.executable, "-W", "ignore", "-m", "wireglass.cli.main", "run", str(folder / "server.py")]
            line += ["--runtime", "embedded", "--transport", "http", "--port", str(own)]
            stack.enter_context(listening(line, own, variables, folder / f"{own}.txt"))
        yield ports


@pytest.fixture
async def url(workers: list[int]) -> AsyncIterator[str]:
    async with round_robin(workers) as port:
        yield f"http://127.0.0.1:{port}/mcp"


async def answer(message: str, response_type: Any, params: Any, context: Any) -> Any:
    return {"value": message.removesuffix("?").lower()}


async def test_questions_and_results_of_a_task_reach_the_client_through_both_processes(url: str) -> None:
    async with Client(url, mode="stateless", elicitation_handler=answer, timeout=60) as client:
        seen: set[str] = set()
        for number in range(4):
            if number % 2:
                await client.list_tools()  # one request more, so that the next call reaches the other process
            said = (await client.call_tool("greet", {})).structured_content
            assert (said["first"], said["second"]) == ("first", "second")
            seen.add(said["process"])
        assert seen


async def test_a_failure_is_told_by_either(url: str) -> None:
    async with Client(url, mode="stateless", timeout=60) as client:
        for _ in range(2):
            result = await client.call_tool("fail", {}, raise_on_error=False)
            assert result.is_error
            assert "wrong" in result.content[0].text


async def test_a_cancel_reaches_the_process_that_runs_it(url: str) -> None:
    async with Client(url, mode="stateless", timeout=60) as client:
        meta = {"io.modelcontextprotocol/clientCapabilities": {"extensions": {"io.modelcontextprotocol/tasks": {}}}}
        for _ in range(2):
            reply = await client.session.request("tools/call", {"name": "wait", "arguments": {}, "_meta": meta})
            named = {"taskId": reply["taskId"], "_meta": meta}
            await client.session.request("tasks/cancel", dict(named))
            async with asyncio.timeout(30):
                while (await client.session.request("tasks/get", dict(named)))["status"] != "cancelled":  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
