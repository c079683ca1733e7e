"""What the timeline draws: lanes of bars per server, and the calls behind them. Knows no widget."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, Signal

from wireglass.protocol.messages import Span
from wireglass.recording.insights import CallTime
from wireglass_app.models.lanes import Lane

__all__ = ["BLUE", "ORANGE", "RED", "SLATE", "TEAL", "TONES", "VIOLET", "LaneRow", "TimelineModel"]

SLATE, BLUE, TEAL, VIOLET, ORANGE, RED = range(6)
TONES = ("bar.slate", "bar.blue", "bar.teal", "bar.violet", "bar.orange", "bad.fill")
"""Bar colours by tone; where bars share a pixel the later one wins, so that failures stay visible."""

_OPENING = frozenset({"initialize", "server/discover", "ping"})


@dataclass(slots=True)
class LaneRow:
    """One row: bars in one or more tracks below each other, or ticks."""

    server: str
    title: str
    icon: str
    ticks: bool = False
    tracks: list[Lane] = field(default_factory=lambda: [Lane()])
    labels: list[dict[int, str]] = field(default_factory=lambda: [{}])
    keys: list[dict[int, int]] = field(default_factory=lambda: [{}])
    """Per track: bar index to the key of its call."""
    free_from: list[int | None] = field(default_factory=lambda: [0])
    """Per track: when its last bar ended; None while that runs."""

    def put(self, start: int, label: str, key: int | None, tone: int = SLATE) -> tuple[int, int]:
        """Opens a bar on the first track that is free and returns (track, index); the last track takes overlaps."""
        free = (track for track, end in enumerate(self.free_from) if end is not None and end <= start)
        track = next(free, len(self.tracks) - 1)
        index = self.tracks[track].add(start, tone=tone)
        if label:
            self.labels[track][index] = label
        if key is not None:
            self.keys[track][index] = key
        self.free_from[track] = None
        return track, index

    def close(self, place: tuple[int, int], end: int, tone: int) -> None:
        """Ends the bar that `put` opened."""
        track, index = place
        self.tracks[track].close(index, end, tone)
        if index == len(self.tracks[track]) - 1:
            self.free_from[track] = end


class TimelineModel(QObject):
    """Calls and lanes of all servers on one monotonic clock (ns). Who fills it emits `changed` once a batch."""

    changed = Signal()

    def __init__(
        self, wall_offset_ns: int = 0, parent: QObject | None = None, *, title_of: Callable[[str], str] = str
    ) -> None:
        super().__init__(parent)
        self.title_of = title_of
        """The name that people know a server by; may change while it connects."""
        self.wall_offset_ns = wall_offset_ns
        """Add it to a time to get nanoseconds since the epoch."""
        self.calls: dict[int, CallTime] = {}
        self._rows: dict[tuple[str, str], LaneRow] = {}
        self._places: dict[tuple[str, int], tuple[int, int]] = {}
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
        """Whether a call or a wait goes on, so that its bar grows."""
        return bool(self._places)

    def advance(self, now_ns: int) -> None:
        """Lets the open bars grow to `now_ns`."""
        if self.is_open:
            self._stretch(now_ns)
            self.changed.emit()

    def rows(self) -> list[LaneRow]:
        """The rows in the order servers and kinds first appeared, each server's together."""
        servers = dict.fromkeys(server for server, _ in self._rows)
        return [row for server in servers for (owner, _), row in self._rows.items() if owner == server]

    def begin_call(self, key: int, server: str, method: str, name: str, at_ns: int) -> None:
        """A request was sent."""
        self._stretch(at_ns)
        self.calls[key] = CallTime(key, server, method, name, at_ns, None)
        self._places["call", key] = self._row(server, "Requests", "forward", tracks=2).put(at_ns, name, key)

    def end_call(
        self, key: int, at_ns: int, *, failed: bool, spans: Sequence[Span] = (), human_ns: int = 0, cached: bool = False
    ) -> None:
        """A request was answered, or will not be."""
        call = self.calls.get(key)
        if call is None or call.end_ns is not None:
            return
        self._stretch(at_ns)
        self.calls[key] = replace(call, end_ns=at_ns, failed=failed, spans=tuple(spans), human_ns=human_ns)
        tone = RED if failed else TEAL if cached else SLATE if call.method in _OPENING else BLUE
        self._row(call.server, "Requests", "forward", tracks=2).close(self._places.pop(("call", key)), at_ns, tone)

    def begin_wait(self, key: int, server: str, label: str, at_ns: int, *, call: int | None = None) -> None:
        """The server asked a human something."""
        self._stretch(at_ns)
        self._places["wait", key] = self._row(server, "Waiting for you", "person").put(at_ns, label, call, VIOLET)

    def end_wait(self, key: int, server: str, at_ns: int) -> None:
        """It was answered or withdrawn."""
        place = self._places.pop(("wait", key), None)
        if place is not None:
            self._stretch(at_ns)
            self._row(server, "Waiting for you", "person").close(place, at_ns, VIOLET)

    def tick(self, server: str, kind: str, at_ns: int, tone: int = SLATE) -> None:
        """Something without a length: a notification or a log line."""
        self._stretch(at_ns)
        icon = "logs" if kind == "Logs" else "bolt"
        self._row(server, kind, icon, ticks=True).tracks[0].add(at_ns, at_ns, tone)

    def calls_between(self, begin: int, until: int) -> list[CallTime]:
        """Calls that overlap the range, in order of their start."""
        calls = self.calls.values()
        return [call for call in calls if call.begin_ns < until and (call.end_ns is None or call.end_ns >= begin)]

    def _row(self, server: str, kind: str, icon: str, *, tracks: int = 1, ticks: bool = False) -> LaneRow:
        row = self._rows.get((server, kind))
        if row is None:
            row = LaneRow(
                server,
                kind,
                icon,
                ticks,
                [Lane() for _ in range(tracks)],
                [{} for _ in range(tracks)],
                [{} for _ in range(tracks)],
                [0] * tracks,
            )
            self._rows[server, kind] = row
        return row

    def _stretch(self, at_ns: int) -> None:
        self._begin = at_ns if self._begin is None else min(self._begin, at_ns)
        self._until = max(self._until, at_ns)
