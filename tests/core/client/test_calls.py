"""Typed calls: pages, caching, tasks, pages to visit, listening, several servers."""

import asyncio
import datetime
from typing import Any

import pytest
from stub import Stub

from loop_clock import LoopClock
from wireglass import Client, FastMCP, InputBroker
from wireglass.client.tasks import TaskEnded
from wireglass.errors import McpError, ProtocolError, RequestTimeout
from wireglass.protocol import versions
from wireglass.session import RequestScope

pytestmark = pytest.mark.anyio
DONE = {"content": [{"type": "text", "text": "done"}]}


async def test_pages_that_never_end_are_noticed() -> None:
    stub = Stub({"tools/list": {"tools": [], "nextCursor": "again"}})
    async with Client(stub) as client:
        with pytest.raises(ProtocolError, match="twice"):
            await client.list_tools()


# Caching


async def test_lists_are_kept_as_long_as_the_server_allows_and_no_longer_than_a_change() -> None:
    async def read(scope: RequestScope) -> dict[str, Any]:
        if scope.params["uri"] == "x://changes":
            await scope.session.notify("notifications/tools/list_changed", {})
        return {"contents": [], "ttlMs": 0, "cacheScope": "private"}

    stub = Stub({"tools/list": {"tools": [], "ttlMs": 60_000, "cacheScope": "private"}, "resources/read": read})
    async with Client(stub) as client:
        await client.list_tools()
        await client.list_tools()
        assert stub.count("tools/list") == 1
        await client.list_tools(cache_mode="refresh")
        assert stub.count("tools/list") == 2
        client._note_change("notifications/tools/list_changed", {})
        await client.list_tools()
        assert stub.count("tools/list") == 3
        await client.read_resource("x://a")
        await client.read_resource("x://a")
        assert stub.count("resources/read") == 2
    async with Client(stub, cache=False) as client:
        await client.list_tools()
        await client.list_tools()
        assert stub.count("tools/list") == 5


# Typed data


async def test_structured_content_becomes_typed_data() -> None:
    schema = {
        "type": "object",
        "properties": {
            "at": {"type": "string", "format": "date-time"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "who": {"$ref": "#/$defs/Person"},
        },
        "required": ["at", "who"],
        "$defs": {"Person": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}},
    }
    structured = {"at": "2026-01-02T03:04:05Z", "who": {"name": "Ada"}}
    stub = Stub(
        {
            "tools/list": {"tools": [{"name": "t", "inputSchema": {"type": "object"}, "outputSchema": schema}]},
            "tools/call": {"content": [], "structuredContent": structured},
        }
    )
    async with Client(stub) as client:
        result = await client.call_tool("t")
    assert result.data.at == datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    assert result.data.who.name == "Ada"
    assert result.data.tags is None
    assert result.structured_content == structured


async def test_wrapped_results_are_unwrapped_and_misfits_stay_as_they_came() -> None:
    wrapped = {
        "type": "object",
        "properties": {"result": {"type": "array", "items": {"type": "integer"}}},
        "x-fastmcp-wrap-result": True,
    }
    stub = Stub(
        {
            "tools/list": {"tools": [{"name": "t", "inputSchema": {"type": "object"}, "outputSchema": wrapped}]},
            "tools/call": {"content": [], "structuredContent": {"result": [1, 2]}},
        }
    )
    async with Client(stub) as client:
        assert (await client.call_tool("t")).data == [1, 2]
        stub.answers["tools/call"] = {"content": [], "structuredContent": {"result": ["x"]}}
        assert (await client.call_tool("t")).data == ["x"]


# Rounds of input


async def test_the_rounds_of_a_call_are_bounded_and_states_come_back_byte_for_byte() -> None:
    rounds = iter(range(100))

    async def insist(scope: RequestScope) -> dict[str, Any]:
        return {"resultType": "input_required", "requestState": f"état {next(rounds)}"}

    stub = Stub({"tools/call": insist})
    async with Client(stub, input_required_max_rounds=3) as client:
        with pytest.raises(ProtocolError, match="3 rounds"):
            await client.call_tool("t", {"a": 1})
    calls = [params for method, params in stub.asked if method == "tools/call"]
    assert [call.get("requestState") for call in calls] == [None, "état 0", "état 1", "état 2"]
    assert all(call["arguments"] == {"a": 1} and "inputResponses" not in call for call in calls)


