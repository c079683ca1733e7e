"""A proxy passes on what the server behind it announces: changed lists and updated resources, in every pair of eras."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from asgi_wire import AsgiWire
from ear import Ear
from wireglass import Client, FastMCP, create_proxy
from wireglass.client.transports import StreamableHttpTransport
from wireglass.errors import McpError
from wireglass.middleware.caching import ResponseCachingMiddleware

pytestmark = pytest.mark.anyio
PAIRS = pytest.mark.parametrize(
    ("mode", "behind"),
    [(mode, behind) for mode in ("stateless", "handshake") for behind in ("stateless", "handshake")],
)
LISTS = [f"notifications/{kind}/list_changed" for kind in ("tools", "resources", "prompts")]
UPDATED = "notifications/resources/updated"


def upstream() -> FastMCP:
    mcp = FastMCP("upstream")

    @mcp.resource("x://counter")
    def counter() -> str:
        return "1"

    @mcp.resource("x://part/{name}")
    def part(name: str) -> str:
        return name

    @mcp.tool
    async def touch(uri: str) -> None:
        await mcp.notify_resource_updated(uri)

    @mcp.tool
    def grow() -> None:
        mcp.tool(lambda: 1, name="late")
        mcp.resource("x://late", name="late")(lambda: "late")
        mcp.prompt(lambda: "late", name="late")

    return mcp


@PAIRS
async def test_changed_lists_are_passed_on_and_read_again(mode: str, behind: str) -> None:
    ear = Ear()
    front = create_proxy(upstream(), mode=behind)
    front.add_middleware(ResponseCachingMiddleware())
    async with Client(front, mode=mode, message_handler=ear) as client:
        before = {tool.name for tool in await client.list_tools()}
        assert len(await client.list_resources()) == 1
        await client.call_tool("grow")
        for method in LISTS:
            await ear.until(method)
        assert {tool.name for tool in await client.list_tools()} == before | {"late"}
        assert len(await client.list_resources()) == 2
        assert [prompt.name for prompt in await client.list_prompts()] == ["late"]
        assert (await client.call_tool("late")).text == "1"


@PAIRS
async def test_updates_of_a_resource_are_passed_on_until_nobody_listens(mode: str, behind: str) -> None:
    ear = Ear()
    async with Client(create_proxy(upstream(), mode=behind), mode=mode, message_handler=ear) as client:
        await client.subscribe_resource("x://counter")
        await client.subscribe_resource("x://part/a")
        await client.call_tool("touch", {"uri": "x://counter"})
        assert (await ear.until(UPDATED))["uri"] == "x://counter"
        await client.call_tool("touch", {"uri": "x://part/a"})
        assert (await ear.until(UPDATED, 2))["uri"] == "x://part/a"
        await client.unsubscribe_resource("x://counter")
        await client.call_tool("touch", {"uri": "x://counter"})
        await client.call_tool("touch", {"uri": "x://part/a"})
        assert (await ear.until(UPDATED, 3))["uri"] == "x://part/a"
        assert ear.count(UPDATED) == 3


@PAIRS
async def test_news_come_through_a_server_that_mounts_the_proxy_under_a_name(mode: str, behind: str) -> None:
    ear, front = Ear(), FastMCP("front")
    front.mount(create_proxy(upstream(), mode=behind), namespace="far")
    async with Client(front, mode=mode, message_handler=ear) as client:
        uri = str((await client.list_resources())[0].uri)
        assert uri != "x://counter"
        await client.subscribe_resource(uri)
        await client.call_tool("far_touch", {"uri": "x://counter"})
        assert (await ear.until(UPDATED))["uri"] == uri
        await client.call_tool("far_grow")
        await ear.until(LISTS[0])
        assert "far_late" in {tool.name for tool in await client.list_tools()}


@pytest.mark.parametrize("behind", ["stateless", "handshake"])
async def test_each_session_hears_once_whatever_others_have_open(behind: str) -> None:
    front, ears = create_proxy(upstream(), mode=behind), [Ear(), Ear()]
    first, second = (Client(front, mode="handshake", message_handler=ear) for ear in ears)
    async with first, second:
        await asyncio.gather(first.list_tools(), second.list_tools())
        await first.subscribe_resource("x://counter")
        await first.call_tool("grow")
        await asyncio.gather(*(ear.until(method) for ear in ears for method in LISTS))
        await second.call_tool("touch", {"uri": "x://counter"})
        await ears[0].until(UPDATED)
        await asyncio.gather(first.ping(), second.ping())
        assert [[ear.count(method) for method in LISTS] for ear in ears] == [[1, 1, 1]] * 2
        assert [ear.count(UPDATED) for ear in ears] == [1, 0]


@asynccontextmanager
async def over_http(front: FastMCP) -> AsyncIterator[Any]:
    app = front.http_app()

    def client_of(**options: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=AsgiWire(app), **options)

    async with app.router.lifespan_context(app):
        yield StreamableHttpTransport("http://127.0.0.1/mcp", httpx_client_factory=client_of)


@PAIRS
async def test_news_come_over_http_where_requests_of_the_stateless_era_stand_alone(mode: str, behind: str) -> None:
    ear, front = Ear(), create_proxy(upstream(), mode=behind)
    async with over_http(front) as transport, Client(transport, mode=mode, message_handler=ear) as client:
        await client.list_tools()
        await client.subscribe_resource("x://counter")
        await client.call_tool("touch", {"uri": "x://counter"})
        assert (await ear.until(UPDATED))["uri"] == "x://counter"
        await client.call_tool("grow")
        await ear.until(LISTS[0])


class _Deaf(FastMCP):
    """Knows no subscriptions."""

    async def _handle(self, scope: Any) -> dict[str, Any]:
        if scope.method in ("resources/subscribe", "subscriptions/listen"):
            raise McpError(-32601, "Method not found")
        return await super()._handle(scope)


@PAIRS
async def test_a_server_that_announces_nothing_can_be_listened_to_all_the_same(mode: str, behind: str) -> None:
    """The proxy's own changes are still told."""
    deaf = _Deaf("deaf")
    deaf.resource("x://counter", name="counter")(lambda: "1")
    ear, front = Ear(), create_proxy(deaf, mode=behind)
    async with Client(front, mode=mode, message_handler=ear) as client:
        await client.subscribe_resource("x://counter")
        await front.notify_resource_updated("x://counter")
        assert (await ear.until(UPDATED))["uri"] == "x://counter"
        front.tool(lambda: 2, name="own")
        await ear.until(LISTS[0])


async def test_a_connection_that_broke_is_listened_to_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ear, made = Ear(), list[Client]()
    new: Callable[[Any], Any] = Client.new
    monkeypatch.setattr(Client, "new", lambda given: made.append(new(given)) or made[-1])
    front = create_proxy(upstream(), mode="handshake")
    async with Client(front, mode="handshake", message_handler=ear) as client:
        await client.subscribe_resource("x://counter")
        assert len(made) == 1
        await made[0].close()
        await client.call_tool("touch", {"uri": "x://counter"})
        assert (await ear.until(UPDATED))["uri"] == "x://counter"
        await client.call_tool("grow")
        await ear.until(LISTS[0])
        assert len(made) == 2
