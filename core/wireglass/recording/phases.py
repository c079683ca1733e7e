"""What the wire itself tells of a call, as spans: the server's own spans inside, or what stands in for them. Pure."""

from collections.abc import Sequence

from wireglass.protocol.messages import Span
from wireglass.recording.entries import Exchange

__all__ = ["with_wire"]

_LEAST_US = 50
"""A queue or a receipt shorter than this is not told."""


def with_wire(exchange: Exchange, spans: Sequence[Span]) -> tuple[Span, ...]:
    """The whole time of one request, from being asked for to its last byte, with all that is known inside.

    The outermost span's own time is the wire's; the self times of all spans add up to the total. Empty while the
    request is open. Raises LookupError when the recording has lost its frames.
    """
    answer = exchange.answer
    if answer is None:
        return ()
    queued = exchange.queued_for_ns // 1000
    total = (answer.at_ns - exchange.asked_ns) // 1000
    title = " ".join(part for part in (exchange.method, exchange.name) if part)
    if spans:
        return _around(title, total, queued, spans)
    found = [Span(title, "server", 0, total)]
    if queued >= _LEAST_US:
        found.append(Span("queued before it was sent", "server", 0, queued, 0))
    first = exchange.first_byte_after_ns
    received = 0 if first is None else (answer.at_ns - exchange.request.at_ns - first) // 1000
    if first is not None and received >= _LEAST_US:
        found.append(Span("server and wire, until the first byte", "server", queued, first // 1000, 0))
        found.append(Span("receiving", "server", queued + first // 1000, received, 0))
    else:
        found.append(Span("server and wire", "server", queued, max(0, total - queued), 0))
    return tuple(found)


def _around(title: str, total: int, queued: int, spans: Sequence[Span]) -> tuple[Span, ...]:
    """The server's clock is not ours: its spans are centred in the time between sent and answered."""
    reach = max(span.start_us + span.duration_us for span in spans)
    total = max(total, queued + reach)
    shift = queued + (total - queued - reach) // 2
    found = [Span(f"{title} on the wire", "server", 0, total)]
    if queued >= _LEAST_US:
        found.append(Span("queued before it was sent", "server", 0, queued, 0))
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
