"""The calls of the timeline in columns: half a million of them in some 30 MB, each made an object when looked at."""

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence

from wireglass.protocol.messages import Span
from wireglass.recording.insights import CallTime

__all__ = ["LISTENING", "CallColumns"]

LISTENING = "subscriptions/listen"
"""The request whose answer ends a stream: how long it took says how long somebody listened."""

_OPEN = -1
_FAILED, _CACHED, _ENDED = 1, 2, 4
_SPANS_KEPT = 4096
_LONG_NS = 5_000_000_000
"""Calls that took longer are looked through one by one; there are few."""


_FLAGS_OF = {
    "running": (0,),
    "complete": (_ENDED, _ENDED | _CACHED),
    "failed": (_ENDED | _FAILED, _ENDED | _FAILED | _CACHED),
    "cached": (_ENDED | _CACHED,),
}


class _Texts:
    def __init__(self) -> None:
        self.all: list[str] = []
        self._number: dict[str, int] = {}

    def known(self, text: str) -> int | None:
        return self._number.get(text)

    def number(self, text: str) -> int:
        known = self._number.get(text)
        if known is None:
            known = self._number[text] = len(self.all)
            self.all.append(text)
        return known


def _longs() -> "array[int]":
    return array("q")


class CallColumns(Mapping[int, CallTime]):
    """By key, which rises with each call. Times are nanoseconds on one clock. Rows count from 0."""

    def __init__(self, spans_of: Callable[[int], Sequence[Span]] = lambda _key: ()) -> None:
        """`spans_of` finds the spans of a call again that are not kept."""
        self._spans_of = spans_of
        self._spans: OrderedDict[int, tuple[Span, ...]] = OrderedDict()
        self._texts = _Texts()
        self.keys_: array[int] = _longs()
        self.begins: array[int] = _longs()
        """When each began; never less than the one before, so that ranges are found by bisection."""
        self.ends: array[int] = _longs()
        self.human: array[int] = _longs()
        self.previous: array[int] = _longs()
        """Key of the round that a call continues, or -1."""
        self.servers: array[int] = array("i")
        self.methods: array[int] = array("i")
        self.names: array[int] = array("i")
        self._flags: array[int] = array("b")
        self.worked: array[int] = _longs()
        """What each call took without the time of a human; -1 for those that run."""
        self._long: list[int] = []

    def timed(self, rows: Sequence[int]) -> Sequence[int]:
        """The rows whose duration says how fast a server is: all but those that only listen."""
        listening = self._texts.known(LISTENING)
        return rows if listening is None else [row for row in rows if self.methods[row] != listening]

    @property
    def texts(self) -> list[str]:
        """What `servers`, `methods` and `names` count into."""
        return self._texts.all

    # --- filling ---

    def begin(self, key: int, server: str, method: str, name: str, at_ns: int, previous: int = -1) -> None:
        """A call began. Keys must rise."""
        if self.keys_ and key <= self.keys_[-1]:
            raise ValueError(f"the call {key} comes after {self.keys_[-1]}")
        self.keys_.append(key)
        self.begins.append(max(at_ns, self.begins[-1]) if self.begins else at_ns)
        self.ends.append(_OPEN)
        self.human.append(0)
        self.previous.append(previous)
        self.servers.append(self._texts.number(server))
        self.methods.append(self._texts.number(method))
        self.names.append(self._texts.number(name))
        self._flags.append(0)
        self.worked.append(_OPEN)

    def end(
        self, key: int, at_ns: int, *, failed: bool, spans: Sequence[Span] = (), human_ns: int = 0, cached: bool = False
    ) -> bool:
        """It ended. False when it is not known or had ended before."""
        row = self.row(key)
        if row is None or self.ends[row] != _OPEN:
            return False
        self.ends[row] = max(at_ns, self.begins[row])
        self.human[row] = human_ns
        self.worked[row] = max(0, self.ends[row] - self.begins[row] - human_ns)
        self._flags[row] = _ENDED | (_FAILED if failed else 0) | (_CACHED if cached else 0)
        if at_ns - self.begins[row] > _LONG_NS:
            self._long.append(row)
        if spans:
            self._keep(key, tuple(spans))
        return True

    # --- reading ---

    def row(self, key: int) -> int | None:
        """Where a call stands."""
        row = bisect_left(self.keys_, key)
        return row if row < len(self.keys_) and self.keys_[row] == key else None

    def at(self, row: int, *, spans: bool = False) -> CallTime:
        """The call of a row, with its spans only if wanted: they may have to be read from disk."""
        key, end, texts = self.keys_[row], self.ends[row], self._texts.all
        return CallTime(
            key,
            texts[self.servers[row]],
            texts[self.methods[row]],
            texts[self.names[row]],
            self.begins[row],
            None if end == _OPEN else end,
            failed=bool(self._flags[row] & _FAILED),
            human_ns=self.human[row],
            spans=self._known_spans(key) if spans and end != _OPEN else (),
        )

    def work_ns(self, row: int) -> int | None:
        """What a call took without the time of a human; None while it runs."""
        worked = self.worked[row]
        return None if worked == _OPEN else worked

    def failed(self, row: int) -> bool:
        return bool(self._flags[row] & _FAILED)

    def cached(self, row: int) -> bool:
        """Whether a cache answered it, as far as its spans were looked at."""
        return bool(self._flags[row] & _CACHED)

    def of_status(self, wanted: str) -> bytes:
        """A byte for each row: 1 for calls that are "complete", "failed", "cached" or "running"."""
        fits = _FLAGS_OF[wanted]
        return self._flags.tobytes().translate(bytes(flags in fits for flags in range(256)))

    def between(self, begin: int, until: int) -> list[int] | range:
        """Rows that overlap [begin, until), in the order of their beginning."""
        low = bisect_left(self.begins, begin - _LONG_NS)
        first = bisect_left(self.begins, begin)
        high = bisect_left(self.begins, until)
        ends = self.ends
        earlier = [row for row in range(low, first) if ends[row] == _OPEN or ends[row] >= begin]
        older = [row for row in self._long if row < low and ends[row] >= begin]
        older += self._open_before(low)
        return [*sorted(older), *earlier, *range(first, high)] if older or earlier else range(first, high)

    def _open_before(self, low: int) -> list[int]:
        return [row for row in self.open_rows if row < low]

    @property
    def open_rows(self) -> list[int]:
        """Calls that go on, among the newest hundred thousand."""
        ends = self.ends
        count = len(ends)
        newest = ends[max(0, count - 100_000) :]
        return [count - len(newest) + at for at, end in enumerate(newest) if end == _OPEN] if _OPEN in newest else []

    def __getitem__(self, key: int) -> CallTime:
        row = self.row(key)
        if row is None:
            raise KeyError(key)
        return self.at(row, spans=True)

    def __iter__(self) -> Iterator[int]:
        return iter(self.keys_)

    def __len__(self) -> int:
        return len(self.keys_)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, int) and self.row(key) is not None

    def _known_spans(self, key: int) -> tuple[Span, ...]:
        found = self._spans.get(key)
        if found is None:
            found = tuple(self._spans_of(key))
            self._keep(key, found)
        return found

    def _keep(self, key: int, spans: tuple[Span, ...]) -> None:
        self._spans[key] = spans
        while len(self._spans) > _SPANS_KEPT:
            self._spans.pop(next(iter(self._spans)), None)
