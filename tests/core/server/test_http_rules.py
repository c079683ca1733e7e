"""What the runtime owes to HTTP: headers that repeat arguments, polling close, changes made in worker threads."""

import asyncio
import json
from typing import Annotated, Any

import httpx
import pytest
from pydantic import Field

from asgi_wire import AsgiWire
from wireglass import Context, FastMCP
from wireglass.errors import HEADER_MISMATCH
from wireglass.protocol.versions import META_CLIENT_CAPABILITIES, META_PROTOCOL_VERSION
from wireglass.session.http_serving import HttpServing
from wireglass.wire.asgi import McpEndpoint
from wireglass.wire.event_store import MemoryEventStore

pytestmark = pytest.mark.anyio
URL = "http://127.0.0.1/mcp"


def client_of(mcp: FastMCP) -> httpx.AsyncClient:
    serving = HttpServing(mcp._handle, on_notification=mcp._handle_notification)
    endpoint = McpEndpoint(serving, event_store=MemoryEventStore(), retry_ms=1)
    return httpx.AsyncClient(transport=AsgiWire(endpoint), timeout=60)


def modern(method: str, **params: Any) -> dict[str, Any]:
    meta = {META_PROTOCOL_VERSION: "2026-07-28", META_CLIENT_CAPABILITIES: {}}
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": meta}}


def mirrored(message: dict[str, Any], **more: str) -> dict[str, str]:
    headers = {"mcp-protocol-version": "2026-07-28", "mcp-method": message["method"]}
    if "name" in message["params"]:
        headers["mcp-name"] = message["params"]["name"]
    return {**headers, **{name.replace("_", "-"): value for name, value in more.items()}}


@pytest.mark.parametrize(("header", "status"), [("eu", 200), ("us", 400), (None, 400)])
async def test_annotated_arguments_must_be_repeated_in_headers(header: str | None, status: int) -> None:
    """Transports page of 2026-07-28, custom headers from tool parameters."""
    mcp = FastMCP("headers")

    @mcp.tool
    def where(region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})]) -> str:
        return region

    message = modern("tools/call", name="where", arguments={"region": "eu"})
    more = {"mcp_param_region": header} if header else {}
    async with client_of(mcp) as http:
        answer = await http.post(URL, json=message, headers=mirrored(message, **more))
    assert answer.status_code == status
    assert status == 200 or answer.json()["error"]["code"] == HEADER_MISMATCH


async def test_a_tool_in_a_thread_can_change_the_list() -> None:
    """Past bug: tools that are no coroutines run in a thread, from which nobody heard of the change."""
    mcp = FastMCP("changes")

    @mcp.tool
    def change() -> str:
        mcp.remove_tool("change")
        return "changed"

    listen = modern("subscriptions/listen", notifications={"toolsListChanged": True})
    message = modern("tools/call", name="change", arguments={})
    async with client_of(mcp) as http, http.stream("POST", URL, json=listen, headers=mirrored(listen)) as stream:
        lines = (line async for line in stream.aiter_lines() if line.startswith("data: "))
        assert "acknowledged" in await anext(lines)
        await http.post(URL, json=message, headers=mirrored(message))
        async with asyncio.timeout(30):
            told = json.loads((await anext(lines))[6:])
    assert told["method"] == "notifications/tools/list_changed"


async def test_a_tool_can_send_its_client_away_to_poll() -> None:
    """2025-11-25, polling: the connection ends, the call goes on."""
    mcp = FastMCP("polling")

    @mcp.tool
    async def work(ctx: Context) -> str:
        await ctx.close_sse_stream()
        return "done"

    opening = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}}
    async with client_of(mcp) as http:
        opened = await http.post(URL, json={"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": opening})
        session = {"mcp-session-id": opened.headers["mcp-session-id"]}
        params = {"name": "work", "arguments": {}}
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        first = (await http.post(URL, json=call, headers=session)).text
        assert "done" not in first
        id = next(line[4:] for line in first.splitlines() if line.startswith("id: "))
        async with http.stream("GET", URL, headers={**session, "last-event-id": id}) as stream:
            assert "done" in "".join([line async for line in stream.aiter_lines()])
