"""URI templates: RFC 6570 in full (levels 1 to 4) and the reverse, for MCP resource templates.

Besides the RFC, `{path*}` matches across slashes, as server authors expect of a wildcard parameter, and query
expressions (`{?a,b}`) match in any order and may be missing.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote, unquote

__all__ = ["Piece", "UriTemplate", "UriTemplateError"]

MAX_EXPRESSIONS = 100
MAX_URI = 65_536
"""Characters of a URI that `match` looks at; longer ones match nothing."""


class UriTemplateError(ValueError):
    """The text is no URI template. The message says what is wrong and where."""


@dataclass(frozen=True, slots=True)
class _Operator:
    """One row of the table in RFC 6570, appendix A."""

    first: str
    separator: str
    named: bool
    if_empty: str
    keeps_reserved: bool


_OPERATORS: Final = {
    "": _Operator("", ",", named=False, if_empty="", keeps_reserved=False),
    "+": _Operator("", ",", named=False, if_empty="", keeps_reserved=True),
    "#": _Operator("#", ",", named=False, if_empty="", keeps_reserved=True),
    ".": _Operator(".", ".", named=False, if_empty="", keeps_reserved=False),
    "/": _Operator("/", "/", named=False, if_empty="", keeps_reserved=False),
    ";": _Operator(";", ";", named=True, if_empty="", keeps_reserved=False),
    "?": _Operator("?", "&", named=True, if_empty="=", keeps_reserved=False),
    "&": _Operator("&", "&", named=True, if_empty="=", keeps_reserved=False),
}
_RESERVED: Final = ":/?#[]@!$&'()*+,;="
_VARIABLE: Final = re.compile(
    r"((?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})(?:\.?(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2}))*)(\*|:\d{1,4})?"
)
_LITERAL_SAFE: Final = _RESERVED + "~"
_PLAIN_START: Final = re.compile(r"[A-Za-z0-9:/._-]*")
_ENCODED: Final = re.compile(r"%[0-9A-Fa-f]{2}")


@dataclass(frozen=True, slots=True)
class _Variable:
    name: str
    explode: bool = False
    prefix: int | None = None


@dataclass(frozen=True, slots=True)
class _Expression:
    operator: str
    variables: tuple[_Variable, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a template as people read it: text that stays, or the variables of one expression."""

    text: str = ""
    names: tuple[str, ...] = ()
    lead: str = ""
    """What stands before the first value when there is one: "/", "?", "#" or nothing."""
    between: str = ","
    """What stands between two values."""
    named: bool = False
    """Whether each value is written `name=value`."""


class UriTemplate:
    """A parsed template. Raises UriTemplateError when `text` is none."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._parts = tuple(_parse(text))
        self._expressions = tuple(part for part in self._parts if isinstance(part, _Expression))
        if len(self._expressions) > MAX_EXPRESSIONS:
            raise UriTemplateError(f"the template has more than {MAX_EXPRESSIONS} expressions")
        self.names = tuple(dict.fromkeys(variable.name for one in self._expressions for variable in one.variables))
        """The variables in order of appearance, each once."""
        self.query_names = frozenset(
            variable.name for one in self._expressions if one.operator in ("?", "&") for variable in one.variables
        )
        """Variables of a query expression: `match` does without them."""

    def __repr__(self) -> str:
        return f"UriTemplate({self.text!r})"

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The template in order, for an editor with a field at the place of each variable."""
        return tuple(Piece(text=part) if isinstance(part, str) else _piece(part) for part in self._parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UriTemplate) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def expand(self, values: Mapping[str, Any]) -> str:
        """The URI for these values: texts, numbers, booleans, lists or string mappings. None and missing are undefined.

        Expansion as RFC 6570 section 3.2; a prefix modifier on a list is ignored.
        """
        return "".join(part if isinstance(part, str) else _expanded(part, values) for part in self._parts)

    def match(self, uri: str) -> dict[str, str | list[str]] | None:
        """The values that lead to `uri`, percent-decoded, or None when it does not fit.

        Query variables that the URI lacks are left out. An exploded variable comes back as a list, except that one
        without an operator (`{path*}`) is one text that may hold slashes.
        """
        if len(uri) > MAX_URI or not uri.startswith(self._start):
            return None
        path, query = uri, ""
        if self.query_names and "?" in uri:
            path, _, query = uri.partition("?")
        taken = _assign(self._slots, _encode(path, _LITERAL_SAFE))
        if taken is None:
            return None
        values: dict[str, str | list[str]] = {}
        for slot, raw in zip(self._slots, taken, strict=True):
            if slot.variable is None or raw is None:
                continue
            value = _decoded(raw, slot, slot.variable)
            if value is None or values.setdefault(slot.variable.name, value) != value:
                return None
        return values if self._fits_query(query, values) else None

    def _fits_query(self, query: str, values: dict[str, str | list[str]]) -> bool:
        exploded = {v.name for one in self._expressions for v in one.variables if v.explode}
        for pair in query.split("&") if query else ():
            raw_name, _, raw = pair.partition("=")
            name = unquote(raw_name)
            if name not in self.query_names:
                continue
            value = unquote(raw.replace("+", " "))
            if name in exploded:
                held = values.setdefault(name, [])
                if isinstance(held, list):
                    held.append(value)
            elif values.setdefault(name, value) != value:
                return False
        return True

    @cached_property
    def _slots(self) -> tuple[_Slot, ...]:
        return tuple(_slots(self._parts))

    @cached_property
    def _start(self) -> str:
        """What every match begins with, as far as no escaping can hide it."""
        first = self._parts[0] if self._parts else ""
        return _PLAIN_START.match(first).group() if isinstance(first, str) else ""  # pyright: ignore[reportOptionalMemberAccess] - it matches the empty text too


