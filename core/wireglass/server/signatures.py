"""Signatures of authors' functions, read: which parameters are the client's, which the context's or a dependency's."""

import functools
import inspect
import types
import typing
from collections.abc import Callable, Collection
from typing import Annotated, Any, Union, cast

from pydantic.fields import FieldInfo

from wireglass.errors import RegistrationError
from wireglass.server.arguments import Argument, default_of, make_argument, split_annotated
from wireglass.server.complaints import complain, location_of
from wireglass.server.docstrings import Docstring
from wireglass.server.injection import Dependency, annotated_dependency, as_dependency

__all__ = [
    "SignatureReader",
    "check_exclusions",
    "is_context_annotation",
    "name_of",
    "parameters_of",
    "type_hints",
    "unwrap",
]

_CONTEXT_NAMES = ("ctx", "context")


_EMPTY = inspect.Parameter.empty


def unwrap(fn: Any, kind: str = "tool") -> tuple[Callable[..., Any], Any]:
    """What to call, and what carries name and docstring. Raises RegistrationError or TypeError."""
    if isinstance(fn, staticmethod):
        fn = cast("Any", fn).__func__
    if isinstance(fn, classmethod):
        raise TypeError(
            f"A classmethod cannot become a {kind} before its class exists. Register the bound method instead: "
            f"mcp.{kind}(MyClass.method)."
        )
    if not callable(fn):
        raise TypeError(f"{fn!r} is not a callable object, so it cannot become a {kind}.")
    if inspect.isroutine(fn) or inspect.isclass(fn):
        return fn, fn
    if isinstance(fn, functools.partial):
        own = fn.__doc__ is not functools.partial.__doc__  # somebody documented this one
        return cast("Callable[..., Any]", fn), fn if own else fn.func
    call = type(fn).__call__
    bound = fn.__call__ if inspect.isfunction(call) else fn
    return bound, fn


def name_of(documented: Any, target: Callable[..., Any], kind: str) -> str:
    """The component's name when none was given. Raises RegistrationError for a lambda, which has none."""
    inner = getattr(documented, "func", documented)
    name = getattr(documented, "__name__", None) or getattr(inner, "__name__", None) or type(documented).__name__
    if name == "<lambda>":
        raise RegistrationError(f"You must provide a name for lambda functions ({location_of(target)}).")
    return name


def parameters_of(target: Callable[..., Any], label: str, kind: str) -> list[inspect.Parameter]:
    """Parameters in their order. Raises RegistrationError when Python cannot tell them."""
    try:
        return list(inspect.signature(target).parameters.values())
    except (TypeError, ValueError) as error:
        raise complain(target, label, kind, f"its signature cannot be read ({error}).") from error


def type_hints(target: Callable[..., Any], label: str, kind: str) -> dict[str, Any]:
    """Annotations by parameter, evaluated. Raises RegistrationError for a name that nobody knows."""
    source: Any = target.func if isinstance(target, functools.partial) else target
    if inspect.isclass(source):
        source = source.__init__
    try:
        return typing.get_type_hints(source, include_extras=True)
    except NameError as error:
        local = _closure_names(source)
        try:
            return typing.get_type_hints(source, localns=local, include_extras=True)
        except NameError:
            raise complain(
                target, label, kind, f"{error}. Annotations must name types that are visible at module level."
            ) from error
    except (TypeError, AttributeError):
        return dict(getattr(source, "__annotations__", {}))


def _closure_names(source: Any) -> dict[str, Any]:
    """Names visible where the function was defined, for `from __future__ import annotations` inside functions."""
    names: dict[str, Any] = {}
    frame = inspect.currentframe()
    while frame is not None:
        for name, value in frame.f_locals.items():
            names.setdefault(name, value)
        if getattr(source, "__code__", None) in frame.f_code.co_consts:
            break
        frame = frame.f_back
    return names


