"""Resources and templates: the bases that others implement. Those made of functions are in `function_resources`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, cast

from pydantic import BeforeValidator, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from wireglass.errors import ResourceError
from wireglass.protocol.content import Annotations
from wireglass.protocol.resources import Resource as WireResource
from wireglass.protocol.resources import ResourceTemplate as WireTemplate
from wireglass.server.components import Component, ensure_model
from wireglass.server.path_security import INHERIT_SECURITY
from wireglass.server.resource_results import (
    InputRequiredResourceResult,
    ResourceContent,
    ResourceResult,
    from_protocol_contents,
)
from wireglass.server.results import is_input_required, to_text
from wireglass.server.uris import has_scheme, matcher_of
from wireglass.server.watching import Stop

if TYPE_CHECKING:
    from wireglass.server.function_resources import FunctionResource, FunctionTemplate

__all__ = ["Resource", "ResourceTemplate"]


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
        converted = from_protocol_contents(raw)
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
        from wireglass.server.function_resources import FunctionResource

        return FunctionResource.from_function(fn, uri, **options)

    async def read(self) -> Any:
        """Reads it. Raises ResourceError."""
        raise NotImplementedError("Subclasses must implement read()")

    async def read_result(self) -> Any:
        """As `read`, as a `ResourceResult`."""
        return self._finished(await self.read())

    async def watch(self, tell: Callable[[], None]) -> Stop | None:
        """Has a resource that is elsewhere report its updates to one listener, in the context of its request. None
        where whoever changes it tells this server. Raises what the other server answers."""
        return None

    def wire(self) -> dict[str, Any]:
        """As it is listed."""
        listed = {"uri": self.uri, **self._wire_readable()}
        if self.size is not None:
            listed["size"] = self.size
        return listed

    def to_mcp_resource(self, **overrides: Any) -> WireResource:
        """The protocol's model."""
        return WireResource.model_validate({**self.wire(), **overrides})


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
        from wireglass.server.function_resources import FunctionTemplate

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

    async def watch(self, arguments: dict[str, Any], tell: Callable[[], None]) -> Stop | None:
        """As `Resource.watch`, of the resource that these values name."""
        return None

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
