"""Tools share what they have in common, and nothing that would let one change another."""

import json
from typing import Any

import pytest

from wireglass.server.function_tools import FunctionTool


def one(x: Any = 1) -> str:
    """The same name and an equal default as `truth`, yet another type."""
    return repr(x)


def truth(x: Any = True) -> str:
    return repr(x)


@pytest.mark.parametrize("order", [(one, truth), (truth, one)])
def test_arguments_that_are_equal_but_not_alike_are_not_mixed_up(order: tuple[Any, Any]) -> None:
    """1 == True in Python, but not in JSON."""
    listed = {fn.__name__: FunctionTool.from_function(fn).wire()["inputSchema"] for fn in order}
    assert json.dumps(listed["one"]["properties"]["x"]) == '{"default": 1}'
    assert json.dumps(listed["truth"]["properties"]["x"]) == '{"default": true}'


def test_a_changed_parameter_schema_stays_with_its_tool() -> None:
    """Authors edit `tool.parameters` in place."""
    edited, other = FunctionTool.from_function(one), FunctionTool.from_function(one)
    edited.parameters["properties"]["x"]["description"] = "mine"
    edited.parameters["required"] = ["x"]
    assert other.parameters == FunctionTool.from_function(one).parameters
    assert "description" not in other.parameters["properties"]["x"]


def test_a_tool_that_was_read_is_equal_to_one_that_was_not() -> None:
    """What a tool remembers is no part of what it is."""
    used, fresh = FunctionTool.from_function(one), FunctionTool.from_function(one)
    used.wire()
    used.disable()
    used.enable()
    assert used == fresh
    assert used.model_copy(update={"title": "Other"}) != fresh
    assert set(used.model_dump()) == set(fresh.model_dump())
