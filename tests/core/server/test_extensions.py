"""Extensions that authors add: what is declared, methods of their own, a say in tool calls, a lifespan."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import BaseModel

from wireglass import Client, FastMCP
from wireglass.errors import INVALID_PARAMS, METHOD_NOT_FOUND, McpError
from wireglass.protocol.envelopes import Request
from wireglass.protocol.versions import META_CLIENT_CAPABILITIES
from wireglass.server.extensions import (
    MethodBinding,
    ServerExtension,
    ServerRequestContext,
    read_client_extension_settings,
)
from wireglass.server.results import ToolResult

pytestmark = pytest.mark.anyio
ID = "com.example/weather"


class _Place(BaseModel):
    name: str


class _Weather(ServerExtension):
    identifier = ID

    def __init__(self, log: list[str] | None = None, versions: frozenset[str] | None = None) -> None:
        self.log = [] if log is None else log
        self.versions = versions

    def settings(self) -> dict[str, Any]:
        return {"unit": "C"}

    def methods(self) -> list[MethodBinding]:
        async def look(context: ServerRequestContext, place: _Place) -> dict[str, Any]:
            tools = await self.server.list_tools()
            return {"place": place.name, "tools": len(tools), "version": context.protocol_version}

        return [MethodBinding("weather/look", _Place, look, self.versions)]

    @asynccontextmanager
    async def lifespan(self) -> AsyncGenerator[None, None]:
        self.log.append(f"{self.identifier} in")
        yield
        self.log.append(f"{self.identifier} out")


def _server(*extensions: ServerExtension) -> FastMCP:
    mcp = FastMCP("x")
    mcp.tool(lambda: "tool", name="plain")
    for extension in extensions:
        mcp.add_extension(extension)
    return mcp


async def test_it_is_declared_where_the_protocol_knows_extensions() -> None:
    mcp = _server(_Weather())
    async with Client(mcp, mode="stateless") as client:
        assert client.facts.capabilities["extensions"][ID] == {"unit": "C"}
    async with Client(mcp, mode="handshake") as client:
        assert ID not in str(client.facts.capabilities)


async def test_its_methods_are_answered_and_their_parameters_checked() -> None:
    async with Client(_server(_Weather())) as client:
        result = await client.session.send_request(Request(method="weather/look", params={"name": "Oslo"}))
        assert (result["place"], result["tools"], result["version"]) == ("Oslo", 1, "2026-07-28")
        with pytest.raises(McpError) as caught:
            await client.request("weather/look", {"name": 3})
        assert caught.value.code == INVALID_PARAMS


async def test_a_method_may_belong_to_some_versions_only() -> None:
    async with Client(_server(_Weather(versions=frozenset({"2026-07-28"}))), mode="handshake") as client:
        with pytest.raises(McpError) as caught:
            await client.request("weather/look", {"name": "Oslo"})
        assert caught.value.code == METHOD_NOT_FOUND


async def test_tool_calls_pass_those_that_have_a_say_from_the_first_inwards() -> None:
    order: list[str] = []

    class Watching(ServerExtension):
        async def intercept_tool_call(self, params: Any, context: Any, call_next: Any) -> Any:
            order.append(f"{self.identifier} {params.name}")
            return await call_next()

    class Answering(ServerExtension):
        identifier = "com.example/answers"

        async def intercept_tool_call(self, params: Any, context: Any, call_next: Any) -> Any:
            return ToolResult("mine")

    first, second = Watching(), Watching()
    first.identifier, second.identifier = "com.example/a", "com.example/b"  # type: ignore[misc]
    async with Client(_server(first, second)) as client:
        assert (await client.call_tool("plain")).content[0].text == "tool"
    assert order == ["com.example/a plain", "com.example/b plain"]
    async with Client(_server(Answering())) as client:
        assert (await client.call_tool("plain")).content[0].text == "mine"


async def test_lifespans_run_with_the_server_but_not_where_it_is_only_mounted() -> None:
    log: list[str] = []
    child = _server(_Weather(log))
    parent = FastMCP("parent")
    parent.mount(child)
    async with Client(parent):
        assert log == []
    async with Client(child):
        assert log == [f"{ID} in"]
    assert log == [f"{ID} in", f"{ID} out"]


async def test_what_could_never_work_is_refused_when_it_is_added() -> None:
    mcp = _server(_Weather())
    with pytest.raises(ValueError, match="already registered"):
        mcp.add_extension(_Weather())
    async with Client(mcp):
        with pytest.raises(RuntimeError, match="lifespan has already started"):
            mcp.add_extension(_Weather())
    with pytest.raises(RuntimeError, match="not bound"):
        _ = _Weather().server
    with pytest.raises(TypeError, match="reverse-DNS"):
        type("Bad", (ServerExtension,), {"identifier": "weather"})
    with pytest.raises(ValueError, match="spec method"):
        MethodBinding("tools/call", _Place, _never)
    with pytest.raises(ValueError, match="protocol_versions"):
        MethodBinding("weather/look", _Place, _never, frozenset())


async def _never(context: ServerRequestContext, params: Any) -> None:
    raise AssertionError


@pytest.mark.parametrize(
    ("declared", "expected"),
    [({ID: {"a": 1}}, {"a": 1}), ({ID: {}}, {}), ({}, None), ({"com.example/other": {}}, None)],
)
def test_what_the_client_declared_is_read_from_the_request(declared: dict[str, Any], expected: Any) -> None:
    params = {"_meta": {META_CLIENT_CAPABILITIES: {"extensions": declared}}}
    context = ServerRequestContext(None, {}, "2026-07-28", params=params)
    assert read_client_extension_settings(context, ID) == expected
    assert _Weather().client_settings(context) == expected
