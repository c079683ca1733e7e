"""Folds the OpenTelemetry spans that a server's author makes inside a traced call into its own spans.

Imports nothing of OpenTelemetry: it is looked at only when the author's code has loaded it already, so servers without
it pay nothing. Spans of this package's own instrumentation are left out: the chain is measured directly.
"""

import sys
from time import perf_counter_ns
from typing import Any
from weakref import WeakKeyDictionary

from wireglass.protocol.spans import label
from wireglass.tracing import Place, look_for, place

__all__ = ["watch_opentelemetry"]

_OURS = ("fastmcp", "mcp-python-sdk", "wireglass")
_MOST_FACTS = 20
_LONGEST_FACT = 200
_watched: WeakKeyDictionary[Any, "_Processor"] = WeakKeyDictionary()
_ATTACH = "add_span_processor"


def watch_opentelemetry() -> None:
    """Called when a request asks for spans: from then on the provider in use tells of its spans. Never raises."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None or "opentelemetry.sdk.trace" not in sys.modules:
        return
    provider: Any = trace.get_tracer_provider()
    attach = getattr(provider, _ATTACH, None)
    if attach is None:
        return
    try:
        if provider in _watched:
            return
        processor = _Processor(trace)
        _watched[provider] = processor
        attach(processor)
        look_for(processor.innermost)
    except TypeError:  # a provider of somebody's own that can be neither kept weakly nor attached to
        return


class _Processor:
    """A `SpanProcessor` by its methods. They run on whatever thread makes the span."""

    def __init__(self, trace: Any) -> None:
        self._trace = trace
        self._open: dict[int, Place] = {}

    def on_start(self, span: Any, parent_context: Any = None) -> None:
        """Opens a stretch, if the span begins inside a traced call."""
        here = place()
        if here is None or _is_ours(span):
            return
        trace, inside = here
        above = getattr(span, "parent", None)
        parent = self._open.get(above.span_id) if above is not None else None
        if parent is not None and parent[0] is trace:
            inside = parent[1]
        named = label("user", str(span.name))
        self._open[span.context.span_id] = Place(trace, trace.begin(named, inside, perf_counter_ns()))

    def on_end(self, span: Any) -> None:
        """Closes it, with the name and attributes that the span has by now."""
        found = self._open.pop(span.context.span_id, None)
        if found is None:
            return
        trace, row = found
        trace.end(row)
        trace.rename(row, label("user", str(span.name)))
        trace.tell(row, _facts(span))

    def innermost(self) -> Place | None:
        """The stretch of the span that is current where this is asked."""
        if not self._open:
            return None
        return self._open.get(self._trace.get_current_span().get_span_context().span_id)

    def _on_ending(self, span: Any) -> None:
        """The SDK asks before a span ends; there is nothing to add."""

    def shutdown(self) -> None:
        """The provider ends."""
        self._open.clear()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing is held back."""
        return True


def _is_ours(span: Any) -> bool:
    scope = getattr(span, "instrumentation_scope", None)
    return getattr(scope, "name", None) in _OURS


def _facts(span: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"source": "OpenTelemetry"}
    for name, value in list((getattr(span, "attributes", None) or {}).items())[:_MOST_FACTS]:
        if isinstance(value, str):
            facts[str(name)] = value[:_LONGEST_FACT]
        elif isinstance(value, bool | int | float):
            facts[str(name)] = value
    status = getattr(span, "status", None)
    if status is not None and status.status_code.name == "ERROR":
        facts["error"] = str(status.description or "error")[:_LONGEST_FACT]
    return facts
