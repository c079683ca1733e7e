"""The server as an ASGI app: our MCP endpoint inside Starlette, with the author's routes and middleware around it."""

import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal

from wireglass.settings import flag, setting

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from wireglass.server.app import FastMCP

__all__ = ["CustomRoutes", "http_app"]

log = logging.getLogger("wireglass.http")
HttpTransport = Literal["http", "streamable-http", "sse"]
Protection = bool | Literal["auto"] | None


class CustomRoutes:
    """Routes of the author's own, beside the protocol's."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, Callable[..., Any], list[str], str | None, bool]] = []

    def add(
        self, path: str, methods: list[str], name: str | None, include_in_schema: bool
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """The decorator behind `@mcp.custom_route(path, methods=[...])`."""

        def decorator(fn: Callable[..., Any]) -> Callable[..., Any]:
            self._routes.append((path, fn, methods, name, include_in_schema))
            return fn

        return decorator

    def starlette(self) -> list[Any]:
        """As Starlette routes."""
        from starlette.routing import Route

        return [
            Route(path, endpoint=fn, methods=methods, name=name, include_in_schema=shown)
            for path, fn, methods, name, shown in self._routes
        ]


def http_app(
    server: "FastMCP",
    *,
    path: str | None = None,
    transport: HttpTransport = "http",
    middleware: Sequence[Any] | None = None,
    json_response: bool | None = None,
    stateless_http: bool | None = None,
    event_store: Any = None,
    retry_interval: int | None = None,
    host_origin_protection: Protection = None,
    allowed_hosts: Sequence[str] | None = None,
    allowed_origins: Sequence[str] | None = None,
    session_idle_timeout: float | Literal["auto"] | None = "auto",
    bound_host: str | None = None,
) -> "Starlette":
    """The ASGI app. `bound_host` is where we listen ourselves, None when another server runs the app.

    With `host_origin_protection="auto"` (the default) servers on this machine answer only to this machine's names;
    apps that others serve check hosts and origins only when they are told which are allowed.
    """
    from wireglass.server.event_stores import adapted
    from wireglass.session.http_serving import HttpServing

    serving = HttpServing(server._handle, on_notification=server._handle_notification)
    if host_origin_protection is None:
        host_origin_protection = _switch(setting("HTTP_HOST_ORIGIN_PROTECTION"))
    guard = _guard(host_origin_protection, allowed_hosts, allowed_origins, bound_host)
    if transport == "sse":
        return _sse_app(server, serving, path, middleware, guard)
    options: dict[str, Any] = {
        "stateless": _choose(stateless_http, server, "stateless_http"),
        "json_response": _choose(json_response, server, "json_response"),
        "event_store": adapted(event_store or server.settings_given.get("event_store")),
        "retry_ms": retry_interval,
        **guard,
    }
    if session_idle_timeout == "auto":
        session_idle_timeout = _idle_seconds(setting("HTTP_SESSION_IDLE_TIMEOUT"))
    if session_idle_timeout != "auto":
        options["session_idle_seconds"] = session_idle_timeout
    from wireglass.wire.asgi import McpEndpoint

    server.use_default_storage()
    if server.state_store is not None and not options["stateless"]:
        from wireglass.server.shared_sessions import SharedSessions

        options["directory"] = SharedSessions(server.state_store, server.name)
    chosen = path or server.settings_given.get("streamable_http_path") or setting("STREAMABLE_HTTP_PATH") or "/mcp"
    endpoint = McpEndpoint(serving, **options)
    return _starlette(server, endpoint, chosen, [_both_spellings(chosen)], middleware, "streamable-http")


def _switch(text: str | None) -> Any:
    """A setting that is "auto", on or off; None when it is not set."""
    return {None: None, "auto": "auto", "true": True, "1": True, "on": True, "yes": True}.get(
        text if text is None else text.strip().lower(), False
    )


def _idle_seconds(text: str | None) -> float | Literal["auto"] | None:
    """Seconds, "auto", or None for no limit. Raises ValueError for anything else."""
    plain = (text or "auto").strip().lower()
    if plain in ("auto", "none", "null"):
        return "auto" if plain == "auto" else None
    seconds = float(plain)
    if seconds <= 0:
        raise ValueError(f"HTTP_SESSION_IDLE_TIMEOUT is a number of seconds above 0, auto or none; not {text!r}.")
    return seconds


def _choose(given: bool | None, server: "FastMCP", name: str) -> bool:
    if given is not None:
        return given
    return bool(server.settings_given.get(name, flag(name.upper())))


def _sse_app(
    server: "FastMCP", serving: Any, path: str | None, middleware: Sequence[Any] | None, guard: dict[str, Any]
) -> "Starlette":
    from wireglass.wire.sse_server import SseEndpoint

    given = server.settings_given
    chosen = path or given.get("sse_path") or setting("SSE_PATH") or "/sse"
    messages = given.get("message_path") or setting("MESSAGE_PATH") or "/messages/"
    endpoint = SseEndpoint(serving, sse_path=chosen, message_path=messages, **guard)
    return _starlette(server, endpoint, chosen, [_both_spellings(chosen), [messages]], middleware, "sse")


def _both_spellings(path: str) -> list[str]:
    """`/mcp` and `/mcp/`: a redirect between them would lose bodies and credentials."""
    other = path.rstrip("/") if path.endswith("/") else path + "/"
    return [path, other] if other else [path]


def _guard(
    protection: Protection, hosts: Sequence[str] | None, origins: Sequence[str] | None, bound_host: str | None
) -> dict[str, Any]:
    """Which hosts and origins the endpoint answers to."""
    from wireglass.wire.http_checks import LOOPBACK_HOSTS

    hosts = hosts if hosts is not None else _listed("HTTP_ALLOWED_HOSTS")
    origins = origins if origins is not None else _listed("HTTP_ALLOWED_ORIGINS")
    if protection is None:
        text = setting("HTTP_HOST_ORIGIN_PROTECTION")
        protection = "auto" if text is None or text == "auto" else flag("HTTP_HOST_ORIGIN_PROTECTION")
    local = bound_host in LOOPBACK_HOSTS or bound_host == "::1"
    guarded = protection is True or (protection == "auto" and (local or bool(hosts or origins)))
    if not guarded:
        return {"allowed_hosts": ["*"], "allowed_origins": ["*"]}
    return {"allowed_hosts": [*LOOPBACK_HOSTS, *(hosts or ())], "allowed_origins": list(origins or ())}


def _listed(name: str) -> list[str] | None:
    text = setting(name)
    if not text:
        return None
    import json

    return json.loads(text) if text.lstrip().startswith("[") else [part.strip() for part in text.split(",")]


def _starlette(
    server: "FastMCP",
    endpoint: Any,
    path: str,
    spellings: list[list[str]],
    middleware: Sequence[Any] | None,
    name: str,
) -> "Starlette":
    from starlette.applications import Starlette
    from starlette.routing import Route

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncGenerator[None, None]:
        async with server._lifespan():
            try:
                yield
            finally:
                server.subscriptions.end_all()
                await endpoint.aclose()

    target: Any = _Watched(server, endpoint)
    routes: list[Any] = []
    if server.auth is not None:
        from wireglass.server.bearer_gate import protect

        target, routes = protect(server.auth, target, path)
    methods = ["GET", "POST", "DELETE", "OPTIONS"] if name == "streamable-http" else ["GET", "POST"]
    own = [
        Route(each, endpoint=target, methods=methods, include_in_schema=each == path)
        for group in spellings
        for each in group
    ]
    app = Starlette(routes=[*own, *routes, *server.all_routes()], middleware=list(middleware or ()), lifespan=lifespan)
    app.state.fastmcp_server = server
    app.state.path = path
    app.state.transport_type = name
    app.lifespan = lifespan  # pyright: ignore[reportAttributeAccessIssue] - for parents: FastAPI(lifespan=app.lifespan)
    return app


class _Watched:
    """The endpoint, which refuses to work when the app it sits in forgot the server's lifespan: what the lifespan opens
    is not there, and nothing would close what requests leave behind."""

    def __init__(self, server: "FastMCP", endpoint: Any) -> None:
        self._server = server
        self._endpoint = endpoint

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not self._server.is_running:
            from wireglass.errors import INTERNAL_ERROR
            from wireglass.wire.held_answer import refuse

            text = (
                f"The lifespan of the server {self._server.name!r} does not run. Give it to the app around it: "
                "app = FastAPI(lifespan=mcp.lifespan), or Starlette(..., lifespan=mcp_app.lifespan)."
            )
            log.error("%s", text)
            await refuse(send, 500, INTERNAL_ERROR, text)
            return
        await self._endpoint(scope, receive, send)
