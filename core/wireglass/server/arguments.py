"""The arguments that a client fills in: what is known of each, their JSON Schema, and the validator of a call."""

import copy
import dataclasses
import inspect
import typing
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, cast

import pydantic
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, SchemaValidator, core_schema, to_jsonable_python

from wireglass.records import record
from wireglass.server.complaints import complain, first_line, type_name
from wireglass.server.schemas import describe, prune_titles

__all__ = [
    "Argument",
    "build_validator",
    "compile_arguments",
    "default_of",
    "make_argument",
    "object_schema",
    "property_of",
    "split_annotated",
]

_EMPTY = inspect.Parameter.empty


_PLAIN = (str, int, bool)
"""Types of defaults by whose equality arguments may be shared (floats are not: 0.0 == -0.0)."""


@record(frozen=True)
class Argument:
    """One parameter that the client fills in."""

    name: str
    annotation: Any
    """As written, without `Annotated` descriptions."""
    fields: tuple[FieldInfo, ...]
    """Every `Field(...)` on it, outermost last."""
    default: Any
    """The default, `_EMPTY` when there is none, or a zero-argument factory in `factory`."""
    factory: Callable[[], Any] | None
    description: str | None
    shared: bool = dataclasses.field(default=False, compare=False)
    """Whether other functions have it too."""
    shown: dict[str, Any] | None = dataclasses.field(default=None, compare=False)
    """Its JSON Schema property, once somebody asked for it."""

    @property
    def required(self) -> bool:
        return self.default is _EMPTY and self.factory is None

    @property
    def alias(self) -> str:
        """The name on the wire."""
        return self.fact("alias") or self.name

    def fact(self, name: str) -> Any:
        """The last word of its fields on one attribute ("title", "description", ...)."""
        return next((value for f in reversed(self.fields) if (value := getattr(f, name, None)) is not None), None)


_arguments: dict[Any, Argument] = {}


_ARGUMENTS_BOUND = 4096


def make_argument(
    name: str,
    annotation: Any,
    fields: tuple[FieldInfo, ...],
    default: Any,
    factory: Callable[[], Any] | None,
    description: str | None,
) -> Argument:
    """An argument; plain ones are shared, since a server's tools repeat their parameters over and over."""
    made = Argument(name, annotation, fields, default, factory, description)
    if fields or factory is not None or not (default is _EMPTY or default is None or type(default) in _PLAIN):
        return made
    # Equal is not alike: True == 1, and annotations may hold such values in their metadata.
    key = (name, annotation, repr(annotation), type(default), default, description)
    try:
        known = _arguments.get(key)
        if known is None:
            known = _arguments[key] = replace(made, shared=True)
    except TypeError:  # something unhashable in an Annotated
        return made
    if len(_arguments) > _ARGUMENTS_BOUND:
        _arguments.clear()
    return known


def default_of(fields: tuple[FieldInfo, ...]) -> tuple[Any, Callable[[], Any] | None]:
    """A parameter's default value or factory from its fields, the last that has one; else no default."""
    for field in reversed(fields):
        if field.default_factory is not None:
            return _EMPTY, cast("Callable[[], Any]", field.default_factory)
        if field.default is not PydanticUndefined and field.default is not ...:
            return field.default, None
    return _EMPTY, None


def split_annotated(annotation: Any) -> tuple[Any, tuple[FieldInfo, ...], str | None]:
    """Takes `Field(...)` and a bare description string out of `Annotated`; other metadata stays."""
    if typing.get_origin(annotation) is not Annotated:
        return annotation, (), None
    base, *metadata = typing.get_args(annotation)
    fields = [item for item in metadata if isinstance(item, FieldInfo)]
    texts = [item for item in metadata if isinstance(item, str)]
    rest = [item for item in metadata if not isinstance(item, (FieldInfo, str))]
    bare = Annotated[(base, *rest)] if rest else base  # pyright: ignore[reportInvalidTypeForm] - built at run time
    return bare, tuple(fields), texts[0] if texts else None


_CONSTRAINED = ("annotation", "description", "default", "default_factory", "title")


def _is_descriptive(field: FieldInfo) -> bool:
    """True when the field only describes: no constraint, alias or schema extra that pydantic must see."""
    given = field._attributes_set
    return not field.metadata and all(name in _CONSTRAINED for name in given)


