"""Questions that a server of 2025-11-25 makes tasks of: `sampling/createMessage` and `elicitation/create` with `task`
(2025-11-25, "Tasks", "Task Support and Handling")."""

import asyncio
from typing import Any

import pytest

from wireglass import Client, Context, FastMCP, InputBroker
from wireglass.client import own_tasks
from wireglass.client.inputs import InputRequest
from wireglass.errors import INVALID_PARAMS, METHOD_NOT_FOUND, McpError

pytestmark = pytest.mark.anyio
V = "2025-11-25"
RELATED = "io.modelcontextprotocol/related-task"
ASK = {"message": "Name?", "requestedSchema": {"type": "object", "properties": {}}}
SAMPLE = {"messages": [], "maxTokens": 5}


class Desk:
    """A person who answers when the test says so."""

    def __init__(self) -> None:
        self.broker = InputBroker(self.asked)
        self.requests: asyncio.Queue[InputRequest] = asyncio.Queue()

    def asked(self, request: InputRequest) -> None:
        self.requests.put_nowait(request)

    async def next(self) -> InputRequest:
        async with asyncio.timeout(30):
            return await self.requests.get()


class Asker:
    """A server whose one tool runs what the test gives it, with the request's scope."""

    def __init__(self) -> None:
        self.mcp = mcp = FastMCP("asker")
        self.play: Any = None

        @mcp.tool
        async def run(ctx: Context) -> str:
            return str(await self.play(ctx))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def asker() -> Asker:
    return Asker()


async def played(client: Client, asker: Asker, play: Any) -> str:
    asker.play = play
    async with asyncio.timeout(30):
        return (await client.call_tool("run")).text


async def begin(ctx: Context, method: str = "elicitation/create", **task: Any) -> dict[str, Any]:
    params = ASK if method.startswith("elicitation") else SAMPLE
    return (await ctx.require_scope().request(method, {**params, "task": task}))["task"]


async def test_what_a_person_can_answer_is_declared_as_tasks(desk: Desk, asker: Asker) -> None:
    async def declared(ctx: Context) -> Any:
        return ctx.require_scope().client_capabilities.get("tasks")

    both = {"elicitation": {"create": {}}, "sampling": {"createMessage": {}}}
    async with Client(asker.mcp, mode=V, inputs=desk.broker) as client:
        assert await played(client, asker, declared) == str({"list": {}, "cancel": {}, "requests": both})
    async with Client(asker.mcp, mode="2025-06-18", inputs=desk.broker) as client:
        assert await played(client, asker, declared) == "None"
    async with Client(asker.mcp, mode=V, roots=["file:///x"]) as client:
        assert await played(client, asker, declared) == "None"


@pytest.mark.parametrize("method", ["elicitation/create", "sampling/createMessage"])
async def test_a_task_from_the_question_to_the_answer(desk: Desk, asker: Asker, method: str) -> None:
    answer = {"action": "accept", "content": {"n": "Ada"}} if method.startswith("elic") else {"role": "assistant"}

    async def play(ctx: Context) -> Any:
        scope = ctx.require_scope()
        task = await begin(ctx, method, ttl=60_000)
        assert (task["status"], task["ttl"]) == ("working", 60_000)
        assert {"taskId", "createdAt", "lastUpdatedAt", "pollInterval"} <= set(task)
        named = {"taskId": task["taskId"]}
        assert await scope.request("tasks/get", named) == task
        assert [each["taskId"] for each in (await scope.request("tasks/list"))["tasks"]] == [task["taskId"]]
        result = asyncio.ensure_future(scope.request("tasks/result", named))
        request = await desk.next()
        assert "task" not in request.params
        assert not result.done()
        request.answer(answer)
        found = await result
        assert found.pop("_meta") == {RELATED: named}
        assert (await scope.request("tasks/get", named))["status"] == "completed"
        return found == answer

    async with Client(asker.mcp, mode=V, inputs=desk.broker) as client:
        assert await played(client, asker, play) == "True"


async def test_a_refusal_comes_with_the_result(desk: Desk, asker: Asker) -> None:
    async def play(ctx: Context) -> Any:
        task = await begin(ctx, "sampling/createMessage")
        (await desk.next()).refuse("Not today")
        with pytest.raises(McpError) as caught:
            await ctx.require_scope().request("tasks/result", {"taskId": task["taskId"]})
        state = await ctx.require_scope().request("tasks/get", {"taskId": task["taskId"]})
        return caught.value.code, state["status"], state["statusMessage"]

    async with Client(asker.mcp, mode=V, inputs=desk.broker) as client:
        assert await played(client, asker, play) == str((-1, "failed", "Not today"))


async def test_cancelling_withdraws_the_question_once(desk: Desk, asker: Asker) -> None:
    async def play(ctx: Context) -> Any:
        scope, task = ctx.require_scope(), await begin(ctx)
        named, request = {"taskId": task["taskId"]}, await desk.next()
        assert (await scope.request("tasks/cancel", named))["status"] == "cancelled"
        assert request.withdrawn
        codes: list[int] = []
        for method in ("tasks/cancel", "tasks/result"):
            with pytest.raises(McpError) as caught:
                await scope.request(method, named)
            codes.append(caught.value.code)
        return codes

    async with Client(asker.mcp, mode=V, inputs=desk.broker) as client:
        assert await played(client, asker, play) == str([INVALID_PARAMS, INVALID_PARAMS])
        assert client.inputs.open == ()


