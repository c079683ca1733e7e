"""Is one message what its revision of MCP prescribes? Judged by the official schema, and by rules that it cannot say.

Looks at single messages only; rules over several of them (answers, progress, capabilities) are those of
`wireglass.recording.judge`. Schemas come from a loader that the caller gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from wireglass.errors import RESOURCE_NOT_FOUND, URL_ELICITATION_REQUIRED
from wireglass.protocol.messages import JsonObject, Sender, as_object, is_object
from wireglass.protocol.methods import METHODS, exists, may_ask_for_input, sent_by
from wireglass.protocol.revision import Revision, Violation
from wireglass.protocol.schema_refs import pointer_join
from wireglass.protocol.verdicts import shown
from wireglass.protocol.versions import ALL_VERSIONS, is_stateless

__all__ = ["Conformance", "SchemaLoader", "Violation", "check"]

SchemaLoader = Callable[[str], JsonObject]
"""Returns the official JSON Schema of a revision, parsed."""

MAX_VIOLATIONS = 50
"""Per message: a list of 10,000 wrong entries is one mistake."""


def check(
    message: Any, version: str, *, method: str | None = None, sender: Sender, load: SchemaLoader
) -> tuple[Violation, ...]:
    """`Conformance(load).check(...)`, for a single message."""
    return Conformance(load).check(message, version, method=method, sender=sender)


class Conformance:
    """The official schemas of all revisions, compiled as far as they were needed."""

    def __init__(self, load: SchemaLoader) -> None:
        self._load = load
        self._revisions: dict[str, Revision] = {}

    def check(self, message: Any, version: str, *, method: str | None = None, sender: Sender) -> tuple[Violation, ...]:
        """What is wrong with a message; empty when nothing is.

        `method` is that of the request, for an answer; without it only the envelope of an answer is checked. An
        unknown `version` is judged by the newest known one before it. Unknown members are allowed. Does not raise.
        """
        revision = self._revision(version)
        if isinstance(message, list):
            found = _check_batch(revision, message, method, sender)
        else:
            found = _check_one(revision, message, method, sender)
        unique: dict[tuple[str, str], Violation] = {}
        for violation in found:
            unique.setdefault((violation.path, violation.rule), violation)
            if len(unique) == MAX_VIOLATIONS:
                break
        return tuple(unique.values())

    def _revision(self, version: str) -> Revision:
        known = [one for one in ALL_VERSIONS if one <= version] or [ALL_VERSIONS[0]]
        name = known[-1]
        if name not in self._revisions:
            self._revisions[name] = Revision(name, self._load(name))
        return self._revisions[name]


def _check_batch(revision: Revision, batch: list[Any], method: str | None, sender: Sender) -> Iterator[Violation]:
    if revision.name != "2025-03-26":
        yield revision.against(
            "batch", "", "This is a batch, which only 2025-03-26 has.", next_step="Send its messages one by one."
        )
        return
    if not batch:
        yield revision.against("batch", "", "A batch must hold at least one message.")
    for index, message in enumerate(batch[:1000]):
        path = f"/{index}"
        if is_object(message) and message.get("method") == "initialize":
            yield revision.against("batch", path, "initialize must not be part of a batch.")
        for violation in _check_one(revision, message, method, sender):
            yield replace(violation, path=path + violation.path)


def _check_one(revision: Revision, message: Any, method: str | None, sender: Sender) -> Iterator[Violation]:
    if not is_object(message):
        yield revision.against("message-kind", "", f"A message is a JSON object; this is {shown(message)}.")
    elif "method" in message:
        yield from _check_call(revision, message, sender)
    elif "result" in message or "error" in message:
        yield from _check_answer(revision, message, method, sender)
    else:
        yield revision.against(
            "message-kind",
            "",
            "This is neither a request nor a notification nor an answer: it has no method, result or error.",
        )


def _check_call(revision: Revision, message: JsonObject, sender: Sender) -> Iterator[Violation]:
    """A request or a notification."""
    is_request = "id" in message
    yield from revision.violations(message, "JSONRPCRequest" if is_request else "JSONRPCNotification")
    method = message["method"]
    if not isinstance(method, str):
        return
    for surplus in ("result", "error"):
        if surplus in message:
            yield revision.against("message-kind", f"/{surplus}", f'A message with a method has no "{surplus}".')
    yield from _check_method(revision, method, sender, is_request)
    definition = revision.by_method.get(method)
    if definition is not None and definition.endswith("Request") == is_request:
        yield from revision.violations(message, definition)


def _check_method(revision: Revision, method: str, sender: Sender, is_request: bool) -> Iterator[Violation]:
    row = METHODS.get(method)
    if row is None:
        return  # an extension's, which is allowed
    if (row.kind == "request") != is_request:
        kind = "a request and needs an id" if row.kind == "request" else "a notification and has no id"
        yield revision.against("message-kind", "/method", f"{method} is {kind}.")
    if not exists(method, revision.name):
        since = f"since {row.since}" if revision.name < row.since else f"up to {row.until}"
        yield revision.against(
            "method-version",
            "/method",
            f"{method} does not exist in {revision.name}; it exists {since}.",
            next_step="Send only what the negotiated revision has.",
        )
    elif sent_by(method, revision.name, sender) is False:
        stateless = is_stateless(revision.name) and sender == "server" and row.kind == "request"
        yield revision.against(
            "direction",
            "/method",
            f"In {revision.name} servers send no requests; {method} belongs in inputRequests of a result."
            if stateless
            else f"{method} is not sent by {sender}s.",
        )


def _check_answer(revision: Revision, message: JsonObject, method: str | None, sender: Sender) -> Iterator[Violation]:
    if "result" in message and "error" in message:
        yield revision.against("message-kind", "/error", "An answer has a result or an error, not both.")
    if is_stateless(revision.name) and sender == "client":
        yield revision.against("direction", "", f"In {revision.name} clients send no answers; they retry the request.")
    if "error" in message:
        yield from _check_error(revision, message, sender)
        return
    yield from _unless_result(revision.violations(message, revision.first("JSONRPCResultResponse", "JSONRPCResponse")))
    result = message["result"]
    if method is None:
        yield from revision.violations(result, "Result", "/result")
    else:
        yield from _check_result(revision, as_object(result) if is_object(result) else result, method)


def _unless_result(violations: Iterator[Violation]) -> Iterator[Violation]:
    """Without those inside the result, which its own definition describes better."""
    return (violation for violation in violations if not violation.path.startswith("/result"))


def _check_result(revision: Revision, result: Any, method: str) -> Iterator[Violation]:
    kind = as_object(result).get("resultType")
    if is_stateless(revision.name) and kind == "input_required":
        yield from _check_input_required(revision, result, method)
        return
    if is_stateless(revision.name) and kind == "task":
        yield from revision.violations(result, "Result", "/result")
        return
    if is_stateless(revision.name) and isinstance(kind, str) and kind != "complete":
        yield revision.against(
            "result-type",
            "/result/resultType",
            f"{shown(kind)} is no known kind of result.",
            next_step='Use "complete", "input_required", or what a negotiated extension defines.',
        )
        return
    task = "CreateTaskResult"
    if task in revision.definitions and method in _MAY_BE_TASK and is_object(as_object(result).get("task")):
        yield from revision.violations(result, task, "/result")
        return
    yield from revision.violations(result, revision.result_of(method), "/result")


_MAY_BE_TASK: Final = frozenset({"tools/call", "sampling/createMessage", "elicitation/create"})


def _check_input_required(revision: Revision, result: JsonObject, method: str) -> Iterator[Violation]:
    if not may_ask_for_input(method):
        yield revision.against("input-required", "/result/resultType", f"{method} must not ask for input.")
    if "inputRequests" not in result and "requestState" not in result:
        yield revision.against(
            "input-required", "/result", "This asks for input but has neither inputRequests nor requestState."
        )
    for key, request in as_object(result.get("inputRequests")).items():
        for surplus in ("jsonrpc", "id"):
            if surplus in as_object(request):
                path = pointer_join("/result/inputRequests", key, surplus)
                yield revision.against("input-required", path, f'An embedded request has no "{surplus}".')
    yield from revision.violations(result, "InputRequiredResult", "/result")


def _check_error(revision: Revision, message: JsonObject, sender: Sender) -> Iterator[Violation]:
    envelope = revision.first("JSONRPCErrorResponse", "JSONRPCError")
    code = as_object(message.get("error")).get("code")
    # An error about a message that could not be read has no id to repeat; both spellings of "none" occur.
    nameless = message.get("id") is None
    judged = {key: value for key, value in message.items() if key != "id"} if nameless else message
    for violation in revision.violations(judged, envelope):
        if not (nameless and violation.path == "/id"):
            yield violation
    specific = _ERRORS_BY_CODE.get(code) if type(code) is int else None
    if specific is not None and specific in revision.definitions:
        yield from revision.violations(judged, specific)
    if type(code) is int:
        yield from _check_code(revision, code)


_ERRORS_BY_CODE: Final = {
    -32020: "HeaderMismatchError",
    -32021: "MissingRequiredClientCapabilityError",
    -32022: "UnsupportedProtocolVersionError",
    URL_ELICITATION_REQUIRED: "URLElicitationRequiredError",
}


def _check_code(revision: Revision, code: int) -> Iterator[Violation]:
    stateless = is_stateless(revision.name)
    why = ""
    if code == RESOURCE_NOT_FOUND and stateless:
        why = f"{code} belongs to earlier revisions; a missing resource is -32602 since {revision.name}."
    elif code == URL_ELICITATION_REQUIRED and revision.name != "2025-11-25":
        why = f"{code} exists in 2025-11-25 only."
    elif -32099 <= code <= -32023 and code != URL_ELICITATION_REQUIRED:
        why = f"{code} is reserved for the specification and means nothing yet."
    elif -32022 <= code <= -32020 and not stateless:
        why = f"{code} exists since 2026-07-28 only."
    if why:
        yield revision.against(
            "error-code",
            "/error/code",
            why,
            severity="warning",
            next_step="Choose a code of this revision, or one outside of -32768 to -32000.",
        )
