"""Facts about the running request for code that has no `Context` parameter, as functions and as parameter defaults."""

from types import TracebackType
from typing import Any

from wireglass.server.context import Context, current_context, get_context
from wireglass.server.injection import Dependency
from wireglass.settings import dialect

__all__ = [
    "CurrentAccessToken",
    "CurrentContext",
    "CurrentFastMCP",
    "CurrentHeaders",
    "CurrentRequest",
    "Progress",
    "TokenClaim",
    "get_access_token",
    "get_context",
    "get_http_headers",
    "get_http_request",
    "get_server",
]

# Headers that belong to one hop, or to this server alone: forwarding them with another request would be wrong.
_OWN = frozenset(
    {
        "accept",
        "connection",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "mcp-session-id",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def get_http_request() -> Any:
    """The HTTP request (Starlette's). Raises RuntimeError on other transports and outside requests."""
    context = current_context.get()
    request = context.http_request_or_none() if context is not None else None
    if request is None:
        raise RuntimeError("No active HTTP request found.")
    return request


def get_http_headers(include_all: bool = False, include: set[str] | None = None) -> dict[str, str]:
    """The request's headers with lower-case names; empty when there is no HTTP request. Never raises.

    Left out unless `include` names them or `include_all` is set: what belongs to one hop and, in dialect 4, the
    `authorization` header, so that a caller's token is not passed on by accident.
    """
    context = current_context.get()
    request = context.http_request_or_none() if context is not None else None
    if request is None:
        return {}
    headers = {str(name).lower(): str(value) for name, value in request.headers.items()}
    if include_all:
        return headers
    wanted = {name.lower() for name in include or ()}
    hidden = _OWN | {"authorization"} if dialect() == "4" else _OWN
    return {name: value for name, value in headers.items() if name in wanted or name not in hidden}


def get_access_token() -> Any:
    """The caller's verified token, or None."""
    context = current_context.get()
    return context.access_token if context is not None else None


def get_server() -> Any:
    """The server that handles the request. Raises RuntimeError outside requests."""
    return get_context().fastmcp


class _CurrentContext(Dependency):
    async def __aenter__(self) -> Context:
        return get_context()


class _CurrentFastMCP(Dependency):
    async def __aenter__(self) -> Any:
        return get_server()


class _CurrentRequest(Dependency):
    async def __aenter__(self) -> Any:
        return get_http_request()


class _CurrentHeaders(Dependency):
    async def __aenter__(self) -> dict[str, str]:
        return get_http_headers(include={"authorization"})


class _CurrentAccessToken(Dependency):
    async def __aenter__(self) -> Any:
        token = get_access_token()
        if token is None:
            raise RuntimeError(
                "No access token found. Ensure authentication is configured and the request is authenticated."
            )
        return token


class _TokenClaim(Dependency):
    def __init__(self, name: str) -> None:
        self.name = name

    async def __aenter__(self) -> str:
        token = get_access_token()
        claims: dict[str, Any] = getattr(token, "claims", None) or {}
        if token is None or self.name not in claims:
            known = ", ".join(sorted(claims)) or "none"
            raise RuntimeError(f"Claim {self.name!r} not found in the access token. Available claims: {known}.")
        return str(claims[self.name])


def CurrentContext() -> Any:
    """A parameter that gets the request's `Context`."""
    return _CurrentContext()


def CurrentFastMCP() -> Any:
    """A parameter that gets the server."""
    return _CurrentFastMCP()


def CurrentRequest() -> Any:
    """A parameter that gets the HTTP request. The call fails on other transports."""
    return _CurrentRequest()


def CurrentHeaders() -> Any:
    """A parameter that gets the HTTP headers, the authorization header included; empty on other transports."""
    return _CurrentHeaders()


def CurrentAccessToken() -> Any:
    """A parameter that gets the caller's token. The call fails without one."""
    return _CurrentAccessToken()


def TokenClaim(name: str) -> Any:
    """A parameter that gets one claim of the caller's token, as text. The call fails without it."""
    return _TokenClaim(name)


class Progress(Dependency):
    """A counter that reports to the client: `progress: Progress = Progress()`."""

    def __init__(self) -> None:
        self.current: int | None = None
        self.total: int | None = None
        self.message: str | None = None

    async def __aenter__(self) -> "Progress":
        return Progress()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def set_total(self, total: int) -> None:
        """How many steps there are. Raises ValueError below 1."""
        if total < 1:
            raise ValueError("Total must be at least 1")
        self.total = total

    async def increment(self, amount: int = 1) -> None:
        """Some steps are done. Raises ValueError below 1."""
        if amount < 1:
            raise ValueError("Amount must be at least 1")
        self.current = (self.current or 0) + amount
        await self._report()

    async def set_message(self, message: str | None) -> None:
        """What is going on."""
        self.message = message
        await self._report()

    async def _report(self) -> None:
        context = current_context.get()
        if context is not None:
            await context.report_progress(self.current or 0, self.total, self.message)
