"""Resources and templates: the bases that others implement, and those made of functions."""

import base64
import inspect
import types
import typing
from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Any, ClassVar, Union, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator
from pydantic.json_schema import SkipJsonSchema

from wireglass.errors import RegistrationError, ResourceError
from wireglass.protocol.content import Annotations, BlobResourceContents, TextResourceContents
from wireglass.protocol.listings import ReadResourceResult
from wireglass.protocol.resources import Resource as WireResource
from wireglass.protocol.resources import ResourceTemplate as WireTemplate
from wireglass.server.components import Component, TaskConfig, as_icons, as_tags, ensure_model
from wireglass.server.context import current_context
from wireglass.server.functions import FunctionPlan, location_of, plan_function, unwrap
from wireglass.server.path_security import INHERIT_SECURITY
from wireglass.server.results import is_input_required, to_text
from wireglass.server.uris import TemplateMatcher, has_scheme, matcher_of

__all__ = [
    "FunctionResource",
    "FunctionTemplate",
    "InputRequiredResourceResult",
    "Resource",
    "ResourceContent",
    "ResourceResult",
    "ResourceTemplate",
    "component_from_function",
]


class ResourceContent(BaseModel):
    """One part of what a resource holds: text, bytes, or anything that becomes JSON."""

    model_config = ConfigDict(defer_build=True)

    content: str | bytes
    mime_type: str | None = None
    meta: dict[str, Any] | None = None

    def __init__(self, content: Any, mime_type: str | None = None, meta: dict[str, Any] | None = None) -> None:
        if not isinstance(content, (str, bytes)):
            content = to_text(content)
            mime_type = mime_type or "application/json"
        mime_type = mime_type or ("text/plain" if isinstance(content, str) else "application/octet-stream")
        super().__init__(content=content, mime_type=mime_type, meta=meta)

    def wire(self, uri: str, mime_type: str | None = None) -> dict[str, Any]:
        """The protocol's contents object."""
        made: dict[str, Any] = {"uri": uri}
        default = "text/plain" if isinstance(self.content, str) else "application/octet-stream"
        made["mimeType"] = self.mime_type or mime_type or default
        if isinstance(self.content, str):
            made["text"] = self.content
        else:
            made["blob"] = base64.b64encode(self.content).decode("ascii")
        if self.meta:
            made["_meta"] = self.meta
        return made

    def to_mcp_resource_contents(self, uri: Any) -> TextResourceContents | BlobResourceContents:
        """The protocol's model."""
        kind = TextResourceContents if isinstance(self.content, str) else BlobResourceContents
        return kind.model_validate(self.wire(str(uri)))


class ResourceResult(BaseModel):
    """What a read returns: one or more parts, and `_meta`. Raises TypeError for anything else."""

    model_config = ConfigDict(defer_build=True)

    contents: list[ResourceContent]
    meta: dict[str, Any] | None = None

    def __init__(self, contents: Any, meta: dict[str, Any] | None = None) -> None:
        if isinstance(contents, (str, bytes)):
            kind = "text/plain" if isinstance(contents, str) else "application/octet-stream"
            contents = [ResourceContent(contents, mime_type=kind)]
        if not isinstance(contents, list):
            raise TypeError(f"contents must be str, bytes, or list[ResourceContent], not {type(contents).__name__}.")
        for item in cast("list[Any]", contents):
            if not isinstance(item, ResourceContent):
                raise TypeError(
                    f"contents must hold ResourceContent, not {type(item).__name__}. "
                    "Wrap it: ResourceContent(content, mime_type=...)."
                )
        super().__init__(contents=contents, meta=meta)

    def wire(self, uri: str, mime_type: str | None = None) -> dict[str, Any]:
        """The members of the protocol's result."""
        result: dict[str, Any] = {"contents": [part.wire(uri, mime_type) for part in self.contents]}
        if self.meta:
            result["_meta"] = self.meta
        return result

    def to_mcp_result(self, uri: Any) -> ReadResourceResult:
        """The protocol's model."""
        return ReadResourceResult.model_validate(self.wire(str(uri)))


