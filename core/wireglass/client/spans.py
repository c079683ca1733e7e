"""A client's OpenTelemetry spans: one around each call, one around each request it takes, and the trace in `_meta`."""

from collections.abc import Awaitable
from typing import Any

from wireglass import telemetry
from wireglass.protocol.messages import JsonObject, as_object
from wireglass.session import ClientSession

__all__ = ["call_traced", "request_traced"]


async def call_traced(
    session: ClientSession, method: str, params: JsonObject, work: Awaitable[tuple[JsonObject, bool]]
) -> tuple[JsonObject, bool]:
    """Awaits `work`, the call as its caller sees it, in a span that fails with it."""
    subject = _subject(params)
    with telemetry.client_span(
        f"{method} {subject}" if subject is not None and method != "resources/read" else method,
        method,
        subject or method.partition("/")[0],
        session_id=getattr(session.transport, "session_id", None),
        resource_uri=subject if method == "resources/read" else None,
        tool_name=subject if method == "tools/call" else None,
        prompt_name=subject if method == "prompts/get" else None,
    ) as span:
        result, retried = await work
        if result.get("isError") is True and span.is_recording():
            telemetry.mark_failed(span, _text(result))
        return result, retried


async def request_traced(
    session: ClientSession,
    method: str,
    params: JsonObject,
    *,
    meta: JsonObject | None = None,
    **options: Any,
) -> JsonObject:
    """Sends one request in a span, which the server learns of."""
    with telemetry.send_span(method, _subject(params)):
        return await session.request(method, params, meta=telemetry.inject_trace_context(meta), **options)


def _subject(params: JsonObject) -> str | None:
    subject = params.get("name") or params.get("uri") or params.get("taskId")
    return subject if isinstance(subject, str) else None


def _text(result: JsonObject) -> str:
    content = result.get("content")
    parts = [as_object(part).get("text") for part in content] if isinstance(content, list) else []
    return "\n".join(part for part in parts if isinstance(part, str)) or "The tool failed and says nothing."