class SignatureReader:
    """Sorts parameters into those of the client, the context and dependencies."""

    def __init__(
        self,
        target: Callable[..., Any],
        label: str,
        kind: str,
        hints: dict[str, Any],
        doc: Docstring,
        exclude: Collection[str],
        allow_kwargs: bool,
    ) -> None:
        self.arguments: list[Argument] = []
        self.injected: dict[str, Dependency] = {}
        self.context_name: str | None = None
        self.positional: list[str] = []
        self._target, self._label, self._kind = target, label, kind
        self._hints, self._doc, self._exclude = hints, doc, exclude
        self._allow_kwargs = allow_kwargs

    def read(self, parameter: inspect.Parameter) -> None:
        name = parameter.name
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            raise RegistrationError(f"Functions with *args are not supported as {self._kind}s ({self._where()}).")
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            if self._allow_kwargs:
                return
            raise RegistrationError(f"Functions with **kwargs are not supported as {self._kind}s ({self._where()}).")
        annotation = self._hints.get(name, parameter.annotation)
        if parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
            self.positional.append(name)
        dependency = as_dependency(parameter.default) or annotated_dependency(annotation)
        if dependency is not None:
            self.injected[name] = dependency
        elif is_context_annotation(annotation):
            self.context_name = self.context_name or name
            if self.context_name != name:
                raise self._complain(f"it asks for the context twice, as {self.context_name!r} and {name!r}.")
        elif name in _CONTEXT_NAMES and annotation is _EMPTY and parameter.default in (_EMPTY, None):
            raise self._complain(
                f"parameter {name!r} has no annotation, so it would become an argument of the client. "
                f"Write `{name}: Context` (from wireglass import Context)."
            )
        elif name not in self._exclude:
            self.arguments.append(self._argument(parameter, annotation))

    def _argument(self, parameter: inspect.Parameter, annotation: Any) -> Argument:
        annotation = Any if annotation is _EMPTY else annotation
        annotation, fields, text = split_annotated(annotation)
        default, factory = parameter.default, None
        if isinstance(default, FieldInfo):
            fields, default = (*fields, default), _EMPTY
        if default is _EMPTY:
            default, factory = default_of(fields)
        written = next((f.description for f in reversed(fields) if f.description), None)
        described = written or text or self._doc.parameters.get(parameter.name)
        for item in getattr(annotation, "__metadata__", ()):
            if hasattr(item, "describe"):  # an annotation with a contract of its own, such as `SessionId`
                described = item.describe(described)
        return make_argument(parameter.name, annotation, fields, default, factory, described)

    def _complain(self, what: str) -> RegistrationError:
        return complain(self._target, self._label, self._kind, what)

    def _where(self) -> str:
        return f"{self._label}, {location_of(self._target)}"


def check_exclusions(
    reader: SignatureReader,
    exclude: Collection[str],
    parameters: list[inspect.Parameter],
    target: Any,
    label: str,
    kind: str,
) -> None:
    """Raises RegistrationError when an excluded parameter does not exist, or has no default to fall back on."""
    known = {parameter.name: parameter for parameter in parameters}
    for name in exclude:
        if name not in known:
            raise complain(target, label, kind, f"exclude_args names {name!r}, which is not a parameter.")
        if known[name].default is _EMPTY:
            raise complain(
                target,
                label,
                kind,
                f"parameter {name!r} in exclude_args must have a default value: no client sends it.",
            )


def is_context_annotation(annotation: Any) -> bool:
    """Whether an annotation asks for the context: `Context`, a subclass, optional, or annotated."""
    from wireglass.server.context import Context

    if annotation is Context:
        return True
    origin: Any = typing.get_origin(annotation)
    if origin is None and isinstance(annotation, type):
        return issubclass(annotation, Context)
    if origin is None:
        return False
    if origin is Annotated:
        return is_context_annotation(typing.get_args(annotation)[0])
    if origin is Union or origin is types.UnionType:
        return any(map(is_context_annotation, typing.get_args(annotation)))
    return origin is Context
