"""What the wire itself tells of a call, as spans: the server's own spans inside, or what stands in for them. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from wireglass.protocol.messages import JsonObject, Span
from wireglass.recording.entries import Exchange
from wireglass.recording.events import SessionEvent

__all__ = ["with_wire"]

_LEAST_US = 50
"""A queue or a receipt shorter than this is not told."""


def with_wire(exchange: Exchange, spans: Sequence[Span], http: SessionEvent | None = None) -> tuple[Span, ...]:
    """The whole time of one request, from being asked for to its last byte, with all that is known inside.

    `http` is the HTTP exchange that carried it, whose phases are told too. The outermost span's own time is the
    wire's; the self times of all spans add up to the total. Empty while the request is open. Raises LookupError when
    the recording has lost its frames.
    """
    answer = exchange.answer
    if answer is None:
        return ()
    queued = exchange.queued_for_ns // 1000
    total = (answer.at_ns - exchange.asked_ns) // 1000
    title = " ".join(part for part in (exchange.method, exchange.name) if part)
    opened = [] if http is None else _opening(http, exchange.asked_ns, total)
    if opened:  # the request was ready, and then a connection had to be opened for it
        queued = max(queued, max(span.start_us + span.duration_us for span in opened))
    pages = _pages(exchange)
    if spans:
        return _around(title, total, queued, opened, pages, spans)
    found = [Span(title, "server", 0, total)]
    found += _before(queued, opened, pages)
    first = exchange.first_byte_after_ns
    received = 0 if first is None else (answer.at_ns - exchange.request.at_ns - first) // 1000
    if first is not None and received >= _LEAST_US:
        begin = total - received
        found.append(Span("server and wire, until the first byte", "server", queued, max(0, begin - queued), 0))
        found.append(Span("receiving", "server", begin, received, 0))
    else:
        found.append(Span("server and wire", "server", queued, max(0, total - queued), 0))
    return tuple(found)


def _opening(http: SessionEvent, zero_ns: int, total: int) -> list[Span]:
    """What had to be done before the request could be sent: connection and TLS."""
    told = http.facts.get("phases")
    phases: JsonObject = told if isinstance(told, dict) else {}
    found: list[Span] = []
    for name, begin, end in (("open the connection", "connect", "connected"), ("TLS handshake", "secure", "secured")):
        first, last = phases.get(begin), phases.get(end)
        if type(first) is int and type(last) is int and 0 <= first <= last:
            start = max(0, (http.at_ns + first - zero_ns) // 1000)
            length = min((last - first) // 1000, total - start)
            if length > 0:
                found.append(Span(name, "server", start, length, 0))
    return found


def _pages(exchange: Exchange) -> list[Span]:
    """The time of a person whose permission the request waited for before it could be sent."""
    zero = exchange.asked_ns
    return [
        Span("permission in the browser", "human", (begin - zero) // 1000, (end - begin) // 1000, 0)
        for begin, end in exchange.permission_ns
    ]


def _before(queued: int, opened: Sequence[Span], pages: Sequence[Span]) -> list[Span]:
    if opened:
        return [*opened, *pages]
    if queued < _LEAST_US:
        return []
    inside = (replace(page, duration_us=min(page.duration_us, queued - page.start_us), parent=1) for page in pages)
    return [
        Span("queued before it was sent", "server", 0, queued, 0),
        *(page for page in inside if page.duration_us > 0),
    ]


def _around(
    title: str, total: int, queued: int, opened: Sequence[Span], pages: Sequence[Span], spans: Sequence[Span]
) -> tuple[Span, ...]:
    """The server's clock is not ours: its spans are centred in the time between sent and answered."""
    reach = max(span.start_us + span.duration_us for span in spans)
    if not opened:  # "sent" is stamped after the write: by then the server may have been at work for a while
        queued = min(queued, max(0, total - reach))
    total = max(total, queued + reach)
    shift = queued + (total - queued - reach) // 2
    found = [Span(f"{title} on the wire", "server", 0, total), *_before(queued, opened, pages)]
    base = len(found)
    found += [
        Span(
            span.name,
            span.kind,
            span.start_us + shift,
            span.duration_us,
            0 if span.parent is None else base + span.parent,
            span.facts,
        )
        for span in spans
    ]
    return tuple(found)
