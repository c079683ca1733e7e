"""What a proxy says of itself and of the server behind it, and what it does when that server is not there."""

from collections.abc import Sequence
from typing import Any

import pytest

from wireglass import Client, FastMCP, create_proxy
from wireglass.errors import McpError, ProtocolError
from wireglass.middleware.base import CallNext, Middleware, MiddlewareContext
from wireglass.server.providers.aggregate import AggregateProvider
from wireglass.server.providers.base import Provider
from wireglass.server.proxy import FastMCPProxy, ProxyProvider
from wireglass.server.proxy_metadata import ProxyMetadataMiddleware
from wireglass.server.results import ToolResult
from wireglass.server.tools import Tool

pytestmark = pytest.mark.anyio
MODES = pytest.mark.parametrize("mode", ["stateless", "handshake"])
NOBODY = "http://127.0.0.1:9/mcp"


class _Signed(Middleware):
    """Puts something of the author's into the result that opens a connection."""

    async def on_initialize(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        result = await call_next(context)
        return result.model_copy(update={"meta": {**(result.meta or {}), "com.example/by": "upstream"}})

    on_discover = on_initialize


def _upstream() -> FastMCP:
    mcp = FastMCP("upstream", version="1.2", instructions="Ask upstream.", middleware=[_Signed()])
    mcp.tool(lambda: ToolResult("x", meta={"own": True}), name="marked")
    return mcp


@MODES
@pytest.mark.parametrize("backend", ["stateless", "handshake"])
async def test_instructions_and_meta_are_passed_on_in_every_pair_of_eras(mode: str, backend: str) -> None:
    proxy = create_proxy(_upstream(), mode=backend, name="front")
    async with Client(proxy, mode=mode) as client:
        assert client.instructions == "Ask upstream."
        assert client.server_info is not None
        assert client.server_info.name == "front"
        meta = client.facts.result["_meta"]
        assert meta["com.example/by"] == "upstream"
        assert "upstream" not in str(meta.get("io.modelcontextprotocol/serverInfo"))


@MODES
async def test_the_proxys_own_words_win_and_its_name_may_be_the_upstreams(mode: str) -> None:
    proxy = create_proxy(_upstream(), instructions="Ask me.", identity="upstream")
    async with Client(proxy, mode=mode) as client:
        assert client.instructions == "Ask me."
        assert client.server_info is not None
        assert (client.server_info.name, client.server_info.version) == ("upstream", "1.2")
    with pytest.raises(ValueError, match="identity"):
        create_proxy(_upstream(), identity="mine")


@MODES
async def test_a_server_that_is_not_there_does_not_keep_clients_from_connecting(mode: str) -> None:
    async with Client(create_proxy(NOBODY, name="front"), mode=mode) as client:
        assert client.server_info is not None
        assert client.server_info.name == "front"
        with pytest.raises(McpError, match="failed to connect"):
            await client.list_tools()


@MODES
async def test_a_factory_that_fails_is_not_hidden(mode: str) -> None:
    def broken() -> Client:
        raise LookupError("no client")

    provider = ProxyProvider(broken)
    front = FastMCP("front", providers=[provider], middleware=[ProxyMetadataMiddleware(provider)])
    with pytest.raises(ProtocolError):
        async with Client(front, mode=mode):
            pass


async def test_meta_of_a_result_is_passed_on_without_what_belongs_to_one_hop() -> None:
    async with Client(create_proxy(_upstream()), mode="handshake") as client:
        assert (await client.call_tool("marked")).meta == {"own": True}


async def test_a_client_of_the_authors_own_kind_is_used() -> None:
    opened: list[str] = []

    class Mine(Client):
        async def __aenter__(self) -> "Mine":
            opened.append(type(self).__name__)
            return await super().__aenter__()

    async with Client(FastMCPProxy(client_factory=lambda: Mine(_upstream()))) as client:
        await client.list_tools()
    assert opened == ["Mine"]


async def test_a_component_found_once_is_found_again_without_asking() -> None:
    upstream = _upstream()
    upstream.tool(lambda: 1, name="one")
    asked: list[str] = []

    class Counting(Middleware):
        async def on_list_tools(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
            asked.append("list")
            return await call_next(context)

    upstream.add_middleware(Counting())
    for ttl, once in ((300, True), (0, False)):
        asked.clear()
        front = FastMCP("front", providers=[ProxyProvider(lambda: Client(upstream, cache=False), cache_ttl=ttl)])
        async with Client(front, mode="handshake") as client:
            await client.session.call_tool("one", {})
            await client.session.call_tool("one", {})
        assert (len(asked) == 1) is once


class _Failing(Provider):
    async def _list_tools(self) -> Sequence[Tool]:
        raise RuntimeError("gone")


async def test_a_provider_that_fails_does_not_take_the_others_with_it() -> None:
    warned = FastMCP("x", providers=[_Failing()])
    warned.tool(lambda: 1, name="one")
    assert [tool.name for tool in await warned.list_tools()] == ["one"]
    assert (await warned.call_tool("one")).content[0].text == "1"
    with pytest.raises(RuntimeError, match="gone"):
        await warned.call_tool("other")  # perhaps it had it: that is why nobody can say
    strict = FastMCP("x", providers=[_Failing()], provider_error_strategy="raise")
    with pytest.raises(RuntimeError, match="gone"):
        await strict.list_tools()
    assert await AggregateProvider([_Failing()]).list_tools() == []
    with pytest.raises(RuntimeError, match="gone"):
        await AggregateProvider([_Failing()], provider_error_strategy="raise").list_tools()
