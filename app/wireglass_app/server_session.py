"""One connected server on the Qt thread: its state, what it offers, its calls, frames and questions.

All wire work happens in `Link` on the runtime thread; what crosses is immutable. States: idle, connecting, ready,
failed (never got ready), crashed (was ready, then lost), closed (by us), recorded (only looked at, never connects).
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter_ns, time
from typing import Any, Literal

from PySide6.QtCore import QObject, QTimer, Signal

from wireglass.errors import McpError, ProtocolError, RequestTimeout, SignInError, TransportError
from wireglass.protocol.messages import Frame, HttpExchange, Span
from wireglass.protocol.spans import spans_of
from wireglass.recording.entries import Entry, Exchange
from wireglass.recording.events import EventKind, SessionEvent, http_event
from wireglass.recording.ledger import Ledger
from wireglass_app.answers import Answers
from wireglass_app.bridge import Bridge
from wireglass_app.calls import Call, Completed, LogLine, Progress, Roots, Step, Target, WatchedRun
from wireglass_app.catalogue import CHANGED, Catalogue, Changes
from wireglass_app.connection_steps import first_steps, note_frame, note_program, note_reached, note_sign_in, step_of
from wireglass_app.era import ListenStream, Ping
from wireglass_app.failures import Failure, explain
from wireglass_app.link import Asked, Found, Link, Missed, Ready, Settled, Stderr, Withdrawn, check_http
from wireglass_app.link_sign_in import Signing
from wireglass_app.questions import Question
from wireglass_app.session_questions import SessionQuestions
from wireglass_app.signing_in import SigningIn

__all__ = ["ServerSession", "State"]

State = Literal["idle", "connecting", "ready", "failed", "crashed", "closed", "recorded"]
_LOGS_KEPT = 20_000
_STDERR_TAIL = 40
_UPDATES_KEPT = 200
_PINGS_KEPT = 20
_RECENT = 100
"""Calls that a permission given just now may have held up."""
_CHECKED = (TransportError, RequestTimeout)
"""After these, each step of reaching the server is tried by itself."""


class ServerSession(QObject):
    """Every signal comes on the Qt thread."""

    recorded = False
    """Whether it is a part of a recording, so that nothing can be run."""
    state_changed = Signal()
    catalogue_changed = Signal(object)
    """A `Changes` or None: lists were read."""
    entries_added = Signal(list)
    logs_added = Signal(list)
    call_changed = Signal(object)
    question_added = Signal(object)
    asked = Signal(object)
    """A question wants a person."""
    steps_changed = Signal()
    updated = Signal(str)
    """The server said that a resource changed, or a subscription began or ended; the URI."""
    era_changed = Signal()
    """The log level, a ping, or the listen stream."""

    def __init__(
        self,
        bridge: Bridge,
        ledger: Ledger,
        target: Target,
        connection: str,
        parent: QObject | None = None,
        *,
        inbox: Answers | None = None,
        roots: Roots | None = None,
    ) -> None:
        """`connection` names this server in the ledger that all servers share; `inbox` answers beside people."""
        super().__init__(parent)
        self.bridge = bridge
        self.ledger = ledger
        self.target = target
        self.connection = connection
        self.state: State = "idle"
        self.facts: Any = None
        self.offered: dict[str, Any] = {}
        """Our capabilities, as the server was told; empty before it is connected, and in a recording."""
        self.catalogue = Catalogue()
        self.failure: Failure | None = None
        self.steps: list[Step] = []
        self.calls: list[Call] = []
        self.logs: list[LogLine] = []
        self.questions: list[Question] = []
        self.pid: int | None = None
        self.starts = 0
        self.roots = roots or Roots()
        """What a server that asks for roots is told; changed through `set_roots`."""
        self.answers = inbox or Answers()
        """What answers beside people, and what they have typed so far."""
        self._inquiries = SessionQuestions(self)
        self.sign_in = SigningIn(bridge, self)
        """How a sign-in stands, for servers behind a URL."""
        self.subscriptions: dict[str, list[float]] = {}
        """By URI: when the server said that it changed (seconds since the epoch), oldest first."""
        self.stream = ListenStream()
        """What is listened to on the one stream of 2026-07-28."""
        self.log_level = ""
        """The level that the session was set to (handshake eras); empty while the server decides."""
        self.pings: list[Ping] = []
        """The newest last; handshake eras alone have pings."""
        self.connected_at: float | None = None
        self.changes: Any = None
        """What the last reload changed, or None."""
        self.seen: set[tuple[str, str]] = set()
        """Changes that were looked at: kind and name."""
        self.watched: dict[str, WatchedRun] = {}
        """What became of the watched calls after the last reload, by tool."""
        self.reload_seconds: float | None = None
        self._began_ns = 0
        self._link: Link | None = None
        self._life: asyncio.Task[None] | None = None
        self._refresh: set[str] = set()
        self._by_id: dict[str | int, Call] = {}
        self._exchanges: dict[tuple[int, str], dict[str | int, int]] = {}
        """Numbers of exchanges by start and sender, then by id: plain ones, for there may be hundreds of thousands."""
        """By start, who asked, and id: both sides count their ids from one, and again after each start."""
        self._noise: list[Entry] = []
        self._running: dict[Call, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._tap = bridge.channel(self._take_frames)
        self._events = bridge.channel(self._take_events)
        self._list_timer = QTimer(self, singleShot=True, interval=150)
        self._list_timer.timeout.connect(self._list_changed)
        self.answers.rules.changed.connect(self._rules_changed)

    # facts for views

    @property
    def name(self) -> str:
        """What the server calls itself once it is known, else the target's name."""
        info = (self.facts.server_info if self.facts else None) or {}
        return str(info.get("title") or info.get("name") or self.target.name)

    @property
    def target_as_used(self) -> Target:
        """For what is copied: a program has to sign in where we did."""
        return replace(self.target, sign_in="oauth") if self.sign_in.token is not None else self.target

    @property
    def era(self) -> str:
        """ "26-07" for the chip; empty before it is known."""
        version = self.facts.version if self.facts else None
        return version[2:7] if version else ""

    @property
    def stateless(self) -> bool:
        return bool(self.facts and self.facts.stateless)

    @property
    def unseen(self) -> Changes | None:
        """What the last reload changed and nobody has looked at yet: the marks of the lists."""
        if self.changes is None or not self.seen:
            return self.changes
        return Changes(tuple(one for one in self.changes.items if (one.kind, one.name) not in self.seen))

    @property
    def usable(self) -> bool:
        return self.state == "ready"

    @property
    def waiting(self) -> list[Question]:
        """Questions that wait, oldest first."""
        return self._inquiries.waiting

    @property
    def open_questions(self) -> list[Question]:
        """Questions that can still be answered, oldest first."""
        return self._inquiries.open

    @property
    def stderr(self) -> list[str]:
        """The last lines of stderr."""
        return [line.text for line in self.logs if line.source == "stderr"][-_STDERR_TAIL:]

    def entries_of(self, call: Call) -> list[Entry]:
        """The frames of one call: requests, progress and answers of all rounds, with what was asked meanwhile."""
        found: set[Entry] = {entry for exchange in self.exchanges_of(call) for entry in exchange.entries}
        for question in call.questions:
            exchange = self._exchange(call.start, "server", question.request.id) if not self.stateless else None
            if exchange is not None:
                found.update(exchange.entries)
        return sorted(found, key=lambda entry: entry.seq)

    def newest_spans(self, most: int) -> list[tuple[Span, ...]]:
        """The spans that the server reported on its newest answers, the newest first; empty where it told none."""
        found: list[tuple[Span, ...]] = []
        columns = self.ledger.exchange_columns
        for number in range(columns.first + len(columns.request) - 1, columns.first - 1, -1):
            exchange = self.ledger.exchange(number)
            if exchange is None or exchange.sender != "client" or exchange.connection != self.connection:
                continue
            try:
                found.append(exchange.spans)
            except LookupError:
                break
            if len(found) == most:
                break
        return found

    def exchanges_of(self, call: Call) -> list[Exchange]:
        """The requests of one call, first round first."""
        own = (self._exchange(call.start, "client", request_id) for request_id in call.request_ids)
        found = {round.number: round for exchange in own if exchange is not None for round in exchange.rounds}
        return [found[number] for number in sorted(found)]

    def _exchange(self, start: int, sender: str, request_id: str | int) -> Exchange | None:
        """What a request of this id began, while it is kept."""
        number = self._exchanges.get((start, sender), {}).get(request_id)
        return None if number is None else self.ledger.exchange(number)

    def call_with(self, request_id: str | int | None) -> Call | None:
        """The call that one of our requests belongs to."""
        return self._by_id.get(request_id) if request_id is not None else None

    def call_of(self, line: LogLine) -> Call | None:
        """The call during which a line was written, if there was one."""
        return self.calls[line.call - 1] if line.call is not None and line.call <= len(self.calls) else None

    # connecting

    def connect_to(self) -> None:
        """Starts connecting; does nothing while it runs already."""
        if self._life is not None:
            return
        self.failure = None
        self.subscriptions.clear()  # the server's new process knows of none
        self.stream, self.pings = ListenStream(), []
        self.steps = first_steps(self.target)
        self._noise = []
        self.starts += 1
        self._by_id.clear()
        self._began_ns = perf_counter_ns()
        self._set("connecting")
        self._link = Link(
            self.target,
            self.roots,
            self._tap,
            self._events,
            rules=self.answers.rules.for_connection(self.connection),
            recorded=self.answers.recorded,
            endpoint=self.answers.endpoint,
            log_level=self.log_level,
            token_store=lambda: self.answers.endpoints.secrets,
        )
        self.sign_in.attach(self._link.sign_in)
        self._life = self.bridge.spawn(self._live(self._link))

    async def disconnect_from(self) -> None:
        """Ends the connection and what it started."""
        life, link = self._life, self._link
        if life is None or link is None:
            return
        if self.state == "connecting":
            life.cancel()
        else:
            self.bridge.call_soon(link.close)
        await asyncio.wait([life])

    async def restart(self) -> None:
        """Disconnects and connects again; lists are compared when they are read."""
        await self.disconnect_from()
        self.connect_to()

    async def _live(self, link: Link) -> None:
        problem: Exception | None = None
        was_ready = False
        try:
            await self.bridge.run(link.live)
        except asyncio.CancelledError:
            await self.bridge.run(link.wait_ended)
            raise
        except Exception as caught:  # boundary: whatever went wrong becomes a state with an explanation
            problem = caught
            await self.bridge.settled()  # the server's last words are part of the explanation
        finally:
            was_ready = self.state == "ready"
            self._life = self._link = None
            self.sign_in.attach(None)
            self._end_everything(problem, was_ready)

    def _end_everything(self, problem: Exception | None, was_ready: bool) -> None:
        for question in self.open_questions:
            question.withdraw("gone")
        self.answers.rules.disconnected(self.connection)
        for task in list(self._running.values()):
            task.cancel()
        if problem is None:
            self.happened("end", perf_counter_ns(), text="disconnected")
            self._set("closed")
            return
        noise = [entry.raw for entry in self._noise[:20]]
        self.failure = explain(self.target, problem, self.steps, noise, self.stderr, was_ready=was_ready)
        for step in self.steps:
            if step.state == "running":  # what waited for a sign-in did not fail itself
                step.state = "skipped" if isinstance(problem, SignInError) else "failed"
        reachable = isinstance(problem, SignInError)  # its own steps say more than a check could
        if self.target.kind != "stdio" and not was_ready and not reachable and isinstance(problem, _CHECKED):
            self._spawn(self.check())
        self.happened("end", perf_counter_ns(), text=self.failure.title)
        self._set("crashed" if was_ready else "failed")

    async def check(self) -> None:
        """Tries each step of reaching an HTTP server by itself; `steps` fill as they are done."""
        if self.target.kind == "stdio" or self.state == "connecting":
            return
        done: list[Step] = []
        self.steps = [*(step for step in self.steps if not step.check), *done]

        def checked(checks: list[Any]) -> None:
            for one in checks:
                self.steps.append(step_of(one))
            self.steps_changed.emit()

        await self.bridge.run(check_http, self.target, self.bridge.channel(checked))
        await self.bridge.settled()
        failed = next((step for step in self.steps if step.check and step.state == "failed"), None)
        if failed is not None and self.failure is not None and failed.remedy:
            self.failure = replace(self.failure, text=failed.detail, next_step="")
            self.state_changed.emit()

    def _set(self, state: State) -> None:
        self.state = state
        self.state_changed.emit()

    # lists

    async def read_lists(self) -> None:
        """Reads every list the server announces and tells what changed since the last time."""
        link = self._link
        if link is None:
            return
        found = await self.bridge.run(link.read_lists)
        changes = self.catalogue.take(found)
        if self.starts > 1 and changes is not None:
            self.changes, self.seen = changes, set()
            self.reload_seconds = (perf_counter_ns() - self._began_ns) / 1e9
        self.catalogue_changed.emit(changes)

    def _list_changed(self) -> None:
        if self.usable:
            self._refresh.clear()
            self._spawn(self._reread())
        elif self.state == "connecting":
            self._list_timer.start()  # the first reading may have been before the change

    def read_again(self) -> None:
        """Reads the lists once more, after one could not be read; a server that is gone is started first."""
        if self.usable:
            self._spawn(self._reread())
        elif self.state != "connecting":
            self.connect_to()

    async def _reread(self) -> None:
        try:
            await self.read_lists()
        except (TransportError, McpError, RequestTimeout) as problem:
            self.catalogue.problem = str(problem)
            self.catalogue_changed.emit(None)

    def _spawn(self, work: Any) -> None:
        task = self.bridge.spawn(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # calls

    def call_tool(self, name: str, arguments: dict[str, Any], *, task: bool = False, **options: Any) -> Call:
        """`tools/call`, with `task` asked to run as a task (2025-11-25). Options: timeout (s), meta (for `_meta`),
        log_level."""
        params: dict[str, Any] = {"name": name, "arguments": arguments}
        return self.start("tools/call", name, params | ({"task": {}} if task else {}), **options)

    def read_resource(self, uri: str, **options: Any) -> Call:
        """`resources/read`."""
        return self.start("resources/read", uri, {"uri": uri}, **options)

    def get_prompt(self, name: str, arguments: dict[str, str], **options: Any) -> Call:
        """`prompts/get`."""
        return self.start("prompts/get", name, {"name": name, "arguments": arguments}, **options)

    async def complete(self, ref: dict[str, Any], argument: str, value: str, context: dict[str, str]) -> Completed:
        """`completion/complete`: suggestions of the server, or none when it cannot."""
        params: dict[str, Any] = {"ref": ref, "argument": {"name": argument, "value": value}}
        if context:
            params["context"] = {"arguments": context}
        if self._link is None:
            return Completed()
        began = perf_counter_ns()
        try:
            result = await self.bridge.run(self._link.request, "completion/complete", params)
        except (McpError, TransportError, RequestTimeout):
            return Completed()
        return Completed.of(result, (perf_counter_ns() - began) / 1e6)

    async def subscribe(self, uri: str, wanted: bool = True) -> None:
        """Starts or stops hearing of updates of a resource; `subscriptions` has them. Raises what the client raises."""
        if self._link is None:
            raise TransportError("The server is not connected.", next_step="Connect it again.")
        await self.bridge.run(self._link.subscribe, uri, wanted)
        if wanted:
            self.subscriptions.setdefault(uri, [])
        else:
            self.subscriptions.pop(uri, None)
        self.updated.emit(uri)

    async def ping(self) -> Ping:
        """`ping`, with the time it took. Raises what the client raises."""
        if self._link is None:
            raise TransportError("The server is not connected.", next_step="Connect it again.")
        found = Ping(time(), await self.bridge.run(self._link.ping))
        self.pings = [*self.pings, found][-_PINGS_KEPT:]
        self.era_changed.emit()
        return found

    async def set_log_level(self, level: str) -> None:
        """`logging/setLevel`: for the session, and again after each restart. Raises what the client raises."""
        if self._link is None:
            raise TransportError("The server is not connected.", next_step="Connect it again.")
        await self.bridge.run(self._link.set_log_level, level)
        self.log_level = level
        self.era_changed.emit()

    async def ask(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Any request, outside the list of calls. Raises what the client raises."""
        if self._link is None:
            raise TransportError("The server is not connected.", next_step="Connect it again.")
        return await self.bridge.run(self._link.request, method, params)

    async def send_raw(self, text: str) -> None:
        """Sends a text as it is. Raises TransportError."""
        if self._link is None:
            raise TransportError("The server is not connected.", next_step="Connect it again.")
        await self.bridge.run(self._link.send_raw, text)

    def start(
        self,
        method: str,
        name: str,
        params: dict[str, Any],
        *,
        timeout: float | None = None,
        meta: dict[str, Any] | None = None,
        log_level: str | None = None,
    ) -> Call:
        """Sends a request and returns its Call at once; `call_changed` tells of everything that happens to it."""
        call = Call(len(self.calls) + 1, method, name, params, meta=meta or {}, timeout=timeout, start=self.starts)
        self.calls.append(call)
        if self._link is None:
            self._end_call(call, "lost", TransportError("The server is not connected.", next_step="Connect it again."))
            return call
        if log_level and self.stateless:
            call.meta = {"io.modelcontextprotocol/logLevel": log_level} | call.meta
        task = self.bridge.spawn(self._drive(call, self._link))
        self._running[call] = task
        task.add_done_callback(lambda _task: self._driven(call))
        self.call_changed.emit(call)
        return call

    def _driven(self, call: Call) -> None:
        self._running.pop(call, None)
        if not call.ended:  # cancelled before its first step, so `_drive` never ran
            self._end_call(call, "cancelled" if self._life is not None else "lost", None)

    def cancel(self, call: Call) -> None:
        """Stops a running call; the server is told."""
        task = self._running.get(call)
        if task is not None:
            task.cancel()

    async def _drive(self, call: Call, link: Link) -> None:
        progress = self.bridge.channel(lambda items: self._progressed(call, items))
        sent = self.bridge.channel(lambda ids: self._sent(call, ids))
        try:
            call.result = await self.bridge.run(
                link.request,
                call.method,
                call.params,
                timeout=call.timeout,
                on_progress=lambda params: progress(_progress_of(params)),
                meta=call.meta or None,
                on_sent=sent,
            )
        except asyncio.CancelledError:
            self._end_call(call, "cancelled" if self._life is not None else "lost", None)
        except RequestTimeout as problem:
            self._end_call(call, "timeout", problem)
        except ProtocolError as problem:  # an error answer, or a result that breaks the protocol
            self._end_call(call, "refused", problem)
        except TransportError as problem:
            self._end_call(call, "lost", problem)
        except Exception as problem:  # boundary: a fault of ours is shown with the call and told apart
            self._end_call(call, "fault", problem)
            self.bridge.fault.emit(problem)
        else:
            self._end_call(call, "tool-error" if call.result.get("isError") is True else "done", None)

    def _end_call(self, call: Call, state: Any, problem: Exception | None) -> None:
        call.ended_ns = perf_counter_ns()
        call.state = state
        self._settle_times(call)
        call.cache = _cache_outcome(call.result)
        call.problem = problem
        if state in ("timeout", "cancelled"):
            for question in call.questions:
                if not question.guessed:
                    question.drop("timeout" if state == "timeout" else "you")
        self.call_changed.emit(call)

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

    def _progressed(self, call: Call, items: list[Progress]) -> None:
        if not call.ended:
            call.progress = items[-1]
            call.progress_ns = perf_counter_ns()
            self.call_changed.emit(call)

    def _sent(self, call: Call, ids: list[str | int]) -> None:
        call.request_ids.extend(ids)
        for request_id in ids:
            self._by_id[request_id] = call

    # what arrives from the runtime thread

    def _take_frames(self, frames: list[Frame]) -> None:
        added = [self.ledger.append(frame, self.connection) for frame in frames]
        lines: list[LogLine] = []
        for entry, frame in zip(added, frames, strict=True):
            self._notice(entry)
            if self.state == "connecting" and note_frame(self.steps, entry, stdio=self.target.kind == "stdio"):
                self.steps_changed.emit()
            line = self._log_line(entry, frame)
            if line is not None:
                lines.append(line)
        self.entries_added.emit(added)
        self._add_logs(lines)
        for call in {self._by_id[e.id] for e in added if e.id in self._by_id and e.kind in ("result", "error")}:
            self._settle_times(call)
            self.call_changed.emit(call)

    def _notice(self, entry: Entry) -> None:
        if self.stream.take(entry, self.ledger.wall_time_ns):
            self.era_changed.emit()
        if entry.kind == "request" and entry.id is not None and entry.exchange is not None:
            self._exchanges.setdefault((self.starts, entry.sender), {})[entry.id] = entry.exchange.number
        elif entry.sender != "server":
            return
        elif entry.kind == "broken":
            self._noise.append(entry)
        elif entry.method in CHANGED:
            self._list_timer.start()
        elif entry.method == "notifications/resources/updated":
            self._note_update(entry)
        elif entry.method == "notifications/elicitation/complete":
            self._inquiries.page_finished(entry)
        elif entry.kind in ("result", "error") and entry.id is not None and entry.id in self._by_id:
            self._by_id[entry.id].size = entry.size

    def _note_update(self, entry: Entry) -> None:
        """A server may also name a resource inside the one that was subscribed to."""
        message = entry.message
        params = message.get("params") if isinstance(message, dict) else None
        uri = params.get("uri") if isinstance(params, dict) else None
        if isinstance(uri, str):
            self.subscriptions.setdefault(uri, []).append(self.ledger.wall_time_ns(entry.at_ns) / 1e9)
            del self.subscriptions[uri][:-_UPDATES_KEPT]
            self.updated.emit(uri)

    def _on_missed(self, event: Missed) -> None:
        self._list_timer.start()

    def _on_found(self, event: Found) -> None:
        note_program(self.steps, event.path)
        self.steps_changed.emit()

    def _log_line(self, entry: Entry, frame: Frame) -> LogLine | None:
        call = self._only_running()
        number = call.number if call else None
        if frame.error is not None and frame.sender == "server":
            return LogLine("stdout", "stray", frame.raw[:4000], time(), frame.at_ns, call=number, seq=entry.seq)
        message = frame.message
        if not isinstance(message, dict) or message.get("method") != "notifications/message":
            return None
        return LogLine.of_message(message, time(), frame.at_ns, call=number, seq=entry.seq)

    def _only_running(self) -> Call | None:
        """A log line names no call; it belongs to the one that was started last and still runs."""
        return next((call for call in reversed(self._running)), None)

    def _add_logs(self, lines: list[LogLine]) -> None:
        if not lines:
            return
        self.logs.extend(lines)
        del self.logs[:-_LOGS_KEPT]
        touched: dict[int, Call] = {}
        for line in lines:
            if line.call is not None:
                call = touched[line.call] = self.calls[line.call - 1]
                call.logs.append(line)
        self.logs_added.emit(lines)
        for call in touched.values():
            self.call_changed.emit(call)

    def _take_events(self, events: list[Any]) -> None:
        for event in events:
            _HANDLERS[type(event)](self, event)

    def _on_ready(self, event: Ready) -> None:
        self.facts, self.pid, self.connected_at = event.facts, event.pid, time()
        self.offered = event.offered
        for step in self.steps:
            step.state = "ok" if step.state == "running" else step.state
        changes = self.catalogue.take(event.lists)
        if self.starts > 1 and changes is not None:
            self.changes, self.reload_seconds = changes, (perf_counter_ns() - self._began_ns) / 1e9
            self.seen = set()
        self.happened(
            "reload" if self.starts > 1 else "start", self._began_ns, perf_counter_ns(), text=self._began_text()
        )
        self._set("ready")
        self.catalogue_changed.emit(changes)

    def _began_text(self) -> str:
        kind = "Reloaded" if self.starts > 1 else "Started" if self.target.kind == "stdio" else "Connected"
        return f"{kind} in {(perf_counter_ns() - self._began_ns) / 1e9:.1f} s"

    def happened(
        self, kind: EventKind, at_ns: int, until_ns: int | None = None, *, text: str = "", facts: Any = None
    ) -> None:
        """What no frame tells goes to the recording beside them."""
        self.ledger.happened(SessionEvent(self.connection, kind, at_ns, until_ns, text, facts or {}))

    def _on_stderr(self, event: Stderr) -> None:
        self.happened("stderr", event.at_ns, text=event.text)
        call = self._only_running()
        number = call.number if call else None
        self._add_logs([LogLine("stderr", "stderr", event.text, time(), event.at_ns, call=number)])

    def _on_http(self, event: HttpExchange) -> None:
        self.ledger.happened(http_event(self.connection, event))
        if self.state == "connecting" and note_reached(self.steps, event):
            self.steps_changed.emit()

    def _on_signing(self, event: Signing) -> None:
        step = event.step
        if step is not None and step.ended_ns is not None:
            facts: dict[str, Any] = {"step": step.name, "state": step.state, "detail": step.detail}
            facts |= {"human": step.human, "run": step.run}
            self.happened("sign-in", step.began_ns, step.ended_ns, text=step.title, facts=facts)
            if step.human:
                self._count_permission(step.began_ns, step.ended_ns)
        if step is not None and self.state == "connecting":
            note_sign_in(self.steps, step)
        self.sign_in.take(event)
        if step is not None:
            self.steps_changed.emit()

    def _count_permission(self, began_ns: int, ended_ns: int) -> None:
        """The time of a person who gave permission is not the time of the calls that waited for it."""
        for call in self.calls[-_RECENT:]:
            if call.started_ns <= ended_ns and (call.ended_ns or ended_ns) >= began_ns and call.start == self.starts:
                call.sign_ins.append((max(began_ns, call.started_ns), ended_ns))
                call.count_waits(perf_counter_ns())
                self.call_changed.emit(call)

    def _on_asked(self, event: Asked) -> None:
        if self._link is not None:
            call, guessed = self._asking(event.request)
            self._inquiries.asked(event, call, guessed=guessed)

    def _on_settled(self, event: Settled) -> None:
        call, guessed = self._asking(event.request)
        self._inquiries.settled(event, call, guessed=guessed)

    def _on_withdrawn(self, event: Withdrawn) -> None:
        self._inquiries.withdrawn(event)

    def _asking(self, request: Any) -> tuple[Call | None, bool]:
        """The call during which a request came, and whether it is the newest of several that it could be."""
        if request.origin_request_id is not None:
            return self._by_id.get(request.origin_request_id), False
        possible = [self._by_id[id] for id in request.in_flight if id in self._by_id]
        return next(reversed(possible), None), len(possible) > 1

    # answering beside people

    def _rules_changed(self) -> None:
        if self._link is not None:
            self.bridge.call_soon(self._link.set_rules, self.answers.rules.for_connection(self.connection))

    def set_roots(self, roots: Roots) -> None:
        """Other folders from now on; a connected server of the handshake eras is told that they changed."""
        self.roots = roots
        if self._link is not None and self.usable:
            self._spawn(self._tell_roots(self._link, roots))

    async def _tell_roots(self, link: Link, roots: Roots) -> None:
        try:
            await self.bridge.run(link.set_roots, roots)
        except (McpError, TransportError) as problem:
            self.bridge.fault.emit(problem)

    async def draft(self, params: dict[str, Any], on_text: Callable[[str], object]) -> dict[str, Any]:
        """A reply of the configured model. Raises TransportError. Cancelling the await ends the request there."""
        if self._link is None:
            raise TransportError("The server is not connected.", next_step="Connect it again.")

        def deliver(texts: list[Any]) -> None:
            on_text("".join(texts))

        pieces = self.bridge.channel(deliver)
        return await self.bridge.run(self._link.draft, params, pieces)

    def rename(self, name: str) -> None:
        """Changes the name shown before the server told its own."""
        self.target = replace(self.target, name=name)


_HANDLERS: dict[type, Callable[[ServerSession, Any], None]] = {
    Found: ServerSession._on_found,
    Ready: ServerSession._on_ready,
    Missed: ServerSession._on_missed,
    Stderr: ServerSession._on_stderr,
    HttpExchange: ServerSession._on_http,
    Signing: ServerSession._on_signing,
    Asked: ServerSession._on_asked,
    Settled: ServerSession._on_settled,
    Withdrawn: ServerSession._on_withdrawn,
}


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
