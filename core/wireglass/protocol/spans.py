"""Middleware spans as they travel on a response: `_meta["dev.wireglass/spans"]`, asked for by `dev.wireglass/trace`.

The form is what a server notes while it works, so that an answer pays for nothing more. It is an object. `log` is a
list: a line of text, which is a span's kind, a space and its name, and the number after it begin a span inside the one
that is open; a number alone ends the one that began last. `end` is the end of the first span, the whole request: what
was still open ends with it. Numbers are nanoseconds on a clock of the server. `facts`, absent when empty, has objects
by place as text, the count of spans that began before.

Where the request's author made spans, or tasks and threads worked side by side, there are `labels` instead, a line for
each span, and `times`, three numbers for each: the place of the span around it (-1 for none; it comes before), its
begin, and its end, null while open. Recordings of early versions have a list of objects with `name`, `kind`, `start`
and `dur` in microseconds, `parent` (a place in the list) and `facts`. A server is untrusted input, so reading is
lenient: what does not fit is left out and counted, never raised.
"""

from collections.abc import Iterable
from itertools import zip_longest
from typing import Any, NamedTuple, TypeGuard, cast, get_args

from wireglass.protocol.messages import WAITS, JsonObject, Span, SpanKind, as_object

__all__ = [
    "CHAIN",
    "MOST_SPANS",
    "SPANS_KEY",
    "SPAN_WIDTH",
    "TRACE_KEY",
    "Stretch",
    "asks_for_spans",
    "decode_spans",
    "encode_spans",
    "label",
    "spans_of",
    "unrolled",
    "written",
]

TRACE_KEY = "dev.wireglass/trace"
SPANS_KEY = "dev.wireglass/spans"
CHAIN = "chain"
MOST_SPANS = 10_000
"""More spans than this on one response are cut off: a loop over `ctx.span` must not outweigh the result."""

_MOST = 1 << 62
"""No clock comes so far, and sums of what is below still fit into 64 bits."""
_KINDS = frozenset(get_args(SpanKind))


def asks_for_spans(meta: JsonObject | None) -> bool:
    """Whether a request's `_meta` asks for spans: with true, or with "chain" for the hooks of the middleware too."""
    return meta is not None and (meta.get(TRACE_KEY) is True or meta.get(TRACE_KEY) == CHAIN)


SPAN_WIDTH = 4
"""Entries for each span in what `written` is given: label, place of the one around it, begin, end or None."""


def label(kind: SpanKind, name: str) -> str:
    """A span's line of text."""
    return f"{kind} {name}" if name.isprintable() else f"{kind} {' '.join(name.splitlines())}"


def encode_spans(spans: Iterable[Span]) -> JsonObject:
    """The JSON form, in the order given."""
    noted: list[Any] = []
    facts: dict[str, JsonObject] = {}
    for place, span in enumerate(spans):
        around = -1 if span.parent is None else span.parent
        end = span.start_us + span.duration_us
        noted += (label(span.kind, span.name), around, span.start_us * 1000, end * 1000)
        if span.facts:
            facts[str(place)] = span.facts
    return written(noted, facts)


def written(noted: list[Any], facts: dict[str, JsonObject] | None) -> JsonObject:
    """The JSON form of what was noted."""
    times = noted[:]
    labels = "\n".join(times[::SPAN_WIDTH])
    del times[::SPAN_WIDTH]
    return {"labels": labels, "times": times, "facts": facts} if facts else {"labels": labels, "times": times}


class Stretch(NamedTuple):
    """A span as it was noted."""

    label: Any
    around: int
    """Place of the one around it, -1 for none."""
    begin: Any
    end: Any


