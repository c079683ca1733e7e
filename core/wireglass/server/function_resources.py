"""Resources and templates made of functions: which parameters a URI names, and the call."""

import inspect
import types
import typing
from collections.abc import Callable, Collection, Mapping
from typing import Any, Union, cast

from pydantic import PrivateAttr
from pydantic.json_schema import SkipJsonSchema

from wireglass.errors import RegistrationError
from wireglass.server.complaints import location_of
from wireglass.server.components import TaskConfig, as_icons, as_tags
from wireglass.server.context import current_context
from wireglass.server.functions import FunctionPlan, plan_function
from wireglass.server.path_security import INHERIT_SECURITY
from wireglass.server.resources import Resource, ResourceTemplate
from wireglass.server.signatures import unwrap
from wireglass.server.uris import TemplateMatcher, has_scheme, matcher_of

__all__ = ["FunctionResource", "FunctionTemplate", "component_from_function"]


class FunctionResource(Resource):
    """A resource made of a function."""

    fn: SkipJsonSchema[Callable[..., Any]]
    _plan: FunctionPlan | None = PrivateAttr(default=None)

    @classmethod
    def from_function(  # pyright: ignore[reportIncompatibleMethodOverride] - the base passes options on
        cls,
        fn: Callable[..., Any],
        uri: Any,
        *,
        name: str | None = None,
        version: str | int | None = None,
        title: str | None = None,
        description: str | None = None,
        icons: list[Any] | None = None,
        mime_type: str | None = None,
        tags: Collection[str] | None = None,
        annotations: Any = None,
        meta: dict[str, Any] | None = None,
        task: bool | TaskConfig | None = None,
        auth: Any = None,
        enabled: bool | None = None,
        run_in_thread: bool = True,
    ) -> "FunctionResource":
        """Makes a resource. Raises RegistrationError naming function, file and line."""
        plan = plan_function(fn, name=name, kind="resource", run_in_thread=run_in_thread)
        required = [argument.name for argument in plan.arguments if argument.required]
        if required:
            raise RegistrationError(
                f"Mismatch between URI parameters and function parameters: resource {plan.name!r} "
                f"({location_of(plan.fn)}) takes {', '.join(required)}, which {str(uri)!r} does not name. A URI "
                "template must contain at least one parameter, for example "
                f"{str(uri).rstrip('/')}/{{{required[0]}}}."
            )
        _check_uri(str(uri), plan)
        made = cls(
            fn=fn,
            uri=str(uri),
            name=plan.name,
            version=cast("Any", version),
            title=title,
            description=description if description is not None else plan.description,
            icons=as_icons(icons),
            tags=as_tags(tags),
            annotations=annotations,
            meta=meta,
            auth=auth,
            enabled=enabled is not False,
            task_config=TaskConfig.of(task),
            mime_type=mime_type or "text/plain",
        )
        made._plan = plan
        return made

    @property
    def plan(self) -> FunctionPlan:
        """How the function is called."""
        if self._plan is None:
            self._plan = plan_function(self.fn, name=self.name, kind="resource")
        return self._plan

    async def read(self) -> Any:
        context = current_context.get()
        shared = context.shared_scope if context is not None and self.plan.injected else None
        made = await self.plan.call_validated({}, context, shared=shared)
        return await made.read() if isinstance(made, Resource) else made


def _check_uri(uri: str, plan: FunctionPlan) -> None:
    if not has_scheme(uri):
        raise RegistrationError(
            f"Invalid resource URI: {uri!r} has a missing scheme (resource {plan.name!r}, {location_of(plan.fn)}). "
            f"Write for example 'data://{uri}'."
        )


