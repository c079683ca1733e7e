"""Spans ride home on the response, only when the request asks (architecture, "A middleware span to the timeline")."""

import os
from typing import Any

import pytest

from wireglass import Client, Context, FastMCP
from wireglass.errors import McpError
from wireglass.middleware.base import Middleware
from wireglass.protocol.messages import Span
from wireglass.protocol.spans import SPANS_KEY, decode_spans
from wireglass.recording.timing import self_times

pytestmark = pytest.mark.anyio
TRACE = {"dev.wireglass/trace": True}
ERAS = ["2025-11-25", "2026-07-28"]
VERSIONS = ["2024-11-05", "2025-03-26", "2025-06-18", *ERAS]


class Outer(Middleware):
    async def on_message(self, context: Any, call_next: Any) -> Any:
        return await call_next(context)


class Inner(Outer):
    pass


def desk() -> FastMCP:
    mcp = FastMCP("desk", middleware=[Outer(), Inner()])

    @mcp.tool
    async def quote(ctx: Context) -> int:
        with ctx.span("carrier API", host="example"):
            return 7

    @mcp.tool
    async def label(ctx: Context) -> str:
        with ctx.span("before"):
            pass
        answer = await ctx.elicit("Sure?", bool)
        with ctx.span("after"):
            return str(answer.action)

    return mcp


async def accept(*_: Any) -> Any:
    return {"value": True}


def spans(result: dict[str, Any]) -> tuple[Span, ...]:
    found, misfits = decode_spans(result["_meta"][SPANS_KEY])
    assert misfits == 0
    return found


def tree(found: tuple[Span, ...]) -> list[tuple[str, str, str | None]]:
    return [(one.name, one.kind, None if one.parent is None else found[one.parent].name) for one in found]


@pytest.mark.parametrize("mode", VERSIONS)
async def test_the_whole_chain_is_told(mode: str) -> None:
    async with Client(desk(), mode=mode) as client:
        result = await client.request("tools/call", {"name": "quote", "arguments": {}}, meta=TRACE)
    found = spans(result)
    assert tree(found) == [
        ("tools/call quote", "server", None),
        ("Outer", "middleware", "tools/call quote"),
        ("Inner", "middleware", "Outer"),
        ("quote", "handler", "Inner"),
        ("validate arguments", "validation", "quote"),
        ("carrier API", "user", "quote"),
        ("serialise result", "serialisation", "quote"),
    ]
    assert found[5].facts == {"host": "example"}
    assert sum(self_times(found)) == pytest.approx(found[0].duration_us, rel=0.02, abs=2)


async def test_nothing_is_told_unless_asked() -> None:
    async with Client(desk()) as client:
        result = await client.request("tools/call", {"name": "quote", "arguments": {}})
    assert SPANS_KEY not in result.get("_meta", {})


async def test_an_error_carries_them_in_its_data() -> None:
    async with Client(desk()) as client:
        with pytest.raises(McpError) as refused:
            await client.request("tools/call", {"name": "nowhere", "arguments": {}}, meta=TRACE)
    found, _ = decode_spans(refused.value.data[SPANS_KEY])
    assert [one.name for one in found] == ["tools/call nowhere", "Outer", "Inner"]


@pytest.mark.parametrize("mode", ERAS)
async def test_time_of_a_human_is_marked(mode: str) -> None:
    async with Client(desk(), mode=mode, elicitation_handler=accept) as client:
        result = await client.request("tools/call", {"name": "label", "arguments": {}}, meta=TRACE)
    names = tree(spans(result))
    assert ("elicitation", "human", "label") in names
    assert ("after", "user", "label") in names
    assert (("before", "user", "label") in names) == (mode == "2025-11-25")  # stateless: it went with the first round


def proxied() -> FastMCP:
    from wireglass.server.proxy import create_proxy

    back = FastMCP("back", middleware=[Inner()])

    @back.tool
    async def quote(ctx: Context) -> int:
        with ctx.span("carrier API"):
            return 7

    @back.resource("desk://note")
    async def letter() -> str:
        return "hello"

    @back.prompt
    async def greet(who: str) -> str:
        return f"Hello {who}"

    front = create_proxy(Client(back), name="front")
    front.add_middleware(Outer())
    return front


@pytest.mark.parametrize("mode", VERSIONS)
async def test_the_chain_behind_a_proxy_is_nested_in_the_call(mode: str) -> None:
    async with Client(proxied(), mode=mode) as client:
        result = await client.request("tools/call", {"name": "quote", "arguments": {}}, meta=TRACE)
    names = tree(spans(result))
    assert ("Outer", "middleware", "tools/call quote") in names
    assert ("tools/call quote", "server", "quote") in names, "our request to the other server"
    assert ("Inner", "middleware", "tools/call quote") in names, "its chain"
    assert ("carrier API", "user", "quote") in names
    depth = {name: index for index, (name, _, _) in enumerate(names)}
    assert depth["Outer"] < depth["Inner"] < depth["carrier API"]
    assert sum(self_times(spans(result))) == pytest.approx(spans(result)[0].duration_us, rel=0.02, abs=3)


async def test_resources_and_prompts_behind_a_proxy_are_nested_too() -> None:
    async with Client(proxied()) as client:
        read = await client.request("resources/read", {"uri": "desk://note"}, meta=TRACE)
        got = await client.request("prompts/get", {"name": "greet", "arguments": {"who": "Ada"}}, meta=TRACE)
    assert ("Inner", "middleware", "resources/read desk://note") in tree(spans(read))
    assert ("Inner", "middleware", "prompts/get greet") in tree(spans(got))


