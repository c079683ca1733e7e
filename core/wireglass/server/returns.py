"""What a return annotation promises: the output schema of a tool, and whether its values are wrapped."""

import inspect
import types
import typing
from typing import Annotated, Any, Union

import pydantic

from wireglass.records import record
from wireglass.server.results import BLOCK_TYPES, WRAP_MARK, ToolResult, media_types
from wireglass.server.schemas import describe

__all__ = ["ReturnPlan", "plan_return"]


@record(frozen=True)
class ReturnPlan:
    """What a return annotation promises."""

    output_schema: dict[str, Any] | None
    wrap: bool
    adapter: pydantic.TypeAdapter[Any] | None = None
    """Serialises values by their annotation, where that differs from what they are."""


_NOTHING = ReturnPlan(None, wrap=False)
_UNTOLD = (inspect.Parameter.empty, None, type(None), Any, typing.NoReturn, "None", list, tuple, bytes)
"""Annotations that promise no structure."""


def plan_return(annotation: Any) -> ReturnPlan:
    """The output schema of a return annotation; none for content, for `Any`, and for types without a schema."""
    annotation = _without_rounds(annotation)
    if annotation in _UNTOLD or _promises_content(annotation) or _promises_any_list(annotation):
        return _NOTHING
    annotation = _without_generators(annotation)
    try:
        facts = describe(annotation, "serialization")
    except Exception:  # boundary: whatever keeps pydantic from making a schema, the tool still works without one
        return _NOTHING
    plan = facts.derived.get("returned")
    if plan is None:
        plan = facts.derived["returned"] = _promise(facts.json)
    return plan


def _promise(schema: dict[str, Any]) -> ReturnPlan:
    if _describes_object(schema):
        return ReturnPlan(_object_at_root(schema), wrap=False)
    definitions = {"$defs": schema["$defs"]} if "$defs" in schema else {}
    inner = {key: value for key, value in schema.items() if key != "$defs"}
    wrapped = {"type": "object", "properties": {"result": inner}, "required": ["result"], WRAP_MARK: True}
    return ReturnPlan({**wrapped, **definitions}, wrap=True)


def _without_rounds(annotation: Any) -> Any:
    """The annotation of a finished call: a round that asks for input (`str | InputRequiredResult`) has no schema."""
    if hasattr(annotation, "__value__"):  # type X = ..., also typing_extensions.TypeAliasType
        return _without_rounds(annotation.__value__)
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        base, *metadata = typing.get_args(annotation)
        inner = _without_rounds(base)
        return annotation if inner is base else Annotated[(inner, *metadata)]  # pyright: ignore[reportInvalidTypeForm] - built at run time
    if origin is not Union and origin is not types.UnionType:
        return annotation
    members = [_without_rounds(member) for member in typing.get_args(annotation)]
    kept = tuple(member for member in members if getattr(member, "__name__", "") != "InputRequiredResult")
    if len(kept) == len(members):
        return annotation
    return Union[kept] if kept else Any  # noqa: UP007 - built at run time


def _object_at_root(schema: dict[str, Any]) -> dict[str, Any]:
    """A model that refers to itself is a reference; the protocol wants `"type": "object"` at the root."""
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    rest = {key: value for key, value in schema.items() if key not in ("$ref", "$defs")}
    return {"$defs": schema["$defs"], **schema["$defs"][reference.rpartition("/")[2]], **rest}


def _describes_object(schema: dict[str, Any]) -> bool:
    if schema.get("type") == "object":
        return True
    reference = schema.get("$ref")
    if isinstance(reference, str):
        name = reference.rpartition("/")[2]
        return schema.get("$defs", {}).get(name, {}).get("type") == "object"
    return False


def _promises_content(annotation: Any) -> bool:
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        return _promises_content(typing.get_args(annotation)[0])
    if origin is Union or origin is types.UnionType or origin in (list, tuple, set) or _is_abstract_sequence(origin):
        return any(_promises_content(argument) for argument in typing.get_args(annotation))
    if not isinstance(annotation, type):
        return False
    if issubclass(annotation, (*media_types(), ToolResult)):
        return True
    if not issubclass(annotation, pydantic.BaseModel):
        return False
    if annotation.__name__ in ("CallToolResult", "InputRequiredResult", "CreateTaskResult"):
        return True
    kind = annotation.model_fields.get("type")
    return kind is not None and kind.default in BLOCK_TYPES


def _promises_any_list(annotation: Any) -> bool:
    """`list[Any]` and its like: they may hold content, so nothing is promised."""
    origin = typing.get_origin(annotation)
    if origin not in (list, tuple) and not _is_abstract_sequence(origin):
        return False
    return all(argument in (Any, ...) for argument in typing.get_args(annotation))


def _is_abstract_sequence(origin: Any) -> bool:
    return isinstance(origin, type) and origin.__module__ == "collections.abc"


def _without_generators(annotation: Any) -> Any:
    """Items of a generator arrive as a list."""
    origin = typing.get_origin(annotation)
    name = getattr(origin, "__name__", "")
    if name in ("Generator", "Iterator", "AsyncGenerator", "AsyncIterator", "AsyncIterable"):
        arguments = typing.get_args(annotation)
        return list[arguments[0]] if arguments else list[Any]
    return annotation
