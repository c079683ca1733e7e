"""`x-mcp-header` (2026-07-28)."""

from typing import Any

import pytest

from wireglass.protocol.param_headers import faults, mirrored, param_headers


def schema(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def test_arguments_are_mirrored_by_their_path() -> None:
    nested = schema(
        region={"type": "string", "x-mcp-header": "Region"},
        deep={"type": "object", "properties": {"n": {"type": "integer", "x-mcp-header": "N"}}},
        flag={"type": "boolean", "x-mcp-header": "flag"},
    )
    assert faults(nested) == ()
    assert mirrored(nested)["mcp-param-n"] == ("deep", "n")
    assert param_headers(nested, {"region": "世界", "deep": {"n": 5}, "flag": False}) == {
        "mcp-param-region": "=?base64?5LiW55WM?=",
        "mcp-param-n": "5",
        "mcp-param-flag": "false",
    }
    assert param_headers(nested, {"region": None}) == {}
    assert param_headers(nested, {"region": ""}) == {"mcp-param-region": ""}


@pytest.mark.parametrize(
    "bad",
    [
        schema(a={"type": "string", "x-mcp-header": ""}),
        schema(a={"type": "string", "x-mcp-header": "a b"}),
        schema(a={"type": "string", "x-mcp-header": 5}),
        schema(a={"type": "number", "x-mcp-header": "A"}),
        schema(a={"type": ["string", "null"], "x-mcp-header": "A"}),
        schema(a={"type": "string", "x-mcp-header": "A"}, b={"type": "string", "x-mcp-header": "a"}),
        schema(a={"type": "array", "items": {"type": "string", "x-mcp-header": "A"}}),
        {**schema(), "$defs": {"X": {"type": "string", "x-mcp-header": "A"}}},
    ],
)
def test_faulty_schemas_are_named(bad: dict[str, Any]) -> None:
    assert faults(bad)


def test_a_property_of_that_name_is_no_annotation() -> None:
    assert faults(schema(**{"x-mcp-header": {"type": "string"}})) == ()
    assert faults(schema(a={"type": "string", "default": {"x-mcp-header": "A"}})) == ()
