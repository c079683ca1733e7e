"""What one HTTP request of the client end is made of: the POST and what it waits for, redirects, errors in words."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from wireglass.errors import TransportError, WireglassError
from wireglass.protocol.messages import RequestId
from wireglass.wire.http_answers import EventCursor

if TYPE_CHECKING:
    import httpx

__all__ = [
    "EVENT_STREAM",
    "RESUME_ATTEMPTS",
    "ClientFactory",
    "Post",
    "answered",
    "default_client",
    "method",
    "redirect_within_origin",
    "request_ids",
    "transport_error",
    "wait_seconds",
]

ClientFactory = Callable[..., "httpx.AsyncClient"]
"""Called with `headers`, `timeout` and `auth`; for proxies, certificates, HTTP/2 or an in-process ASGI app."""

EVENT_STREAM: Final = "text/event-stream"
_DEFAULT_RETRY_MS: Final = 1000
_LONGEST_RETRY_MS: Final = 30_000
RESUME_ATTEMPTS: Final = 5
"""Reconnects in a row that bring no event before a stream counts as lost."""
_LINGER_SECONDS: Final = 2.0
"""How long a stream may stay open after its last answer: long enough to see a duplicate, short enough not to leak."""


@dataclass(slots=True, eq=False)
class Post:
    """One POST and what is still expected of it."""

    channel: str
    body: bytes
    message: Any
    headers: dict[str, str]
    queued_ns: int
    handed: asyncio.Future[None]
    stateless: bool = False
    had_session: bool = False
    waiting: list[RequestId] = field(default_factory=list)
    opens_session: bool = False
    abandoned: bool = False
    task: asyncio.Task[None] | None = None
    limit: asyncio.Timeout | None = None

    def settle(self, id: RequestId) -> None:
        """One request is answered; with the last one the stream gets a short time to end by itself."""
        self.waiting.remove(id)
        if not self.waiting:
            self.linger()

    def linger(self) -> None:
        """Gives a late answer a moment, then ends the request."""
        if self.limit is not None:
            self.limit.reschedule(asyncio.get_running_loop().time() + _LINGER_SECONDS)


def default_client(*, headers: Mapping[str, str], timeout: Any, auth: Any) -> "httpx.AsyncClient":
    """An httpx client without limits on streams and without redirects (the transport checks those itself)."""
    import httpx

    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
    return httpx.AsyncClient(headers=dict(headers), timeout=timeout, auth=auth, limits=limits)


def method(message: Any) -> str | None:
    """The method of a message; None for an answer, and for what is no message."""
    return message.get("method") if isinstance(message, dict) else None


def _is_answer(message: Any) -> bool:
    return isinstance(message, dict) and "method" not in message


def answered(message: Any) -> RequestId | None:
    """The id of the request that a message answers, or None."""
    id = message.get("id") if _is_answer(message) else None
    return id if isinstance(id, str | int) else None


def request_ids(message: Any) -> list[RequestId]:
    """The ids of all requests in a message or a batch."""
    parts: list[Any] = message if isinstance(message, list) else [message]
    ids: list[Any] = [part.get("id") for part in parts if method(part) is not None]
    return [id for id in ids if isinstance(id, str | int) and not isinstance(id, bool)]


def wait_seconds(cursor: EventCursor, fruitless: int) -> float:
    """The server's `retry` is a lower bound; without success the wait doubles."""
    base = _DEFAULT_RETRY_MS if cursor.retry_ms is None else cursor.retry_ms
    return max(base, min(base * 2**fruitless, _LONGEST_RETRY_MS)) / 1000


def redirect_within_origin(response: "httpx.Response") -> str | None:
    """Where the same request should go instead, or None. Another origin never gets our headers."""
    if response.status_code not in (301, 302, 307, 308) or "location" not in response.headers:
        return None
    old = response.request.url
    new = old.join(response.headers["location"])
    upgraded = (old.scheme, new.scheme) == ("http", "https") and old.host == new.host
    same = (old.scheme, old.host, old.port) == (new.scheme, new.host, new.port)
    return str(new) if same or upgraded else None


def _connect_step(error: Exception, host: str) -> str:
    """What to try, by the system's own error far below httpx's."""
    import socket
    import ssl

    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, socket.gaierror | ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, socket.gaierror):
        return f"Check the spelling of {host.partition(':')[0]}, and this machine's network."
    if isinstance(cause, ssl.SSLError):
        return "Check the certificate, or whether the server speaks plain http:// on that port."
    return "Is the server running on that port?"


def transport_error(error: Exception, url: str) -> TransportError:
    """What went wrong, in words for the reader, with the cause attached."""
    if isinstance(error, TransportError):
        return error
    import httpx

    host = urlsplit(url).netloc.rpartition("@")[2]
    if isinstance(error, httpx.ConnectTimeout):
        wrapped = TransportError(f"{host} did not answer in time.", next_step="Check the host, the port and firewalls.")
    elif isinstance(error, httpx.ConnectError):
        wrapped = TransportError(f"No connection to {host}: {error}.", next_step=_connect_step(error, host))
    elif isinstance(error, httpx.HTTPError | OSError):
        text = str(error) or type(error).__name__
        wrapped = TransportError(f"The connection to {host} broke: {text}", next_step="Try again.")
    elif isinstance(error, WireglassError):
        wrapped = TransportError(error.message, next_step=error.next_step)
    else:
        wrapped = TransportError(f"The request to {host} failed: {error}")
    wrapped.__cause__ = error
    return wrapped
