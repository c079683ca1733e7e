"""Every frame of a session, in order, paired into exchanges. Pure: frames and bytes in, views out.

Append-only and meant for a million frames: facts are kept in columns (some 100 bytes a frame), texts go to a
`FrameStore` and are parsed again when somebody looks. Not thread-safe: one thread owns it, normally the runtime
thread, and readers on another thread see a consistent prefix because columns only grow.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

from pydantic_core import from_json

from wireglass.protocol.conformance import Violation
from wireglass.protocol.messages import Frame, HttpFacts, Span
from wireglass.protocol.spans import spans_of
from wireglass.recording.columns import NONE, Columns, ExchangeColumns, Words
from wireglass.recording.entries import Entry, Exchange
from wireglass.recording.events import SessionEvent
from wireglass.recording.pairing import Pairing
from wireglass.recording.store import FrameStore, MemoryStore, Stored
from wireglass.recording.sweeping import LONG, pieces

__all__ = ["Ledger", "Listener"]

Listener = Callable[[Entry], None]
"""Called for each new entry on the appending thread. Must be quick and must not raise."""

RECENT = 512
"""Frames kept parsed, so that what was just recorded is shown without reading it back. A power of two."""
MOST_FOUND = 1_000
"""Different findings that are kept once, however often they occur."""
MOST_EVENTS = 100_000
"""Of the oldest a tenth is forgotten at a time."""


class _View(Sequence[Any]):
    """Entries or exchanges as a sequence that makes its items when asked."""

    def __init__(self, make: Callable[[int], Any], first: Callable[[], int], end: Callable[[], int]) -> None:
        self._make, self._first, self._end = make, first, end

    def __len__(self) -> int:
        return self._end() - self._first()

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        count = len(self)
        first = self._first()
        if isinstance(index, slice):
            return [self._make(first + one) for one in range(*index.indices(count))]
        if not -count <= index < count:
            raise IndexError(index)
        return self._make(first + index % count)

    def __iter__(self) -> Iterator[Any]:
        return map(self._make, range(self._first(), self._end()))


class Ledger:
    """The record of one session, over all its connections.

    `wall_ns` and `clock_ns` are one moment on the wall clock (since 1970, UTC) and on the frames' clock, so that times
    can be shown to people.
    """

    def __init__(self, store: FrameStore | None = None, *, wall_ns: int = 0, clock_ns: int = 0) -> None:
        self.wall_ns = wall_ns
        self.clock_ns = clock_ns
        self.words = Words()
        self.columns = Columns()
        self.exchange_columns = ExchangeColumns()
        self.errors: dict[int, str] = {}
        self.notes: dict[int, str] = {}
        self.violations: dict[int, tuple[Violation, ...]] = {}
        self.progress: dict[int, list[int]] = {}
        self.tasks: dict[int, str] = {}
        self.long_spans: dict[int, tuple[Span, ...]] = {}
        """By frame, the spans that long answers tell, also none: to look for them in 50 MB again takes a second."""
        self.events: list[SessionEvent] = []
        """What happened beside the frames, in the order of telling."""
        self.entries: Sequence[Entry] = _View(self._entry, lambda: self._first, lambda: self._next)
        """All entries that are kept, oldest first."""
        self.exchanges: Sequence[Exchange] = _View(
            lambda number: Exchange(self, number),
            lambda: self._first_exchange,
            lambda: self._first_exchange + len(self.exchange_columns.request),
        )
        """All exchanges that are kept, in the order of their requests."""
        self.bytes = 0
        """Bytes of all frames that are kept."""
        self._store: FrameStore = MemoryStore() if store is None else store
        self._listeners: list[Listener] = []
        self._event_listeners: list[Callable[[SessionEvent], None]] = []
        self._next = 0
        self._recent_from = 0
        self._recent: list[Frame | None] = [None] * RECENT
        self._found: dict[tuple[Violation, ...], tuple[Violation, ...]] = {}
        self._pairing = Pairing(self)

    # --- recording ---

    def tap(self, connection: str) -> Callable[[Frame], None]:
        """A `wire.base.Tap` that records what crosses one connection."""

        def record(frame: Frame) -> None:
            self.append(frame, connection)

        return record

    def append(self, frame: Frame, connection: str = "") -> Entry:
        """Records a frame and finds what it belongs to. Takes some microseconds; never raises for any content."""
        seq = self._next
        raw = frame.raw
        size = len(raw) if raw.isascii() else _size(raw)
        columns = self.columns
        from_server = frame.sender == "server"
        columns.at_ns.append(frame.at_ns)
        columns.queued_ns.append(NONE if frame.queued_ns is None else frame.queued_ns)
        columns.first_byte_ns.append(NONE if frame.first_byte_ns is None else frame.first_byte_ns)
        columns.place.append(self._store.append(frame, connection))
        columns.size.append(size)
        columns.connection.append(self.words.number(connection))
        columns.channel.append(self.words.number(frame.channel))
        columns.from_server.append(from_server)
        columns.id.append(None)
        columns.method.append(0)
        columns.name.append("")
        columns.exchange.append(NONE)
        if frame.error is not None:
            self.errors[seq] = frame.error
        columns.kind.append(self._pairing.classify(frame, seq, from_server))
        if size >= LONG:
            self.long_spans[seq] = spans_of(frame.message)
        self.bytes += size
        self._recent[seq & (RECENT - 1)] = frame
        self._next = seq + 1
        entry = Entry(self, seq)
        for listener in self._listeners:
            listener(entry)
        return entry

    def happened(self, event: SessionEvent) -> None:
        """Keeps what no frame tells: a line of stderr, the start of a process, an HTTP exchange."""
        self.events.append(event)
        if len(self.events) > MOST_EVENTS:
            self.events = self.events[MOST_EVENTS // 10 :]
        self._store.happened(event)
        for listener in self._event_listeners:
            listener(event)

    def listen_events(self, listener: Callable[[SessionEvent], None]) -> None:
        """Calls `listener` for each event from now on, on the thread that tells it."""
        self._event_listeners.append(listener)

    def resume(self, frames: int) -> None:
        """Continues after columns that were filled from elsewhere; `frames` is the number of the next."""
        self._next = frames
        self._recent = [None] * RECENT
        self._recent_from = frames
        self.bytes = sum(self.columns.size)

    def frozen(self) -> "Ledger":
        """A copy that nothing is added to and nothing forgotten from; the store is shared. Any thread may ask."""
        copy = Ledger(self._store, wall_ns=self.wall_ns, clock_ns=self.clock_ns)
        while True:
            end = self._next
            columns, exchanges = self.columns, self.exchange_columns
            copy.columns = columns.without(0, end - columns.first)
            # A request enters its columns one after the other: the shortest says how many are whole.
            copy.exchange_columns = exchanges.without(
                0, min(len(getattr(exchanges, one)) for one in exchanges.__slots__)
            )
            if self.columns is columns and self.exchange_columns is exchanges:
                break
        copy.words = self.words
        for name in ("errors", "notes", "violations", "tasks", "long_spans"):
            setattr(copy, name, dict(getattr(self, name)))
        copy.events = list(self.events)
        copy.progress = {number: list(seqs) for number, seqs in dict(self.progress).items()}
        copy.resume(end)
        return copy

    def mark(self, seq: int, violations: tuple[Violation, ...]) -> None:
        """Attaches what the conformance check found in a frame."""
        if violations and seq >= self._first:
            # A peer that is wrong is wrong in the same way each time: kept once, not a kilobyte for each frame.
            if len(self._found) < MOST_FOUND:
                violations = self._found.setdefault(violations, violations)
            self.violations[seq] = self._found.get(violations, violations)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener` for each new entry until the returned function is called."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def forget(self, before: int) -> None:
        """Drops the entries whose number is below `before`, and the exchanges that lie wholly among them."""
        before = min(before, self._next)
        rows = before - self._first
        if rows <= 0:
            return
        self.bytes -= sum(self.columns.size[:rows])
        self.columns = self.columns.without(rows)
        for sparse in (self.errors, self.notes, self.violations, self.long_spans):
            for seq in [seq for seq in sparse if seq < before]:
                del sparse[seq]
        self._forget_exchanges(before)
        if self.columns.at_ns:
            oldest = self.columns.at_ns[0]
            self.events = [event for event in self.events if (event.until_ns or event.at_ns) >= oldest]
        self._store.forget(self.columns.place[0] if self.columns.place else 1 << 62)

    def _forget_exchanges(self, before: int) -> None:
        columns = self.exchange_columns
        gone = 0
        while gone < len(columns.request) and columns.request[gone] < before:
            gone += 1
        if not gone:
            return
        limit = self._first_exchange + gone
        self.exchange_columns = columns.without(gone)
        for sparse in (self.progress, self.tasks):
            for number in [number for number in sparse if number < limit]:
                del sparse[number]
        self._pairing.forget(limit)

    # --- reading ---

    def entry(self, seq: int) -> Entry:
        """The entry of this number. Raises LookupError when it was forgotten or never was."""
        if not self._first <= seq < self._next:
            raise LookupError(f"frame {seq} is not in the recording")
        return Entry(self, seq)

    def exchange(self, number: int) -> Exchange | None:
        """The exchange of this number, or None when it was forgotten or never was."""
        known = self._first_exchange <= number < self._first_exchange + len(self.exchange_columns.request)
        return Exchange(self, number) if known else None

    def permission_ns(self, connection: str, begin_ns: int, end_ns: int) -> list[tuple[int, int]]:
        """When a person was at a page that had to give permission to a connection (steps of a sign-in), within this
        time: begin and end, oldest first."""
        found: list[tuple[int, int]] = []
        for event in reversed(self.events):
            until = event.until_ns or event.at_ns
            if until <= begin_ns:
                break  # events come in the order in which they ended
            if event.kind == "sign-in" and event.connection == connection and event.facts.get("human") is True:
                found.append((max(begin_ns, event.at_ns), min(end_ns, until)))
        return [(begin, end) for begin, end in reversed(found) if begin < end]

    def wall_time_ns(self, at_ns: int) -> int:
        """A frame's time as nanoseconds since 1970, UTC."""
        return self.wall_ns + at_ns - self.clock_ns

    def raw(self, seq: int) -> str:
        """The exact text of a frame. Raises LookupError when it is gone."""
        return self.stored(seq).raw

    def message(self, seq: int) -> Any:
        """The parsed message of a frame; None when it is not JSON."""
        recent = self._just_recorded(seq)
        if recent is not None:
            return recent.message
        try:
            return from_json(self.raw(seq))
        except ValueError:
            return None

    def spans(self, seq: int) -> tuple[Span, ...]:
        """The spans that an answer tells. Raises LookupError when it is gone."""
        known = self.long_spans.get(seq)
        return spans_of(self.message(seq)) if known is None else known

    def http(self, seq: int) -> HttpFacts | None:
        """The HTTP exchange that carried a frame."""
        return self.stored(seq).http

    def stored(self, seq: int) -> Stored:
        """What the store has of a frame. Raises LookupError when it is gone."""
        recent = self._just_recorded(seq)
        if recent is not None:
            return Stored(recent.raw, recent.http)
        columns = self.columns
        return self._store.read(columns.place[columns.row(seq)])

    @property
    def _first(self) -> int:
        return self.columns.first

    @property
    def _first_exchange(self) -> int:
        return self.exchange_columns.first

    def _just_recorded(self, seq: int) -> Frame | None:
        held = max(self._recent_from, self._next - RECENT) <= seq < self._next
        return self._recent[seq & (RECENT - 1)] if held else None

    def _entry(self, seq: int) -> Entry:
        return Entry(self, seq)


def _size(raw: str) -> int:
    return sum(len(piece.encode("utf-8", "surrogatepass")) for piece in pieces(raw))
