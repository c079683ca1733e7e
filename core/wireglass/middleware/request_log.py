"""Requests and notifications as log lines, for people or as JSON, with payloads only when asked and never a secret."""

import json
import logging
from collections.abc import Callable, Collection
from time import perf_counter_ns
from typing import Any, Literal

from pydantic_core import to_json

from wireglass.middleware.base import CallNext, Middleware, MiddlewareContext
from wireglass.recording.masking import Masker

__all__ = ["LoggingMiddleware", "StructuredLoggingMiddleware"]


class LoggingMiddleware(Middleware):
    """Logs when a message begins and how it ends.

    `level` (or `log_level`): number or name. `methods`: only these. Payloads are masked, then cut to
    `max_payload_length` characters; `redact` are texts to mask besides tokens and members that look secret.
    `format="json"` writes one JSON object a line.
    """

    def __init__(
        self,
        *,
        logger: logging.Logger | None = None,
        level: int | str | None = None,
        log_level: int | str = logging.INFO,
        format: Literal["text", "json"] = "text",
        include_payloads: bool = False,
        include_payload_length: bool = False,
        estimate_payload_tokens: bool = False,
        max_payload_length: int | None = 1000,
        methods: Collection[str] | None = None,
        payload_serializer: Callable[[Any], str] | None = None,
        redact: Collection[str] = (),
    ) -> None:
        if format not in ("text", "json"):
            raise ValueError(f'format must be "text" or "json", not {format!r}.')
        chosen = log_level if level is None else level
        self.log_level = logging.getLevelNamesMapping()[chosen.upper()] if isinstance(chosen, str) else chosen
        self.logger = logger or logging.getLogger("fastmcp.requests")
        self.structured_logging = format == "json"
        self.include_payloads = include_payloads
        self.include_payload_length = include_payload_length
        self.estimate_payload_tokens = estimate_payload_tokens
        self.max_payload_length = max_payload_length
        self.methods = None if methods is None else frozenset(methods)
        self.payload_serializer = payload_serializer
        self._masker = Masker(redact)

    async def on_message(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Logs one message."""
        shown = self.logger.isEnabledFor(self.log_level)
        unwanted = self.methods is not None and context.method not in self.methods
        if unwanted or not (shown or self.logger.isEnabledFor(logging.ERROR)):
            return await call_next(context)
        if shown:
            self._write(self.log_level, self._begin(context))
        begin = perf_counter_ns()
        try:
            result = await call_next(context)
        except Exception as error:
            facts = {"event": f"{context.type}_error", **_who(context), "duration_ms": _since(begin)}
            self._write(logging.ERROR, {**facts, "error": self._masker.text(str(error))})
            raise
        if shown:
            self._write(
                self.log_level, {"event": f"{context.type}_success", **_who(context), "duration_ms": _since(begin)}
            )
        return result

    def _begin(self, context: MiddlewareContext[Any]) -> dict[str, Any]:
        facts: dict[str, Any] = {"event": f"{context.type}_start", **_who(context), "source": context.source}
        if not (self.include_payloads or self.include_payload_length or self.estimate_payload_tokens):
            return facts
        payload = self._payload(context.message)
        if self.include_payload_length:
            facts["payload_length"] = len(payload)
        if self.estimate_payload_tokens:
            facts["payload_tokens"] = len(payload) // 4
        if self.include_payloads:
            limit = self.max_payload_length
            shown = self._masker.text(payload)
            facts["payload"] = shown if limit is None or len(shown) <= limit else shown[:limit] + "..."
            facts["payload_type"] = type(context.message).__name__
        return facts

    def _payload(self, message: Any) -> str:
        if self.payload_serializer is not None:
            return self.payload_serializer(message)
        plain = message.wire() if hasattr(message, "wire") else message
        return to_json(plain, fallback=str, inf_nan_mode="null").decode()

    def _write(self, level: int, facts: dict[str, Any]) -> None:
        if self.structured_logging:
            self.logger.log(level, json.dumps(facts, default=str))
        else:
            # A payload is somebody else's text: line ends in it would forge log lines.
            self.logger.log(level, " ".join(f"{name}={_one_line(value)}" for name, value in facts.items()))


class StructuredLoggingMiddleware(LoggingMiddleware):
    """`LoggingMiddleware(format="json")` under the name that other servers use."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("format", "json")
        super().__init__(**options)


def _who(context: MiddlewareContext[Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {"method": context.method or "unknown"}
    name = getattr(context.message, "name", None) or getattr(context.message, "uri", None)
    if isinstance(name, str):
        facts["name"] = name[:200]
    return facts


def _since(begin: int) -> float:
    return round((perf_counter_ns() - begin) / 1e6, 2)


def _one_line(value: Any) -> str:
    text = str(value)
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
