"""A question of a server: it waits for people or for a rule, and ends answered, refused or withdrawn.

Questions that came in one result form a group: each answer is held until all are given, then they are sent together.
"""

from collections.abc import Callable
from time import perf_counter_ns, time
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from wireglass.client.inputs import InputRequest
    from wireglass_app.calls import Call
    from wireglass_app.server_session import ServerSession

__all__ = ["Group", "Question", "QuestionState"]

QuestionState = Literal[
    "waiting", "automatic", "visiting", "held", "answered", "declined", "cancelled", "withdrawn", "gone"
]
"""`automatic`: a rule is about to answer. `visiting`: the page is open, the call goes on when the user or the server
says. `held`: answered, sent with the rest of its group. `withdrawn`: the server or a time-out took it back. `gone`: the
server is no longer there."""
_OPEN: frozenset[str] = frozenset({"waiting", "automatic", "visiting", "held"})


class Group:
    """The questions of one result. `size` says how many there are; members join as they arrive."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.members: list[Question] = []

    def place_of(self, question: "Question") -> int:
        """Its number in the group, from 1."""
        return self.members.index(question) + 1

    @property
    def missing(self) -> int:
        """How many answers of people are still wanted."""
        late = self.size - len(self.members)
        return late + sum(question.state in ("waiting", "visiting") for question in self.members)

    def send_when_complete(self) -> None:
        """Sends every held answer once nobody's answer is missing."""
        if self.missing == 0:
            for question in self.members:
                question.send_held()


