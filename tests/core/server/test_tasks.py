"""The tasks extension of 2026-07-28, in memory: raw requests for each rule, and our client, which hides them."""

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from wireglass import Client
from wireglass.errors import INTERNAL_ERROR, INVALID_PARAMS, METHOD_NOT_FOUND, MISSING_CLIENT_CAPABILITY, McpError
from wireglass.protocol.inputs import InputRequiredResult
from wireglass.protocol.versions import TASKS_EXTENSION
from wireglass.server import tasks as tasks_module
from wireglass.server.app import FastMCP
from wireglass.server.components import TaskConfig
from wireglass.server.context import Context
from wireglass.session.scope import Scope as RealScope
from wireglass.session.scope import SessionFacts

pytestmark = pytest.mark.anyio
V = "2026-07-28"
EXTENSION: dict[str, Any] = {"extensions": {TASKS_EXTENSION: {}}}
CAPABILITIES: dict[str, Any] = {"elicitation": {"form": {}}, "sampling": {}, **EXTENSION}
OPTIONAL = TaskConfig(mode="optional", poll_interval=timedelta(milliseconds=20))
REQUIRED = TaskConfig(mode="required", poll_interval=timedelta(milliseconds=20))
NAME = {"method": "elicitation/create", "params": {"message": "Name?", "requestedSchema": {"type": "object"}}}
ADA = {"action": "accept", "content": {"value": "Ada"}}


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What blocks on an event would use up the grace: the tests need not wait for it."""
    monkeypatch.setattr(tasks_module, "GRACE_SECONDS", 0.02)


class Stage:
    """A server whose tools wait for the test."""

    def __init__(self) -> None:
        self.mcp = mcp = FastMCP("tasks", request_state_security=b"k" * 32)
        self.go = asyncio.Event()
        self.ran: list[str] = []

        @mcp.tool
        async def plain() -> str:
            return "plain"

        @mcp.tool(task=OPTIONAL)
        async def work(ctx: Context) -> str:
            self.ran.append("begin")
            await ctx.report_progress(1, 2, "half way")
            try:
                await self.go.wait()
            except asyncio.CancelledError:
                self.ran.append("cancelled")
                raise
            await ctx.report_progress(2, 2, "nearly there")
            return "done" if ctx.is_background_task else "done at once"

        @mcp.tool(task=True)
        async def quick() -> dict[str, int]:
            return {"n": 1}

        @mcp.tool(task=REQUIRED)
        async def must() -> str:
            raise ValueError("wrong")

        @mcp.tool(task=OPTIONAL)
        async def breaks() -> str:
            raise McpError(INVALID_PARAMS, "broken", {"why": "test"})

        @mcp.tool(task=OPTIONAL)
        async def ask_both(ctx: Context) -> str:
            one, two = await asyncio.gather(ctx.request_elicitation("A?", str), ctx.request_elicitation("B?", str))
            return one + two + await ctx.request_elicitation("C?", str)

        @mcp.tool(task=REQUIRED)
        async def rounds_first(ctx: Context) -> Any:
            if ctx.input_responses is None:
                return InputRequiredResult.model_validate({"inputRequests": {"who": NAME}, "requestState": "one"})
            await self.go.wait()
            return f"{ctx.request_state} {ctx.input_responses['who'].content['value']}"

        @mcp.tool(task=REQUIRED)
        async def rounds_late(ctx: Context) -> Any:
            await self.go.wait()
            given = ctx.input_responses
            if given is None or given["who"].action != "accept":
                state = f"{ctx.request_state or ''}+"
                return InputRequiredResult.model_validate({"inputRequests": {"who": NAME}, "requestState": state})
            return f"{ctx.request_state} {given['who'].content['value']}"


async def settle(condition: Callable[[], Any]) -> None:
    """Lets everything else run until something is so."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - the conditions are of the server's making, nothing sets an event
            await asyncio.sleep(0)


async def follow(line: Any, id: str, *wanted: str) -> dict[str, Any]:
    """Asks until the task has one of these states."""
    async with asyncio.timeout(30):
        while True:
            task = await line.ask("tasks/get", {"taskId": id})
            if task["status"] in wanted:
                return task


