"""Tools from outside: given ones, prompts as tools, resources as tools."""

import json
from typing import Any

import pytest

from wireglass import FastMCP
from wireglass.middleware.prompt_tools import PromptToolMiddleware
from wireglass.middleware.resource_tools import ResourceToolMiddleware
from wireglass.middleware.tool_injection import ToolInjectionMiddleware
from wireglass.testing import create_test_client

pytestmark = pytest.mark.anyio


def added(a: int, b: int) -> int:
    """Adds."""
    return a + b


async def test_injected_tools_are_listed_first_and_win() -> None:
    mcp = FastMCP("s", middleware=[ToolInjectionMiddleware([added, FastMCP.make_tool(added).copy(name="plus")])])
    mcp.tool(lambda: "own", name="own")
    mcp.tool(lambda: "shadowed", name="plus")
    async with create_test_client(mcp) as client:
        assert [tool.name for tool in await client.list_tools()] == ["added", "plus", "own"]
        assert (await client.call_tool("added", {"a": 1, "b": 2})).data == 3
        assert (await client.call_tool("plus", {"a": 2, "b": 2})).data == 4
        assert (await client.call_tool("own")).content[0].text == "own"


async def test_one_object_serves_several_servers() -> None:
    middleware = PromptToolMiddleware()
    for name in ("one", "two"):
        mcp = FastMCP(name, middleware=[middleware])
        mcp.prompt(lambda: "x", name=f"prompt_of_{name}")
        async with create_test_client(mcp) as client:
            listed = (await client.call_tool("list_prompts")).structured_content["result"]
            assert [prompt["name"] for prompt in listed] == [f"prompt_of_{name}"]


async def test_prompts_as_tools() -> None:
    mcp = FastMCP("s", middleware=[PromptToolMiddleware()])

    @mcp.prompt
    def greet(name: str) -> str:
        return f"Hello {name}"

    async with create_test_client(mcp) as client:
        assert {tool.name for tool in await client.list_tools()} == {"list_prompts", "get_prompt"}
        result = await client.call_tool("get_prompt", {"name": "greet", "arguments": {"name": "Ada"}})
        assert result.structured_content["messages"][0]["content"]["text"] == "Hello Ada"
        missing = await client.call_tool("get_prompt", {"name": "none"}, raise_on_error=False)
        assert missing.is_error


async def test_resources_as_tools() -> None:
    mcp = FastMCP("s", middleware=[ResourceToolMiddleware()])

    @mcp.resource("data://{key}")
    def data(key: str) -> dict[str, Any]:
        return {"key": key}

    @mcp.resource("data://fixed/text")
    def fixed() -> str:
        return "text"

    async with create_test_client(mcp) as client:
        listed = (await client.call_tool("list_resources")).structured_content["result"]
        assert [one.get("uri") or one["uriTemplate"] for one in listed] == ["data://fixed/text", "data://{key}"]
        result = await client.call_tool("read_resource", {"uri": "data://7"})
        assert json.loads(result.structured_content["contents"][0]["text"]) == {"key": "7"}
        missing = await client.call_tool("read_resource", {"uri": "none://7"}, raise_on_error=False)
        assert missing.is_error
