"""Field values as text and back, hints, branches."""

from typing import Any

import pytest

from wireglass.protocol.schema import UNSET, plan
from wireglass_app.forms.scalars import Finding, fits, is_short, parse_scalar, stepped, table_columns, type_hint


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "string"}, "", ""),
        ({"type": "string"}, "12", "12"),
        ({"type": "integer"}, " 12 ", 12),
        ({"type": "integer"}, "007", 7),
        ({"type": "integer"}, "12.5", 12.5),
        ({"type": "integer"}, "12x", "12x"),
        ({"type": "integer"}, "", UNSET),
        ({"type": "integer"}, "9" * 5_000, "9" * 5_000),
        ({"type": "number"}, "1e3", 1000.0),
        ({"type": "number"}, "-0.5", -0.5),
        ({"type": "number"}, "1,5", "1,5"),
        ({"type": ["number", "null"]}, "null", None),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, "yes", "yes"),
        ({"enum": [1, "a"]}, "1", 1),
        ({"enum": [1, "a"]}, "b", "b"),
    ],
)
def test_text_becomes_the_value_or_stays_text(schema: dict[str, Any], text: str, value: Any) -> None:
    found = parse_scalar(plan(schema), text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("schema", "text", "by", "after"),
    [
        ({"type": "integer"}, "", 1, "1"),
        ({"type": "integer", "minimum": 3}, "", 1, "3"),
        ({"type": "integer", "maximum": 5}, "5", 1, "5"),
        ({"type": "number", "multipleOf": 0.1}, "0.2", 1, "0.3"),
        ({"type": "number"}, "1.25", -1, "0.25"),
        ({"type": "integer"}, "9" * 40, 1, "1" + "0" * 40),
        ({"type": "integer"}, "abc", 1, "abc"),
        ({"type": "number"}, "nan", 1, "nan"),
    ],
)
def test_arrow_keys_step_exactly(schema: dict[str, Any], text: str, by: int, after: str) -> None:
    assert stepped(plan(schema), text, by) == after


@pytest.mark.parametrize(
    ("schema", "hint"),
    [
        ({"type": "string", "format": "email"}, "email"),
        ({"type": "string", "maxLength": 120}, "string · max 120"),
        ({"type": "integer", "minimum": 1, "maximum": 14}, "int · 1\u201314"),
        ({"type": "number", "exclusiveMinimum": 0}, "number · above 0"),
        ({"type": "array", "items": {"enum": ["a"]}, "minItems": 1, "maxItems": 3}, "array of enum · 1\u20133"),
        ({"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}, "string[] · exactly 2"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "map"),
        ({"$ref": "#/$defs/Address", "$defs": {"Address": {"type": "object", "properties": {"a": {}}}}}, "Address"),
        ({}, "any JSON"),
    ],
)
def test_hints_name_type_and_bounds(schema: dict[str, Any], hint: str) -> None:
    assert type_hint(plan(schema)) == hint


def test_optional_fields_carry_a_question_mark() -> None:
    assert type_hint(plan({"type": "number"}), optional=True) == "number?"


def test_the_branch_is_found_by_type_constant_and_names() -> None:
    cat = plan({"type": "object", "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}}})
    dog = plan({"type": "object", "properties": {"kind": {"const": "dog"}, "lives": {"type": "integer"}}})
    assert fits(cat, {"kind": "cat", "lives": 9}) > fits(dog, {"kind": "cat", "lives": 9}) > 0
    assert fits(plan({"type": "integer"}), 1) > fits(plan({"type": "number"}), 1) > 0
    assert fits(plan({"type": "integer"}), True) == 0
    assert fits(plan({"const": 1}), True) == 0
    assert fits(plan({"type": "string"}), None) == 0
    assert fits(plan({"type": ["string", "null"]}), None) == 1


def test_only_flat_closed_objects_make_a_table() -> None:
    flat = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}
    deep = {"type": "object", "properties": {"a": {"type": "array"}}, "additionalProperties": False}
    assert [name for name, _ in table_columns(plan(flat))] == ["a"]
    assert table_columns(plan(deep)) == ()
    assert table_columns(None) == ()


def test_short_fields_are_those_that_fit_half_a_line() -> None:
    short = [{"type": "integer"}, {"type": "string", "format": "date"}, {"enum": ["a", "b"]}]
    long = [{"type": "string"}, {"type": "array"}, {"type": "object", "properties": {"a": {}}}]
    assert [is_short(plan(schema)) for schema in short + long] == [True] * 3 + [False] * 3


def test_a_finding_loses_its_first_place_on_the_way_down() -> None:
    assert Finding(("a", "b"), "m", "k").below() == Finding(("b",), "m", "k")
