"""Violations in a recording: each frame by its schema, and what only the frames before it can tell.

Follows every connection of a ledger: which revision was agreed on, what both sides can do, which tools promise which
results. Works on a live session and on an opened file alike, and knows nothing that did not cross the wire.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from wireglass.protocol.conformance import Conformance, Violation
from wireglass.protocol.messages import JsonObject, as_object, is_object
from wireglass.protocol.methods import METHODS
from wireglass.protocol.schema_refs import pointer_join
from wireglass.protocol.versions import (
    LATEST_HANDSHAKE,
    at_least,
    is_stateless,
)
from wireglass.recording.entries import Entry
from wireglass.recording.learnt import Learnt, learn, version_of
from wireglass.recording.ledger import Ledger
from wireglass.resources import resource_path
from wireglass.schema_check import check as check_value

__all__ = ["Judge", "official_schema"]


@cache
def official_schema(version: str) -> JsonObject:
    """The official JSON Schema of a revision, from the files that ship with Wireglass."""
    return json.loads(resource_path("schemas", f"{version}.json").read_text(encoding="utf-8"))


class Judge:
    """Checks the frames of one ledger, in order. Not thread-safe."""

    def __init__(self, ledger: Ledger, conformance: Conformance | None = None) -> None:
        self._ledger = ledger
        self._conformance = conformance or Conformance(official_schema)
        self._connections: dict[str, Learnt] = {}

    def watch(self) -> Callable[[], None]:
        """Judges each frame as it is recorded, until the returned function is called."""

        def judge(entry: Entry) -> None:
            self.judge(entry)

        return self._ledger.listen(judge)

    def judge(self, entry: Entry) -> tuple[Violation, ...]:
        """What is wrong with a frame; also marked in the ledger. Frames must come in order, each once."""
        message = entry.message
        known = self._known(entry, message)
        if entry.kind == "broken" and entry.error is not None:
            found = (_unreadable(entry, known),)
        else:
            found = tuple(self._found(entry, message, known))
        if is_object(message):
            learn(entry, message, known)
        self._ledger.mark(entry.seq, found)
        return found

    def _known(self, entry: Entry, message: Any) -> Learnt:
        """What is known of the frame's connection: nothing, when it opens it anew."""
        known = self._connections.get(entry.connection)
        if known is None or known.opened_anew(entry, message):
            known = self._connections[entry.connection] = Learnt()
        known.count_ids(entry, message)
        return known

    def _found(self, entry: Entry, message: Any, known: Learnt) -> Iterator[Violation]:
        version = version_of(entry, message, known)
        method = entry.method if entry.kind in ("result", "error") else None
        yield from self._conformance.check(message, version, method=method or None, sender=entry.sender)
        if is_object(message):
            for rule in (_pairing, _order, _progress, _capability, _embedded_capability, _output):
                yield from rule(entry, message, known, version)


# --- rules ---


def _unreadable(entry: Entry, known: Learnt) -> Violation:
    meaning = (
        "On stdio each line of stdout must be a message. Some hosts ignore such a line, others end the connection."
        if entry.channel == "stdio" and entry.sender == "server"
        else "The receiver cannot read this and drops it or ends the connection."
    )
    return Violation(
        "",
        "not-json",
        entry.error or "This is not JSON.",
        known.version or LATEST_HANDSHAKE,
        "Transports",
        meaning=meaning,
        next_step="Write logs to stderr, for example with the logging module or print(..., file=sys.stderr).",
    )


_MESSAGES = "Base protocol, Messages"
_NAMELESS = Violation(
    "",
    "error-without-id",
    "This error answers no request that could be named.",
    "",
    _MESSAGES,
    "warning",
    "The client cannot tell which call failed; some wait until their time-out.",
    "Repeat the id of the request whenever it can be read.",
)
_BY_NOTE = {
    "answers no request": Violation(
        "/id",
        "answer-unknown",
        "No request has the id {id}.",
        "",
        _MESSAGES,
        meaning="The receiver drops the answer, and the call that it was meant for waits for ever.",
        next_step="Repeat the id exactly, with its JSON type.",
    ),
    "second answer": Violation(
        "/id",
        "answer-duplicate",
        "The request {id} was answered before.",
        "",
        _MESSAGES,
        meaning="The receiver drops the second answer.",
        next_step="Answer each request once.",
    ),
    "answer after cancel": Violation(
        "/id",
        "answer-late",
        "The request {id} had been cancelled before this answer.",
        "",
        "Cancellation",
        "warning",
        "It is ignored. If the two crossed on the way, nothing is wrong.",
        "Stop the work when the cancel arrives, and send no answer.",
    ),
    "id in use": Violation(
        "/id",
        "id-in-use",
        "The id {id} belongs to another request that is not answered yet.",
        "",
        _MESSAGES,
        meaning="The answers cannot be told apart.",
        next_step="Use a new id for each request.",
    ),
}
"""What is wrong with a frame by the note that pairing left on it; the id and the revision are filled in."""


def _pairing(entry: Entry, message: JsonObject, known: Learnt, version: str) -> Iterator[Violation]:
    nameless = entry.note == "answers no request" and message.get("id") is None
    found = _NAMELESS if nameless else _BY_NOTE.get(entry.note)
    if found is not None:
        yield replace(found, message=found.message.format(id=json.dumps(message.get("id"))), revision=version)


