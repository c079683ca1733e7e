"""Every frame of a session, in order, paired into exchanges. Pure: frames and bytes in, views out.

Append-only and meant for a million frames: facts are kept in columns (some 100 bytes a frame), texts go to a
`FrameStore` and are parsed again when somebody looks. Not thread-safe: one thread owns it, normally the runtime
thread, and readers on another thread see a consistent prefix because columns only grow.
"""

from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self, overload

from pydantic_core import from_json

from wireglass.protocol.conformance import Violation
from wireglass.protocol.messages import Frame, HttpFacts, JsonObject, RequestId
from wireglass.recording.entries import KINDS, STATUSES, Entry, Exchange, ExchangeStatus
from wireglass.recording.store import FrameStore, MemoryStore, Stored

__all__ = ["Ledger", "Listener"]

Listener = Callable[[Entry], None]
"""Called for each new entry on the appending thread. Must be quick and must not raise."""

RECENT = 512
"""Frames kept parsed, so that what was just recorded is shown without reading it back. A power of two."""
REMEMBERED = 10_000
"""Answered requests, open rounds and progress tokens that late frames are still paired with."""
_NONE: Final = -1
_KIND: Final = {kind: number for number, kind in enumerate(KINDS)}
_STATUS: Final[dict[ExchangeStatus, int]] = {status: number for number, status in enumerate(STATUSES)}
_NAMED_BY: Final = ("name", "uri", "taskId", "level")

_OpenKey = tuple[int, bool, RequestId]
"""Connection, asked by the server, id."""


def _longs() -> "array[int]":
    return array("q")


def _shorts() -> "array[int]":
    return array("i")


def _bytes() -> "array[int]":
    return array("b")


class _Rows:
    """Columns whose first row has the number `first`. Never shortened in place, so that readers may hold them."""

    __slots__ = ("first",)
    first: int

    def row(self, number: int) -> int:
        """Where a number stands. Raises LookupError when it was forgotten or never was."""
        row = number - self.first
        if row < 0:
            raise LookupError(f"{number} is not in the recording any more")
        return row

    def without(self, rows: int, end: int | None = None) -> Self:
        """A copy that lacks the first `rows`, and those from `end` on."""
        kept = type(self)()
        for column in self.__slots__:
            setattr(kept, column, getattr(self, column)[rows:end])
        kept.first = self.first + rows
        return kept


@dataclass(slots=True)
class _Columns(_Rows):
    """One row for each frame."""

    at_ns: "array[int]" = field(default_factory=_longs)
    queued_ns: "array[int]" = field(default_factory=_longs)
    first_byte_ns: "array[int]" = field(default_factory=_longs)
    place: "array[int]" = field(default_factory=_longs)
    size: "array[int]" = field(default_factory=_shorts)
    connection: "array[int]" = field(default_factory=_shorts)
    channel: "array[int]" = field(default_factory=_shorts)
    method: "array[int]" = field(default_factory=_shorts)
    exchange: "array[int]" = field(default_factory=_longs)
    kind: "array[int]" = field(default_factory=_bytes)
    from_server: "array[int]" = field(default_factory=_bytes)
    id: list[RequestId | None] = field(default_factory=list[RequestId | None])
    name: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.first = 0


@dataclass(slots=True)
class _ExchangeColumns(_Rows):
    """One row for each request."""

    request: "array[int]" = field(default_factory=_longs)
    answer: "array[int]" = field(default_factory=_longs)
    cancel: "array[int]" = field(default_factory=_longs)
    previous: "array[int]" = field(default_factory=_longs)
    following: "array[int]" = field(default_factory=_longs)
    during: "array[int]" = field(default_factory=_longs)
    method: "array[int]" = field(default_factory=_shorts)
    status: "array[int]" = field(default_factory=_bytes)
    id: list[RequestId] = field(default_factory=list[RequestId])
    name: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.first = 0