async def test_the_extension_is_declared_when_a_tool_may_be_a_task(connect: Any) -> None:
    """Extension, "Capabilities": declared in `extensions`, also for mounted servers and later tools."""
    empty, parent = FastMCP("empty"), FastMCP("parent")
    parent.mount(empty)
    async with connect(parent, V) as line:
        assert "extensions" not in (await line.ask("server/discover"))["capabilities"]
        with pytest.raises(McpError) as caught:
            await line.ask("tasks/get", {"taskId": "x"})
        assert caught.value.code == METHOD_NOT_FOUND
        empty.tool(Stage, name="late", task=True)
        assert (await line.ask("server/discover"))["capabilities"]["extensions"] == {TASKS_EXTENSION: {}}
    assert "extensions" not in parent.capabilities("2025-11-25")


async def test_a_call_becomes_a_flat_task_and_its_result_comes_with_tasks_get(connect: Any) -> None:
    """Extension, "CreateTaskResult" and "tasks/get"."""
    stage = Stage()
    async with connect(stage.mcp, V, capabilities=CAPABILITIES) as line:
        made = await line.call("work")
        times = made["createdAt"], made["lastUpdatedAt"]
        assert all(time.endswith("Z") for time in times)
        assert (made["resultType"], made["status"], made["pollIntervalMs"]) == ("task", "working", 20)
        assert made["ttlMs"] == 900_000
        assert not {"task", "ttl", "pollInterval", "requestState", "result", "inputRequests"} & set(made)
        assert len(made["taskId"]) >= 32
        working = await line.ask("tasks/get", {"taskId": made["taskId"]})
        assert (working["resultType"], working["status"]) == ("complete", "working")
        assert "result" not in working
        stage.go.set()
        done = await follow(line, made["taskId"], "completed")
        assert done["result"]["content"][0]["text"] == "done"
        assert done["statusMessage"] == "nearly there"
        assert "error" not in done


async def test_a_quick_call_is_a_task_that_has_already_ended(connect: Any) -> None:
    """The author said task: whether there is one does not depend on how fast the machine is."""
    async with connect(Stage().mcp, V, capabilities=CAPABILITIES) as line:
        made = await line.call("quick")
        assert made["resultType"] == "task"
        assert (await follow(line, made["taskId"], "completed"))["result"]["structuredContent"] == {"n": 1}


async def test_tools_without_a_configuration_are_never_tasks(connect: Any) -> None:
    """And the `task` parameter of 2025-11-25 is tolerated and ignored."""
    async with connect(Stage().mcp, V, capabilities=CAPABILITIES) as line:
        result = await line.ask("tools/call", {"name": "plain", "arguments": {}, "task": {"ttl": 1}})
        assert result["resultType"] == "complete"
        with pytest.raises(McpError, match="Unknown tool"):
            await line.call("nothing")


async def test_clients_that_did_not_declare_the_extension_get_results(connect: Any) -> None:
    """Extension, "Negotiation": never a task for them; -32021 where there is no other way, and for the methods."""
    stage = Stage()
    stage.go.set()
    for extensions in ({}, {"extensions": {}}, {"extensions": []}):
        async with connect(stage.mcp, V, capabilities=extensions) as line:
            assert (await line.call("work"))["content"][0]["text"] == "done at once"
            for method in ("tasks/get", "tasks/update", "tasks/cancel"):
                with pytest.raises(McpError) as caught:
                    await line.ask(method, {"taskId": "x", "inputResponses": {}})
                assert caught.value.code == MISSING_CLIENT_CAPABILITY
            with pytest.raises(McpError) as caught:
                await line.call("must")
            assert caught.value.code == MISSING_CLIENT_CAPABILITY
            assert caught.value.data == {"requiredCapabilities": EXTENSION}