class Question(QObject):
    """One elicitation, sampling or roots request. Lives on the Qt thread; its answers cross by themselves."""

    changed = Signal()

    def __init__(
        self,
        request: "InputRequest",
        session: "ServerSession",
        call: "Call | None",
        deliver: Callable[[Callable[..., Any]], None],
        group: Group | None = None,
        rule: str = "",
    ) -> None:
        """`deliver` runs a function on the thread of the request."""
        super().__init__(session)
        self.request = request
        self.session = session
        self.call = call
        self.kind: Literal["elicitation", "sampling", "roots"] = request.kind
        self.params: dict[str, Any] = request.params
        self.at = time()
        self.asked_ns: int = getattr(request, "asked_ns", 0) or perf_counter_ns()
        self.ended_ns: int | None = None
        self.rule = rule
        """The rule that is about to answer it, or has."""
        self.rule_problem = ""
        """Why a rule that fits did not answer."""
        self.state: QuestionState = "automatic" if self.rule else "waiting"
        self.by = ""
        """Who answered: "you", "rule …", "roots", "timeout"."""
        self.outcome: dict[str, Any] | None = None
        self.guessed = False
        """Whether `call` is only the likeliest of several that ran: the handshake eras do not say which one asks."""
        self.page_done = False
        """The server has reported that the page it wanted visited is finished."""
        self.late = False
        """An answer was given after the question had been taken back."""
        self.notes: list[str] = []
        """What else to tell of the answer: "edited", "drafted by a model"."""
        self.told = False
        """Whether the recording knows how it ended."""
        self._deliver = deliver
        self._send: Callable[[], Any] | None = None
        self._held: tuple[QuestionState, str] = ("answered", "you")
        self.group = group if group is not None else Group(1)
        self.group.members.append(self)

    @property
    def message(self) -> str:
        """The server's own words, unchecked."""
        return str(self.params.get("message", ""))

    @property
    def is_url(self) -> bool:
        return self.kind == "elicitation" and self.params.get("mode", "form") != "form"

    @property
    def schema(self) -> dict[str, Any]:
        """The form that is asked for."""
        found = self.params.get("requestedSchema")
        return found if isinstance(found, dict) else {}

    @property
    def tool(self) -> str:
        """The tool, prompt or URI of the call behind it, or empty."""
        return str(getattr(self.request, "tool", "")) or (self.call.name if self.call is not None else "")

    @property
    def waiting(self) -> bool:
        """Whether a person is wanted."""
        return self.state in ("waiting", "visiting")

    @property
    def open(self) -> bool:
        """Whether it can still be answered, or its answer changed."""
        return self.state in _OPEN

    @property
    def seconds(self) -> float:
        """How long it has waited, or waited in all."""
        end = self.ended_ns if self.ended_ns is not None else perf_counter_ns()
        return (end - self.asked_ns) / 1e9

    @property
    def seconds_left(self) -> float | None:
        """Until the call's own time-out, which runs on in the handshake eras; None where nothing presses."""
        call = self.call
        if call is None or call.timeout is None or self.session.stateless or call.ended:
            return None
        since = max(call.started_ns, call.progress_ns)
        return max(0.0, call.timeout - (perf_counter_ns() - since) / 1e9)

    # people's answers

    def accept(self, content: dict[str, Any] | None = None, by: str = "you") -> None:
        """Elicitation: sends `accept` with the form's values."""
        answer: dict[str, Any] = {"action": "accept"}
        if content is not None:
            answer["content"] = content
        self._end("answered", by, answer)

    def decline(self, by: str = "you") -> None:
        """Elicitation: the human read it and says no."""
        self._end("declined", by, {"action": "decline"})

    def cancel(self, by: str = "you") -> None:
        """Elicitation: the human dismissed it."""
        self._end("cancelled", by, {"action": "cancel"})

    def answer(self, result: dict[str, Any], by: str = "you") -> None:
        """Sampling and roots: sends a whole result."""
        self._end("answered", by, result)

    def refuse(self, reason: str = "The user refused.", by: str = "you") -> None:
        """Sampling and roots: sends an error instead. It ends the call, so it does not wait for the group."""
        if self.open:
            self._send = None
            self._deliver(lambda: self.request.refuse(reason))
            self._finish("declined", by, None)

    def reopen(self) -> None:
        """The held answer is to be changed."""
        if self.state == "held":
            self._send, self.outcome, self.ended_ns, self.by = None, None, None, ""
            self.state = "waiting"
            self.changed.emit()

    def send_held(self) -> None:
        """Sends the held answer; for the group."""
        if self.state == "held" and self._send is not None:
            self._deliver(self._send)
            self._send = None
            self.state, self.by = self._held
            self.changed.emit()

    # pages

    def visit(self) -> None:
        """The page was opened. A server that asked by a request is told at once; a call that is to be repeated waits
        until the user or the server says that the page is done."""
        if self.state != "waiting":
            return
        if self.session.stateless or getattr(self.request, "page_first", False):
            self.state = "visiting"
            self.changed.emit()
        else:
            self.accept()

    def retry(self, by: str = "you") -> None:
        """The page is done: the call goes on."""
        if self.state == "visiting":
            self.request.visited = True
            self.accept(by=by)

    def page_finished(self) -> None:
        """The server says so (`notifications/elicitation/complete`)."""
        self.page_done = True
        if self.state == "visiting":
            self.retry()
        else:
            self.changed.emit()

    # what others do

    def take_over(self, problem: str) -> None:
        """The rule could not answer, so people are asked. `problem` says why."""
        if self.state == "automatic":
            self.rule, self.rule_problem, self.state = "", problem, "waiting"
            self.changed.emit()

    def settled(self, by: str, outcome: dict[str, Any] | None) -> None:
        """A rule has answered."""
        if self.state == "automatic":
            action = (outcome or {}).get("action", "accept")
            said_no = outcome is None or action == "decline"
            self._finish("declined" if said_no else "cancelled" if action == "cancel" else "answered", by, outcome)
            self.group.send_when_complete()

    def withdraw(self, state: QuestionState = "withdrawn", by: str = "server") -> None:
        """The other side took it back; nothing is sent."""
        if self.open:
            self._send = None
            self._finish(state, by, None)

    def drop(self, by: str) -> None:
        """Our call is over, so its answer no longer matters; a server that still waits is told that there is none."""
        if self.open:
            self._deliver(lambda: self.request.refuse("The call was stopped.", action="cancel", by="nobody"))
            self.withdraw("withdrawn", by)

    def missed(self, state: QuestionState) -> None:
        """The client says that it was withdrawn before the answer reached it."""
        if self.open:
            self.withdraw(state)
        elif self.state not in ("withdrawn", "gone"):
            self.late = True
            self._finish(state, "server", None)

    def _end(self, state: QuestionState, by: str, answer: dict[str, Any]) -> None:
        if not self.open:
            return
        send = lambda: self.request.answer(answer, by=by)  # noqa: E731 (kept until the group is complete)
        if self.group.size > 1:
            self._send, self._held = send, (state, by)
            self._finish("held", by, answer)
            self.group.send_when_complete()
        else:
            self._deliver(send)
            self._finish(state, by, answer)

    def _finish(self, state: QuestionState, by: str, outcome: dict[str, Any] | None) -> None:
        self.ended_ns = perf_counter_ns()
        self.state, self.by, self.outcome = state, by, outcome
        self.changed.emit()
