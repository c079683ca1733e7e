"""Middleware: hooks around messages, told apart by method. Two dialects of hooks live in one chain.

`async def on_call_tool(self, context, call_next)` gets a `MiddlewareContext` and passes it on. The positional dialect,
`async def on_call_tool(self, tool_name, arguments, context)`, goes on with `await self.next(tool_name, arguments,
context)`; `next` belongs to the call in hand, so one middleware object serves overlapping calls.
"""

import dataclasses
import functools
import inspect
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, Literal, Protocol, TypeVar, cast

__all__ = [
    "BaseMiddleware",
    "CallNext",
    "Middleware",
    "MiddlewareContext",
    "has_own_hooks",
    "hooks_for",
    "hooks_of",
    "is_positional",
    "overridden_hooks",
]

T = TypeVar("T")
T_in = TypeVar("T_in")
R_out = TypeVar("R_out", covariant=True)


@dataclass(init=False)
class MiddlewareContext(Generic[T]):
    """One message on its way in."""

    message: T
    """The parameters: a model that also reads as a mapping."""
    fastmcp_context: Any
    """The `Context` of the request, None where there is none."""
    source: Literal["client", "server"]
    type: Literal["request", "notification"]
    method: str | None
    timestamp: datetime
    """When it arrived."""

    def __init__(
        self,
        *,
        message: T,
        fastmcp_context: Any = None,
        source: Literal["client", "server"] = "client",
        type: Literal["request", "notification"] = "request",
        method: str | None = None,
        timestamp: datetime | None = None,
    ) -> None:
        self.message = message
        self.fastmcp_context = fastmcp_context
        self.source = source
        self.type = type
        self.method = method
        self._arrived: datetime | float = time.time() if timestamp is None else timestamp

    def copy(self, **changes: Any) -> "MiddlewareContext[T]":
        """A copy with some members replaced."""
        return dataclasses.replace(self, **changes)


def _timestamp(context: MiddlewareContext[Any]) -> datetime:
    """Made when somebody asks: most messages pass without."""
    arrived = context._arrived
    if not isinstance(arrived, datetime):
        arrived = context._arrived = datetime.fromtimestamp(arrived, UTC)
    return arrived


def _set_timestamp(context: MiddlewareContext[Any], value: datetime) -> None:
    context._arrived = value


MiddlewareContext.timestamp = property(_timestamp, _set_timestamp)  # type: ignore[assignment]  # a field to everybody else


class CallNext(Protocol[T_in, R_out]):
    """What a hook calls to go on."""

    def __call__(self, context: "MiddlewareContext[T_in]") -> Awaitable[R_out]: ...


_Next = Callable[[MiddlewareContext[Any]], Awaitable[Any]]

_HOOKS: dict[str, str] = {
    "initialize": "on_initialize",
    "server/discover": "on_discover",
    "tools/call": "on_call_tool",
    "resources/read": "on_read_resource",
    "prompts/get": "on_get_prompt",
    "tools/list": "on_list_tools",
    "resources/list": "on_list_resources",
    "resources/templates/list": "on_list_resource_templates",
    "prompts/list": "on_list_prompts",
}


_HOOK_NAMES = frozenset({"on_message", "on_request", "on_notification", *_HOOKS.values()})


