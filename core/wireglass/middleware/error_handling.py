"""What happens with exceptions: counted, logged, told to a callback, mapped to JSON-RPC codes; and tried again."""

import asyncio
import inspect
import logging
import random
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from wireglass.errors import INTERNAL_ERROR, INVALID_PARAMS, FastMCPError, McpError, NotFoundError
from wireglass.middleware.base import CallNext, Middleware, MiddlewareContext

__all__ = ["ErrorHandlingMiddleware", "RetryMiddleware"]

MOST_KINDS = 1000
"""Different errors that are counted: their names may come from anywhere."""

_CODES: Mapping[type[BaseException], tuple[int, str]] = {
    ValueError: (INVALID_PARAMS, "Invalid params"),
    TypeError: (INVALID_PARAMS, "Invalid params"),
    FileNotFoundError: (-32001, "Resource not found"),
    KeyError: (-32001, "Resource not found"),
    PermissionError: (-32000, "Permission denied"),
    TimeoutError: (-32000, "Request timeout"),
}
"""Codes that clients of FastMCP servers know. More special types win over their bases."""


class ErrorHandlingMiddleware(Middleware):
    """Gives every error one form. To be added first, so that it sees the errors of all others.

    `ToolError` and its relatives, and errors of the protocol, pass as they are: their text is meant for the client.
    Other exceptions become JSON-RPC errors (`transform_errors`), by `codes` (exception type to code) before our own
    table; `mask_error_details` leaves their text out. `error_callback(error, context)` may be a coroutine function;
    what it raises is logged only.
    """

    def __init__(
        self,
        logger: logging.Logger | None = None,
        include_traceback: bool = False,
        error_callback: Callable[[Exception, MiddlewareContext[Any]], Any] | None = None,
        transform_errors: bool = True,
        *,
        mask_error_details: bool = False,
        codes: Mapping[type[BaseException], int] | None = None,
    ) -> None:
        self.logger = logger or logging.getLogger("fastmcp.errors")
        self.include_traceback = include_traceback
        self.error_callback = error_callback
        self.transform_errors = transform_errors
        self.mask_error_details = mask_error_details
        self._codes = dict(codes or {})
        self._counts: Counter[str] = Counter()

    async def on_message(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Handles the errors of one message."""
        try:
            return await call_next(context)
        except Exception as error:
            await self._notice(error, context)
            changed = self._transformed(error)
            if changed is error:
                raise
            raise changed from error

    def get_error_stats(self) -> dict[str, int]:
        """How often each error came: `"ToolError:tools/call": 3`."""
        return dict(self._counts)

    async def _notice(self, error: Exception, context: MiddlewareContext[Any]) -> None:
        cause = _cause(error)
        method = context.method or "unknown"
        key = f"{type(cause).__name__}:{method}"
        if key in self._counts or len(self._counts) < MOST_KINDS:
            self._counts[key] += 1
        text = f"Error in {method}: {type(cause).__name__}: {cause}"
        if self.include_traceback:
            text += "\n" + "".join(traceback.format_exception(error))
        self.logger.error("%s", text)
        if self.error_callback is None:
            return
        try:
            outcome = self.error_callback(error, context)
            if inspect.isawaitable(outcome):
                await outcome
        except Exception:  # boundary: the author's callback must not hide the error it was told
            self.logger.exception("The error callback failed")

    def _transformed(self, error: Exception) -> Exception:
        if isinstance(error, McpError | FastMCPError) or not self.transform_errors:
            return error
        code, words = self._code_for(error)
        return McpError(code, words if self.mask_error_details else f"{words}: {error}")

    def _code_for(self, error: Exception) -> tuple[int, str]:
        for kind in type(error).__mro__:
            if kind in self._codes:
                return self._codes[kind], "Error"
            if kind in _CODES:
                return _CODES[kind]
        return INTERNAL_ERROR, "Internal error"


class RetryMiddleware(Middleware):
    """Tries requests again that failed for a passing reason, with growing pauses.

    At most `max_retries` more attempts, after pauses of `base_delay` seconds times `backoff_multiplier` for each, up
    to `max_delay`, shortened at random by up to a quarter so that clients do not come back together. Only for
    `retry_exceptions`, also when a ToolError was made of one. Tools must bear being called twice: a tool that says
    `readOnlyHint` or `idempotentHint` does, others are your decision.
    """

    def __init__(
        self,
        max_retries: int = 3,
        base_delay: float = 1.0,
        max_delay: float = 60.0,
        backoff_multiplier: float = 2.0,
        retry_exceptions: tuple[type[Exception], ...] = (ConnectionError, TimeoutError),
        logger: logging.Logger | None = None,
    ) -> None:
        self.max_retries = max_retries
        self.base_delay = base_delay
        self.max_delay = max_delay
        self.backoff_multiplier = backoff_multiplier
        self.retry_exceptions = retry_exceptions
        self.logger = logger or logging.getLogger("fastmcp.retry")

    async def on_request(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Runs one request, again if need be."""
        for attempt in range(self.max_retries + 1):
            try:
                return await call_next(context)
            except Exception as error:
                if attempt == self.max_retries or not self._is_passing(error):
                    raise
                pause = self._pause(attempt)
                self.logger.warning(
                    "%s failed (%s), attempt %d of %d. Retrying in %.2fs",
                    context.method,
                    type(_cause(error)).__name__,
                    attempt + 1,
                    self.max_retries + 1,
                    pause,
                )
            await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    def _is_passing(self, error: Exception) -> bool:
        if isinstance(error, NotFoundError):
            return False
        return isinstance(error, self.retry_exceptions) or isinstance(_cause(error), self.retry_exceptions)

    def _pause(self, attempt: int) -> float:
        longest = min(self.base_delay * self.backoff_multiplier**attempt, self.max_delay)
        return longest * random.uniform(0.75, 1.0)


def _cause(error: BaseException) -> BaseException:
    """The exception of the author's code, which a ToolError or the like carries on."""
    return error.__cause__ if isinstance(error, FastMCPError) and error.__cause__ is not None else error
