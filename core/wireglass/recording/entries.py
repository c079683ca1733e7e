"""What a ledger shows: one `Entry` for each frame, one `Exchange` for each request and all that belongs to it.

Both are thin views that read the ledger's columns when asked, so a million of them cost nothing until looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from wireglass.protocol.conformance import Violation
from wireglass.protocol.messages import Frame, HttpFacts, JsonObject, RequestId, Sender, Span
from wireglass.recording.store import Stored

if TYPE_CHECKING:
    from wireglass.recording.ledger import Ledger

__all__ = ["KINDS", "STATUSES", "Entry", "EntryKind", "Exchange", "ExchangeStatus"]

EntryKind = Literal["request", "notification", "result", "error", "batch", "broken"]
"""What a frame is: "error" is a JSON-RPC error answer, "broken" anything that is no JSON-RPC message."""

ExchangeStatus = Literal["open", "ok", "tool error", "error", "input required", "task", "cancelled"]
"""How a request stands or ended. "cancelled" stays when an answer comes all the same."""

KINDS: Final[tuple[EntryKind, ...]] = ("request", "notification", "result", "error", "batch", "broken")
STATUSES: Final[tuple[ExchangeStatus, ...]] = (
    "open",
    "ok",
    "tool error",
    "error",
    "input required",
    "task",
    "cancelled",
)


class Entry:
    """One frame in the ledger. Times are nanoseconds on the frame's clock."""

    __slots__ = ("_ledger", "seq")

    def __init__(self, ledger: Ledger, seq: int) -> None:
        self._ledger = ledger
        self.seq = seq
        """Counts from 0 over all connections, in the order of recording."""

    def __repr__(self) -> str:
        return f"<Entry {self.seq} {self.sender} {self.kind} {self.method or ''}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entry) and other.seq == self.seq and other._ledger is self._ledger

    def __hash__(self) -> int:
        return hash(self.seq)

    @property
    def kind(self) -> EntryKind:
        return KINDS[self._cell("kind")]

    @property
    def sender(self) -> Sender:
        return "server" if self._cell("from_server") else "client"

    @property
    def connection(self) -> str:
        """The name of the connection, as given to `Ledger.append`."""
        return self._ledger.words[self._cell("connection")]

    @property
    def channel(self) -> str:
        return self._ledger.words[self._cell("channel")]

    @property
    def method(self) -> str:
        """The method; of an answer, that of its request; empty when unknown."""
        return self._ledger.words[self._cell("method")]

    @property
    def name(self) -> str:
        """The tool, prompt, URI, task or log level that the message is about, or empty."""
        return self._cell("name")

    @property
    def id(self) -> RequestId | None:
        """The JSON-RPC id; None for notifications and for ids that are neither text nor whole number."""
        return self._cell("id")

    @property
    def at_ns(self) -> int:
        return self._cell("at_ns")

    @property
    def queued_ns(self) -> int | None:
        """When the sender asked for it, if it had to wait."""
        return _or_none(self._cell("queued_ns"))

    @property
    def first_byte_ns(self) -> int | None:
        return _or_none(self._cell("first_byte_ns"))

    @property
    def size(self) -> int:
        """Bytes of the text in UTF-8."""
        return self._cell("size")

    @property
    def error(self) -> str | None:
        """Why the frame is no message, in words."""
        return self._ledger.errors.get(self.seq)

    @property
    def exchange(self) -> Exchange | None:
        """The request that this frame makes, answers, reports on or cancels. Of a batch: the first."""
        return self._ledger.exchange(self._cell("exchange"))

    @property
    def note(self) -> str:
        """What is odd about the pairing, or empty.

        One of "answers no request", "second answer", "answer after cancel" and "id in use".
        """
        return self._ledger.notes.get(self.seq, "")

    @property
    def violations(self) -> tuple[Violation, ...]:
        """What the conformance check found, as given to `Ledger.mark`."""
        return self._ledger.violations.get(self.seq, ())

    @property
    def raw(self) -> str:
        """The exact text. Raises LookupError when the recording no longer has it."""
        return self._ledger.raw(self.seq)

    @property
    def message(self) -> Any:
        """The parsed message, or None. Must not be changed."""
        return self._ledger.message(self.seq)

    @property
    def spans(self) -> tuple[Span, ...]:
        """The spans that the server reported, on an answer. Raises LookupError when its text is gone."""
        return self._ledger.spans(self.seq)

    @property
    def http(self) -> HttpFacts | None:
        return self._ledger.http(self.seq)

    @property
    def stored(self) -> Stored:
        """`raw` and `http` in one look, unparsed. Raises LookupError when they are gone."""
        return self._ledger.stored(self.seq)

    @property
    def frame(self) -> Frame:
        """The frame as it was recorded."""
        return Frame(
            sender=self.sender,
            channel=self.channel,
            raw=self.raw,
            message=self.message,
            at_ns=self.at_ns,
            error=self.error,
            queued_ns=self.queued_ns,
            first_byte_ns=self.first_byte_ns,
            http=self.http,
        )

    def _cell(self, column: str) -> Any:
        columns = self._ledger.columns  # fetched once: `forget` on the owner's thread puts another in its place
        return getattr(columns, column)[columns.row(self.seq)]


