"""Middleware spans as they travel on a response: `_meta["dev.wireglass/spans"]`, asked for by `dev.wireglass/trace`.

Each span is one JSON object: `name`, `kind`, `start` and `dur` in microseconds since the request arrived, `parent`
(the index of the enclosing span, absent at the top) and `facts` (absent when empty). A server is untrusted input, so
reading is lenient: what does not fit is left out and counted, never raised.
"""

from collections.abc import Iterable
from typing import Any, TypeGuard, get_args

from wireglass.protocol.messages import JsonObject, Span, SpanKind

__all__ = [
    "CHAIN",
    "MOST_SPANS",
    "SPANS_KEY",
    "TRACE_KEY",
    "asks_for_spans",
    "decode_spans",
    "encode_spans",
    "spans_of",
]

TRACE_KEY = "dev.wireglass/trace"
SPANS_KEY = "dev.wireglass/spans"
CHAIN = "chain"
MOST_SPANS = 10_000
"""More spans than this on one response are cut off: a loop over `ctx.span` must not outweigh the result."""

_KINDS = frozenset(get_args(SpanKind))


def asks_for_spans(meta: JsonObject | None) -> bool:
    """Whether a request's `_meta` asks for spans: with true, or with "chain" for the hooks of the middleware too."""
    return meta is not None and (meta.get(TRACE_KEY) is True or meta.get(TRACE_KEY) == CHAIN)


def encode_spans(spans: Iterable[Span]) -> list[JsonObject]:
    """The JSON form, in the order given; `parent` stays an index into that order."""
    encoded: list[JsonObject] = []
    for span in spans:
        entry: JsonObject = {"name": span.name, "kind": span.kind, "start": span.start_us, "dur": span.duration_us}
        if span.parent is not None:
            entry["parent"] = span.parent
        if span.facts:
            entry["facts"] = span.facts
        encoded.append(entry)
        if len(encoded) == MOST_SPANS:
            break
    return encoded


def decode_spans(value: Any) -> tuple[tuple[Span, ...], int]:
    """The spans of a peer's list and how many entries did not fit.

    A parent must come before its children; a span whose parent did not fit moves up to the top.
    """
    if not isinstance(value, list):
        return (), int(value is not None)
    spans: list[Span] = []
    new_index: dict[int, int] = {}
    for index, entry in enumerate(value[:MOST_SPANS]):
        span = _decode_one(entry, new_index)
        if span is not None:
            new_index[index] = len(spans)
            spans.append(span)
    return tuple(spans), len(value) - len(spans)


def spans_of(message: Any) -> tuple[Span, ...]:
    """The spans that a response message carries, in its result's `_meta` or its error's `data`."""
    if not isinstance(message, dict):
        return ()
    result = message.get("result")
    meta = result.get("_meta") if isinstance(result, dict) else None
    if meta is None:
        error = message.get("error")
        meta = error.get("data") if isinstance(error, dict) else None
    return decode_spans(meta.get(SPANS_KEY))[0] if isinstance(meta, dict) else ()


def _decode_one(entry: Any, new_index: dict[int, int]) -> Span | None:
    if not isinstance(entry, dict):
        return None
    fields: dict[str, Any] = entry
    if not isinstance(fields.get("name"), str) or fields.get("kind") not in _KINDS:
        return None
    if not _is_count(fields.get("start")) or not _is_count(fields.get("dur")):
        return None
    parent, facts = fields.get("parent"), fields.get("facts")
    return Span(
        name=fields["name"],
        kind=fields["kind"],
        start_us=fields["start"],
        duration_us=fields["dur"],
        parent=new_index.get(parent) if _is_count(parent) else None,
        facts=facts if isinstance(facts, dict) else {},
    )


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
