"""The plain cases of JSON Schema, decided without an engine: small values that surely fit. Pure.

The engine (jsonschema-rs) and what it compiles take 10 MB, and a session that only opens a server and looks at its
tools needs none of it. Whatever is not plain here (formats, patterns, `oneOf`, a value that does not fit, a large one)
is the engine's to judge: False means "ask it", never "wrong".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isfinite
from typing import Any, Final, cast

__all__ = ["is_plain_schema", "missing_members", "surely_fits"]

_NODES: Final = 3_000
"""Parts of a value and steps through a schema; beyond that the engine is quicker."""
_DEPTH: Final = 60
_LARGE: Final = 1 << 63
_DIALECTS: Final = frozenset(
    {
        "https://json-schema.org/draft/2020-12/schema",
        "http://json-schema.org/draft-07/schema#",
        "http://json-schema.org/draft-07/schema",
    }
)
_TYPES: Final[dict[str, Callable[[Any], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: (type(value) is int) or (isinstance(value, float) and value.is_integer()),
    "number": lambda value: type(value) in (int, float),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
_WORDS: Final = frozenset({"title", "description", "$comment", "$schema"})
_IGNORED: Final[dict[str, type]] = {
    "default": object,
    "examples": list,
    "deprecated": bool,
    "readOnly": bool,
    "writeOnly": bool,
}
_FORMATS: Final = {
    # What surely has a format; the engine knows the whole grammar.
    "uri": re.compile(r"[a-z][a-z0-9+.-]*:(//)?[A-Za-z0-9][A-Za-z0-9._~/-]*"),
    "uri-template": re.compile(r"[a-z][a-z0-9+.-]*:(//)?[A-Za-z0-9]([A-Za-z0-9._~/-]|\{[a-z][A-Za-z0-9]*\})*"),
    "byte": re.compile(r"[\s\S]*"),
}
_SCALARS: Final = (str, bool, int, float, type(None))


class _NotPlain(Exception):
    """The engine must decide."""


class _Steps:
    """How much may still be looked at."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = _NODES

    def take(self, depth: int) -> None:
        self.left -= 1
        if self.left < 0 or depth > _DEPTH:
            raise _NotPlain


def surely_fits(schema: Any, value: Any, *, root: Any = None) -> bool:
    """Whether `value` fits by what is plain in `schema`. `root` is what `$ref` points into, else the schema itself.

    Only the parts of the schema that the value meets are looked at.
    """
    steps = _Steps()
    try:
        _look_at_value(value, steps, 0)
        return _fits(schema, value, schema if root is None else root, steps, 0)
    except _NotPlain:
        return False


def missing_members(schema: Any, value: Any) -> tuple[str, ...]:
    """The members that an object lacks, when that is surely all that is wrong with it; else empty."""
    if not isinstance(schema, dict) or not isinstance(value, dict):
        return ()
    rules = cast("dict[str, Any]", schema)
    required = rules.get("required")
    if not isinstance(required, list) or "$ref" in rules:
        return ()
    missing = tuple(name for name in cast("list[Any]", required) if isinstance(name, str) and name not in value)
    without = {key: rule for key, rule in rules.items() if key != "required"}
    return missing if missing and surely_fits(without, value, root=rules) else ()


def is_plain_schema(schema: Any) -> bool:
    """Whether all of a schema, also what no value met yet, is plain and well-formed."""
    steps = _Steps()
    try:
        _look_at_schema(schema, schema, steps, 0)
    except _NotPlain:
        return False
    return True


# --- values ---


def _look_at_value(value: Any, steps: _Steps, depth: int) -> None:
    """Raises for what is no JSON, or not the engine's idea of it."""
    steps.take(depth)
    if isinstance(value, str):
        _look_at_text(value)
    elif isinstance(value, dict):
        for key, part in cast("dict[Any, Any]", value).items():
            if not isinstance(key, str):
                raise _NotPlain
            _look_at_text(key)
            _look_at_value(part, steps, depth + 1)
    elif isinstance(value, list):
        for part in cast("list[Any]", value):
            _look_at_value(part, steps, depth + 1)
    elif isinstance(value, float):
        if not isfinite(value):
            raise _NotPlain
    elif isinstance(value, int):
        if not -_LARGE <= value < _LARGE:
            raise _NotPlain
    elif value is not None:
        raise _NotPlain


def _look_at_text(text: str) -> None:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise _NotPlain from None


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 is 1.0, but true is not 1."""
    if not isinstance(one, _SCALARS) or not isinstance(other, _SCALARS):
        raise _NotPlain
    return one == other and isinstance(one, bool) == isinstance(other, bool)


# --- schemas ---


def _fits(schema: Any, value: Any, root: Any, steps: _Steps, depth: int) -> bool:
    steps.take(depth)
    if schema is True:
        return True
    if not isinstance(schema, dict):
        raise _NotPlain
    rules = cast("dict[str, Any]", schema)
    for keyword, rule in rules.items():
        if keyword in _IGNORED or keyword in _DEFINED or keyword.startswith("x-"):
            continue
        if keyword in _WORDS:
            _look_at_words(keyword, rule)
        elif keyword in _LIMITS:
            if not _within(keyword, rule, value):
                return False
        elif not _RULES.get(keyword, _engine)(rule, value, rules, root, steps, depth):
            return False
    return True


_DEFINED: Final = frozenset({"$defs", "definitions"})
"""Looked at where something refers to them."""


def _engine(*_facts: Any) -> bool:
    raise _NotPlain


def _type(rule: Any, value: Any, *_facts: Any) -> bool:
    names = cast("list[Any]", rule) if isinstance(rule, list) else [rule]
    if not names or not all(isinstance(name, str) and name in _TYPES for name in names) or _repeats(names):
        raise _NotPlain
    return any(_TYPES[name](value) for name in names)


def _ref(rule: Any, value: Any, _rules: Any, root: Any, steps: _Steps, depth: int) -> bool:
    return _fits(_target(rule, root), value, root, steps, depth + 1)


def _target(reference: Any, root: Any) -> Any:
    if not isinstance(reference, str) or not reference.startswith("#/") or "%" in reference or "~" in reference:
        raise _NotPlain
    found = root
    for part in reference[2:].split("/"):
        if not isinstance(found, dict) or part not in found:
            raise _NotPlain
        found = cast("dict[str, Any]", found)[part]
    return found


def _enum(rule: Any, value: Any, *_facts: Any) -> bool:
    if not isinstance(rule, list) or not rule:
        raise _NotPlain
    return any(_same(one, value) for one in cast("list[Any]", rule))


def _const(rule: Any, value: Any, *_facts: Any) -> bool:
    return _same(rule, value)


def _all_of(rule: Any, value: Any, _rules: Any, root: Any, steps: _Steps, depth: int) -> bool:
    return all(_fits(one, value, root, steps, depth + 1) for one in _alternatives(rule))


def _any_of(rule: Any, value: Any, _rules: Any, root: Any, steps: _Steps, depth: int) -> bool:
    """One that is not plain does not matter when another surely fits."""
    odd = False
    for one in _alternatives(rule):
        try:
            if _fits(one, value, root, steps, depth + 1):
                return True
        except _NotPlain:
            odd = True
    if odd:
        raise _NotPlain
    return False


def _alternatives(rule: Any) -> list[Any]:
    if not isinstance(rule, list) or not rule:
        raise _NotPlain
    return cast("list[Any]", rule)


def _properties(_rule: Any, value: Any, rules: dict[str, Any], root: Any, steps: _Steps, depth: int) -> bool:
    known, more = rules.get("properties", {}), rules.get("additionalProperties", True)
    if not isinstance(known, dict):
        raise _NotPlain
    if not isinstance(value, dict):
        return True
    for name, part in cast("dict[str, Any]", value).items():
        rule: Any = cast("dict[str, Any]", known).get(name, more)
        if rule is False or not _fits(rule, part, root, steps, depth + 1):
            return False
    return True


def _additional(rule: Any, value: Any, rules: dict[str, Any], root: Any, steps: _Steps, depth: int) -> bool:
    return "properties" in rules or _properties(rule, value, rules, root, steps, depth)


def _items(rule: Any, value: Any, _rules: Any, root: Any, steps: _Steps, depth: int) -> bool:
    if isinstance(rule, list):
        raise _NotPlain
    if not isinstance(value, list):
        return True
    return all(_fits(rule, part, root, steps, depth + 1) for part in cast("list[Any]", value))


def _required(rule: Any, value: Any, *_facts: Any) -> bool:
    names = cast("list[Any]", rule)
    if not isinstance(rule, list) or not all(isinstance(name, str) for name in names) or _repeats(names):
        raise _NotPlain
    return not isinstance(value, dict) or all(name in value for name in names)


def _repeats(names: list[Any]) -> bool:
    return len(set(names)) != len(names)


def _format(rule: Any, value: Any, *_facts: Any) -> bool:
    if not isinstance(rule, str):
        raise _NotPlain
    if isinstance(value, str):  # formats speak of text only
        plain = _FORMATS.get(rule)
        if plain is None or not plain.fullmatch(value):
            raise _NotPlain
    return True


_RULES: Final[dict[str, Callable[..., bool]]] = {
    "type": _type,
    "$ref": _ref,
    "enum": _enum,
    "const": _const,
    "allOf": _all_of,
    "anyOf": _any_of,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "required": _required,
    "format": _format,
}


def _within(keyword: str, limit: Any, value: Any) -> bool:
    kind, holds = _LIMITS[keyword]
    if type(limit) not in (int, float) or (kind is not float and type(limit) is not int):
        raise _NotPlain
    if kind is float:
        return type(value) not in (int, float) or holds(value, limit)
    return not isinstance(value, kind) or holds(len(value), limit)


_LIMITS: Final[dict[str, tuple[type, Callable[[Any, Any], bool]]]] = {
    "minimum": (float, lambda value, limit: value >= limit),
    "maximum": (float, lambda value, limit: value <= limit),
    "exclusiveMinimum": (float, lambda value, limit: value > limit),
    "exclusiveMaximum": (float, lambda value, limit: value < limit),
    "minLength": (str, lambda value, limit: value >= limit),
    "maxLength": (str, lambda value, limit: value <= limit),
    "minItems": (list, lambda value, limit: value >= limit),
    "maxItems": (list, lambda value, limit: value <= limit),
    "minProperties": (dict, lambda value, limit: value >= limit),
    "maxProperties": (dict, lambda value, limit: value <= limit),
}


def _look_at_words(keyword: str, rule: Any) -> None:
    if not isinstance(rule, str) or (keyword == "$schema" and rule not in _DIALECTS):
        raise _NotPlain


def _look_at_schema(schema: Any, root: Any, steps: _Steps, depth: int) -> None:
    """Raises when any part of a schema is not plain. Values of each kind are tried on every keyword."""
    steps.take(depth)
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        raise _NotPlain
    for keyword, rule in cast("dict[str, Any]", schema).items():
        if keyword in ("properties", "$defs", "definitions"):
            if not isinstance(rule, dict):
                raise _NotPlain
            for part in cast("dict[str, Any]", rule).values():
                _look_at_schema(part, root, steps, depth + 1)
        elif keyword in ("additionalProperties", "items"):
            _look_at_schema(rule, root, steps, depth + 1)
        elif keyword in ("anyOf", "allOf"):
            for part in _alternatives(rule):
                _look_at_schema(part, root, steps, depth + 1)
        elif keyword == "$ref":
            _target(rule, root)
        elif keyword in _WORDS:
            _look_at_words(keyword, rule)
        elif keyword in _LIMITS:
            _within(keyword, rule, None)
            if type(rule) is int and rule < 0 and _LIMITS[keyword][0] is not float:
                raise _NotPlain
        elif keyword in _RULES:
            _RULES[keyword](rule, None, schema, root, steps, depth)
        elif keyword in _IGNORED:
            if not isinstance(rule, _IGNORED[keyword]):
                raise _NotPlain
        elif not keyword.startswith("x-"):
            raise _NotPlain
