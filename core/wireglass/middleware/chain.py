"""One chain of middleware around one message: which hooks see it, in which order, and who is to blame when it fails.

A chain costs something with every call of a server. So a middleware without a hook for the message is no link at all,
and one of our own with one hook is called directly: what a link watches for, ours do not do.
"""

import functools
import inspect
from collections.abc import Awaitable, Callable, Sequence
from types import CodeType
from typing import Any, Literal, cast

from wireglass.middleware.base import (
    Middleware,
    MiddlewareContext,
    has_own_hooks,
    hooks_for,
    is_positional,
    overridden_hooks,
)
from wireglass.protocol.spans import label
from wireglass.tracing import within

__all__ = ["Measured", "assemble", "begin", "compose", "to_blame"]

_Next = Callable[[MiddlewareContext[Any]], Awaitable[Any]]

Measured = Literal["no", "links", "hooks"]
"""Which links of a chain measure themselves when the request asks: those with a hook for the message; all, and tell the
hooks that they override."""

_OWN_CALL = "__call__"
_OURS = "wireglass.middleware."
_plans: dict[tuple[str | None, str], dict[type[Any], tuple[str, bool]]] = {}
"""By method and type of message, for each class of middleware: its one hook, "" for none, or `__call__`; and whether it
is ours."""


def compose(middlewares: Sequence[Callable[..., Any]], handler: _Next) -> _Next:
    """The chain: the first middleware is the outermost, `handler` is the end."""
    return functools.partial(begin, middlewares, handler, "no")


def begin(
    middlewares: Sequence[Callable[..., Any]],
    handler: _Next,
    measure: Measured,
    context: MiddlewareContext[Any],
) -> Awaitable[Any]:
    """Sends one message through a chain. Awaiting it raises what the middleware and the handler raise, and
    RuntimeError for a middleware that returns nothing or calls itself without end."""
    if context.method == "initialize":
        handler = _Remembering(handler)
    return assemble(middlewares, handler, measure, context.method, context.type)(context)


def assemble(
    middlewares: Sequence[Callable[..., Any]], handler: _Next, measure: Measured, method: str | None, type_: str
) -> _Next:
    """The chain for messages of one method. It may be kept for as long as the middleware stay the same."""
    plan = _plans.get((method, type_))
    if plan is None:
        plan = _plans[method, type_] = {}
    chain = handler
    for middleware in reversed(middlewares):
        kind = type(middleware)
        known = plan.get(kind)
        if known is None:
            known = plan[kind] = _hook_of(kind, method, type_)
        hook, ours = known
        if hook != _OWN_CALL and has_own_hooks(cast("Middleware", middleware)):
            hook, ours = _OWN_CALL, False
        if ours:
            chain = functools.partial(getattr(middleware, hook), call_next=chain)
        elif hook == _OWN_CALL:
            chain = _link(middleware, middleware, chain)
        elif hook:
            chain = _link(middleware, getattr(middleware, hook), chain)
        if measure == "hooks":
            told = {"hooks": list(overridden_hooks(kind))}
            chain = functools.partial(within, label("middleware", kind.__name__), told, chain)
        elif hook and measure == "links":
            chain = functools.partial(within, label("middleware", kind.__name__), None, chain)
    return chain


def _hook_of(kind: type[Any], method: str | None, type_: str) -> tuple[str, bool]:
    if not issubclass(kind, Middleware) or kind.__call__ is not Middleware.__call__:
        return _OWN_CALL, False
    hooks = hooks_for(kind, method, type_)
    if not hooks:
        return "", False
    first, *more = hooks
    if more or is_positional(kind, first):
        return _OWN_CALL, False
    return first, kind.__module__.startswith(_OURS)


def _link(middleware: Callable[..., Any], call: Callable[..., Awaitable[Any]], chain: _Next) -> _Next:
    async def link(context: MiddlewareContext[Any]) -> Any:
        try:
            result = await call(context, chain)
        except RecursionError as error:
            raise RuntimeError(
                f"Middleware loop detected: {type(middleware).__name__} calls itself without end. "
                "Call self.next(...) once instead of its own hook."
            ) from error
        if result is None and context.type == "request":
            return _instead_of_nothing(middleware, context, chain)
        return result

    return link


class _Remembering:
    """The end of the chain of an `initialize`, whose hooks returned nothing in older versions of FastMCP."""

    def __init__(self, handler: _Next) -> None:
        self._handler = handler
        self.result: Any = None

    async def __call__(self, context: MiddlewareContext[Any]) -> Any:
        self.result = await self._handler(context)
        return self.result


def _instead_of_nothing(middleware: Callable[..., Any], context: MiddlewareContext[Any], chain: Any) -> Any:
    """Raises RuntimeError that names the middleware, except for an `initialize` that went on."""
    while not isinstance(chain, _Remembering) and chain is not None:
        inner: Any = chain.keywords if isinstance(chain, functools.partial) else _closed_over(chain)
        chain = inner.get("call_next" if isinstance(chain, functools.partial) else "chain")
    if isinstance(chain, _Remembering) and chain.result is not None:
        return chain.result
    raise RuntimeError(
        f"The middleware {type(middleware).__name__} returned nothing for {context.method}. "
        "Return what call_next gave, or a result of your own."
    )


def _closed_over(function: Any) -> Any:
    return inspect.getclosurevars(function).nonlocals if inspect.isfunction(function) else {}


# Who is to blame


def to_blame(error: BaseException) -> str | None:
    """The class of the middleware whose own code raised, None when the error came from further in."""
    name: str | None = None
    at = error.__traceback__
    while at is not None:
        frame = at.tb_frame
        owner = frame.f_locals.get("self")
        if isinstance(owner, Middleware):
            name = type(owner).__name__
        elif frame.f_code is _LINK:
            name = type(frame.f_locals["middleware"]).__name__
        elif str(frame.f_globals.get("__name__")).startswith("wireglass.server."):
            name = None
        at = at.tb_next
    return name


def _link_code() -> CodeType:
    return cast("Any", _link(len, cast("Any", len), cast("Any", len))).__code__


_LINK = _link_code()
