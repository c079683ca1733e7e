"""What one place of a JSON Schema is: its kind, choices, alternatives and bounds, after references are merged.

Knows one place at a time and never looks below it, so that recursive schemas cost nothing.
"""

from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast

from wireglass.protocol.schema_refs import Document, Source, Unusable, child

__all__ = ["Choice", "Facts", "Kind", "constraints_of", "examine", "pattern_parts"]

Kind = Literal[
    "string",
    "integer",
    "number",
    "boolean",
    "null",
    "enum",
    "array",
    "object",
    "union",
    "const",
    "json",
]


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of an enum, of any JSON type, and what to call it."""

    value: Any
    title: str


@dataclass(slots=True)
class Facts:
    """What one look at the merged schemas of a place finds out."""

    kind: Kind
    sources: list[Source] = field(default_factory=list[Source])
    reason: str = ""
    nullable: bool = False
    choices: tuple[Choice, ...] = ()
    branches: tuple[tuple[Source, ...], ...] = ()


_TYPES: Final = ("string", "integer", "number", "boolean", "null", "array", "object")
_IMPLIED: Final[dict[str, Kind]] = {
    "properties": "object",
    "required": "object",
    "additionalProperties": "object",
    "patternProperties": "object",
    "propertyNames": "object",
    "minProperties": "object",
    "maxProperties": "object",
    "items": "array",
    "prefixItems": "array",
    "minItems": "array",
    "maxItems": "array",
    "uniqueItems": "array",
    "pattern": "string",
    "minLength": "string",
    "maxLength": "string",
    "format": "string",
    "contentEncoding": "string",
    "minimum": "number",
    "maximum": "number",
    "exclusiveMinimum": "number",
    "exclusiveMaximum": "number",
    "multipleOf": "number",
}
"""What a keyword says about the type where `type` is missing."""
_CONDITIONS: Final = frozenset(
    {"required", "not", "title", "description", "dependentRequired", "minProperties", "maxProperties", "$comment"}
)
"""A branch of only these adds a condition to fields that stand beside it; it is no alternative to choose."""


def examine(document: Document, given: tuple[Source, ...]) -> Facts:
    """What this place is: kind, choices, alternatives and bounds, all schemas that hold for it taken together."""
    sources = document.merged(given)
    nullable = False
    opened: set[str] = set()
    while True:
        fixed = _fixed_values(sources)
        if fixed is not None:
            return _of_choices(sources, fixed[0], nullable, fixed[1])
        choice_sets = [
            (source, keyword)
            for source in sources
            for keyword in ("anyOf", "oneOf")
            if isinstance(source.schema.get(keyword), list)
            and f"{source.pointer}#{keyword}" not in opened
            and not _only_conditions(source.schema[keyword], sources)
        ]
        if not choice_sets:
            return _of_type(sources, nullable)
        if len(choice_sets) > 1:
            raise Unusable("it combines several sets of alternatives")
        source, keyword = choice_sets[0]
        opened.add(f"{source.pointer}#{keyword}")
        alternatives = [child(source, keyword, index) for index in range(len(source.schema[keyword]))]
        shown = [_peek(document, alternative) for alternative in alternatives]
        choices = _titled_choices(shown)
        if choices is not None:
            return _of_choices(sources, choices, nullable, "enum")
        rest = [one for one, seen in zip(alternatives, shown, strict=True) if not _is_null(seen)]
        nullable = nullable or len(rest) < len(alternatives)
        if not rest:
            return Facts("null", sources)
        if len(rest) == 1:
            sources = document.merged((*_without(sources, source, keyword), rest[0]))
            continue
        common = _without(sources, source, keyword)
        branches = tuple((one, *(_unworded(part) for part in common)) for one in rest)
        return Facts("union", sources, nullable=nullable, branches=branches)


def _without(sources: list[Source], source: Source, keyword: str) -> tuple[Source, ...]:
    """The sources with one set of alternatives, and what was already merged, taken out."""
    kept: list[Source] = []
    for one in sources:
        left_out = {"$ref", "$dynamicRef", "allOf"} | ({keyword} if one is source else set[str]())
        schema = {key: value for key, value in one.schema.items() if key not in left_out}
        kept.append(Source(schema, one.pointer, one.base))
    return tuple(kept)


def _unworded(source: Source) -> Source:
    """A source whose title, default and the like belong to the whole union and not to a branch."""
    schema = {key: value for key, value in source.schema.items() if key not in _WORDS}
    return Source(schema, source.pointer, source.base)


_WORDS: Final = frozenset({"title", "description", "default", "examples", "example", "discriminator", "$comment"})


def _only_conditions(branches: list[Any], sources: list[Source]) -> bool:
    beside = any("properties" in source.schema or "type" in source.schema for source in sources)
    return beside and all(isinstance(branch, dict) and _CONDITIONS.issuperset(branch) for branch in branches)


def _peek(document: Document, source: Source) -> dict[str, Any]:
    """The schema at the end of a chain of plain references; never goes deeper."""
    for _ in range(16):
        if not isinstance(source.schema, dict):
            return {}
        if "$ref" not in source.schema or "const" in source.schema or "enum" in source.schema:
            return cast("dict[str, Any]", source.schema)
        try:
            source = document.resolve(source.schema["$ref"], source)
        except Unusable:
            return {}
    return {}


def _is_null(schema: dict[str, Any]) -> bool:
    return schema.get("type") in ("null", ["null"]) or ("const" in schema and schema["const"] is None)


def _titled_choices(shown: list[dict[str, Any]]) -> list[Choice] | None:
    """The choices, if each alternative is a fixed value or a list of them; None otherwise."""
    choices: list[Choice] = []
    for schema in shown:
        values = [schema["const"]] if "const" in schema else schema.get("enum")
        if values is None and _is_null(schema):
            values = [None]
        if not isinstance(values, list):
            return None
        title = (schema.get("title") or schema.get("description")) if "const" in schema else None
        choices.extend(Choice(value, title if isinstance(title, str) else _shown(value)) for value in values)
    return choices if any(choice.value is not None for choice in choices) else None


def _fixed_values(sources: list[Source]) -> tuple[list[Choice], Literal["const", "enum"]] | None:
    """The values that `const` and `enum` leave; several enums are cut with each other."""
    for source in sources:
        if "const" in source.schema:
            value = source.schema["const"]
            return [Choice(value, _shown(value))], "const"
    found: list[Choice] | None = None
    for source in sources:
        values = source.schema.get("enum")
        if not isinstance(values, list):
            continue
        titles = source.schema.get("enumNames", source.schema.get("x-enumNames"))
        named = isinstance(titles, list) and len(titles) == len(values)
        choices = [
            Choice(value, str(titles[index]) if named and isinstance(titles, list) else _shown(value))
            for index, value in enumerate(values)
        ]
        if found is None:
            found = choices
        else:
            allowed = {_identity(choice.value) for choice in choices}
            found = [choice for choice in found if _identity(choice.value) in allowed]
    return None if found is None else (found, "enum")


def _of_choices(sources: list[Source], choices: list[Choice], nullable: bool, kind: Literal["const", "enum"]) -> Facts:
    unique = {_identity(choice.value): choice for choice in reversed(choices)}
    kept = [choice for choice in choices if unique.get(_identity(choice.value)) is choice]
    allowed = _declared_types(sources)
    if allowed is not None:
        kept = [choice for choice in kept if not allowed.isdisjoint(_types_of(choice.value))]
    if not kept:
        raise Unusable("no value of its list is allowed")
    if kind == "const":
        return Facts("const", sources, choices=(kept[0],), nullable=nullable)
    values = [choice for choice in kept if choice.value is not None]
    if not values:
        return Facts("null", sources)
    return Facts("enum", sources, choices=tuple(values), nullable=nullable or len(values) < len(kept))


def _of_type(sources: list[Source], nullable: bool) -> Facts:
    declared = _declared_types(sources)
    if declared is None:
        implied: set[Kind] = {_IMPLIED[key] for source in sources for key in source.schema if key in _IMPLIED}
        if len(implied) == 1:
            return Facts(implied.pop(), sources, nullable=nullable)
        raise Unusable("its schema mixes types" if implied else "any JSON value is accepted")
    if "number" in declared:
        declared = declared - {"integer"}
    if not declared:
        raise Unusable("its combined schemas leave no type")
    left = [name for name in _TYPES if name in declared and name != "null"]
    nullable = nullable or ("null" in declared and bool(left))
    if not left:
        return Facts("null", sources)
    if len(left) == 1:
        return Facts(cast("Kind", left[0]), sources, nullable=nullable)
    common = tuple(_unworded(source) for source in sources)
    branches = tuple(
        (Source({"type": name}, sources[0].pointer, sources[0].base), *_typed(common, name)) for name in left
    )
    return Facts("union", sources, nullable=nullable, branches=branches)


def _typed(sources: tuple[Source, ...], name: str) -> list[Source]:
    """The sources as one type of several sees them: without references already merged, and keywords of other types."""
    gone = {"type", "$ref", "$dynamicRef", "allOf"} | {
        key for key, kind in _IMPLIED.items() if kind != name and not (kind == "number" and name == "integer")
    }
    return [
        Source({key: value for key, value in source.schema.items() if key not in gone}, source.pointer, source.base)
        for source in sources
    ]


def _declared_types(sources: list[Source]) -> set[str] | None:
    """The types that all sources allow; None when none of them says."""
    allowed: set[str] | None = None
    for source in sources:
        declared = source.schema.get("type")
        if declared is None:
            continue
        names = {declared} if isinstance(declared, str) else declared
        if not isinstance(names, list | set) or not all(isinstance(name, str) for name in names):
            raise Unusable("its type is not a text or a list of texts")
        unknown = sorted(set(names) - set(_TYPES))
        if unknown:
            raise Unusable(f'"{unknown[0]}" is not a JSON Schema type')
        wide = set(names) | ({"integer"} if "number" in names else set[str]())
        allowed = wide if allowed is None else allowed & wide
    return allowed


def _types_of(value: Any) -> set[str]:
    match value:
        case bool():
            return {"boolean"}
        case int():
            return {"integer", "number"}
        case float():
            return {"number", "integer"} if value.is_integer() else {"number"}
        case str():
            return {"string"}
        case None:
            return {"null"}
        case list():
            return {"array"}
        case _:
            return {"object"}


def _shown(value: Any) -> str:
    """A value as text for people: texts as they are, anything else as JSON."""
    if isinstance(value, str):
        return value
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case list():
            return "[" + ", ".join(_shown(one) for one in cast("list[Any]", value)[:20]) + "]"
        case dict():
            pairs = list(cast("dict[str, Any]", value).items())[:20]
            return "{" + ", ".join(f"{key}: {_shown(one)}" for key, one in pairs) + "}"
        case _:
            return str(value)


def _identity(value: Any) -> str:
    """Equal exactly for equal JSON values: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, str):
        return f"'{value}"  # its `repr` would look at each of a million characters
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"{'b' if isinstance(value, bool) else ''}{value!r}"