class Exchange:
    """A request, its progress, its cancel, its answer. Rounds of one call and polls of one task know each other."""

    __slots__ = ("_ledger", "number")

    def __init__(self, ledger: Ledger, number: int) -> None:
        self._ledger = ledger
        self.number = number
        """Counts from 0 over all connections, in the order of requests."""

    def __repr__(self) -> str:
        return f"<Exchange {self.number} {self.method} {self.status}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Exchange) and other.number == self.number and other._ledger is self._ledger

    def __hash__(self) -> int:
        return hash(self.number)

    @property
    def request(self) -> Entry:
        return Entry(self._ledger, self._cell("request"))

    @property
    def answer(self) -> Entry | None:
        """The result or error, or None so far."""
        return self._entry(self._cell("answer"))

    @property
    def cancel(self) -> Entry | None:
        """The `notifications/cancelled` for it."""
        return self._entry(self._cell("cancel"))

    @property
    def progress(self) -> tuple[Entry, ...]:
        """The progress notifications, oldest first."""
        return tuple(Entry(self._ledger, seq) for seq in self._ledger.progress.get(self.number, ()))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All frames of the exchange in order."""
        own = {self.request, *self.progress} | {one for one in (self.answer, self.cancel) if one is not None}
        return tuple(sorted(own, key=lambda entry: entry.seq))

    @property
    def status(self) -> ExchangeStatus:
        return STATUSES[self._cell("status")]

    @property
    def method(self) -> str:
        """Of a request in a batch: its own method, not that of the batch's first."""
        return self._ledger.words[self._cell("method")]

    @property
    def name(self) -> str:
        return self._cell("name")

    @property
    def id(self) -> RequestId:
        return self._cell("id")

    @property
    def sender(self) -> Sender:
        """Who asked."""
        return self.request.sender

    @property
    def connection(self) -> str:
        return self.request.connection

    @property
    def asked_ns(self) -> int:
        """When the request was asked for, before any queue."""
        return self.request.queued_ns or self.request.at_ns

    @property
    def queued_for_ns(self) -> int:
        """How long the request waited before it was sent."""
        return self.request.at_ns - self.asked_ns

    @property
    def permission_ns(self) -> list[tuple[int, int]]:
        """When, while the request waited to be sent, a person was at a page that had to give permission: begin and end
        of each time."""
        asked, sent = self.asked_ns, self.request.at_ns
        return self._ledger.permission_ns(self.connection, asked, sent) if asked < sent else []

    @property
    def first_byte_after_ns(self) -> int | None:
        """From sent to the first byte of the answer, where the transport tells."""
        answer = self.answer
        first = None if answer is None else answer.first_byte_ns
        return None if first is None else first - self.request.at_ns

    @property
    def answered_after_ns(self) -> int | None:
        """From sent to the answer's last byte: the duration of the call. None while it is open."""
        answer = self.answer
        return None if answer is None else answer.at_ns - self.request.at_ns

    @property
    def spans(self) -> tuple[Span, ...]:
        """The spans that the server reported on its answer."""
        answer = self.answer
        return () if answer is None else answer.spans

    @property
    def previous_round(self) -> Exchange | None:
        """The exchange that ended in `input_required` and that this one continues (2026-07-28)."""
        return self._ledger.exchange(self._cell("previous"))

    @property
    def next_round(self) -> Exchange | None:
        return self._ledger.exchange(self._cell("following"))

    @property
    def rounds(self) -> tuple[Exchange, ...]:
        """All rounds of the call, this one among them, first to last."""
        first: Exchange = self
        while (earlier := first.previous_round) is not None:
            first = earlier
        found = [first]
        while (later := found[-1].next_round) is not None:
            found.append(later)
        return tuple(found)

    @property
    def during(self) -> Exchange | None:
        """For a request of the server (handshake era): the one call of the client that was open then, if only one."""
        return self._ledger.exchange(self._cell("during"))

    @property
    def task_id(self) -> str:
        """The task that the exchange made, asked about or cancelled, or empty."""
        return self._ledger.tasks.get(self.number, "")

    @property
    def params(self) -> JsonObject:
        """The request's params, or an empty object. Must not be changed."""
        message = self.request.message
        params = message.get("params") if isinstance(message, dict) else None
        return params if isinstance(params, dict) else {}

    def _entry(self, seq: int) -> Entry | None:
        return None if seq < 0 else Entry(self._ledger, seq)

    def _cell(self, column: str) -> Any:
        columns = self._ledger.exchange_columns
        return getattr(columns, column)[columns.row(self.number)]


def _or_none(stamp: int) -> int | None:
    return None if stamp < 0 else stamp