class _Remembered(OrderedDict[Any, int]):
    """A bounded memory: the oldest goes first."""

    def __setitem__(self, key: Any, value: int) -> None:
        super().__setitem__(key, value)
        if len(self) > REMEMBERED:
            self.popitem(last=False)


class _Words:
    """Texts that repeat, each kept once."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {"": 0}
        self._text = [""]

    def __getitem__(self, number: int) -> str:
        return self._text[number]

    def __len__(self) -> int:
        return len(self._text)

    def texts(self) -> list[str]:
        """All texts by number."""
        return list(self._text)

    def restore(self, texts: list[str]) -> None:
        """Takes over the texts of a saved session. The first must be empty."""
        if not texts or texts[0]:
            raise ValueError("the first word is not the empty one")
        self._text = texts
        self._number = {text: number for number, text in enumerate(texts)}

    def number(self, text: str) -> int:
        known = self._number.get(text)
        if known is None:
            if len(self._text) >= 100_000:  # a peer that invents methods must not fill the memory
                return 0
            known = self._number[text] = len(self._text)
            self._text.append(text)
        return known


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
        self.words = _Words()
        self.columns = _Columns()
        self.exchange_columns = _ExchangeColumns()
        self.errors: dict[int, str] = {}
        self.notes: dict[int, str] = {}
        self.violations: dict[int, tuple[Violation, ...]] = {}
        self.progress: dict[int, list[int]] = {}
        self.tasks: dict[int, str] = {}
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
        self._next = 0
        self._recent_from = 0
        self._names: dict[str, str] = {}
        self._recent: list[Frame | None] = [None] * RECENT
        self._open: dict[_OpenKey, list[int]] = {}
        self._answered = _Remembered()
        self._rounds = _Remembered()
        self._tokens = _Remembered()
        self._client_calls: dict[int, dict[int, None]] = {}

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
        size = len(raw) if raw.isascii() else len(raw.encode("utf-8", "surrogatepass"))
        columns = self.columns
        from_server = frame.sender == "server"
        columns.at_ns.append(frame.at_ns)
        columns.queued_ns.append(_NONE if frame.queued_ns is None else frame.queued_ns)
        columns.first_byte_ns.append(_NONE if frame.first_byte_ns is None else frame.first_byte_ns)
        columns.place.append(self._store.append(frame, connection))
        columns.size.append(size)
        columns.connection.append(self.words.number(connection))
        columns.channel.append(self.words.number(frame.channel))
        columns.from_server.append(from_server)
        columns.id.append(None)
        columns.method.append(0)
        columns.name.append("")
        columns.exchange.append(_NONE)
        if frame.error is not None:
            self.errors[seq] = frame.error
        columns.kind.append(self._classify(frame, seq, from_server))
        self.bytes += size
        self._recent[seq & (RECENT - 1)] = frame
        self._next = seq + 1
        entry = Entry(self, seq)
        for listener in self._listeners:
            listener(entry)
        return entry

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
        for name in ("errors", "notes", "violations", "tasks"):
            setattr(copy, name, dict(getattr(self, name)))
        copy.progress = {number: list(seqs) for number, seqs in dict(self.progress).items()}
        copy.resume(end)
        return copy

    def mark(self, seq: int, violations: tuple[Violation, ...]) -> None:
        """Attaches what the conformance check found in a frame."""
        if violations and seq >= self._first:
            self.violations[seq] = violations

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
        for sparse in (self.errors, self.notes, self.violations):
            for seq in [seq for seq in sparse if seq < before]:
                del sparse[seq]
        self._forget_exchanges(before)
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
        for key in [key for key, numbers in self._open.items() if max(numbers) < limit]:
            del self._open[key]
        for calls in self._client_calls.values():
            for number in [number for number in calls if number < limit]:
                del calls[number]

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

    def open_exchanges(self) -> list[Exchange]:
        """The requests without an answer, oldest first."""
        return [Exchange(self, number) for number in sorted(one for numbers in self._open.values() for one in numbers)]

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

    # --- pairing ---

    def _classify(self, frame: Frame, seq: int, from_server: bool) -> int:
        message = frame.message
        if isinstance(message, dict) and frame.error is None:
            return self._pair(message, seq, from_server, alone=True)
        if isinstance(message, list) and frame.error is None:
            for one in message:
                if isinstance(one, dict):
                    self._pair(one, seq, from_server, alone=False)
            return _KIND["batch"]
        return _KIND["broken"]

    def _pair(self, message: JsonObject, seq: int, from_server: bool, *, alone: bool) -> int:
        """Files one JSON-RPC message; `alone` unless it is part of a batch. Returns its kind."""
        method = message.get("method")
        given_id = message.get("id")
        id = given_id if isinstance(given_id, str) or type(given_id) is int else None
        params = message.get("params")
        if alone:
            self.columns.id[-1] = id
        if isinstance(method, str):
            name = self._once(_name_of(params)) if isinstance(params, dict) else ""
            if alone:
                self.columns.method[-1] = self.words.number(method)
                self.columns.name[-1] = name
            if "id" not in message:
                self._notified(method, params if isinstance(params, dict) else {}, seq, from_server)
                return _KIND["notification"]
            if id is not None:
                self._asked(method, id, params if isinstance(params, dict) else {}, seq, from_server, name)
            return _KIND["request"]
        if "result" in message or "error" in message:
            self._answer(message, id, seq, from_server)
            return _KIND["error"] if "error" in message else _KIND["result"]
        return _KIND["broken"]

    def _once(self, name: str) -> str:
        """The same text as one object: names repeat from call to call."""
        if len(self._names) < REMEMBERED:
            return self._names.setdefault(name, name)
        return self._names.get(name, name)

    def _belongs(self, number: int) -> None:
        """Ties the newest frame to an exchange, unless it is a batch that is tied already."""
        if self.columns.exchange[-1] < 0:
            self.columns.exchange[-1] = number

    def _asked(self, method: str, id: RequestId, params: JsonObject, seq: int, from_server: bool, name: str) -> None:
        columns = self.exchange_columns
        number = self._first_exchange + len(columns.request)
        connection = self.columns.connection[-1]
        columns.request.append(seq)
        columns.answer.append(_NONE)
        columns.cancel.append(_NONE)
        columns.previous.append(_NONE)
        columns.following.append(_NONE)
        columns.method.append(self.words.number(method))
        columns.status.append(_STATUS["open"])
        columns.id.append(id)
        columns.name.append(name)
        calls = self._client_calls.setdefault(connection, {})
        columns.during.append(next(iter(calls)) if from_server and len(calls) == 1 else _NONE)
        if not from_server:
            calls[number] = None
        self._belongs(number)
        same_id = self._open.setdefault((connection, from_server, id), [])
        if same_id:
            self.notes[seq] = "id in use"
        same_id.append(number)
        meta = params.get("_meta")
        token = meta.get("progressToken") if isinstance(meta, dict) else None
        if isinstance(token, str | int):
            self._tokens[connection, from_server, token] = number
        if "requestState" in params or "inputResponses" in params:
            self._continue_round(connection, method, params, number)
        if method.startswith("tasks/") and isinstance(params.get("taskId"), str):
            self.tasks[number] = params["taskId"]

    def _continue_round(self, connection: int, method: str, params: JsonObject, number: int) -> None:
        """Finds the answer that asked for this retry: by its opaque state, else by what was called."""
        state = params.get("requestState")
        key = (connection, method, state if isinstance(state, str) else None, _name_of(params))
        previous = self._rounds.pop(key, _NONE)
        if previous >= self._first_exchange:
            self.exchange_columns.previous[-1] = previous
            self.exchange_columns.following[previous - self._first_exchange] = number

    def _notified(self, method: str, params: JsonObject, seq: int, from_server: bool) -> None:
        connection = self.columns.connection[-1]
        if method == "notifications/progress":
            token = params.get("progressToken")
            number = (
                self._tokens.get((connection, not from_server, token), _NONE) if isinstance(token, str | int) else _NONE
            )
            if number >= self._first_exchange:
                self._belongs(number)
                self.progress.setdefault(number, []).append(seq)
        elif method == "notifications/cancelled":
            self._cancelled(params.get("requestId"), connection, seq, from_server)

    def _cancelled(self, id: Any, connection: int, seq: int, from_server: bool) -> None:
        if not isinstance(id, str | int):
            return
        # A server may cancel a listen request of the client (2026-07-28): then the id is the receiver's.
        for asked_by_server in (from_server, not from_server):
            numbers = self._open.get((connection, asked_by_server, id))
            if numbers and numbers[-1] >= self._first_exchange:
                row = numbers[-1] - self._first_exchange
                self.exchange_columns.cancel[row] = seq
                self.exchange_columns.status[row] = _STATUS["cancelled"]
                self._client_calls.get(connection, {}).pop(numbers[-1], None)
                self._belongs(numbers[-1])
                return

    def _answer(self, message: JsonObject, id: RequestId | None, seq: int, from_server: bool) -> None:
        connection = self.columns.connection[-1]
        if id is None:
            self.notes[seq] = "answers no request"
            return
        key = (connection, not from_server, id)
        numbers = self._open.get(key)
        if not numbers:
            self._late_answer(key, seq)
            return
        number = self._on_same_channel(numbers)
        numbers.remove(number)
        if not numbers:
            del self._open[key]
        self._answered[key] = number
        self._belongs(number)
        if number < self._first_exchange:
            return
        self._client_calls.get(connection, {}).pop(number, None)
        columns = self.exchange_columns
        row = number - self._first_exchange
        columns.answer[row] = seq
        self.columns.method[-1] = columns.method[row]
        self.columns.name[-1] = columns.name[row]
        self.columns.id[-1] = columns.id[row]
        if columns.status[row] == _STATUS["cancelled"]:
            self.notes[seq] = "answer after cancel"
        else:
            columns.status[row] = _STATUS[self._outcome(message, number)]

    def _on_same_channel(self, numbers: list[int]) -> int:
        """Which of several requests with one id is answered: the one whose channel the answer uses, else the oldest."""
        if len(numbers) > 1:
            channel = self.columns.channel[-1]
            for number in numbers:
                row = number - self._first_exchange
                if row >= 0:
                    request = self.exchange_columns.request[row] - self._first
                    if request >= 0 and self.columns.channel[request] == channel:
                        return number
        return numbers[0]

    def _late_answer(self, key: _OpenKey, seq: int) -> None:
        number = self._answered.get(key, _NONE)
        if number >= self._first_exchange:
            self._belongs(number)
            self.columns.method[-1] = self.exchange_columns.method[number - self._first_exchange]
            self.notes[seq] = "second answer"
        else:
            self.notes[seq] = "answers no request"

    def _outcome(self, message: JsonObject, number: int) -> ExchangeStatus:
        result = message.get("result")
        if "error" in message or not isinstance(result, dict):
            return "error"
        kind = result.get("resultType")
        if kind == "input_required":
            self._await_round(result, number)
            return "input required"
        task = result.get("task") if kind != "task" else result
        if isinstance(task, dict) and isinstance(task.get("taskId"), str):
            self.tasks[number] = task["taskId"]
            return "task"
        return "tool error" if result.get("isError") is True else "ok"

    def _await_round(self, result: JsonObject, number: int) -> None:
        columns = self.exchange_columns
        row = number - self._first_exchange
        state = result.get("requestState")
        method = self.words[columns.method[row]]
        opaque = state if isinstance(state, str) else None
        self._rounds[self.columns.connection[-1], method, opaque, columns.name[row]] = number


def _name_of(params: JsonObject) -> str:
    for key in _NAMED_BY:
        value = params.get(key)
        if isinstance(value, str):
            return value if len(value) <= 200 else value[:200] + "…"
    return ""
