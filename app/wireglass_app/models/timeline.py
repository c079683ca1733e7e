"""What the timeline draws: lanes of bars per server, and the calls behind them. Knows no widget."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, Signal

from wireglass.protocol.messages import Span
from wireglass_app.models.call_columns import LISTENING, CallColumns
from wireglass_app.models.lanes import Lane
from wireglass_app.models.permissions import PermissionWaits
from wireglass_app.plain import duration, visible

__all__ = [
    "BLUE",
    "KINDS",
    "ORANGE",
    "RED",
    "SLATE",
    "TEAL",
    "TONES",
    "VIOLET",
    "Gap",
    "LaneRow",
    "Rounds",
    "TimelineModel",
]

SLATE, BLUE, TEAL, VIOLET, ORANGE, RED = range(6)
TONES = ("bar.slate", "bar.blue", "bar.teal", "bar.violet", "bar.orange", "bad.fill")
"""Bar colours by tone; where bars share a pixel the later one wins, so that failures stay visible."""
KINDS: Final = {
    "Requests": "arrow-right",
    "Waiting for you": "person",
    "Notifications": "bolt",
    "Logs": "logs",
    "HTTP": "globe",
    "Sign-in": "lock",
    "Tasks": "history",
    "Streams": "pulse",
    "Process": "terminal",
}
"""The rows of a server, in the order in which they stand below each other, with their icons."""
_TICKED = frozenset({"Notifications", "Logs"})
_MOST_TRACKS = 3
_LABELLED_TRACKS = 2
"""So many for calls that do not overlap, so that their labels have room."""
_ROOMY_NS = 2_500_000_000
_OPENING = frozenset({"initialize", "server/discover", "ping"})


class Rounds(NamedTuple):
    """Where a request stands among the rounds of its call, counted from 1 (2026-07-28: `input_required`)."""

    number: int = 1
    count: int = 1
    asked: bool = False
    """Whether its answer was a question."""
    waited_ns: int = 0
    """Between the rounds up to now, until those who were asked had answered."""


@dataclass(slots=True, eq=False)
class LaneRow:
    """One row: bars in one or more tracks below each other, or ticks."""

    server: str
    title: str
    icon: str
    ticks: bool = False
    tracks: list[Lane] = field(default_factory=lambda: [Lane()])
    labels: list[dict[int, str]] = field(default_factory=lambda: [{}])
    """Per track: texts of bars that do not have the name of their call."""
    free_from: list[int | None] = field(default_factory=lambda: [0])
    """Per track: when its last bar ended; None while that runs."""

    def put(self, start: int, label: str, key: int | None, tone: int = SLATE) -> tuple[int, int]:
        """Opens a bar on the first track that is free and returns (track, index); the last track takes overlaps."""
        track = self._free_track(start)
        index = self.tracks[track].add(start, tone=tone, key=-1 if key is None else key)
        if label:
            self.labels[track][index] = label
        self.free_from[track] = None
        return track, index

    def _free_track(self, start: int) -> int:
        """The first that was free long enough for a label behind its last bar, else another, else the one that is free
        for longest."""
        free = [(end, track) for track, end in enumerate(self.free_from) if end is not None and end <= start]
        roomy = next((track for end, track in free if not end or start - end >= _ROOMY_NS), None)
        if roomy is not None:
            return roomy
        wanted = 0 if free and self.title != "Requests" else _LABELLED_TRACKS if free else _MOST_TRACKS
        if len(self.tracks) < wanted:
            self.tracks.append(Lane())
            self.labels.append({})
            self.free_from.append(0)
            return len(self.tracks) - 1
        return min(free)[1] if free else len(self.tracks) - 1

    def close(self, place: tuple[int, int], end: int, tone: int) -> None:
        """Ends the bar that `put` opened."""
        track, index = place
        self.tracks[track].close(index, end, tone)
        if index == len(self.tracks[track]) - 1:
            self.free_from[track] = end

    def only(self, shown: bytes) -> "LaneRow":
        """The row with the bars of calls that pass a filter."""
        tracks = [lane.only(shown) for lane in self.tracks]
        return LaneRow(self.server, self.title, self.icon, self.ticks, tracks, self.labels, [0] * len(tracks))


@dataclass(slots=True)
class Gap:
    """While a server was gone, between the end of its connection and the next start; `until` is None as long as that
    has not come."""

    server: str
    words: str
    begin: int
    until: int | None = None


class TimelineModel(QObject):
    """Calls and lanes of all servers on one monotonic clock (ns). Who fills it emits `changed` once a batch."""

    changed = Signal()
    filtered = Signal()
    """Another choice of calls is shown."""

    def __init__(
        self,
        wall_offset_ns: int = 0,
        parent: QObject | None = None,
        *,
        title_of: Callable[[str], str] = str,
        state_of: Callable[[str], str] = lambda _server: "",
        spans_of: Callable[[int], Sequence[Span]] = lambda _key: (),
    ) -> None:
        super().__init__(parent)
        self.title_of = title_of
        """The name that people know a server by; may change while it connects."""
        self.state_of = state_of
        """The colour token of a server's state now; "" when it has none, as in a recording."""
        self.wall_offset_ns = wall_offset_ns
        """Add it to a time to get nanoseconds since the epoch."""
        self.fault_of: Callable[[int], str] = lambda _key: "Ended without a result"
        """How a call that failed ended, in words."""
        self.rounds_of: Callable[[int], Rounds] = lambda _key: Rounds()
        self._spans_of = spans_of
        self.is_over = False
        """Whether it is a recording: what is open has no answer and will get none."""
        self.clear()

    def clear(self) -> None:
        """Forgets everything; who fills it begins anew."""
        self.calls = CallColumns(self._spans_of)
        self.shown: bytes | None = None
        """By row: 1 for calls that pass the filter. None without a filter."""
        self._rows: dict[tuple[str, str], LaneRow] = {}
        self._filtered: list[LaneRow] | None = None
        self._places: dict[tuple[str, int], tuple[LaneRow, tuple[int, int]]] = {}
        self._series: dict[tuple[str, str], tuple[object, int, int]] = {}
        self.gaps: list[Gap] = []
        """In order of their begin."""
        self.permissions = PermissionWaits()
        self._begin: int | None = None
        self._until = 0

    @property
    def extent(self) -> tuple[int, int]:
        """From the first time that anything is drawn at to a little after the last; a second from zero for nothing."""
        if self._begin is None:
            return 0, 1_000_000_000
        length = max(1_000_000, self._until - self._begin)
        return self._begin, self._begin + length + length // 32  # room for what happens next

    @property
    def now(self) -> int:
        """Where open bars end: the last time that is known."""
        return self._until

    @property
    def is_open(self) -> bool:
        """Whether a call or a wait goes on, so that its bar grows. A stream that only listens makes nobody wait: while
        one is open, a quiet session would shrink on the screen for ever."""
        return any(row.title != "Streams" for row, _ in self._places.values())

    def advance(self, now_ns: int) -> None:
        """Lets the open bars grow to `now_ns`."""
        if self.is_open:
            self._stretch(now_ns)
            self.changed.emit()

    def rows(self) -> list[LaneRow]:
        """The rows that are drawn: servers in the order in which they appeared, kinds in the order of `KINDS`."""
        return self.all_rows() if self._filtered is None else self._filtered

    def all_rows(self) -> list[LaneRow]:
        """The same without the filter."""
        servers = dict.fromkeys(server for server, _ in self._rows)
        found = ((server, kind) for server in servers for kind in KINDS)
        return [self._rows[place] for place in found if place in self._rows]

    def label(self, row: LaneRow, track: int, index: int) -> str:
        """What stands in or after a bar: its own label, else the name of its call."""
        own = row.labels[track].get(index)
        if own is not None:
            return own
        key = row.tracks[track].key(index)
        at = None if key is None or row.title != "Requests" else self.calls.row(key)
        return "" if at is None else self.calls.texts[self.calls.names[at]]

    # --- filling ---

    def begin_call(
        self, key: int, server: str, method: str, name: str, at_ns: int, *, previous: int = -1, label: str = ""
    ) -> None:
        """A request was sent. `previous` is the key of the round that it continues."""
        self._stretch(at_ns)
        self.calls.begin(key, server, method, name, at_ns, previous)
        kind = "Streams" if method == LISTENING else "Requests"
        row = self._row(server, kind)
        self._places["call", key] = (row, row.put(at_ns, label or (method if kind == "Streams" else ""), key))

    def end_call(
        self,
        key: int,
        at_ns: int,
        *,
        failed: bool,
        spans: Sequence[Span] = (),
        human_ns: int = 0,
        cached: bool = False,
        label: str = "",
    ) -> None:
        """A request was answered, or will not be."""
        if not self.calls.end(key, at_ns, failed=failed, spans=spans, human_ns=human_ns, cached=cached):
            return
        self._stretch(at_ns)
        at = self.calls.row(key)
        method = "" if at is None else self.calls.texts[self.calls.methods[at]]
        tone = RED if failed else TEAL if cached else SLATE if method in _OPENING else BLUE
        row, place = self._places.pop(("call", key))
        name = "" if at is None else self.calls.texts[self.calls.names[at]]
        if label or cached or failed:
            row.labels[place[0]][place[1]] = label or f"{name} {'failed' if failed else '· cache hit'}"
        row.close(place, at_ns, tone)

    def begin_wait(self, key: int, server: str, label: str, at_ns: int, *, call: int | None = None) -> None:
        """The server asked a human something."""
        self._stretch(at_ns)
        row = self._row(server, "Waiting for you")
        self._places["wait", key] = (row, row.put(at_ns, label, call, VIOLET))

    def end_wait(self, key: int, at_ns: int) -> None:
        """It was answered or withdrawn."""
        self.close("wait", key, at_ns, VIOLET)

    def open(self, what: str, key: int, server: str, kind: str, label: str, at_ns: int, *, call: int | None) -> None:
        """A bar of another kind begins: an HTTP exchange, a task."""
        self._stretch(at_ns)
        row = self._row(server, kind)
        self._places[what, key] = (row, row.put(at_ns, label, call))

    def close(self, what: str, key: int, at_ns: int, tone: int, label: str = "") -> None:
        """It ends, if it is known."""
        found = self._places.pop((what, key), None)
        if found is None:
            return
        self._stretch(at_ns)
        row, place = found
        row.close(place, at_ns, tone)
        if label:
            row.labels[place[0]][place[1]] = label

    def add(self, server: str, kind: str, label: str, begin_ns: int, until_ns: int, tone: int) -> None:
        """A bar that has ended already."""
        self._stretch(begin_ns)
        row = self._row(server, kind)
        row.close(row.put(begin_ns, label, None), until_ns, tone)
        self._stretch(until_ns)

    def lose(self, server: str, words: str, at_ns: int) -> None:
        """A connection ended: what is open there gets no answer any more, and its lanes have a gap from here on."""
        self._stretch(at_ns)
        for (what, key), (row, (track, index)) in list(self._places.items()):
            if row.server != server or row.tracks[track].bar(index).start > at_ns:
                continue  # frames may be heard of before the end that came between them
            if what == "call":
                self.end_call(key, at_ns, failed=True)
            else:
                self.close(what, key, at_ns, VIOLET if what == "wait" else SLATE)
        if not any(gap.until is None for gap in self.gaps if gap.server == server):
            self.gaps.append(Gap(server, words, at_ns))

    def gap_words(self, gap: Gap) -> str:
        """ "Disconnected · 4.2 s", without a time as long as it lasts."""
        words = "Disconnected" if gap.words in ("", "disconnected") else visible(gap.words, 120)
        took = "" if gap.until is None else f" · {duration((gap.until - gap.begin) / 1e6)}"
        return words + took

    def find_again(self, server: str, at_ns: int) -> None:
        """It is started or connected again."""
        for gap in self.gaps:
            if gap.server == server and gap.until is None:
                gap.until = max(gap.begin, at_ns)

    def tick(self, server: str, kind: str, at_ns: int, tone: int = SLATE, label: str = "") -> None:
        """Something without a length: a notification or a log line."""
        self._stretch(at_ns)
        row = self._row(server, kind)
        index = row.tracks[0].add(at_ns, at_ns, tone)
        if label:
            row.labels[0][index] = label

    def tick_again(self, server: str, kind: str, at_ns: int, tone: int, word: str, about: object) -> None:
        """A tick of a series about one thing: only the last has a label, with how many there were."""
        row = self._row(server, kind)
        last, before, count = self._series.get((server, kind), (None, -1, 0))
        self.tick(server, kind, at_ns, tone)
        index = len(row.tracks[0]) - 1
        count = count + 1 if last == about and before == index - 1 else 1
        if count > 1:
            row.labels[0].pop(before, None)
        row.labels[0][index] = f"{word} × {count}" if count > 1 else word  # noqa: RUF001 (a multiplication sign)
        self._series[server, kind] = (about, index, count)

    # --- choosing ---

    def choose(self, shown: bytes | None) -> None:
        """Shows only calls whose row counts in `shown`, with their waits; None shows all."""
        self.shown = shown
        self._filtered = None if shown is None else self.filtered_rows(shown)
        self.filtered.emit()

    def take_filtered(self, shown: bytes, rows: list[LaneRow]) -> None:
        """The same, with rows that another thread has made by `filtered_rows`."""
        self.shown, self._filtered = shown, rows
        self.filtered.emit()

    def filtered_rows(self, shown: bytes) -> list[LaneRow]:
        """The rows with only these calls. For any thread: nothing here changes."""
        keys = self.calls.keys_
        if keys and keys[0] == 0 and keys[len(shown) - 1] == len(shown) - 1:  # every request is a call
            frozen = shown.ljust(keys[-1] + 1, b"\0") + b"\1"
        else:
            by_key = bytearray((keys[-1] if keys else 0) + 2)
            by_key[-1] = 1
            for key in compress(keys, shown):
                by_key[key] = 1
            frozen = bytes(by_key)
        names = {self.calls.texts[number] for number in set(compress(self.calls.servers, shown))}
        return [row if row.ticks else row.only(frozen) for row in self.all_rows() if row.server in names]

    def passes(self, row: int) -> bool:
        """Whether a call is shown."""
        return self.shown is None or (row < len(self.shown) and bool(self.shown[row]))

    def rows_between(self, begin: int, until: int) -> Sequence[int]:
        """Rows of shown calls that overlap the range, in order of their start."""
        rows = self.calls.between(begin, until)
        return rows if self.shown is None else [row for row in rows if self.passes(row)]

    def neighbour(self, key: int | None, step: int) -> int | None:
        """The key of the shown call before or after another; of the last or first one for None."""
        calls = self.calls
        row = None if key is None else calls.row(key)
        at = (len(calls) if step < 0 else -1) if row is None else row
        at += step
        while 0 <= at < len(calls):
            if self.passes(at):
                return calls.keys_[at]
            at += step
        return None

    def _row(self, server: str, kind: str) -> LaneRow:
        row = self._rows.get((server, kind))
        if row is None:
            row = self._rows[server, kind] = LaneRow(server, kind, KINDS[kind], kind in _TICKED)
        return row

    def _stretch(self, at_ns: int) -> None:
        self._begin = at_ns if self._begin is None else min(self._begin, at_ns)
        self._until = max(self._until, at_ns)
