"""Tasks over several workers: two servers of one name with one store stand for two processes."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from wireglass import Client, Context, FastMCP
from wireglass.errors import INVALID_PARAMS, McpError, StateUnavailable
from wireglass.protocol.versions import TASKS_EXTENSION
from wireglass.server import shared_tasks
from wireglass.server import tasks as tasks_module
from wireglass.server.components import TaskConfig
from wireglass.storage.stores import MemoryStore

pytestmark = pytest.mark.anyio
PATIENCE = 30.0
META: dict[str, Any] = {
    "io.modelcontextprotocol/clientCapabilities": {"extensions": {TASKS_EXTENSION: {}}, "elicitation": {"form": {}}}
}


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks_module, "GRACE_SECONDS", 0.02)
    monkeypatch.setattr(shared_tasks, "LOOK_SECONDS", 0.02)


def worker(store: Any, go: asyncio.Event, ended: list[str]) -> FastMCP:
    mcp = FastMCP("office", storage=store)
    config = TaskConfig(mode="optional", poll_interval=timedelta(milliseconds=20))

    @mcp.tool(task=config)
    async def work() -> str:
        try:
            await go.wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        return "done"

    @mcp.tool(task=config)
    async def ask(ctx: Context) -> str:
        await asyncio.sleep(0.05)
        answer = await ctx.elicit("Who?", str)
        return f"Hello, {answer.data}"

    return mcp


class Office:
    """Two workers; `one` runs the tasks, `two` is asked for them."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.go, self.ended = asyncio.Event(), list[str]()
        self.one, self.two = worker(self.store, self.go, self.ended), worker(self.store, self.go, self.ended)


@asynccontextmanager
async def office() -> AsyncGenerator[tuple[Office, Client, Client], None]:
    made = Office()
    async with Client(made.one, mode="stateless") as one, Client(made.two, mode="stateless") as two:
        yield made, one, two


async def begin(client: Client, tool: str) -> str:
    reply = await client.session.request("tools/call", {"name": tool, "arguments": {}, "_meta": META})
    assert reply["resultType"] == "task"
    return reply["taskId"]


async def state(client: Client, id: str) -> dict[str, Any]:
    return await client.session.request("tasks/get", {"taskId": id, "_meta": META})


async def until(look: Callable[[], Awaitable[dict[str, Any]]], status: str) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE):
        while True:
            found = await look()
            if found["status"] == status:
                return found
            await asyncio.sleep(0.01)


async def test_any_worker_tells_how_a_task_stands_and_brings_its_result() -> None:
    async with office() as (made, one, two):
        id = await begin(one, "work")
        assert (await state(two, id))["status"] == "working"  # at once: it was written before the call was answered
        made.go.set()
        found = await until(lambda: state(two, id), "completed")
        assert found["result"]["structuredContent"] == {"result": "done"}
        assert found == await state(one, id)


async def test_an_answer_given_to_another_worker_arrives() -> None:
    async with office() as (_, one, two):
        id = await begin(one, "ask")
        found = await until(lambda: state(two, id), "input_required")
        (key,) = found["inputRequests"]
        with pytest.raises(McpError) as refused:
            await two.session.request("tasks/update", {"taskId": id, "inputResponses": {key: {}}, "_meta": META})
        assert refused.value.code == INVALID_PARAMS
        answers = {key: {"action": "accept", "content": {"value": "Ada"}}, "other": {}}
        assert await two.session.request("tasks/update", {"taskId": id, "inputResponses": answers, "_meta": META})
        found = await until(lambda: state(two, id), "completed")
        assert found["result"]["structuredContent"] == {"result": "Hello, Ada"}


async def test_a_task_can_be_cancelled_from_another_worker() -> None:
    async with office() as (made, one, two):
        id = await begin(one, "work")
        await two.session.request("tasks/cancel", {"taskId": id, "_meta": META})
        await until(lambda: state(two, id), "cancelled")
        assert made.ended == ["cancelled"]


async def test_our_client_does_not_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client whose calls go to one worker and whose questions about tasks go to the other."""
    async with office() as (_, one, two):

        async def answer(*_: Any) -> dict[str, Any]:
            return {"value": "Ada"}

        async with Client(_between(one, two), mode="stateless", elicitation_handler=answer) as client:
            assert (await client.call_tool("ask", {})).data == "Hello, Ada"


def _between(one: Client, two: Client) -> FastMCP:
    """A server that hands each request to one of two workers."""
    made: Any = FastMCP("between")
    first, second = one.transport.server, two.transport.server  # type: ignore[attr-defined]  # in-memory transports

    async def handle(scope: Any) -> dict[str, Any]:
        return await (second if scope.method.startswith("tasks/") else first)._handle(scope)

    made._handle = handle
    return made


async def test_ids_of_nobody_and_of_others_are_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    async with office() as (made, one, two):
        id = await begin(one, "work")
        with pytest.raises(McpError, match="Unknown task"):
            await state(two, "nothing")
        shared = made.two.tasks._shared
        assert shared is not None
        assert await shared.find(id, "somebody else") is None
        made.go.set()


async def test_a_task_whose_worker_is_silent_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with office() as (made, one, two):
        id = await begin(one, "work")
        shared = made.two.tasks._shared
        assert shared is not None
        then = shared._clock()
        monkeypatch.setattr(shared, "_clock", lambda: then + 1 + shared_tasks.GONE_SECONDS)
        found = await state(two, id)
        assert found["status"] == "failed"
        assert "gone" in found["error"]["message"]
        made.go.set()


async def test_a_worker_that_stops_says_how_its_tasks_ended() -> None:
    made = Office()
    async with Client(made.two, mode="stateless") as two:
        async with Client(made.one, mode="stateless") as one:
            id = await begin(one, "work")
        assert (await state(two, id))["status"] == "cancelled"


async def test_a_store_that_is_away_does_not_stop_the_task(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with office() as (made, one, two):

        async def away(*_: Any, **__: Any) -> Any:
            raise OSError("away")

        id = await begin(one, "work")
        for name in ("put", "get", "get_many"):
            monkeypatch.setattr(made.store, name, away)
        with pytest.raises(McpError):
            await state(two, id)
        shared = made.two.tasks._shared
        assert shared is not None
        with pytest.raises(StateUnavailable):
            await shared.cancel(id)
        made.go.set()
        await until(lambda: state(one, id), "completed")
        assert "away" in caplog.text
