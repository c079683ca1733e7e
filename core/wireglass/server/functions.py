"""A callable as a component: which parameters it takes, their JSON Schema, and the call with validated arguments.

The hot path is `FunctionPlan.call`: one compiled validator turns the raw arguments into keyword arguments, and no model
of the request exists in between.
"""

import asyncio
import copy
import functools
import inspect
import typing
from collections.abc import Callable, Collection, Coroutine, Mapping
from contextlib import AsyncExitStack
from typing import Any, cast

import pydantic
from pydantic_core import SchemaValidator, from_json

from wireglass.errors import ValidationError
from wireglass.server.arguments import Argument, build_validator, compile_arguments, object_schema, property_of
from wireglass.server.complaints import explain
from wireglass.server.docstrings import Docstring, read_docstring
from wireglass.server.injection import CallArgument, Dependency, Scope
from wireglass.server.results import PLAIN
from wireglass.server.signatures import SignatureReader, check_exclusions, name_of, parameters_of, type_hints, unwrap
from wireglass.server.workers import run_in_worker

__all__ = ["FunctionPlan", "plan_function"]

_EMPTY = inspect.Parameter.empty


_NOTHING: Mapping[str, Dependency] = {}


class FunctionPlan:
    """Everything about a function that can be known before it is called."""

    __slots__ = (
        "__weakref__",
        "_compiled",
        "_missing",
        "_positional",
        "_schema",
        "arguments",
        "context_name",
        "description",
        "fn",
        "injected",
        "is_async",
        "name",
        "return_annotation",
        "run_in_thread",
    )

    def __init__(
        self,
        fn: Callable[..., Any],
        *,
        name: str,
        doc: Docstring,
        arguments: tuple[Argument, ...],
        injected: Mapping[str, Dependency],
        context_name: str | None,
        return_annotation: Any,
        positional: tuple[str, ...],
        run_in_thread: bool,
    ) -> None:
        self.fn = fn
        self.name = name
        self.description = doc.description
        self.arguments = arguments
        self.injected = injected or _NOTHING
        self.context_name = context_name
        self.return_annotation = return_annotation
        self.is_async = _is_async(fn)
        self.run_in_thread = run_in_thread and not self.is_async
        self._positional = positional
        self._missing = tuple(a for a in arguments if a.fields and not a.required)
        self._compiled, self._schema = compile_arguments(arguments, fn, name)

    @property
    def parameters(self) -> dict[str, Any]:
        """The JSON Schema of all arguments: a copy, for whoever wants to keep or change it."""
        return copy.deepcopy(self.shown)

    @property
    def shown(self) -> dict[str, Any]:
        """The same to be read only: its parts belong to every tool with such an argument.

        Made when it is asked for: a thousand tools need not hold a thousand schemas that nobody reads.
        """
        if self._schema is not None:
            return self._schema
        properties = {argument.alias: property_of(argument) for argument in self.arguments}
        return object_schema(self.arguments, properties)

    @property
    def _validator(self) -> SchemaValidator:
        """Compiled at the first call: most of a server's tools are listed far more often than they are called."""
        if self._compiled is None:
            self._compiled = build_validator(self.arguments)
        return self._compiled

    def validate(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Keyword arguments for the function, coerced to its annotations.

        Raises ValidationError that names each argument, what came and what was expected.
        """
        try:
            return self._validator.validate_python(arguments)
        except pydantic.ValidationError as error:
            repaired = self._parse_json_texts(arguments, error)
            if repaired is not None:
                try:
                    return self._validator.validate_python(repaired)
                except pydantic.ValidationError:
                    pass  # the first complaint is about what the client really sent
            raise ValidationError(explain(error, self.name)) from error

    def _parse_json_texts(self, arguments: Mapping[str, Any], error: pydantic.ValidationError) -> dict[str, Any] | None:
        """Some hosts send objects and lists as JSON text; only arguments that failed are tried."""
        repaired: dict[str, Any] = {}
        for problem in error.errors(include_url=False, include_context=False):
            key = problem["loc"][0] if problem["loc"] else None
            value = arguments.get(key) if isinstance(key, str) else None
            if not isinstance(key, str) or not isinstance(value, str) or value[:1].strip() not in ("{", "["):
                continue
            try:
                repaired[key] = from_json(value)
            except ValueError:
                continue
        return {**arguments, **repaired} if repaired else None

    async def call(self, arguments: Mapping[str, Any], context: Any = None, *, shared: Scope | None = None) -> Any:
        """Validates, injects and calls. Raises ValidationError for bad arguments, else what the function raises."""
        values = self.validate(arguments)
        return await self.call_validated(values, context, shared=shared)

    async def call_validated(self, values: dict[str, Any], context: Any = None, *, shared: Scope | None = None) -> Any:
        """As `call`, with keyword arguments that are already validated."""
        for argument in self._missing:
            if argument.name not in values:
                values[argument.name] = argument.factory() if argument.factory else argument.default
        if self.context_name is not None:
            values[self.context_name] = context
        if not self.injected:
            if self.is_async and not self._positional:
                made = await self.fn(**values)
                return made if type(made) in PLAIN else await _gather_items(made)
            return await self._invoke(values)
        async with AsyncExitStack() as stack:
            scope = Scope(stack, context, dict(values), shared)
            for name, dependency in self.injected.items():
                if isinstance(dependency, CallArgument):
                    values[name] = dependency.find(scope, name)
                else:
                    values[name] = await scope.get(dependency)
            if self.is_async or not self.run_in_thread:
                return await self._invoke(values)
            return await _to_the_end(self._invoke(values))

    async def _invoke(self, values: dict[str, Any]) -> Any:
        if self._positional:
            args = [values.pop(name) for name in self._positional if name in values]
            fn: Callable[..., Any] = functools.partial(self.fn, *args)
        else:
            fn = self.fn
        if self.is_async:
            made = await fn(**values)
            return made if type(made) in PLAIN else await _gather_items(made)
        if not self.run_in_thread or inspect.isasyncgenfunction(self.fn):
            made = fn(**values)
        else:
            made = await run_in_worker(_call_blocking, fn, values)
        if inspect.isawaitable(made):
            made = await made
        return await _gather_items(made) if not isinstance(made, (str, dict, int)) else made


async def _to_the_end(work: Coroutine[Any, Any, Any]) -> Any:
    """Awaits work in a thread. A thread cannot be cancelled, and what it was given must not be closed before it ends:
    a cancel waits for it."""
    task = asyncio.get_running_loop().create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # seen: nobody is left to tell
        raise


def _call_blocking(fn: Callable[..., Any], values: dict[str, Any]) -> Any:
    made = fn(**values)
    return list(cast("typing.Iterator[Any]", made)) if inspect.isgenerator(made) else made


async def _gather_items(made: Any) -> Any:
    if inspect.isasyncgen(made):
        return [item async for item in made]
    if inspect.isgenerator(made):
        return list(made)
    return made


def plan_function(
    fn: Any,
    *,
    name: str | None = None,
    kind: str = "tool",
    exclude: Collection[str] = (),
    run_in_thread: bool = True,
    allow_kwargs: bool = False,
) -> FunctionPlan:
    """Reads the signature of `fn`. Raises RegistrationError when it can never work as a component of this `kind`."""
    target, documented = unwrap(fn, kind)
    label = name or name_of(documented, target, kind)
    parameters = parameters_of(target, label, kind)
    hints = type_hints(target, label, kind)
    doc = read_docstring(documented)
    if kind.startswith("resource") and doc.parameters:  # nothing else on the wire says what a URI's parameters are
        doc = Docstring(inspect.cleandoc(documented.__doc__), doc.parameters)
    reader = SignatureReader(target, label, kind, hints, doc, exclude, allow_kwargs)
    for parameter in parameters:
        reader.read(parameter)
    check_exclusions(reader, exclude, parameters, target, label, kind)
    return FunctionPlan(
        target,
        name=label,
        doc=doc,
        arguments=tuple(reader.arguments),
        injected=reader.injected,
        context_name=reader.context_name,
        return_annotation=hints.get("return", _EMPTY),
        positional=tuple(reader.positional),
        run_in_thread=run_in_thread,
    )


def _is_async(fn: Any) -> bool:
    while isinstance(fn, functools.partial):
        fn = cast("Any", fn).func
    return inspect.iscoroutinefunction(fn) or inspect.iscoroutinefunction(getattr(fn, "__call__", None))  # noqa: B004
