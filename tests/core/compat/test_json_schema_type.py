"""A JSON Schema as a type: what it accepts is what the schema allows."""

from dataclasses import dataclass
from typing import Any, Literal

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from wireglass.compat.shims.json_schema_type import json_schema_to_type


def validate(schema: dict[str, Any], value: Any) -> Any:
    return TypeAdapter(json_schema_to_type(schema)).validate_python(value)


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "string", "minLength": 2, "maxLength": 3, "pattern": "^a"}, "ab", "b"),
        ({"type": "integer", "minimum": 1, "multipleOf": 2}, 4, 3),
        ({"type": "number", "exclusiveMaximum": 2}, 1.5, 2),
        ({"type": ["string", "null"]}, None, []),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 1}, [1], []),
        ({"const": 1.5}, 1.5, 1),
        ({"enum": ["a", 1]}, 1, 2),
        ({"anyOf": [{"type": "integer"}, {"type": "boolean"}]}, 3, "x"),
        ({"type": "string", "format": "email"}, "a@b.org", "a@b"),
        ({"allOf": [{"type": "string"}, {"minLength": 2}]}, "ab", "a"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"a": 1}, {"a": "x"}),
    ],
)
def test_values_are_held_against_the_schema(schema: dict[str, Any], good: Any, bad: Any) -> None:
    assert validate(schema, good) == good
    with pytest.raises(ValidationError):
        validate(schema, bad)


def test_objects_become_dataclasses_and_keep_members_that_are_allowed() -> None:
    closed = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    made = validate(closed, {"a": "1", "b": 2})
    assert made.a == 1
    assert not hasattr(made, "b")
    opened = validate({**closed, "additionalProperties": True}, {"a": 1, "b": 2})
    assert isinstance(opened, BaseModel)
    assert opened.model_extra == {"b": 2}


def test_types_refer_to_each_other() -> None:
    person = {"type": "object", "properties": {"pet": {"$ref": "#/$defs/Pet"}}}
    pet = {"type": "object", "properties": {"owner": {"$ref": "#/$defs/Person"}, "name": {"type": "string"}}}
    schema = {"$defs": {"Person": person, "Pet": pet}, "$ref": "#/$defs/Person"}
    made = validate(schema, {"pet": {"name": "Rex", "owner": {"pet": {"name": "Tom"}}}})
    assert made.pet.owner.pet.name == "Tom"


def test_defaults_complete_what_is_given_in_part() -> None:
    inner = {"type": "object", "properties": {"size": {"type": "integer"}}}
    outer = {"type": "object", "properties": {"box": {**inner, "default": {"size": 3}}, "n": {"default": 2}}}
    assert validate(outer, {}).box.size == 3
    assert validate(outer, {"box": {}}).box.size == 3
    assert validate(outer, {"box": {"size": 5}}).box.size == 5
    assert validate(outer, {}).n == 2


def test_names_that_python_cannot_have_are_changed() -> None:
    made = validate({"type": "object", "properties": {"first-name": {}, "@type": {}, "class": {}}}, {"first-name": "A"})
    assert made.first_name == "A"
    assert made.field_type is None
    assert made.class_ is None


def test_a_type_makes_the_schema_it_came_from() -> None:
    @dataclass
    class Point:
        x: int
        kind: Literal["a", "b"] = "a"

    schema = TypeAdapter(Point).json_schema()
    assert TypeAdapter(json_schema_to_type(schema)).json_schema() == schema


def test_equal_schemas_have_one_type_and_names_are_for_objects() -> None:
    first = {"type": "object", "properties": {"a": {"type": "string"}}}
    second = {"properties": {"a": {"type": "string"}}, "type": "object"}
    assert json_schema_to_type(first) is json_schema_to_type(second)
    assert json_schema_to_type(first, name="Other").__name__ == "Other"
    with pytest.raises(ValueError, match="name"):
        json_schema_to_type({"type": "string"}, name="Text")