def _piece(part: _Expression) -> Piece:
    row = _OPERATORS[part.operator]
    names = tuple(variable.name for variable in part.variables)
    return Piece("", names, row.first, row.separator, row.named)


def _parse(text: str) -> Iterable[str | _Expression]:
    position = 0
    while position < len(text):
        opening = text.find("{", position)
        literal = text[position:] if opening < 0 else text[position:opening]
        if "}" in literal:
            raise UriTemplateError(f"a }} at {position + literal.index('}')} closes nothing")
        if literal:
            yield _encode(literal, _LITERAL_SAFE)
        if opening < 0:
            return
        closing = text.find("}", opening)
        if closing < 0:
            raise UriTemplateError(f"the {{ at {opening} is not closed")
        yield _parse_expression(text[opening + 1 : closing], opening)
        position = closing + 1


def _parse_expression(body: str, position: int) -> _Expression:
    operator = body[:1] if body[:1] in _OPERATORS else ""
    if body[:1] and body[0] in "=,!@|":
        raise UriTemplateError(f"the operator {body[0]} at {position + 1} is reserved for later versions of RFC 6570")
    variables: list[_Variable] = []
    for spelled in body[len(operator) :].split(","):
        parsed = _VARIABLE.fullmatch(spelled)
        if parsed is None:
            raise UriTemplateError(f'"{spelled}" in the expression at {position} is not a variable name')
        name, modifier = parsed.group(1), parsed.group(2) or ""
        prefix = int(modifier[1:]) if modifier.startswith(":") else None
        if prefix == 0:
            raise UriTemplateError(f"the prefix of {name} at {position} must be 1 to 9999")
        variables.append(_Variable(name, explode=modifier == "*", prefix=prefix))
    return _Expression(operator, tuple(variables))


# --- expansion ---


def _expanded(expression: _Expression, values: Mapping[str, Any]) -> str:
    operator = _OPERATORS[expression.operator]
    pieces = [
        piece
        for variable in expression.variables
        for piece in _variable_pieces(variable, values.get(variable.name), operator)
    ]
    return operator.first + operator.separator.join(pieces) if pieces else ""


def _variable_pieces(variable: _Variable, value: Any, operator: _Operator) -> list[str]:
    """The parts that the operator's separator joins; none for an undefined value."""
    if value is None:
        return []
    if isinstance(value, Mapping):
        pairs = [(str(key), _text(one)) for key, one in value.items() if one is not None]
        return _mapping_pieces(variable, pairs, operator)
    if isinstance(value, list | tuple):
        items = [_text(one) for one in value if one is not None]
        return _list_pieces(variable, items, operator)
    text = _text(value)
    if variable.prefix is not None:
        text = text[: variable.prefix]
    return [_named(variable.name, _encoded(text, operator), operator)]


def _list_pieces(variable: _Variable, items: list[str], operator: _Operator) -> list[str]:
    encoded = [_encoded(item, operator) for item in items]
    if not encoded:
        return []
    if variable.explode:
        return [_named(variable.name, item, operator) for item in encoded]
    return [_named(variable.name, ",".join(encoded), operator)]


def _mapping_pieces(variable: _Variable, pairs: list[tuple[str, str]], operator: _Operator) -> list[str]:
    encoded = [(_encoded(key, operator), _encoded(value, operator)) for key, value in pairs]
    if not encoded:
        return []
    if variable.explode:
        if operator.named:
            return [key + ("=" + value if value else operator.if_empty) for key, value in encoded]
        return [f"{key}={value}" for key, value in encoded]
    return [_named(variable.name, ",".join(f"{key},{value}" for key, value in encoded), operator)]


def _named(name: str, value: str, operator: _Operator) -> str:
    if not operator.named:
        return value
    return name + ("=" + value if value else operator.if_empty)


def _text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)


def _encoded(text: str, operator: _Operator) -> str:
    return _encode(text, _RESERVED) if operator.keeps_reserved else quote(text, safe="~")


