"""JSON values as indented lines, made in small steps; lines back to JSON Pointers. Knows no Qt.

Every container but an empty one is spread over lines of its own with two spaces of indent, so that a pointer can be
found by looking at indents alone, without parsing.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from wireglass.breaks import pause

__all__ = [
    "compact",
    "count_nodes",
    "escape_token",
    "exact_numbers",
    "format_lines",
    "format_steps",
    "line_range",
    "nearest_range",
    "pointer_at",
    "split_pointer",
]

_BLOCK = 600
"""Nodes that are formatted in one go."""
_PIECE = 100_000
"""Characters of a text that are escaped in one go."""
_WEIGHT = 500
"""Characters of a long text that count as one value more."""
_BATCH = 2500
"""Lines in one step."""


def compact(value: Any) -> str:
    """`value` as JSON on one line. Lone surrogates, which UTF-8 cannot carry, come out as escapes."""
    if isinstance(value, str) and len(value) > _PIECE:
        # Piece by piece: one call for megabytes would let no other thread, and so no paint, have its turn.
        return f'"{"".join(_escaped(value))}"'
    try:
        return to_json(value).decode()
    except (PydanticSerializationError, ValueError):
        return json.dumps(value, separators=(",", ":"))


def _escaped(text: str) -> Iterator[str]:
    for start in range(0, len(text), _PIECE):
        pause()
        yield compact(text[start : start + _PIECE])[1:-1]


def count_nodes(value: Any, limit: int) -> int:
    """How many values `value` holds, itself included; stops counting a little above `limit`. Long texts count more."""
    total, todo = 0, [value]
    while todo and total <= limit:
        node = todo.pop()
        total += 1
        if isinstance(node, dict):
            if len(node) > limit:
                return limit + 1
            todo.extend(node.values())
        elif isinstance(node, (list, tuple)):
            if len(node) > limit:
                return limit + 1
            todo.extend(node)
        elif isinstance(node, str):
            total += len(node) // _WEIGHT
    return total


def format_lines(value: Any) -> list[str]:
    """All lines at once, for values known to be small."""
    return [line for step in format_steps(value) for line in step]


def format_steps(value: Any) -> Iterator[list[str]]:
    """The lines of `value`, in batches that each take a millisecond or two to make."""
    lines: list[str] = []
    stack: list[tuple[Iterator[tuple[str, Any, bool]], str]] = [(iter([("", value, True)]), "")]
    while stack:
        children, closing = stack[-1]
        step = next(children, None)
        if step is None:
            stack.pop()
            if closing:
                lines.append(closing)
            continue
        label, node, last = step
        depth = len(stack) - 1
        head, comma = "  " * depth + label, "" if last else ","
        if not (isinstance(node, (dict, list)) and node):
            lines.append(head + compact(node) + comma)
        elif count_nodes(node, _BLOCK) <= _BLOCK:
            lines.extend(_block(node, head, "  " * depth, comma))
        else:
            brackets = "{}" if isinstance(node, dict) else "[]"
            lines.append(head + brackets[0])
            stack.append((_children(node), "  " * depth + brackets[1] + comma))
        if len(lines) >= _BATCH:
            yield lines
            lines = []
    if lines:
        yield lines


def _block(node: Any, head: str, pad: str, comma: str) -> list[str]:
    try:
        block = to_json(node, indent=2).decode().split("\n")
    except (PydanticSerializationError, ValueError):
        block = json.dumps(node, indent=2).split("\n")
    block[-1] += comma
    return [head + block[0], *(pad + line for line in block[1:])]


def _children(node: Any) -> Iterator[tuple[str, Any, bool]]:
    last = len(node) - 1
    if isinstance(node, dict):
        for index, (key, child) in enumerate(node.items()):
            yield compact(str(key)) + ": ", child, index == last
    else:
        for index, child in enumerate(node):
            yield "", child, index == last


def exact_numbers(text: str) -> Any:
    """`text` parsed with integers of any size kept exact. Raises ValueError with line and column."""
    return json.loads(text)


def escape_token(token: str) -> str:
    """A key as a JSON Pointer token (RFC 6901 section 3)."""
    return token.replace("~", "~0").replace("/", "~1")


def split_pointer(pointer: str) -> list[str]:
    """The unescaped tokens of a JSON Pointer; none for the whole document."""
    if not pointer:
        return []
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _key_of(line: str) -> str | None:
    """The member name that `line` starts with, or None."""
    text = line.lstrip(" ")
    if not text.startswith('"'):
        return None
    try:
        key, end = json.JSONDecoder().raw_decode(text)
    except ValueError:
        return None
    return key if text[end : end + 1] == ":" else None


def line_range(lines: Sequence[str], pointer: str) -> tuple[int, int] | None:
    """First and last line of the value at `pointer` in lines made by `format_steps`, or None if it is not there."""
    at = 0
    for depth, token in enumerate(split_pointer(pointer), start=1):
        found = _find_child(lines, at, 2 * depth, token)
        if found is None:
            return None
        at = found
    return (at, _end_of(lines, at)) if at < len(lines) else None


def nearest_range(lines: Sequence[str], pointer: str) -> tuple[int, int] | None:
    """`line_range` of the value at `pointer` or of its nearest parent that is there; None only without lines."""
    tokens = split_pointer(pointer)
    while True:
        found = line_range(lines, "".join("/" + escape_token(token) for token in tokens))
        if found is not None or not tokens:
            return found
        tokens.pop()


def _find_child(lines: Sequence[str], at: int, indent: int, token: str) -> int | None:
    pad = " " * indent
    quoted = pad + compact(token) + ": "
    in_array = lines[at].rstrip().endswith("[")
    wanted = int(token) if in_array and token.isdecimal() else -1
    index = -1
    for number in range(at + 1, len(lines)):
        line = lines[number]
        if not line.startswith(pad):
            return None
        if line[indent : indent + 1] in " ]}":
            continue
        index += 1
        if index == wanted if in_array else line.startswith(quoted):
            return number
    return None


def _end_of(lines: Sequence[str], at: int) -> int:
    if not lines[at].rstrip().endswith(("{", "[")):
        return at
    pad = " " * _indent(lines[at])
    for number in range(at + 1, len(lines)):
        if lines[number].startswith((pad + "}", pad + "]")):
            return number
    return len(lines) - 1


def pointer_at(lines: Sequence[str], number: int) -> str:
    """The JSON Pointer of the value that line `number` shows; a closing bracket belongs to its container."""
    tokens: list[str] = []
    at = number
    if lines[at].lstrip(" ")[:1] in ("}", "]") and _indent(lines[at]) > 0:
        pad = " " * _indent(lines[at])
        at -= 1
        while at > 0 and (not lines[at].startswith(pad) or lines[at][len(pad)] == " "):
            at -= 1
    indent = _indent(lines[at])
    while indent >= 2:
        key = _key_of(lines[at])
        position, parent = _climb(lines, at, indent)
        in_array = lines[parent].rstrip().endswith("[")
        tokens.append(str(position) if in_array else escape_token(key or ""))
        at, indent = parent, indent - 2
    return "".join("/" + token for token in reversed(tokens))


def _climb(lines: Sequence[str], at: int, indent: int) -> tuple[int, int]:
    """How many siblings come before line `at`, and the line that opens their container."""
    pad, siblings = " " * indent, 0
    number = at - 1
    while number >= 0 and lines[number].startswith(pad):
        if lines[number][indent] not in " ]}":
            siblings += 1
        number -= 1
    return siblings, max(number, 0)
