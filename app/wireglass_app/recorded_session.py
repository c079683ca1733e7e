"""A server as a recording shows it: everything a `ServerSession` has to look at, and nothing that could run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject

from wireglass.errors import TransportError
from wireglass.protocol.messages import JsonObject
from wireglass.recording.entries import Entry, Exchange
from wireglass.recording.ledger import Ledger
from wireglass_app.bridge import Bridge
from wireglass_app.calls import Call
from wireglass_app.questions import Question
from wireglass_app.recorded_facts import Asked, Gathered
from wireglass_app.server_session import ServerSession

if TYPE_CHECKING:
    from wireglass.client.inputs import InputRequest

__all__ = ["RecordedSession"]

_NOTHING_RUNS = "This is a recording: there is no server to ask."


@dataclass(frozen=True, slots=True)
class _Request:
    """What views read of an `InputRequest`; nobody waits for its answer any more."""

    id: str
    kind: str
    params: JsonObject
    round: int
    group: str

    def answer(self, _result: JsonObject) -> None:
        """The answer went out long ago."""

    def refuse(self, _reason: str = "") -> None:
        """Likewise."""


class RecordedSession(ServerSession):
    """Never connects. Calls, questions, logs and lists are those of the recording."""

    recorded = True

    def __init__(self, bridge: Bridge, ledger: Ledger, found: Gathered, parent: QObject | None = None) -> None:
        super().__init__(bridge, ledger, found.target, found.connection, parent)
        self._of_call: dict[Call, list[Exchange]] = {}
        self.take(found)

    def take(self, found: Gathered) -> None:
        """Shows what was read; the signals tell the views."""
        self.state = "recorded"
        self.target, self.facts = found.target, found.facts
        self.calls, self.logs = found.calls, found.logs
        self._of_call = found.exchanges
        for question in self.questions:
            question.deleteLater()
        self.questions = [self._question(asked) for asked in found.asked]
        for call in self.calls:
            call.count_waits(max((one.ended_ns or one.asked_ns for one in call.questions), default=0))
        self.catalogue.take(found.lists)
        self.state_changed.emit()
        self.catalogue_changed.emit(None)

    def _question(self, asked: Asked) -> Question:
        request = _Request(asked.id, asked.kind, asked.params, asked.round, asked.group or asked.id)
        question = Question(cast("InputRequest", request), self, asked.call, _deliver_nothing)
        question.at = self.ledger.wall_time_ns(asked.asked_ns) / 1e9
        question.asked_ns, question.ended_ns = asked.asked_ns, asked.ended_ns
        question.state = asked.state  # type: ignore[assignment]  # `gather` knows only states of questions
        question.by, question.outcome = asked.by, asked.outcome
        if asked.call is not None:
            asked.call.questions.append(question)
        return question

    def exchanges_of(self, call: Call) -> list[Exchange]:
        return self._of_call.get(call, [])

    def entries_of(self, call: Call) -> list[Entry]:
        found = {entry for exchange in self.exchanges_of(call) for entry in exchange.entries}
        if not self.stateless:
            for exchange in self.exchanges_of(call):
                found.update(self._asked_during(exchange))
        return sorted(found, key=lambda entry: entry.seq)

    def _asked_during(self, exchange: Exchange) -> list[Entry]:
        """The questions that the server asked while a call ran (handshake eras)."""
        columns = self.ledger.exchange_columns
        rows = range(exchange.number + 1 - columns.first, min(len(columns.request), exchange.number + 2_000))
        asked = [Exchange(self.ledger, columns.first + row) for row in rows if columns.during[row] == exchange.number]
        return [entry for one in asked for entry in one.entries]

    # nothing runs

    def connect_to(self) -> None:
        """A recording connects to nothing."""

    async def restart(self) -> None:
        """Likewise."""

    def start(self, method: str, name: str, params: dict[str, Any], **_options: Any) -> Call:
        """A call that has ended already, saying why; it is not among `calls`."""
        call = Call(len(self.calls) + 1, method, name, params, state="lost")
        call.ended_ns = call.started_ns
        call.problem = TransportError(_NOTHING_RUNS, next_step="Open the server itself to call it.")
        return call

    async def ask(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Raises TransportError."""
        raise TransportError(_NOTHING_RUNS, next_step="Open the server itself to ask it.")


def _deliver_nothing(_function: Callable[..., Any]) -> None:
    """No runtime thread waits for an answer."""
