"""Reads HTTP answers of a Streamable HTTP server: bodies and event streams into frames and incoming messages.

Knows no method's meaning and opens no connection; `http_client` and `legacy_sse` do.
"""

import re
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from wireglass.errors import HttpStatusError, SessionLost, TransportError
from wireglass.protocol.framing import SseDecoder, SseEvent
from wireglass.protocol.messages import Frame, HttpFacts, RequestId, Sender
from wireglass.wire.base import Broken, Received, Tap
from wireglass.wire.masking import mask_headers, mask_url

if TYPE_CHECKING:
    import httpx

__all__ = [
    "Arrival",
    "EventCursor",
    "broken",
    "incoming",
    "is_error_message",
    "media_type",
    "read_body",
    "read_events",
    "record",
    "request_facts",
    "response_facts",
    "status_error",
]


def media_type(headers: Mapping[str, str]) -> str:
    """The media type of `Content-Type` without parameters, in lower case; empty when there is none."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def request_facts(request: "httpx.Request") -> HttpFacts:
    """What is recorded with a frame that we sent."""
    headers = mask_headers(request.headers.multi_items())
    return HttpFacts(request.method, mask_url(str(request.url)), request_headers=headers)


def response_facts(response: "httpx.Response") -> HttpFacts:
    """What is recorded with a frame that we received."""
    request = response.request
    return HttpFacts(
        request.method,
        mask_url(str(request.url)),
        response.status_code,
        mask_headers(request.headers.multi_items()),
        mask_headers(response.headers.multi_items()),
    )


def record(
    tap: Tap | None,
    sender: Sender,
    channel: str,
    raw: bytes | str,
    message: Any,
    *,
    at_ns: int | None = None,
    error: str | None = None,
    queued_ns: int | None = None,
    first_byte_ns: int | None = None,
    http: HttpFacts | None = None,
) -> None:
    """Hands a frame to the tap, if there is one."""
    if tap is None:
        return
    text = raw if isinstance(raw, str) else raw.decode("utf-8", "backslashreplace")
    at_ns = time.perf_counter_ns() if at_ns is None else at_ns
    tap(Frame(sender, channel, text, message, at_ns, error, queued_ns, first_byte_ns, http))


@dataclass(frozen=True, slots=True)
class Arrival:
    """One SSE event, when its first byte came and when its last."""

    event: SseEvent
    first_byte_ns: int
    at_ns: int


@dataclass(slots=True)
class EventCursor:
    """Where a stream can be taken up again: the last event id and the server's wish how long to wait first."""

    last_id: str | None = None
    retry_ms: int | None = None
    events: int = 0

    def note(self, event: SseEvent) -> None:
        """Remembers what `event` says. An empty `id` field resets the id, as in a browser."""
        self.events += 1
        if event.id is not None:
            self.last_id = event.id or None
        if event.retry is not None:
            self.retry_ms = event.retry


async def read_events(response: "httpx.Response", cursor: EventCursor, *, limit: int) -> AsyncIterator[Arrival]:
    """The events of an open stream until it ends. Raises TransportError for an event beyond `limit` bytes, and
    httpx.HTTPError when the connection breaks."""
    decoder = SseDecoder(limit)
    first_byte_ns = 0
    async for chunk in response.aiter_bytes():
        now = time.perf_counter_ns()
        first_byte_ns = first_byte_ns or now
        events = decoder.feed(chunk)
        for event in events:
            cursor.note(event)
            yield Arrival(event, first_byte_ns, now)
            first_byte_ns = now
        if events and chunk.endswith(b"\n\n"):
            first_byte_ns = 0
        if decoder.oversized:
            raise _too_large(limit)


def _too_large(limit: int) -> TransportError:
    return TransportError(
        f"A message of more than {limit} bytes arrived; the rest of it was not read.",
        next_step="Ask the server for less at once, or raise the limit.",
    )


