"""What a recording tells of each server: facts, lists, calls, questions and logs, read from its frames. Knows no Qt.

Reads only what views of a server show, the newest of it, so that a file of a million frames opens at once; Timeline,
Protocol and Network read the ledger itself and show everything.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import compress, islice
from pathlib import PurePath
from typing import Any, Final

from wireglass.client.inputs import KINDS
from wireglass.client.opening import ConnectionFacts
from wireglass.errors import McpError, TransportError
from wireglass.protocol.messages import JsonObject, as_object
from wireglass.protocol.versions import META_SERVER_INFO
from wireglass.recording.entries import Exchange
from wireglass.recording.events import SessionEvent
from wireglass.recording.ledger import Ledger
from wireglass.recording.surface import Surface
from wireglass_app.calls import Call, CallState, LogLine, Target
from wireglass_app.catalogue import Lists, lifetime

__all__ = ["CALLS_KEPT", "Asked", "Gathered", "gather", "surfaces"]

CALLS_KEPT: Final = 1_000
"""Newest calls of each server that its views list."""
_LOGS_KEPT: Final = 5_000
_CALLED: Final = ("tools/call", "resources/read", "prompts/get")
_LISTED: Final = (
    ("tools/list", "tools"),
    ("resources/list", "resources"),
    ("resources/templates/list", "resourceTemplates"),
    ("prompts/list", "prompts"),
)
_STATES: Final[dict[str, CallState]] = {
    "open": "lost",
    "ok": "done",
    "tool error": "tool-error",
    "error": "refused",
    "input required": "lost",
    "task": "done",
    "cancelled": "cancelled",
}
_ACTIONS: Final = {"accept": "answered", "decline": "declined", "cancel": "cancelled"}


@dataclass(slots=True)
class Asked:
    """A question of the server as it was asked and answered."""

    id: str
    kind: str
    params: JsonObject
    call: Call | None
    asked_ns: int
    ended_ns: int | None
    state: str
    outcome: JsonObject | None
    round: int = 1
    group: str = ""
    by: str = ""


@dataclass(slots=True)
class Gathered:
    """Everything the views of one server show."""

    connection: str
    target: Target
    facts: ConnectionFacts | None
    lists: Lists
    calls: list[Call] = field(default_factory=list[Call])
    exchanges: dict[Call, list[Exchange]] = field(default_factory=dict[Call, list[Exchange]])
    asked: list[Asked] = field(default_factory=list[Asked])
    logs: list[LogLine] = field(default_factory=list[LogLine])


def gather(ledger: Ledger, connections: dict[str, JsonObject]) -> list[Gathered]:
    """One entry for each connection of a ledger that nothing is added to, in the order in which they began.

    `connections` are the facts of the file, which may be missing: then the handshake tells. For a worker thread.
    """
    return [_Reading(ledger, name, as_object(connections.get(name))).all() for name in _names(ledger, connections)]


def surfaces(ledger: Ledger, connections: dict[str, JsonObject]) -> dict[str, tuple[str, Surface]]:
    """The name of each connection's server, and what it showed last; likewise for a worker thread."""
    found: dict[str, tuple[str, Surface]] = {}
    for connection in _names(ledger, connections):
        reading = _Reading(ledger, connection, as_object(connections.get(connection)))
        found[connection] = (reading.name, reading.surface())
    return found


def _names(ledger: Ledger, connections: dict[str, JsonObject]) -> list[str]:
    crossed = {ledger.words[number] for number in set(ledger.columns.connection)}
    return [*connections, *sorted(crossed - connections.keys())]