async def test_a_failing_tool_completes_and_a_protocol_error_fails(connect: Any) -> None:
    """Extension, "Statuses": `isError` is a result; `failed` is for JSON-RPC errors."""
    async with connect(Stage().mcp, V, capabilities=CAPABILITIES) as line:
        done = await follow(line, (await line.call("must"))["taskId"], "completed", "failed")
        assert (done["status"], done["result"]["isError"]) == ("completed", True)
        failed = await follow(line, (await line.call("breaks"))["taskId"], "completed", "failed")
        assert failed["status"] == "failed"
        assert failed["error"] == {"code": INVALID_PARAMS, "message": "broken", "data": {"why": "test"}}
        assert "result" not in failed


async def test_questions_inside_a_task(connect: Any) -> None:
    """Extension, "Input": all that are open are listed; partial answers are fine; keys are never used again."""
    async with connect(Stage().mcp, V, capabilities=CAPABILITIES) as line:
        id = (await line.call("ask_both"))["taskId"]
        asked = await follow(line, id, "input_required")
        keys = {request["params"]["message"]: key for key, request in asked["inputRequests"].items()}
        assert set(keys) == {"A?", "B?"}
        reply = await line.ask("tasks/update", {"taskId": id, "inputResponses": {keys["B?"]: ADA, "stray": 1}})
        assert {key for key in reply if key != "_meta"} == {"resultType"}
        left = await line.ask("tasks/get", {"taskId": id})
        assert (left["status"], list(left["inputRequests"])) == ("input_required", [keys["A?"]])
        for harm in ({keys["A?"]: "Ada"}, {keys["A?"]: {"action": "maybe"}}, "all"):
            with pytest.raises(McpError) as caught:
                await line.ask("tasks/update", {"taskId": id, "inputResponses": harm})
            assert caught.value.code == INVALID_PARAMS
        await line.ask("tasks/update", {"taskId": id, "inputResponses": {keys["A?"]: ADA}})
        asked = await follow(line, id, "input_required")
        (last,) = asked["inputRequests"]
        assert last not in keys.values()
        await line.ask("tasks/update", {"taskId": id, "inputResponses": {last: ADA, keys["A?"]: {"action": "decline"}}})
        done = await follow(line, id, "completed")
        assert done["result"]["content"][0]["text"] == "AdaAdaAda"
        assert "inputRequests" not in done


async def test_a_question_that_the_client_cannot_answer(connect: Any) -> None:
    """Nothing was promised yet: the call itself says what is missing."""
    async with connect(Stage().mcp, V, capabilities=EXTENSION) as line:
        for tool in ("ask_both", "rounds_first"):
            with pytest.raises(McpError) as caught:
                await line.call(tool)
            assert caught.value.code == MISSING_CLIENT_CAPABILITY


