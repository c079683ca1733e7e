"""Turns what the ledger records into bars and ticks. One entry at a time, in the order of recording."""

from collections.abc import Iterable

from wireglass.recording.entries import Entry, Exchange
from wireglass_app.models.timeline import ORANGE, RED, SLATE, VIOLET, TimelineModel

__all__ = ["TimelineFeed"]

_ASKS_A_HUMAN = {"elicitation/create": "Question", "sampling/createMessage": "Sampling"}
_FAILED = frozenset({"error", "tool error", "cancelled"})
_LEVEL_TONES = {"warning": ORANGE, "error": RED, "critical": RED, "alert": RED, "emergency": RED}


class TimelineFeed:
    """Fills a TimelineModel from entries; `take` emits its `changed` once a batch."""

    def __init__(self, model: TimelineModel) -> None:
        self._model = model
        self._waited_ns: dict[int, int] = {}
        """Exchange number of a call to the time that humans took during it (handshake eras)."""

    def take(self, entries: Iterable[Entry]) -> None:
        """Adds a batch."""
        for entry in entries:
            self._take_one(entry)
        self._model.changed.emit()

    def _take_one(self, entry: Entry) -> None:
        exchange = entry.exchange
        if entry.kind == "request" and exchange is not None:
            self._asked(entry, exchange)
        elif entry.kind in ("result", "error") and exchange is not None:
            self._answered(entry, exchange)
        elif entry.kind == "notification":
            self._notified(entry, exchange)
        elif entry.kind == "broken":
            self._model.tick(entry.connection, "Logs", entry.at_ns, RED)

    def _asked(self, entry: Entry, exchange: Exchange) -> None:
        if entry.sender == "client":
            previous = exchange.previous_round
            if previous is not None:
                self._model.end_wait(previous.number, entry.connection, entry.at_ns)
            name = exchange.name or exchange.method
            self._model.begin_call(exchange.number, entry.connection, exchange.method, name, exchange.asked_ns)
        elif exchange.method in _ASKS_A_HUMAN:
            during = exchange.during
            call = None if during is None else during.number
            label = f"{_ASKS_A_HUMAN[exchange.method]} · you"
            self._model.begin_wait(exchange.number, entry.connection, label, entry.at_ns, call=call)
        else:
            self._model.tick(entry.connection, "Notifications", entry.at_ns, SLATE)

    def _answered(self, entry: Entry, exchange: Exchange) -> None:
        if exchange.sender == "server":
            self._model.end_wait(exchange.number, entry.connection, entry.at_ns)
            during = exchange.during
            if during is not None and exchange.method in _ASKS_A_HUMAN:
                took = exchange.answered_after_ns or 0
                self._waited_ns[during.number] = self._waited_ns.get(during.number, 0) + took
            return
        spans = exchange.spans
        self._model.end_call(
            exchange.number,
            entry.at_ns,
            failed=exchange.status in _FAILED,
            spans=spans,
            human_ns=self._waited_ns.pop(exchange.number, 0),
            cached=any(span.facts.get("cache") == "hit" for span in spans),
        )
        if exchange.status == "input required":
            label = f"{exchange.name or exchange.method} · you"
            self._model.begin_wait(exchange.number, entry.connection, label, entry.at_ns, call=exchange.number)

    def _notified(self, entry: Entry, exchange: Exchange | None) -> None:
        if entry.method == "notifications/message":
            self._model.tick(entry.connection, "Logs", entry.at_ns, _LEVEL_TONES.get(entry.name, SLATE))
        elif entry.method == "notifications/cancelled" and exchange is not None and exchange.sender == "client":
            self._model.end_call(exchange.number, entry.at_ns, failed=True)
        else:
            self._model.tick(entry.connection, "Notifications", entry.at_ns, VIOLET)