class _Reading:
    def __init__(self, ledger: Ledger, connection: str, facts: JsonObject) -> None:
        self._ledger = ledger
        self._connection = connection
        self._facts = facts
        self._numbers = {text: number for number, text in enumerate(ledger.words.texts())}
        self._own = self._numbers.get(connection, -1)

    def all(self) -> Gathered:
        found = Gathered(self._connection, self._target(), self._connection_facts(), self._lists())
        self._take_calls(found)
        self._take_questions(found)
        self._take_logs(found)
        return found

    # --- facts ---

    @property
    def name(self) -> str:
        """What people call the server."""
        return str(self._facts.get("name") or self._connection.partition(" #")[0] or "server")

    def surface(self) -> Surface:
        """What it showed to its clients, by the newest reading of each list."""
        facts = self._connection_facts()
        if facts is None:
            return Surface(self._lists())
        return Surface(self._lists(), facts.version, facts.server_info, facts.capabilities, facts.instructions)

    def _target(self) -> Target:
        told = as_object(self._facts.get("target"))
        kind = told.get("kind")
        name = self._connection.partition(" #")[0] or "server"
        args = told.get("args")
        return Target(
            name=str(self._facts.get("name") or name),
            kind=kind if kind in ("stdio", "http", "sse") else "stdio",
            command=str(told.get("command") or ""),
            args=tuple(str(one) for one in args) if isinstance(args, list) else (),
            cwd=told["cwd"] if isinstance(told.get("cwd"), str) else None,
            url=str(told.get("url") or ""),
            spec=PurePath(str(told.get("spec") or "")).as_posix() if told.get("spec") else "",
            runner=str(told.get("runner") or ""),
            reload=False,
        )

    def _connection_facts(self) -> ConnectionFacts | None:
        told = self._facts
        if isinstance(told.get("version"), str):
            steps = told.get("path")
            return ConnectionFacts(
                version=told["version"],
                stateless=told.get("stateless") is True,
                why=str(told.get("why") or ""),
                server_info=as_object(told.get("serverInfo")),
                capabilities=as_object(told.get("capabilities")),
                instructions=told["instructions"] if isinstance(told.get("instructions"), str) else None,
                path=tuple((str(one[0]), str(one[1])) for one in steps if isinstance(one, list) and len(one) == 2)
                if isinstance(steps, list)
                else (),
                result=as_object(told.get("result")),
                transport=str(told.get("transport") or ""),
            )
        return self._from_handshake()

    def _from_handshake(self) -> ConnectionFacts | None:
        why = "Read from the frames: the file does not tell it."
        for exchange in self._newest("initialize"):
            result = _result(exchange)
            if isinstance(result.get("protocolVersion"), str):
                info, offers = as_object(result.get("serverInfo")), as_object(result.get("capabilities"))
                return ConnectionFacts(result["protocolVersion"], False, why, info, offers, result=result)
        for exchange in self._newest("server/discover"):
            result = _result(exchange)
            versions = result.get("supportedVersions")
            if isinstance(versions, list) and versions and exchange.status == "ok":
                info = as_object(as_object(result.get("_meta")).get(META_SERVER_INFO))
                asked = as_object(exchange.params.get("_meta")).get("io.modelcontextprotocol/protocolVersion")
                version = asked if isinstance(asked, str) else str(versions[0])
                return ConnectionFacts(version, True, why, info, as_object(result.get("capabilities")), result=result)
        return None

    def _lists(self) -> Lists:
        tools, resources, templates, prompts = (self._list(method, key) for method, key in _LISTED)
        newest = ((key, exchange) for method, key in _LISTED for exchange in islice(self._newest(method), 1))
        told = (lifetime(key, _result(exchange)) for key, exchange in newest)
        return Lists(tools, resources, templates, prompts, lifetimes=tuple(one for one in told if one is not None))

    def _list(self, method: str, key: str) -> tuple[JsonObject, ...]:
        """The newest reading, all its pages."""
        pages: list[list[JsonObject]] = []
        for exchange in self._newest(method):
            if exchange.status != "ok":
                continue
            items = _result(exchange).get(key)
            pages.append([one for one in items if isinstance(one, dict)] if isinstance(items, list) else [])
            if exchange.params.get("cursor") is None:
                break
        return tuple(item for page in reversed(pages) for item in page)

    # --- calls ---

    def _take_calls(self, found: Gathered) -> None:
        firsts: list[Exchange] = []
        for exchange in self._newest(*_CALLED):
            if exchange.sender == "client" and exchange.previous_round is None:
                firsts.append(exchange)
                if len(firsts) == CALLS_KEPT:
                    break
        for number, exchange in enumerate(reversed(firsts), 1):
            rounds = list(exchange.rounds)
            call = self._call(number, rounds)
            found.calls.append(call)
            found.exchanges[call] = rounds

    def _call(self, number: int, rounds: list[Exchange]) -> Call:
        first, last = rounds[0], rounds[-1]
        answer = last.answer
        end = answer or last.cancel or (last.entries[-1] if last.entries else last.request)
        params = first.params
        call = Call(
            number,
            first.method,
            first.name,
            params if "arguments" in params or first.method != "tools/call" else {**params, "arguments": {}},
            state=_STATES[last.status],
            at=self._ledger.wall_time_ns(first.asked_ns) / 1e9,
            started_ns=first.asked_ns,
            ended_ns=end.at_ns,
            request_ids=[one.id for one in rounds],
            meta=as_object(params.get("_meta")),
        )
        if answer is not None:
            call.size = answer.size
            call.result = _result(last) or None
            if call.state == "refused":
                call.problem = _refusal(answer.message)
        if call.state == "lost":
            call.problem = TransportError("The recording ends before the answer.")
        return call

    # --- questions ---

    def _take_questions(self, found: Gathered) -> None:
        of_exchange = {one.number: call for call, rounds in found.exchanges.items() for one in rounds}
        for call, rounds in found.exchanges.items():
            for number, exchange in enumerate(rounds, 1):
                if exchange.status == "input required":
                    found.asked += _questions_of_round(exchange, call, number)
        for exchange in self._newest(*KINDS):
            if exchange.sender == "server" and KINDS[exchange.method] != "roots" and len(found.asked) < CALLS_KEPT:
                during = exchange.during
                found.asked.append(_question_of(exchange, of_exchange.get(during.number) if during else None))
        found.asked.sort(key=lambda one: one.asked_ns)
        self._take_who_answered(found.asked)

    def _take_who_answered(self, asked: list[Asked]) -> None:
        told = [one for one in self._events("question") if one.facts.get("by")]
        for one in asked:
            for event in told:
                if event.facts.get("kind") == one.kind and event.at_ns >= one.asked_ns:
                    one.by = str(event.facts["by"])
                    if event.facts.get("state") in ("withdrawn", "gone"):
                        one.state = str(event.facts["state"])
                    told.remove(event)
                    break

    # --- logs ---

    def _take_logs(self, found: Gathered) -> None:
        lines = [*self._log_lines(), *self._stray_lines()]
        lines += [
            LogLine("stderr", "stderr", event.text, self._ledger.wall_time_ns(event.at_ns) / 1e9, event.at_ns)
            for event in self._events("stderr")[-_LOGS_KEPT:]
        ]
        begins = [call.started_ns for call in found.calls]
        for line in sorted(lines, key=lambda line: line.at_ns):
            at = bisect_right(begins, line.at_ns) - 1
            call = found.calls[at] if at >= 0 and line.at_ns <= (found.calls[at].ended_ns or 0) else None
            own = line if call is None else _of_call(line, call.number)
            found.logs.append(own)
            if call is not None:
                call.logs.append(own)

    def _log_lines(self) -> Iterator[LogLine]:
        columns, ledger = self._ledger.columns, self._ledger
        method = self._numbers.get("notifications/message", -1)
        kept = 0
        for row in reversed(_rows_with(columns.method, {method})):
            if columns.connection[row] != self._own:
                continue
            entry = ledger.entry(columns.first + row)
            wall = ledger.wall_time_ns(entry.at_ns) / 1e9
            yield LogLine.of_message(as_object(entry.message), wall, entry.at_ns, seq=entry.seq)
            kept += 1
            if kept == _LOGS_KEPT:
                return

    def _stray_lines(self) -> Iterator[LogLine]:
        for seq in sorted(self._ledger.errors)[-_LOGS_KEPT:]:
            entry = self._ledger.entry(seq)
            if entry.connection == self._connection and entry.sender == "server":
                wall = self._ledger.wall_time_ns(entry.at_ns) / 1e9
                yield LogLine("stdout", "stray", entry.raw[:4000], wall, entry.at_ns, seq=seq)

    # --- finding ---

    def _events(self, kind: str) -> list[SessionEvent]:
        return [one for one in self._ledger.events if one.kind == kind and one.connection == self._connection]

    def _newest(self, *methods: str) -> Iterator[Exchange]:
        """The exchanges of these methods on this connection, newest first."""
        wanted = {self._numbers[method] for method in methods if method in self._numbers}
        exchanges, frames = self._ledger.exchange_columns, self._ledger.columns
        for row in reversed(_rows_with(exchanges.method, wanted)):
            request = exchanges.request[row] - frames.first
            if request >= 0 and frames.connection[request] == self._own:
                yield Exchange(self._ledger, exchanges.first + row)


