"""One request, once: its context, its handler, its middleware, and the one boundary where exceptions become errors."""

import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

import pydantic

from wireglass import telemetry
from wireglass.errors import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    FastMCPError,
    McpError,
    NotFoundError,
    ProtocolError,
    StateUnavailable,
    TransportError,
    ValidationError,
)
from wireglass.middleware.base import MiddlewareContext
from wireglass.middleware.chain import to_blame
from wireglass.protocol.fitting import fit_error, fit_result
from wireglass.protocol.methods import METHODS
from wireglass.protocol.spans import CHAIN, SPANS_KEY, TRACE_KEY, asks_for_spans
from wireglass.protocol.versions import LATEST_HANDSHAKE, META_SERVER_INFO
from wireglass.server.context import Context
from wireglass.server.handlers import HANDLERS, MethodHandler
from wireglass.server.passing import through_middleware
from wireglass.server.spans import request_span
from wireglass.session.scope import RequestScope
from wireglass.tracing import Trace
from wireglass.tracing_otel import watch_opentelemetry

if TYPE_CHECKING:
    from wireglass.server.app import FastMCP

__all__ = ["handle", "handle_notification"]

log = logging.getLogger("wireglass.server")

_HOOKED_INSIDE = frozenset(
    {"tools/call", "tools/list", "resources/read", "resources/list", "resources/templates/list"}
    | {"prompts/get", "prompts/list"}
)
"""Methods whose middleware runs around the component call itself, so that calls made in Python pass it as well."""


_USES_STATE = _HOOKED_INSIDE | {"completion/complete"}
"""Methods that run functions of the author, which may ask for state, or heed what a session switched on and off."""


def handle(server: "FastMCP", scope: RequestScope) -> Coroutine[Any, Any, dict[str, Any]]:
    """The plain result of one request. Raises McpError."""
    return _handle_traced(server, scope) if asks_for_spans(scope.meta) else _handle(server, scope)


async def _handle_traced(server: "FastMCP", scope: RequestScope) -> dict[str, Any]:
    watch_opentelemetry()
    trace = Trace(_title(scope), scope.meta[TRACE_KEY] == CHAIN)
    try:
        with trace:
            result = await _handle(server, scope)
    except McpError as error:
        raise _with_spans(error, trace) from error
    meta = {**(result.get("_meta") or {}), SPANS_KEY: trace.encoded()}
    return {**result, "_meta": meta}


def _title(scope: RequestScope) -> str:
    named = scope.params.get("name") or scope.params.get("uri")
    return f"{scope.method} {named}" if isinstance(named, str) else scope.method


def _with_spans(error: McpError, trace: Trace) -> McpError:
    """The same error, with the spans in its data where they fit."""
    if error.data is not None and not isinstance(error.data, dict):
        return error
    data = {**(error.data or {}), SPANS_KEY: trace.encoded()}
    return McpError(error.code, error.message, data, next_step=error.next_step)


async def _handle(server: "FastMCP", scope: RequestScope) -> dict[str, Any]:
    handler = HANDLERS.get(scope.method) or server.extra_handlers.get(scope.method)
    if handler is None:
        raise McpError(METHOD_NOT_FOUND, f"Method not found: {scope.method}")
    context = Context(server, scope)
    with context.active():
        try:
            run = _run if server.state_store is None else _run_with_state
            if telemetry.is_on():
                result = await _observed(run, server, context, handler)
            else:
                result = await run(server, context, handler)
        except McpError as error:
            fitting = fit_error(error, scope.version)
            if fitting is error:
                raise
            raise fitting from error
        except (ProtocolError, TransportError):
            raise
        except FastMCPError as error:
            raise _as_mcp_error(error) from error
        except StateUnavailable as error:
            log.exception("State was not kept during %s", scope.method)
            raise McpError(INTERNAL_ERROR, error.message, next_step=error.next_step) from error
        except pydantic.ValidationError as error:
            raise McpError(INVALID_PARAMS, f"Invalid request parameters: {error.errors()[0]['msg']}") from error
        except Exception as error:  # the boundary: nothing of ours or the author's leaves in another form
            culprit = to_blame(error)
            where = "" if culprit is None else f" in the middleware {culprit}"
            log.exception("Error while answering %s%s", scope.method, where)
            shown = "" if server.mask_error_details else where
            raise McpError(INTERNAL_ERROR, f"Internal error{shown}. The server's log says more.") from error
    return _finish(server, context, result)


def _as_mcp_error(error: FastMCPError) -> McpError:
    code = INVALID_PARAMS if isinstance(error, (NotFoundError, ValidationError)) else INTERNAL_ERROR
    return McpError(code, str(error))


async def _observed(
    run: Callable[..., Awaitable[dict[str, Any]]], server: "FastMCP", context: Context, handler: MethodHandler
) -> dict[str, Any]:
    with request_span(server.name, context.require_scope()):
        return await run(server, context, handler)


async def _run(server: "FastMCP", context: Context, handler: MethodHandler) -> dict[str, Any]:
    scope = context.require_scope()
    opens = scope.method in _OPENING and server.introductions
    if scope.method in _HOOKED_INSIDE or not (server.middleware or opens):
        return await handler(server, context, scope.params)

    async def end(hooked: MiddlewareContext[Any]) -> Any:
        plain = await handler(server, context, _params(hooked.message))
        return _introduction(scope.method, plain) if scope.method in _OPENING else plain

    from wireglass.protocol.requests import params_model

    message = params_model(scope.method, scope.params)
    chain = [*server.middleware, *server.introductions] if opens else None
    result = await through_middleware(server, scope.method, message, end, chain=chain)
    return result.wire() if hasattr(result, "wire") else result


async def _run_with_state(server: "FastMCP", context: Context, handler: MethodHandler) -> dict[str, Any]:
    """As `_run`; what was set is in the store before the answer goes out. Raises StateUnavailable when it is not."""
    if server.middleware or context.require_scope().method in _USES_STATE:
        await context.load_state()
    _ = context.state  # before mounted servers look: the outermost server's store counts
    try:
        return await _run(server, context, handler)
    finally:
        await context.flush_state()


_OPENING = frozenset({"initialize", "server/discover"})


def _introduction(method: str, plain: dict[str, Any]) -> Any:
    """What middleware gets to see of a server's introduction: a model, as of results that components make."""
    from wireglass.protocol.lifecycle import DiscoverResult, InitializeResult

    if plain.get("resultType", "complete") != "complete":
        return plain
    return InitializeResult.read(plain) if method == "initialize" else DiscoverResult.read(plain)


def _params(message: Any) -> dict[str, Any]:
    return message.wire() if hasattr(message, "wire") else dict(message)


def _finish(server: "FastMCP", context: Context, result: dict[str, Any]) -> dict[str, Any]:
    """The result as the version knows it. In the stateless era it says who answered and how long it keeps
    ("Result metadata" and "Caching", 2026-07-28)."""
    scope = context.require_scope()
    if not scope.stateless:
        return result if scope.version == LATEST_HANDSHAKE else fit_result(scope.method, result, scope.version)
    result.setdefault("resultType", "complete")
    row = METHODS.get(scope.method)
    if row is not None and row.cacheable and result["resultType"] == "complete":
        ttl_ms, private = context.cache_hint or (server.cache_ttl_ms, False)
        result.setdefault("ttlMs", ttl_ms)
        result.setdefault("cacheScope", "private" if private else server.cache_scope)
    meta = result.get("_meta") or {}
    result["_meta"] = {META_SERVER_INFO: server.server_info(scope.version), **meta}
    return fit_result(scope.method, result, scope.version)


async def handle_notification(server: "FastMCP", scope: RequestScope) -> None:
    """Lets middleware see one notification of the client. Raises nothing: there is nobody to tell."""
    if scope.method == "notifications/initialized":
        server.subscriptions.opened(scope)
    if not server.middleware:
        return
    context = Context(server, scope)

    async def end(hooked: MiddlewareContext[Any]) -> None:
        return None

    from wireglass.protocol.requests import params_model

    with context.active():
        try:
            message = params_model(scope.method, scope.params)
            await context.load_state()
            await through_middleware(server, scope.method, message, end, kind="notification")
            await context.flush_state()
        except Exception as error:  # boundary: a notification has no answer
            log.exception("The middleware %s failed on %s", to_blame(error) or "chain", scope.method)
