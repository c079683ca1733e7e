"""The hook hierarchy: which hooks see a message, in which order, and what becomes of a middleware that misbehaves."""

import asyncio
import logging
from typing import Any

import pytest

from wireglass import Client, Context, FastMCP
from wireglass.errors import McpError
from wireglass.middleware.base import BaseMiddleware, Middleware, MiddlewareContext
from wireglass.middleware.chain import compose
from wireglass.protocol.requests import CallToolRequestParams
from wireglass.server.results import ToolResult
from wireglass.testing import create_test_client

pytestmark = pytest.mark.anyio
MODES = ["2026-07-28", "2025-11-25"]


class Every(Middleware):
    """All hooks of the context dialect, noting themselves."""

    def __init__(self, name: str, seen: list[str]) -> None:
        self.name, self.seen = name, seen

    async def _pass(self, hook: str, context: Any, call_next: Any) -> Any:
        self.seen.append(f"{self.name}.{hook} {context.method}")
        return await call_next(context)


def _hook(name: str) -> Any:
    async def hook(self: Every, context: Any, call_next: Any) -> Any:
        return await self._pass(name, context, call_next)

    return hook


HOOKS = {
    "tools/call": "on_call_tool",
    "resources/read": "on_read_resource",
    "prompts/get": "on_get_prompt",
    "tools/list": "on_list_tools",
    "resources/list": "on_list_resources",
    "resources/templates/list": "on_list_resource_templates",
    "prompts/list": "on_list_prompts",
}
for _name in [*HOOKS.values(), "on_message", "on_request", "on_notification", "on_initialize", "on_discover"]:
    setattr(Every, _name, _hook(_name))


class Positional(BaseMiddleware):
    """All hooks of the positional dialect."""

    def __init__(self, seen: list[str]) -> None:
        self.seen = seen

    async def on_message(self, message: dict[str, Any], context: Context) -> Any:
        self.seen.append(f"p.on_message {message['method']}")
        return await self.next(message, context)

    async def on_call_tool(self, tool_name: str, arguments: dict[str, Any], context: Context) -> Any:
        self.seen.append(f"p.on_call_tool {tool_name}")
        return await self.next(tool_name, {**arguments, "a": arguments["a"] + 100}, context)

    async def on_read_resource(self, uri: str, context: Context) -> Any:
        self.seen.append(f"p.on_read_resource {uri}")
        return await self.next(uri, context)

    async def on_get_prompt(self, name: str, arguments: dict[str, Any], context: Context) -> Any:
        self.seen.append(f"p.on_get_prompt {name}")
        return await self.next(name, arguments, context)

    async def on_list_tools(self, context: Context) -> Any:
        self.seen.append("p.on_list_tools")
        return await self.next(context)


def desk(*middleware: Any, **options: Any) -> FastMCP:
    mcp = FastMCP("desk", middleware=middleware, **options)

    @mcp.tool
    def add(a: int) -> int:
        return a + 1

    @mcp.resource("data://x")
    def x() -> str:
        return "x"

    @mcp.prompt
    def ask() -> str:
        return "?"

    return mcp


