"""URI templates: RFC 6570 in full (levels 1 to 4) and the reverse, for MCP resource templates.

Besides the RFC, `{path*}` matches across slashes, as server authors expect of a wildcard parameter, and query
expressions (`{?a,b}`) match in any order and may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote, unquote

from wireglass.protocol.uri_grammar import (
    LITERAL_SAFE,
    OPERATORS,
    RESERVED,
    Expression,
    Operator,
    UriTemplateError,
    Variable,
    parts_of,
    percent_encoded,
)
from wireglass.protocol.uri_slots import MAX_URI, Slot, assign, decoded, slots_of

__all__ = ["Piece", "UriTemplate", "UriTemplateError"]

MAX_EXPRESSIONS = 100
_PLAIN_START: Final = re.compile(r"[A-Za-z0-9:/._-]*")


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
        self._parts = tuple(parts_of(text))
        self._expressions = tuple(part for part in self._parts if isinstance(part, Expression))
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
        taken = assign(self._slots, percent_encoded(path, LITERAL_SAFE))
        if taken is None:
            return None
        values: dict[str, str | list[str]] = {}
        for slot, raw in zip(self._slots, taken, strict=True):
            if slot.variable is None or raw is None:
                continue
            value = decoded(raw, slot, slot.variable)
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
    def _slots(self) -> tuple[Slot, ...]:
        return tuple(slots_of(self._parts))

    @cached_property
    def _start(self) -> str:
        """What every match begins with, as far as no escaping can hide it."""
        first = self._parts[0] if self._parts else ""
        return _PLAIN_START.match(first).group() if isinstance(first, str) else ""  # pyright: ignore[reportOptionalMemberAccess] - it matches the empty text too


def _piece(part: Expression) -> Piece:
    row = OPERATORS[part.operator]
    names = tuple(variable.name for variable in part.variables)
    return Piece("", names, row.first, row.separator, row.named)


def _expanded(expression: Expression, values: Mapping[str, Any]) -> str:
    operator = OPERATORS[expression.operator]
    pieces = [
        piece
        for variable in expression.variables
        for piece in _variable_pieces(variable, values.get(variable.name), operator)
    ]
    return operator.first + operator.separator.join(pieces) if pieces else ""


def _variable_pieces(variable: Variable, value: Any, operator: Operator) -> list[str]:
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


def _list_pieces(variable: Variable, items: list[str], operator: Operator) -> list[str]:
    encoded = [_encoded(item, operator) for item in items]
    if not encoded:
        return []
    if variable.explode:
        return [_named(variable.name, item, operator) for item in encoded]
    return [_named(variable.name, ",".join(encoded), operator)]


def _mapping_pieces(variable: Variable, pairs: list[tuple[str, str]], operator: Operator) -> list[str]:
    encoded = [(_encoded(key, operator), _encoded(value, operator)) for key, value in pairs]
    if not encoded:
        return []
    if variable.explode:
        if operator.named:
            return [key + ("=" + value if value else operator.if_empty) for key, value in encoded]
        return [f"{key}={value}" for key, value in encoded]
    return [_named(variable.name, ",".join(f"{key},{value}" for key, value in encoded), operator)]


def _named(name: str, value: str, operator: Operator) -> str:
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


def _encoded(text: str, operator: Operator) -> str:
    return percent_encoded(text, RESERVED) if operator.keeps_reserved else quote(text, safe="~")
