"""Turns what the ledger records into bars and ticks: frame by frame, in the order of recording, from its columns.

Reads texts only of the newest answers, for their spans; a long recording is drawn without opening its frames.
"""

from collections.abc import Iterable
from typing import Final

from wireglass.protocol.messages import Span, as_object
from wireglass.recording.entries import KINDS, STATUSES, Entry
from wireglass.recording.events import SessionEvent
from wireglass.recording.ledger import RECENT, Ledger
from wireglass_app.models.call_columns import LISTENING
from wireglass_app.models.timeline import BLUE, ORANGE, RED, SLATE, TEAL, VIOLET, TimelineModel

__all__ = ["TimelineFeed"]

_ASKS_A_HUMAN: Final = {"elicitation/create": "Question", "sampling/createMessage": "Sampling"}
_FAILED: Final = frozenset({"error", "tool error", "cancelled"})
_LEVEL_TONES: Final = {"warning": ORANGE, "error": RED, "critical": RED, "alert": RED, "emergency": RED}
_TELLS: Final = {
    "notifications/tools/list_changed": "tools changed",
    "notifications/resources/list_changed": "resources changed",
    "notifications/prompts/list_changed": "prompts changed",
    "notifications/resources/updated": "resource updated",
}
_AUTH: Final = (401, 403)
_HTTP_KEPT: Final = 10_000
_SHORT_NS: Final = 10_000_000
"""Nobody gives permission in less."""
_REQUEST, _NOTIFICATION, _RESULT, _ERROR, _, _BROKEN = range(len(KINDS))