def _order(entry: Entry, message: JsonObject, known: Learnt, version: str) -> Iterator[Violation]:
    """Who may speak before the handshake is over (lifecycle page, up to 2025-11-25)."""
    if is_stateless(version) or entry.kind not in ("request", "notification") or entry.method == "ping":
        return
    why = ""
    if entry.method == "initialize":
        if known.initialize_answered:
            why = "The connection was initialized before."
    elif entry.kind == "request" and entry.sender == "client" and not known.initialize_answered:
        why = "The client must wait for the answer to initialize before it asks anything but ping."
    elif entry.kind == "request" and entry.sender == "server" and not known.initialized:
        why = "The server must wait for notifications/initialized before it asks anything but ping."
    if why:
        yield Violation(
            "/method",
            "order",
            why,
            version,
            "Lifecycle, Initialization",
            meaning="Strict peers refuse the request.",
            next_step="Send it later.",
        )


def _progress(entry: Entry, message: JsonObject, known: Learnt, version: str) -> Iterator[Violation]:
    if entry.method != "notifications/progress" or entry.kind != "notification":
        return
    exchange = entry.exchange
    params = as_object(message.get("params"))
    if exchange is None:
        yield Violation(
            "/params/progressToken",
            "progress-unknown",
            "No request gave this progress token.",
            version,
            "Progress",
            meaning="The receiver drops it.",
            next_step="Use the token of the request, with its JSON type; without one, send no progress.",
        )
        return
    if exchange.answer is not None and exchange.answer.seq < entry.seq:  # frames are judged some time after they came
        yield Violation(
            "",
            "progress-late",
            "The request had been answered before this.",
            version,
            "Progress",
            "warning",
            "The receiver drops it.",
            "Stop progress when the answer is sent.",
        )
    value = params.get("progress")
    if isinstance(value, int | float) and not isinstance(value, bool):
        last = known.progress.get(exchange.number)
        if last is not None and value <= last:
            yield Violation(
                "/params/progress",
                "progress-not-rising",
                f"Progress must rise; it was {last:g} before.",
                version,
                "Progress",
                meaning="Bars stand still or jump back; clients may take it for a stall.",
                next_step="Send a higher value each time, or nothing.",
            )
        known.progress[exchange.number] = value


def _capability(entry: Entry, message: JsonObject, known: Learnt, version: str) -> Iterator[Violation]:
    """What a side uses must have been declared (lifecycle page, Operation)."""
    row = METHODS.get(entry.method)
    if row is None or row.capability is None or entry.kind not in ("request", "notification"):
        return
    if row.capability == "completions" and not at_least(version, "2025-03-26"):
        return
    by_server = (entry.sender == "server") == (row.kind == "notification")
    declared = known.server_can if by_server else known.client_can
    if declared is None:
        return
    needed = _detail(entry.method)
    holder = as_object(declared.get(row.capability))
    if row.capability in declared and (needed is None or holder.get(needed) is True):
        return
    name = row.capability if needed is None or row.capability not in declared else f"{row.capability}.{needed}"
    side = "server" if by_server else "client"
    yield Violation(
        "/method",
        "capability",
        f"The {side} did not declare the capability {name}.",
        version,
        "Lifecycle, Capability negotiation",
        meaning="The other side does not expect this and may refuse or drop it.",
        next_step=f"Declare {name} in the {side}'s capabilities, or do not use it.",
    )


def _detail(method: str) -> str | None:
    """The member of a capability that must be true for a method."""
    if method.endswith("/list_changed"):
        return "listChanged"
    return "subscribe" if method in ("resources/subscribe", "resources/unsubscribe") else None


def _embedded_capability(entry: Entry, message: JsonObject, known: Learnt, version: str) -> Iterator[Violation]:
    """Inside `input_required`, only what this very request declared may be asked for (2026-07-28)."""
    exchange = entry.exchange
    if entry.kind != "result" or exchange is None or exchange.number not in known.asked_with:
        return
    declared = known.asked_with[exchange.number][1]
    requests = as_object(as_object(message.get("result")).get("inputRequests"))
    if declared is None or not is_stateless(version):
        return
    for key, request in requests.items():
        method = as_object(request).get("method")
        row = METHODS.get(method) if isinstance(method, str) else None
        if row is None or row.capability is None:
            continue
        mode = as_object(as_object(request).get("params")).get("mode")
        missing = row.capability not in declared
        if not missing and mode == "url" and "url" not in as_object(declared.get("elicitation")):
            missing = True
        if missing:
            yield Violation(
                pointer_join("/result/inputRequests", key),
                "capability",
                f"The client did not declare {row.capability}{' for URLs' if mode == 'url' else ''} on this request.",
                version,
                "Multi round-trip requests",
                meaning="The client cannot answer, and the call ends.",
                next_step="Leave it out, or answer with -32021 and what is required.",
            )


def _output(entry: Entry, message: JsonObject, known: Learnt, version: str) -> Iterator[Violation]:
    """A tool's structured result must fit the schema that it promised (tools page, Output schema)."""
    exchange = entry.exchange
    if entry.kind != "result" or entry.method != "tools/call" or exchange is None:
        return
    result = as_object(message.get("result"))
    schema = known.output_schemas.get(exchange.name)
    if not is_object(schema) or result.get("isError") is True or result.get("resultType", "complete") != "complete":
        return
    if "task" in result:
        return
    if "structuredContent" not in result:
        yield _output_violation("/result/structuredContent", "structuredContent is missing.", version, exchange.name)
        return
    for verdict in check_value(schema, result["structuredContent"])[:20]:
        path = "/result/structuredContent" + verdict.path
        yield _output_violation(path, verdict.message, version, exchange.name)


def _output_violation(path: str, message: str, version: str, tool: str) -> Violation:
    return Violation(
        path,
        "output-schema",
        message,
        version,
        f"outputSchema of {tool}",
        meaning="Clients that check results refuse it; a model may be told something else than the schema promised.",
        next_step="Correct the value, or the tool's outputSchema.",
    )