def _rows_with(column: "array[int]", values: set[int]) -> list[int]:
    """Rows that hold one of some values: one pass in C, also over a million of them."""
    return list(compress(range(len(column)), map(values.__contains__, column))) if values else []


def _result(exchange: Exchange) -> JsonObject:
    answer = exchange.answer
    try:
        return as_object(as_object(answer.message).get("result")) if answer is not None else {}
    except LookupError:
        return {}


def _refusal(message: Any) -> McpError:
    error = as_object(as_object(message).get("error"))
    code = error.get("code")
    return McpError(code if type(code) is int else 0, str(error.get("message", "")), error.get("data"))


def _questions_of_round(exchange: Exchange, call: Call, number: int) -> Iterator[Asked]:
    """Stateless: the questions of a result that says `input_required`, and the answers of the retry."""
    answer, following = exchange.answer, exchange.next_round
    assert answer is not None
    responses = as_object(following.params.get("inputResponses")) if following is not None else {}
    for key, value in as_object(_result(exchange).get("inputRequests")).items():
        kind = KINDS.get(str(as_object(value).get("method")))
        if kind in (None, "roots"):
            continue
        reply = responses.get(key)
        outcome = reply if isinstance(reply, dict) else None
        yield Asked(
            id=f"{exchange.number}-{key}",
            kind=str(kind),
            params=as_object(as_object(value).get("params")),
            call=call,
            asked_ns=answer.at_ns,
            ended_ns=following.request.at_ns if following is not None else answer.at_ns,
            state="gone" if outcome is None else _ACTIONS.get(str(outcome.get("action")), "answered"),
            outcome=outcome,
            round=number,
            group=str(exchange.number),
        )


def _question_of(exchange: Exchange, call: Call | None) -> Asked:
    """Handshake eras: a request of the server."""
    answer = exchange.answer
    outcome = _result(exchange) or None
    state = "gone" if answer is None else "declined" if outcome is None else "answered"
    return Asked(
        id=str(exchange.id),
        kind=KINDS[exchange.method],
        params=exchange.params,
        call=call,
        asked_ns=exchange.request.at_ns,
        ended_ns=answer.at_ns if answer is not None else exchange.request.at_ns,
        state=_ACTIONS.get(str(outcome.get("action")), state) if outcome is not None else state,
        outcome=outcome,
    )


def _of_call(line: LogLine, number: int) -> LogLine:
    return LogLine(
        line.source, line.level, line.text, line.at, line.at_ns, logger=line.logger, call=number, seq=line.seq
    )
