"""`x-mcp-header`: which tools are valid, what a client sends, what a server accepts. Demands of 2026-07-28."""

from typing import Any

import pytest

from wireglass.errors import HEADER_MISMATCH, McpError
from wireglass.protocol.param_headers import check_param_headers, faults, mirrored, param_headers


def schema(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def annotated(kind: str = "string", name: object = "Region") -> dict[str, Any]:
    return {"type": kind, "x-mcp-header": name}


REGION = "mcp-param-region"


def test_annotated_properties_are_found_at_any_depth_of_properties() -> None:
    deep = schema(region=annotated(), where=schema(row=annotated("integer", "Row")))
    assert faults(deep) == ()
    assert mirrored(deep) == {REGION: ("region",), "mcp-param-row": ("where", "row")}


@pytest.mark.parametrize(
    "plain", [{}, {"properties": {"a": True}}, schema(a={"type": "string", "default": {"x-mcp-header": "A"}})]
)
def test_a_schema_without_annotations_has_no_headers(plain: dict[str, Any]) -> None:
    assert faults(plain) == ()
    assert mirrored(plain) == {}


def test_a_property_that_is_called_like_the_annotation_is_no_annotation() -> None:
    named = schema(**{"x-mcp-header": {"type": "number"}})
    assert faults(named) == ()
    assert mirrored(named) == {}


@pytest.mark.parametrize(
    "bad",
    [
        schema(a=annotated(name="")),
        schema(a=annotated(name="a b")),
        schema(a=annotated(name="ä")),
        schema(a=annotated(name=3)),
        schema(a=annotated("number")),
        schema(a=annotated("object")),
        schema(a=annotated("array")),
        schema(a=annotated("null")),
        schema(a={"x-mcp-header": "A"}),
        schema(a=annotated(name="Same"), b=annotated(name="sAME")),
        schema(a={"type": "array", "items": annotated()}),
        schema(a={"anyOf": [annotated()]}),
        {"type": "object", "x-mcp-header": "Root"},
        {"type": "object", "$defs": {"d": annotated()}},
        {"type": "object", "additionalProperties": annotated()},
        {"type": "object", "patternProperties": {"x": schema(a=annotated())}},
    ],
)
def test_an_invalid_annotation_condemns_the_tool(bad: dict[str, Any]) -> None:
    assert len(faults(bad)) == 1


@pytest.mark.parametrize(
    ("kind", "value", "sent"),
    [
        ("string", "eu", "eu"),
        ("string", "", ""),
        ("string", " eu", "=?base64?IGV1?="),
        ("string", "世界", "=?base64?5LiW55WM?="),
        ("string", "a\r\nb", "=?base64?YQ0KYg==?="),
        ("string", "=?base64?eA==?=", "=?base64?PT9iYXNlNjQ/ZUE9PT89?="),
        ("integer", 42, "42"),
        ("integer", 42.0, "42"),
        ("integer", -7, "-7"),
        ("boolean", True, "true"),
        ("boolean", False, "false"),
    ],
)
def test_a_value_is_mirrored_and_accepted_back(kind: str, value: Any, sent: str) -> None:
    described = schema(a=annotated(kind, "A"))
    assert param_headers(described, {"a": value}) == {"mcp-param-a": sent}
    check_param_headers(described, {"a": value}, {"mcp-param-a": sent})


@pytest.mark.parametrize("arguments", [{}, {"region": None}])
def test_absent_and_null_values_have_no_header(arguments: dict[str, Any]) -> None:
    assert param_headers(schema(region=annotated()), arguments) == {}
    check_param_headers(schema(region=annotated()), arguments, {})


@pytest.mark.parametrize("value", [2**53, {"a": 1}, [1]])
def test_values_that_no_header_can_carry_have_none(value: Any) -> None:
    assert param_headers(schema(region=annotated()), {"region": value}) == {}


@pytest.mark.parametrize(
    ("value", "received"),
    [
        ("eu", None),
        ("eu", "us"),
        ("eu", "EU"),
        ("eu", "=?base64?ZXU?="),
        ("eu", "=?base64?Z*U=?="),
        (None, "eu"),
        (42, "43"),
        (42, "x"),
        (True, "True"),
    ],
)
def test_headers_that_do_not_mirror_the_body_are_refused(value: Any, received: str | None) -> None:
    with pytest.raises(McpError) as caught:
        check_param_headers(
            schema(region=annotated()), {"region": value}, {} if received is None else {REGION: received}
        )
    assert caught.value.code == HEADER_MISMATCH


@pytest.mark.parametrize(
    ("value", "received"),
    [
        ("eu", "  eu "),
        ("eu", "=?base64?ZXU=?="),
        (42, "42.0"),
        ("=?base64?x", "=?base64?x"),
        (2**53 - 1, str(2**53 - 1)),
    ],
)
def test_other_spellings_of_the_same_value_are_accepted(value: Any, received: str) -> None:
    check_param_headers(schema(region=annotated()), {"region": value}, {REGION: received})
