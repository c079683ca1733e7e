"""Random answers fit what is asked for, whatever the dice say."""

from random import Random
from typing import Any

import pytest

from wireglass.client.fuzz import fuzzed_form, fuzzed_message
from wireglass.schema_check import check

FORM: dict[str, Any] = {
    "type": "object",
    "required": ["name", "mail", "age", "ratio", "colour", "several", "sure"],
    "properties": {
        "name": {"type": "string", "minLength": 2, "maxLength": 5},
        "long": {"type": "string", "minLength": 300},
        "any": {"type": "string"},
        "mail": {"type": "string", "format": "email"},
        "page": {"type": "string", "format": "uri"},
        "day": {"type": "string", "format": "date"},
        "moment": {"type": "string", "format": "date-time"},
        "age": {"type": "integer", "minimum": 0, "maximum": 3},
        "above": {"type": "integer", "exclusiveMinimum": 4.5, "exclusiveMaximum": 6},
        "ratio": {"type": "number", "minimum": -0.5, "maximum": 0.5},
        "open": {"type": "number", "exclusiveMinimum": 0},
        "most": {"type": "number", "maximum": 24.9},
        "colour": {"type": "string", "enum": ["red", "green"]},
        "titled": {"type": "string", "oneOf": [{"const": "a", "title": "A"}, {"const": "b", "title": "B"}]},
        "several": {
            "type": "array",
            "items": {"type": "string", "enum": ["x", "y", "z"]},
            "minItems": 1,
            "maxItems": 2,
        },
        "many": {"type": "array", "items": {"anyOf": [{"const": "p", "title": "P"}, {"const": "q", "title": "Q"}]}},
        "sure": {"type": "boolean"},
    },
}


def test_each_of_a_thousand_forms_fits_its_schema() -> None:
    random = Random(1)
    made = [fuzzed_form(FORM, random) for _ in range(1000)]
    assert [check(FORM, one) for one in made if check(FORM, one)] == []
    assert {tuple(sorted(one)) for one in made} != {tuple(sorted(FORM["required"]))}
    assert {one["age"] for one in made} == {0, 1, 2, 3}
    assert any(not one["name"].isascii() for one in made)


def test_the_same_seed_gives_the_same_answers() -> None:
    assert fuzzed_form(FORM, Random(7)) == fuzzed_form(FORM, Random(7))


@pytest.mark.parametrize(
    ("mode", "kinds"), [("required", {"tool_use"}), ("none", {"text"}), ("auto", {"text", "tool_use"})]
)
def test_a_reply_keeps_to_the_tool_choice(mode: str, kinds: set[str]) -> None:
    random = Random(3)
    tool = {
        "name": "scan",
        "inputSchema": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
    }
    params = {"tools": [tool], "toolChoice": {"mode": mode}}
    made = [fuzzed_message(params, random) for _ in range(50)]
    blocks = [one["content"][0] if isinstance(one["content"], list) else one["content"] for one in made]
    assert {block["type"] for block in blocks} == kinds
    assert all(set(block["input"]) == {"id"} for block in blocks if block["type"] == "tool_use")