class FunctionTemplate(ResourceTemplate):
    """A template made of a function, whose parameters are the template's."""

    fn: SkipJsonSchema[Callable[..., Any]]
    _plan: FunctionPlan | None = PrivateAttr(default=None)

    @classmethod
    def from_function(  # pyright: ignore[reportIncompatibleMethodOverride] - the base passes options on
        cls,
        fn: Callable[..., Any],
        uri_template: str,
        name: str | None = None,
        version: str | int | None = None,
        title: str | None = None,
        description: str | None = None,
        icons: list[Any] | None = None,
        mime_type: str | None = None,
        tags: Collection[str] | None = None,
        annotations: Any = None,
        meta: dict[str, Any] | None = None,
        task: bool | TaskConfig | None = None,
        auth: Any = None,
        security: Any = INHERIT_SECURITY,
        enabled: bool | None = None,
        run_in_thread: bool = True,
    ) -> "FunctionTemplate":
        """Makes a template. Raises RegistrationError when template and function parameters do not fit."""
        uri_template = str(uri_template)
        kwargs_taken = _takes_kwargs(fn)
        plan = plan_function(
            fn, name=name, kind="resource template", run_in_thread=run_in_thread, allow_kwargs=kwargs_taken
        )
        _check_uri(uri_template, plan)
        matcher = _matcher(uri_template, plan)
        _check_parameters(matcher, plan, kwargs_taken)
        made = cls(
            fn=fn,
            uri_template=uri_template,
            name=plan.name,
            version=cast("Any", version),
            title=title,
            description=description if description is not None else plan.description,
            icons=as_icons(icons),
            tags=as_tags(tags),
            annotations=annotations,
            meta=meta,
            auth=auth,
            enabled=enabled is not False,
            parameters=plan.parameters,
            task_config=TaskConfig.of(task),
            security=security,
            mime_type=mime_type or "text/plain",
        )
        made._plan = plan
        return made

    async def create_resource(self, uri: str, params: dict[str, Any]) -> Resource:
        """The resource behind one URI: its function is this template's with the values filled in."""

        async def read() -> Any:
            return await self.read(params)

        common = ("title", "description", "mime_type", "tags", "meta", "annotations", "icons", "version", "auth")
        return FunctionResource(fn=read, uri=uri, name=self.name, **{name: getattr(self, name) for name in common})

    @property
    def plan(self) -> FunctionPlan:
        """How the function is called."""
        if self._plan is None:
            self._plan = plan_function(self.fn, name=self.name, kind="resource template", allow_kwargs=True)
        return self._plan

    def matches(self, uri: str) -> dict[str, Any] | None:
        found = super().matches(uri)
        if found is None:
            return None
        for argument in self.plan.arguments:
            value = found.get(argument.name)
            if isinstance(value, str) and _is_list(argument.annotation):
                found[argument.name] = value.split(",")  # RFC 6570: a list is written a,b,c
        return found

    async def read(self, arguments: Mapping[str, Any]) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        context = current_context.get()
        shared = context.shared_scope if context is not None and self.plan.injected else None
        known = {argument.name for argument in self.plan.arguments}
        _check_booleans(self.plan, arguments)
        values = self.plan.validate({name: value for name, value in arguments.items() if name in known})
        values |= {name: value for name, value in arguments.items() if name not in known}
        made = await self.plan.call_validated(values, context, shared=shared)
        return await made.read() if isinstance(made, Resource) else made


def _is_list(annotation: Any) -> bool:
    origin = typing.get_origin(annotation)
    if origin is Union or origin is types.UnionType:
        return any(map(_is_list, typing.get_args(annotation)))
    return annotation in (list, set, tuple) or origin in (list, set, tuple)


_BOOLEANS = frozenset(["true", "false", "1", "0", "yes", "no", "y", "n", "t", "f", "on", "off"])


def _check_booleans(plan: FunctionPlan, values: Mapping[str, Any]) -> None:
    for argument in plan.arguments:
        value = values.get(argument.name)
        if argument.annotation is bool and isinstance(value, str) and value.lower() not in _BOOLEANS:
            raise ValueError(f"Invalid boolean value for {argument.name}: {value!r}. Write true or false.")


def _takes_kwargs(fn: Any) -> bool:
    try:
        parameters = inspect.signature(unwrap(fn)[0]).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters)


def _matcher(uri_template: str, plan: FunctionPlan) -> TemplateMatcher:
    try:
        return matcher_of(uri_template)
    except ValueError as error:
        raise RegistrationError(f"Resource template {plan.name!r} ({location_of(plan.fn)}): {error}") from error


def _check_parameters(matcher: TemplateMatcher, plan: FunctionPlan, kwargs_taken: bool) -> None:
    where = f"resource template {plan.name!r} ({location_of(plan.fn)})"
    if not matcher.names:
        raise RegistrationError(f"URI template must contain at least one parameter: {where}, {matcher.template!r}.")
    known = {argument.name: argument for argument in plan.arguments}
    for name in matcher.query_names:
        if name in known and known[name].required:
            raise RegistrationError(
                f"Optional query parameter {name!r} of {where} must have a default value: clients may leave it out."
            )
    missing = [name for name, argument in known.items() if argument.required and name not in matcher.path_names]
    if missing:
        raise RegistrationError(
            f"Required function arguments {', '.join(missing)} must be a subset of the URI path parameters "
            f"({', '.join(matcher.path_names) or 'none'}): {where}, {matcher.template!r}."
        )
    unknown = [name for name in matcher.names if name not in known]
    if unknown and not kwargs_taken:
        raise RegistrationError(
            f"URI parameters {', '.join(unknown)} must be a subset of the function arguments "
            f"({', '.join(known) or 'none'}): {where}, {matcher.template!r}."
        )


def component_from_function(fn: Callable[..., Any], uri: str, **options: Any) -> Resource | ResourceTemplate:
    """A template when the URI has parameters or the function takes arguments, else a resource."""
    options = {name: value for name, value in options.items() if value is not None or name == "security"}
    if "{" in uri and "}" in uri:
        return FunctionTemplate.from_function(fn, uri, **options)
    options.pop("security", None)
    return FunctionResource.from_function(fn, uri, **options)