async def test_a_task_may_be_cancelled_before_it_has_begun(desk: Desk) -> None:
    told: list[str] = []

    async def tell(method: str, params: dict[str, Any]) -> None:
        told.append(params["status"])

    tasks = own_tasks.OwnTasks(tell)
    named = {"taskId": tasks.begin(desk.broker.ask(InputRequest("1", "elicitation", ASK)), {})["task"]["taskId"]}
    async with asyncio.timeout(30):
        assert (await tasks.answer("tasks/cancel", named))["status"] == "cancelled"
    assert told == ["cancelled"]
    assert desk.requests.empty()


async def test_wrong_use_is_refused(desk: Desk, asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_tasks, "MAX_TASKS", 1)

    async def code(work: Any) -> int:
        with pytest.raises(McpError) as caught:
            await work
        return caught.value.code

    async def play(ctx: Context) -> Any:
        scope = ctx.require_scope()
        early = await code(scope.request("tasks/get", {"taskId": "x"}))
        bad = await code(scope.request("elicitation/create", {**ASK, "task": 7}))
        await begin(ctx)
        full = await code(begin(ctx))
        unknown = await code(scope.request("tasks/get", {"taskId": "x"}))
        cursor = await code(scope.request("tasks/list", {"cursor": "x"}))
        return [early, bad, full, unknown, cursor]

    async with Client(asker.mcp, mode=V, inputs=desk.broker) as client:
        codes = [METHOD_NOT_FOUND, INVALID_PARAMS, -32603, INVALID_PARAMS, INVALID_PARAMS]
        assert await played(client, asker, play) == str(codes)


async def test_roots_are_answered_at_once_even_with_a_task(desk: Desk, asker: Asker) -> None:
    """Receivers ignore `task` on methods that they did not declare."""

    async def play(ctx: Context) -> Any:
        return await ctx.require_scope().request("roots/list", {"task": {}})

    async with Client(asker.mcp, mode=V, inputs=desk.broker, roots=["file:///x"]) as client:
        assert "file:///x" in await played(client, asker, play)


async def test_an_ended_task_is_kept_for_its_ttl_and_no_longer() -> None:
    now = [1000.0]
    told: list[Any] = []

    async def tell(method: str, params: dict[str, Any]) -> None:
        told.append((method, params["status"]))

    desk = Desk()
    tasks = own_tasks.OwnTasks(tell, clock=lambda: now[0])
    named = {
        "taskId": tasks.begin(desk.broker.ask(InputRequest("1", "elicitation", ASK)), {"ttl": 5000})["task"]["taskId"]
    }
    now[0] += 60  # nobody forgets a question that is still open
    assert (await tasks.answer("tasks/get", named))["status"] == "working"
    (await desk.next()).answer({"action": "decline"})
    assert (await tasks.answer("tasks/result", named))["action"] == "decline"
    with pytest.raises(McpError):
        await tasks.answer("tasks/get", named)
    await asyncio.sleep(0)
    assert told == [("notifications/tasks/status", "completed")]
    tasks.begin(desk.broker.ask(InputRequest("2", "elicitation", ASK)), {})
    await tasks.aclose()
    assert told[1:] == []  # nobody is there to hear it


# Both ends of ours: `ctx.ask(..., task=True)`


@pytest.mark.parametrize("mode", [V, "2025-06-18", "2026-07-28"])
async def test_a_question_as_a_task_looks_like_any_other_to_the_tool(desk: Desk, asker: Asker, mode: str) -> None:
    """Where one side cannot, it is an ordinary question."""
    methods: list[str] = []

    async def play(ctx: Context) -> Any:
        return (await ctx.ask("elicitation/create", ASK, task=True))["action"]

    asker.play = play
    client = Client(asker.mcp, mode=mode, inputs=desk.broker, tap=lambda frame: methods.append(frame.raw))
    async with client, asyncio.timeout(30):
        calling = asyncio.ensure_future(client.call_tool("run"))
        (await desk.next()).answer({"action": "accept", "content": {}})
        assert (await calling).text == "accept"
    assert any('"tasks/result"' in raw for raw in methods) == (mode == V)


async def test_a_call_that_is_given_up_gives_up_its_question(desk: Desk, asker: Asker) -> None:
    async def play(ctx: Context) -> Any:
        return await ctx.ask("elicitation/create", ASK, task=True)

    asker.play = play
    async with Client(asker.mcp, mode=V, inputs=desk.broker) as client, asyncio.timeout(30):
        calling = asyncio.ensure_future(client.call_tool("run"))
        request = await desk.next()
        ended = asyncio.Event()
        request.on_end(lambda _: ended.set())
        calling.cancel()
        await ended.wait()
        assert request.withdrawn
