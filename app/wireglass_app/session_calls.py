"""The calls of one server: each is sent and followed on the runtime thread, and ends with a state and its times."""

import asyncio
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QTimer
from shiboken6 import isValid

from wireglass.errors import ProtocolError, RequestTimeout, TransportClosed, TransportError
from wireglass.protocol.messages import JsonObject, Span, as_object
from wireglass.protocol.spans import spans_of
from wireglass.protocol.versions import META_LOG_LEVEL, META_RELATED_TASK
from wireglass.recording.entries import Entry, Exchange
from wireglass_app.calls import Call, CallState, Late, Progress
from wireglass_app.link import Link

if TYPE_CHECKING:
    from wireglass.client.inputs import InputRequest
    from wireglass_app.server_session import ServerSession

__all__ = ["SessionCalls"]

_HEED_MS = 2000
"""How long a server has to heed a cancellation before it is said what it did."""
_CROSSING_MS = 1000
"""So long reports of progress may still come from a server that stops at its next step."""
_RECENT = 100
"""Calls that a permission given just now may have held up."""
_OF_TASKS = ("tasks/get", "tasks/cancel", "notifications/tasks/status", "notifications/tasks")
_TASK_BYTES = 8192
"""A larger answer is a result, and no task."""


class SessionCalls:
    """Works for its session: fills `session.calls` and emits `session.call_changed`."""

    def __init__(self, session: "ServerSession") -> None:
        self._session = session
        self._by_id: dict[str | int, Call] = {}
        self._stopped: set[Call] = set()
        """Calls that ended here before the server answered them."""
        self._by_task: dict[str, Call] = {}
        self._task_cancels: dict[Call, Entry] = {}
        """The server's answers to `tasks/cancel`: of a task it is what says that the server heeds a stop."""
        self._running: dict[Call, asyncio.Task[None]] = {}
        self._exchanges: dict[tuple[int, str], dict[str | int, int]] = {}
        """Numbers of exchanges by start and sender, then by id: plain ones, for there may be hundreds of thousands.
        Both sides count their ids from one, and again after each start."""

    # facts

    @property
    def newest(self) -> Call | None:
        """The call that was started last and still runs."""
        return next(reversed(self._running), None)

    def with_id(self, request_id: str | int | None) -> Call | None:
        """The call of this start that one of our requests belongs to."""
        return self._by_id.get(request_id) if request_id is not None else None

    def entries_of(self, call: Call) -> list[Entry]:
        """The frames of one call: requests, progress and answers of all rounds, with what was asked meanwhile."""
        found: set[Entry] = {entry for exchange in self.exchanges_of(call) for entry in exchange.entries}
        for question in call.questions:
            exchange = self._exchange(call.start, "server", question.request.id)
            if exchange is not None and not self._session.stateless:
                found.update(exchange.entries)
        return sorted(found, key=lambda entry: entry.seq)

    def exchanges_of(self, call: Call) -> list[Exchange]:
        """The requests of one call, first round first."""
        own = (self._exchange(call.start, "client", request_id) for request_id in call.request_ids)
        found = {round.number: round for exchange in own if exchange is not None for round in exchange.rounds}
        return [found[number] for number in sorted(found)]

    def _exchange(self, start: int, sender: str, request_id: str | int) -> Exchange | None:
        """What a request of this id began, while it is kept."""
        number = self._exchanges.get((start, sender), {}).get(request_id)
        return None if number is None else self._session.ledger.exchange(number)

    def newest_spans(self, most: int) -> list[tuple[Span, ...]]:
        """The spans that the server reported on its newest answers, the newest first; empty where it told none."""
        found: list[tuple[Span, ...]] = []
        session = self._session
        columns = session.ledger.exchange_columns
        for number in range(columns.first + len(columns.request) - 1, columns.first - 1, -1):
            exchange = session.ledger.exchange(number)
            if exchange is None or exchange.sender != "client" or exchange.connection != session.connection:
                continue
            try:
                found.append(exchange.spans)
            except LookupError:
                break
            if len(found) == most:
                break
        return found

    def asking(self, request: "InputRequest") -> tuple[Call | None, bool]:
        """The call during which a request came, and whether it is the newest of several that it could be."""
        related = as_object(as_object(request.params.get("_meta")).get(META_RELATED_TASK)).get("taskId")
        if isinstance(related, str) and related in self._by_task:
            return self._by_task[related], False
        if request.origin_request_id is not None:
            return self._by_id.get(request.origin_request_id), False
        possible = [self._by_id[id] for id in request.in_flight if id in self._by_id]
        return next(reversed(possible), None), len(possible) > 1

    # its life

    def forget_ids(self) -> None:
        """The server starts again, and with it the ids of our requests."""
        self._by_id.clear()
        self._stopped.clear()
        self._by_task.clear()
        self._task_cancels.clear()

    def start(
        self,
        method: str,
        name: str,
        params: dict[str, Any],
        *,
        timeout: float | None = None,
        meta: dict[str, Any] | None = None,
        log_level: str | None = None,
        progress: bool = True,
    ) -> Call:
        """Sends a request and returns its Call at once; `call_changed` tells of everything that happens to it."""
        session = self._session
        number = len(session.calls) + 1
        call = Call(number, method, name, params, meta=meta or {}, timeout=timeout, start=session.starts)
        call.asks_progress = progress
        session.calls.append(call)
        if session.link is None:
            self._end(call, "lost", TransportError("The server is not connected.", next_step="Connect it again."))
            return call
        if log_level is not None and session.stateless:  # "" asks for none, where the connection would ask for all
            call.meta = {META_LOG_LEVEL: log_level or None} | call.meta
        task = session.spawn(self._drive(call, session.link))
        self._running[call] = task
        task.add_done_callback(lambda _task: self._driven(call))
        session.call_changed.emit(call)
        return call

    def cancel(self, call: Call) -> None:
        """Stops a running call; the server is told."""
        task = self._running.get(call)
        if task is not None:
            task.cancel()

    def cancel_all(self) -> None:
        """Stops every running call, because the connection ended."""
        for task in list(self._running.values()):
            task.cancel()

    async def _drive(self, call: Call, link: Link) -> None:
        progress = self._session.bridge.channel(lambda items: self._progressed(call, items), self._session)
        sent = self._session.bridge.channel(lambda ids: self._sent(call, ids), self._session)
        try:
            call.result = await self._session.bridge.run(
                link.request,
                call.method,
                call.params,
                timeout=call.timeout,
                on_progress=(lambda params: progress(_progress_of(params))) if call.asks_progress else None,
                meta=call.meta or None,
                on_sent=sent,
            )
        except asyncio.CancelledError:
            self._end(call, "cancelled" if self._session.alive else "lost", None)
        except RequestTimeout as problem:
            self._end(call, "timeout", problem)
        except ProtocolError as problem:  # an error answer, or a result that breaks the protocol
            self._end(call, "refused", problem)
        except TransportError as problem:
            self._session.unreached = self._session.usable
            self._end(call, "lost", problem)
        except Exception as problem:  # boundary: a fault of ours is shown with the call and told apart
            self._end(call, "fault", problem)
            self._session.bridge.fault.emit(problem)
        else:
            self._end(call, "tool-error" if call.result.get("isError") is True else "done", None)

    def _end(self, call: Call, state: CallState, problem: Exception | None) -> None:
        call.ended_ns = perf_counter_ns()
        call.state = state
        if state == "lost" and isValid(self._session) and self._session.left_because:
            problem = TransportClosed(self._session.left_because, next_step="Run it again, if that does no harm.")
        self._settle_times(call)
        call.cache = _cache_outcome(call.result)
        call.problem = problem
        if not isValid(self._session):
            return  # it was closed while this ran, and its questions with it
        if state in ("timeout", "cancelled"):
            self._listen_on(call)
            for question in call.questions:
                if not question.guessed:
                    question.drop("timeout" if state == "timeout" else "you")
        self._session.call_changed.emit(call)

    def _driven(self, call: Call) -> None:
        self._running.pop(call, None)
        if not call.ended:  # cancelled before its first step, so `_drive` never ran
            self._end(call, "cancelled" if self._session.alive else "lost", None)

    def _progressed(self, call: Call, items: list[Progress]) -> None:
        if not call.ended:
            call.progress = items[-1]
            call.progress_ns = perf_counter_ns()
            self._session.call_changed.emit(call)

    def _sent(self, call: Call, ids: list[str | int]) -> None:
        call.request_ids.extend(ids)
        for request_id in ids:
            self._by_id[request_id] = call

    # its frames and times

    def began(self, entry: Entry) -> None:
        """A request of either side is on the wire."""
        if entry.id is not None and entry.exchange is not None:
            self._exchanges.setdefault((self._session.starts, entry.sender), {})[entry.id] = entry.exchange.number

    def answered(self, entries: list[Entry]) -> None:
        """Frames were recorded; the calls that some of them answer take the times of the wire."""
        for entry in entries:
            self._heard_late(entry)
            self._note_task(entry)
            if self._by_task:
                self._heard_of_task(entry)
        for call in {self._by_id[e.id] for e in entries if e.id in self._by_id and e.kind in ("result", "error")}:
            self._settle_times(call)
            self._session.call_changed.emit(call)

    def _heard_late(self, entry: Entry) -> None:
        """Something of the server that belongs to a call which was stopped, or whose time was over."""
        if entry.sender != "server" or not self._stopped:
            return
        exchange = entry.exchange
        call = self._by_id.get(exchange.id) if exchange is not None and exchange.sender == "client" else None
        if call is not None and call in self._stopped:
            self._heard(call, entry)

    def _heard(self, call: Call, entry: Entry) -> None:
        after = max(0.0, (entry.at_ns - (call.ended_ns or entry.at_ns)) / 1e6)
        what: Literal["answered", "confirmed", "went on"] = "went on"
        if entry.kind in ("result", "error"):
            of_call = entry.kind == "result" and entry.method != "tasks/cancel"
            what = "answered" if of_call else "confirmed"
        elif after < _CROSSING_MS:
            return  # it was on the way already
        call.late = Late(what, after)
        if what != "went on":
            self._stopped.discard(call)
        self._session.call_changed.emit(call)

    def _listen_on(self, call: Call) -> None:
        """Whether a server heeds a cancellation is seen only by what it still sends."""
        self._stopped.add(call)
        last = [one for one in self.exchanges_of(call)[-1:] if one.status != "task"]  # that it is a task ends nothing
        answers = [self._task_cancels.get(call), *(exchange.answer for exchange in last)]
        for answer in answers:  # it came while this thread still heard of the end
            if answer is not None:
                self._heard(call, answer)

        def silent() -> None:
            if call.late is None:
                call.late = Late("silent", _HEED_MS)
                self._session.call_changed.emit(call)

        QTimer.singleShot(_HEED_MS, self._session, silent)

    def _note_task(self, entry: Entry) -> None:
        """A call that became a task: what the server asks or says for the task, it does for the call."""
        if entry.kind == "result" and entry.size < _TASK_BYTES and (call := self.with_id(entry.id)) is not None:
            result = as_object(as_object(entry.message).get("result"))
            whole = result if result.get("resultType") == "task" else as_object(result.get("task"))
            if isinstance(task := whole.get("taskId"), str):
                self._by_task[task] = call
                self._say_for_task(call, whole)

    def _heard_of_task(self, entry: Entry) -> None:
        """What a task says of itself stands for progress that nobody reports; and that it is cancelled was heard."""
        if entry.sender != "server" or entry.size >= _TASK_BYTES or entry.method not in _OF_TASKS:
            return
        message, exchange = as_object(entry.message), entry.exchange
        asked = message if exchange is None else as_object(exchange.request.message)
        call = self._by_task.get(str(as_object(asked.get("params")).get("taskId")))
        if call is None:
            return
        if entry.method == "tasks/cancel":
            if entry.kind == "result":
                self._task_cancels[call] = entry
                if call in self._stopped:
                    self._heard(call, entry)
            return
        self._say_for_task(call, as_object(message.get("result", message.get("params"))))

    def _say_for_task(self, call: Call, task: JsonObject) -> None:
        words = task.get("statusMessage")
        if isinstance(words, str) and words and not call.ended and not call.progress_ns:
            call.progress = Progress(0.0, None, words)
            self._session.call_changed.emit(call)

    def _settle_times(self, call: Call) -> None:
        """The wire's own stamps count, not the moments at which this thread heard of them."""
        exchanges = self.exchanges_of(call)
        if exchanges:
            call.started_ns = exchanges[0].asked_ns
            answer = exchanges[-1].answer
            ends_it = exchanges[-1].status != "task"  # a task goes on after the answer that names it
            if call.ended and answer is not None and ends_it and call.state in ("done", "tool-error", "refused"):
                call.ended_ns = answer.at_ns
        call.count_waits(perf_counter_ns())

    def count_permission(self, began_ns: int, ended_ns: int) -> None:
        """The time of a person who gave permission is not the time of the calls that waited for it."""
        for call in self._session.calls[-_RECENT:]:
            waited = call.started_ns <= ended_ns and (call.ended_ns or ended_ns) >= began_ns
            if waited and call.start == self._session.starts:
                call.sign_ins.append((max(began_ns, call.started_ns), ended_ns))
                call.count_waits(perf_counter_ns())
                self._session.call_changed.emit(call)


def _cache_outcome(result: dict[str, Any] | None) -> str:
    """What the spans of a result say of the server's cache: "hit", "miss" or nothing."""
    outcomes = {span.facts.get("cache") for span in spans_of({"result": result})} if result is not None else set()
    return next((word for word in ("hit", "miss") if word in outcomes), "")


def _progress_of(params: dict[str, Any]) -> Progress:
    """What the server sent, with anything that is no number or text left out."""
    done, total, message = params.get("progress"), params.get("total"), params.get("message")
    return Progress(
        float(done) if isinstance(done, int | float) else 0.0,
        float(total) if isinstance(total, int | float) else None,
        message if isinstance(message, str) else "",
    )
