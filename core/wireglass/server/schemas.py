"""Python annotations as pydantic core schemas and JSON Schemas, remembered per annotation.

Building a schema is what makes a server slow to start, so every plain annotation is looked at once per process.
"""

from collections.abc import Mapping
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, cast, get_args, get_origin

from wireglass.records import field, record
from wireglass.settings import dialect

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

__all__ = ["TypeFacts", "describe", "inline_references", "prune_titles"]

Mode = Literal["validation", "serialization"]


@record(frozen=True)
class TypeFacts:
    """What one annotation means."""

    core: "CoreSchema"
    json: dict[str, Any]
    """Its JSON Schema without generated titles. Shared: copy before changing."""
    closed: bool
    """True when the core schema refers to nothing outside itself, so that it may be built into another one."""
    derived: dict[str, Any] = field(default_factory=dict[str, Any], compare=False)
    """What others made of it once, by a name of their own. Shared as well."""


_known: dict[tuple[Any, str, str], TypeFacts] = {}
_KNOWN_BOUND = 4096
"""Classes made inside functions would pile up for ever otherwise."""


def describe(annotation: Any, mode: Mode = "validation") -> TypeFacts:
    """The facts of an annotation. Raises what pydantic raises when it has no schema."""
    own_names = mode == "serialization" and dialect() == "4"
    try:
        key = (annotation, repr(annotation), "named" if own_names else mode)
        facts = _known.get(key)
    except TypeError:  # something unhashable in an Annotated
        return _describe(annotation, mode, own_names)
    if facts is None:
        facts = _describe(annotation, mode, own_names)
        if len(_known) >= _KNOWN_BOUND:
            _known.clear()
        _known[key] = facts
    return facts


def _describe(annotation: Any, mode: Mode, own_names: bool) -> TypeFacts:
    plain = _plain(annotation)
    if plain is not None:
        return TypeFacts(cast("CoreSchema", plain[0]), plain[1], closed=True)
    from pydantic import TypeAdapter

    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    options: dict[str, Any] = {"schema_generator": _own_names()} if own_names else {}
    json = prune_titles(adapter.json_schema(mode=mode, **options))
    return TypeFacts(adapter.core_schema, json, closed=not _has_references(adapter.core_schema))


@cache
def _own_names() -> type[Any]:
    """A generator of schemas in which members have the names that serialisation gives them: each model's
    `serialize_by_alias` decides, and without it they are the fields' own."""
    from pydantic.json_schema import GenerateJsonSchema

    class OwnNames(GenerateJsonSchema):
        def _named(self, make: Any, schema: Any, config: Any) -> Any:
            before, self.by_alias = self.by_alias, bool((config or {}).get("serialize_by_alias"))
            try:
                return make(schema)
            finally:
                self.by_alias = before

        def model_schema(self, schema: Any) -> Any:
            return self._named(super().model_schema, schema, schema["cls"].model_config)

        def dataclass_schema(self, schema: Any) -> Any:
            config = schema.get("config") or getattr(schema["cls"], "__pydantic_config__", None)
            return self._named(super().dataclass_schema, schema, config)

        def typed_dict_schema(self, schema: Any) -> Any:
            config = schema.get("config") or getattr(schema.get("cls"), "__pydantic_config__", None)
            return self._named(super().typed_dict_schema, schema, config)

    return OwnNames


_PLAIN: dict[Any, tuple[str, dict[str, Any]]] = {
    str: ("str", {"type": "string"}),
    int: ("int", {"type": "integer"}),
    float: ("float", {"type": "number"}),
    bool: ("bool", {"type": "boolean"}),
    None: ("none", {"type": "null"}),
    type(None): ("none", {"type": "null"}),
    Any: ("any", {}),
}
"""What pydantic makes of the types that most tools have: name of the core schema, JSON Schema."""
_Made = tuple[dict[str, Any], dict[str, Any]]


def _plain(annotation: Any) -> _Made | None:
    """Core schema and JSON Schema of a type made only of plain ones, exactly as pydantic makes them; None for others.

    The machinery that does it for any type takes a fifth of a second to load, and most servers never need it.
    """
    try:
        known = _PLAIN.get(annotation)
    except TypeError:  # unhashable
        return None
    if known is not None:
        return {"type": known[0]}, dict(known[1])
    if annotation is list or annotation is dict:
        return _plain(list[Any] if annotation is list else dict[Any, Any])
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return _plain_literal(list(arguments))
    if origin not in (list, dict, Union, UnionType):
        return None
    parts = [_plain(argument) for argument in arguments]
    if not parts or None in parts:
        return None
    return _plain_container(origin, cast("list[_Made]", parts))


