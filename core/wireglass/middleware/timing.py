"""How long requests take, as log lines: one for each request, or one that names the tool, resource or prompt."""

import logging
from time import perf_counter_ns
from typing import Any

from wireglass.middleware.base import CallNext, Middleware, MiddlewareContext
from wireglass.recording.masking import Masker

__all__ = ["DetailedTimingMiddleware", "TimingMiddleware"]


class _Timer(Middleware):
    """Measures and writes. `log_level` is a number or a name."""

    def __init__(self, logger: logging.Logger | None = None, log_level: int | str = logging.INFO) -> None:
        self.logger = logger or logging.getLogger("fastmcp.timing")
        self.log_level = logging.getLevelNamesMapping()[log_level.upper()] if isinstance(log_level, str) else log_level
        self._masker = Masker()

    async def _timed(self, what: str, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        begin = perf_counter_ns()
        try:
            result = await call_next(context)
        except Exception as error:
            reason = self._masker.text(str(error))
            self.logger.log(self.log_level, "%s failed after %.2fms: %s", what, _since(begin), reason)
            raise
        if self.logger.isEnabledFor(self.log_level):
            self.logger.log(self.log_level, "%s completed in %.2fms", what, _since(begin))
        return result


class TimingMiddleware(_Timer):
    """Logs the duration of each request, failed ones too."""

    async def on_request(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Measures one request."""
        if not self.logger.isEnabledFor(self.log_level):
            return await call_next(context)
        return await self._timed(f"Request {context.method or 'unknown'}", context, call_next)


class DetailedTimingMiddleware(_Timer):
    """Names the tool, resource or prompt in each line; other requests are not timed."""

    async def on_call_tool(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Measures a tool."""
        return await self._timed(f"Tool {context.message.name!r}", context, call_next)

    async def on_read_resource(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Measures a resource."""
        return await self._timed(f"Resource {str(context.message.uri)!r}", context, call_next)

    async def on_get_prompt(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Measures a prompt."""
        return await self._timed(f"Prompt {context.message.name!r}", context, call_next)

    async def on_list_tools(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Measures a list."""
        return await self._timed("List tools", context, call_next)

    async def on_list_resources(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Measures a list."""
        return await self._timed("List resources", context, call_next)

    async def on_list_resource_templates(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Measures a list."""
        return await self._timed("List resource templates", context, call_next)

    async def on_list_prompts(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Measures a list."""
        return await self._timed("List prompts", context, call_next)


def _since(begin: int) -> float:
    return (perf_counter_ns() - begin) / 1e6
