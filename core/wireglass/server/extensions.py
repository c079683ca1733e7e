"""Extensions of the protocol that a server's author adds (2026-07-28, SEP-2133): a declared capability, methods of
their own, a say in tool calls, and a lifespan."""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

from wireglass.errors import METHOD_NOT_FOUND, McpError
from wireglass.protocol.messages import as_object
from wireglass.protocol.methods import METHODS
from wireglass.protocol.versions import META_CLIENT_CAPABILITIES

if TYPE_CHECKING:
    from wireglass.protocol.requests import CallToolRequestParams
    from wireglass.server.app import FastMCP
    from wireglass.server.context import Context

__all__ = [
    "Extensions",
    "MethodBinding",
    "ServerExtension",
    "ServerRequestContext",
    "read_client_extension_settings",
]

_IDENTIFIER = r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+/[A-Za-z0-9._-]+"
CallNext = Callable[[], Awaitable[Any]]


@dataclass
class ServerRequestContext:
    """What a method's handler knows of its request."""

    session: Any
    lifespan_context: Any
    protocol_version: str
    method: str = ""
    params: dict[str, Any] = field(default_factory=dict[str, Any])
    request_id: str | int | None = None
    request: Any = None

    def __class_getitem__(cls, _item: Any) -> type["ServerRequestContext"]:
        return cls

    @property
    def meta(self) -> dict[str, Any]:
        """`params._meta`."""
        return as_object(self.params.get("_meta"))


Handler = Callable[[ServerRequestContext, Any], Awaitable[Any]]


@dataclass(frozen=True)
class MethodBinding:
    """One method of an extension: its parameters' model and who answers. `protocol_versions` None: in all versions.

    Raises ValueError for a method of the specification, and for versions that are none.
    """

    method: str
    params_type: type[Any]
    handler: Handler
    protocol_versions: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if self.method in METHODS:
            raise ValueError(f"{self.method!r} is a spec method; an extension adds methods of its own.")
        if self.protocol_versions is not None and not self.protocol_versions:
            raise ValueError("protocol_versions names no version; None means all of them.")


class ServerExtension:
    """Base of extensions; override what yours adds. `identifier` is like com.example/name."""

    identifier: ClassVar[str] = ""
    _server: "FastMCP | None" = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "identifier" in cls.__dict__:
            check_identifier(cls.identifier)

    @property
    def server(self) -> "FastMCP":
        """The server it was added to. Raises RuntimeError before."""
        if self._server is None:
            raise RuntimeError(f"{type(self).__name__} is not bound to a server yet: add it with add_extension().")
        return self._server

    def settings(self) -> dict[str, Any]:
        """What clients are told of it, under its identifier."""
        return {}

    def methods(self) -> Sequence[MethodBinding]:
        """Methods it adds."""
        return ()

    async def intercept_tool_call(
        self, params: "CallToolRequestParams", context: "Context", call_next: CallNext
    ) -> Any:
        """Around a client's tool call: returns what `call_next()` gives, or a `ToolResult` of its own."""
        return await call_next()

    @asynccontextmanager
    async def lifespan(self) -> AsyncGenerator[None, None]:
        """Entered while the server runs; not where the server is only mounted in another."""
        yield

    def client_settings(self, context: Any) -> dict[str, Any] | None:
        """The client's settings of this extension, None when it did not declare it."""
        return read_client_extension_settings(context, self.identifier)


def check_identifier(identifier: str) -> None:
    """Raises TypeError for an identifier without a reverse-DNS prefix."""
    if not re.fullmatch(_IDENTIFIER, identifier):
        raise TypeError(f"An extension's identifier has a reverse-DNS prefix, as in com.example/name: {identifier!r}.")


def read_client_extension_settings(context: Any, identifier: str) -> dict[str, Any] | None:
    """The settings of an extension that the request's client declared, None when it did not."""
    meta: Any = getattr(context, "meta", None)
    plain = meta.wire() if hasattr(meta, "wire") else meta
    found = as_object(as_object(as_object(plain).get(META_CLIENT_CAPABILITIES)).get("extensions")).get(identifier)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None


class Extensions:
    """The extensions of one server, in the order they were added."""

    def __init__(self, server: "FastMCP") -> None:
        self._server = server
        self._added: dict[str, ServerExtension] = {}
        self.interceptors: list[ServerExtension] = []
        """Those with a say in tool calls, the outermost first."""

    def add(self, extension: ServerExtension) -> None:
        """Adds one. Raises TypeError or ValueError for an identifier that is wrong or taken, RuntimeError while the
        server runs: its lifespan would not be entered."""
        check_identifier(extension.identifier)
        if self._server.is_running:
            raise RuntimeError(
                f"The server's lifespan has already started: add {extension.identifier!r} before it is served."
            )
        if extension.identifier in self._added:
            raise ValueError(f"The extension {extension.identifier!r} is already registered.")
        for binding in extension.methods():
            if binding.method in self._server.extra_handlers:
                raise ValueError(f"The method {binding.method!r} is already registered by another extension.")
            self._server.extra_handlers[binding.method] = _handler(binding)
        extension._server = self._server
        self._added[extension.identifier] = extension
        if type(extension).intercept_tool_call is not ServerExtension.intercept_tool_call:
            self.interceptors.append(extension)

    def __iter__(self) -> Any:
        return iter(self._added.values())

    def capability(self) -> dict[str, Any]:
        """What is declared under `extensions`."""
        return {identifier: extension.settings() for identifier, extension in self._added.items()}

    async def call_tool(self, context: "Context", params: dict[str, Any], end: CallNext) -> Any:
        """`end`, which calls the tool, inside all that have a say."""
        from wireglass.protocol.requests import CallToolRequestParams
        from wireglass.server.calls import as_tool_result

        message = CallToolRequestParams.model_validate(params)
        chain = end
        for extension in reversed(self.interceptors):
            chain = _inside(extension, message, context, chain)
        return as_tool_result(await chain())


def _inside(
    extension: ServerExtension, message: "CallToolRequestParams", context: "Context", chain: CallNext
) -> CallNext:
    return lambda: extension.intercept_tool_call(message, context, chain)


def _handler(binding: MethodBinding) -> Any:
    async def answer(server: "FastMCP", context: "Context", params: dict[str, Any]) -> dict[str, Any]:
        scope = context.require_scope()
        if binding.protocol_versions is not None and scope.version not in binding.protocol_versions:
            raise McpError(METHOD_NOT_FOUND, f"Method not found: {scope.method}")
        request = ServerRequestContext(
            session=context.session,
            lifespan_context=context.lifespan_context,
            protocol_version=scope.version,
            method=scope.method,
            params=dict(params),
            request_id=scope.request_id,
            request=context.http_request_or_none(),
        )
        result = await binding.handler(request, binding.params_type.model_validate(params))
        if result is None or isinstance(result, dict):
            return dict(result or {})
        return result.model_dump(by_alias=True, mode="json", exclude_none=True)

    return answer
