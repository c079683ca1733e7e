"""The grammar of URI templates (RFC 6570, section 2): text that stays, and expressions of an operator and variables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

__all__ = [
    "LITERAL_SAFE",
    "OPERATORS",
    "RESERVED",
    "Expression",
    "Operator",
    "UriTemplateError",
    "Variable",
    "parts_of",
    "percent_encoded",
]


class UriTemplateError(ValueError):
    """The text is no URI template. The message says what is wrong and where."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One row of the table in RFC 6570, appendix A."""

    first: str
    separator: str
    named: bool
    if_empty: str
    keeps_reserved: bool


OPERATORS: Final = {
    "": Operator("", ",", named=False, if_empty="", keeps_reserved=False),
    "+": Operator("", ",", named=False, if_empty="", keeps_reserved=True),
    "#": Operator("#", ",", named=False, if_empty="", keeps_reserved=True),
    ".": Operator(".", ".", named=False, if_empty="", keeps_reserved=False),
    "/": Operator("/", "/", named=False, if_empty="", keeps_reserved=False),
    ";": Operator(";", ";", named=True, if_empty="", keeps_reserved=False),
    "?": Operator("?", "&", named=True, if_empty="=", keeps_reserved=False),
    "&": Operator("&", "&", named=True, if_empty="=", keeps_reserved=False),
}
RESERVED: Final = ":/?#[]@!$&'()*+,;="
_VARIABLE: Final = re.compile(
    r"((?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})(?:\.?(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2}))*)(\*|:\d{1,4})?"
)
LITERAL_SAFE: Final = RESERVED + "~"
_ENCODED: Final = re.compile(r"%[0-9A-Fa-f]{2}")


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    explode: bool = False
    prefix: int | None = None


@dataclass(frozen=True, slots=True)
class Expression:
    operator: str
    variables: tuple[Variable, ...]


def parts_of(text: str) -> Iterable[str | Expression]:
    """A template in order. Raises UriTemplateError."""
    position = 0
    while position < len(text):
        opening = text.find("{", position)
        literal = text[position:] if opening < 0 else text[position:opening]
        if "}" in literal:
            raise UriTemplateError(f"a }} at {position + literal.index('}')} closes nothing")
        if literal:
            yield percent_encoded(literal, LITERAL_SAFE)
        if opening < 0:
            return
        closing = text.find("}", opening)
        if closing < 0:
            raise UriTemplateError(f"the {{ at {opening} is not closed")
        yield _parse_expression(text[opening + 1 : closing], opening)
        position = closing + 1


def _parse_expression(body: str, position: int) -> Expression:
    operator = body[:1] if body[:1] in OPERATORS else ""
    if body[:1] and body[0] in "=,!@|":
        raise UriTemplateError(f"the operator {body[0]} at {position + 1} is reserved for later versions of RFC 6570")
    variables: list[Variable] = []
    for spelled in body[len(operator) :].split(","):
        parsed = _VARIABLE.fullmatch(spelled)
        if parsed is None:
            raise UriTemplateError(f'"{spelled}" in the expression at {position} is not a variable name')
        name, modifier = parsed.group(1), parsed.group(2) or ""
        prefix = int(modifier[1:]) if modifier.startswith(":") else None
        if prefix == 0:
            raise UriTemplateError(f"the prefix of {name} at {position} must be 1 to 9999")
        variables.append(Variable(name, explode=modifier == "*", prefix=prefix))
    return Expression(operator, tuple(variables))


def percent_encoded(text: str, safe: str) -> str:
    """Percent-encodes what is neither unreserved nor in `safe`; what is encoded already stays."""
    pieces: list[str] = []
    position = 0
    for found in _ENCODED.finditer(text):
        pieces += [quote(text[position : found.start()], safe=safe), found.group()]
        position = found.end()
    return "".join(pieces) + quote(text[position:], safe=safe)