async def test_an_unknown_result_type_is_an_invalid_answer() -> None:
    async with Client(Stub({"tools/call": {"resultType": "surprise", "content": []}})) as client:
        with pytest.raises(ProtocolError, match="surprise"):
            await client.call_tool("t")


async def test_refused_sampling_ends_the_call_without_a_retry() -> None:
    asked = {"model": {"method": "sampling/createMessage", "params": {"messages": [], "maxTokens": 1}}}
    stub = Stub({"tools/call": {"resultType": "input_required", "inputRequests": asked}})
    broker = InputBroker(lambda request: request.refuse())
    async with Client(stub, inputs=broker) as client:
        with pytest.raises(McpError, match="rejected"):
            await client.call_tool("t")
    assert stub.count("tools/call") == 1


# Tasks of the extension


async def test_a_task_is_followed_to_its_result_and_its_questions_are_answered_once() -> None:
    polls = 0

    async def call(scope: RequestScope) -> dict[str, Any]:
        assert versions.TASKS_EXTENSION in scope.client_capabilities["extensions"]
        return {"resultType": "task", "taskId": "t1", "status": "working", "pollIntervalMs": 1, "ttlMs": None}

    async def get(scope: RequestScope) -> dict[str, Any]:
        nonlocal polls
        polls += 1
        if polls < 4:
            asked = {"who": {"method": "elicitation/create", "params": {"message": "?", "requestedSchema": {}}}}
            return {"taskId": "t1", "status": "input_required", "inputRequests": asked}
        return {"taskId": "t1", "status": "completed", "result": DONE}

    stub = Stub({"tools/call": call, "tasks/get": get, "tasks/update": {}})
    states: list[Any] = []

    async def answer(*_: Any) -> Any:
        return {"n": 1}

    async with Client(stub, elicitation_handler=answer, on_task=lambda task: states.append(task["status"])) as client:
        assert (await client.call_tool("t")).text == "done"
    assert stub.count("tasks/update") == 1
    assert dict(stub.asked)["tasks/update"] == {
        "taskId": "t1",
        "inputResponses": {"who": {"action": "accept", "content": {"n": 1}}},
    }
    assert states == ["working", "input_required", "input_required", "input_required", "completed"]


async def test_a_failed_task_raises_its_error_and_a_cancelled_one_says_so() -> None:
    failed: dict[str, Any] = {
        "resultType": "task",
        "taskId": "t",
        "status": "failed",
        "error": {"code": -5, "message": "m"},
    }
    async with Client(Stub({"tools/call": failed})) as client:
        with pytest.raises(McpError) as error:
            await client.call_tool("t")
        assert error.value.code == -5
    async with Client(Stub({"tools/call": {"resultType": "task", "taskId": "t", "status": "cancelled"}})) as client:
        with pytest.raises(TaskEnded):
            await client.call_tool("t")


async def test_cancelling_the_call_cancels_the_task() -> None:
    working = {"resultType": "task", "taskId": "t", "status": "working", "pollIntervalMs": 1}
    polled = asyncio.Event()

    async def get(scope: RequestScope) -> dict[str, Any]:
        polled.set()
        return {"taskId": "t", "status": "working"}

    stub = Stub({"tools/call": working, "tasks/get": get, "tasks/cancel": {}})
    async with Client(stub) as client:
        call = asyncio.create_task(client.call_tool("t"))
        await polled.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert stub.count("tasks/cancel") == 1


# Tasks of 2025-11-25


