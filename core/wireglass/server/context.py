"""`Context`: everything a function may know of the request it serves, and may ask of the client."""

import logging
from collections.abc import Mapping
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any, Literal, cast

from wireglass.errors import WireglassError
from wireglass.server.context_questions import Questions
from wireglass.server.context_visibility import SessionVisibility
from wireglass.server.request_context import RequestContext, ServerSession
from wireglass.tracing import span

if TYPE_CHECKING:
    from wireglass.server.app import FastMCP
    from wireglass.server.injection import Scope as InjectionScope
    from wireglass.server.task_run import TaskRun
    from wireglass.session.scope import RequestScope

__all__ = ["Context", "current_context", "get_context", "reset_transport", "set_transport"]

current_context: ContextVar["Context | None"] = ContextVar("wireglass_context", default=None)
"""The context of the request that the running code serves."""

_to_client = logging.getLogger("wireglass.server.to_client")
LEVELS = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")
_PYTHON_LEVELS = {"debug": 10, "info": 20, "notice": 20, "warning": 30, "error": 40}
LEVEL_SET = "wireglass.level_set"
"""Session attribute: the client has chosen its level with `logging/setLevel`."""
Level = Literal["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]


_transport: ContextVar[str | None] = ContextVar("wireglass_transport", default=None)


def set_transport(transport: str) -> Token[str | None]:
    """What `ctx.transport` says for calls made in Python, until `reset_transport`."""
    return _transport.set(transport)


def reset_transport(token: Token[str | None]) -> None:
    """Takes `set_transport` back."""
    _transport.reset(token)


def get_context() -> "Context":
    """The context of the running request. Raises RuntimeError where no request is served."""
    context = current_context.get()
    if context is None:
        raise RuntimeError("No active context found: this only works while a request is being served.")
    return context


class Context(Questions, SessionVisibility):
    """One request, seen from inside. Ask for it with a parameter annotated `Context`."""

    def __class_getitem__(cls, item: Any) -> Any:
        """`Context[ServerSession, Lifespan]` in annotations of any dialect is the same as `Context`."""
        return cls

    def __init__(
        self, fastmcp: "FastMCP", scope: "RequestScope | None" = None, *, parent: "Context | None" = None, **_more: Any
    ) -> None:
        self._fastmcp = fastmcp
        self.scope = scope
        if parent is not None:
            self.parent = parent
            self.scope = scope if scope is not None else parent.scope
            self._state = parent._state
            self.asking = parent.asking
            self.input_responses = parent.input_responses
            self.request_state = parent.request_state
            self.task = parent.task

    scope: "RequestScope | None"
    """The request on the wire; None for calls made in Python."""

    # What most requests never set stands here once for all of them.
    parent: "Context | None" = None
    """The context of the server that this one is mounted in."""
    _state = None
    _last_progress: float | None = None
    asking: Any = None
    """How questions reach the user in the stateless era (see `parking`)."""
    input_responses: dict[str, Any] | None = None
    """The client's answers to what this function asked by returning an `InputRequiredResult`; None at first."""
    request_state: str | None = None
    """What the function put into `InputRequiredResult.request_state` in the round before."""
    task: "TaskRun | None" = None
    """The task that the call runs as, if the client was or will be answered with one (tasks extension)."""
    cache_hint: tuple[int, bool] | None = None
    """Milliseconds that the result counts, and whether for this caller alone; None: as the server says."""

    # -- facts ---------------------------------------------------------------------------------------------------

    @property
    def fastmcp(self) -> "FastMCP":
        """The server. Inside a mounted server, that one."""
        return self._fastmcp

    @property
    def fastmcp_context(self) -> "Context":
        """This context, with `get_state` answering at once."""
        view = cast("Context", _SyncContext.__new__(_SyncContext))
        view.__dict__ = self.__dict__
        _ = self.state
        return view

    @property
    def request_context(self) -> RequestContext | None:
        """The request, None for calls made in Python."""
        return RequestContext(self) if self.scope is not None else None

    @property
    def session(self) -> ServerSession:
        """The client's session. Raises RuntimeError for calls made in Python."""
        self.require_scope()
        return ServerSession(self)

    @property
    def request_id(self) -> str:
        """The JSON-RPC id of the request, as text. Raises RuntimeError for calls made in Python."""
        return str(self.require_scope().request_id)

    @property
    def origin_request_id(self) -> str | None:
        """The id of the request that began the call, None for calls made in Python."""
        return str(self.scope.request_id) if self.scope is not None else None

    @property
    def session_id(self) -> str:
        """The session's id; a made-up one where the transport has none. Raises RuntimeError for calls in Python."""
        session = self.require_scope().session
        if session.id is not None:
            return session.id
        known = session.attributes.get("wireglass.session_id")
        if known is None:
            import uuid

            known = session.attributes.setdefault("wireglass.session_id", str(uuid.uuid4()))
        return known

    @property
    def is_background_task(self) -> bool:
        """Whether the call runs as a task: its client asks for the result later."""
        return self.task is not None

    @property
    def task_id(self) -> str | None:
        """The task's id, None for a call that is no task."""
        return self.task.id if self.task is not None else None

    @property
    def client_id(self) -> str | None:
        """Who calls, if known: the token's client, else what the request says in its `_meta`."""
        if self.scope is None:
            return None
        token = self.scope.access_token
        found = getattr(token, "client_id", None) or self.scope.meta.get("client_id")
        return str(found) if found is not None else None

    @property
    def transport(self) -> str | None:
        """ "stdio", "streamable-http", "sse", "memory", or None for calls made in Python."""
        return self.scope.session.transport if self.scope is not None else _transport.get()

    @property
    def lifespan_context(self) -> Any:
        """What the server's lifespan yielded; an empty dict when it has none."""
        return self._fastmcp.lifespan_result

    @property
    def access_token(self) -> Any:
        """The verified token of the caller, or None."""
        return self.scope.access_token if self.scope is not None else None

    @property
    def strict_input(self) -> bool:
        """Whether arguments are checked without coercion."""
        return self._fastmcp.strict_input_validation

    @property
    def shared_scope(self) -> "InjectionScope | None":
        """Where `Shared` dependencies live."""
        return self._fastmcp.shared_dependencies

    def http_request_or_none(self) -> Any:
        """The HTTP request (Starlette's), or None on other transports."""
        if self.scope is None or self.scope.http_scope is None:
            return None
        from starlette.requests import Request

        return Request(self.scope.http_scope)

    def get_http_request(self) -> Any:
        """The HTTP request. Raises RuntimeError on other transports."""
        request = self.http_request_or_none()
        if request is None:
            raise RuntimeError("No active HTTP request found.")
        return request

    def client_supports_extension(self, identifier: str) -> bool:
        """Whether the client declared an extension."""
        return self.client_extension_settings(identifier) is not None

    def client_extension_settings(self, identifier: str) -> dict[str, Any] | None:
        """The client's settings of an extension, None when it did not declare it."""
        if self.scope is None:
            return None
        return (self.scope.client_capabilities.get("extensions") or {}).get(identifier)

    def tell_cache(self, seconds: float, *, private: bool) -> None:
        """Says how long the client may keep the result of this request (2026-07-28), and whether for itself alone."""
        self.cache_hint = (max(0, int(seconds * 1000)), private)

    # -- messages to the client ----------------------------------------------------------------------------------

    async def log(
        self,
        message: str,
        level: Level | str | None = "info",
        logger_name: str | None = None,
        extra: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        """Sends a log message, if the client asked for its level. Also takes `log(level, message)` of the 1.x SDK."""
        level = level or "info"
        if message in LEVELS and level not in LEVELS:
            message, level = level, message
        data: dict[str, Any] = {"msg": message, "extra": dict(extra) if extra is not None else more or None}
        _to_client.log(_PYTHON_LEVELS.get(level, 50), "%s", message)
        await self.log_data(level, data, logger_name)

    async def log_data(self, level: str, data: Any, logger: str | None = None) -> None:
        """Sends a log message whose data is any JSON. Raises ValueError for an unknown level."""
        if level not in LEVELS:
            raise ValueError(f"Unknown log level {level!r}; the levels are {', '.join(LEVELS)}.")
        if self.scope is None or self.scope.log_level is None:
            return
        if LEVELS.index(level) < LEVELS.index(self._lowest_level(self.scope)):
            return
        params: dict[str, Any] = {"level": level, "data": data}
        if logger is not None:
            params["logger"] = logger
        await self.scope.notify("notifications/message", params)

    def _lowest_level(self, scope: "RequestScope") -> str:
        """What the client asked for; until it says so with `logging/setLevel`, not below the server's default."""
        asked = scope.log_level or "debug"
        default = self._fastmcp.settings_given.get("client_log_level")
        if default is None or scope.session.attributes.get(LEVEL_SET):
            return asked
        return max(asked, str(default), key=LEVELS.index)

    async def debug(self, message: str, logger_name: str | None = None, extra: Any = None, **more: Any) -> None:
        """Sends a log message of level debug."""
        await self.log(message, "debug", logger_name, extra, **more)

    async def info(self, message: str, logger_name: str | None = None, extra: Any = None, **more: Any) -> None:
        """Sends a log message of level info."""
        await self.log(message, "info", logger_name, extra, **more)

    async def warning(self, message: str, logger_name: str | None = None, extra: Any = None, **more: Any) -> None:
        """Sends a log message of level warning."""
        await self.log(message, "warning", logger_name, extra, **more)

    async def error(self, message: str, logger_name: str | None = None, extra: Any = None, **more: Any) -> None:
        """Sends a log message of level error."""
        await self.log(message, "error", logger_name, extra, **more)

    def span(self, name: str, **facts: Any) -> span:
        """`with ctx.span("carrier API"):` names a stretch of the call for the timeline. `facts` are JSON values.

        Costs nothing worth measuring when the client did not ask for times.
        """
        return span(name, "user", **facts)

    async def report_progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        """Reports progress, if the client asked for it. Only values that rise are sent: the protocol forbids others.
        Of a task the message becomes the `statusMessage`."""
        if self.task is not None and message is not None:
            self.task.say(message)
        if self.scope is None:
            return
        token = self.scope.meta.get("progressToken")
        if token is None or (self._last_progress is not None and progress <= self._last_progress):
            return
        self._last_progress = progress
        await self.session.send_progress_notification(token, progress, total, message)

    async def send_notification(self, notification: Any) -> None:
        """Sends any notification: a model or dict with `method` and `params`."""
        plain = notification if isinstance(notification, dict) else _plain(notification)
        plain = cast("dict[str, Any]", plain.get("root", plain))
        await self._fastmcp.send_to_client(self.require_scope(), plain["method"], plain.get("params"))

    async def close_sse_stream(self) -> None:
        """Ends the HTTP connection of this call, not the call: the client comes back for the answer (polling,
        2025-11-25). Does nothing where streams cannot be resumed."""
        from wireglass.wire.http_sessions import CLOSE_STREAM

        close = (self.scope.http_scope or {}).get(CLOSE_STREAM) if self.scope is not None else None
        if close is not None:
            close()

    # -- the server's own components -----------------------------------------------------------------------------

    async def read_resource(self, uri: Any) -> Any:
        """Reads a resource of this server. Raises NotFoundError, ResourceError."""
        return await self._fastmcp.read_resource(str(uri))

    async def get_prompt(self, name: str, arguments: dict[str, Any] | None = None) -> Any:
        """Renders a prompt of this server. Raises NotFoundError, PromptError."""
        return await self._fastmcp.render_prompt(name, arguments)

    async def list_tools(self) -> Any:
        """This server's tools."""
        return await self._fastmcp.list_tools()

    async def list_resources(self) -> Any:
        """This server's resources."""
        return await self._fastmcp.list_resources()

    async def list_prompts(self) -> Any:
        """This server's prompts."""
        return await self._fastmcp.list_prompts()

    # -- being current -------------------------------------------------------------------------------------------

    def active(self) -> "_Active":
        """`with context.active():` makes this the context that `get_context()` returns."""
        return _Active(self)

    async def __aenter__(self) -> "Context":
        self._tokens = [*getattr(self, "_tokens", []), current_context.set(self)]
        return self

    async def __aexit__(self, *_exception: object) -> None:
        current_context.reset(self._tokens.pop())


class _Active:
    """A class, since every request passes here twice and a generator's context manager costs four times as much."""

    __slots__ = ("_context", "_token")

    def __init__(self, context: Context) -> None:
        self._context = context

    def __enter__(self) -> Context:
        self._token = current_context.set(self._context)
        return self._context

    def __exit__(self, *_exception: object) -> None:
        current_context.reset(self._token)


class _SyncContext(Context):
    """The same context where `get_state` is not awaited."""

    def get_state(self, key: str, default: Any = None, *, scope: Literal["session", "server"] = "session") -> Any:
        return self._find_state(key, default) if scope == "session" else super().get_state(key, default, scope=scope)


def _plain(model: Any) -> dict[str, Any]:
    if not hasattr(model, "model_dump"):
        raise WireglassError(f"{model!r} is not a notification: it needs `method` and `params`.")
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)