class InputRequiredResourceResult(ResourceResult):
    """A round that asks the client for input instead of finishing."""

    input_required: Any = None

    def __init__(self, input_required: Any) -> None:
        super().__init__([])
        self.input_required = input_required


def _annotations(value: Any) -> Any:
    return ensure_model(value, Annotations)


def _text(value: Any) -> Any:
    return None if value is None else str(value)


def _mime_type(value: Any) -> str:
    return value or "text/plain"


class _Readable(Component):
    mime_type: Annotated[str, BeforeValidator(_mime_type)] = "text/plain"
    annotations: Annotated[Annotations | None, BeforeValidator(_annotations)] = None

    def convert_result(self, raw: Any) -> Any:
        """A `ResourceResult` of what a function returned; a request for input passes as it is.

        Raises ResourceError for what has no JSON form.
        """
        if isinstance(raw, ResourceResult):
            return raw
        if is_input_required(raw):
            return InputRequiredResourceResult(raw)
        kind = self.mime_type
        if isinstance(raw, (str, bytes)):
            return ResourceResult([ResourceContent(raw, mime_type=kind)])
        if isinstance(raw, ResourceContent):
            return ResourceResult([raw])
        if isinstance(raw, list) and raw and all(isinstance(part, ResourceContent) for part in cast("list[Any]", raw)):
            return ResourceResult(cast("list[Any]", raw))
        converted = _from_wire_contents(raw)
        if converted is not None:
            return converted
        json_type = kind if kind != "text/plain" else "application/json"
        try:
            return ResourceResult([ResourceContent(to_text(raw), mime_type=json_type)])
        except Exception as error:
            raise ResourceError(f"Resource {self.name!r}: {error}") from error

    def _finished(self, raw: Any) -> Any:
        """`convert_result`, with the component's own `meta` on every part that does not say otherwise. A result that
        the author made whole, or another server sent, stays as it is."""
        result = self.convert_result(raw)
        meta = self.public_meta()
        if not meta or result is raw or not isinstance(result, ResourceResult) or not result.contents:
            return result
        parts = [part.model_copy(update={"meta": {**meta, **(part.meta or {})}}) for part in result.contents]
        return result.model_copy(update={"contents": parts})

    def _wire_readable(self) -> dict[str, Any]:
        listed = self.wire_common()
        listed["mimeType"] = self.mime_type
        if self.annotations is not None:
            listed["annotations"] = self.annotations.wire()
        return listed


def _from_wire_contents(raw: Any) -> ResourceResult | None:
    """Contents in the protocol's own models: `ReadResourceContents` of the 1.x SDK, or (lists of) resource contents."""
    items = cast("list[Any]", raw) if isinstance(raw, (list, tuple)) else [raw]
    parts: list[ResourceContent] = []
    for item in items:
        kind = getattr(item, "mime_type", None) or getattr(item, "mimeType", None)
        if type(item).__name__ == "ReadResourceContents":
            parts.append(ResourceContent(item.content, mime_type=kind, meta=getattr(item, "meta", None)))
        elif isinstance(item, BaseModel) and hasattr(item, "uri") and isinstance(getattr(item, "text", None), str):
            parts.append(ResourceContent(item.text, mime_type=kind))  # pyright: ignore[reportAttributeAccessIssue]
        elif isinstance(item, BaseModel) and hasattr(item, "uri") and isinstance(getattr(item, "blob", None), str):
            data = base64.b64decode(item.blob)  # pyright: ignore[reportAttributeAccessIssue]
            parts.append(ResourceContent(data, mime_type=kind))
        else:
            return None
    return ResourceResult(parts) if parts else None


