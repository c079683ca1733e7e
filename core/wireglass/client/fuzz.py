"""Random answers that fit what a server asks for: values at the edges of the schema, and text it may not expect. Pure.

Made for the elicitation subset (a flat object of texts, numbers, booleans and choices); of anything else only defaults
and constants are used, and the caller checks the result.
"""

from collections.abc import Callable
from math import ceil, floor
from random import Random
from typing import Any, Final, cast

from wireglass.protocol.messages import JsonObject, as_object, is_object

__all__ = ["fuzzed_form", "fuzzed_message"]

_ALPHABETS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "ABC xyz 0123456789 -_.",
    "äöüßéñçøåłžÆ漢字カナ한국어русский",
    "😀🏳️‍🌈👩‍🔬e\u0301a\u0308",
    "<b>&\"'`;--{}[]()$%\\/|*?",
)
"""Plain, mixed, letters of other scripts, signs of several code points, and what injections are made of."""
_LONGEST: Final = 200
_SPAN: Final = 10**6


def fuzzed_form(schema: JsonObject, random: Random) -> JsonObject:
    """Values for the fields of `schema`: the required ones always, each other one half of the time."""
    required = schema.get("required")
    needed = set(map(str, cast("list[Any]", required))) if isinstance(required, list) else set[str]()
    made: JsonObject = {}
    for name, part in as_object(schema.get("properties")).items():
        if name in needed or random.random() < 0.5:
            made[name] = _value(as_object(part), random)
    return made


def fuzzed_message(params: JsonObject, random: Random) -> JsonObject:
    """A `CreateMessageResult`: text, or where tools are offered now and then a call of one of them."""
    offered = params.get("tools")
    tools = [tool for tool in cast("list[Any]", offered) if is_object(tool)] if isinstance(offered, list) else []
    mode = as_object(params.get("toolChoice")).get("mode")
    if tools and mode != "none" and (mode == "required" or random.random() < 0.5):
        tool = random.choice(tools)
        block = {
            "type": "tool_use",
            "id": f"fuzz-{random.randrange(16**8):08x}",
            "name": str(tool.get("name", "")),
            "input": fuzzed_form(as_object(tool.get("inputSchema")), random),
        }
        return {"role": "assistant", "content": [block], "model": "fuzz", "stopReason": "toolUse"}
    text = _letters(random, random.randint(0, 80))
    block = {"type": "text", "text": text}
    return {"role": "assistant", "content": block, "model": "fuzz", "stopReason": "endTurn"}


def _value(part: JsonObject, random: Random) -> Any:
    if "const" in part:
        return part["const"]
    choices = _choices(part)
    if choices:
        return random.choice(choices)
    match part.get("type"):
        case "string":
            return _text(part, random)
        case "integer":
            low, high = _bounds(part)
            return random.choice((low, high, random.randint(low, high)))
        case "number":
            return _real(part, random)
        case "boolean":
            return random.random() < 0.5
        case "array":
            return _several(part, random)
        case _:
            return part.get("default")


def _choices(part: JsonObject) -> list[Any]:
    listed = part.get("enum")
    if isinstance(listed, list) and listed:
        return cast("list[Any]", listed)
    for key in ("oneOf", "anyOf"):
        branches = part.get(key)
        given = [as_object(branch) for branch in cast("list[Any]", branches)] if isinstance(branches, list) else []
        if found := [branch["const"] for branch in given if "const" in branch]:
            return found
    return []


def _text(part: JsonObject, random: Random) -> str:
    made = _FORMATS.get(str(part.get("format", "")))
    if made is not None:
        return made(random)
    low = _size(part, "minLength", 0)
    high = max(low, _size(part, "maxLength", max(low, 40)))
    return _letters(random, random.choice((low, min(high, low + _LONGEST), random.randint(low, min(high, low + 40)))))


def _letters(random: Random, length: int) -> str:
    """Counted in code points, as JSON Schema counts."""
    alphabet = random.choice(_ALPHABETS)
    return "".join(random.choice(alphabet) for _ in range(length))


def _date(random: Random) -> str:
    return random.choice(("2024-02-29", "1970-01-01", "9999-12-31", f"2026-{random.randint(1, 12):02}-28"))


def _moment(random: Random) -> str:
    return f"{_date(random)}T{random.randint(0, 23):02}:59:59{random.choice(('Z', '+05:30', '-11:00', '.123Z'))}"


_FORMATS: Final[dict[str, Callable[[Random], str]]] = {
    "email": lambda random: random.choice(("a@example.org", "first.last+tag@sub.example.com", "o'hara@example.net")),
    "uri": lambda random: random.choice(
        ("https://example.org/", "urn:isbn:9780141036144", "http://[::1]:8080/a?b=c#d")
    ),
    "date": _date,
    "date-time": _moment,
}


def _bounds(part: JsonObject) -> tuple[int, int]:
    """The whole numbers at both ends; open ends are a million away."""
    low = _limit(part, "minimum", "exclusiveMinimum", +1)
    high = _limit(part, "maximum", "exclusiveMaximum", -1)
    if low is None:
        low = -_SPAN if high is None else high - _SPAN
    if high is None:
        high = low + 2 * _SPAN
    return low, max(low, high)


def _limit(part: JsonObject, closed: str, opened: str, step: int) -> int | None:
    """The bound as a whole number that is still allowed."""
    value = _number(part, closed)
    if value is not None:
        return ceil(value) if step > 0 else floor(value)
    value = _number(part, opened)
    if value is not None:
        return floor(value) + 1 if step > 0 else ceil(value) - 1
    return None


def _real(part: JsonObject, random: Random) -> float:
    """An end or something between; the ends only where they are allowed."""
    low, high = _number(part, "minimum"), _number(part, "maximum")
    opened = "exclusiveMinimum" in part or "exclusiveMaximum" in part
    if opened or (low is None and high is None):
        low, high = _bounds(part)
    elif low is None:
        low = (high or 0) - _SPAN
    elif high is None:
        high = low + _SPAN
    assert low is not None
    assert high is not None
    inner = low + (high - low) * random.randint(1, 99) / 100
    return random.choice((low, high, inner))


def _number(part: JsonObject, key: str) -> float | None:
    value = part.get(key)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _several(part: JsonObject, random: Random) -> list[Any]:
    """Different choices, as many as are allowed."""
    choices = _choices(as_object(part.get("items")))
    low = min(_size(part, "minItems", 0), len(choices))
    high = min(_size(part, "maxItems", len(choices)), len(choices))
    return random.sample(choices, random.randint(low, max(low, high)))


def _size(part: JsonObject, key: str, default: int) -> int:
    value = _number(part, key)
    return int(value) if value is not None and value >= 0 else default
