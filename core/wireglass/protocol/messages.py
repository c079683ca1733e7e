"""JSON-RPC envelopes and what crossed the wire, when. Knows no method and no transport."""

from typing import Any, Literal, TypeGuard

from wireglass.records import field, record

__all__ = [
    "WAITS",
    "Frame",
    "HttpExchange",
    "HttpFacts",
    "JsonObject",
    "RequestId",
    "Sender",
    "Span",
    "SpanKind",
    "as_object",
    "error",
    "is_object",
    "is_request_id",
    "notification",
    "request",
    "result",
]

JsonObject = dict[str, Any]
RequestId = str | int
Sender = Literal["client", "server"]
SpanKind = Literal[
    "middleware", "validation", "dependency", "handler", "serialisation", "storage", "server", "human", "model", "user"
]
"""What the time of a span was spent on."""
WAITS: frozenset[SpanKind] = frozenset({"human", "model"})
"""Kinds that are somebody else's time: never counted as work."""


def is_object(value: object) -> TypeGuard[JsonObject]:
    """Whether a JSON value is an object."""
    return type(value) is dict


def as_object(value: object) -> JsonObject:
    """A JSON value if it is an object, else an empty one: for optional members of untrusted messages."""
    return value if is_object(value) else {}


def is_request_id(value: object) -> TypeGuard[RequestId]:
    """Whether `value` may be an id: a string or an integer, never null, never a fraction (and never a boolean)."""
    kind = type(value)
    return kind is str or kind is int


def request(id: RequestId, method: str, params: JsonObject | None = None) -> JsonObject:
    """A request envelope; `params` is left out when None."""
    if params is None:
        return {"jsonrpc": "2.0", "id": id, "method": method}
    return {"jsonrpc": "2.0", "id": id, "method": method, "params": params}


def notification(method: str, params: JsonObject | None = None) -> JsonObject:
    """A notification envelope; `params` is left out when None."""
    if params is None:
        return {"jsonrpc": "2.0", "method": method}
    return {"jsonrpc": "2.0", "method": method, "params": params}


def result(id: RequestId, result: JsonObject) -> JsonObject:
    """A successful answer."""
    return {"jsonrpc": "2.0", "id": id, "result": result}


def error(id: RequestId | None, code: int, message: str, data: Any = None) -> JsonObject:
    """An error answer; `id` is left out when it could not be read (optional since 2025-11-25)."""
    body: JsonObject = {"code": code, "message": message}
    if data is not None:
        body["data"] = data
    if id is None:
        return {"jsonrpc": "2.0", "error": body}
    return {"jsonrpc": "2.0", "id": id, "error": body}


@record(frozen=True)
class HttpFacts:
    """The HTTP exchange that carried a frame. Header names are lower-case; secrets are masked before this is made."""

    verb: str
    url: str
    status: int | None = None
    request_headers: tuple[tuple[str, str], ...] = ()
    response_headers: tuple[tuple[str, str], ...] = ()
    event_id: str | None = None
    """The `id` of the SSE event that carried the frame."""


@record(frozen=True, kw_only=True)
class HttpExchange:
    """One HTTP request of the client's end and its answer, whether messages crossed in it or not, with its phases.

    Header names are lower-case; secrets are masked before this is made. Times are nanoseconds on the clock of frames;
    None for a phase that did not happen (a connection that was open already) or that the transport does not report.
    """

    verb: str
    url: str
    channel: str
    """That of the frames that crossed in it: "POST 3", "GET 1", "SSE"; "DELETE" carries none."""
    status: int | None
    """None when no answer came; then `error` says why."""
    http_version: str = ""
    request_headers: tuple[tuple[str, str], ...] = ()
    response_headers: tuple[tuple[str, str], ...] = ()
    sent_bytes: int = 0
    """Of the body."""
    received_bytes: int = 0
    """Of the body, as they came."""
    queued_ns: int
    connect_ns: int | None = None
    """Name looked up and connection opened from here to `connected_ns`."""
    connected_ns: int | None = None
    secure_ns: int | None = None
    """TLS from here to `secured_ns`."""
    secured_ns: int | None = None
    sent_ns: int | None = None
    """The last byte of the request was handed over."""
    head_ns: int | None = None
    """Status and headers of the answer were there."""
    done_ns: int
    """The answer was read or given up."""
    error: str = ""

    @property
    def reused(self) -> bool:
        """Whether it went over a connection that was open already, as far as that is known."""
        return self.connect_ns is None and self.sent_ns is not None


@record(frozen=True)
class Frame:
    """One message, or one line that should have been one, as it crossed the wire.

    `at_ns` is on the monotonic clock of `time.perf_counter_ns`: for what we send, the moment the bytes were handed
    to the operating system; for what we receive, the moment the last byte arrived.
    """

    sender: Sender
    channel: str
    """Where it crossed: "stdio", "memory", "POST 3", "GET 1", "SSE"."""
    raw: str
    """The exact text. Bytes that are not UTF-8 appear as backslash escapes."""
    message: Any
    """`raw` parsed, or None when it is not JSON. Receivers must not change it."""
    at_ns: int
    error: str | None = None
    """Why `raw` is not a message, in words."""
    queued_ns: int | None = None
    """When the sender asked for it, if it had to wait."""
    first_byte_ns: int | None = None
    http: HttpFacts | None = None


@record(frozen=True)
class Span:
    """A stretch of time inside a call, reported by a server in `_meta["dev.wireglass/spans"]`."""

    name: str
    kind: SpanKind
    start_us: int
    """Microseconds since the request arrived at the server."""
    duration_us: int
    parent: int | None = None
    """Index of the enclosing span in the list, or None."""
    facts: JsonObject = field(default_factory=dict)
