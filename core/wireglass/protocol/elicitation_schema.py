"""The subset of JSON Schema that an elicitation may ask with, and the form of it (client features, "Elicitation")."""

from typing import Any, Final

from wireglass.protocol.schema import Node, plan

__all__ = ["elicitation_plan"]

_ELICITED_FORMATS: Final = frozenset({"", "email", "uri", "date", "date-time"})


def elicitation_plan(schema: Any) -> Node | str:
    """The form of an elicitation, or why `schema` is outside of what elicitation allows, as the end of a sentence.

    The subset is that of the MCP specification, "Elicitation", "Requested Schema" (2025-11-25 and later): a flat
    object of texts, numbers, booleans and enums, single or multiple. Unknown keywords are not held against it.
    """
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return "its type is not object"
    properties = schema.get("properties", {})
    if not isinstance(properties, dict):
        return "its properties are not an object"
    for composing in ("$ref", "allOf", "anyOf", "oneOf"):
        if composing in schema:
            return f"it uses {composing} at the top"
    for name, part in properties.items():
        reason = _outside_elicitation(part)
        if reason:
            return f'the field "{name}" {reason}'
    return plan(schema)


def _outside_elicitation(part: Any) -> str:
    if not isinstance(part, dict):
        return "has no schema object"
    declared = part.get("type")
    match declared:
        case "string":
            if _all_consts(part.get("oneOf")) or "enum" in part:
                return "" if _texts(part.get("enum", [])) else "has choices that are not text"
            if part.get("format", "") not in _ELICITED_FORMATS:
                return f'has the format "{part["format"]}"'
            composing = [key for key in ("$ref", "anyOf", "oneOf", "allOf") if key in part]
            return f"uses {composing[0]}" if composing else ""
        case "integer" | "number" | "boolean":
            return ""
        case "array":
            items = part.get("items")
            if not isinstance(items, dict):
                return "is a list without choices"
            if _all_consts(items.get("anyOf")) or _all_consts(items.get("oneOf")):
                return ""
            return "" if items.get("enum") and _texts(items["enum"]) else "is a list without choices"
        case "object":
            return "is an object; fields may not be nested"
        case None:
            return "has no type"
        case _:
            return "may have several types" if isinstance(declared, list) else "has an unknown type"


def _all_consts(branches: Any) -> bool:
    return (
        isinstance(branches, list)
        and bool(branches)
        and all(isinstance(branch, dict) and isinstance(branch.get("const"), str) for branch in branches)
    )


def _texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)
