"""Arguments that a tool wants repeated in headers (`x-mcp-header`, 2026-07-28): our client on our server, over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from asgi_wire import AsgiWire
from wireglass import Client, FastMCP
from wireglass.client.transports import StreamableHttpTransport
from wireglass.errors import McpError
from wireglass.server.tools import Tool
from wireglass.session.http_serving import HttpServing
from wireglass.wire.asgi import McpEndpoint

pytestmark = pytest.mark.anyio


def where(region: str | None = None, count: int = 0, deep: dict[str, Any] | None = None) -> str:
    return f"{region!r} {count}"


def tool(header: str, *, name: str = "where", kind: str = "string") -> Tool:
    made = Tool.from_function(where, name=name)
    region = {"type": kind, "x-mcp-header": header}
    properties = {**made.parameters["properties"], "region": region}
    properties["count"] = {"type": "integer", "x-mcp-header": "Count"}
    return made.model_copy(update={"parameters": {**made.parameters, "properties": properties}})


class Wire(AsgiWire):
    """Keeps the headers of each call."""

    def __init__(self, app: Any) -> None:
        super().__init__(app)
        self.seen: list[dict[str, str]] = []
        self.methods: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.methods.append(request.headers.get("mcp-method", request.method))
        if request.headers.get("mcp-method") == "tools/call":
            self.seen.append({k: v for k, v in request.headers.items() if k.startswith("mcp-param-")})
        return await super().handle_async_request(request)


@asynccontextmanager
async def connected(mcp: FastMCP, **options: Any) -> AsyncIterator[tuple[Client, Wire]]:
    async with mcp._lifespan():
        endpoint = McpEndpoint(HttpServing(mcp._handle, on_notification=mcp._handle_notification))
        wire = Wire(endpoint)
        recipe = StreamableHttpTransport(
            "http://127.0.0.1/mcp",
            httpx_client_factory=lambda **given: httpx.AsyncClient(**{**given, "transport": wire}),
        )
        async with Client(recipe, **options) as client:
            yield client, wire
        await endpoint.aclose()


@pytest.mark.parametrize(
    ("region", "sent"),
    [
        ("eu", "eu"),
        ("", ""),
        ("\u4e16\u754c", "=?base64?5LiW55WM?="),
        (" padded ", "=?base64?IHBhZGRlZCA=?="),
        ("a\r\nb: c", "=?base64?YQ0KYjogYw==?="),
        ("=?base64?eA==?=", "=?base64?PT9iYXNlNjQ/ZUE9PT89?="),
        ("=?base64?", "=?base64?"),
        (None, None),
    ],
)
async def test_a_value_arrives_as_it_was_given(region: str | None, sent: str | None) -> None:
    """Digest, section 8: unsafe values and those that look like the sentinel in base64, null without a header."""
    mcp = FastMCP("s")
    mcp.add_tool(tool("Region"))
    async with connected(mcp) as (client, wire):
        result = await client.call_tool("where", {"region": region, "count": 42})
        assert result.text == f"{region!r} 42"
    expected = {"mcp-param-count": "42"} | ({} if sent is None else {"mcp-param-region": sent})
    assert wire.seen == [expected]


async def test_after_a_mismatch_the_tools_are_listed_again_and_the_call_repeated_once() -> None:
    """The client's idea of the schema may be old."""
    mcp = FastMCP("s", on_duplicate="replace")
    mcp.add_tool(tool("Region"))
    async with connected(mcp) as (client, wire):
        await client.list_tools()
        mcp.add_tool(tool("Zone"))
        wire.methods.clear()
        assert (await client.call_tool("where", {"region": "eu"})).text == "'eu' 0"
        assert wire.methods == ["tools/call", "tools/list", "tools/call"]
        assert [set(one) for one in wire.seen] == [{"mcp-param-region"}, {"mcp-param-zone"}]
        wire.methods.clear()
        with pytest.raises(McpError) as error:
            await client.request("tools/call", {"name": "where", "arguments": {"region": "eu"}})
        assert error.value.code == -32020
        assert wire.methods == ["tools/call"], "a raw request is sent as it is, and once"


@pytest.mark.parametrize("mode", ["stateless", "2025-11-25"])
async def test_a_tool_whose_annotation_is_invalid_is_left_out_where_headers_are_mirrored(mode: str) -> None:
    """HTTP clients MUST drop it and say why; the handshake eras know nothing of it."""
    mcp = FastMCP("s")
    mcp.add_tool(tool("Region", name="good"))
    mcp.add_tool(tool("Region", name="bad", kind="number"))
    mcp.add_tool(tool("no token", name="worse"))
    async with connected(mcp, mode=mode) as (client, wire):
        listed = {one.name for one in await client.list_tools()}
        assert listed == ({"good"} if mode == "stateless" else {"good", "bad", "worse"})
        skipped = {entry["name"]: why for _, entry, why in client.skipped}
        assert skipped.keys() == ({"bad", "worse"} if mode == "stateless" else set())
        assert all(skipped.values())
        await client.call_tool("good", {"region": "eu"})
    assert wire.seen == ([{"mcp-param-region": "eu"}] if mode == "stateless" else [])


async def test_in_memory_and_over_stdio_nothing_is_left_out() -> None:
    mcp = FastMCP("s")
    mcp.add_tool(tool("no token", name="worse"))
    async with Client(mcp, mode="stateless") as client:
        assert [one.name for one in await client.list_tools()] == ["worse"]