def _plain_container(origin: Any, parts: list[_Made]) -> _Made | None:
    cores, schemas = [core for core, _ in parts], [json for _, json in parts]
    if origin is list:
        return {"type": "list", "items_schema": cores[0]}, {"items": schemas[0], "type": "array"}
    if origin is dict:
        core = {"type": "dict", "keys_schema": cores[0], "values_schema": cores[1]}
        # JSON has text as keys; what else they may be made of, pydantic says in words of its own.
        return (core, {"additionalProperties": schemas[1] or True, "type": "object"}) if _is_text(cores[0]) else None
    if any(schemas.count(json) > 1 or not json for json in schemas):
        return None
    rest = [core for core in cores if core["type"] != "none"]
    core = rest[0] if len(rest) == 1 else {"type": "union", "choices": rest}
    if len(rest) < len(cores):
        core = {"type": "nullable", "schema": core}
        schemas = [json for json in schemas if json != {"type": "null"}] + [{"type": "null"}]
    return core, {"anyOf": schemas}


def _is_text(core: dict[str, Any]) -> bool:
    return core["type"] in ("str", "any")


def _plain_literal(values: list[Any]) -> _Made | None:
    kinds = {type(value) for value in values}
    if kinds not in ({str}, {int}):
        return None
    kind = {"type": "string" if kinds == {str} else "integer"}
    json: dict[str, Any] = {"const": values[0]} if len(values) == 1 else {"enum": values}
    return {"type": "literal", "expected": values}, {**json, **kind}


def _has_references(node: Any) -> bool:
    if isinstance(node, dict):
        if node.get("type") in ("definitions", "definition-ref") or "ref" in node:
            return True
        return any(_has_references(value) for key, value in node.items() if key != "metadata")
    if isinstance(node, (list, tuple)):
        return any(map(_has_references, node))
    return False


_NAMED_SCHEMAS = ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas")
_LISTED_SCHEMAS = ("anyOf", "oneOf", "allOf", "prefixItems")
_SINGLE_SCHEMAS = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")


def prune_titles(schema: dict[str, Any], name: str | None = None) -> dict[str, Any]:
    """A copy without the titles pydantic makes up from class and property names; titles that someone wrote stay.

    `name` is the property that holds the schema.
    """
    pruned = dict(schema)
    title = pruned.get("title")
    if isinstance(title, str) and _is_generated(title, name, schema):
        del pruned["title"]
    for key in _NAMED_SCHEMAS:
        members = pruned.get(key)
        if isinstance(members, dict):
            pruned[key] = {
                member: prune_titles(value, member) if isinstance(value, dict) else value
                for member, value in cast("dict[str, Any]", members).items()
            }
    for key in _LISTED_SCHEMAS:
        branches = pruned.get(key)
        if isinstance(branches, list):
            pruned[key] = [prune_titles(b) if isinstance(b, dict) else b for b in cast("list[Any]", branches)]
    for key in _SINGLE_SCHEMAS:
        inner = pruned.get(key)
        if isinstance(inner, dict):
            pruned[key] = prune_titles(cast("dict[str, Any]", inner))
    return pruned


def _is_generated(title: str, name: str | None, schema: Mapping[str, Any]) -> bool:
    if name is not None and title in (name, name.replace("_", " ").title().strip()):
        return True
    # A model, dataclass, TypedDict or enum is titled with its class name.
    return title.isidentifier() and ("properties" in schema or "enum" in schema or schema.get("type") == "object")


_INLINE_BOUND = 200
"""Beyond this many inlined references the schema keeps its `$defs`: hosts cope better with them than with megabytes."""


def inline_references(schema: dict[str, Any]) -> dict[str, Any]:
    """A copy in which local `$ref`s are replaced by what they point to, since several hosts do not follow them.

    A recursive or very large schema comes back unchanged.
    """
    definitions = schema.get("$defs") or schema.get("definitions")
    if not isinstance(definitions, dict):
        return schema
    budget = [_INLINE_BOUND]
    try:
        inlined = _inline(schema, cast("dict[str, Any]", definitions), (), budget)
    except _CannotInline:
        return schema
    return {key: value for key, value in inlined.items() if key not in ("$defs", "definitions")}


class _CannotInline(Exception):
    pass


def _inline(node: Any, definitions: dict[str, Any], path: tuple[str, ...], budget: list[int]) -> Any:
    if isinstance(node, list):
        return [_inline(item, definitions, path, budget) for item in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    mapping = cast("dict[str, Any]", node)
    reference = mapping.get("$ref")
    if isinstance(reference, str):
        return _inline_reference(mapping, reference, definitions, path, budget)
    return {
        key: value
        if key in ("$defs", "definitions", "discriminator", "default", "const", "enum", "examples")
        else _inline(value, definitions, path, budget)
        for key, value in mapping.items()
    }


def _inline_reference(
    node: dict[str, Any], reference: str, definitions: dict[str, Any], path: tuple[str, ...], budget: list[int]
) -> Any:
    name = reference.rpartition("/")[2]
    budget[0] -= 1
    if name in path or budget[0] < 0 or name not in definitions or not reference.startswith("#/"):
        raise _CannotInline
    target = _inline(definitions[name], definitions, (*path, name), budget)
    siblings = {key: value for key, value in node.items() if key != "$ref"}
    return {**target, **siblings}