class TimelineFeed:
    """Fills a TimelineModel from a ledger; `take` emits its `changed` once a batch."""

    def __init__(self, model: TimelineModel, ledger: Ledger) -> None:
        self._model = model
        self._ledger = ledger
        self._waited_ns: dict[int, int] = {}
        """Number of a call to the time that humans took during it (handshake eras), and before it could be sent."""
        self._pages: dict[tuple[str, str], tuple[int, int, int]] = {}
        """Pages that people have opened, by server and id: numbers of the question and of the call, and since when."""
        self.http: dict[tuple[str, str], SessionEvent] = {}
        """HTTP exchanges by connection and channel."""

    def take(self, entries: Iterable[Entry]) -> None:
        """Adds some entries."""
        for entry in entries:
            self.take_one(entry.seq)
        self._model.changed.emit()

    def take_one(self, seq: int) -> None:
        """Adds one frame, without telling."""
        columns = self._ledger.columns
        row = seq - columns.first
        if row < 0:
            return
        kind = columns.kind[row]
        number = columns.exchange[row] - self._ledger.exchange_columns.first
        known = 0 <= number < len(self._ledger.exchange_columns.request)
        if kind == _REQUEST and known:
            self._asked(row, number)
        elif kind in (_RESULT, _ERROR) and known:
            self._answered(row, number, seq)
        elif kind == _NOTIFICATION:
            self._notified(row, number if known else None)
        elif kind == _BROKEN:
            self._model.tick(self._server(row), "Logs", columns.at_ns[row], RED, "stray text")

    def take_event(self, event: SessionEvent) -> None:
        """Adds what happened beside the frames, without telling."""
        model, until = self._model, event.until_ns or event.at_ns
        match event.kind:
            case "start" | "reload":
                tone = TEAL if event.kind == "start" else BLUE
                model.find_again(event.connection, event.at_ns)
                model.add(event.connection, "Process", event.text, event.at_ns, until, tone)
            case "end":
                tone = SLATE if event.text == "disconnected" else RED
                model.add(event.connection, "Process", event.text, event.at_ns, until, tone)
                model.lose(event.connection, event.text, event.at_ns)
            case "http":
                self._http(event, until)
            case "sign-in":
                human = event.facts.get("human") is True
                model.add(event.connection, "Sign-in", event.text, event.at_ns, until, VIOLET if human else ORANGE)
                if human:
                    model.permissions.add(event.connection, event.at_ns, until)
            case "stderr":
                model.tick(event.connection, "Logs", event.at_ns, SLATE)
            case "question":
                pass  # the frames of the question are drawn

    def _http(self, event: SessionEvent, until: int) -> None:
        facts = event.facts
        status, verb, channel = facts.get("status"), str(facts.get("verb", "")), str(facts.get("channel", ""))
        self.http[event.connection, channel] = event
        if len(self.http) > _HTTP_KEPT:
            del self.http[next(iter(self.http))]
        known = isinstance(status, int)
        tone = TEAL if known and status < 400 else ORANGE if status in _AUTH else RED
        label = f"{verb} {status}" if known else f"{verb} failed"
        kind = "Streams" if channel.startswith(("GET", "SSE")) else "HTTP"
        self._model.add(event.connection, kind, label, event.at_ns, until, tone)

    # --- frames ---

    def _server(self, row: int) -> str:
        return self._ledger.words[self._ledger.columns.connection[row]]

    def _asked(self, row: int, number: int) -> None:
        columns, exchanges, words = self._ledger.columns, self._ledger.exchange_columns, self._ledger.words
        key, method, at = exchanges.first + number, words[exchanges.method[number]], columns.at_ns[row]
        server = self._server(row)
        if not columns.from_server[row]:
            queued = columns.queued_ns[row]
            previous = exchanges.previous[number]
            if previous >= 0:
                self._model.end_wait(previous, at)
            name = exchanges.name[number] or method
            label = f"{name} round {self._round(number)}" if previous >= 0 else ""
            begin = queued if queued > 0 else at
            self._model.begin_call(key, server, method, name, begin, previous=previous, label=label)
            if at - begin > _SHORT_NS:
                for start, end in self._ledger.permission_ns(server, begin, at):
                    self._waited_ns[key] = self._waited_ns.get(key, 0) + end - start
        elif method in _ASKS_A_HUMAN:
            during = exchanges.during[number]
            label = f"{_ASKS_A_HUMAN[method]} · you"
            self._model.begin_wait(key, server, label, at, call=during if during >= 0 else None)
        else:
            self._model.tick(server, "Notifications", at, SLATE, method)

    def _round(self, number: int) -> int:
        exchanges, count = self._ledger.exchange_columns, 1
        while (previous := exchanges.previous[number]) >= exchanges.first:
            number = previous - exchanges.first
            count += 1
        return count

    def _answered(self, row: int, number: int, seq: int) -> None:
        columns, exchanges = self._ledger.columns, self._ledger.exchange_columns
        key, at = exchanges.first + number, columns.at_ns[row]
        server = self._server(row)
        status = STATUSES[exchanges.status[number]]
        method = self._ledger.words[exchanges.method[number]]
        if not columns.from_server[row]:
            self._model.end_wait(key, at)
            during = exchanges.during[number]
            if during >= 0 and method in _ASKS_A_HUMAN:
                took = at - columns.at_ns[max(0, exchanges.request[number] - columns.first)]
                self._waited_ns[during] = self._waited_ns.get(during, 0) + took
                self._page_opened(key, during, server, seq, at)
            return
        spans = self._spans(seq)
        name = exchanges.name[number] or method
        for page in [page for page, (_, during, _) in self._pages.items() if during == key]:
            self._model.end_wait(self._pages.pop(page)[0], at)  # the server did not wait for it, or does not tell
        self._model.end_call(
            key,
            at,
            failed=status in _FAILED,
            spans=spans,
            human_ns=self._waited_ns.pop(key, 0),
            cached=any(span.facts.get("cache") == "hit" for span in spans),
            label=f"{name} round {self._round(number)}" if status == "input required" else "",
        )
        if status == "input required":
            self._model.begin_wait(key, server, f"{name} · you", at, call=key)
        elif status == "task":
            self._model.open("task", key, server, "Tasks", f"task of {name}", at, call=key)
        elif method in ("tasks/result", "tasks/cancel"):
            self._end_task(self._ledger.tasks.get(key, ""), at, failed=status in _FAILED)

    def _page_opened(self, key: int, during: int, server: str, answer: int, at: int) -> None:
        """A person has agreed to open a page: the call waits for them until the server says that they are done."""
        try:
            exchange = self._ledger.exchange(key)
            asked = as_object(as_object(exchange.request.message if exchange is not None else None).get("params"))
            said = as_object(as_object(self._ledger.message(answer)).get("result"))
        except LookupError:
            return
        if asked.get("mode") == "url" and said.get("action") == "accept":
            self._pages[server, str(asked.get("elicitationId"))] = key, during, at
            self._model.begin_wait(key, server, "Page · you", at, call=during)

    def _page_done(self, server: str, seq: int, at: int) -> None:
        try:
            told = as_object(as_object(self._ledger.message(seq)).get("params"))
        except LookupError:
            return
        found = self._pages.pop((server, str(told.get("elicitationId"))), None)
        if found is not None:
            key, during, began = found
            self._model.end_wait(key, at)
            self._waited_ns[during] = self._waited_ns.get(during, 0) + at - began

    def _end_task(self, task_id: str, at: int, *, failed: bool) -> None:
        for key, known in self._ledger.tasks.items():
            if known == task_id:
                self._model.close("task", key, at, RED if failed else BLUE)
                return

    def _spans(self, seq: int) -> tuple[Span, ...]:
        """Of answers that were just recorded; others are read when somebody looks at them."""
        entries = self._ledger.columns
        if seq < entries.first + len(entries.at_ns) - RECENT:
            return ()
        try:
            return self._ledger.spans(seq)
        except LookupError:
            return ()

    def _notified(self, row: int, number: int | None) -> None:
        columns = self._ledger.columns
        server, at = self._server(row), columns.at_ns[row]
        method = self._ledger.words[columns.method[row]]
        if method == "notifications/message":
            self._model.tick(server, "Logs", at, _LEVEL_TONES.get(columns.name[row], SLATE))
        elif method == "notifications/cancelled" and number is not None:
            exchanges = self._ledger.exchange_columns
            listens = self._ledger.words[exchanges.method[number]] == LISTENING  # which ends no other way
            self._model.end_call(exchanges.first + number, at, failed=not listens)
        elif method == "notifications/progress":
            self._model.tick_again(server, "Notifications", at, VIOLET, "progress", number)
        else:
            if method == "notifications/elicitation/complete":
                self._page_done(server, row + columns.first, at)
            self._model.tick(server, "Notifications", at, VIOLET, _TELLS.get(method, ""))