class Middleware:
    """Base of all middleware. Override the hooks you need; each goes on by default."""

    async def __call__(self, context: MiddlewareContext[Any], call_next: _Next) -> Any:
        """Runs this middleware's hooks around `call_next`, from `on_message` inwards."""
        hooks = hooks_of(self, context.method, context.type)
        if len(hooks) == 1 and not is_positional(type(self), hooks[0]):
            return await getattr(self, hooks[0])(context, call_next)  # the usual case, without the links in between
        chain = call_next
        for hook in reversed(hooks):
            chain = functools.partial(_run_hook, self, hook, chain)
        return await chain(context)

    async def next(self, *args: Any) -> Any:
        """Goes on, inside a positional hook, with its arguments or changed ones.

        Raises RuntimeError outside a hook.
        """
        going = (_next.get() or {}).get(id(self))
        if going is None:
            raise RuntimeError(f"{type(self).__name__}.next() only works inside a hook of a running request.")
        return await going(*args)

    async def on_message(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Every request and notification."""
        return await call_next(context)

    async def on_request(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Every request."""
        return await call_next(context)

    async def on_notification(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Every notification of the client."""
        return await call_next(context)

    async def on_initialize(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """`initialize` of the handshake era."""
        return await call_next(context)

    async def on_discover(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """`server/discover` of the stateless era."""
        return await call_next(context)

    async def on_call_tool(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """`tools/call`; returns a `ToolResult`."""
        return await call_next(context)

    async def on_read_resource(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """`resources/read`; returns a `ResourceResult`."""
        return await call_next(context)

    async def on_get_prompt(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """`prompts/get`; returns a `PromptResult`."""
        return await call_next(context)

    async def on_list_tools(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """`tools/list`; returns a list of tools."""
        return await call_next(context)

    async def on_list_resources(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """`resources/list`; returns a list of resources."""
        return await call_next(context)

    async def on_list_resource_templates(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """`resources/templates/list`; returns a list of templates."""
        return await call_next(context)

    async def on_list_prompts(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """`prompts/list`; returns a list of prompts."""
        return await call_next(context)


class BaseMiddleware(Middleware):
    """Base of middleware with positional hooks; the other dialect's hooks work in it as well."""


def has_own_hooks(middleware: Middleware) -> bool:
    """Whether this one object was given hooks that its class does not have."""
    return not _HOOK_NAMES.isdisjoint(vars(middleware))


def hooks_of(middleware: Middleware, method: str | None, type_: str) -> tuple[str, ...]:
    """The hooks of a middleware that see a message, outermost first."""
    overridden, own = hooks_for(type(middleware), method, type_), vars(middleware)
    if _HOOK_NAMES.isdisjoint(own):
        return overridden
    return tuple(name for name in _seeing(method, type_) if name in overridden or name in own)


@functools.lru_cache(maxsize=1024)
def hooks_for(kind: type[Middleware], method: str | None, type_: str) -> tuple[str, ...]:
    """The hooks that a class of middleware overrides and that see a message, outermost first."""
    names = _seeing(method, type_)
    if kind.__getattribute__ is not object.__getattribute__:
        return tuple(names)  # it makes up its hooks as they are asked for: a recorder, a double
    return tuple(name for name in names if getattr(kind, name) is not getattr(Middleware, name))


def _seeing(method: str | None, type_: str) -> list[str]:
    names = ["on_message", "on_notification" if type_ == "notification" else "on_request"]
    special = _HOOKS.get(method or "")
    return [*names, special] if special else names


@functools.lru_cache(maxsize=1024)
def overridden_hooks(kind: type[Any]) -> tuple[str, ...]:
    """The hooks that a kind of middleware overrides, from `on_message` inwards; `__call__` when it has only that."""
    if not issubclass(kind, Middleware):
        return ("__call__",)
    names = dict.fromkeys(["on_message", "on_request", "on_notification", *_HOOKS.values()])
    found = tuple(name for name in names if getattr(kind, name) is not getattr(Middleware, name))
    return found or (("__call__",) if kind.__call__ is not Middleware.__call__ else ())


@functools.lru_cache(maxsize=1024)
def is_positional(kind: type[Middleware], hook: str) -> bool:
    """Whether a hook is of the positional dialect, told by its parameters."""
    try:
        names = list(inspect.signature(getattr(kind, hook)).parameters)[1:]
    except (TypeError, ValueError):
        return False
    if any(name.startswith(("call_next", "next", "_call_next", "_next")) for name in names):
        return False
    expected = {"on_call_tool": 3, "on_get_prompt": 3, "on_read_resource": 2, "on_message": 2, "on_request": 2}
    wanted = expected.get(hook, 2 if hook == "on_notification" else 1)
    if len(names) != wanted:
        return False
    return wanted != 2 or names[0] not in ("context", "ctx", "_context", "_ctx")


_next: ContextVar[dict[int, Callable[..., Awaitable[Any]]] | None] = ContextVar("wireglass_next", default=None)


async def _run_hook(middleware: Middleware, hook: str, chain: _Next, context: MiddlewareContext[Any]) -> Any:
    method = getattr(middleware, hook)
    if not is_positional(type(middleware), hook):
        return await method(context, chain)
    going = functools.partial(_go_on, hook, chain, context)
    token = _next.set({**(_next.get() or {}), id(middleware): going})
    try:
        return await method(*_arguments_for(hook, context))
    finally:
        _next.reset(token)


def _arguments_for(hook: str, context: MiddlewareContext[Any]) -> tuple[Any, ...]:
    message = context.message
    match hook:
        case "on_call_tool" | "on_get_prompt":
            return message.name, dict(message.arguments or {}), context.fastmcp_context
        case "on_read_resource":
            return message.uri, context.fastmcp_context
        case "on_message" | "on_request" | "on_notification":
            return _PositionalMessage(context.method, message), context.fastmcp_context
        case _:
            return (context.fastmcp_context,)


async def _go_on(hook: str, chain: _Next, context: MiddlewareContext[Any], *args: Any) -> Any:
    """Continues after a positional hook; its arguments replace those of the message."""
    message = context.message
    changed: Any = message
    if hook in ("on_call_tool", "on_get_prompt") and len(args) >= 2:
        changed = message.model_copy(update={"name": args[0], "arguments": args[1]})
    elif hook == "on_read_resource" and args:
        changed = message.model_copy(update={"uri": str(args[0])})
    elif hook in ("on_message", "on_request", "on_notification") and args:
        changed = args[0].apply(message) if isinstance(args[0], _PositionalMessage) else message
    return await chain(context if changed is message else context.copy(message=changed))


class _PositionalMessage(dict[str, Any]):
    """A message as a dict with `method` and `params` that also has attributes."""

    def __init__(self, method: str | None, params: Any) -> None:
        wire = params.wire() if hasattr(params, "wire") else {}
        super().__init__(method=method, params=wire)
        self._before = dict(wire)

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return self[name]
        params = cast("dict[str, Any]", self["params"])
        if name in params:
            return params[name]
        raise AttributeError(name)

    def apply(self, message: Any) -> Any:
        """The parameters with what a hook changed."""
        params = cast("dict[str, Any]", self["params"])
        return message if params == self._before else type(message).model_validate(params)
