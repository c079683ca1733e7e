"""`fastmcp.utilities.json_schema`: functions that make JSON Schemas smaller, or free of references."""

import copy
from collections.abc import Callable, Iterable
from typing import Any, cast

from wireglass.server.schemas import inline_references
from wireglass.settings import dialect

__all__ = ["compress_schema", "dereference_refs", "require_discriminator_property", "resolve_root_ref"]

Schema = dict[str, Any]
_NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_PREFIX = "#/$defs/"


def compress_schema(
    schema: Schema,
    prune_params: Iterable[str] | None = None,
    prune_defs: bool = True,
    prune_additional_properties: bool | None = None,
    prune_titles: bool = False,
    dereference: bool = False,
) -> Schema:
    """A smaller copy: without some parameters, definitions that nothing refers to, `additionalProperties: false` (by
    default in dialect 2 only), titles; with `dereference`, without references."""
    made = copy.deepcopy(schema)
    for name in prune_params or ():
        made = _prune_param(made, name)
    if dereference:
        made = dereference_refs(made)
    closed = prune_additional_properties if prune_additional_properties is not None else dialect() == "2"
    if closed:
        _each(made, lambda node: node.get("additionalProperties") is False and node.pop("additionalProperties"))
    if prune_titles:
        _each(made, lambda node: isinstance(node.get("title"), str) and node.pop("title"))
    return _without_unused_definitions(made) if prune_defs else made


def _prune_param(schema: Schema, param: str) -> Schema:
    """A copy without one property; `required` goes when nothing is left of it."""
    made = copy.deepcopy(schema)
    if made.get("properties", {}).pop(param, None) is not None and param in made.get("required", ()):
        made["required"] = [name for name in made["required"] if name != param]
        if not made["required"]:
            del made["required"]
    return made


def dereference_refs(schema: Schema) -> Schema:
    """A copy in which local references are replaced by what they point to, with what stands beside them. Where that
    has no end, or would be very large, only the reference at the top is."""
    made = inline_references(schema)
    return resolve_root_ref(schema) if made is schema else made


def resolve_root_ref(schema: Schema) -> Schema:
    """A schema whose top is a reference, with what that points to at the top; any other schema itself."""
    reference = schema.get("$ref")
    definitions = schema.get("$defs")
    if "type" in schema or not isinstance(reference, str) or not isinstance(definitions, dict):
        return schema
    target = cast("Schema", definitions).get(reference.removeprefix(_PREFIX))
    if not reference.startswith(_PREFIX) or not isinstance(target, dict):
        return schema
    return {**cast("Schema", target), "$defs": definitions}


def require_discriminator_property(schema: Schema) -> Schema:
    """A copy in which every variant of a discriminated union requires its tag."""
    made = copy.deepcopy(schema)
    discriminator = made.get("discriminator")
    tag = cast("Schema", discriminator).get("propertyName") if isinstance(discriminator, dict) else None
    if isinstance(tag, str):
        for variant in (*made.get("anyOf", ()), *made.get("oneOf", ())):
            if isinstance(variant, dict) and tag not in cast("Schema", variant).get("required", ()):
                variant["required"] = [*cast("Schema", variant).get("required", ()), tag]
    return made


def _each(node: Any, change: Callable[[Schema], Any]) -> None:
    """Calls `change` with every schema in a schema. What is under `properties` are names, not keywords."""
    if isinstance(node, list):
        for item in cast("list[Any]", node):
            _each(item, change)
    elif isinstance(node, dict):
        schema = cast("Schema", node)
        change(schema)
        for key, value in schema.items():
            if key in _NAMED and isinstance(value, dict):
                for member in cast("Schema", value).values():
                    _each(member, change)
            elif key not in ("default", "const", "enum", "examples"):
                _each(value, change)


def _without_unused_definitions(schema: Schema) -> Schema:
    definitions = schema.get("$defs")
    if not isinstance(definitions, dict):
        return schema
    known = cast("Schema", definitions)
    waiting = _references({key: value for key, value in schema.items() if key != "$defs"})
    used: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in known and name not in used:
            used.add(name)
            waiting |= _references(known[name])
    made = {key: value for key, value in schema.items() if key != "$defs"}
    kept = {name: value for name, value in known.items() if name in used}
    return {**made, "$defs": kept} if kept else made


def _references(node: Any) -> set[str]:
    found: set[str] = set()

    def note(schema: Schema) -> None:
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference.startswith(_PREFIX):
            found.add(reference.removeprefix(_PREFIX).partition("/")[0])

    _each(node, note)
    return found
