"""Servers made of servers: mounted, imported, behind a proxy."""

from typing import Any

import pytest

from wireglass.client.client import Client
from wireglass.errors import NotFoundError
from wireglass.middleware.base import BaseMiddleware, Middleware
from wireglass.server.app import FastMCP
from wireglass.server.context import Context
from wireglass.server.proxy import create_proxy

pytestmark = pytest.mark.anyio


def child(name: str = "child") -> FastMCP:
    mcp = FastMCP(name)

    @mcp.tool(tags={"public"})
    def fetch(n: int = 1) -> int:
        return n

    @mcp.tool(tags={"admin"})
    def wipe() -> str:
        return "wiped"

    @mcp.resource("data://list", tags={"public"})
    def listing() -> str:
        return "items"

    @mcp.resource("data://{key}/item", tags={"public"})
    def item(key: str) -> str:
        return f"item {key}"

    @mcp.prompt(tags={"public"})
    def ask(topic: str) -> str:
        return f"About {topic}"

    return mcp


async def names(server: FastMCP) -> list[str]:
    return [tool.name for tool in await server.list_tools()]


async def text_of(server: FastMCP, uri: str) -> Any:
    return (await server.read_resource(uri)).contents[0].content


async def test_what_is_no_server_is_not_mounted() -> None:
    for given in ("other.py", 42):
        with pytest.raises(TypeError, match=r"mount\(\) takes a FastMCP server, not .*create_proxy"):
            FastMCP("parent").mount(given)


async def test_what_is_no_middleware_is_refused_where_it_is_given() -> None:
    """It failed at the first request, with the words "object TimingMiddleware can't be used in 'await' expression"."""

    class Timing(Middleware):
        pass

    with pytest.raises(TypeError, match=r"Timing is a class, not a middleware: write Timing\(\)\."):
        FastMCP("x").add_middleware(Timing)
    with pytest.raises(TypeError, match="42 is no middleware"):
        FastMCP("x", middleware=[42])


async def test_a_result_that_contains_itself_is_told_so() -> None:
    server = FastMCP("x")

    @server.tool
    def loop() -> Any:
        found: dict[str, Any] = {"name": "a"}
        found["itself"] = [found]
        return found

    async with Client(server) as client:
        told = await client.call_tool("loop", raise_on_error=False)
    assert told.is_error
    assert "result['itself'][0] leads back to what it is part of" in told.content[0].text


async def test_a_mount_is_live_and_prefixed_at_every_depth() -> None:
    """Issue 4: later additions appear; both spellings of a name are called."""
    inner, middle, outer = child(), FastMCP("middle"), FastMCP("outer")
    middle.mount(inner, prefix="in")
    outer.mount(middle, "mid")
    assert await names(outer) == ["mid_in_fetch", "mid_in_wipe"]

    @inner.tool
    def late() -> str:
        return "late"

    assert "mid_in_late" in await names(outer)
    assert (await outer.call_tool("mid_in_fetch", {"n": "7"})).structured_content == {"result": 7}
    assert (await outer.call_tool("mid.in.fetch", {"n": 8})).structured_content == {"result": 8}
    assert await text_of(outer, "data://mid/in/list") == "items"
    assert await text_of(outer, "data://mid/in/k/item") == "item k"
    assert [t.uri_template for t in await outer.list_resource_templates()] == ["data://mid/in/{key}/item"]
    prompt = await outer.render_prompt("mid_in_ask", {"topic": "x"})
    assert prompt.messages[0].content.text == "About x"
    with pytest.raises(NotFoundError):
        await outer.call_tool("fetch")


async def test_an_import_is_a_copy_of_that_moment() -> None:
    """Reference guide, error 20; works as a plain call and awaited."""
    inner, outer, awaited = child(), FastMCP("outer"), FastMCP("awaited")
    outer.import_server(inner, prefix="c", include_tags=["public"])
    await awaited.import_server(inner)
    inner.remove_tool("fetch")
    assert await names(outer) == ["c_fetch"]
    assert (await outer.call_tool("c_fetch")).structured_content == {"result": 1}
    assert await text_of(outer, "data://c/k/item") == "item k"
    assert await names(awaited) == ["fetch", "wipe"]


async def test_tags_choose_recursively_and_formats_differ() -> None:
    """Reference guide: include_tags, exclude_tags, resource_prefix_format, tool_separator."""
    middle, outer = FastMCP("middle"), FastMCP("outer")
    middle.mount(child(), prefix="in")
    outer.mount(middle, prefix="m", exclude_tags=["admin"], resource_prefix_format="protocol", tool_separator=".")
    assert await names(outer) == ["m.in_fetch"]
    assert [r.uri for r in await outer.list_resources()] == ["m+data://in/list"]
    assert await text_of(outer, "m+data://in/list") == "items"
    with pytest.raises(NotFoundError):
        await outer.call_tool("m.in_wipe")


