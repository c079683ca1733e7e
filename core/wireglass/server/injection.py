"""Parameters that the runtime fills in: `Depends(factory)`, `CurrentContext()` and friends.

A dependency is an async context manager: what it enters to is the argument, and it is left when the call is over.
"""

import contextlib
import inspect
import typing
from collections.abc import Callable
from contextlib import AsyncExitStack
from contextvars import ContextVar
from types import TracebackType
from typing import Any, cast

from wireglass.records import field, record
from wireglass.tracing import span

__all__ = ["CallArgument", "CycleError", "Dependency", "Depends", "Scope", "Shared", "as_dependency", "dependencies_of"]


class CycleError(TypeError):
    """Dependencies that need each other."""


@record
class Scope:
    """The dependencies of one call: values made so far, and what has to be closed."""

    stack: AsyncExitStack
    context: Any = None
    """The call's `Context`, for factories that ask for it by annotation."""
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])
    """The call's own arguments, for `CallArgument`."""
    shared: "Scope | None" = None
    """The scope of the server's lifespan, where `Shared` values live."""
    values: dict[Any, Any] = field(default_factory=dict[Any, Any])
    making: list[Any] = field(default_factory=list[Any])

    async def get(self, dependency: "Dependency") -> Any:
        """The value of one dependency. Raises what its factory raises, and CycleError."""
        if isinstance(dependency, _Factory):
            return await dependency.value_in(self.shared or self if dependency.shared else self)
        token = _scope.set(self)
        try:
            return await self.stack.enter_async_context(cast("contextlib.AbstractAsyncContextManager[Any]", dependency))
        finally:
            _scope.reset(token)


_scope: ContextVar[Scope | None] = ContextVar("wireglass_injection_scope", default=None)


class Dependency:
    """Base of everything that can stand as a default value of a parameter and is resolved at call time."""

    async def __aenter__(self) -> Any:
        raise NotImplementedError

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def __class_getitem__(cls, item: Any) -> Any:
        return cls


class _Factory(Dependency):
    """Calls a factory, whose own parameters may be dependencies too."""

    def __init__(self, factory: Callable[..., Any], *, shared: bool) -> None:
        self.factory = factory
        self.shared = shared

    async def value_in(self, scope: Scope) -> Any:
        if self.factory in scope.values:
            return scope.values[self.factory]
        if self.factory in scope.making:
            names = " -> ".join(getattr(f, "__name__", repr(f)) for f in [*scope.making, self.factory])
            raise CycleError(f"Dependencies need each other: {names}.")
        scope.making.append(self.factory)
        try:
            with span(getattr(self.factory, "__name__", "dependency"), "dependency", shared=self.shared):
                value = await _make(self.factory, scope)
        finally:
            scope.making.pop()
        scope.values[self.factory] = value
        return value


class CallArgument(Dependency):
    """The value of one of the call's own arguments, inside a dependency's factory.

    Without a name it is the argument with the name of the parameter. `optional` gives None when there is none.
    """

    def __init__(self, name: str | None = None, *, optional: bool = False) -> None:
        self.name = name
        self.optional = optional

    def find(self, scope: Scope, parameter: str) -> Any:
        name = self.name or parameter
        if name in scope.arguments or self.optional:
            return scope.arguments.get(name)
        raise LookupError(f"The call has no argument {name!r} for a dependency that asks for it.")


def Depends(factory: Callable[..., Any], **_options: Any) -> Any:
    """A parameter whose value `factory` makes, once per call: `db: Database = Depends(connect)`.

    The factory may be sync or async, return a value, or be a generator or context manager that is closed afterwards.
    """
    return _Factory(factory, shared=False)


def Shared(factory: Callable[..., Any], **_options: Any) -> Any:
    """As `Depends`, but made once per server lifespan and closed with it."""
    return _Factory(factory, shared=True)


async def _make(factory: Callable[..., Any], scope: Scope) -> Any:
    from wireglass.server.signatures import is_context_annotation

    arguments: dict[str, Any] = {}
    for name, dependency in dependencies_of(factory).items():
        if isinstance(dependency, CallArgument):
            arguments[name] = dependency.find(scope, name)
        else:
            arguments[name] = await scope.get(dependency)
    for name, hint in hints_of(factory).items():
        if name != "return" and name not in arguments and is_context_annotation(hint):
            arguments[name] = scope.context
    return await _enter(_call(factory, arguments), scope.stack)


def _call(factory: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    if inspect.isgeneratorfunction(factory):
        return contextlib.contextmanager(factory)(**arguments)
    if inspect.isasyncgenfunction(factory):
        return contextlib.asynccontextmanager(factory)(**arguments)
    return factory(**arguments)


async def _enter(made: Any, stack: AsyncExitStack) -> Any:
    if inspect.isawaitable(made):
        made = await made
    if isinstance(made, contextlib.AbstractAsyncContextManager):
        return await stack.enter_async_context(cast("contextlib.AbstractAsyncContextManager[Any]", made))
    # Plain objects such as files and locks are context managers too, but only made ones are meant to be entered.
    if isinstance(made, contextlib._GeneratorContextManager):  # pyright: ignore[reportPrivateUsage]
        return stack.enter_context(cast("contextlib.AbstractContextManager[Any]", made))
    return made


def dependencies_of(fn: Callable[..., Any]) -> dict[str, Dependency]:
    """The parameters of `fn` that a dependency fills, from defaults and from `Annotated`."""
    try:
        parameters = inspect.signature(fn).parameters
    except (TypeError, ValueError):
        return {}
    hints = hints_of(fn)
    found = {
        name: as_dependency(parameter.default) or annotated_dependency(hints.get(name, parameter.annotation))
        for name, parameter in parameters.items()
    }
    return {name: dependency for name, dependency in found.items() if dependency is not None}


def as_dependency(value: Any) -> Dependency | None:
    """`value` if it is a dependency, also of another library with the same protocol, else None."""
    if isinstance(value, Dependency):
        return value
    kind = cast("type[Any]", type(value))
    if hasattr(kind, "__aenter__") and any(base.__name__ == "Dependency" for base in kind.__mro__):
        return cast("Dependency", value)
    return None


def annotated_dependency(annotation: Any) -> Dependency | None:
    """The dependency inside `Annotated[...]`, or of a type that says how parameters of it are filled; else None."""
    for item in getattr(annotation, "__metadata__", ()):
        dependency = as_dependency(item)
        if dependency is not None:
            return dependency
    return _of_type(annotation)


def _of_type(annotation: Any) -> Dependency | None:
    """Of `T` or `T | None`, where T has a `parameter_dependency`."""
    kinds = typing.get_args(annotation) or (annotation,)
    for kind in kinds:
        make = getattr(kind, "parameter_dependency", None) if isinstance(kind, type) else None
        if make is not None:
            return make(type(None) in kinds)
    return None


def hints_of(fn: Callable[..., Any]) -> dict[str, Any]:
    """Annotations with strings resolved, or nothing when they cannot be."""
    target = fn if inspect.isroutine(fn) or inspect.isclass(fn) else getattr(fn, "__call__", fn)  # noqa: B004
    try:
        return typing.get_type_hints(target, include_extras=True)
    except (NameError, TypeError, AttributeError):
        return {}
