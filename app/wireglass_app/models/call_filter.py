"""The filter of the timeline: `server:shop,ledger dur:>5ms not status:failed`. The same language as the frame table's,
over columns: half a million calls take some tens of milliseconds, because every term is one pass in C.
"""

import operator
import re
from array import array
from collections.abc import Callable, Sequence
from typing import Final

from wireglass.recording.filter_grammar import FilterError, Token, matching, one_of, parse
from wireglass_app.models.call_columns import CallColumns

__all__ = ["KEYS", "CallFilter", "compile_calls_filter"]

KEYS: Final = {
    "server": "name of the server; several with commas",
    "method": "method of the request",
    "name": "tool, prompt, URI or task",
    "status": "complete, failed, cached or running",
    "dur": "time without yours, for example >5ms",
}
CallFilter = Callable[[], bytes]
"""Gives a byte for each row of the columns: 1 for those that pass. For any thread."""

_UNITS: Final = {"us": 1e3, "ms": 1e6, "": 1e6, "s": 1e9}
_QUANTITY: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)")
_TURNED: Final = {"": "__eq__", "=": "__eq__", ">": "__lt__", ">=": "__le__", "<": "__gt__", "<=": "__ge__"}
"""What the bound says of a duration that passes: `bound < duration` is one call in C, the other way round is not."""
_STATUSES: Final = ("complete", "failed", "cached", "running")


def compile_calls_filter(text: str, calls: CallColumns, title_of: Callable[[str], str] = str) -> CallFilter | None:
    """None for an empty text, which everything passes. Raises FilterError."""
    return parse(text, _Terms(calls, title_of))


class _Terms:
    def __init__(self, calls: CallColumns, title_of: Callable[[str], str]) -> None:
        self._calls = calls
        self._title_of = title_of

    def either(self, parts: Sequence[CallFilter], /) -> CallFilter:
        return lambda: _join(operator.or_, [part() for part in parts])

    def every(self, parts: Sequence[CallFilter], /) -> CallFilter:
        return lambda: _join(operator.and_, [part() for part in parts])

    def inverse(self, part: CallFilter, /) -> CallFilter:
        return lambda: _invert(part())

    def of(self, piece: Token, /) -> CallFilter:
        calls = self._calls
        if piece.kind == "word":
            anywhere = matching(f"*{piece.value}*")
            return lambda: _join(
                operator.or_,
                [
                    self._texts(calls.names, anywhere),
                    self._texts(calls.methods, anywhere),
                    self._servers(anywhere),
                ],
            )
        if piece.key not in KEYS:
            raise FilterError(f"There is no {piece.key}: here. There are {', '.join(KEYS)}.", piece.start, piece.end)
        if not piece.value:
            raise FilterError(f"{piece.key}: needs a value: {KEYS[piece.key]}.", piece.start, piece.end)
        if piece.key == "dur":
            return self._duration(piece)
        if piece.op and piece.op != "=":
            raise FilterError(f"{piece.key}: cannot be compared; only dur: can.", piece.start, piece.end)
        if piece.key == "status":
            return self._status(piece)
        patterns = [matching(one) for one in piece.value.split(",") if one]
        fits = lambda text: any(one(text) for one in patterns)  # noqa: E731 (one line says it)
        if piece.key == "server":
            return lambda: self._servers(fits)
        column = calls.names if piece.key == "name" else calls.methods
        return lambda: self._texts(column, fits)

    def _texts(self, column: "array[int]", fits: Callable[[str], bool]) -> bytes:
        texts = self._calls.texts
        fitting = {number for number in set(column) if fits(texts[number])}
        if not fitting:
            return bytes(len(column))
        if len(fitting) == 1:
            return bytes(map(fitting.pop().__eq__, column))
        return bytes(map(fitting.__contains__, column))

    def _servers(self, fits: Callable[[str], bool]) -> bytes:
        return self._texts(self._calls.servers, lambda text: fits(text) or fits(self._title_of(text)))

    def _status(self, piece: Token) -> CallFilter:
        wanted, calls = one_of(piece, _STATUSES), self._calls
        return lambda: calls.of_status(wanted)

    def _duration(self, piece: Token) -> CallFilter:
        match = _QUANTITY.fullmatch(piece.value.lower())
        unit = _UNITS.get(match[2]) if match else None
        if match is None or unit is None:
            raise FilterError(f"“{piece.value}” is no time; write it like >5ms.", piece.start, piece.end)
        bound, calls = float(match[1]) * unit, self._calls
        passes: Callable[[int], bool] = getattr(int(bound) if bound.is_integer() else bound, _TURNED[piece.op])

        def passing() -> bytes:
            fitting = bytes(map(passes, calls.worked))
            # One that runs counts as -1 there.
            return _join(operator.and_, [fitting, _invert(calls.of_status("running"))]) if passes(-1) else fitting

        return passing


def _join(how: Callable[[int, int], int], masks: Sequence[bytes]) -> bytes:
    """Several masks as one; calls that came while they were made are left to the next time."""
    shortest = min(map(len, masks))
    joined = int.from_bytes(masks[0][:shortest], "little")
    for mask in masks[1:]:
        joined = how(joined, int.from_bytes(mask[:shortest], "little"))
    return joined.to_bytes(shortest, "little")


def _invert(mask: bytes) -> bytes:
    return mask.translate(bytes([1, 0]) + bytes(254))