async def test_rounds_before_the_task(connect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Extension and MRTR together: what is asked before the work is asked in rounds; the last one is the task."""
    monkeypatch.setattr(tasks_module, "GRACE_SECONDS", 0.5)
    stage = Stage()
    params: dict[str, Any] = {"name": "rounds_first", "arguments": {}}
    async with connect(stage.mcp, V, capabilities=CAPABILITIES) as line:
        asked = await line.ask("tools/call", params)
        assert (asked["resultType"], list(asked["inputRequests"])) == ("input_required", ["who"])
        assert "taskId" not in asked
        more = {"inputResponses": {"who": ADA}, "requestState": asked["requestState"]}
        with pytest.raises(McpError, match="requestState"):
            await line.ask("tools/call", {**params, **more, "requestState": "w1.forged"})
        made = await line.ask("tools/call", {**params, **more})
        assert made["resultType"] == "task"
        assert "requestState" not in made
        stage.go.set()
        assert (await follow(line, made["taskId"], "completed"))["result"]["content"][0]["text"] == "one Ada"


async def test_a_function_that_returns_its_questions_late_asks_them_inside_the_task(connect: Any) -> None:
    """Whether it was quick enough for a round does not change what the function sees; keys are told apart."""
    stage = Stage()
    async with connect(stage.mcp, V, capabilities=CAPABILITIES) as line:
        id = (await line.call("rounds_late"))["taskId"]
        stage.go.set()
        asked = await follow(line, id, "input_required")
        assert asked["inputRequests"] == {"who": NAME}
        await line.ask("tasks/update", {"taskId": id, "inputResponses": {"who": {"action": "decline"}}})
        asked = await follow(line, id, "input_required")
        assert list(asked["inputRequests"]) == ["who-2"]
        await line.ask("tasks/update", {"taskId": id, "inputResponses": {"who-2": ADA}})
        assert (await follow(line, id, "completed"))["result"]["content"][0]["text"] == "++ Ada"


async def test_cancelling_is_cooperative_and_may_be_repeated(connect: Any) -> None:
    """Extension, "tasks/cancel": a bare acknowledgement each time, and after the end."""
    stage = Stage()
    async with connect(stage.mcp, V, capabilities=CAPABILITIES) as line:
        for tool in ("work", "ask_both"):
            id = (await line.call(tool))["taskId"]
            for _ in range(2):
                reply = await line.ask("tasks/cancel", {"taskId": id})
                assert {key for key in reply if key != "_meta"} == {"resultType"}
            ended = await follow(line, id, "cancelled")
            assert not {"result", "error", "inputRequests"} & set(ended)
            await line.ask("tasks/cancel", {"taskId": id})
            await line.ask("tasks/update", {"taskId": id, "inputResponses": {"q1": ADA}})
            assert (await line.ask("tasks/get", {"taskId": id}))["status"] == "cancelled"
        assert stage.ran == ["begin", "cancelled"]


async def test_a_cancelled_request_before_the_task_ends_the_work(connect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no task that the client could know of."""
    monkeypatch.setattr(tasks_module, "GRACE_SECONDS", 60)
    stage = Stage()
    async with connect(stage.mcp, V, capabilities=CAPABILITIES) as line:
        call = asyncio.create_task(line.call("work"))
        await settle(lambda: stage.ran)
        call.cancel()
        await settle(lambda: "cancelled" in stage.ran)
        await asyncio.gather(call, return_exceptions=True)


async def test_ids_are_of_use_to_nobody_else() -> None:
    """Extension, "Security": bound to the principal; a foreign id looks like one that never existed."""
    stage = Stage()

    def scope(who: str | None, method: str, params: dict[str, Any]) -> Any:
        facts = SessionFacts()
        made = RealScope(method, params, 1, {}, V, True, None, CAPABILITIES, None, facts, facts.notify)
        made.http = type("Http", (), {"principal": who, "headers": {}, "scope": None, "access_token": None})()
        return made

    async with stage.mcp._lifespan():
        made = await stage.mcp._handle(scope("ada", "tools/call", {"name": "work", "arguments": {}}))
        id = made["taskId"]
        assert (await stage.mcp._handle(scope("ada", "tasks/get", {"taskId": id})))["status"] == "working"
        for who in ("bob", None):
            for method in ("tasks/get", "tasks/update", "tasks/cancel"):
                with pytest.raises(McpError, match="Unknown task") as caught:
                    await stage.mcp._handle(scope(who, method, {"taskId": id, "inputResponses": {}}))
                assert caught.value.code == INVALID_PARAMS
        with pytest.raises(McpError, match="taskId"):
            await stage.mcp._handle(scope("ada", "tasks/get", {}))
    assert stage.ran[-1] == "cancelled", "the server stopped"


async def test_a_task_stays_for_its_ttl_and_not_for_ever(connect: Any) -> None:
    """Extension, "ttlMs": not before may it vanish; what still works stays."""
    stage = Stage()
    now = [1_000_000.0]
    stage.mcp.tasks.clock = lambda: now[0]
    async with connect(stage.mcp, V, capabilities=CAPABILITIES) as line:
        quick, work, asks = [(await line.call(tool))["taskId"] for tool in ("quick", "work", "ask_both")]
        now[0] += 899.9
        for id in (quick, work, asks):
            await line.ask("tasks/get", {"taskId": id})
        now[0] += 0.2
        with pytest.raises(McpError, match="Unknown task"):
            await line.ask("tasks/get", {"taskId": quick})
        assert (await line.ask("tasks/get", {"taskId": work}))["status"] == "working"
        await follow(line, asks, "cancelled")
        stage.go.set()
        await follow(line, work, "completed")
        now[0] += 901
        for id in (work, asks):
            with pytest.raises(McpError, match="Unknown task"):
                await line.ask("tasks/get", {"taskId": id})


async def test_the_number_of_tasks_is_bounded(connect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full server runs what may run at once, and refuses what only runs as a task."""
    monkeypatch.setattr(tasks_module, "MAX_TASKS", 1)
    async with connect(Stage().mcp, V, capabilities=CAPABILITIES) as line:
        assert (await line.call("quick"))["resultType"] == "task"
        assert (await line.call("quick"))["structuredContent"] == {"n": 1}
        with pytest.raises(McpError, match="too many tasks") as caught:
            await line.call("must")
        assert caught.value.code == INTERNAL_ERROR


async def test_who_listens_hears_each_state_of_its_tasks(connect: Any) -> None:
    """Extension, "notifications/tasks": the whole state, tagged, for the `taskIds` that are the client's own."""
    stage = Stage()
    async with connect(stage.mcp, V, capabilities=CAPABILITIES) as line:
        id = (await line.call("work"))["taskId"]
        wanted = {"notifications": {"taskIds": [id, "foreign"]}}
        listening = asyncio.create_task(line.ask("subscriptions/listen", wanted))
        await settle(lambda: len(line.heard) >= 2)
        method, params = line.heard[0]
        assert (method, params["notifications"]) == ("notifications/subscriptions/acknowledged", {"taskIds": [id]})
        assert [(m, p["status"]) for m, p in line.heard[1:]] == [("notifications/tasks", "working")]
        stage.go.set()
        await settle(lambda: line.heard[-1][1].get("status") == "completed")
        last = line.heard[-1][1]
        assert last["result"]["content"][0]["text"] == "done"
        assert last["taskId"] == id
        assert "resultType" not in last
        assert "io.modelcontextprotocol/subscriptionId" in last["_meta"]
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def test_versions_before_tasks_run_every_tool_at_once(connect: Any) -> None:
    """There a tool with a task configuration runs like any other."""
    stage = Stage()
    stage.go.set()
    async with connect(stage.mcp, "2025-06-18", capabilities=CAPABILITIES) as line:
        assert (await line.call("work"))["content"][0]["text"] == "done at once"
        assert (await line.call("must"))["isError"] is True
        for method in ("tasks/get", "tasks/result", "tasks/list", "tasks/cancel"):
            with pytest.raises(McpError) as caught:
                await line.ask(method, {"taskId": "x"})
            assert caught.value.code == METHOD_NOT_FOUND


@asynccontextmanager
async def _client(server: FastMCP, mode: str = V) -> Any:
    async def answer(message: str, *_: Any) -> Any:
        return {"value": message[0].lower()}

    seen: list[str] = []
    async with Client(
        server, mode=mode, elicitation_handler=answer, on_task=lambda task: seen.append(str(task["status"]))
    ) as client:
        yield client, seen


async def test_our_client_hides_the_task() -> None:
    """One call, one result: polling and answering happen behind it. Also through a mount."""
    stage, parent = Stage(), FastMCP("parent")
    parent.mount(stage.mcp, "child")
    for server, prefix in ((stage.mcp, ""), (parent, "child_")):
        async with _client(server) as (client, seen):
            result = await client.call_tool(f"{prefix}ask_both", {})
            assert result.data == "abc"
            assert "input_required" in seen
            assert seen[-1] == "completed"


async def test_a_task_that_has_ended_when_it_is_given_is_asked_for_its_result() -> None:
    """The reply to the call says "completed" and nothing more; only `tasks/get` brings the result."""
    stage = Stage()
    stage.go.set()
    states: list[str] = []
    async with Client(stage.mcp, on_task=lambda task: states.append(task["status"])) as client:
        assert (await client.call_tool("work")).text == "done"
    assert states == ["completed"]
