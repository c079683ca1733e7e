"""A group of clients: one list of tools, each client with a connection of its own."""

import asyncio

import pytest

from wireglass import Client, ClientGroup, FastMCP

pytestmark = pytest.mark.anyio


def _client(name: str, **options: str) -> Client:
    mcp = FastMCP(name)

    @mcp.tool
    def echo(value: str) -> str:
        return f"{name}: {value}"

    return Client(mcp, **options)  # type: ignore[arg-type]


async def test_tools_are_prefixed_and_reach_their_server() -> None:
    group = ClientGroup({"a": _client("a", mode="handshake"), "b": _client("b")})
    async with group:
        assert [tool.name for tool in await group.list_tools()] == ["a_echo", "b_echo"]
        assert (await group.call_tool("b_echo", {"value": "x"})).data == "b: x"
        assert group.protocol_versions == {"a": "2025-11-25", "b": "2026-07-28"}
        route = await group.resolve_tool("a_echo")
        assert (route.server_name, route.upstream_name) == ("a", "echo")
        with pytest.raises(KeyError, match="gone"):
            await group.call_tool("gone")
    assert not any(client.is_connected() for client in group.clients.values())


async def test_entering_twice_keeps_the_connection_until_the_last_leaves() -> None:
    client = _client("a")
    group = ClientGroup({"a": client})
    async with group:
        async with group:
            pass
        assert client.is_connected()
    assert not client.is_connected()


async def test_a_client_that_fails_to_open_closes_the_others() -> None:
    bad = Client("http://127.0.0.1:9/mcp")
    good = _client("good")
    group = ClientGroup({"good": good, "bad": bad})
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the transport says
        async with group:
            pass
    assert not good.is_connected()


async def test_what_cannot_work_is_refused_with_its_name() -> None:
    open_one, closed = _client("open"), _client("closed")
    async with open_one:
        with pytest.raises(RuntimeError, match="'closed'"):
            await ClientGroup({"open": open_one, "closed": closed}).list_tools()
    with pytest.raises(ValueError, match="at least one"):
        ClientGroup({})
    clash = FastMCP("clash")
    clash.tool(lambda: 1, name="b_echo")
    async with ClientGroup({"a": Client(clash), "a_b": _client("x")}) as group:
        with pytest.raises(ValueError, match="a_b_echo"):
            await group.list_tools()


async def test_calls_that_begin_together_list_once() -> None:
    client = _client("a")
    listed = 0
    original = client.list_tools

    async def counted(*args: object, **options: object) -> object:
        nonlocal listed
        listed += 1
        return await original(*args, **options)  # type: ignore[arg-type]

    client.list_tools = counted  # type: ignore[method-assign,assignment]
    async with ClientGroup({"a": client}) as group:
        await asyncio.gather(*(group.call_tool("a_echo", {"value": str(n)}) for n in range(3)))
    assert listed == 1


async def test_a_configuration_makes_a_group() -> None:
    class Entry:
        mode = "handshake"

        def to_transport(self) -> object:
            return _client("inner").transport

    async with ClientGroup.from_config({"mcpServers": {"one": Entry()}}) as group:
        assert group.protocol_versions == {"one": "2025-11-25"}
