"""Calls in the background, as 2.x spells them: `await client.call_tool(..., task=True)`."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from wireglass import Client, FastMCP
from wireglass.client.background import PromptTask, ResourceTask, ToolTask
from wireglass.client.results import CallToolResult
from wireglass.errors import ToolError
from wireglass.server import tasks as tasks_module
from wireglass.server.components import TaskConfig

pytestmark = pytest.mark.anyio
ERAS = pytest.mark.parametrize("mode", ["stateless", "2025-11-25"])


@pytest.fixture(autouse=True)
def _dialect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREGLASS_DIALECT", "2")
    monkeypatch.setattr(tasks_module, "GRACE_SECONDS", 0.02)


def office() -> tuple[FastMCP, asyncio.Event]:
    mcp, go = FastMCP("office"), asyncio.Event()
    config = TaskConfig(mode="optional", poll_interval=timedelta(milliseconds=20))

    @mcp.tool(task=config)
    async def work(number: int) -> int:
        await go.wait()
        return number

    @mcp.tool(task=config)
    async def fail() -> str:
        await go.wait()
        raise ValueError("wrong")

    @mcp.tool
    def quick() -> str:
        return "at once"

    mcp.resource("data://a")(_word)
    mcp.prompt(_word)
    return mcp, go


def _word() -> str:
    return "word"


@ERAS
async def test_a_task_tells_how_it_stands_and_brings_its_result(mode: str) -> None:
    mcp, go = office()
    seen: list[str] = []
    async with asyncio.timeout(30), Client(mcp, mode=mode) as client:
        task: Any = await client.call_tool("work", {"number": 3}, task=True, ttl=60_000)
        assert isinstance(task, ToolTask)
        assert not task.returned_immediately
        task.on_status_change(lambda state: seen.append(state.status))
        state = await task.status()
        assert (state.task_id, state.status) == (task.task_id, "working")
        assert state.taskId == task.task_id
        go.set()
        assert (await task.wait()).status == "completed"
        assert (await task).data == 3
        assert (await task.result()).data == 3
    assert seen == ["completed"]


@ERAS
async def test_a_tools_error_is_a_failure_with_its_words(mode: str) -> None:
    mcp, go = office()
    told: list[str] = []

    async def tell(state: Any) -> None:
        told.append(state.status)

    async with asyncio.timeout(30), Client(mcp, mode=mode) as client:
        task: Any = await client.call_tool("fail", {}, task=True)
        go.set()
        with pytest.raises(ToolError, match="wrong"):
            await task
        assert (await task.wait()).status == "failed"
        task.on_status_change(tell)  # too late for changes: it hears the last one
        async with asyncio.timeout(30):
            while not told:  # noqa: ASYNC110 - the callback is a task of its own
                await asyncio.sleep(0)
    assert told == ["failed"]


@ERAS
async def test_a_task_can_be_cancelled_and_waited_for_in_vain(mode: str) -> None:
    mcp, _ = office()
    async with asyncio.timeout(30), Client(mcp, mode=mode) as client:
        task: Any = await client.call_tool("work", {"number": 1}, task=True)
        with pytest.raises(TimeoutError):
            await task.wait(timeout=0.01)
        await task.cancel()
        assert (await task.wait()).status == "cancelled"
        with pytest.raises(ToolError, match="cancelled"):
            await task


@ERAS
async def test_what_is_answered_at_once_looks_the_same(mode: str) -> None:
    mcp, _ = office()
    async with asyncio.timeout(30), Client(mcp, mode=mode) as client:
        tool: Any = await client.call_tool("quick", {}, task=mode == "stateless")
        if mode == "stateless":
            assert tool.returned_immediately
            assert (await tool.status()).status == "completed"
            assert tool.task_id
            await tool.cancel()
            tool = await tool
        assert isinstance(tool, CallToolResult)
        resource: Any = await client.read_resource("data://a", task=True)
        prompt: Any = await client.get_prompt("_word", task=True)
        assert isinstance(resource, ResourceTask)
        assert isinstance(prompt, PromptTask)
        assert (await resource)[0].text == "word"
        assert (await prompt.result()).messages[0].content.text == "word"


async def test_outside_of_its_client_a_task_is_out_of_reach() -> None:
    mcp, go = office()
    async with Client(mcp, mode="stateless") as client:
        task: Any = await client.call_tool("work", {"number": 1}, task=True)
        go.set()
        await task
    with pytest.raises(RuntimeError, match="client context"):
        await task.status()
    assert (await task).data == 1


async def test_other_dialects_wait_for_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREGLASS_DIALECT", "4")
    mcp, go = office()
    go.set()
    async with Client(mcp, mode="2025-11-25") as client:
        assert (await client.call_tool("work", {"number": 2}, task=True)).data == 2
        with pytest.raises(TypeError, match="tempo"):
            await client.call_tool("work", {"number": 2}, tempo=3)
