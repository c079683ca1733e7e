"""One message through the middleware of a server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from wireglass.middleware.base import MiddlewareContext
from wireglass.middleware.chain import Measured, begin
from wireglass.server.context import Context, current_context
from wireglass.tracing import current_trace

if TYPE_CHECKING:
    from wireglass.protocol.requests import RequestParams
    from wireglass.server.app import FastMCP
    from wireglass.server.versions import VersionSpec

__all__ = ["context_for", "through_middleware", "version_meta"]


def through_middleware(
    server: FastMCP,
    method: str,
    message: RequestParams,
    end: Callable[[MiddlewareContext[Any]], Any],
    *,
    kind: Literal["request", "notification"] = "request",
    chain: Sequence[Any] | None = None,
) -> Awaitable[Any]:
    """Runs `end` inside the server's middleware (or that of `chain`), when it is awaited."""
    context: MiddlewareContext[Any] = MiddlewareContext(  # no `[Any]` here: it would take longer than all the rest
        message=message, fastmcp_context=current_context.get(), method=method, type=kind
    )
    return begin(server.middleware if chain is None else chain, end, _how_measured(), context)


def _how_measured() -> Measured:
    trace = current_trace()
    return "no" if trace is None else "hooks" if trace.hooks else "links"


def version_meta(version: VersionSpec | None) -> dict[str, Any] | None:
    """How middleware learns which version of a component was asked for: as a client would write it."""
    return None if version is None else {"fastmcp": {"version": version.eq or str(version)}}


def context_for(server: FastMCP) -> Context:
    """The running request's context, seen from `server`; a new one for calls made in Python."""
    current = current_context.get()
    if current is not None and current.fastmcp is server:
        return current
    return Context(server, parent=current)