class Resource(_Readable):
    """A resource with a fixed URI. Subclasses implement `read`."""

    KEY_PREFIX: ClassVar[str] = "resource"
    COMPONENT_TYPE: ClassVar[str] = "resource"

    uri: Annotated[str, BeforeValidator(_text)]
    name: str = ""
    size: int | None = None

    @model_validator(mode="after")
    def _complete(self) -> "Resource":
        if not has_scheme(self.uri):
            raise ValueError(
                f"Invalid resource URI: {self.uri!r} has a missing scheme. Write for example 'data://{self.uri}'."
            )
        if not self.name:
            self.name = self.uri
        return self

    @property
    def identifier(self) -> str:
        return self.uri

    @classmethod
    def from_function(cls, fn: Callable[..., Any], uri: str, **options: Any) -> "FunctionResource":
        """A resource of a function without arguments. Raises RegistrationError."""
        return FunctionResource.from_function(fn, uri, **options)

    async def read(self) -> Any:
        """Reads it. Raises ResourceError."""
        raise NotImplementedError("Subclasses must implement read()")

    async def read_result(self) -> Any:
        """As `read`, as a `ResourceResult`."""
        return self._finished(await self.read())

    def wire(self) -> dict[str, Any]:
        """As it is listed."""
        listed = {"uri": self.uri, **self._wire_readable()}
        if self.size is not None:
            listed["size"] = self.size
        return listed

    def to_mcp_resource(self, **overrides: Any) -> WireResource:
        """The protocol's model."""
        return WireResource.model_validate({**self.wire(), **overrides})


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


class ResourceTemplate(_Readable):
    """A family of resources. Subclasses implement `read`."""

    KEY_PREFIX: ClassVar[str] = "template"
    COMPONENT_TYPE: ClassVar[str] = "resource_template"

    uri_template: str
    name: str = ""
    parameters: dict[str, Any] = Field(default_factory=lambda: {"type": "object", "properties": {}})
    security: SkipJsonSchema[Any] = Field(default=INHERIT_SECURITY, exclude=True)
    """A `ResourceSecurity`, None for no screening, INHERIT_SECURITY for the server's."""

    def resolve_security(self, default: Any) -> Any:
        """The policy that holds, where `default` is the server's."""
        return default if self.security is INHERIT_SECURITY else self.security

    @model_validator(mode="after")
    def _complete(self) -> "ResourceTemplate":
        if not self.name:
            self.name = self.uri_template
        return self

    @property
    def identifier(self) -> str:
        return self.uri_template

    @staticmethod
    def from_function(fn: Callable[..., Any], uri_template: str, **options: Any) -> "FunctionTemplate":
        """A template of a function. Raises RegistrationError."""
        return FunctionTemplate.from_function(fn, uri_template, **options)

    def matches(self, uri: str) -> dict[str, Any] | None:
        """The parameter values in `uri`, or None."""
        return matcher_of(self.uri_template).match(uri)

    async def read(self, arguments: dict[str, Any]) -> Any:
        """Reads the resource that these values name. Raises ResourceError."""
        raise NotImplementedError("Subclasses must implement read() or override create_resource()")

    async def read_result(self, uri: str, arguments: dict[str, Any]) -> Any:
        """As `read`, as a `ResourceResult`."""
        return self._finished(await self.read(arguments))

    async def create_resource(self, uri: str, params: dict[str, Any]) -> Resource:
        """The resource behind one URI of the family."""
        template = self

        class _Made(Resource):
            async def read(self) -> Any:
                return await template.read_result(uri, params)

        return _Made(
            uri=uri,
            name=self.name,
            title=self.title,
            description=self.description,
            mime_type=self.mime_type,
            tags=self.tags,
            meta=self.meta,
            annotations=self.annotations,
            icons=self.icons,
        )

    def wire(self) -> dict[str, Any]:
        """As it is listed."""
        return {"uriTemplate": self.uri_template, **self._wire_readable()}

    def to_mcp_template(self, **overrides: Any) -> WireTemplate:
        """The protocol's model."""
        return WireTemplate.model_validate({**self.wire(), **overrides})


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
