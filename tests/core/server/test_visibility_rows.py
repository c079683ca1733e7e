"""Rules of visibility as JSON: what a session switched off travels to other workers that way."""

import json
from typing import Any

import pytest

from wireglass.server.function_tools import FunctionTool
from wireglass.server.transforms.selection import Visibility
from wireglass.server.versions import VersionSpec


def tool(name: str, version: str | None = None, tags: set[str] | None = None) -> FunctionTool:
    return FunctionTool.from_function(lambda: None, name=name, version=version, tags=tags)


@pytest.mark.parametrize(
    "criteria",
    [
        {"names": {"a"}},
        {"tags": {"t", "u"}},
        {"version": VersionSpec(gte="2", lt="3")},
        {"version": VersionSpec(eq="1")},
        {"components": {"tool"}, "names": ["b"]},
        {"match_all": True},
    ],
)
def test_a_rule_means_the_same_after_the_way_there(criteria: dict[str, Any]) -> None:
    rule = Visibility(False, **criteria)
    again = Visibility.of_row(json.loads(json.dumps(rule.row())))
    assert again.criteria == rule.criteria
    for one in (tool("a", "1"), tool("b", "2.5", {"t"}), tool("c")):
        assert again.choose(one).enabled == rule.choose(one).enabled  # type: ignore[union-attr]