async def read_body(response: "httpx.Response", *, limit: int) -> tuple[bytes, int]:
    """The whole body and when its first byte came. Raises TransportError beyond `limit` bytes."""
    chunks: list[bytes] = []
    size = first_byte_ns = 0
    async for chunk in response.aiter_bytes():
        first_byte_ns = first_byte_ns or time.perf_counter_ns()
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    return b"".join(chunks), first_byte_ns or time.perf_counter_ns()


_STATUS_HELP = {
    400: ("The server refused the request.", "Look at the body: the protocol version or the session may be wrong."),
    401: ("The server wants authorization.", "Sign in, or add the token that it expects."),
    403: ("The server forbids this.", "The credentials lack a permission, or the server refuses this origin or host."),
    404: ("Nothing is served at this address.", "Check the path of the URL; `/mcp` and `/sse` are usual."),
    405: ("The server does not take this HTTP method.", "The address may belong to an older HTTP+SSE server."),
    406: ("The server cannot answer with JSON or an event stream.", "Check that the address is an MCP endpoint."),
    413: ("The message is larger than the server allows.", "Send less at once, or raise the server's limit."),
    415: ("The server does not take JSON.", "Check that the address is an MCP endpoint."),
    429: ("The server asks us to slow down.", "Wait, then try again."),
}


_BASIC = re.compile(r"(?:^|,)\s*basic(?=[\s,]|$)", re.IGNORECASE)
_TOKENS = re.compile(r"(?:^|,)\s*(?:bearer|dpop)(?=[\s,]|$)", re.IGNORECASE)
"""Schemes of `WWW-Authenticate`."""


def _wants_password(asked: str) -> bool:
    return bool(_BASIC.search(asked)) and not _TOKENS.search(asked)


def status_error(
    response: "httpx.Response", body: bytes, *, had_session: bool = False, begun: bool = False, why: str = ""
) -> HttpStatusError:
    """The error for an answer without a message in it; SessionLost for a 404 to a request that named a session
    (`begun`: one that had been accepted before)."""
    status = response.status_code
    text, next_step = _STATUS_HELP.get(status, ("", ""))
    if not text:
        text = "The server failed." if status >= 500 else "The server answered without an MCP message."
        next_step = "Look at the body of the answer and at the server's log."
    if status in (301, 302, 307, 308) and "location" in response.headers:
        text, next_step = "The server redirects to another address.", "Use that address if you trust it."
        text = f"{text[:-1]}: {response.headers['location'].partition('?')[0][:200]}"
    elif status < 300 and "html" in response.headers.get("content-type", ""):
        next_step = "A web page is served there. Check the path of the URL; `/mcp` and `/sse` are usual."
    elif status == 401 and _wants_password(response.headers.get("www-authenticate", "")):
        text = "The server wants a user name and a password."
        next_step = "Give both in an Authorization header of the kind Basic, as `auth=httpx.BasicAuth(…)` does."
    headers = dict(mask_headers(response.headers.multi_items()))
    start = body[:4096].decode("utf-8", "replace")
    if status == 404 and had_session:
        return SessionLost(headers=headers, body=start, begun=begun)
    message = f"{why or text} (HTTP {status}{_phrase(status)})"
    return HttpStatusError(status, message, headers=headers, body=start, next_step=next_step)


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""


def is_error_message(message: Any) -> bool:
    """True for a JSON-RPC error object, as opposed to an OAuth or framework error in JSON."""
    return isinstance(message, dict) and message.get("jsonrpc") == "2.0" and isinstance(message.get("error"), dict)


def incoming(message: Any, response: "httpx.Response") -> Received:
    """A parsed message with what HTTP said about it."""
    return Received(message, dict(response.headers), response.status_code)


def broken(error: TransportError, request_ids: list[RequestId]) -> list[Broken]:
    """One Broken for each request that will get no answer, or a single one that names none."""
    return [Broken(error, id) for id in request_ids] or [Broken(error)]
