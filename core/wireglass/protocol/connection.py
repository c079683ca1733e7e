"""The state machine of one end of a connection: JSON values in, events and JSON values out.

    arrives                         becomes
    ------------------------------  ----------------------------------------------------------------
    request                         RequestArrived; answer with `answer` or `fail`
    result or error                 AnswerArrived for the request of ours that it names
    notifications/progress          ProgressArrived when its token is ours
    notifications/cancelled         CancelArrived when it names a request in hand
    any other notification          NotificationArrived
    an array                        each member, if the revision has batches (2025-03-26)
    anything the protocol forbids   Finding, and Reply when JSON-RPC wants an error sent back

A fault of the peer is never an exception: it is a Finding, and the connection goes on. Sources: JSON-RPC 2.0;
the base protocol, cancellation and progress pages of every revision.
"""

from collections.abc import Iterable
from typing import Any, Final, cast

from wireglass.errors import INVALID_PARAMS, INVALID_REQUEST, McpError, ProtocolError
from wireglass.protocol import messages
from wireglass.protocol.exchange import Asked, Asking, Batch, Exchanges
from wireglass.protocol.messages import JsonObject, RequestId, Sender, as_object, is_object, is_request_id
from wireglass.protocol.versions import BATCH_VERSION, is_stateless
from wireglass.records import record

__all__ = [
    "AnswerArrived",
    "CancelArrived",
    "Connection",
    "Event",
    "Finding",
    "NotificationArrived",
    "ProgressArrived",
    "Reply",
    "RequestArrived",
]

Outgoing = JsonObject | list[JsonObject]
_NEVER_CANCELLED: Final = "initialize"


@record
class RequestArrived:
    """The peer asks. `params` is {} when it sent none."""

    id: RequestId
    method: str
    params: JsonObject


@record
class NotificationArrived:
    """The peer tells."""

    method: str
    params: JsonObject


@record
class AnswerArrived:
    """The end of a request of ours: `result`, or the `error` to raise in whoever waits."""

    id: RequestId
    result: JsonObject
    error: ProtocolError | None = None


@record
class ProgressArrived:
    """Progress of a request of ours; `params` as sent."""

    id: RequestId
    params: JsonObject


@record
class CancelArrived:
    """The peer no longer wants the answer to its request `id`; nothing more is to be sent for it."""

    id: RequestId
    reason: str


@record
class Finding:
    """Something the peer did that the protocol forbids or that deserves a look.

    `rule` is a stable short name, `text` a sentence. `fault` is False for what is merely late.
    """

    rule: str
    text: str
    message: Any = None
    fault: bool = True


@record
class Reply:
    """An error that JSON-RPC wants sent back at once (an array of them after a batch with nothing else in it).

    `related` is the id it answers, if that could be read.
    """

    message: Outgoing
    related: RequestId | None = None


Event = RequestArrived | NotificationArrived | AnswerArrived | ProgressArrived | CancelArrived | Finding | Reply