async def test_a_tool_that_requires_a_task_gets_one_and_the_call_looks_like_any_other() -> None:
    tool = {"name": "t", "inputSchema": {"type": "object"}, "execution": {"taskSupport": "required"}}
    states = iter(["working", "input_required"])

    async def call(scope: RequestScope) -> dict[str, Any]:
        assert scope.params["task"] == {}
        return {"task": {"taskId": "7", "status": "working", "ttl": None, "pollInterval": 1}}

    async def get(scope: RequestScope) -> dict[str, Any]:
        return {"taskId": "7", "status": next(states), "ttl": None, "pollInterval": 1}

    async def result(scope: RequestScope) -> dict[str, Any]:
        answer = await scope.request("elicitation/create", {"message": "?", "requestedSchema": {"properties": {}}})
        return {"content": [{"type": "text", "text": answer["action"]}]}

    stub = Stub(
        {"tools/list": {"tools": [tool]}, "tools/call": call, "tasks/get": get, "tasks/result": result},
        tasks={"requests": {"tools": {"call": {}}}},
    )

    async def decline(*_: Any) -> Any:
        return {"action": "decline"}

    async with Client(stub, mode="2025-11-25", elicitation_handler=decline) as client:
        assert (await client.call_tool("t")).text == "decline"


# Pages to visit (-32042 of 2025-11-25)


async def test_a_call_is_tried_again_after_its_pages_were_visited() -> None:
    visited = False

    async def call(scope: RequestScope) -> dict[str, Any]:
        if visited:
            return DONE
        page = {"mode": "url", "elicitationId": "e1", "url": "https://example.com/in", "message": "Sign in"}
        raise McpError(-32042, "visit first", {"elicitations": [page]})

    async def visit(message: str, kind: Any, params: Any, context: Any) -> Any:
        nonlocal visited
        assert (params.mode, params.url) == ("url", "https://example.com/in")
        visited = True
        client._notified("notifications/elicitation/complete", {"elicitationId": "e1"})
        return {"action": "accept"}

    client = Client(Stub({"tools/call": call}), mode="2025-11-25", elicitation_handler=visit)
    async with client:
        assert (await client.call_tool("t")).text == "done"


# Listening


async def test_changes_are_heard_on_a_listen_stream_and_subscriptions_reopen_it() -> None:
    filters: list[Any] = []

    async def listen(scope: RequestScope) -> dict[str, Any]:
        wanted = scope.params["notifications"]
        filters.append(wanted)
        meta = {versions.META_SUBSCRIPTION_ID: scope.request_id}
        await scope.notify("notifications/subscriptions/acknowledged", {"notifications": wanted, "_meta": meta})
        if wanted.get("resourceSubscriptions"):
            await scope.notify("notifications/resources/updated", {"uri": "x://1", "_meta": meta})
        await asyncio.Event().wait()
        return {}

    heard: asyncio.Queue[str] = asyncio.Queue()

    async def hear(message: Any) -> None:
        heard.put_nowait(message.method)

    stub = Stub({"subscriptions/listen": listen}, tools={"listChanged": True}, resources={"subscribe": True})
    async with Client(stub, message_handler=hear) as client:
        assert filters == [{"toolsListChanged": True}]
        await client.subscribe_resource("x://1")
        assert filters[1:] == [{"toolsListChanged": True, "resourceSubscriptions": ["x://1"]}]
        while await asyncio.wait_for(heard.get(), 30) != "notifications/resources/updated":
            pass
        await client.unsubscribe_resource("x://1")
        assert filters[2:] == [{"toolsListChanged": True}]


async def test_a_server_without_subscriptions_says_so() -> None:
    async with Client(Stub()) as client:
        with pytest.raises(McpError):
            await client.subscribe_resource("x://1")
        assert await client.ping()


# Several servers


