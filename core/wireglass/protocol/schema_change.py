"""What a change of a JSON Schema means for those who used the old one: which calls that worked are now refused.

Pure. Of arguments a schema must not become narrower; of results it must not become wider, because a client may check
them against the schema it knows. Compares what two schemas say, not how: `$ref` and `allOf` are followed.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from wireglass.protocol.schema_refs import Document, Source, Unusable, child

__all__ = ["SchemaChange", "Side", "schema_changes"]

Side = Literal["arguments", "result"]

_MOST_PLACES: Final = 5_000
_MOST_CHANGES: Final = 500
_DEEPEST: Final = 60
_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
_EXACT: Final = ("pattern", "multipleOf")
"""Another value refuses some of what was taken and takes some of what was refused."""
_WORDS: Final = ("title", "description", "default", "examples", "format", "deprecated", "readOnly", "writeOnly")
"""Members that refuse nothing (JSON Schema 2020-12: `format` is an annotation unless a vocabulary says otherwise)."""
_NOTHING: Final = object()


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One difference between two schemas."""

    path: str
    """Where, as people write it: "parcels[].weight_kg"; empty for the whole."""
    words: str
    """ "parcels[].weight_kg is now required"."""
    breaking: bool
    pointer: str
    """JSON Pointer in the new schema, or in the old one if it is gone from the new."""


def schema_changes(before: Any, after: Any, side: Side) -> tuple[SchemaChange, ...]:
    """What changed between two schemas, breaking changes first. Never raises; follows at most 5,000 places."""
    if before == after:
        return ()
    walk = _Walk(Document(before), Document(after), side)
    try:
        walk.place("", (walk.before.source(),), (walk.after.source(),), 0)
    except RecursionError:  # deeper than any real schema; what was found so far still holds
        pass
    found = list(dict.fromkeys(walk.found))[:_MOST_CHANGES]
    return tuple(sorted(found, key=lambda change: not change.breaking))


@dataclass(slots=True)
class _Facts:
    """What all schemas that apply at one place say together."""

    plain: dict[str, Any] = field(default_factory=dict[str, Any])
    properties: dict[str, tuple[Source, ...]] = field(default_factory=dict[str, tuple[Source, ...]])
    required: dict[str, None] = field(default_factory=dict[str, None])
    below: dict[str, Source] = field(default_factory=dict[str, Source])
    """`items`, `additionalProperties` and the like, where they are schemas."""
    prefix: tuple[Source, ...] = ()
    branches: tuple[Source, ...] = ()
    pointer: str = ""


_BELOW: Final = {"items": "[]", "additionalProperties": "{}", "contains": "[]", "propertyNames": " (its names)"}


def _facts(document: Document, sources: tuple[Source, ...]) -> _Facts:
    """Raises Unusable."""
    facts = _Facts(pointer=sources[0].pointer)
    for source in document.merged(sources):
        schema: dict[str, Any] = source.schema
        for key, value in schema.items():
            if key == "properties" and isinstance(value, dict):
                for name in value:
                    facts.properties[name] = (*facts.properties.get(name, ()), child(source, "properties", name))
            elif key == "required" and isinstance(value, list):
                facts.required |= {str(name): None for name in value}
            elif key in ("anyOf", "oneOf") and isinstance(value, list) and not facts.branches:
                facts.branches = tuple(child(source, key, at) for at in range(len(value)))
            elif key == "prefixItems" and isinstance(value, list) and not facts.prefix:
                facts.prefix = tuple(child(source, key, at) for at in range(len(value)))
            elif key in _BELOW and isinstance(value, dict):
                facts.below.setdefault(key, child(source, key))
            elif key in ("$ref", "$defs", "definitions", "allOf", "$schema", "$id", "$anchor"):
                continue
            else:
                facts.plain.setdefault(key, value)
    return facts


class _Walk:
    def __init__(self, before: Document, after: Document, side: Side) -> None:
        self.before, self.after, self.side = before, after, side
        self.found: list[SchemaChange] = []
        self._seen: set[tuple[str, str]] = set()

    def _tell(
        self, path: str, pointer: str, words: str, *, narrower: bool = False, wider: bool = False, always: bool = False
    ) -> None:
        breaking = always or (narrower if self.side == "arguments" else wider)
        self.found.append(SchemaChange(path, f"{path or 'the whole'} {words}", breaking, pointer))

    def place(
        self, path: str, old: tuple[Source, ...], new: tuple[Source, ...], depth: int, *, flat: bool = False
    ) -> None:
        """Compares what stands at one place on both sides; `flat` without the branches of an `anyOf`."""
        key = (old[0].pointer, new[0].pointer)
        full = len(self._seen) >= _MOST_PLACES or len(self.found) >= _MOST_CHANGES or depth > _DEEPEST
        if key in self._seen or full:
            return
        self._seen.add(key)
        try:
            a, b = _facts(self.before, old), _facts(self.after, new)
        except Unusable:
            if old[0].schema != new[0].schema:
                self._tell(path, new[0].pointer, "changed")
            return
        if flat:
            a.branches = b.branches = ()
        if a.branches or b.branches:
            if not self._alternatives(path, a, b, old, new, depth):
                return
        else:
            self._types(path, a, b)
        self._values(path, a, b)
        self._limits(path, a, b)
        self._exact(path, a, b)
        self._members(path, a, b, depth)
        self._others(path, a, b, depth)
        self._items(path, a, b, depth)
        for name in _WORDS:
            if a.plain.get(name, _NOTHING) != b.plain.get(name, _NOTHING):
                self._tell(path, f"{b.pointer}/{name}", f"has another {name}")

    # --- what a value may be ---

    def _types(self, path: str, a: _Facts, b: _Facts) -> None:
        old, new = _types(a.plain), _types(b.plain)
        if old == new:
            return
        lost = bool(new) and (not old or not _covered(old, new))
        gained = bool(old) and (not new or not _covered(new, old))
        words = f"is now {_or(new) or 'of any type'}" + (f", was {_or(old)}" if old else "")
        self._tell(path, f"{b.pointer}/type", words, narrower=lost, wider=gained)

    def _alternatives(
        self, path: str, a: _Facts, b: _Facts, old: tuple[Source, ...], new: tuple[Source, ...], depth: int
    ) -> bool:
        """Branches by what people would call them. Returns whether what stands beside them is still to be compared."""
        both = bool(a.branches and b.branches)
        left = {_name_of(one): one for one in a.branches or old[:1]}
        right = {_name_of(one): one for one in b.branches or new[:1]}
        shared = [name for name in left if name in right]
        lost, gained = [name for name in left if name not in right], [name for name in right if name not in left]
        if both and len(lost) == len(gained) == 1:
            self.place(path, (left[lost[0]],), (right[gained[0]],), depth + 1)
            lost, gained = [], []
        for name in shared:
            if both:
                self.place(path, (left[name],), (right[name],), depth + 1)
            else:  # one side is as its only branch: what stands beside the branches of the other belongs to it
                self.place(path, (left[name], *old), (right[name], *new), depth + 1, flat=True)
        if lost:
            words = f"no longer takes {_or(lost)}" if self._in else f"is no longer {_or(lost)}"
            self._tell(path, b.pointer, words, narrower=True)
        if gained:
            words = f"now also takes {_or(gained)}" if self._in else f"may now be {_or(gained)}"
            self._tell(path, b.pointer, words, wider=True)
        return both or not shared

    @property
    def _in(self) -> bool:
        return self.side == "arguments"

    def _values(self, path: str, a: _Facts, b: _Facts) -> None:
        old, new = _values(a.plain), _values(b.plain)
        if old == new:
            return
        at = f"{b.pointer}/enum"
        if old is None:
            self._tell(path, at, f"is now one of {_listed(new or {})}", narrower=True)
        elif new is None:
            self._tell(path, at, "is no longer limited to given values", wider=True)
        else:
            lost = {key: value for key, value in old.items() if key not in new}
            gained = {key: value for key, value in new.items() if key not in old}
            if lost:
                self._tell(path, at, f"no longer has the value {_listed(lost)}", narrower=True)
            if gained:
                self._tell(path, at, f"has the new value {_listed(gained)}", wider=True)

    def _limits(self, path: str, a: _Facts, b: _Facts) -> None:
        for names, sign in ((_LOWER, 1), (_UPPER, -1)):
            for name in names:
                old, new = _number(a.plain.get(name)), _number(b.plain.get(name))
                if old == new:
                    continue
                tighter = new is not None and (old is None or (new - old) * sign > 0)
                was = "" if old is None else f", was {old:g}"
                words = f"{name} is now {new:g}{was}" if new is not None else f"has no {name} any more{was}"
                self._tell(path, f"{b.pointer}/{name}", words, narrower=tighter, wider=not tighter)
        if a.plain.get("uniqueItems") is not b.plain.get("uniqueItems"):
            unique = b.plain.get("uniqueItems") is True
            words = "must not repeat an item now" if unique else "may repeat an item now"
            self._tell(path, f"{b.pointer}/uniqueItems", words, narrower=unique, wider=not unique)

    def _exact(self, path: str, a: _Facts, b: _Facts) -> None:
        for name in _EXACT:
            old, new = a.plain.get(name), b.plain.get(name)
            if old != new:
                words = f"{name} is now {_short(new)}" if new is not None else f"has no {name} any more"
                self._tell(path, f"{b.pointer}/{name}", words, narrower=new is not None, wider=old is not None)

    # --- what is inside ---

    def _members(self, path: str, a: _Facts, b: _Facts, depth: int) -> None:
        dot = f"{path}." if path else ""
        for name, sources in a.properties.items():
            if name not in b.properties:
                words = "is no longer taken" if self._in else "is gone"
                self._tell(dot + name, sources[0].pointer, words, always=True)
        for name, sources in b.properties.items():
            if name in a.properties:
                self.place(dot + name, a.properties[name], sources, depth + 1)
            elif name not in b.required or not self._in:
                strict = a.plain.get("additionalProperties") is False
                self._tell(dot + name, sources[0].pointer, "is new", wider=strict)
        for name in b.required:
            if name not in a.required:
                words = "is now required" if self._in else "is always there now"
                self._tell(dot + name, f"{b.pointer}/required", words, narrower=True)
        for name in a.required:
            if name not in b.required and name in b.properties:
                words = "is now optional" if self._in else "may now be missing"
                self._tell(dot + name, f"{b.pointer}/required", words, wider=True)

    def _others(self, path: str, a: _Facts, b: _Facts, depth: int) -> None:
        old, new = a.plain.get("additionalProperties", True), b.plain.get("additionalProperties", True)
        closed_before = old is False and "additionalProperties" not in a.below
        closed_now = new is False and "additionalProperties" not in b.below
        if closed_now and not closed_before:
            self._tell(path, f"{b.pointer}/additionalProperties", "refuses other members now", narrower=True)
        elif closed_before and not closed_now:
            self._tell(path, f"{b.pointer}/additionalProperties", "may hold other members now")

    def _items(self, path: str, a: _Facts, b: _Facts, depth: int) -> None:
        for key, mark in _BELOW.items():
            old, new = a.below.get(key), b.below.get(key)
            if old is not None and new is not None:
                self.place(path + mark, (old,), (new,), depth + 1)
            elif new is not None and new.schema != {} and not (key == "additionalProperties" and _closed(a)):
                self._tell(path + mark, new.pointer, "is limited now", narrower=True)
            elif old is not None and old.schema != {} and not (key == "additionalProperties" and _closed(b)):
                self._tell(path + mark, old.pointer, "is no longer limited", wider=True)
        for at, (old, new) in enumerate(zip(a.prefix, b.prefix, strict=False)):
            self.place(f"{path}[{at}]", (old,), (new,), depth + 1)
        if len(a.prefix) != len(b.prefix):
            more = len(b.prefix) > len(a.prefix)
            words = f"has {len(b.prefix)} fixed items now, had {len(a.prefix)}"
            self._tell(path, f"{b.pointer}/prefixItems", words, narrower=more, wider=not more)