# --- bounds ---

_LOWER: Final = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
_UPPER: Final = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
_PLAIN: Final = ("pattern", "multipleOf", "uniqueItems", "contentEncoding", "contentMediaType")


def constraints_of(sources: list[Source]) -> dict[str, Any]:
    """The bounds that hold when all of these do: of two limits the stricter, of anything else the first."""
    found: dict[str, Any] = {}
    for source in sources:
        schema = source.schema
        if not isinstance(schema, dict):
            continue
        for keyword in (*_LOWER, *_UPPER):
            bound = schema.get(keyword)
            if isinstance(bound, bool) or not isinstance(bound, int | float):
                continue
            stricter = max if keyword in _LOWER else min
            found[keyword] = stricter(found[keyword], bound) if keyword in found else bound
        for keyword in _PLAIN:
            if keyword in schema and keyword not in found:
                found[keyword] = schema[keyword]
        names = schema.get("propertyNames")
        if isinstance(names, dict) and isinstance(names.get("pattern"), str):
            found.setdefault("keyPattern", names["pattern"])
        patterns = schema.get("patternProperties")
        if isinstance(patterns, dict) and len(patterns) == 1:
            found.setdefault("keyPattern", next(iter(patterns)))
    return found


def pattern_parts(source: Source) -> list[Source]:
    """The schemas of members whose names match a pattern, each with its pointer."""
    patterns = source.schema.get("patternProperties")
    if not isinstance(patterns, dict):
        return []
    return [child(source, "patternProperties", pattern) for pattern in patterns]
