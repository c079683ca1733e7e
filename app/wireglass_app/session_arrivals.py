"""What arrives from one server's client on the runtime thread: frames, log lines, HTTP, questions, a sign-in."""

from collections.abc import Callable
from time import perf_counter_ns, time
from typing import TYPE_CHECKING, Any

from wireglass.protocol.messages import Frame, HttpExchange
from wireglass.recording.entries import Entry
from wireglass.recording.events import http_event
from wireglass_app.calls import Call, LogLine
from wireglass_app.catalogue import CHANGED
from wireglass_app.connection_steps import note_frame, note_program, note_reached, note_sign_in, note_status
from wireglass_app.link import Asked, Found, Missed, Ready, Settled, Stderr, Withdrawn
from wireglass_app.link_sign_in import Signing
from wireglass_app.session_calls import SessionCalls
from wireglass_app.session_lists import SessionLists
from wireglass_app.session_questions import SessionQuestions

if TYPE_CHECKING:
    from wireglass_app.server_session import ServerSession

__all__ = ["SessionArrivals"]

_LATE_STDERR_NS = 250_000_000
_RECENT = 64
_LOGS_KEPT = 20_000
_UPDATES_KEPT = 200


class SessionArrivals:
    """Works for its session: records everything, and hands on to its calls, questions and lists what concerns them."""

    def __init__(
        self, session: "ServerSession", calls: SessionCalls, questions: SessionQuestions, lists: SessionLists
    ) -> None:
        self._session, self._calls, self._questions, self._lists = session, calls, questions, lists
        self.noise: list[Entry] = []
        """What the server has written since its start that is no message."""

    def noise_lines(self) -> list[str]:
        """The first of it, as written."""
        return [entry.raw for entry in self.noise[:20]]

    # frames

    def take_frames(self, frames: list[Frame]) -> None:
        session = self._session
        added = [session.ledger.append(frame, session.connection) for frame in frames]
        lines: list[LogLine] = []
        for entry, frame in zip(added, frames, strict=True):
            if entry.sender == "server":
                session.frames_heard, session.unreached = session.frames_heard + 1, False
            self._notice(entry)
            connecting = session.state == "connecting"
            if connecting and note_frame(session.steps, entry, stdio=session.target.kind == "stdio"):
                session.steps_changed.emit()
            line = self._log_line(entry, frame)
            if line is not None:
                lines.append(line)
        session.entries_added.emit(added)
        self._add_logs(lines)
        self._calls.answered(added)

    def _notice(self, entry: Entry) -> None:
        session = self._session
        if session.stream.take(entry, session.ledger.wall_time_ns):
            session.era_changed.emit()
        if entry.kind == "request" and entry.id is not None and entry.exchange is not None:
            self._calls.began(entry)
        elif entry.sender != "server":
            return
        elif entry.kind == "broken":
            self.noise.append(entry)
        elif entry.method in CHANGED:
            self._lists.changed()
        elif entry.method == "notifications/resources/updated":
            self._note_update(entry)
        elif entry.method == "notifications/elicitation/complete":
            self._questions.page_finished(entry)
        elif entry.kind in ("result", "error") and (call := self._calls.with_id(entry.id)) is not None:
            call.size = entry.size

    def _note_update(self, entry: Entry) -> None:
        """A server may also name a resource inside the one that was subscribed to."""
        message = entry.message
        params = message.get("params") if isinstance(message, dict) else None
        uri = params.get("uri") if isinstance(params, dict) else None
        if isinstance(uri, str):
            session = self._session
            session.subscriptions.setdefault(uri, []).append(session.ledger.wall_time_ns(entry.at_ns) / 1e9)
            del session.subscriptions[uri][:-_UPDATES_KEPT]
            session.updated.emit(uri)

    # log lines

    def _log_line(self, entry: Entry, frame: Frame) -> LogLine | None:
        if frame.error is not None and frame.sender == "server":
            during = self._call_during(frame.at_ns)
            return LogLine("stdout", "stray", frame.raw[:4000], time(), frame.at_ns, call=during, seq=entry.seq)
        message = frame.message
        if not isinstance(message, dict) or message.get("method") != "notifications/message":
            return None
        return LogLine.of_message(message, time(), frame.at_ns, call=self._call_during(frame.at_ns), seq=entry.seq)

    def _call_during(self, at_ns: int, *, late_ns: int = 0) -> int | None:
        """A log line names no call; it belongs to the one that was started last and ran at that time. This thread may
        have heard of the call's end before: its result comes at once, frames come in batches."""
        for call in reversed(self._session.calls[-_RECENT:]):
            if call.started_ns <= at_ns and (call.ended_ns is None or at_ns <= call.ended_ns + late_ns):
                return call.number
        running = self._calls.newest
        return running.number if running and running.started_ns <= at_ns else None

    def _add_logs(self, lines: list[LogLine]) -> None:
        if not lines:
            return
        session = self._session
        session.logs.extend(lines)
        del session.logs[:-_LOGS_KEPT]
        touched: dict[int, Call] = {}
        for line in lines:
            if line.call is not None:
                call = touched[line.call] = session.calls[line.call - 1]
                call.logs.append(line)
        session.logs_added.emit(lines)
        for call in touched.values():
            session.call_changed.emit(call)

    # events

    def take_events(self, events: list[Any]) -> None:
        for event in events:
            _HANDLERS[type(event)](self, event)

    def _on_missed(self, event: Missed) -> None:
        self._lists.changed()

    def _on_found(self, event: Found) -> None:
        note_program(self._session.steps, event.path)
        self._session.steps_changed.emit()

    def _on_ready(self, event: Ready) -> None:
        session = self._session
        session.facts, session.pid, session.connected_at = event.facts, event.pid, time()
        session.offered = event.offered
        for step in session.steps:
            step.state = "ok" if step.state == "running" else step.state
        self._session.heard()
        changes = self._lists.take(event.lists)
        kind = "reload" if session.starts > 1 else "start"
        session.happened(kind, session.began_ns, perf_counter_ns(), text=self._began_text())
        session.become("ready")
        session.catalogue_changed.emit(changes)

    def _began_text(self) -> str:
        session = self._session
        kind = "Reloaded" if session.starts > 1 else "Started" if session.target.kind == "stdio" else "Connected"
        return f"{kind} in {(perf_counter_ns() - session.began_ns) / 1e9:.1f} s"

    def _on_stderr(self, event: Stderr) -> None:
        self._session.happened("stderr", event.at_ns, text=event.text)
        # a pipe of its own: the traceback of a failed call may be read after the call's answer
        number = self._call_during(event.at_ns) or self._call_during(event.at_ns, late_ns=_LATE_STDERR_NS)
        self._add_logs([LogLine("stderr", "stderr", event.text, time(), event.at_ns, call=number)])

    def _on_http(self, event: HttpExchange) -> None:
        self._session.ledger.happened(http_event(self._session.connection, event))
        if self._session.state == "connecting":
            news = [note(self._session.steps, event) for note in (note_reached, note_status)]
            if any(news):
                self._session.steps_changed.emit()

    def _on_signing(self, event: Signing) -> None:
        step = event.step
        if step is not None and step.ended_ns is not None:
            facts: dict[str, Any] = {"step": step.name, "state": step.state, "detail": step.detail}
            facts |= {"human": step.human, "run": step.run}
            self._session.happened("sign-in", step.began_ns, step.ended_ns, text=step.title, facts=facts)
            if step.human:
                self._calls.count_permission(step.began_ns, step.ended_ns)
        if step is not None and self._session.state == "connecting":
            note_sign_in(self._session.steps, step)
        self._session.sign_in.take(event)
        if step is not None:
            self._session.steps_changed.emit()

    def _on_asked(self, event: Asked) -> None:
        if self._session.link is not None:
            call, guessed = self._calls.asking(event.request)
            self._questions.asked(event, call, guessed=guessed)

    def _on_settled(self, event: Settled) -> None:
        call, guessed = self._calls.asking(event.request)
        self._questions.settled(event, call, guessed=guessed)

    def _on_withdrawn(self, event: Withdrawn) -> None:
        self._questions.withdrawn(event)


_HANDLERS: dict[type, Callable[[SessionArrivals, Any], None]] = {
    Found: SessionArrivals._on_found,
    Ready: SessionArrivals._on_ready,
    Missed: SessionArrivals._on_missed,
    Stderr: SessionArrivals._on_stderr,
    HttpExchange: SessionArrivals._on_http,
    Signing: SessionArrivals._on_signing,
    Asked: SessionArrivals._on_asked,
    Settled: SessionArrivals._on_settled,
    Withdrawn: SessionArrivals._on_withdrawn,
}
