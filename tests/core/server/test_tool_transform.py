"""A tool as another tool."""

from typing import Any

import pytest

from wireglass.server.app import FastMCP
from wireglass.server.results import ToolResult
from wireglass.server.tools import Tool
from wireglass.server.transforms.tool_transform import (
    ArgTransform,
    ArgTransformConfig,
    ToolTransform,
    ToolTransformConfig,
    forward,
    forward_raw,
)

pytestmark = pytest.mark.anyio


def add(x: int, y: int = 10) -> int:
    """Adds."""
    return x + y


async def test_arguments_are_renamed_described_hidden_and_given_defaults() -> None:
    """Dialect 4: Tool.from_tool(transform_args=)."""
    tool = Tool.from_tool(
        Tool.from_function(add),
        name="plus",
        transform_args={"x": ArgTransform(name="a", description="First"), "y": ArgTransform(hide=True, default=5)},
    )
    assert tool.parameters["properties"] == {"a": {"type": "integer", "description": "First"}}
    assert tool.parameters["required"] == ["a"]
    assert (await tool.run({"a": 1})).structured_content == {"result": 6}
    with pytest.raises(TypeError, match=r"unexpected keyword argument\(s\): y"):
        await tool.run({"a": 1, "y": 2})


async def test_transformed_tools_are_transformed_again() -> None:
    """Dialect 4: chains."""
    once = Tool.from_tool(add, transform_args={"x": ArgTransform(name="a")})
    twice = Tool.from_tool(once, transform_args={"a": ArgTransform(name="b", default=3)})
    assert "required" not in twice.parameters
    assert (await twice.run({})).structured_content == {"result": 13}


async def test_a_function_stands_between() -> None:
    """Dialect 4: transform_fn with forward and forward_raw."""

    async def doubled(a: int, **rest: Any) -> str:
        first: ToolResult = await forward(a=a, **rest)
        second = await forward_raw(x=1, y=1)
        return f"{first.content[0].text} {second.content[0].text}"

    tool = Tool.from_tool(add, transform_fn=doubled, transform_args={"x": ArgTransform(name="a")})
    assert list(tool.parameters["properties"]) == ["a", "y"]
    assert (await tool.run({"a": 4})).content[0].text == "14 2"
    with pytest.raises(RuntimeError, match=r"forward\(\)"):
        await forward(x=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hide": True, "required": True}, "hide=True"),
        ({"default": 1, "default_factory": list}, "default_factory"),
        ({"default_factory": list}, "hide=True"),
        ({"required": True, "default": 1}, "required=True"),
    ],
)
def test_wishes_that_contradict_each_other_are_refused(options: dict[str, Any], message: str) -> None:
    """Dialect 4."""
    with pytest.raises(ValueError, match=message):
        ArgTransform(**options)


@pytest.mark.parametrize(
    ("transforms", "message"),
    [
        ({"z": ArgTransform()}, "Unknown arguments in transform_args: z"),
        ({"x": ArgTransform(name="y")}, "same names: y"),
        ({"x": ArgTransform(hide=True)}, "'x' has no default"),
    ],
)
def test_impossible_transforms_are_refused(transforms: dict[str, ArgTransform], message: str) -> None:
    """Dialect 4."""
    with pytest.raises(ValueError, match=message):
        Tool.from_tool(add, transform_args=transforms)


async def test_a_server_transforms_by_configuration() -> None:
    """Dialect 4: ToolTransform on a server reaches mounted tools; the old name is gone."""
    inner, outer = FastMCP("inner"), FastMCP("outer")
    inner.tool(add)
    outer.mount(inner, "in")
    config = ToolTransformConfig(name="sum", arguments={"x": ArgTransformConfig(name="one")})
    outer.add_transform(ToolTransform({"in_add": config}))
    assert [tool.name for tool in await outer.list_tools()] == ["sum"]
    assert (await outer.call_tool("sum", {"one": 1})).structured_content == {"result": 11}
    assert await outer.get_tool("in_add") is None
