"""What the middleware that add tools have in common: tools made once for each server, listed first, run first."""

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from wireglass.middleware.base import CallNext, Middleware, MiddlewareContext

__all__ = ["InjectingMiddleware"]


class InjectingMiddleware(Middleware):
    """Adds the tools that `tools_for(server)` makes: functions or Tool objects. They win over those of the server."""

    def __init__(self, tools_for: Callable[[Any], Sequence[Any]]) -> None:
        self._tools_for = tools_for
        self._made: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()

    async def on_list_tools(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Puts the tools before those of the server."""
        own = self._own(context)
        return [*own.values(), *(tool for tool in await call_next(context) if tool.name not in own)]

    async def on_call_tool(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Runs one of the tools, or goes on."""
        tool = self._own(context).get(context.message.name)
        if tool is None:
            return await call_next(context)
        return await tool.run(dict(context.message.arguments or {}))

    def _own(self, context: MiddlewareContext[Any]) -> dict[str, Any]:
        server = context.fastmcp_context.fastmcp
        own = self._made.get(server)
        if own is None:
            made = [server.make_tool(tool) for tool in self._tools_for(server)]
            own = self._made[server] = {tool.name: tool for tool in made}
        return own