async def test_a_mounted_server_is_nested_with_its_own_chain() -> None:
    child = FastMCP("child", middleware=[Inner()])

    @child.tool
    async def quote() -> int:
        return 7

    parent = FastMCP("parent", middleware=[Outer()])
    parent.mount(child, namespace="c")
    async with Client(parent) as client:
        result = await client.request("tools/call", {"name": "c_quote", "arguments": {}}, meta=TRACE)
    assert tree(spans(result))[:6] == [
        ("tools/call c_quote", "server", None),
        ("Outer", "middleware", "tools/call c_quote"),
        ("c_quote", "handler", "Outer"),
        ("child", "server", "c_quote"),
        ("Inner", "middleware", "child"),
        ("quote", "handler", "Inner"),
    ]


async def test_dependencies_storage_and_the_lifespan_have_spans() -> None:
    from wireglass.server.injection import Depends
    from wireglass.storage.stores import MemoryStore

    store = MemoryStore()

    async def connect() -> str:
        await store.put("key", {"value": 1})
        return "connection"

    mcp = FastMCP("desk")

    @mcp.tool
    async def quote(database: str = Depends(connect)) -> str:
        await store.get("key")
        return database

    async with Client(mcp) as client:
        result = await client.request("tools/call", {"name": "quote", "arguments": {}}, meta=TRACE)
    names = tree(spans(result))
    assert ("connect", "dependency", "quote") in names
    assert ("MemoryStore put", "storage", "connect") in names
    assert ("MemoryStore get", "storage", "quote") in names


async def test_middleware_tells_the_hooks_it_overrides_when_asked_for_them() -> None:
    params = {"name": "quote", "arguments": {}}
    async with Client(desk()) as client:
        result = await client.request("tools/call", params, meta={"dev.wireglass/trace": "chain"})
        plain = await client.request("tools/call", params, meta=TRACE)
    assert [one.facts for one in spans(result) if one.kind == "middleware"] == [{"hooks": ["on_message"]}] * 2
    assert [one.facts for one in spans(plain) if one.kind == "middleware"] == [{}] * 2


async def test_a_refused_call_says_why_in_words() -> None:
    from wireglass.middleware.rate_limit import RateLimitingMiddleware

    mcp = FastMCP("desk", middleware=[RateLimitingMiddleware(max_requests=1, window_seconds=60)])

    @mcp.tool
    async def quote() -> int:
        return 7

    async with Client(mcp) as client:
        await client.call_tool("quote")
        with pytest.raises(McpError) as refused:
            await client.request("tools/call", {"name": "quote", "arguments": {}}, meta=TRACE)
    found, _ = decode_spans(refused.value.data[SPANS_KEY])
    limit = next(one for one in found if one.kind == "middleware")
    assert limit.facts["refused"] is True
    assert "1 calls in 60 s" in limit.facts["reason"]


async def test_opentelemetry_spans_of_the_author_are_folded_in(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("opentelemetry.sdk.trace")
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider

    provider = TracerProvider()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)  # the real one cannot be taken back
    tracer = provider.get_tracer("author")
    mcp = FastMCP("desk")

    @mcp.tool
    async def quote(ctx: Context) -> int:
        with tracer.start_as_current_span("SELECT rates", attributes={"db.system": "sqlite"}):
            with tracer.start_as_current_span("fetch"):
                pass
            with ctx.span("own"):
                pass
        return 7

    async with Client(mcp) as client:
        await client.request("tools/call", {"name": "quote", "arguments": {}})
        result = await client.request("tools/call", {"name": "quote", "arguments": {}}, meta=TRACE)
    found = spans(result)
    names = tree(found)
    assert ("SELECT rates", "user", "quote") in names
    assert ("fetch", "user", "SELECT rates") in names
    assert ("own", "user", "SELECT rates") in names
    assert next(one for one in found if one.name == "SELECT rates").facts["db.system"] == "sqlite"
    assert sum(self_times(found)) == pytest.approx(found[0].duration_us, rel=0.02, abs=2)


@pytest.mark.parametrize("mode", VERSIONS)
async def test_the_chain_behind_a_proxy_comes_home_over_stdio_and_http(mode: str, tmp_path: Any) -> None:
    """Issue 7: over stdio, HTTP, in every protocol version, in proxies. Here: client -> HTTP -> proxy -> stdio."""
    import sys

    import httpx

    from wireglass.client.transports import StdioTransport, StreamableHttpTransport
    from wireglass.server.proxy import create_proxy

    file = tmp_path / "back.py"
    file.write_text(_BACK)
    front = create_proxy(Client(StdioTransport(sys.executable, [str(file)], dict(os.environ))), name="front")
    front.add_middleware(Outer())
    app = front.http_app()

    def connect(**options: Any) -> httpx.AsyncClient:
        options.pop("transport", None)
        return httpx.AsyncClient(transport=httpx.ASGITransport(app), **options)

    async with app.router.lifespan_context(app):
        transport = StreamableHttpTransport("http://127.0.0.1/mcp", httpx_client_factory=connect)
        async with Client(transport, mode=mode, timeout=30) as client:
            result = await client.request("tools/call", {"name": "quote", "arguments": {}}, meta=TRACE)
    names = tree(spans(result))
    assert ("Outer", "middleware", "tools/call quote") in names
    assert ("Innermost", "middleware", "tools/call quote") in names
    assert ("carrier API", "user", "quote") in names
    assert sum(self_times(spans(result))) == pytest.approx(spans(result)[0].duration_us, rel=0.02, abs=3)


_BACK = """
from wireglass import Context, FastMCP
from wireglass.middleware.base import Middleware


class Innermost(Middleware):
    async def on_message(self, context, call_next):
        return await call_next(context)


mcp = FastMCP("back", middleware=[Innermost()])


@mcp.tool
async def quote(ctx: Context) -> int:
    with ctx.span("carrier API"):
        return 7


mcp.run(show_banner=False)
"""
