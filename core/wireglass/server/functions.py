"""A callable as a component: which parameters it takes, their JSON Schema, and the call with validated arguments.

The hot path is `FunctionPlan.call`: one compiled validator turns the raw arguments into keyword arguments, and no model
of the request exists in between.
"""

import asyncio
import copy
import dataclasses
import functools
import inspect
import types
import typing
from collections.abc import Callable, Collection, Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Annotated, Any, Union, cast

import pydantic
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, SchemaValidator, core_schema, from_json, to_jsonable_python

from wireglass.errors import RegistrationError, ValidationError
from wireglass.server.docstrings import Docstring, read_docstring
from wireglass.server.injection import CallArgument, Dependency, Scope, annotated_dependency, as_dependency
from wireglass.server.schemas import describe, prune_titles
from wireglass.server.workers import run_in_worker

__all__ = ["FunctionPlan", "is_context_annotation", "location_of", "plan_function", "unwrap"]

_CONTEXT_NAMES = ("ctx", "context")
_EMPTY = inspect.Parameter.empty
_PLAIN = (str, int, bool)
"""Types of defaults by whose equality arguments may be shared (floats are not: 0.0 == -0.0)."""


@dataclass(frozen=True, slots=True)
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


_NOTHING: Mapping[str, Dependency] = {}


_arguments: dict[Any, Argument] = {}
_ARGUMENTS_BOUND = 4096


def _argument(
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
        self._compiled, self._schema = _compile(arguments, self)

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
        properties = {argument.alias: _property_of(argument) for argument in self.arguments}
        return _object_schema(self.arguments, properties)

    @property
    def _validator(self) -> SchemaValidator:
        """Compiled at the first call: most of a server's tools are listed far more often than they are called."""
        if self._compiled is None:
            self._compiled = _build_validator(self.arguments)
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
            return await _gather_items(await fn(**values))
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
    label = name or _name_of(documented, target, kind)
    parameters = _parameters(target, label, kind)
    hints = _type_hints(target, label, kind)
    doc = read_docstring(documented)
    if kind.startswith("resource") and doc.parameters:  # nothing else on the wire says what a URI's parameters are
        doc = Docstring(inspect.cleandoc(documented.__doc__), doc.parameters)
    reader = _SignatureReader(target, label, kind, hints, doc, exclude, allow_kwargs)
    for parameter in parameters:
        reader.read(parameter)
    _check_exclusions(reader, exclude, parameters, target, label, kind)
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


def _name_of(documented: Any, target: Callable[..., Any], kind: str) -> str:
    inner = getattr(documented, "func", documented)
    name = getattr(documented, "__name__", None) or getattr(inner, "__name__", None) or type(documented).__name__
    if name == "<lambda>":
        raise RegistrationError(f"You must provide a name for lambda functions ({location_of(target)}).")
    return name


def location_of(fn: Any) -> str:
    """`file:line` of a function, or its module where Python does not know."""
    code = getattr(inspect.unwrap(getattr(fn, "func", fn)), "__code__", None)
    if code is None:
        return f"in {getattr(fn, '__module__', None) or 'an unknown module'}"
    return f"{code.co_filename}:{code.co_firstlineno}"


def _complain(fn: Any, label: str, kind: str, what: str) -> RegistrationError:
    return RegistrationError(f"{kind} {label!r} ({location_of(fn)}): {what}")


def _parameters(target: Callable[..., Any], label: str, kind: str) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(target).parameters.values())
    except (TypeError, ValueError) as error:
        raise _complain(target, label, kind, f"its signature cannot be read ({error}).") from error


