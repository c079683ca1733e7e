"""Structured content as Python values, typed by the tool's output schema.

Objects become dataclass instances with the schema's members, and `format: date-time` and its like become the types
that they name; anything a schema says that has no plain Python type stays as it came.
"""

import datetime
import keyword
import uuid
from dataclasses import field, make_dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

from pydantic_core import ValidationError, from_json, to_json

from wireglass.protocol.messages import JsonObject, as_object, is_object

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["hydrate", "python_type"]

_FORMATS: Final[dict[str, Any]] = {
    "date-time": datetime.datetime,
    "date": datetime.date,
    "time": datetime.time,
    "duration": datetime.timedelta,
    "uuid": uuid.UUID,
}
_PLAIN: Final[dict[str, Any]] = {"string": str, "integer": int, "number": float, "boolean": bool, "null": type(None)}
_WRAPPED: Final = "x-fastmcp-wrap-result"


def hydrate(structured: Any, schema: JsonObject | None) -> Any:
    """`structured` as typed values; without a schema, or where it does not fit, as it came (but unwrapped)."""
    if structured is None:
        return None
    if schema is None:
        return structured
    if schema.get(_WRAPPED) is True and is_object(structured) and "result" in structured:
        inner = as_object(as_object(schema.get("properties")).get("result"))
        return _typed(structured["result"], {**inner, "$defs": as_object(schema.get("$defs"))})
    return _typed(structured, schema)


def _typed(value: Any, schema: JsonObject) -> Any:
    try:
        return _adapter(to_json(schema)).validate_python(value)
    except (ValidationError, TypeError, ValueError, RecursionError):
        return value


def python_type(schema: JsonObject) -> Any:
    """The Python type that describes values of `schema` best: a dataclass for a closed object, `Any` at worst."""
    return _type(schema, schema, "Response", ())


@lru_cache(maxsize=256)
def _adapter(schema: bytes) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    root = cast("JsonObject", from_json(schema))
    return TypeAdapter(_type(root, root, "Root", ()))


def _type(schema: Any, root: JsonObject, name: str, seen: tuple[str, ...]) -> Any:
    """The Python type of a schema; Any where there is none."""
    if not is_object(schema):
        return Any
    if isinstance(ref := schema.get("$ref"), str):
        return Any if ref in seen else _type(_target(root, ref), root, ref.rpartition("/")[2], (*seen, ref))
    if isinstance(branches := schema.get("anyOf") or schema.get("oneOf"), list):
        return _union([_type(branch, root, name, seen) for branch in branches])
    kind = schema.get("type")
    if isinstance(kind, list):
        return _union([_type({**schema, "type": one}, root, name, seen) for one in kind])
    if kind == "string":
        return _FORMATS.get(str(schema.get("format")), str)
    if kind == "array":
        return _array(schema, root, name, seen)
    if kind == "object":
        return _object(schema, root, name, seen)
    return _PLAIN.get(str(kind), Any)


def _union(types: list[Any]) -> Any:
    if not types or Any in types:
        return Any
    union = types[0]
    for other in types[1:]:
        union = union | other
    return union


def _array(schema: JsonObject, root: JsonObject, name: str, seen: tuple[str, ...]) -> Any:
    if "prefixItems" in schema:
        return list[Any]
    item = _type(schema.get("items"), root, name + "Item", seen)
    return set[item] if schema.get("uniqueItems") is True and item in (str, int, float) else list[item]


def _object(schema: JsonObject, root: JsonObject, name: str, seen: tuple[str, ...]) -> Any:
    properties = as_object(schema.get("properties"))
    if not properties or any(not key.isidentifier() or keyword.iskeyword(key) for key in properties):
        extra = schema.get("additionalProperties")
        return dict[str, _type(extra, root, name + "Value", seen)] if is_object(extra) else dict[str, Any]
    if schema.get("additionalProperties") not in (None, False):
        return dict[str, Any]  # members beyond the declared ones would be lost in a dataclass
    required = schema.get("required")
    required = required if isinstance(required, list) else []
    fields: list[tuple[str, Any, Any]] = []
    for key, node in sorted(properties.items(), key=lambda pair: pair[0] not in required):
        kind = _type(node, root, str(as_object(node).get("title") or key.title()), seen)
        if key in required:
            fields.append((key, kind, field()))
        else:
            default: Any = as_object(node).get("default")
            fields.append((key, kind | None if kind is not Any else Any, _default(default)))
    title = str(schema.get("title") or name)
    return make_dataclass(title if title.isidentifier() else "Root", fields)


def _default(value: Any) -> Any:
    if isinstance(value, dict | list):
        return field(default_factory=lambda: from_json(to_json(value)))
    return field(default=value)


def _target(root: JsonObject, ref: str) -> Any:
    node: Any = root
    if not ref.startswith("#/"):
        return {}
    for step in ref[2:].split("/"):
        node = as_object(node).get(step.replace("~1", "/").replace("~0", "~"), {})
    return node
