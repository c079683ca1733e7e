"""Exceptions and error helpers that only other runtimes have."""

from typing import Any

from wireglass.errors import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    FastMCPDeprecationWarning,
    FastMCPError,
    McpError,
    NotFoundError,
    ToolError,
    ValidationError,
)

__all__ = [
    "AuthorizationError",
    "ClientError",
    "FastMCPDeprecationWarning",
    "InsufficientScopeError",
    "MCPDeprecationWarning",
    "to_mcp_error",
]


class MCPDeprecationWarning(FastMCPDeprecationWarning):
    """As above, for what the protocol itself has given up."""


class ClientError(FastMCPError):
    """A client could not do what it was asked."""


class AuthorizationError(FastMCPError):
    """The caller may not do this."""


class InsufficientScopeError(AuthorizationError):
    """The caller's token lacks scopes."""

    def __init__(self, message: str = "", *, required_scopes: Any = (), **_: Any) -> None:
        super().__init__(message)
        self.required_scopes = list(required_scopes)


def to_mcp_error(error: Exception, *, default_code: int = INTERNAL_ERROR) -> McpError:
    """The JSON-RPC error that an exception becomes when nothing catches it."""
    if isinstance(error, McpError):
        return error
    told = isinstance(error, (NotFoundError, ValidationError)) and not isinstance(error, ToolError)
    return McpError(INVALID_PARAMS if told else default_code, str(error))