def unrolled(log: list[Any]) -> list[Stretch]:
    """The spans of a log, in the order in which they began; None as the end of what is open."""
    found: list[Stretch] = []
    still: list[int] = []
    at = 0
    while at < len(log):
        if isinstance(log[at], str):
            begin = log[at + 1] if at + 1 < len(log) else None
            found.append(Stretch(log[at], still[-1] if still else -1, begin, None))
            still.append(len(found) - 1)
            at += 2
        else:
            if still:
                place = still.pop()
                found[place] = found[place]._replace(end=log[at])
            at += 1
    return found


def decode_spans(value: Any) -> tuple[tuple[Span, ...], int]:
    """The spans that a peer reported and how many entries did not fit.

    A parent must come before its children; a span whose parent did not fit moves up to the top.
    """
    entries = _entries(value)
    if entries is None:
        return (), int(value is not None)
    spans: list[Span] = []
    places: dict[int, int] = {}
    for place, entry in enumerate(entries[:MOST_SPANS]):
        span = _decode_one(entry, places)
        if span is not None:
            places[place] = len(spans)
            spans.append(span)
    return tuple(spans), len(entries) - len(spans)


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


def _entries(value: Any) -> list[JsonObject] | None:
    """Either form as objects. None for anything else."""
    if isinstance(value, list):
        return [as_object(entry) for entry in cast("list[Any]", value)]
    noted = as_object(value)
    log = noted.get("log")
    if isinstance(log, list):
        return _logged(cast("list[Any]", log)[: 3 * MOST_SPANS], noted.get("end"), as_object(noted.get("facts")))
    labels, times, facts = noted.get("labels"), noted.get("times"), as_object(noted.get("facts"))
    if not isinstance(labels, str) or not isinstance(times, list):
        return None
    numbers = cast("list[Any]", times)
    lines = labels.split("\n") if labels else []
    rows = zip_longest(lines[: len(numbers)], numbers[::3], numbers[1::3], numbers[2::3])
    began, ended = (numbers[at] if len(numbers) > at and _is_count(numbers[at]) else 0 for at in (1, 2))
    return [
        _entry(line, around, begin, end, began, ended) | {"facts": facts.get(str(place))}
        for place, (line, around, begin, end) in enumerate(rows)
    ]


def _logged(log: list[Any], end: Any, facts: JsonObject) -> list[JsonObject]:
    found = unrolled(log)
    if found and found[0].end is None:
        found[0] = found[0]._replace(end=end)
    began, ended = (one if _is_count(one) else 0 for one in (found[0].begin, found[0].end)) if found else (0, 0)
    return [
        _entry(one.label, one.around, one.begin, one.end, began, ended) | {"facts": facts.get(str(place))}
        for place, one in enumerate(found)
    ]


def _entry(line: str | None, around: Any, begin: Any, end: Any, began: int, ended: int) -> JsonObject:
    """One span as an object; one that does not fit when it does not fit."""
    if line is None or not _is_count(begin):
        return {}
    kind, _, name = line.partition(" ")
    if end is None:  # an open wait had not begun for this request: its question left with the answer
        end = begin if kind in WAITS else max(begin, ended)
    if not _is_count(end):
        return {}
    start = (begin - began) // 1000
    return {"name": name, "kind": kind, "start": start, "dur": (end - began) // 1000 - start, "parent": around}


def _decode_one(fields: JsonObject, places: dict[int, int]) -> Span | None:
    name, kind, parent, facts = fields.get("name"), fields.get("kind"), fields.get("parent"), fields.get("facts")
    if not isinstance(name, str) or not isinstance(kind, str) or kind not in _KINDS:
        return None
    if not _is_count(fields.get("start")) or not _is_count(fields.get("dur")):
        return None
    if fields["start"] + fields["dur"] >= _MOST // 1000:  # microseconds, which views turn into nanoseconds
        return None
    return Span(
        name=name,
        kind=cast("SpanKind", kind),
        start_us=fields["start"],
        duration_us=fields["dur"],
        parent=places.get(parent) if _is_count(parent) else None,
        facts=as_object(facts),
    )


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST
