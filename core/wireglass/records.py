"""Data classes that cost a server's start next to nothing.

`@record` is `@dataclass(slots=True)` for the classes that every process needs before its first answer. The standard
library writes and compiles four to nine functions for each of them, 0.15 to 0.35 ms; here `__init__` is the only one,
0.04 ms, and all others are shared. To readers, type checkers and `dataclasses.replace`, `fields` and `asdict` there is
no difference. What it does not know: `__post_init__`, `ClassVar`, `InitVar`, `order`, fields of base classes.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, field
from typing import Any, TypeVar, dataclass_transform, overload

__all__ = ["field", "record"]

T = TypeVar("T")


@overload
def record(cls: type[T], /) -> type[T]: ...
@overload
def record(*, frozen: bool = False, eq: bool = True, kw_only: bool = False) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(field_specifiers=(field,))
def record(cls: Any = None, /, *, frozen: bool = False, eq: bool = True, kw_only: bool = False) -> Any:
    """A class with slots, made of its annotations. Raises TypeError for a field without a default after one with.

    `frozen` refuses changes and, with `eq`, can be hashed; `eq=False` compares by identity.
    """
    options = {"frozen": frozen, "eq": eq, "kw_only": kw_only}
    return _made(cls, **options) if cls is not None else lambda cls: _made(cls, **options)


def _made(cls: type[Any], *, frozen: bool, eq: bool, kw_only: bool) -> type[Any]:
    names = tuple(cls.__annotations__)
    body = dict(cls.__dict__)
    defaults = {name: body.pop(name) for name in names if name in body}
    fields = {name: each for name, each in defaults.items() if isinstance(each, dataclasses.Field)}
    for unwanted in ("__dict__", "__weakref__"):
        body.pop(unwanted, None)
    body |= {
        "__slots__": names,
        "__match_args__": () if kw_only else names,
        "__init__": _init(cls, names, defaults, frozen=frozen, kw_only=kw_only),
        "__dataclass_fields__": _Fields(cls, {"frozen": frozen, "eq": eq, "kw_only": kw_only}),
        "_shown": tuple(name for name in names if name not in fields or fields[name].repr),
    }
    body.setdefault("__repr__", _repr)
    if eq:
        body["_compared"] = tuple(name for name in names if name not in fields or fields[name].compare)
        body |= {"__eq__": _eq, "__hash__": _hash if frozen else None}
    if frozen:
        body |= {
            "__setattr__": _refuse_set,
            "__delattr__": _refuse_delete,
            "__getstate__": _getstate,
            "__setstate__": _setstate,
        }
    made: type[Any] = type(cls).__call__(type(cls), cls.__name__, cls.__bases__, body)
    made.__qualname__ = cls.__qualname__
    return made


def _init(
    cls: type[Any], names: tuple[str, ...], defaults: dict[str, Any], *, frozen: bool, kw_only: bool
) -> Callable[..., None]:
    """The only function that is written for each class: it runs too often to be a loop."""
    values: dict[str, Any] = {"_unset": _UNSET, "_set": object.__setattr__}
    parameters = ["self", "*"] if kw_only and names else ["self"]
    lines: list[str] = []
    given: str | None = None
    for name in names:
        parameter, value = name, name
        default: Any = defaults.get(name, MISSING)
        if isinstance(default, dataclasses.Field):
            if default.default_factory is not MISSING:
                values[f"_make_{name}"] = default.default_factory
                parameter, value = f"{name}=_unset", f"_make_{name}() if {name} is _unset else {name}"
                default = None
            else:
                default = default.default
        if default is not MISSING:
            values.setdefault(f"_default_{name}", default)
            parameter = parameter if "=" in parameter else f"{name}=_default_{name}"
            given = name
        elif given is not None and not kw_only:
            raise TypeError(f"non-default argument {name!r} follows default argument {given!r}")
        parameters.append(parameter)
        lines.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    exec(f"def __init__({', '.join(parameters)}):\n " + "\n ".join(lines or ["pass"]), values)
    init = values["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    init.__module__ = cls.__module__
    return init


class _Unset:
    def __repr__(self) -> str:
        return "<factory>"


_UNSET = _Unset()


class _Fields:
    """`__dataclass_fields__`, made by the standard library when somebody asks for it."""

    def __init__(self, cls: type[Any], options: dict[str, bool]) -> None:
        self._cls = cls
        self._options = options
        self._fields: dict[str, dataclasses.Field[Any]] | None = None

    def __get__(self, instance: object, owner: type[Any]) -> "dict[str, dataclasses.Field[Any]]":
        if self._fields is None:
            members = {n: v for n, v in self._cls.__dict__.items() if n in self._cls.__annotations__}
            names = {"__annotations__": self._cls.__annotations__, "__module__": self._cls.__module__}
            twin: Any = dataclasses.dataclass(**self._options)(type(self._cls.__name__, (), {**members, **names}))
            self._fields = {each.name: each for each in dataclasses.fields(twin)}
        return self._fields


def _repr(self: Any) -> str:
    members = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._shown)
    return f"{type(self).__qualname__}({members})"


def _eq(self: Any, other: object) -> bool:
    if type(other) is not type(self):
        return NotImplemented
    return all(getattr(self, name) == getattr(other, name) for name in self._compared)


def _hash(self: Any) -> int:
    return hash(tuple(getattr(self, name) for name in self._compared))


def _refuse_set(self: Any, name: str, value: Any) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_delete(self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _getstate(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self.__slots__]


def _setstate(self: Any, state: list[Any]) -> None:
    for name, value in zip(self.__slots__, state, strict=True):
        object.__setattr__(self, name, value)
