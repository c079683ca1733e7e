"""How long requests take, as log lines: one for each request, or one that names the tool, resource or prompt."""

import logging
from time import perf_counter_ns
from typing import Any

from wireglass.middleware.base import CallNext, Middleware, MiddlewareContext

__all__ = ["DetailedTimingMiddleware", "TimingMiddleware"]


class TimingMiddleware(Middleware):
    """Logs the duration of each request, failed ones too. `log_level` is a number or a name."""

    def __init__(self, logger: logging.Logger | None = None, log_level: int | str = logging.INFO) -> None:
        self.logger = logger or logging.getLogger("fastmcp.timing")
        self.log_level = logging.getLevelNamesMapping()[log_level.upper()] if isinstance(log_level, str) else log_level

    async def on_request(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Measures one request."""
        begin = perf_counter_ns()
        try:
            result = await call_next(context)
        except Exception as error:
            self._log("%s failed after %.2fms: %s", context, begin, type(error).__name__)
            raise
        self._log("%s completed in %.2fms", context, begin)
        return result

    def what(self, context: MiddlewareContext[Any]) -> str:
        """What a log line calls a request."""
        return f"Request {context.method or 'unknown'}"

    def _log(self, template: str, context: MiddlewareContext[Any], begin: int, *more: str) -> None:
        if self.logger.isEnabledFor(self.log_level):
            self.logger.log(self.log_level, template, self.what(context), (perf_counter_ns() - begin) / 1e6, *more)


class DetailedTimingMiddleware(TimingMiddleware):
    """Names the tool, resource or prompt in each line."""

    _NOUNS = {
        "tools/call": ("Tool", "name"),
        "resources/read": ("Resource", "uri"),
        "prompts/get": ("Prompt", "name"),
    }

    def what(self, context: MiddlewareContext[Any]) -> str:
        """ "Tool 'x'", or the method."""
        noun, member = self._NOUNS.get(context.method or "", ("", ""))
        return f"{noun} {getattr(context.message, member, '')!r}" if noun else super().what(context)
