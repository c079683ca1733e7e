"""Field values as text and back, type hints, and which branch a value belongs to. Pure; knows no widget."""

import json
import re
from decimal import Decimal, InvalidOperation, localcontext
from math import isfinite
from typing import Any, NamedTuple

from wireglass.protocol.schema import UNSET, Node

__all__ = [
    "Finding",
    "fields_within",
    "fits",
    "is_scalar",
    "is_short",
    "mentions",
    "parse_scalar",
    "same",
    "scalar_text",
    "short_choices",
    "stepped",
    "table_columns",
    "type_hint",
]

_INTEGER = re.compile(r"-?\d+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_TEXT_KINDS = ("string", "integer", "number", "boolean", "enum", "const", "null")
_TO = "\u2013"
_SHORT_FORMATS = ("date", "date-time", "time", "email", "uuid", "ipv4", "hostname")
_COUNTED_DEPTH = 3
_DIGITS = 4_000
"""Python refuses to turn longer texts into integers."""


class Finding(NamedTuple):
    """What is wrong with a value, told from the place of the field that looks at it."""

    tokens: tuple[str, ...]
    message: str
    keyword: str = ""

    def below(self) -> "Finding":
        """The same, as the child named by the first token sees it."""
        return self._replace(tokens=self.tokens[1:])


def is_scalar(node: Node) -> bool:
    """Whether one line of text can hold the value."""
    return node.kind in _TEXT_KINDS


def scalar_text(value: Any) -> str:
    """A value as it stands in a field: texts as they are, nothing for unset, JSON for the rest."""
    if value is UNSET:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def parse_scalar(node: Node, text: str) -> Any:
    """The value that `text` stands for in a field of this kind. What does not parse stays text, so that nothing is
    lost and the schema's verdict says what is wrong. Empty is unset, except for strings."""
    if node.kind == "string":
        return text
    stripped = text.strip()
    if not stripped:
        return UNSET
    if node.nullable and stripped == "null":
        return None
    match node.kind:
        case "integer" if _INTEGER.fullmatch(stripped) and len(stripped) < _DIGITS:
            return int(stripped)
        case "integer" | "number" if _NUMBER.fullmatch(stripped) and len(stripped) < _DIGITS:
            number = json.loads(re.sub(r"^(-?)0+(?=\d)", r"\1", stripped))
            return number if isfinite(number) else text  # JSON has no infinity
        case "boolean" if stripped in ("true", "false"):
            return stripped == "true"
        case "enum":
            return next(
                (choice.value for choice in node.choices if stripped in (choice.title, scalar_text(choice.value))), text
            )
        case _:
            return text


def stepped(node: Node, text: str, by: int) -> str:
    """The number in `text` after `by` steps of `multipleOf` or 1, kept within the bounds. Exact at any size."""
    bounds = node.constraints
    step = Decimal(str(bounds.get("multipleOf", 1)))
    try:
        number = Decimal(text.strip() or "0")
        if not number.is_finite() or len(text) > _DIGITS:
            return text
        with localcontext(prec=len(text) + 40):
            number = number + step * by
    except InvalidOperation:
        return text
    low, high = bounds.get("minimum"), bounds.get("maximum")
    if low is not None:
        number = max(number, Decimal(str(low)))
    if high is not None:
        number = min(number, Decimal(str(high)))
    shown = format(number, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown and node.kind == "integer" else shown


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 and true are two values."""
    return type(one) is type(other) and one == other


def fits(node: Node, value: Any) -> int:
    """How well `value` suits a branch: 0 not at all, more is better. Looks at types, fixed values and names only."""
    if value is None:
        return 2 if node.kind == "null" else int(node.nullable)
    match node.kind:
        case "json":
            return 1
        case "const" | "enum":
            return 4 * any(same(choice.value, value) for choice in node.choices)
        case "boolean":
            return 2 * isinstance(value, bool)
        case "integer":
            return 3 if isinstance(value, int) and not isinstance(value, bool) else 0
        case "number":
            return 2 if isinstance(value, int | float) and not isinstance(value, bool) else 0
        case "string":
            return 2 * isinstance(value, str)
        case "array":
            return 2 * isinstance(value, list)
        case "object":
            return _object_fits(node, value) if isinstance(value, dict) else 0
        case "union":
            return max((fits(branch, value) for branch in node.branches), default=0)
        case _:
            return 0


def _object_fits(node: Node, value: dict[str, Any]) -> int:
    score = 2
    for name, child in node.properties[:100]:
        if child.kind == "const" and name in value:
            score += 8 if fits(child, value[name]) else -8
        elif name in value:
            score += 1
        elif child.required:
            score -= 2
    return max(score, 1)


def fields_within(node: Node, most: int) -> int:
    """How many fields a form has, those of its groups counted; counting stops at `most`, and where a schema recurs."""
    total, open_groups = 0, [(node, 0)]
    while open_groups and total < most:
        group, depth = open_groups.pop()
        total += len(group.properties)
        if depth < _COUNTED_DEPTH:
            open_groups += [(child, depth + 1) for _, child in group.properties if child.kind == "object"]
    return min(total, most)


def mentions(name: str, node: Node, needle: str, *, below: bool = True, depth: int = 0) -> bool:
    """Whether a field's name or title holds a text in lower case, or that of a field in its group."""
    if needle in name.lower() or needle in node.title.lower():
        return True
    if not below or node.kind != "object" or depth >= _COUNTED_DEPTH:
        return False
    return any(mentions(one, child, needle, depth=depth + 1) for one, child in node.properties)


def is_short(node: Node) -> bool:
    """Whether a field needs no more than half a line: numbers, dates and the like, one of a few."""
    match node.kind:
        case "integer" | "number" | "boolean" | "null":
            return True
        case "enum":
            return len(node.choices) > 4 or short_choices(node)
        case "string":
            longest = node.constraints.get("maxLength", 0)
            return node.format in _SHORT_FORMATS or 0 < longest <= 40
        case _:
            return False


def short_choices(node: Node) -> bool:
    """Whether an enum may lie open as segments: at most four values, short together."""
    return 0 < len(node.choices) <= 4 and sum(len(choice.title) + 3 for choice in node.choices) <= 42


def table_columns(node: Node | None) -> tuple[tuple[str, Node], ...]:
    """The columns of an array whose items are small flat objects, or none if a table would not do."""
    if node is None or node.kind != "object" or node.nullable or node.additional is not None:
        return ()
    properties = node.properties
    if not 1 <= len(properties) <= 6 or not all(is_scalar(child) for _, child in properties):
        return ()
    return properties


def type_hint(node: Node, *, optional: bool = False) -> str:
    """A few words on what a field takes, for example "int · max 14", "date", "Parcel[]", "number?"."""
    bounds = _bounds(node)
    return _type_name(node) + ("?" if optional else "") + (f" · {bounds}" if bounds else "")


def _type_name(node: Node) -> str:
    match node.kind:
        case "integer":
            return "int"
        case "string":
            return node.format or "string"
        case "array":
            return _array_name(node)
        case "object" if not node.properties and node.additional is not None:
            return "map"
        case "object":
            return _definition(node) or "object"  # its title stands beside it, as the field's name
        case "union":
            return "one of " + str(len(node.branches))
        case "json":
            return "any JSON"
        case kind:
            return kind


def _definition(node: Node) -> str:
    """The name that the schema's author gave to the type, where there is one."""
    for pointer in node.identity[1:]:
        head, _, name = pointer.rpartition("/")
        if head.endswith(("/$defs", "/definitions")) and len(name) <= 24:
            return name
    return ""


def _array_name(node: Node) -> str:
    if node.prefix_items:
        return "tuple"
    item = node.items
    if item is None or item.kind == "json":
        return "list"
    if item.kind == "enum":
        return "array of enum"
    return f"{_type_name(item)}[]"


def _bounds(node: Node) -> str:
    known = node.constraints
    for low, high in (("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems")):
        if low in known and high in known:
            return f"{known[low]}{_TO}{known[high]}" if known[low] != known[high] else f"exactly {known[low]}"
        if high in known:
            return f"max {known[high]}"
        if known.get(low):
            return f"min {known[low]}"
    if "exclusiveMinimum" in known:
        return f"above {known['exclusiveMinimum']}"
    if "exclusiveMaximum" in known:
        return f"below {known['exclusiveMaximum']}"
    return ""
