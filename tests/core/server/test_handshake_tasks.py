"""The experimental tasks of 2025-11-25, in memory: raw requests for each rule, and our client, which hides them."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from wireglass import Client
from wireglass.errors import INVALID_PARAMS, METHOD_NOT_FOUND, McpError
from wireglass.server import proxy as proxy_module
from wireglass.server.app import FastMCP
from wireglass.server.components import TaskConfig
from wireglass.server.context import Context
from wireglass.server.proxy import create_proxy

pytestmark = pytest.mark.anyio
V = "2025-11-25"
RELATED = "io.modelcontextprotocol/related-task"


class Stage:
    """A server whose tools wait for the test."""

    def __init__(self) -> None:
        self.mcp = mcp = FastMCP("tasks", list_page_size=2)
        self.go = asyncio.Event()

        @mcp.tool
        async def plain() -> str:
            return "plain"

        @mcp.tool(task=TaskConfig(mode="optional", poll_interval=timedelta(milliseconds=20)))
        async def work() -> str:
            await self.go.wait()
            return "done"

        @mcp.tool(task=TaskConfig(mode="required", poll_interval=timedelta(milliseconds=20)))
        async def must(ctx: Context) -> str:
            return f"{ctx.is_background_task} {await ctx.request_elicitation('Name?', str)}"

        @mcp.tool(task=True)
        async def breaks() -> str:
            raise McpError(INVALID_PARAMS, "broken")


async def begin(line: Any, name: str) -> dict[str, Any]:
    reply = await line.ask("tools/call", {"name": name, "arguments": {}, "task": {"ttl": 60_000}})
    return reply["task"]


async def test_a_task_from_call_to_result(connect: Any) -> None:
    """Specification, "Tasks": declared, created, polled, fetched; its result names the task."""
    stage = Stage()
    assert stage.mcp.capabilities(V)["tasks"] == {"list": {}, "cancel": {}, "requests": {"tools": {"call": {}}}}
    assert "tasks" not in stage.mcp.capabilities("2026-07-28")
    async with connect(stage.mcp, V) as line:
        task = await begin(line, "work")
        assert task["status"] == "working"
        assert {"taskId", "createdAt", "lastUpdatedAt", "ttl", "pollInterval"} <= set(task)
        assert not {"ttlMs", "pollIntervalMs"} & set(task)
        assert await line.ask("tasks/get", {"taskId": task["taskId"]}) == task
        waiting = asyncio.create_task(line.ask("tasks/result", {"taskId": task["taskId"]}))
        stage.go.set()
        result = await waiting
        assert result["content"][0]["text"] == "done"
        assert result["_meta"][RELATED] == {"taskId": task["taskId"]}
        assert "resultType" not in result
        assert (await line.ask("tasks/get", {"taskId": task["taskId"]}))["status"] == "completed"
        assert await line.ask("tasks/result", {"taskId": task["taskId"]}) == result


async def test_questions_come_through_tasks_result(connect: Any) -> None:
    """Specification, "Input required": the status says so; the request names the task."""
    heard: list[dict[str, Any]] = []

    async def answers(method: str, params: dict[str, Any]) -> dict[str, Any]:
        heard.append(params)
        return {"action": "accept", "content": {"value": "Ada"}}

    async with connect(Stage().mcp, V, answers=answers) as line:
        id = (await begin(line, "must"))["taskId"]
        async with asyncio.timeout(30):
            while (await line.ask("tasks/get", {"taskId": id}))["status"] != "input_required":
                pass
        assert heard == []
        result = await line.ask("tasks/result", {"taskId": id})
        assert result["content"][0]["text"] == "True Ada"
        assert heard[0]["_meta"][RELATED] == {"taskId": id}


async def test_wrong_use_is_refused(connect: Any) -> None:
    """Specification, "Tool-level negotiation": -32601 where the tool forbids or requires a task."""
    async with connect(Stage().mcp, V) as line:
        for params in ({"name": "plain", "task": {}}, {"name": "must"}):
            with pytest.raises(McpError) as caught:
                await line.ask("tools/call", {"arguments": {}, **params})
            assert caught.value.code == METHOD_NOT_FOUND
        for method in ("tasks/get", "tasks/result", "tasks/cancel"):
            with pytest.raises(McpError, match="Unknown task") as caught:
                await line.ask(method, {"taskId": "x"})
            assert caught.value.code == INVALID_PARAMS
        with pytest.raises(McpError):
            await line.ask("tools/call", {"name": "work", "arguments": {}, "task": 1})


async def test_errors_come_with_the_result(connect: Any) -> None:
    """Specification, "tasks/result": exactly what the call would have returned."""
    async with connect(Stage().mcp, V) as line:
        id = (await begin(line, "breaks"))["taskId"]
        with pytest.raises(McpError, match="broken") as caught:
            await line.ask("tasks/result", {"taskId": id})
        assert caught.value.code == INVALID_PARAMS
        assert (await line.ask("tasks/get", {"taskId": id}))["status"] == "failed"


async def test_cancelling_is_at_once_and_once(connect: Any) -> None:
    """Specification, "tasks/cancel": the reply is the cancelled task; one that has ended is -32602."""
    async with connect(Stage().mcp, V) as line:
        id = (await begin(line, "work"))["taskId"]
        assert (await line.ask("tasks/cancel", {"taskId": id}))["status"] == "cancelled"
        for method in ("tasks/cancel", "tasks/result"):
            with pytest.raises(McpError, match="cancelled") as caught:
                await line.ask(method, {"taskId": id})
            assert caught.value.code == INVALID_PARAMS


async def test_the_list_has_the_tasks_of_the_session_in_pages(connect: Any) -> None:
    """Specification, "tasks/list"."""
    stage = Stage()
    async with connect(stage.mcp, V) as line, connect(stage.mcp, V) as other:
        made = [(await begin(line, "work"))["taskId"] for _ in range(3)]
        first = await line.ask("tasks/list")
        second = await line.ask("tasks/list", {"cursor": first["nextCursor"]})
        assert [task["taskId"] for task in first["tasks"] + second["tasks"]] == made
        assert (await other.ask("tasks/list"))["tasks"] == []


async def test_our_client_hides_the_task() -> None:
    """A tool that requires a task is called as one without being told."""
    seen: list[str] = []

    async def answer(message: str, *_: Any) -> Any:
        return {"value": "Ada"}

    async with Client(
        Stage().mcp, mode=V, elicitation_handler=answer, on_task=lambda task: seen.append(str(task["status"]))
    ) as client:
        result = await client.call_tool("must", {})
        assert result.data == "True Ada"
        assert seen


async def test_the_client_is_told_when_a_task_ends(connect: Any) -> None:
    """`notifications/tasks/status`: the whole task, at each change of its status; polling would bring the same."""
    stage = Stage()
    async with connect(stage.mcp, V) as line:
        task = await begin(line, "work")
        assert [method for method, _ in line.heard] == []
        stage.go.set()
        await line.ask("tasks/result", {"taskId": task["taskId"]})
        await line.ask("ping")
        told = [params for method, params in line.heard if method == "notifications/tasks/status"]
        assert [params["status"] for params in told] == ["completed"]
        assert told[0] == await line.ask("tasks/get", {"taskId": task["taskId"]})


async def test_our_client_asks_at_once_when_it_is_told_of_the_end() -> None:
    """The server wants an hour between polls; the notification ends the wait."""
    stage = Stage()

    @stage.mcp.tool(task=TaskConfig(mode="required", poll_interval=timedelta(minutes=1)))
    async def slow() -> str:
        await stage.go.wait()
        return "done"

    states, began = list[str](), asyncio.Event()

    def seen(task: dict[str, Any]) -> None:
        states.append(task["status"])
        began.set()

    async with Client(stage.mcp, mode=V, on_task=seen) as client:
        async with asyncio.timeout(20):
            calling = asyncio.ensure_future(client.call_tool("slow"))
            await began.wait()
            stage.go.set()
            assert (await calling).text == "done"
    assert states == ["working", "completed"]


# Behind a proxy


@pytest.mark.parametrize("backend", [V, "2026-07-28"])
@pytest.mark.parametrize("front", [V, "2026-07-28"])
async def test_tasks_of_a_server_behind_a_proxy_are_tasks_of_the_proxy(
    front: str, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxy_module, "_POLL", timedelta(milliseconds=20))
    stage = Stage()
    proxy = create_proxy(stage.mcp, mode=backend, name="front")
    states, began = list[str](), asyncio.Event()

    def seen(task: dict[str, Any]) -> None:
        states.append(task["status"])
        began.set()

    async with Client(proxy, mode=front, on_task=seen) as client:
        tools = {tool.name: tool for tool in await client.list_tools()}
        if (front, backend) == (V, V):
            assert tools["work"].execution is not None
            assert tools["plain"].execution is None
        async with asyncio.timeout(20):
            assert (await client.call_tool("plain")).text == "plain"
            assert states == []
            calling = asyncio.ensure_future(client.call_tool("work", task=True if front == V else None))
            await began.wait()
            assert states[0] == "working"
            stage.go.set()
            assert (await calling).text == "done"


async def test_a_cancelled_task_of_a_proxy_cancels_the_one_behind_it(connect: Any) -> None:
    stage = Stage()
    began, stopped = asyncio.Event(), asyncio.Event()

    @stage.mcp.tool(task=True)
    async def stops() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    proxy = create_proxy(stage.mcp, mode=V, name="front")
    async with connect(proxy, V) as line:
        await line.ask("tools/list")
        task = await begin(line, "stops")
        async with asyncio.timeout(30):
            await began.wait()
        await line.ask("tasks/cancel", {"taskId": task["taskId"]})
        async with asyncio.timeout(30):
            await stopped.wait()


async def test_a_proxy_of_a_server_without_tasks_says_so_once_it_knows() -> None:
    mcp = FastMCP("none")
    mcp.add_tool(len)
    proxy = create_proxy(mcp, name="front")
    async with Client(proxy, mode=V) as client:
        await client.list_tools()
    assert "tasks" not in proxy.capabilities(V)
