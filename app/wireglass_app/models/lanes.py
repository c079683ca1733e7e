"""Bars of a timeline lane, kept so that any stretch of time can be drawn in time proportional to its pixels.

Knows no widget. A lane may hold 500,000 bars: one sorted array answers "is anything in this pixel" by bisection, and
bars wide enough to be seen are found through lists by length, so that no query walks over what it will not draw.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import compress, pairwise
from typing import NamedTuple

from wireglass_app.models.occupancy import LOWEST_NS, Occupancy, Strip

__all__ = ["MOST_BARS", "Bar", "Lane", "Tone"]

Tone = int
"""Index into the view's list of bar colours; a higher one wins where bars share a pixel (so failures stay visible)."""

MOST_BARS = 2_000
"""Bars that one query gives singly; beyond, they are pixels like all others."""
_OPEN = -1
_WIDEST = 63


class Bar(NamedTuple):
    """A bar wide enough to be drawn by itself. `end` is None while it is open; `key` is -1 without a call."""

    index: int
    start: int
    end: int | None
    tone: Tone
    key: int = -1


@dataclass(frozen=True, slots=True)
class _ByLength:
    indices: "array[int]"
    starts: "array[int]"


class Lane:
    """Bars in order of their start. Times are nanoseconds on one clock."""

    def __init__(self) -> None:
        self._starts = array("q")
        self._ends = array("q")
        self._tones = array("b")
        self._keys = array("q")
        self._marked: dict[Tone, array[int]] = {}
        self._by_length: dict[int, _ByLength] = {}
        self._open: set[int] = set()
        self._occupied = Occupancy()
        self._buckets = array("i")
        """Per bar: its byte in the lowest level of `_occupied`."""

    def __len__(self) -> int:
        return len(self._starts)

    def add(self, start: int, end: int | None = None, tone: Tone = 0, key: int = -1) -> int:
        """Adds a bar and returns its index. One that starts before the last one counts as starting with it."""
        index = len(self._starts)
        if index and start < self._starts[-1]:
            start = self._starts[-1]
        self._starts.append(start)
        self._ends.append(_OPEN)
        self._tones.append(tone)
        self._keys.append(key)
        self._open.add(index)
        self._buckets.append(self._occupied.mark(start, 0))
        if end is not None:
            self.close(index, end, tone)
        return index

    def close(self, index: int, end: int, tone: Tone) -> None:
        """Ends an open bar; one that has ended stays as it is."""
        if index not in self._open:
            return
        self._open.discard(index)
        start = self._starts[index]
        self._ends[index] = max(end, start)
        self._tones[index] = tone
        length = min((self._ends[index] - start).bit_length(), _WIDEST)
        of_length = self._by_length.setdefault(length, _ByLength(array("q"), array("q")))
        at = bisect_right(of_length.starts, start)
        of_length.starts.insert(at, start)
        of_length.indices.insert(at, index)
        if tone:
            marked = self._marked.setdefault(tone, array("q"))
            marked.insert(bisect_right(marked, start), start)
            self._occupied.mark(start, tone)

    def bar(self, index: int) -> Bar:
        """The bar of an index that `add` returned."""
        end = self._ends[index]
        return Bar(index, self._starts[index], None if end == _OPEN else end, self._tones[index], self._keys[index])

    def between(self, begin: int, until: int) -> tuple[int, int]:
        """The first index that starts in [begin, until), and the one after the last."""
        return bisect_left(self._starts, begin), bisect_left(self._starts, until)

    def _between_own(self, begin: int, until: int) -> int:
        return bisect_left(self._starts, until) - bisect_left(self._starts, begin)

    def key(self, index: int) -> int | None:
        """The call that a bar belongs to."""
        key = self._keys[index]
        return None if key < 0 else key

    def bars(self, begin: int, until: int, shortest: int) -> Iterator[Bar]:
        """Bars of at least `shortest` nanoseconds that overlap [begin, until), and open ones; not in order.

        At most `MOST_BARS`, the longest first.
        """
        for index in self._open:
            bar = self.bar(index)
            if bar.start < until:
                yield bar
        least = shortest.bit_length()
        left = MOST_BARS
        ends, tones, keys = self._ends, self._tones, self._keys
        for length in sorted((one for one in self._by_length if one >= least), reverse=True):
            of_length = self._by_length[length]
            low = bisect_left(of_length.starts, begin - (1 << length))
            high = bisect_left(of_length.starts, until)
            for start, index in zip(of_length.starts[low:high], of_length.indices[low:high], strict=True):
                end = ends[index]
                if end >= begin and end - start >= shortest and self._passes(index):
                    if not left:
                        return
                    left -= 1
                    yield Bar(index, start, end, tones[index], keys[index])

    def _passes(self, _index: int) -> bool:
        """Whether a bar is one of this lane's."""
        return True

    def pixels(self, begin: int, until: int, width: int) -> bytearray:
        """A byte for each pixel of [begin, until): 0 where no bar starts, else one bit, that of the highest tone."""
        row = bytearray(width)
        if width <= 0 or until <= begin:
            return row
        for pixel in _pixels(self._starts, begin, until, width):
            row[pixel] = 1
        for tone in sorted(self._marked):
            for pixel in _pixels(self._marked[tone], begin, until, width):
                row[pixel] = 1 << tone
        return row

    def strip(self, begin: int, until: int, pixels: int) -> Strip | None:
        """The same as bytes, where so many bars start that looking at each would take too long; else None."""
        crowded = pixels > 0 and self._between_own(begin, until) > pixels // 2
        if not crowded or until - begin < pixels * LOWEST_NS or self._occupied.too_long:
            return None
        return self._occupied.strip(begin, until, pixels)

    def histogram(self, begin: int, until: int, columns: int, tone: Tone | None = None) -> list[int]:
        """How many bars (of one tone other than 0, if given) start in each of `columns` equal parts of the range."""
        starts = self._starts if tone is None else self._marked.get(tone, ())
        if len(starts) <= columns:
            counts = [0] * columns
            for start in starts:
                if begin <= start < until:
                    counts[(start - begin) * columns // (until - begin)] += 1
            return counts
        edges = [begin + -(-column * (until - begin) // columns) for column in range(columns + 1)]
        ranks = [bisect_left(starts, edge) for edge in edges]
        return [after - before for before, after in pairwise(ranks)]

    def nearest(self, at: int) -> int | None:
        """Index of the bar that covers `at`, else of the one closest to it."""
        if not self._starts:
            return None
        after = bisect_right(self._starts, at)
        for index in range(after - 1, max(-1, after - 200), -1):
            end = self._ends[index]
            if end == _OPEN or end >= at:
                return index
        candidates = [index for index in (after - 1, after) if 0 <= index < len(self._starts)]
        return min(candidates, key=lambda index: max(self._starts[index] - at, at - self._ends[index]))

    def next_start(self, index: int) -> int | None:
        """When the bar after this one starts; None for the last."""
        return self._starts[index + 1] if index + 1 < len(self._starts) else None

    def only(self, shown: bytes) -> "Lane":
        """The bars whose key counts in `shown`; the byte of -1, its last, is for bars without a call.

        Of this moment: it does not grow. Indices stay those of the whole lane.
        """
        return _SomeOf(self, bytes(map(shown.__getitem__, self._keys)))


class _SomeOf(Lane):
    """Some bars of another lane: a byte for each says which. All else is that one's."""

    def __init__(self, whole: Lane, kept: bytes) -> None:
        super().__init__()
        self._whole = whole
        self._kept = kept
        self._count = kept.count(1)
        self._all_starts, self._ends = whole._starts, whole._ends
        self._tones, self._keys = whole._tones, whole._keys
        self._by_length = whole._by_length
        self._open = {index for index in whole._open if index < len(kept) and kept[index]}
        tones = whole._tones[: len(kept)].tobytes()
        passing = int.from_bytes(kept, "little")
        self._of_tone: dict[Tone, bytes] = {}
        buckets: dict[int, Iterable[int]] = {}
        for tone in (0, *whole._marked):
            both = int.from_bytes(tones.translate(_only_byte(tone)), "little") & passing
            self._of_tone[tone] = both.to_bytes(len(kept), "little")
            buckets[tone] = compress(whole._buckets, self._of_tone[tone])
        self._occupied = whole._occupied.some(buckets)

    def _between_own(self, begin: int, until: int) -> int:
        return self._kept.count(1, *self._whole.between(begin, until))

    def pixels(self, begin: int, until: int, width: int) -> bytearray:
        row = bytearray(width)
        if width <= 0 or until <= begin:
            return row
        low, high = self._whole.between(begin, until)
        kept = self._kept[low:high]
        starts, tones = compress(self._all_starts[low:high], kept), compress(self._tones[low:high], kept)
        for start, tone in zip(starts, tones, strict=True):
            pixel = (start - begin) * width // (until - begin)
            row[pixel] = max(row[pixel], 1 << tone)
        return row

    def histogram(self, begin: int, until: int, columns: int, tone: Tone | None = None) -> list[int]:
        counted = self._kept if tone is None else self._of_tone.get(tone, b"")
        edges = [begin + -(-column * (until - begin) // columns) for column in range(columns + 1)]
        ranks = [bisect_left(self._all_starts, edge) for edge in edges]
        return [counted.count(1, first, last) for first, last in pairwise(ranks)]

    def __len__(self) -> int:
        return self._count

    def bar(self, index: int) -> Bar:
        return self._whole.bar(index)

    def _passes(self, index: int) -> bool:
        return index < len(self._kept) and bool(self._kept[index])

    def between(self, begin: int, until: int) -> tuple[int, int]:
        return self._whole.between(begin, until)

    def next_start(self, index: int) -> int | None:
        following = self._kept.find(1, index + 1)
        return None if following < 0 else self._all_starts[following]

    def nearest(self, at: int) -> int | None:
        after = bisect_right(self._all_starts, at, 0, len(self._kept))
        before = here = self._kept.rfind(1, 0, after)
        for _ in range(200):
            if here < 0:
                break
            end = self._ends[here]
            if end == _OPEN or end >= at:
                return here
            here = self._kept.rfind(1, 0, here)
        candidates = [index for index in (before, self._kept.find(1, after)) if index >= 0]
        return min(candidates, key=lambda one: max(self._all_starts[one] - at, at - self._ends[one]), default=None)


def _only_byte(value: int) -> bytes:
    return bytes(one == value for one in range(256))


def _pixels(starts: "array[int]", begin: int, until: int, pixels: int) -> list[int]:
    """The pixels of [begin, until) in which something starts, in order."""
    low, high = bisect_left(starts, begin), bisect_left(starts, until)
    width = until - begin
    if high - low <= 2 * pixels:
        return [(start - begin) * pixels // width for start in starts[low:high]]
    found: list[int] = []
    position = low
    while position < high:
        pixel = (starts[position] - begin) * pixels // width
        found.append(pixel)
        position = bisect_left(starts, begin - (-(pixel + 1) * width // pixels), position + 1, high)
    return found
