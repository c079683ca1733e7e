"""Which request a frame answers, reports on, cancels or continues. Pure: fills a ledger's columns, frame by frame."""

from typing import TYPE_CHECKING, Any, Final

from wireglass.protocol.messages import Frame, JsonObject, RequestId
from wireglass.recording.columns import NONE, REMEMBERED, Remembered
from wireglass.recording.entries import KINDS, STATUSES, ExchangeStatus

if TYPE_CHECKING:
    from wireglass.recording.ledger import Ledger

__all__ = ["Pairing"]

_KIND: Final = {kind: number for number, kind in enumerate(KINDS)}
_STATUS: Final[dict[ExchangeStatus, int]] = {status: number for number, status in enumerate(STATUSES)}
_NAMED_BY: Final = ("name", "uri", "taskId", "level")

_OPENING: Final = frozenset({"initialize", "server/discover"})

_OpenKey = tuple[int, bool, RequestId]
"""Connection, asked by the server, id."""


class Pairing:
    """What is still open on each connection. The frame to file is always the last row of the ledger's columns."""

    def __init__(self, ledger: "Ledger") -> None:
        self._ledger = ledger
        self._names: dict[str, str] = {}
        self._open: dict[_OpenKey, list[int]] = {}
        self._answered = Remembered()
        self._rounds = Remembered()
        self._tokens = Remembered()
        self._client_calls: dict[int, dict[int, None]] = {}

    def forget(self, limit: int) -> None:
        """Exchanges below this number are gone."""
        for key in [key for key, numbers in self._open.items() if max(numbers) < limit]:
            del self._open[key]
        for calls in self._client_calls.values():
            for number in [number for number in calls if number < limit]:
                del calls[number]

    def classify(self, frame: Frame, seq: int, from_server: bool) -> int:
        """Notes what a frame is and which request it belongs to; returns the code of its kind."""
        message = frame.message
        if isinstance(message, dict) and frame.error is None:
            return self._pair(message, seq, from_server, alone=True)
        if isinstance(message, list) and frame.error is None:
            for one in message:
                if isinstance(one, dict):
                    self._pair(one, seq, from_server, alone=False)
            return _KIND["batch"]
        return _KIND["broken"]

    def _pair(self, message: JsonObject, seq: int, from_server: bool, *, alone: bool) -> int:
        """Files one JSON-RPC message; `alone` unless it is part of a batch. Returns its kind."""
        method = message.get("method")
        given_id = message.get("id")
        id = given_id if isinstance(given_id, str) or type(given_id) is int else None
        params = message.get("params")
        if alone:
            self._ledger.columns.id[-1] = id
        if isinstance(method, str):
            name = self._once(_name_of(params)) if isinstance(params, dict) else ""
            if alone:
                self._ledger.columns.method[-1] = self._ledger.words.number(method)
                self._ledger.columns.name[-1] = name
            if "id" not in message:
                self._notified(method, params if isinstance(params, dict) else {}, seq, from_server)
                return _KIND["notification"]
            if id is not None:
                self._asked(method, id, params if isinstance(params, dict) else {}, seq, from_server, name)
            return _KIND["request"]
        if "result" in message or "error" in message:
            self._answer(message, id, seq, from_server)
            return _KIND["error"] if "error" in message else _KIND["result"]
        return _KIND["broken"]

    def _once(self, name: str) -> str:
        """The same text as one object: names repeat from call to call."""
        if len(self._names) < REMEMBERED:
            return self._names.setdefault(name, name)
        return self._names.get(name, name)

    def _belongs(self, number: int) -> None:
        """Ties the newest frame to an exchange, unless it is a batch that is tied already."""
        if self._ledger.columns.exchange[-1] < 0:
            self._ledger.columns.exchange[-1] = number

    def _asked(self, method: str, id: RequestId, params: JsonObject, seq: int, from_server: bool, name: str) -> None:
        columns = self._ledger.exchange_columns
        number = self._ledger.exchange_columns.first + len(columns.request)
        connection = self._ledger.columns.connection[-1]
        if method in _OPENING and not from_server:
            self._begin_anew(connection, id)
        columns.request.append(seq)
        columns.answer.append(NONE)
        columns.cancel.append(NONE)
        columns.previous.append(NONE)
        columns.following.append(NONE)
        columns.method.append(self._ledger.words.number(method))
        columns.status.append(_STATUS["open"])
        columns.id.append(id)
        columns.name.append(name)
        calls = self._client_calls.setdefault(connection, {})
        columns.during.append(next(iter(calls)) if from_server and len(calls) == 1 else NONE)
        if not from_server:
            calls[number] = None
        self._belongs(number)
        same_id = self._open.setdefault((connection, from_server, id), [])
        if same_id:
            self._ledger.notes[seq] = "id in use"
        same_id.append(number)
        meta = params.get("_meta")
        token = meta.get("progressToken") if isinstance(meta, dict) else None
        if isinstance(token, str | int):
            self._tokens[connection, from_server, token] = number
        if "requestState" in params or "inputResponses" in params:
            self._continue_round(connection, method, params, number)
        if method.startswith("tasks/") and isinstance(params.get("taskId"), str):
            self._ledger.tasks[number] = params["taskId"]

    def _begin_anew(self, connection: int, id: RequestId) -> None:
        """Leaves what another process, or another session, still owed. A client counts its ids up, so one that opens
        with an id no higher than those still open has started again: they belong to a peer that is gone."""
        mine = [key for key in self._open if key[0] == connection]
        if any(not by_server and (open == id or _at_least(open, id)) for _, by_server, open in mine):
            for key in mine:
                del self._open[key]
            self._client_calls.pop(connection, None)

    def _continue_round(self, connection: int, method: str, params: JsonObject, number: int) -> None:
        """Finds the answer that asked for this retry: by its opaque state, else by what was called."""
        state = params.get("requestState")
        key = (connection, method, state if isinstance(state, str) else None, _name_of(params))
        previous = self._rounds.pop(key, NONE)
        if previous >= self._ledger.exchange_columns.first:
            self._ledger.exchange_columns.previous[-1] = previous
            self._ledger.exchange_columns.following[previous - self._ledger.exchange_columns.first] = number

    def _notified(self, method: str, params: JsonObject, seq: int, from_server: bool) -> None:
        connection = self._ledger.columns.connection[-1]
        if method == "notifications/progress":
            token = params.get("progressToken")
            number = (
                self._tokens.get((connection, not from_server, token), NONE) if isinstance(token, str | int) else NONE
            )
            if number >= self._ledger.exchange_columns.first:
                self._belongs(number)
                self._ledger.progress.setdefault(number, []).append(seq)
        elif method == "notifications/cancelled":
            self._cancelled(params.get("requestId"), connection, seq, from_server)

    def _cancelled(self, id: Any, connection: int, seq: int, from_server: bool) -> None:
        if not isinstance(id, str | int):
            return
        # A server may cancel a listen request of the client (2026-07-28): then the id is the receiver's.
        for asked_by_server in (from_server, not from_server):
            numbers = self._open.get((connection, asked_by_server, id))
            if numbers and numbers[-1] >= self._ledger.exchange_columns.first:
                row = numbers[-1] - self._ledger.exchange_columns.first
                self._ledger.exchange_columns.cancel[row] = seq
                self._ledger.exchange_columns.status[row] = _STATUS["cancelled"]
                self._client_calls.get(connection, {}).pop(numbers[-1], None)
                self._belongs(numbers[-1])
                return

    def _answer(self, message: JsonObject, id: RequestId | None, seq: int, from_server: bool) -> None:
        connection = self._ledger.columns.connection[-1]
        if id is None:
            self._ledger.notes[seq] = "answers no request"
            return
        key = (connection, not from_server, id)
        numbers = self._open.get(key)
        if not numbers:
            self._late_answer(key, seq)
            return
        number = self._on_same_channel(numbers)
        numbers.remove(number)
        if not numbers:
            del self._open[key]
        self._answered[key] = number
        self._belongs(number)
        if number < self._ledger.exchange_columns.first:
            return
        self._client_calls.get(connection, {}).pop(number, None)
        columns = self._ledger.exchange_columns
        row = number - self._ledger.exchange_columns.first
        columns.answer[row] = seq
        self._ledger.columns.method[-1] = columns.method[row]
        self._ledger.columns.name[-1] = columns.name[row]
        self._ledger.columns.id[-1] = columns.id[row]
        if columns.status[row] == _STATUS["cancelled"]:
            self._ledger.notes[seq] = "answer after cancel"
        else:
            columns.status[row] = _STATUS[self._outcome(message, number)]

    def _on_same_channel(self, numbers: list[int]) -> int:
        """Which of several requests with one id is answered: the one whose channel the answer uses, else the oldest."""
        if len(numbers) > 1:
            channel = self._ledger.columns.channel[-1]
            for number in numbers:
                row = number - self._ledger.exchange_columns.first
                if row >= 0:
                    request = self._ledger.exchange_columns.request[row] - self._ledger.columns.first
                    if request >= 0 and self._ledger.columns.channel[request] == channel:
                        return number
        return numbers[0]

    def _late_answer(self, key: _OpenKey, seq: int) -> None:
        number = self._answered.get(key, NONE)
        if number >= self._ledger.exchange_columns.first:
            self._belongs(number)
            self._ledger.columns.method[-1] = self._ledger.exchange_columns.method[
                number - self._ledger.exchange_columns.first
            ]
            self._ledger.notes[seq] = "second answer"
        else:
            self._ledger.notes[seq] = "answers no request"

    def _outcome(self, message: JsonObject, number: int) -> ExchangeStatus:
        result = message.get("result")
        if "error" in message or not isinstance(result, dict):
            return "error"
        kind = result.get("resultType")
        if kind == "input_required":
            self._await_round(result, number)
            return "input required"
        task = result.get("task") if kind != "task" else result
        if isinstance(task, dict) and isinstance(task.get("taskId"), str):
            self._ledger.tasks[number] = task["taskId"]
            return "task"
        return "tool error" if result.get("isError") is True else "ok"

    def _await_round(self, result: JsonObject, number: int) -> None:
        columns = self._ledger.exchange_columns
        row = number - self._ledger.exchange_columns.first
        state = result.get("requestState")
        method = self._ledger.words[columns.method[row]]
        opaque = state if isinstance(state, str) else None
        self._rounds[self._ledger.columns.connection[-1], method, opaque, columns.name[row]] = number


def _at_least(open: RequestId, id: RequestId) -> bool:
    return isinstance(open, int) and isinstance(id, int) and open >= id


def _name_of(params: JsonObject) -> str:
    for key in _NAMED_BY:
        value = params.get(key)
        if isinstance(value, str):
            return value if len(value) <= 200 else value[:200] + "…"
    return ""