def build_validator(arguments: tuple[Argument, ...]) -> SchemaValidator:
    """One validator for arguments whose schemas stand alone."""
    fields = {
        argument.name: core_schema.typed_dict_field(
            describe(_annotation_for_pydantic(argument)).core,
            required=argument.required,
            validation_alias=argument.alias,
        )
        for argument in arguments
    }
    return SchemaValidator(core_schema.typed_dict_schema(fields, extra_behavior="forbid"))


def compile_arguments(
    arguments: tuple[Argument, ...], fn: Any, name: str
) -> tuple[SchemaValidator | None, dict[str, Any] | None]:
    """The validator and the JSON Schema, where arguments refer to each other; neither where each stands alone."""
    for argument in arguments:
        try:
            facts = describe(_annotation_for_pydantic(argument))
        except Exception as error:  # boundary: pydantic and custom types raise what they like while building schemas
            raise complain(
                fn,
                name,
                "function",
                f"parameter {argument.name!r} has type {type_name(argument.annotation)}, which has no JSON Schema "
                f"({first_line(error)}). Use JSON types, a pydantic model, a dataclass or a TypedDict.",
            ) from error
        if not facts.closed:
            return _compile_together(arguments)
    return None, None


def property_of(argument: Argument) -> dict[str, Any]:
    """The property of an argument that stands alone; that of a shared argument is shared as well."""
    if argument.shown is not None:
        return argument.shown
    made = _property(argument, describe(_annotation_for_pydantic(argument)).json)
    if argument.shared:
        object.__setattr__(argument, "shown", made)
    return made


def _compile_together(arguments: tuple[Argument, ...]) -> tuple[SchemaValidator, dict[str, Any]]:
    """The slow way, for models that refer to each other or to themselves: pydantic sorts out the definitions."""
    import typing_extensions

    members = {
        a.name: (typing_extensions.Required if a.required else typing_extensions.NotRequired)[
            _annotation_for_pydantic(a)
        ]
        for a in arguments
    }
    # A TypedDict made at run time; closed, so that unknown arguments are refused.
    made: Any = typing_extensions.TypedDict("Arguments", members)  # pyright: ignore[reportArgumentType, reportCallIssue, reportGeneralTypeIssues]
    made.__pydantic_config__ = pydantic.ConfigDict(extra="forbid")
    adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(made)
    json = prune_titles(adapter.json_schema(), None)
    generated = cast("dict[str, Any]", json.get("properties", {}))
    properties = {a.alias: _property(a, generated.get(a.alias, {})) for a in arguments}
    schema = object_schema(arguments, properties)
    if "$defs" in json:
        schema = {"$defs": json["$defs"], **schema}
    return cast("SchemaValidator", adapter.validator), schema


def _annotation_for_pydantic(argument: Argument) -> Any:
    if all(map(_is_descriptive, argument.fields)):
        return argument.annotation
    return Annotated[(argument.annotation, *map(_without_default, argument.fields))]  # pyright: ignore[reportInvalidTypeForm] - built at run time


def _without_default(field: FieldInfo) -> FieldInfo:
    bare = copy.copy(field)
    bare.default, bare.default_factory = PydanticUndefined, None
    given = {k: v for k, v in field._attributes_set.items() if k not in ("default", "default_factory")}
    bare._attributes_set = given
    return bare


def _property(argument: Argument, schema: dict[str, Any]) -> dict[str, Any]:
    made = dict(schema)
    title = argument.fact("title")
    if title:
        made["title"] = title
    if (argument.description and "description" not in made) or argument.fact("description"):
        made["description"] = argument.description
    if argument.default is not _EMPTY and argument.factory is None:
        try:
            made["default"] = to_jsonable_python(argument.default, by_alias=True)
        except ValueError:
            made.pop("default", None)  # a default that JSON cannot show still works when nothing is sent
    return made


def object_schema(arguments: tuple[Argument, ...], properties: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of all arguments together."""
    schema: dict[str, Any] = {"additionalProperties": False, "properties": properties, "type": "object"}
    required = [argument.alias for argument in arguments if argument.required]
    if required:
        schema["required"] = required
    return schema
