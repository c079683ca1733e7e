"""What a handler sees of one request, whichever transport and era it came by."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from wireglass.errors import INVALID_PARAMS, METHOD_NOT_FOUND, UNSUPPORTED_PROTOCOL_VERSION, McpError
from wireglass.protocol import methods, versions
from wireglass.protocol.messages import JsonObject, RequestId, is_object
from wireglass.records import field, record
from wireglass.wire.base import HttpContext

__all__ = ["LOG_LEVELS", "Handler", "NotificationHandler", "RequestScope", "Scope", "SessionFacts", "read_meta"]

LOG_LEVELS = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")
"""Lowest first (RFC 5424, as every revision lists them)."""

Notify = Callable[[str, JsonObject | None], Awaitable[None]]
Ask = Callable[[str, JsonObject | None, float | None], Awaitable[JsonObject]]


async def _nowhere(method: str, params: JsonObject | None) -> None:
    """The stateless era has no way to tell a client something it did not ask for."""


@record(eq=False)
class SessionFacts:
    """One client's connection, as far as a handler may know it."""

    id: str | None = None
    transport: str = "memory"
    """"stdio", "memory", "streamable-http" or "sse"."""
    attributes: dict[str, Any] = field(default_factory=dict[str, Any])
    """Scratch space that lives as long as the session."""
    notify: Notify = _nowhere
    """Sends a notification that belongs to no request (handshake era; does nothing in the stateless one)."""
    closed: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    """Called once, in order, when the session ends."""


class RequestScope(Protocol):
    """One request in a handler's hands."""

    @property
    def method(self) -> str:
        """The name of the method, such as "tools/call"."""
        ...

    @property
    def params(self) -> JsonObject:
        """`params` of the request, or {}. To be read only."""
        ...

    @property
    def request_id(self) -> RequestId:
        """The id that the client gave the request; "" for a notification."""
        ...

    @property
    def meta(self) -> JsonObject:
        """`params._meta`, or {}."""
        ...

    @property
    def version(self) -> str:
        """The protocol version that the answer must fit."""
        ...

    @property
    def stateless(self) -> bool:
        """Whether the request is of the stateless era (2026-07-28)."""
        ...

    @property
    def client_info(self) -> JsonObject | None:
        """Name and version of the client, as it told them; None when it told none."""
        ...

    @property
    def client_capabilities(self) -> JsonObject:
        """What the client declared, or {}."""
        ...

    @property
    def log_level(self) -> str | None:
        """The lowest level of log message that may be sent for this request; None: none at all."""
        ...

    @property
    def session(self) -> SessionFacts:
        """The connection that the request came by."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """HTTP headers by lower-case name; empty elsewhere."""
        ...

    @property
    def http_scope(self) -> Any:
        """The ASGI scope of the HTTP request, or None."""
        ...

    @property
    def principal(self) -> str | None:
        """Whom the access token speaks for, or None without one."""
        ...

    @property
    def access_token(self) -> Any:
        """The token as whatever verified it left it, or None."""
        ...

    async def notify(self, method: str, params: JsonObject | None = None) -> None:
        """Sends a notification on this request's stream: progress, log messages, listen messages."""
        ...

    async def request(
        self, method: str, params: JsonObject | None = None, *, timeout: float | None = None
    ) -> JsonObject:
        """Asks the client (handshake era only). Raises McpError, RequestTimeout, TransportClosed."""
        ...


Handler = Callable[[RequestScope], Awaitable[JsonObject]]
"""Answers one request with a plain result dict. McpError becomes its JSON-RPC error, anything else -32603."""
NotificationHandler = Callable[[RequestScope], Awaitable[None]]
"""Gets each notification of the client that the session does not deal with itself; `request_id` is ""."""

_NO_HTTP = HttpContext()


@record(eq=False)
class Scope:
    """The concrete `RequestScope`."""

    method: str
    params: JsonObject
    request_id: RequestId
    meta: JsonObject
    version: str
    stateless: bool
    client_info: JsonObject | None
    client_capabilities: JsonObject
    log_level: str | None
    session: SessionFacts
    notify_now: Notify
    ask: Ask | None = None
    http: HttpContext = _NO_HTTP

    @property
    def headers(self) -> Mapping[str, str]:
        return self.http.headers

    @property
    def http_scope(self) -> Any:
        return self.http.scope

    @property
    def principal(self) -> str | None:
        return self.http.principal

    @property
    def access_token(self) -> Any:
        return self.http.access_token

    async def notify(self, method: str, params: JsonObject | None = None) -> None:
        await self.notify_now(method, params)

    async def request(
        self, method: str, params: JsonObject | None = None, *, timeout: float | None = None
    ) -> JsonObject:
        if self.ask is None:
            text = f"{method} cannot be sent: in the stateless era a server asks through `input_required` results."
            raise McpError(METHOD_NOT_FOUND, text)
        return await self.ask(method, params, timeout)


@record
class Meta:
    """The checked `_meta` of a request of the stateless era."""

    version: str
    capabilities: JsonObject
    client_info: JsonObject | None
    log_level: str | None


def read_meta(method: str, meta: JsonObject) -> Meta:
    """Reads the `_meta` that every request of the stateless era carries ("Request metadata", 2026-07-28).

    Raises McpError: -32022 for a version we lack, -32602 for a required key that is missing or malformed, -32601
    for a method that the version does not have, in this order.
    """
    version = meta.get(versions.META_PROTOCOL_VERSION)
    if not isinstance(version, str):
        raise McpError(INVALID_PARAMS, f"`_meta` needs {versions.META_PROTOCOL_VERSION}, a string.")
    if version not in versions.STATELESS_VERSIONS:
        data = {"supported": list(versions.ALL_VERSIONS), "requested": version}
        raise McpError(UNSUPPORTED_PROTOCOL_VERSION, f"Unsupported protocol version: {version}", data)
    capabilities = meta.get(versions.META_CLIENT_CAPABILITIES)
    if not is_object(capabilities):
        raise McpError(INVALID_PARAMS, f"`_meta` needs {versions.META_CLIENT_CAPABILITIES}, an object.")
    info = meta.get(versions.META_CLIENT_INFO)
    level = meta.get(versions.META_LOG_LEVEL)
    if level is not None and level not in LOG_LEVELS:
        raise McpError(INVALID_PARAMS, f"{versions.META_LOG_LEVEL} is one of {', '.join(LOG_LEVELS)}.")
    if methods.sent_by(method, version, "client") is False:  # also when the version does not have it
        raise McpError(METHOD_NOT_FOUND, f"{version} has no method {method}.")
    return Meta(version, capabilities, info if is_object(info) else None, level)
