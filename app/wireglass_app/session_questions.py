"""What one server asks: each request becomes a `Question`, tied to the call that asks, and followed to its end."""

from time import perf_counter_ns
from typing import TYPE_CHECKING

from wireglass.recording.entries import Entry
from wireglass_app.link import Asked, Settled, Withdrawn
from wireglass_app.questions import Group, Question

if TYPE_CHECKING:
    from wireglass.client.inputs import InputRequest
    from wireglass_app.calls import Call
    from wireglass_app.server_session import ServerSession

__all__ = ["SessionQuestions"]


class SessionQuestions:
    """Works for its session: fills `session.questions` and emits the session's signals."""

    def __init__(self, session: "ServerSession") -> None:
        self._session = session
        self._groups: dict[str, Group] = {}
        self._open: list[Question] = []
        """The questions that have not ended; of thousands that rules answer, few are open at a time."""

    @property
    def waiting(self) -> list[Question]:
        """Those that wait for a person, oldest first."""
        return [question for question in self._open if question.waiting]

    @property
    def open(self) -> list[Question]:
        """Those that can still be answered, oldest first."""
        return [question for question in self._open if question.open]

    def asked(self, event: Asked, asking: "Call | None", *, guessed: bool) -> None:
        """A request wants an answer. `asking` is the call it belongs to; `guessed` when others could be meant."""
        known = self._known(event.request)
        if known is not None:
            known.take_over(event.problem)
            self._session.asked.emit(known)
            return
        question = self._add(event.request, asking, event.rule, guessed=guessed)
        if question.waiting:
            self._session.asked.emit(question)

    def settled(self, event: Settled, asking: "Call | None", *, guessed: bool) -> None:
        """Something beside people has answered."""
        question = self._known(event.request)
        if question is None:  # folders, which nobody was asked for
            question = self._add(event.request, asking, event.by, guessed=guessed)
        question.settled(event.by, event.outcome)
        if event.by.startswith("rule "):
            self._session.answers.rules.count_use(question.rule)

    def withdrawn(self, event: Withdrawn) -> None:
        """A request ended without our answer."""
        question = self._known(event.request)
        if question is not None:
            question.missed("gone" if event.gone else "withdrawn")

    def page_finished(self, entry: Entry) -> None:
        """The server reports that the user has finished on a page (2025-11-25); ids nobody knows are ignored."""
        message = entry.message
        params = message.get("params") if isinstance(message, dict) else None
        done = params.get("elicitationId") if isinstance(params, dict) else None
        for question in self._session.questions if done is not None else ():
            if question.is_url and question.params.get("elicitationId") == done:
                question.page_finished()

    def _known(self, request: "InputRequest") -> Question | None:
        """The question of a request; the newest are looked at first."""
        return next((one for one in reversed(self._session.questions) if one.request is request), None)

    def _add(self, request: "InputRequest", call: "Call | None", rule: str, *, guessed: bool) -> Question:
        session = self._session
        group = None
        if getattr(request, "group_size", 1) > 1:
            group = self._groups.setdefault(request.group, Group(request.group_size))
        question = Question(request, session, call, session.bridge.call_soon, group, rule)
        question.guessed = guessed
        session.questions.append(question)
        self._open.append(question)
        question.changed.connect(lambda: self._changed(question))
        if call is not None:
            call.questions.append(question)
            if question.waiting and not call.ended:
                call.state = "waiting"
            session.call_changed.emit(call)
        session.question_added.emit(question)
        return question

    def _changed(self, question: Question) -> None:
        session, call = self._session, question.call
        if call is not None and not call.ended:
            wanted = any(one.waiting for one in call.questions)
            if call.state == "waiting" and not wanted:
                call.state = "running"
                call.count_waits(perf_counter_ns())
            elif call.state == "running" and wanted:
                call.state = "waiting"
        if not question.open and question in self._open:
            self._open.remove(question)
        if not question.open and not question.told:
            question.told = True
            if question.state not in ("withdrawn", "gone"):
                session.answers.kept.drop(question)
            facts = {"kind": question.kind, "state": question.state, "by": question.by}
            session.happened("question", question.asked_ns, question.ended_ns, facts=facts)
        if call is not None:
            session.call_changed.emit(call)
        if question.by == "you" and question.outcome is not None and not question.is_url and not question.open:
            session.answers.recorded.note(question.kind, question.tool, question.params, question.outcome)