class Connection:
    """One end. `role` is what we are; `version` is set by the owner once it is known."""

    def __init__(self, role: Sender, *, version: str | None = None) -> None:
        self.role: Sender = role
        self.version = version
        self._exchanges = Exchanges()
        self._unreadable = 0

    @property
    def may_answer(self) -> bool:
        """Whether this end sends answers at all: clients of the stateless era do not, not even errors."""
        return self.role == "server" or not is_stateless(self.version)

    # What arrives

    def receive(self, message: Any) -> Iterable[Event]:
        """Takes one JSON value from the peer and says what it means, in order."""
        if is_object(message):
            return self._one(message)
        if isinstance(message, list):
            return self._batch(cast("list[Any]", message))
        text = f"A message is a JSON object; this is {_kind(message)}."
        return (Finding("message-not-object", text, message), _refuse(None, text))

    def _batch(self, members: list[Any]) -> Iterable[Event]:
        if self.version not in (BATCH_VERSION, None) or not members:
            text = "An empty batch is not a message." if not members else "Batches exist only in 2025-03-26."
            return (Finding("batch", text, members), _refuse(None, text))
        batch = Batch(set())
        events: list[Event] = []
        for member in members:
            if not is_object(member):
                text = f"A member of a batch is a JSON object; this is {_kind(member)}."
                events.append(Finding("message-not-object", text, members))
                batch.answers.append(messages.error(None, INVALID_REQUEST, text))
                continue
            for event in self._one(member, batch):
                if isinstance(event, Reply) and isinstance(event.message, dict):
                    batch.answers.append(event.message)
                else:
                    events.append(event)
        if batch.answers and not batch.open:
            events.append(Reply(batch.answers))
        return events

    def _one(self, message: JsonObject, batch: Batch | None = None) -> Iterable[Event]:
        method = message.get("method")
        if message.get("jsonrpc") != "2.0":
            return self._wrong_envelope(message, batch)
        if method is None:
            return self._answered(message)
        params = message.get("params")
        if type(method) is not str or not (params is None or is_object(params)):
            return self._malformed(message)
        if "id" in message:
            return self._asked(message, method, params or {}, batch)
        if method == "notifications/progress":
            return self._progress(params or {}, message)
        if method == "notifications/cancelled":
            return self._cancelled(params or {}, message)
        return (NotificationArrived(method, params or {}),)

    def _wrong_envelope(self, message: JsonObject, batch: Batch | None) -> Iterable[Event]:
        """The member `jsonrpc` is not "2.0". An answer is too precious to drop for that; a request is refused."""
        text = 'Every message carries "jsonrpc": "2.0".'
        finding = Finding("jsonrpc-version", text, message)
        if "method" not in message and ("result" in message or "error" in message):
            return (finding, *self._answered(message))
        if "id" in message:
            return (finding, _refuse(message["id"], text))
        return (finding,)

    def _malformed(self, message: JsonObject) -> Iterable[Event]:
        if type(message["method"]) is not str:
            text, code = f"A method is a string; this is {_kind(message['method'])}.", INVALID_REQUEST
        else:
            text, code = f"Params are a JSON object; these are {_kind(message['params'])}.", INVALID_PARAMS
        finding = Finding("request-malformed", text, message)
        return (finding, _refuse(message["id"], text, code)) if "id" in message else (finding,)

    def _asked(self, message: JsonObject, method: str, params: JsonObject, batch: Batch | None) -> Iterable[Event]:
        id = message["id"]
        if not is_request_id(id):
            text = f"A request id is a string or an integer; this is {_kind(id)}."
            return (Finding("request-id", text, message), _refuse(None, text))
        if id in self._exchanges.theirs:
            text = f"The request id {id!r} is already in flight."
            return (Finding("request-id-reused", text, message), _refuse(None, text))
        if self.role == "client" and is_stateless(self.version):
            return (Finding("server-request", "At 2026-07-28 a server sends no requests.", message),)
        if batch is not None:
            if method == "initialize":
                text = "initialize must not be part of a batch."
                return (Finding("batch-initialize", text, message), _refuse(id, text))
            batch.open.add(id)
        self._exchanges.theirs[id] = Asking(id, method, batch)
        return (RequestArrived(id, method, params),)

    def _answered(self, message: JsonObject) -> Iterable[Event]:
        if "result" not in message and "error" not in message:
            text = "A message carries a method, a result or an error; this has none of them."
            finding = Finding("message-kind", text, message)
            return (finding, _refuse(message["id"], text)) if is_request_id(message.get("id")) else (finding,)
        findings: list[Event] = []
        asked = self._whose(message, findings)
        if asked is None:
            return findings
        self._exchanges.close(asked.id, "answered")
        return (*findings, self._outcome(asked, message, findings))

    def _whose(self, message: JsonObject, findings: list[Event]) -> Asked | None:
        id = message.get("id")
        asked, same_type = self._exchanges.match(id)
        if asked is not None:
            if not same_type:
                text = f"The answer's id {id!r} differs in type from the request's id {asked.id!r}."
                findings.append(Finding("answer-id-type", text, message))
            return asked
        if id is None and "error" in message:
            return self._error_without_id(message, findings)
        ended = self._exchanges.ended(id) if is_request_id(id) else None
        if ended == "answered":
            findings.append(Finding("answer-duplicate", f"Request {id!r} was already answered.", message))
        elif ended is not None:
            text = f"A late answer: request {id!r} was {ended}."
            findings.append(Finding("answer-late", text, message, fault=False))
        else:
            findings.append(Finding("answer-unknown", f"No request of ours has the id {id!r}.", message))
        return None

    def _error_without_id(self, message: JsonObject, findings: list[Event]) -> Asked | None:
        """An error that names no request. If only one is in flight, it is that one: better than waiting for ever."""
        text = "An error without an id: the peer could not read one of our messages."
        findings.append(Finding("error-without-id", text, message))
        if self._unreadable:
            self._unreadable -= 1
            return None
        ours = self._exchanges.ours
        return next(iter(ours.values())) if len(ours) == 1 else None

    def _outcome(self, asked: Asked, message: JsonObject, findings: list[Event]) -> AnswerArrived:
        if "error" in message:
            return AnswerArrived(asked.id, {}, _read_error(message["error"]))
        result = message["result"]
        if is_object(result):
            return AnswerArrived(asked.id, result)
        text = f"The result of {asked.method} is not an object but {_kind(result)}."
        return AnswerArrived(asked.id, {}, ProtocolError(text, next_step="Look at the frame; this is a server bug."))

    def _progress(self, params: JsonObject, message: JsonObject) -> Iterable[Event]:
        token = params.get("progressToken")
        asked = self._exchanges.by_token(token)
        if asked is None:
            if self._exchanges.knows_token(token):
                return (Finding("progress-late", "Progress after the answer.", message, fault=False),)
            return (Finding("progress-token", f"No request of ours has the progress token {token!r}.", message),)
        progress = params.get("progress")
        if type(progress) is not int and type(progress) is not float:
            return (Finding("progress-value", f"Progress is a number; this is {_kind(progress)}.", message),)
        event = ProgressArrived(asked.id, params)
        last, asked.last_progress = asked.last_progress, progress
        if last is not None and progress <= last:
            return (Finding("progress-order", f"Progress must rise; {progress} follows {last}.", message), event)
        return (event,)

    def _cancelled(self, params: JsonObject, message: JsonObject) -> Iterable[Event]:
        id = params.get("requestId")
        if not is_request_id(id):
            return (NotificationArrived("notifications/cancelled", params),)
        asking = self._exchanges.theirs.get(id)
        if asking is None:
            return (NotificationArrived("notifications/cancelled", params),)
        if asking.method == _NEVER_CANCELLED:
            return (Finding("cancel-initialize", "initialize must not be cancelled.", message),)
        reason = params.get("reason")
        return (CancelArrived(asking.id, reason if isinstance(reason, str) else ""),)

    # What we send

    def number_from(self, first: int) -> None:
        """Numbers our requests upwards from `first`."""
        self._exchanges.number_from(first)

    def request(
        self, method: str, params: JsonObject | None, *, want_progress: bool = False
    ) -> tuple[RequestId, JsonObject]:
        """Opens a request; the progress token, if wanted, is the id. Returns the id and the message to send."""
        id = self._exchanges.new_id()
        token: Any = None
        if want_progress:
            meta = dict((params or {}).get("_meta") or {})
            token = meta.setdefault("progressToken", id)
            params = {**(params or {}), "_meta": meta}
        elif params is not None and (meta := params.get("_meta")):
            token = meta.get("progressToken")
        self._exchanges.open(Asked(id, method, params), token)
        return id, messages.request(id, method, params)

    def sent_raw(self, message: JsonObject) -> RequestId | None:
        """Notes a request that was written by hand, so that its answer is no surprise. The id, if it is one."""
        id, method = message.get("id"), message.get("method")
        if not is_request_id(id) or not isinstance(method, str) or id in self._exchanges.ours:
            self.sent_unreadable()
            return None
        params = as_object(message.get("params"))
        self._exchanges.open(Asked(id, method, params), as_object(params.get("_meta")).get("progressToken"))
        return id

    def sent_unreadable(self) -> None:
        """Notes that we sent something by hand that no answer can name: an error without an id may be meant for it."""
        self._unreadable += 1

    def withdraw(self, id: RequestId, why: str = "cancelled", reason: str | None = None) -> JsonObject | None:
        """Stops waiting for an answer. Returns the cancel to send, or None if none may be sent."""
        asked = self._exchanges.close(id, why)
        if asked is None or asked.method == _NEVER_CANCELLED:
            return None
        params: JsonObject = {"requestId": id}
        if reason:
            params["reason"] = reason
        return messages.notification("notifications/cancelled", params)

    def answer(self, id: RequestId, result: JsonObject) -> Outgoing | None:
        """Answers a request of the peer. None: send nothing (it was cancelled, or its batch is not complete)."""
        return self._close_theirs(id, messages.result(id, result))

    def fail(self, id: RequestId, error: McpError) -> Outgoing | None:
        """Answers a request of the peer with an error."""
        return self._close_theirs(id, messages.error(id, error.code, error.message, error.data))

    def drop(self, id: RequestId) -> Outgoing | None:
        """Forgets a cancelled request of the peer. Returns the rest of its batch if that is now complete."""
        return self._close_theirs(id, None)

    def _close_theirs(self, id: RequestId, message: JsonObject | None) -> Outgoing | None:
        asking = self._exchanges.theirs.pop(id, None)
        if asking is None:
            return None
        batch = asking.batch
        if batch is None:
            return message
        batch.open.discard(id)
        if message is not None:
            batch.answers.append(message)
        return batch.answers if batch.answers and not batch.open else None

    # What is in flight

    def in_flight(self) -> tuple[RequestId, ...]:
        """Our requests that wait for an answer."""
        return tuple(self._exchanges.ours)

    def has_in_hand(self, id: RequestId) -> bool:
        """Whether the peer waits for our answer to this request."""
        return id in self._exchanges.theirs

    def in_hand(self) -> tuple[RequestId, ...]:
        """The peer's requests that we have not answered."""
        return tuple(self._exchanges.theirs)


def _refuse(id: Any, text: str, code: int = INVALID_REQUEST) -> Reply:
    known = id if is_request_id(id) else None
    return Reply(messages.error(known, code, text), known)


def _read_error(error: Any) -> ProtocolError:
    """The error to raise. One without a usable code is a fault of the peer, not an error of MCP."""
    if not is_object(error) or type(error.get("code")) not in (int, float):
        return ProtocolError(f"The peer answered with a malformed error: {error!r}", next_step="Look at the frame.")
    message = error.get("message")
    return McpError(int(error["code"]), message if isinstance(message, str) else "", error.get("data"))


def _kind(value: Any) -> str:
    """A JSON type, for people."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "an object"
