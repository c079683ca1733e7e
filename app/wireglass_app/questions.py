"""A question of a server to the human: it waits, and ends answered, refused or withdrawn. Several wait in a queue."""

from collections.abc import Callable
from time import perf_counter_ns, time
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from wireglass_app.calls import Call
    from wireglass_app.server_session import ServerSession

__all__ = ["Question", "QuestionState"]

QuestionState = Literal["waiting", "answered", "declined", "cancelled", "withdrawn", "gone"]
"""`withdrawn`: the server or a time-out took it back. `gone`: the server is no longer there."""


class Question(QObject):
    """One elicitation, sampling or roots request. Lives on the Qt thread; its answers cross by themselves."""

    changed = Signal()

    def __init__(
        self,
        request: Any,
        session: "ServerSession",
        call: "Call | None",
        deliver: Callable[[Callable[..., Any]], None],
    ) -> None:
        """`request` is a `wireglass.client.inputs.InputRequest`; `deliver` runs a function on its thread."""
        super().__init__(session)
        self.request = request
        self.session = session
        self.call = call
        self.kind: Literal["elicitation", "sampling", "roots"] = request.kind
        self.params: dict[str, Any] = request.params
        self.at = time()
        self.asked_ns = perf_counter_ns()
        self.ended_ns: int | None = None
        self.state: QuestionState = "waiting"
        self.by = ""
        """Who answered: "you", "rule …", "roots", "timeout"."""
        self.outcome: dict[str, Any] | None = None
        self._deliver = deliver

    @property
    def message(self) -> str:
        """The server's own words, unchecked."""
        return str(self.params.get("message", ""))

    @property
    def is_url(self) -> bool:
        return self.kind == "elicitation" and self.params.get("mode") == "url"

    @property
    def schema(self) -> dict[str, Any]:
        """The form that is asked for."""
        found = self.params.get("requestedSchema")
        return found if isinstance(found, dict) else {}

    @property
    def waiting(self) -> bool:
        return self.state == "waiting"

    @property
    def seconds(self) -> float:
        """How long it has waited, or waited in all."""
        end = self.ended_ns if self.ended_ns is not None else perf_counter_ns()
        return (end - self.asked_ns) / 1e9

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
        """Sampling: sends an error instead of a message."""
        if self.waiting:
            self._deliver(lambda: self.request.refuse(reason))
            self._finish("declined", by, None)

    def withdraw(self, state: QuestionState = "withdrawn", by: str = "server") -> None:
        """The other side took it back; nothing is sent."""
        if self.waiting:
            self._finish(state, by, None)

    def _end(self, state: QuestionState, by: str, answer: dict[str, Any]) -> None:
        if self.waiting:
            self._deliver(lambda: self.request.answer(answer))
            self._finish(state, by, answer)

    def _finish(self, state: QuestionState, by: str, outcome: dict[str, Any] | None) -> None:
        self.ended_ns = perf_counter_ns()
        self.state, self.by, self.outcome = state, by, outcome
        self.changed.emit()