PARAMS: dict[str, dict[str, Any]] = {
    "tools/call": {"name": "add", "arguments": {"a": 1}},
    "resources/read": {"uri": "data://x"},
    "prompts/get": {"name": "ask"},
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("method", HOOKS)
async def test_each_message_passes_its_hooks_once_from_the_outside_in(mode: str, method: str) -> None:
    seen: list[str] = []
    async with Client(desk(Every("a", seen), Every("b", seen)), mode=mode) as client:
        await client.request(method, PARAMS.get(method, {}))
    hooks = ["on_message", "on_request", HOOKS[method]]
    expected = [f"{name}.{hook} {method}" for name in "ab" for hook in hooks]
    assert [line for line in seen if line.endswith(f" {method}")] == expected


async def test_openings_and_notifications_have_hooks_of_their_own() -> None:
    seen: list[str] = []
    async with Client(desk(Every("a", seen)), mode="2025-11-25") as client:
        await client.ping()
    assert seen[:3] == [f"a.{hook} initialize" for hook in ("on_message", "on_request", "on_initialize")]
    told = [line for line in seen if line.endswith("notifications/initialized")]
    assert told == [f"a.{hook} notifications/initialized" for hook in ("on_message", "on_notification")]
    seen.clear()
    async with Client(desk(Every("a", seen)), mode="2026-07-28") as client:
        await client.request("server/discover", {})
    assert "a.on_discover server/discover" in seen


async def test_both_dialects_mix_in_one_chain() -> None:
    seen: list[str] = []
    mcp = desk(Positional(seen), Every("e", seen), Positional(seen))
    async with create_test_client(mcp) as client:
        assert (await client.call_tool("add", {"a": 1})).data == 202
        called = [line for line in seen if "on_call_tool" in line]
        assert called == ["p.on_call_tool add", "e.on_call_tool tools/call", "p.on_call_tool add"]
        await client.read_resource("data://x")
        await client.get_prompt("ask")
        assert "p.on_read_resource data://x" in seen
        assert "p.on_get_prompt ask" in seen
        assert [tool.name for tool in await client.list_tools()] == ["add"]
        assert seen.count("p.on_list_tools") % 2 == 0


async def test_next_belongs_to_the_call_in_hand() -> None:
    """One middleware object, many overlapping calls."""
    gate = asyncio.Event()

    class Waits(BaseMiddleware):
        async def on_call_tool(self, tool_name: str, arguments: dict[str, Any], context: Context) -> Any:
            await gate.wait()
            return await self.next(tool_name, arguments, context)

    async with create_test_client(desk(Waits())) as client:
        calls = [asyncio.create_task(client.call_tool("add", {"a": n})) for n in range(20)]
        await asyncio.sleep(0)
        gate.set()
        assert [(await call).data for call in calls] == list(range(1, 21))


async def test_chains_of_mounted_servers_nest() -> None:
    seen: list[str] = []
    inner = desk(Every("inner", seen))
    outer = FastMCP("outer", middleware=[Every("outer", seen)])
    outer.mount(inner, "in")
    async with create_test_client(outer) as client:
        seen.clear()
        assert (await client.call_tool("in_add", {"a": 1})).data == 2
    called = [line for line in seen if "on_call_tool" in line]
    assert called == ["outer.on_call_tool tools/call", "inner.on_call_tool tools/call"]


@pytest.mark.parametrize("how", ["mount as proxy", "proxy"])
async def test_chains_of_proxied_servers_nest(how: str) -> None:
    """A proxied server is called as a client calls it: all its hooks see a message of their own."""
    seen: list[str] = []
    inner = desk(Every("inner", seen))
    if how == "proxy":
        outer = FastMCP.as_proxy(inner, middleware=[Every("outer", seen)])
    else:
        outer = FastMCP("outer", middleware=[Every("outer", seen)])
        outer.mount(inner, mode="proxy")
    async with create_test_client(outer) as client:
        assert (await client.call_tool("add", {"a": 1})).data == 2
    called = [line for line in seen if line.endswith(" tools/call")]
    hooks = ("on_message", "on_request", "on_call_tool")
    assert called == [f"{name}.{hook} tools/call" for name in ("outer", "inner") for hook in hooks]


async def test_hooks_of_one_object_count_as_well() -> None:
    """Given to an object, or made when they are asked for, as doubles in tests do."""
    seen: list[str] = []

    async def hook(context: Any, call_next: Any) -> Any:
        seen.append(context.method)
        return await call_next(context)

    class Recording(Middleware):
        def __getattribute__(self, name: str) -> Any:
            return hook if name == "on_call_tool" else super().__getattribute__(name)

    given = Middleware()
    given.on_call_tool = hook  # type: ignore[method-assign]
    mcp = desk(given, Recording())
    await mcp.call_tool("add", {"a": 1})
    assert seen == ["tools/call", "tools/call"]


# Middleware that misbehave


class Answers(Middleware):
    async def on_call_tool(self, context: Any, call_next: Any) -> Any:
        return ToolResult(content="closed today")


class AnswersDict(BaseMiddleware):
    async def on_call_tool(self, tool_name: str, arguments: dict[str, Any], context: Context) -> Any:
        return {"error": "blocked"}


class Forgets(Middleware):
    async def on_request(self, context: Any, call_next: Any) -> Any:
        await call_next(context)


class NeverGoesOn(Middleware):
    async def on_request(self, context: Any, call_next: Any) -> Any:
        pass


class Twice(Middleware):
    async def on_call_tool(self, context: Any, call_next: Any) -> Any:
        await call_next(context)
        return await call_next(context)


class Raises(Middleware):
    async def on_request(self, context: Any, call_next: Any) -> Any:
        if context.method != "initialize" and context.method != "server/discover":
            raise PermissionError("not you")
        return await call_next(context)


class Changes(Middleware):
    async def on_call_tool(self, context: Any, call_next: Any) -> Any:
        changed = context.message.model_copy(update={"arguments": {"a": 41}})
        return await call_next(context.copy(message=changed))


class Loops(Middleware):
    async def on_call_tool(self, context: Any, call_next: Any) -> Any:
        return await self.on_call_tool(context, call_next)


@pytest.mark.parametrize("mode", MODES)
async def test_one_that_never_goes_on_answers_itself(mode: str) -> None:
    async with Client(desk(Answers()), mode=mode) as client:
        assert (await client.call_tool("add", {"a": 1})).content[0].text == "closed today"
    async with Client(desk(AnswersDict()), mode=mode) as client:
        assert (await client.call_tool("add", {"a": 1})).structured_content == {"error": "blocked"}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", [Forgets, NeverGoesOn])
async def test_one_that_returns_nothing_is_named(mode: str, kind: Any) -> None:
    class Harmless(Middleware):
        async def on_request(self, context: Any, call_next: Any) -> Any:
            return await call_next(context)

    mcp = desk(Harmless(), Harmless())
    async with Client(mcp, mode=mode) as client:
        mcp.middleware.insert(1, kind())
        result = await client.call_tool("add", {"a": 1}, raise_on_error=False)
        assert result.is_error
        assert f"The middleware {kind.__name__} returned nothing for tools/call" in result.content[0].text
        with pytest.raises(McpError, match=f"in the middleware {kind.__name__}"):
            await client.request("tools/list", {})


async def test_an_initialize_hook_may_return_nothing() -> None:
    """FastMCP 2 gave such hooks nothing to return."""

    class Greets(Middleware):
        async def on_initialize(self, context: Any, call_next: Any) -> None:
            await call_next(context)

    class Around(Middleware):
        async def on_message(self, context: Any, call_next: Any) -> Any:
            return await call_next(context)

    async with Client(desk(Around(), Greets(), Around()), mode="2025-11-25") as client:
        assert (await client.call_tool("add", {"a": 1})).data == 2


async def test_one_that_goes_on_twice_runs_the_rest_twice() -> None:
    runs: list[int] = []
    mcp = FastMCP("desk", middleware=[Twice()])
    mcp.tool(lambda: runs.append(1) or len(runs), name="count")
    async with create_test_client(mcp) as client:
        assert (await client.call_tool("count")).content[0].text == "2"


@pytest.mark.parametrize("mode", MODES)
async def test_one_that_raises_is_named(mode: str, caplog: pytest.LogCaptureFixture) -> None:
    async with Client(desk(Changes(), Raises()), mode=mode) as client:
        result = await client.call_tool("add", {"a": 1}, raise_on_error=False)
        assert result.content[0].text == "Error calling tool 'add' in the middleware Raises: not you"
        with caplog.at_level(logging.ERROR), pytest.raises(McpError, match="in the middleware Raises"):
            await client.request("resources/read", {"uri": "data://x"})
    assert "in the middleware Raises" in caplog.text


async def test_a_masking_server_names_it_in_its_log_only(caplog: pytest.LogCaptureFixture) -> None:
    async with create_test_client(desk(Raises(), mask_error_details=True)) as client:
        result = await client.call_tool("add", {"a": 1}, raise_on_error=False)
        assert result.content[0].text == "Error calling tool 'add'"
        with pytest.raises(McpError, match=r"^Internal error\. "):
            await client.request("tools/list", {})
    assert "in the middleware Raises" in caplog.text


async def test_an_error_of_the_tool_is_not_blamed_on_a_middleware() -> None:
    mcp = desk(Changes())

    @mcp.tool
    def bad(a: int) -> str:
        raise KeyError("mine")

    async with create_test_client(mcp) as client:
        result = await client.call_tool("bad", {"a": 1}, raise_on_error=False)
    assert "middleware" not in result.content[0].text


async def test_one_that_changes_the_message_is_heard() -> None:
    async with create_test_client(desk(Changes())) as client:
        assert (await client.call_tool("add", {"a": 1})).data == 42


async def test_one_that_calls_itself_is_named() -> None:
    async with create_test_client(desk(Loops())) as client:
        result = await client.call_tool("add", {"a": 1}, raise_on_error=False)
    assert "Middleware loop detected: Loops calls itself without end" in result.content[0].text


async def test_a_plain_function_is_a_middleware_too() -> None:
    async def plain(context: MiddlewareContext[Any], call_next: Any) -> Any:
        return [context.method, await call_next(context)]

    async def end(context: MiddlewareContext[Any]) -> str:
        return "end"

    assert await compose([plain], end)(MiddlewareContext(message={}, method="ping")) == ["ping", "end"]


def test_parameters_made_without_checks_are_like_checked_ones() -> None:
    """`CallToolRequestParams.of` leans on how pydantic keeps a model."""
    quick, checked = CallToolRequestParams.of("t", {"a": 1}, None), CallToolRequestParams(name="t", arguments={"a": 1})
    assert quick == checked.model_copy(update={"meta": None})
    assert quick.wire() == checked.wire()
    assert quick.model_copy(update={"name": "u"}).name == "u"
    assert (quick["name"], quick.get("nothing", 3), "arguments" in quick) == ("t", 3, True)
    quick.name = "v"
    assert CallToolRequestParams.model_validate(quick.wire()).name == "v"


def test_a_context_copies_and_tells_its_time() -> None:
    context = MiddlewareContext(message={"a": 1}, method="tools/call")
    copy = context.copy(message={"a": 2})
    assert (copy.message, copy.method) == ({"a": 2}, "tools/call")
    assert copy.timestamp == context.timestamp
    assert context.timestamp.tzinfo is not None