async def test_impossible_mounts_are_refused_with_names() -> None:
    """Decision: a bad mode, format, cycle or clash is refused with names."""
    one, two = FastMCP("one"), FastMCP("two")
    one.mount(two, "t")
    for attempt, message in [
        (lambda: two.mount(one), "'one' in 'two' would make a cycle"),
        (lambda: one.mount(one), "cycle"),
        (lambda: one.mount(two, "t"), "'two' is already mounted"),
        (lambda: one.mount(two, "x", mode="magic"), "'magic'"),
        (lambda: one.mount(two, "y", resource_prefix_format="odd"), "'odd'"),
    ]:
        with pytest.raises(ValueError, match=message):
            attempt()


async def test_each_server_runs_its_own_middleware_once() -> None:
    """Issue 4: one hop of middleware per server, in both dialects."""
    seen: list[str] = []

    class Four(Middleware):
        async def on_call_tool(self, context: Any, call_next: Any) -> Any:
            seen.append(f"outer {context.message.name}")
            return await call_next(context)

    class Positional(BaseMiddleware):
        async def on_call_tool(self, tool_name: str, arguments: dict[str, Any], context: Any) -> Any:
            seen.append(f"inner {tool_name}")
            return await self.next(tool_name, {**arguments, "n": 5}, context)

        async def on_message(self, message: dict[str, Any], context: Any) -> Any:
            seen.append(message["method"])
            return await self.next(message, context)

    inner, outer = child(), FastMCP("outer", middleware=[Four()])
    inner.add_middleware(Positional())
    outer.mount(inner, "c")
    result = await outer.call_tool("c_fetch", {"n": 1})
    assert result.structured_content == {"result": 5}
    assert [entry for entry in seen if entry.startswith(("inner", "outer"))] == ["outer c_fetch", "inner fetch"]


async def test_lifespans_of_mounted_servers_run_once(connect: Any) -> None:
    """Issue 4: lifespans run once."""
    from contextlib import asynccontextmanager

    entered: list[str] = []

    @asynccontextmanager
    async def lifespan(server: FastMCP) -> Any:
        entered.append(server.name)
        yield {"of": server.name}

    inner, outer = FastMCP("inner", lifespan=lifespan), FastMCP("outer", lifespan=lifespan)

    @inner.tool
    def whose(ctx: Context) -> str:
        return f"{ctx.lifespan_context['of']} {ctx.fastmcp.name}"

    outer.mount(inner)
    async with connect(outer) as one, connect(outer) as two:
        assert (await one.call("whose"))["content"][0]["text"] == "inner inner"
        await two.call("whose")
    assert entered == ["outer", "inner"]


@pytest.mark.parametrize("version", ["2025-06-18", "2026-07-28"])
@pytest.mark.parametrize("backend", ["auto", "handshake"])
async def test_a_proxy_forwards_questions_progress_and_logs(connect: Any, version: str, backend: str) -> None:
    """Issue 4: proxies forward elicitation, sampling, roots, progress, logs, in every mix of eras."""
    inner = child("backend")

    @inner.tool
    async def busy(ctx: Context) -> str:
        await ctx.report_progress(1, 2)
        await ctx.info("working")
        return await ctx.request_elicitation("Who?", str)

    front = create_proxy(inner, mode=backend, name="front")

    async def answers(method: str, params: dict[str, Any]) -> dict[str, Any]:
        return {"action": "accept", "content": {"value": "Ada"}}

    progress: list[Any] = []
    async with connect(front, version, answers=answers) as line:
        line.session.log_level = "debug"
        listed = await line.ask("tools/list")
        assert [tool["name"] for tool in listed["tools"]] == ["fetch", "wipe", "busy"]
        params = {"name": "busy", "arguments": {}}
        result = await line.ask("tools/call", params, on_progress=progress.append)
        if version == "2026-07-28":
            answered = {"q1": {"action": "accept", "content": {"value": "Ada"}}}
            again = {**params, "requestState": result["requestState"], "inputResponses": answered}
            result = await line.ask("tools/call", again)
        assert result["content"][0]["text"] == "Ada"
        assert len(progress) == 1
        assert any(method == "notifications/message" for method, _ in line.heard)
        read = await line.ask("resources/read", {"uri": "data://k/item"})
        assert read["contents"][0]["text"] == "item k"
        got = await line.ask("prompts/get", {"name": "ask", "arguments": {"topic": "x"}})
        assert got["messages"][0]["content"]["text"] == "About x"


async def test_components_are_switched_by_rules() -> None:
    """Dialect 4: enable and disable; the later rule wins."""
    mcp = child()
    mcp.disable(tags={"admin"})
    assert await names(mcp) == ["fetch"]
    with pytest.raises(NotFoundError):
        await mcp.call_tool("wipe")
    mcp.enable(names={"wipe"})
    assert await names(mcp) == ["fetch", "wipe"]
    mcp.enable(tags={"public"}, components={"tool"}, only=True)
    assert await names(mcp) == ["fetch"]
    assert list(await mcp.list_prompts()) == []
