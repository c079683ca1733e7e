"""Calls and their spans as OTLP JSON (OpenTelemetry's `ExportTraceServiceRequest`), one object a file; secrets masked.
Pure but for `write_otlp`.

A call is a span of kind CLIENT, what is known inside (the wire's phases, the server's middleware and handler, waits for
a person) are its descendants. A `traceparent` in the request's `_meta` (SEP-414) names its trace and its parent, so
that it stands beside the spans which the server exported itself; else the ids follow from the call's place in the
recording, so that the same call has the same ids in every file. Later rounds of a call share its trace and link to the
round before.
"""

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from wireglass.protocol.messages import JsonObject, Span, as_object
from wireglass.recording.entries import Exchange
from wireglass.recording.export import as_line, write_parts
from wireglass.recording.ledger import Ledger
from wireglass.recording.masking import MASK, Masker, names_a_secret
from wireglass.recording.phases import with_wire

__all__ = ["SpansOf", "as_resource_spans", "write_otlp"]

SpansOf = Callable[[Exchange], Sequence[Span]]
"""The waterfall of an answered call, outermost first. Raises LookupError when the recording has lost its frames."""

_INTERNAL, _SERVER, _CLIENT = 1, 2, 3
_FAILED: Final = frozenset({"error", "tool error", "cancelled"})
_PARENT: Final = re.compile(r"[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-[0-9a-f]{2}")
_ABOUT: Final = {
    "tools/call": "gen_ai.tool.name",
    "prompts/get": "gen_ai.prompt.name",
    "resources/read": "mcp.resource.uri",
}


def as_resource_spans(
    ledger: Ledger, exchange: Exchange, masker: Masker, server: str = "", spans_of: SpansOf | None = None
) -> JsonObject | None:
    """One call as an item of `resourceSpans`; None for what the server asked and for calls without an answer.

    Raises LookupError when the recording has lost its frames.
    """
    answer = exchange.answer
    if exchange.sender != "client" or answer is None:
        return None
    told = with_wire(exchange, exchange.spans) if spans_of is None else spans_of(exchange)
    spans = told or (Span(exchange.method, "server", 0, (answer.at_ns - exchange.asked_ns) // 1000),)
    trace, own, parent = _ids(ledger, exchange)
    ids = [own, *(_hashed(f"{own}:{at}", 8) for at in range(1, len(spans)))]
    begin = ledger.wall_time_ns(exchange.asked_ns)
    made = [_span(one, at, ids, trace, begin, masker) for at, one in enumerate(spans)]
    made[0] |= {"kind": _CLIENT, "name": masker.text(" ".join(filter(None, (exchange.method, exchange.name))))}
    made[0]["attributes"] = [*_facts(exchange, masker), *made[0]["attributes"]]
    if parent:
        made[0]["parentSpanId"] = parent
    made[0]["status"] = {"code": 2, "message": exchange.status} if exchange.status in _FAILED else {}
    if (before := exchange.previous_round) is not None:
        earlier_trace, earlier, _ = _ids(ledger, before)
        made[0]["links"] = [{"traceId": earlier_trace, "spanId": earlier}]
    name = masker.word(server or exchange.connection)
    resource = [_attribute("service.name", name), _attribute("service.instance.id", masker.word(exchange.connection))]
    return {"resource": {"attributes": resource}, "scopeSpans": [{"scope": {"name": "wireglass"}, "spans": made}]}


def write_otlp(
    ledger: Ledger,
    numbers: Iterable[int],
    path: Path,
    masker: Masker,
    server: Callable[[str], str] = str,
    spans_of: SpansOf | None = None,
) -> Generator[int, None, int]:
    """Writes calls by the numbers of their exchanges; `server` names a connection. What has no answer is left out.

    Yields how many were written so far, every few milliseconds; the generator's value is their number. The file takes
    its name when it is complete. Raises ArchiveError.
    """

    def items() -> Iterator[str]:
        for number in numbers:
            try:
                exchange = ledger.exchange(number)
                if exchange is None:
                    continue
                item = as_resource_spans(ledger, exchange, masker, server(exchange.connection), spans_of)
            except LookupError:
                continue
            if item is not None:
                yield as_line(item)

    parts = items()
    return (yield from write_parts(path, "calls", parts, before='{"resourceSpans":[\n', between=",\n", after="\n]}\n"))


def _span(span: Span, at: int, ids: Sequence[str], trace: str, begin_ns: int, masker: Masker) -> JsonObject:
    start = begin_ns + span.start_us * 1000
    found: JsonObject = {
        "traceId": trace,
        "spanId": ids[at],
        "name": masker.text(span.name),
        "kind": _SERVER if span.kind == "server" and span.parent is not None else _INTERNAL,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + max(0, span.duration_us) * 1000),
        "attributes": [
            _attribute("wireglass.kind", span.kind),
            *(_attribute(f"wireglass.{name}", _safe(name, value, masker)) for name, value in span.facts.items()),
        ],
        "status": {},
    }
    if at and span.parent is not None and 0 <= span.parent < len(ids):
        found["parentSpanId"] = ids[span.parent]
    elif at:
        found["parentSpanId"] = ids[0]
    return found


def _facts(exchange: Exchange, masker: Masker) -> list[JsonObject]:
    found = [_attribute("mcp.method.name", masker.word(exchange.method)), _attribute("rpc.system", "jsonrpc")]
    about = _ABOUT.get(exchange.method)
    if about is not None and exchange.name:
        found.append(_attribute(about, masker.text(exchange.name)))
    id = _attribute("jsonrpc.request.id", masker.text(str(exchange.id)))
    return [*found, id, _attribute("wireglass.status", exchange.status)]


def _safe(name: str, value: Any, masker: Masker) -> Any:
    """A fact of a span without secrets; what has parts becomes its JSON."""
    if names_a_secret(name):
        return MASK
    if isinstance(value, bool | int | float):
        return value
    return masker.text(value if isinstance(value, str) else as_line({name: value}))


def _attribute(key: str, value: Any) -> JsonObject:
    """A pair as OTLP writes it: whole numbers of 64 bits are text in its JSON."""
    match value:
        case bool():
            typed: JsonObject = {"boolValue": value}
        case int():
            typed = {"intValue": str(value)}
        case float():
            typed = {"doubleValue": value}
        case _:
            typed = {"stringValue": str(value)}
    return {"key": key, "value": typed}


def _ids(ledger: Ledger, exchange: Exchange) -> tuple[str, str, str]:
    """Trace, span, and the span that it hangs below, "" for none."""
    told = _PARENT.fullmatch(str(as_object(exchange.params.get("_meta")).get("traceparent", "")))
    first = exchange.rounds[0]
    place = f"{ledger.wall_ns}:{ledger.clock_ns}:{first.connection}:{first.number}"
    own = _hashed(f"{place}/{exchange.number}", 8)
    if told is not None and int(told["trace"], 16) and int(told["span"], 16):
        return told["trace"], own, told["span"]
    return _hashed(place, 16), own, ""


def _hashed(text: str, octets: int) -> str:
    from hashlib import blake2b  # loads OpenSSL, which only an export needs

    return blake2b(text.encode(), digest_size=octets).hexdigest()