def _closed(facts: _Facts) -> bool:
    return facts.plain.get("additionalProperties") is False


def _types(plain: dict[str, Any]) -> tuple[str, ...]:
    found = plain.get("type")
    if isinstance(found, str):
        return (found,)
    return tuple(sorted(str(one) for one in found)) if isinstance(found, list) else ()


def _covered(types: tuple[str, ...], by: tuple[str, ...]) -> bool:
    """Whether every value of these types is also one of those. A whole number is a number."""
    return all(one in by or (one == "integer" and "number" in by) for one in types)


def _values(plain: dict[str, Any]) -> dict[str, Any] | None:
    """The values that are allowed, by their JSON text; None when any is."""
    if "const" in plain:
        return {_key(plain["const"]): plain["const"]}
    listed = plain.get("enum")
    return {_key(value): value for value in listed} if isinstance(listed, list) else None


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _number(value: Any) -> float | int | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _name_of(branch: Source) -> str:
    """How people would call one branch of an `anyOf`: what it refers to, its value, its type, its title."""
    schema = branch.schema
    if not isinstance(schema, dict):
        return _short(schema)
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return reference.rpartition("/")[2] or reference
    values = _values(schema)
    if values is not None:
        return _listed(values)
    types = _types(schema)
    if types and types != ("object",):
        return _or(types)
    return schema["title"] if isinstance(schema.get("title"), str) else _or(types) or "any value"


def _or(names: Any) -> str:
    return " or ".join(names)


def _listed(values: dict[str, Any]) -> str:
    return ", ".join(_cut(values))


def _cut(values: dict[str, Any], most: int = 5) -> Iterator[str]:
    for at, value in enumerate(values.values()):
        if at == most:
            yield f"and {len(values) - most} more"
            return
        yield _short(value)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:59] + "…"
