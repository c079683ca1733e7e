"""The HTTP exchanges of a recording, one row each: gathered from the frames that they carried, and from the events that
tell of their phases and of exchanges without a frame (202, 405, DELETE, a refused first attempt)."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt, QTimer, Signal

from wireglass.protocol.messages import HttpFacts, as_object
from wireglass.recording.entries import Entry
from wireglass.recording.events import SessionEvent
from wireglass.recording.ledger import Ledger
from wireglass_app.models.columns import ColumnsModel, Index
from wireglass_app.models.frame_words import GAP_SPOKEN
from wireglass_app.models.http_words import reason, status_ink
from wireglass_app.moments import clock_ms
from wireglass_app.plain import column_size, count, duration, visible
from wireglass_app.theme import theme

__all__ = ["HttpExchange", "HttpModel"]

Role = Qt.ItemDataRole
_ROOT = QModelIndex()
_AT_ONCE = 500
_WITHOUT_HTTP = ("stdio", "memory")


@dataclass(slots=True)
class HttpExchange:
    """One request of HTTP and the frames that crossed in it."""

    connection: str
    channel: str
    facts: HttpFacts
    first_ns: int
    last_ns: int
    octets: int = 0
    seqs: list[int] = field(default_factory=list[int])
    methods: dict[str, None] = field(default_factory=dict[str, None])
    event: SessionEvent | None = None
    """What was told of it when it was over."""
    answered: bool = False
    """Whether a frame of the server crossed in it."""

    def over(self, event: SessionEvent) -> None:
        """It is over: from when to when it really lasted, and its answer if no frame brought one."""
        self.event = event
        self.first_ns, self.last_ns = event.at_ns, max(self.last_ns, event.until_ns or event.at_ns)
        if self.facts.status is None:
            self.facts = _facts_of(event)

    def over_before(self, event: SessionEvent) -> bool:
        """Whether it was over when what `event` tells of began."""
        return self.event is not None and event.at_ns > self.last_ns

    def phases(self) -> list[tuple[str, float]]:
        """Names of what it waited for and how long, in milliseconds, in order."""
        if self.event is None:
            return []
        told = as_object(self.event.facts.get("phases"))
        at = {name: value for name, value in told.items() if isinstance(value, int)}
        at["done"] = (self.event.until_ns or self.event.at_ns) - self.event.at_ns
        found: list[tuple[str, float]] = []
        for name, begin, end in _PHASES:
            if end in at and (begin in at or not begin):
                found.append((name, (at[end] - at.get(begin, 0)) / 1e6))
        return found

    def add(self, entry: Entry, facts: HttpFacts) -> None:
        """One more frame; a status or headers known only now replace what was known."""
        if facts.status is not None or self.facts.status is None:
            self.facts = facts
        self.last_ns = max(self.last_ns, entry.at_ns)
        self.octets += entry.size
        self.seqs.append(entry.seq)
        self.answered = self.answered or entry.sender == "server"
        if entry.method and len(self.methods) < 20:
            self.methods[entry.method] = None


_PHASES = (
    ("connect", "connect", "connected"),
    ("TLS", "secure", "secured"),
    ("sent", "", "sent"),
    ("waited", "sent", "head"),
    ("read", "head", "done"),
)


def _facts_of(event: SessionEvent) -> HttpFacts:
    facts = event.facts
    status = facts.get("status")
    return HttpFacts(
        str(facts.get("verb", "")),
        str(facts.get("url", "")),
        status if isinstance(status, int) else None,
        _pairs(facts.get("requestHeaders")),
        _pairs(facts.get("responseHeaders")),
    )


def _without_frames(event: SessionEvent) -> HttpExchange:
    channel = str(event.facts.get("channel", ""))
    return HttpExchange(event.connection, channel, _facts_of(event), event.at_ns, event.until_ns or event.at_ns)


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    pairs: list[Any] = value if isinstance(value, list) else []
    return tuple((str(pair[0]), str(pair[1])) for pair in pairs if isinstance(pair, list) and len(pair) == 2)


class HttpModel(ColumnsModel):
    """Rows in the order of the first frame."""

    columns = ("Time", "Server", "Verb", "URL", "Status", "Carries", "Frames", "Size", "Lasted")
    at_right = (6, 7, 8)
    taken = Signal()
    """Something was heard of an exchange, also if the filter hides it."""

    def __init__(self, ledger: Ledger, server: Callable[[str], str] = str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ledger = ledger
        self._server = server
        self._rows: list[HttpExchange] = []
        self._shown = array("q")
        """The numbers of the exchanges that pass the filter, in order."""
        self._passes: Callable[[HttpExchange], bool] | None = None
        self._stretch: tuple[int, int] | None = None
        self._by_channel: dict[tuple[str, str], int] = {}
        self.after_gap: Callable[[int], bool] = lambda _row: False
        """Whether a server was gone between a row and the one above."""
        self._earlier: dict[tuple[str, str], list[HttpExchange]] = {}
        """Of channels that were used again: the exchanges before the last one."""
        self._connections: set[str] = set()
        self._taken = 0
        self._last_event: SessionEvent | None = None

    def take_new(self) -> None:
        """Looks at the frames recorded since the last time; at many of them in several turns of the event loop."""
        entries = self.ledger.entries
        start = max(self._taken, entries[0].seq) if len(entries) else 0
        end = entries[-1].seq + 1 if len(entries) else 0
        self._taken = min(end, start + _AT_ONCE)
        if self._taken < end:
            QTimer.singleShot(0, self, self.take_new)
        fresh: list[HttpExchange] = []
        touched: set[int] = set()
        for seq in range(start, self._taken):
            entry = self.ledger.entry(seq)
            if entry.channel not in _WITHOUT_HTTP:
                self._take(entry, fresh, touched)
        for event in self._new_events():
            self._over(event, fresh, touched)
        self._touch(touched)
        if fresh:
            first = len(self._rows)
            self._rows.extend(self._in_order(fresh))
            self._connections.update(one.connection for one in fresh)
            passing = [at for at in range(first, len(self._rows)) if self._fits(at)]
            if passing:
                at = len(self._shown)
                self.beginInsertRows(_ROOT, at, at + len(passing) - 1)
                self._shown.extend(passing)
                self.endInsertRows()
        if fresh or touched:
            self.taken.emit()

    def _in_order(self, fresh: list[HttpExchange]) -> list[HttpExchange]:
        """As they began: what no frame crossed in is heard of after everything else."""
        first = len(self._rows)
        order = sorted(range(len(fresh)), key=lambda at: fresh[at].first_ns)
        keys = [(one.connection, one.channel) for one in fresh]
        known = [self._by_channel.get(key) for key in keys]
        for row, at in enumerate(order, first):
            if known[at] == first + at:
                self._by_channel[keys[at]] = row
        return [fresh[at] for at in order]

    def speaks(self, connection: str) -> bool:
        """Whether anything over HTTP was heard of a connection."""
        return connection in self._connections

    def _touch(self, touched: set[int]) -> None:
        """Known exchanges have changed: they are painted again, or pass the filter only now."""
        for number in touched:
            at = bisect_left(self._shown, number)
            if at < len(self._shown) and self._shown[at] == number:
                self.tell_changed(at, at)
            elif self._fits(number):
                self.beginInsertRows(_ROOT, at, at)
                self._shown.insert(at, number)
                self.endInsertRows()

    def set_filter(self, passes: Callable[[HttpExchange], bool] | None, stretch: tuple[int, int] | None = None) -> None:
        """Shows only exchanges that pass, and of these only those that touch a stretch of time (frames' clock)."""
        self._passes, self._stretch = passes, stretch
        self.beginResetModel()
        self._shown = array("q", (number for number in range(len(self._rows)) if self._fits(number)))
        self.endResetModel()

    def _fits(self, number: int) -> bool:
        one = self._rows[number]
        if self._stretch is not None and not (one.first_ns <= self._stretch[1] and one.last_ns >= self._stretch[0]):
            return False
        return self._passes is None or self._passes(one)

    @property
    def total(self) -> int:
        """All exchanges, also those that the filter hides."""
        return len(self._rows)

    @property
    def exchanges(self) -> Sequence[HttpExchange]:
        """All exchanges in the order in which they were heard of."""
        return self._rows

    @property
    def shown(self) -> list[HttpExchange]:
        """Those that pass the filter."""
        return [self._rows[number] for number in self._shown]

    def row_of(self, exchange: HttpExchange) -> int | None:
        """The row that shows an exchange; None when the filter hides it."""
        return next((row for row, number in enumerate(self._shown) if self._rows[number] is exchange), None)

    def _take(self, entry: Entry, fresh: list[HttpExchange], touched: set[int]) -> None:
        facts = entry.http
        if facts is None:
            return
        key = (entry.connection, entry.channel)
        row = self._by_channel.get(key)
        known = self._known(row, fresh)
        if row is None or known is None or (entry.sender == "client" and (known.answered or known.event is not None)):
            # Not known, or over: a server that was started again counts its channels from 1 again.
            row = self._by_channel[key] = len(self._rows) + len(fresh)
            if known is not None:
                self._earlier.setdefault(key, []).append(known)
            known = HttpExchange(entry.connection, entry.channel, facts, entry.at_ns, entry.at_ns)
            fresh.append(known)
        old = row < len(self._rows)
        known.add(entry, facts)
        if old:
            touched.add(row)

    def _was_earlier(self, key: tuple[str, str], event: SessionEvent, last: HttpExchange, touched: set[int]) -> bool:
        """Whether an event is that of an exchange before the last one of its channel, which is over with it then."""
        until = event.until_ns or event.at_ns
        before = self._earlier.get(key, ()) if until < last.first_ns else ()
        found = next((one for one in reversed(before) if one.first_ns <= until and one.event is None), None)
        if found is None:
            return False
        found.over(event)
        touched.update(row for row, one in enumerate(self._rows) if one is found)
        return True

    def _known(self, row: int | None, fresh: list[HttpExchange]) -> HttpExchange | None:
        """The exchange of a number, also of those that have no row yet."""
        if row is None:
            return None
        return self._rows[row] if row < len(self._rows) else fresh[row - len(self._rows)]

    def _new_events(self) -> list[SessionEvent]:
        """The HTTP events since the last time; the ledger forgets old ones, so they are counted from the end."""
        events, found = self.ledger.events, list[SessionEvent]()
        for event in reversed(events):
            if event is self._last_event:
                break
            if event.kind == "http":
                found.append(event)
        if events:
            self._last_event = events[-1]
        return found[::-1]

    def _over(self, event: SessionEvent, fresh: list[HttpExchange], touched: set[int]) -> None:
        key = (event.connection, str(event.facts.get("channel", "")))
        row = self._by_channel.get(key)
        known = self._known(row, fresh)
        if known is not None and self._was_earlier(key, event, known, touched):
            return
        if row is None or known is None or (known.over_before(event) and known.answered):  # no frame crossed
            self._by_channel[key] = len(self._rows) + len(fresh)
            known = _without_frames(event)
            fresh.append(known)
        elif row < len(self._rows):
            touched.add(row)
        if known.event is not None:  # an earlier attempt: the frames belong to the last one
            fresh.append(_without_frames(known.event))
            fresh[-1].over(known.event)
        known.over(event)

    def exchange(self, row: int) -> HttpExchange:
        """The exchange of a row."""
        return self._rows[self._shown[row]]

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.exchange(index.row())
        match role:
            case Role.DisplayRole:
                return self._text(row, index.column())
            case Role.TextAlignmentRole:
                return self.alignment(index.column())
            case Role.FontRole:
                return theme().font("mono" if index.column() in (0, 2, 3, 5, *self.at_right) else "body")
            case Role.ForegroundRole:
                return theme().color(self._ink(row, index.column()))
            case Role.AccessibleTextRole:
                gap = f"{GAP_SPOKEN} " if not index.column() and self.after_gap(index.row()) else ""
                return f"{gap}{self.columns[index.column()]} {self._text(row, index.column())}"
            case _:
                return None

    def _ink(self, row: HttpExchange, column: int) -> str:
        if column == 4:
            return "bad.text" if row.facts.status is None and row.event is not None else status_ink(row.facts.status)
        return "text.primary" if column in (1, 5) else "text.secondary"

    def _text(self, row: HttpExchange, column: int) -> str:
        match column:
            case 0:
                return clock_ms(self.ledger.wall_time_ns(row.first_ns))
            case 1:
                return visible(self._server(row.connection), 60)
            case 2:
                return visible(row.facts.verb, 10)
            case 3:
                return visible(row.facts.url, 400)
            case 4:
                if row.facts.status is None:
                    return "no answer" if row.event is not None else ""
                return f"{row.facts.status} {reason(row.facts.status)}".strip()
            case 5:
                return visible(", ".join(row.methods), 200)
            case 6:
                return count(len(row.seqs))
            case 7:
                return column_size(row.octets)
            case _:
                return duration((row.last_ns - row.first_ns) / 1e6)
