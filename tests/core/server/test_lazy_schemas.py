"""A tool's schema is made when somebody wants it, and nobody can tell the difference."""

import copy
import gc
import tracemalloc
from typing import Annotated, Any

import pytest
from pydantic import Field, TypeAdapter

from wireglass import Client, FastMCP
from wireglass.server.function_tools import FunctionTool
from wireglass.server.tools import Tool


def find(text: str, limit: int = 10, exact: Annotated[bool, Field(description="to the letter")] = False) -> str:
    return text * limit


def other(text: str, limit: int = 10) -> str:
    return text * limit


SCHEMA = {
    "additionalProperties": False,
    "properties": {
        "text": {"type": "string"},
        "limit": {"type": "integer", "default": 10},
        "exact": {"type": "boolean", "default": False, "description": "to the letter"},
    },
    "type": "object",
    "required": ["text"],
}


def test_the_schema_is_there_however_it_is_asked_for() -> None:
    assert Tool.from_function(find).parameters == SCHEMA
    assert Tool.from_function(find).wire()["inputSchema"] == SCHEMA
    assert Tool.from_function(find).model_dump()["parameters"] == SCHEMA
    assert Tool.from_function(find).model_dump(exclude_unset=True)["parameters"] == SCHEMA
    assert TypeAdapter(FunctionTool).dump_python(Tool.from_function(find))["parameters"] == SCHEMA
    assert Tool.from_function(find).to_mcp_tool().input_schema == SCHEMA
    assert Tool.from_function(find).model_copy(update={"name": "x"}).parameters == SCHEMA
    assert copy.deepcopy(Tool.from_function(find)).parameters == SCHEMA


def test_changing_one_tools_schema_changes_no_other() -> None:
    first, second, third = Tool.from_function(find), Tool.from_function(find), Tool.from_function(other)
    listed = second.wire()["inputSchema"]
    first.parameters["properties"]["text"]["description"] = "mine"
    first.parameters["properties"].pop("limit")
    wire = first.to_mcp_tool()
    wire.input_schema["properties"]["text"]["title"] = "also mine"
    assert second.parameters == SCHEMA == listed
    assert third.parameters["properties"]["text"] == {"type": "string"}
    assert first.wire()["inputSchema"]["properties"]["text"] == {"type": "string", "description": "mine"}


def test_a_schema_can_be_replaced() -> None:
    tool = Tool.from_function(find)
    tool.parameters = {"type": "object", "properties": {}}
    assert tool.wire()["inputSchema"] == {"type": "object", "properties": {}}
    copied = tool.model_copy()
    assert copied.parameters == {"type": "object", "properties": {}}


def test_tools_are_compared_by_what_they_are() -> None:
    first, second = Tool.from_function(find), Tool.from_function(find)
    _ = first.parameters
    assert first == second
    second.parameters["properties"] = {}
    assert first != second
    assert first != "find"


def test_tools_of_a_kind_of_ones_own_have_schemas_too() -> None:
    class Marked(FunctionTool):
        mark: str = "!"

    tool = Marked.from_function(find)
    assert isinstance(tool, Marked)
    assert tool.parameters == SCHEMA
    assert tool.mark == "!"
    made = Marked(fn=find, name="by hand", parameters={"type": "object"}, mark="?")
    assert made.parameters == {"type": "object"}


@pytest.mark.anyio
async def test_listing_many_tools_keeps_no_schema_of_them() -> None:
    mcp = FastMCP("many")
    for number in range(200):
        mcp.tool(find, name=f"find_{number}")

    async def list_them() -> None:
        async with Client(mcp) as client:
            tools: list[Any] = await client.list_tools()
            assert tools[7].input_schema == SCHEMA

    await list_them()
    assert not any("parameters" in tool.__dict__ for tool in await mcp.list_tools())


def test_a_tool_takes_little() -> None:
    """Issue 4: a fifth of what the peer's tools take, which is some 13 KB each."""

    def numbered(number: int) -> Any:
        def tool(text: str, limit: int = 10, tags: list[str] | None = None) -> str:
            return text

        tool.__name__ = f"tool_{number}"
        return tool

    functions = [numbered(number) for number in range(300)]
    mcp = FastMCP("small")
    mcp.tool(numbered(-1))
    gc.collect()
    tracemalloc.start()
    try:
        for function in functions:
            mcp.tool(function)
        gc.collect()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken / len(functions) < 2600
