"""`fastmcp.utilities.types` beyond media: questions about annotations that tools of servers ask."""

import functools
import inspect
import types
import typing
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Union, cast

from pydantic import BaseModel, Field, TypeAdapter

__all__ = [
    "FastMCPBaseModel",
    "NotSet",
    "NotSetT",
    "create_function_without_params",
    "find_kwarg_by_type",
    "get_cached_typeadapter",
    "is_class_member_of_type",
    "issubclass_safe",
    "replace_type",
]


class NotSetT:
    """The type of `NotSet`."""

    def __repr__(self) -> str:
        return "NotSet"

    def __bool__(self) -> bool:
        return False


NotSet = NotSetT()
"""Stands for an argument that was not given, where None means something."""


class FastMCPBaseModel(BaseModel):
    """A pydantic model that refuses unknown members."""

    model_config = {"extra": "forbid"}


def issubclass_safe(cls: Any, base: Any) -> bool:
    """As `issubclass`, False for what is not a class."""
    try:
        return issubclass(cls, base)
    except TypeError:
        return False


def is_class_member_of_type(cls: Any, base: type) -> bool:
    """Whether an annotation (a class, a union, Annotated) has a class that derives from `base`."""
    if cls is None:
        return False
    origin = typing.get_origin(cls)
    if origin is Annotated:
        return is_class_member_of_type(typing.get_args(cls)[0], base)
    if origin in (Union, types.UnionType):
        return any(is_class_member_of_type(part, base) for part in typing.get_args(cls))
    return issubclass_safe(origin or cls, base)


def find_kwarg_by_type(fn: Callable[..., Any], kwarg_type: type) -> str | None:
    """The name of the parameter whose annotation has `kwarg_type`, or None."""
    target: Any = fn.__func__ if inspect.ismethod(fn) else fn
    try:
        hints = typing.get_type_hints(target, include_extras=True)
    except Exception:
        hints = getattr(target, "__annotations__", {})
    for name in inspect.signature(fn).parameters:
        if is_class_member_of_type(hints.get(name), kwarg_type):
            return name
    return None


def replace_type(annotation: Any, type_map: dict[Any, Any]) -> Any:
    """The annotation with classes exchanged, also inside generics, unions and Annotated."""
    if annotation in type_map:
        return type_map[annotation]
    origin = typing.get_origin(annotation)
    if origin is None:
        return annotation
    arguments = typing.get_args(annotation)
    if origin is Annotated:
        return Annotated[(replace_type(arguments[0], type_map), *arguments[1:])]  # type: ignore[return-value] # built at run time
    made = tuple(replace_type(argument, type_map) for argument in arguments)
    if origin in (Union, types.UnionType):
        return functools.reduce(lambda left, right: Union[left, right], made)  # noqa: UP007 - values, not an annotation
    return origin[made]


def get_cached_typeadapter(cls: Any) -> TypeAdapter[Any]:
    """The validator of a type, or of a function's arguments; text in `Annotated` becomes the description."""
    try:
        return _cached(cls)
    except TypeError:  # not hashable
        return _adapter(cls)


@functools.lru_cache(maxsize=2048)
def _cached(cls: Any) -> TypeAdapter[Any]:
    return _adapter(cls)


def _adapter(cls: Any) -> TypeAdapter[Any]:
    function: Any = cls if inspect.isfunction(cls) or inspect.ismethod(cls) else None
    hints = typing.get_type_hints(function, include_extras=True) if function is not None else {}
    changed = {name: _described(hint) for name, hint in hints.items()}
    if changed == hints:
        return TypeAdapter(cast(Any, cls))
    return TypeAdapter(_with_annotations(cls, changed))


def _described(hint: Any) -> Any:
    if typing.get_origin(hint) is not Annotated:
        return hint
    kind, *extra = typing.get_args(hint)
    if len(extra) == 1 and isinstance(extra[0], str):
        return Annotated[kind, Field(description=extra[0])]
    return hint


def _with_annotations(fn: Any, hints: dict[str, Any]) -> Any:
    plain = fn.__func__ if inspect.ismethod(fn) else fn
    made = types.FunctionType(plain.__code__, plain.__globals__, plain.__name__, plain.__defaults__, plain.__closure__)
    made.__dict__.update(plain.__dict__)
    made.__module__ = plain.__module__
    made.__qualname__ = plain.__qualname__
    made.__kwdefaults__ = plain.__kwdefaults__
    made.__annotations__ = hints
    return types.MethodType(made, fn.__self__) if inspect.ismethod(fn) else made


def create_function_without_params(fn: Callable[..., Any], exclude_params: Iterable[str]) -> Callable[..., Any]:
    """A function that behaves as `fn` with some parameters gone from its signature and annotations."""
    gone = set(exclude_params)
    signature = inspect.signature(fn)
    kept = [parameter for name, parameter in signature.parameters.items() if name not in gone]

    @functools.wraps(fn)
    def without(*args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs)

    changed = cast(Any, without)
    changed.__signature__ = signature.replace(parameters=kept)
    changed.__annotations__ = {name: hint for name, hint in fn.__annotations__.items() if name not in gone}
    return without
