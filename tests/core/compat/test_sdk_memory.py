"""A 1.x server in a test of its time: `create_connected_server_and_client_session`."""

from typing import Any

import pytest

from wireglass import Context, FastMCP
from wireglass.compat.shims.sdk_memory import create_connected_server_and_client_session
from wireglass.compat.trees.mcp import TREE
from wireglass.protocol.inputs import ElicitResult

pytestmark = pytest.mark.anyio


async def test_a_session_lists_calls_and_answers() -> None:
    mcp = FastMCP("old")
    seen: list[Any] = []

    @mcp.tool()
    async def greet(name: str, ctx: Context[Any, Any]) -> str:
        await ctx.info("greeting")
        answer = await ctx.elicit("How?", str)
        return f"{answer.data}, {name}"

    async def answer(context: Any, params: Any) -> ElicitResult:
        seen.append(params.message)
        return ElicitResult(action="accept", content={"value": "Hello"})

    async def log(params: Any) -> None:
        seen.append(params.data)

    async with create_connected_server_and_client_session(
        mcp._mcp_server, elicitation_callback=answer, logging_callback=log
    ) as session:
        opened = await session.initialize()
        assert opened.serverInfo.name == "old"
        assert [tool.name for tool in (await session.list_tools()).tools] == ["greet"]
        result = await session.call_tool("greet", {"name": "Ada"})
        assert not result.isError
        assert result.content[0].text == "Hello, Ada"
    assert "How?" in seen


def test_resources_of_the_sdk_have_their_names() -> None:
    for name in ("TextResource", "BinaryResource", "FileResource", "HttpResource", "DirectoryResource"):
        assert TREE.target("mcp.server.fastmcp.resources", name) is not None
