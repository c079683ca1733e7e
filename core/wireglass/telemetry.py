"""OpenTelemetry: which spans are made, and how a trace travels in `_meta`. Nothing is loaded or made while it is off.

It is on when the process has set up a tracer provider (`opentelemetry-instrument`, or the SDK in the author's code)
and the setting `TELEMETRY_MODE` is not "off". The names are those of the semantic conventions for MCP and, where
these have none, the ones dashboards for FastMCP already use; hence also the instrumentation's name.
"""

import sys
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Literal, cast

from wireglass.settings import setting

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span, SpanKind, Tracer

__all__ = [
    "INSTRUMENTATION_NAME",
    "TRACE_PARENT_KEY",
    "TRACE_STATE_KEY",
    "Mode",
    "client_span",
    "delegate_span",
    "extract_trace_context",
    "get_tracer",
    "inject_trace_context",
    "is_on",
    "made_span",
    "mark_failed",
    "named",
    "native_spans_enabled",
    "send_span",
    "suppress_telemetry",
    "telemetry_mode",
]

INSTRUMENTATION_NAME = "fastmcp"
SENDING_NAME = "mcp-python-sdk"
TRACE_PARENT_KEY = "traceparent"
TRACE_STATE_KEY = "tracestate"

Mode = Literal["native", "propagation_only", "off"]
_SUPPRESSED = "wireglass.telemetry.suppressed"


def is_on() -> bool:
    """Whether somebody in this process collects spans. Cheap: asked several times on each request."""
    trace: Any = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return False
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def telemetry_mode() -> Mode:
    """What is done here: "native" (spans and propagation), "propagation_only", or "off" (nothing is touched)."""
    mode = (setting("TELEMETRY_MODE") or "native").strip().lower()
    if mode == "off":
        return "off"
    if mode == "propagation_only" or _suppressed():
        return "propagation_only"
    return "native"


def native_spans_enabled() -> bool:
    """Whether we make spans of our own."""
    return telemetry_mode() == "native"


def _suppressed() -> bool:
    from opentelemetry import context

    return context.get_value(_SUPPRESSED) is True


@contextmanager
def suppress_telemetry() -> Generator[None, None, None]:
    """Inside the block we make no spans; traces are still passed on (unless the mode is "off")."""
    from opentelemetry import context

    token = context.attach(context.set_value(_SUPPRESSED, True))
    try:
        yield
    finally:
        context.detach(token)


def get_tracer(version: str | None = None) -> "Tracer":
    """The tracer our spans come from; authors may use it for their own. Raises ImportError without OpenTelemetry."""
    from opentelemetry import trace

    return trace.get_tracer(INSTRUMENTATION_NAME, version)


# The trace in `_meta`


def inject_trace_context(meta: dict[str, Any] | None = None) -> dict[str, Any] | None:
    """`meta` and where in the current trace we are (W3C `traceparent`, `tracestate`); unchanged without a trace."""
    if telemetry_mode() == "off":
        return meta
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return {**(meta or {}), **carrier} if carrier else meta


def extract_trace_context(meta: Mapping[str, Any] | None) -> "Context":
    """The current context inside the trace that `meta` tells of; the current one when it tells of none."""
    from opentelemetry import context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    current = context.get_current()
    if not meta or telemetry_mode() == "off":
        return current
    carrier = {key: meta[key] for key in (TRACE_PARENT_KEY, TRACE_STATE_KEY) if isinstance(meta.get(key), str)}
    return TraceContextTextMapPropagator().extract(carrier, context=current) if carrier else current


# Spans


@contextmanager
def made_span(
    name: str, kind: "SpanKind", attributes: dict[str, Any], *, parent: "Context | None" = None
) -> Generator["Span", None, None]:
    """A span around the block, current inside it; an exception makes it a failed one. Without native spans: none."""
    from opentelemetry.trace import INVALID_SPAN

    if not native_spans_enabled():
        yield INVALID_SPAN
        return
    quiet: Any = {"record_exception": False, "set_status_on_exception": False}
    with get_tracer().start_as_current_span(name, parent, kind, attributes, **quiet) as span:
        if span.is_recording() and not getattr(span, "attributes", None):
            span.set_attributes(attributes)  # a sampler that forwards none has not decided against them
        try:
            yield span
        except Exception as error:
            mark_failed(span, error)
            raise


def mark_failed(span: "Span", error: BaseException | str) -> None:
    """Says on the span that it failed: with the exception, or with the text of a tool's error."""
    from opentelemetry.trace import Status, StatusCode

    from wireglass.errors import ToolError

    if isinstance(error, str):
        span.set_attribute("error.type", "tool_error")
    else:
        span.set_attribute("error.type", "tool_error" if isinstance(error, ToolError) else type(error).__name__)
        span.record_exception(error)
    span.set_status(Status(StatusCode.ERROR, str(error)))


def _kind(name: str) -> "SpanKind":
    from opentelemetry.trace import SpanKind

    return cast("SpanKind", getattr(SpanKind, name))


def named(
    method: str, *, resource_uri: str | None = None, tool_name: str | None = None, prompt_name: str | None = None
) -> dict[str, Any]:
    """The attributes that name a request and what it is about."""
    facts = {
        "mcp.method.name": method,
        "mcp.resource.uri": resource_uri,
        "gen_ai.tool.name": tool_name,
        "gen_ai.prompt.name": prompt_name,
    }
    return {key: value for key, value in facts.items() if value is not None}


def client_span(
    name: str,
    method: str,
    component_key: str,
    session_id: str | None = None,
    resource_uri: str | None = None,
    tool_name: str | None = None,
    prompt_name: str | None = None,
) -> AbstractContextManager["Span"]:
    """A client's call, however many requests it takes."""
    about = named(method, resource_uri=resource_uri, tool_name=tool_name, prompt_name=prompt_name)
    about["fastmcp.component.key"] = component_key
    if session_id is not None:
        about["mcp.session.id"] = session_id
    return made_span(name, _kind("CLIENT"), about)


@contextmanager
def send_span(method: str, subject: str | None) -> Generator[None, None, None]:
    """One request on the wire."""
    if not native_spans_enabled():
        yield
        return
    from opentelemetry import trace

    name = f"MCP send {method} {subject}" if subject is not None else f"MCP send {method}"
    tracer = trace.get_tracer(SENDING_NAME)
    with tracer.start_as_current_span(name, kind=_kind("CLIENT"), attributes={"mcp.method.name": method}):
        yield


def delegate_span(
    name: str, provider_type: str, component_key: str, method: str | None = None
) -> AbstractContextManager["Span"]:
    """The hand-over from one server to another that is mounted in it."""
    about = {"fastmcp.provider.type": provider_type, "fastmcp.component.key": component_key}
    if method is not None:
        about["mcp.method.name"] = method
    return made_span(f"delegate {name}", _kind("INTERNAL"), about)
