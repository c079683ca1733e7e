"""Schemas made smaller, under the peer's names."""

from typing import Any

import pytest

from wireglass.compat.shims.json_schema import (
    compress_schema,
    dereference_refs,
    require_discriminator_property,
    resolve_root_ref,
)

NODE = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}
SCHEMA: dict[str, Any] = {
    "title": "Root",
    "type": "object",
    "properties": {
        "title": {"title": "Title", "$ref": "#/$defs/Text", "description": "a name"},
        "gone": {"$ref": "#/$defs/Unused"},
    },
    "required": ["gone"],
    "additionalProperties": False,
    "$defs": {"Text": {"type": "string"}, "Unused": {"$ref": "#/$defs/Deeper"}, "Deeper": {"type": "integer"}},
}


def test_parameters_go_with_the_definitions_that_only_they_use() -> None:
    made = compress_schema(SCHEMA, prune_params=["gone", "never there"])
    assert list(made["properties"]) == ["title"]
    assert "required" not in made
    assert list(made["$defs"]) == ["Text"]
    assert list(SCHEMA["$defs"]) == ["Text", "Unused", "Deeper"]  # it was a copy


def test_titles_go_and_a_property_of_that_name_stays() -> None:
    made = compress_schema(SCHEMA, prune_titles=True)
    assert "title" not in made
    assert made["properties"]["title"] == {"$ref": "#/$defs/Text", "description": "a name"}


def test_closed_objects_are_opened_in_dialect_2_or_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert compress_schema(SCHEMA)["additionalProperties"] is False
    assert "additionalProperties" not in compress_schema(SCHEMA, prune_additional_properties=True)
    monkeypatch.setenv("WIREGLASS_DIALECT", "2")
    assert "additionalProperties" not in compress_schema(SCHEMA)


def test_references_are_replaced_with_what_stands_beside_them() -> None:
    made = dereference_refs(SCHEMA)
    assert made["properties"]["title"] == {"type": "string", "title": "Title", "description": "a name"}
    assert "$defs" not in made
    assert compress_schema(SCHEMA, dereference=True) == made


def test_of_endless_references_only_the_first_is_replaced() -> None:
    endless = {"$ref": "#/$defs/Node", "$defs": {"Node": NODE}}
    assert dereference_refs(endless) == {**NODE, "$defs": {"Node": NODE}}
    for same in ({"type": "object"}, {"$ref": "#/$defs/X", "$defs": {"Y": {}}}, {"$ref": "http://x/y", "$defs": {}}):
        assert resolve_root_ref(same) is same


def test_a_tag_becomes_required() -> None:
    union = {"discriminator": {"propertyName": "kind"}, "oneOf": [{"required": ["a"]}, {"required": ["kind"]}]}
    made = require_discriminator_property(union)
    assert [variant["required"] for variant in made["oneOf"]] == [["a", "kind"], ["kind"]]