async def test_several_servers_share_one_client_and_names_are_prefixed() -> None:
    def part(name: str) -> Stub:
        async def call(scope: RequestScope) -> dict[str, Any]:
            text = f"{name}:{scope.params['name']}:{scope.params.get('arguments')}"
            return {"content": [{"type": "text", "text": text}]}

        return Stub(
            {
                "tools/list": {"tools": [{"name": "t", "inputSchema": {"type": "object"}}]},
                "resources/list": {"resources": [{"uri": "x://r", "name": "r"}]},
                "resources/read": {"contents": [{"uri": "x://r", "text": name}]},
                "tools/call": call,
            },
            tools={},
            resources={},
        )

    async with Client({"mcpServers": {"one": part("one"), "two": part("two")}}) as client:
        assert [tool.name for tool in await client.list_tools()] == ["one_t", "two_t"]
        assert (await client.call_tool("two_t", {"a": 1})).text == "two:t:{'a': 1}"
        assert [r.uri for r in await client.list_resources()] == ["x://one/r", "x://two/r"]
        assert (await client.read_resource("x://two/r"))[0].text == "two"
        with pytest.raises(McpError):
            await client.call_tool("three_t")


def growing(name: str) -> FastMCP:
    """A server whose list grows by a call, and with a resource that changes."""
    mcp = FastMCP(name)

    @mcp.tool(name=f"grow_{name}")
    async def grow() -> str:
        mcp.add_tool(len, name=f"grown_{name}")
        await mcp.notify_resource_updated(f"x://{name}")
        return name

    @mcp.resource(f"x://{name}")
    def resource() -> str:
        return name

    @mcp.resource("y://" + name + "/{key}")
    def template(key: str) -> str:
        return f"{name} {key}"

    @mcp.prompt(name=f"ask_{name}")
    def ask() -> str:
        return name

    return mcp


@pytest.mark.parametrize("mode", ["stateless", "2025-11-25"])
async def test_changes_of_each_of_several_servers_are_heard(mode: str) -> None:
    heard: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    async def hear(message: Any) -> None:
        heard.put_nowait((message.method, message.params.get("uri")))

    async def until(what: tuple[str, Any]) -> None:
        while await heard.get() != what:
            pass

    servers = {"mcpServers": {"one": growing("one"), "two": growing("two")}}
    async with asyncio.timeout(20), Client(servers, mode=mode, message_handler=hear) as client:
        await client.subscribe_resource("x://two/two")
        assert "two_grown_two" not in {tool.name for tool in await client.list_tools()}
        await client.call_tool("two_grow_two")
        await until(("notifications/resources/updated", "x://two"))
        await client.call_tool("one_grow_one")
        await until(("notifications/tools/list_changed", None))
        assert {"one_grown_one", "two_grown_two"} <= {tool.name for tool in await client.list_tools()}
        await client.unsubscribe_resource("x://two/two")
        await client.set_logging_level("info")


async def test_without_prefixes_each_name_finds_its_server() -> None:
    from wireglass.client.transports import MCPConfigTransport

    servers = {"mcpServers": {"one": growing("one"), "longer": growing("two")}}
    async with asyncio.timeout(20), Client(MCPConfigTransport(servers, name_as_prefix=False)) as client:
        for name in ("one", "two"):
            assert (await client.call_tool(f"grow_{name}")).text == name
            assert (await client.read_resource(f"x://{name}"))[0].text == name
            assert (await client.read_resource(f"y://{name}/k"))[0].text == f"{name} k"
            assert (await client.get_prompt(f"ask_{name}")).messages[0].content.text == name
        for wrong in (client.call_tool("neither"), client.read_resource("z://nobody")):
            with pytest.raises(McpError) as error:
                await wrong
            assert error.value.code == -32602


# Time-outs


@pytest.mark.parametrize("timeout", [10, None])
async def test_a_maximum_ends_a_call_that_progresses_for_ever(
    timeout: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Digest, section 11: progress may extend the time-out, a maximum still holds."""

    async def never(scope: RequestScope) -> dict[str, Any]:
        step = 0
        while True:
            step += 1
            params = {"progressToken": scope.meta["progressToken"], "progress": step}
            await scope.notify("notifications/progress", params)
            await clock.forward(8)

    clock = LoopClock(monkeypatch)
    steps: list[float] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        steps.append(progress)

    stub = Stub({"tools/call": never}, tools={})
    async with Client(stub, timeout=timeout, max_timeout=30) as client:
        with pytest.raises(RequestTimeout):
            await client.call_tool("t", progress_handler=hear)
    assert steps
