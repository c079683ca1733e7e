"""Frames folded into calls: which row a frame belongs to, and what that one row says of all its frames."""

from wireglass.recording.entries import Entry, Exchange
from wireglass_app.models.frame_words import judged, message_text, status_text, verdict_text
from wireglass_app.plain import column_size, count

__all__ = ["call_counts", "call_size", "call_status", "call_text", "call_took", "call_verdict", "frames_of", "head_of"]

_CLIMB = 1000
"""Rounds that are followed back; a call with more keeps its later rounds apart."""


def head_of(entry: Entry) -> int:
    """The number of the frame that stands for the whole call: the request of its first round, else the frame itself."""
    exchange = entry.exchange
    if exchange is None:
        return entry.seq
    for _ in range(_CLIMB):
        earlier = exchange.previous_round
        if earlier is None:
            break
        exchange = earlier
    return exchange.request.seq


def frames_of(entry: Entry) -> list[Entry]:
    """All frames of the call that a request begins: rounds, progress, cancel, answers."""
    found = {entry, *(one for round in _rounds(entry) for one in round.entries)}
    return sorted(found, key=lambda one: one.seq)


def call_text(entry: Entry) -> str:
    """ "tools/call quote_shipment · 2 rounds · 3 progress"."""
    return " · ".join(part for part in (message_text(entry), call_counts(entry)) if part)


def call_counts(entry: Entry) -> str:
    """ "2 rounds · 3 progress"; empty for a call of one request and one answer."""
    rounds = _rounds(entry)
    progress = sum(len(round.progress) for round in rounds)
    parts: list[str] = []
    if len(rounds) > 1:
        parts.append(f"{count(len(rounds))} rounds")
    if progress:
        parts.append(f"{count(progress)} progress")
    if any(round.cancel is not None for round in rounds):
        parts.append("cancelled")
    return " · ".join(parts)


def call_status(entry: Entry) -> str:
    """How the last round ended, or that it is open."""
    rounds = _rounds(entry)
    if not rounds:
        return status_text(entry)
    answer = rounds[-1].answer
    return status_text(answer if answer is not None else rounds[-1].request)


def call_took(entry: Entry) -> str:
    """Milliseconds from the first request to the last answer; empty while it is open."""
    rounds = _rounds(entry)
    answer = rounds[-1].answer if rounds else None
    if answer is None:
        return ""
    took = (answer.at_ns - entry.at_ns) / 1e6
    return f"{took:.1f}" if took < 10 else count(round(took))


def call_size(entry: Entry) -> str:
    """Bytes of all its frames."""
    return column_size(sum(one.size for one in frames_of(entry)))


def call_verdict(entry: Entry) -> str:
    """That of its worst frame."""
    frames = frames_of(entry)
    for wanted in ("fail", "warn"):
        found = next((one for one in frames if judged(one) == wanted), None)
        if found is not None:
            return verdict_text(found)
    return verdict_text(entry)


def worst(entry: Entry) -> str:
    """ "fail", "warn" or "ok" over all its frames."""
    found = {judged(one) for one in frames_of(entry)}
    return "fail" if "fail" in found else "warn" if "warn" in found else "ok"


def _rounds(entry: Entry) -> tuple[Exchange, ...]:
    exchange = entry.exchange
    return exchange.rounds if exchange is not None and exchange.request == entry else ()
