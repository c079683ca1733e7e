"""The calls of a recording as they can be made again: what was asked, and what it came to then. Sends nothing."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from wireglass.protocol.messages import JsonObject
from wireglass.recording.ledger import Ledger
from wireglass.recording.masking import MASK
from wireglass.recording.session_diff import first_rounds, outcome_of, request_of

__all__ = ["RecordedCall", "recorded_calls"]

_CALLED: Final = ("tools/call", "resources/read", "prompts/get")
_STEP: Final = 40


@dataclass(frozen=True, slots=True, eq=False)
class RecordedCall:
    """One call of a recording."""

    number: int
    """Of its first exchange in the ledger."""
    server: str
    method: str
    name: str
    params: JsonObject
    """Without `_meta` and what belongs to later rounds."""
    outcome: Any
    """The result without `_meta`, or {"error": …}, or {"status": …} when none came."""
    took_ms: float | None
    masked: bool
    """Whether a secret was taken out of its arguments, so that it cannot be made again as it was."""


def recorded_calls(
    ledger: Ledger, servers: Mapping[str, str], *, most: int = 2_000
) -> Generator[float, None, list[RecordedCall]]:
    """The first `most` calls in order. `servers` gives names by connection. Yields how much is read, 0 to 1, every few
    milliseconds; the generator's value is the list. A call whose text is lost is left out."""
    found: list[RecordedCall] = []
    for at, exchange in enumerate(first_rounds(ledger)):
        if at % _STEP == 0:
            yield at / max(1, len(ledger.exchanges))
        if exchange.method not in _CALLED:
            continue
        if len(found) == most:
            break
        connection = exchange.connection
        answered = [one.answered_after_ns for one in exchange.rounds]
        taken = sum(one for one in answered if one is not None) / 1e6
        try:
            params = request_of(exchange)
            found.append(
                RecordedCall(
                    exchange.number,
                    servers.get(connection) or connection.partition(" #")[0],
                    exchange.method,
                    exchange.name,
                    params,
                    outcome_of(exchange),
                    taken if answered[-1] is not None else None,
                    _holds_mask(params),
                )
            )
        except LookupError:
            continue
    return found


def _holds_mask(value: Any) -> bool:
    if isinstance(value, str):
        return MASK in value
    if isinstance(value, dict):
        return any(map(_holds_mask, value.values()))
    return isinstance(value, list) and any(map(_holds_mask, value))
