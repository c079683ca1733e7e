"""Tool arguments mirrored in HTTP headers: `x-mcp-header` in an input schema (2026-07-28, "Header mirroring")."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from wireglass.errors import HEADER_MISMATCH, McpError
from wireglass.protocol.messages import JsonObject, as_object, is_object
from wireglass.protocol.versions import HEADER_PARAM_PREFIX, decode_header_value, encode_header_value

__all__ = ["check_param_headers", "faults", "header_text", "mirrored", "param_headers"]

_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_KINDS: Final = ("string", "integer", "boolean")
_SAFE_INTEGER: Final = 2**53 - 1
_ABSENT: Final = object()
_known: Final[dict[int, tuple[JsonObject, dict[str, tuple[str, ...]]]]] = {}


def mirrored(schema: JsonObject) -> dict[str, tuple[str, ...]]:
    """Header name (lower case, with prefix) to the path of the argument it mirrors, for a schema without faults.

    Remembered for the schema object, which must not change afterwards: both ends ask on every call.
    """
    kept = _known.get(id(schema))
    if kept is not None and kept[0] is schema:
        return kept[1]
    if len(_known) > 511:
        _known.clear()
    found = _mirrored(schema)
    _known[id(schema)] = (schema, found)  # the schema is kept too, so that no other object gets its id
    return found


def _mirrored(schema: JsonObject) -> dict[str, tuple[str, ...]]:
    return {HEADER_PARAM_PREFIX + name.lower(): path for path, name, _ in _annotations(schema) if isinstance(name, str)}


def faults(schema: JsonObject) -> tuple[str, ...]:
    """Why an HTTP client must not offer a tool with this input schema; empty when all is well."""
    found: list[str] = []
    seen: set[str] = set()
    reachable = list(_annotations(schema))
    for path, name, node in reachable:
        where = "/".join(path)
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            found.append(f"x-mcp-header of {where} is not a header name: {name!r}")
        elif name.lower() in seen:
            found.append(f"x-mcp-header {name!r} is used twice")
        elif node.get("type") not in _KINDS:
            found.append(f"x-mcp-header of {where} needs the type string, integer or boolean, not {node.get('type')!r}")
        else:
            seen.add(name.lower())
    if _count(schema) > len(reachable):
        found.append("x-mcp-header is used where it is not reachable through `properties` alone")
    return tuple(found)


def param_headers(schema: JsonObject, arguments: JsonObject) -> dict[str, str]:
    """The headers `Mcp-Param-*` for one call, values encoded. Absent and null arguments have none."""
    headers: dict[str, str] = {}
    for name, path in mirrored(schema).items():
        text = header_text(_at(arguments, path))
        if text is not None:
            headers[name] = encode_header_value(text)
    return headers


def header_text(value: Any) -> str | None:
    """An argument's value as header text before encoding; None when it has no header."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) <= _SAFE_INTEGER:
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) <= _SAFE_INTEGER:
        return str(int(value))
    return value if isinstance(value, str) else None


def check_param_headers(schema: JsonObject, arguments: JsonObject, received: Mapping[str, str]) -> None:
    """What a server does with a call that came by HTTP at 2026-07-28: the headers (lower-case names) must mirror the
    arguments. Raises McpError with HEADER_MISMATCH for the first that is missing, malformed or different."""
    for name, path in mirrored(schema).items():
        value = _at(arguments, path)
        absent = value is _ABSENT or value is None
        text = received.get(name)
        if absent and text is None:
            continue
        if text is None:
            raise McpError(HEADER_MISMATCH, f"The header {name} is missing.")
        try:
            decoded = decode_header_value(text)
        except ValueError as error:
            raise McpError(HEADER_MISMATCH, f"The header {name} cannot be read: {error}") from None
        if absent or not _says(decoded, value):
            raise McpError(HEADER_MISMATCH, f"The header {name} differs from the argument in the body.")


def _says(text: str, value: Any) -> bool:
    """Integers compare as numbers: `42.0` is 42."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return text == header_text(value)
    try:
        return (int(text) if text.removeprefix("-").isdecimal() else float(text)) == value
    except ValueError:
        return False


def _at(arguments: JsonObject, path: tuple[str, ...]) -> Any:
    value: Any = arguments
    for step in path:
        value = value.get(step, _ABSENT) if is_object(value) else _ABSENT
    return value


def _annotations(schema: JsonObject, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any, JsonObject]]:
    for name, node in as_object(schema.get("properties")).items():
        if not is_object(node) or len(path) > 32:
            continue
        if "x-mcp-header" in node:
            yield (*path, name), node["x-mcp-header"], node
        yield from _annotations(node, (*path, name))


def _count(node: Any, depth: int = 0) -> int:
    """How often the keyword stands anywhere, as a keyword and not as the name of a property."""
    if depth > 64:
        return 0
    if isinstance(node, list):
        return sum(_count(item, depth + 1) for item in node)
    if not is_object(node):
        return 0
    here = 1 if "x-mcp-header" in node else 0
    for key, value in node.items():
        if key in ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas"):
            here += sum(_count(child, depth + 1) for child in as_object(value).values())
        elif key not in ("default", "const", "enum", "examples", "x-mcp-header"):
            here += _count(value, depth + 1)
    return here
