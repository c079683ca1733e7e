"""Which stretches of time hold anything, at every zoom: bytes in a pyramid, painted without a look at each.

The lowest level has a byte for each 2.1 ms, each level above one for two of the level below. The bits of a byte are the
tones that happen in it, so that two bytes are joined by "or", many at a time. A view takes the level whose bytes are
just wider than its pixels, and paints a slice of it.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from itertools import repeat
from typing import Final, NamedTuple

__all__ = ["LOWEST_NS", "Occupancy", "Strip"]

_BITS: Final = 21
LOWEST_NS: Final = 1 << _BITS
"""Width of a byte of the lowest level, in nanoseconds."""
_LEVELS: Final = 18
_MOST: Final = 1 << 22
"""Bytes of the lowest level; a session of more than two hours is not kept here."""


class Strip(NamedTuple):
    """A byte for each part of [left, right), in pixels of the view; its highest bit is the tone, 0 is nothing."""

    data: bytes
    left: float
    right: float


class Occupancy:
    """Tones from 0 to 7 at points in time; where several happen, the highest is to be seen."""

    def __init__(self) -> None:
        self._origin: int | None = None
        self._levels = [bytearray() for _ in range(_LEVELS)]
        self.too_long = False
        """Whether something was marked too far from the beginning to be kept."""

    def some(self, by_tone: "Mapping[int, Iterable[int]]") -> "Occupancy":
        """Another pyramid over the same time, with only these bytes of the lowest level, by tone."""
        made = Occupancy()
        made._origin, made.too_long = self._origin, self.too_long
        lowest = made._levels[0] = bytearray(len(self._levels[0]))
        for tone in sorted(by_tone):  # the highest is to be seen: it may stand alone
            deque(map(lowest.__setitem__, by_tone[tone], repeat(1 << tone)), maxlen=0)
        for at in range(1, _LEVELS):
            made._levels[at] = _joined(made._levels[at - 1])
        return made

    def mark(self, at_ns: int, tone: int) -> int:
        """Something happens at this time. Returns the byte of the lowest level that it counts in."""
        if self._origin is None:
            self._origin = at_ns
        lowest = bucket = max(0, (at_ns - self._origin) >> _BITS)
        if bucket >= _MOST:
            self.too_long = True
            return 0
        flag = 1 << tone
        for level in self._levels:
            missing = bucket + 1 - len(level)
            if missing > 0:
                level.extend(bytes(missing + len(level) // 8))
            elif level[bucket] & flag:
                break  # then all above have it too
            level[bucket] |= flag
            bucket >>= 1
        return lowest

    def strip(self, begin: int, until: int, pixels: int) -> Strip:
        """What happens in [begin, until), in parts that are at least a pixel and at most two wide."""
        if self._origin is None:
            return Strip(b"", 0, 0)
        width = until - begin
        level = min(_LEVELS - 1, max(0, (width // pixels - 1).bit_length() - _BITS))
        bits = _BITS + level
        first = max(0, (begin - self._origin) >> bits)
        data = bytes(self._levels[level][first : max(0, ((until - self._origin) >> bits) + 1)])
        left = (first << bits) + self._origin - begin
        return Strip(data, left * pixels / width, (left + (len(data) << bits)) * pixels / width)


def _joined(level: bytearray) -> bytearray:
    """A byte for two of a level."""
    even, odd = level[::2], level[1::2]
    odd.extend(bytes(len(even) - len(odd)))
    joined = int.from_bytes(even, "little") | int.from_bytes(odd, "little")
    return bytearray(joined.to_bytes(len(even), "little"))