def _encode(text: str, safe: str) -> str:
    """Percent-encodes what is neither unreserved nor in `safe`; what is encoded already stays."""
    pieces: list[str] = []
    position = 0
    for found in _ENCODED.finditer(text):
        pieces += [quote(text[position : found.start()], safe=safe), found.group()]
        position = found.end()
    return "".join(pieces) + quote(text[position:], safe=safe)


# --- matching ---


@dataclass(frozen=True, slots=True)
class _Slot:
    """A stretch of the path: fixed text, then, if there is a variable, characters that are not in `excluded`."""

    lead: str
    variable: _Variable | None = None
    operator: str = ""
    excluded: str = ""
    minimum: int = 0
    optional: bool = False

    @property
    def longest(self) -> int:
        """In characters of the URI, where one of the value may take twelve (four bytes, each percent-encoded)."""
        if self.variable is None or self.variable.prefix is None:
            return MAX_URI
        return 12 * self.variable.prefix


def _slots(parts: Iterable[str | _Expression]) -> Iterable[_Slot]:
    for part in parts:
        if isinstance(part, str):
            yield _Slot(part)
        elif part.operator not in ("?", "&"):
            for index, variable in enumerate(part.variables):
                yield _slot(part, index, variable)


def _slot(expression: _Expression, index: int, variable: _Variable) -> _Slot:
    operator = _OPERATORS[expression.operator]
    lead = operator.first if index == 0 else operator.separator
    several = len(expression.variables) > 1
    match expression.operator:
        case "+" | "#":
            excluded, minimum = ("," if several else ""), 0 if several or lead == "#" else 1
        case ";":
            lead, excluded, minimum = f";{variable.name}", "/?#" if variable.explode else "/?#;", 0
        case "/":
            excluded, minimum = ("" if variable.explode else "/?#"), 1
        case ".":
            excluded, minimum = ("/?#" if variable.explode else "/?#."), 1
        case _ if variable.explode:
            excluded, minimum = "", 1
        case _:
            excluded, minimum = ("/?#," if several else "/?#"), 1
    return _Slot(lead, variable, expression.operator, excluded, minimum, optional=bool(operator.first))


def _assign(slots: tuple[_Slot, ...], text: str) -> list[str | None] | None:
    """What each slot takes, every one as much as leaves the rest a match; None when nothing fits.

    Two passes, linear in the length for each slot: templates come from servers, and a regular expression of many
    variables would take exponential time on the wrong text.
    """
    reaches: list[array[int]] = []
    finish = array("i", [-1]) * len(text) + array("i", [len(text)])
    for slot in reversed(slots):
        finish = _starts(slot, text, finish)
        reaches.append(finish)
    reaches.reverse()
    position = 0
    taken: list[str | None] = []
    for slot, reach in zip(slots, reaches, strict=True):
        end = reach[position]
        if end < 0:
            return None
        skipped = slot.optional and end == position and not text.startswith(slot.lead, position)
        taken.append(None if skipped else text[position + len(slot.lead) : end])
        position = end
    return taken


def _starts(slot: _Slot, text: str, finish: array[int]) -> array[int]:
    """For each position the furthest end of the slot from which the rest still matches, or -1."""
    size = len(text)
    begins = array("i", [-1]) * (size + 1)
    furthest = -1
    lead = len(slot.lead)
    for position in range(size, -1, -1):
        stops = slot.variable is None or position == size or text[position] in slot.excluded
        if stops or furthest < 0:
            furthest = position if finish[position] >= 0 else -1
        start = position - lead
        if start >= 0 and text.startswith(slot.lead, start):
            begins[start] = _end(slot, position, furthest, finish)
        if slot.optional and begins[position] < 0 and finish[position] >= 0:
            begins[position] = position
    return begins


def _end(slot: _Slot, position: int, furthest: int, finish: array[int]) -> int:
    if furthest - position > slot.longest:
        shorter = range(position + slot.longest, position + slot.minimum - 1, -1)
        return next((end for end in shorter if finish[end] >= 0), -1)
    return furthest if furthest >= position + slot.minimum else -1


def _decoded(raw: str, slot: _Slot, variable: _Variable) -> str | list[str] | None:
    """The value in a slot; None when the text cannot be one."""
    if slot.operator == ";":
        pieces = [piece.removeprefix(variable.name) for piece in raw.split(";")] if variable.explode else [raw]
        if any(piece and not piece.startswith("=") for piece in pieces):
            return None
        values = [unquote(piece[1:]) for piece in pieces]
        return values if variable.explode else values[0]
    if variable.explode and slot.operator not in ("", "+", "#"):
        return [unquote(piece) for piece in raw.split(_OPERATORS[slot.operator].separator)]
    value = unquote(raw)
    return None if variable.prefix is not None and len(value) > variable.prefix else value