def _type_hints(target: Callable[..., Any], label: str, kind: str) -> dict[str, Any]:
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
            raise _complain(
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


class _SignatureReader:
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
        annotation, fields, text = _split_annotated(annotation)
        default, factory = parameter.default, None
        if isinstance(default, FieldInfo):
            fields, default = (*fields, default), _EMPTY
        if default is _EMPTY:
            default, factory = _default_of(fields)
        written = next((f.description for f in reversed(fields) if f.description), None)
        described = written or text or self._doc.parameters.get(parameter.name)
        for item in getattr(annotation, "__metadata__", ()):
            if hasattr(item, "describe"):  # an annotation with a contract of its own, such as `SessionId`
                described = item.describe(described)
        return _argument(parameter.name, annotation, fields, default, factory, described)

    def _complain(self, what: str) -> RegistrationError:
        return _complain(self._target, self._label, self._kind, what)

    def _where(self) -> str:
        return f"{self._label}, {location_of(self._target)}"


def _default_of(fields: tuple[FieldInfo, ...]) -> tuple[Any, Callable[[], Any] | None]:
    for field in reversed(fields):
        if field.default_factory is not None:
            return _EMPTY, cast("Callable[[], Any]", field.default_factory)
        if field.default is not PydanticUndefined and field.default is not ...:
            return field.default, None
    return _EMPTY, None


def _split_annotated(annotation: Any) -> tuple[Any, tuple[FieldInfo, ...], str | None]:
    """Takes `Field(...)` and a bare description string out of `Annotated`; other metadata stays."""
    if typing.get_origin(annotation) is not Annotated:
        return annotation, (), None
    base, *metadata = typing.get_args(annotation)
    fields = [item for item in metadata if isinstance(item, FieldInfo)]
    texts = [item for item in metadata if isinstance(item, str)]
    rest = [item for item in metadata if not isinstance(item, (FieldInfo, str))]
    bare = Annotated[(base, *rest)] if rest else base  # pyright: ignore[reportInvalidTypeForm] - built at run time
    return bare, tuple(fields), texts[0] if texts else None


def _check_exclusions(
    reader: _SignatureReader,
    exclude: Collection[str],
    parameters: list[inspect.Parameter],
    target: Any,
    label: str,
    kind: str,
) -> None:
    known = {parameter.name: parameter for parameter in parameters}
    for name in exclude:
        if name not in known:
            raise _complain(target, label, kind, f"exclude_args names {name!r}, which is not a parameter.")
        if known[name].default is _EMPTY:
            raise _complain(
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


def _is_async(fn: Any) -> bool:
    while isinstance(fn, functools.partial):
        fn = cast("Any", fn).func
    return inspect.iscoroutinefunction(fn) or inspect.iscoroutinefunction(getattr(fn, "__call__", None))  # noqa: B004


_CONSTRAINED = ("annotation", "description", "default", "default_factory", "title")


def _is_descriptive(field: FieldInfo) -> bool:
    """True when the field only describes: no constraint, alias or schema extra that pydantic must see."""
    given = field._attributes_set
    return not field.metadata and all(name in _CONSTRAINED for name in given)


def _build_validator(arguments: tuple[Argument, ...]) -> SchemaValidator:
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


def _compile(
    arguments: tuple[Argument, ...], plan: FunctionPlan
) -> tuple[SchemaValidator | None, dict[str, Any] | None]:
    """The validator and the JSON Schema, where arguments refer to each other; neither where each stands alone."""
    for argument in arguments:
        try:
            facts = describe(_annotation_for_pydantic(argument))
        except Exception as error:  # boundary: pydantic and custom types raise what they like while building schemas
            raise _complain(
                plan.fn,
                plan.name,
                "function",
                f"parameter {argument.name!r} has type {_type_name(argument.annotation)}, which has no JSON Schema "
                f"({_first_line(error)}). Use JSON types, a pydantic model, a dataclass or a TypedDict.",
            ) from error
        if not facts.closed:
            return _compile_together(arguments)
    return None, None


def _property_of(argument: Argument) -> dict[str, Any]:
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
    schema = _object_schema(arguments, properties)
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


def _object_schema(arguments: tuple[Argument, ...], properties: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {"additionalProperties": False, "properties": properties, "type": "object"}
    required = [argument.alias for argument in arguments if argument.required]
    if required:
        schema["required"] = required
    return schema


def explain(error: pydantic.ValidationError, name: str) -> str:
    """Pydantic's complaint in words for the one who called: argument, what came, what was expected."""
    problems = error.errors(include_url=False)
    lines = [f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} for call[{name}]"]
    for problem in problems:
        path = ".".join(map(str, problem["loc"])) or "arguments"
        given = (
            "" if problem["type"] == "missing" else f" (got {_json_kind(problem['input'])}: {_short(problem['input'])})"
        )
        lines.append(f"{path}\n  {_wording(problem)}{given}")
    return "\n".join(lines)


def _wording(problem: Any) -> str:
    match problem["type"]:
        case "missing":
            return "Missing required argument"
        case "extra_forbidden":
            return "Unexpected keyword argument"
        case _:
            return str(problem["msg"])


def _json_kind(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return "null" if value is None else names.get(cast("type[Any]", type(value)), type(value).__name__)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _type_name(annotation: Any) -> str:
    if isinstance(annotation, type):
        return f"{annotation.__module__}.{annotation.__qualname__}"
    return str(annotation)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
