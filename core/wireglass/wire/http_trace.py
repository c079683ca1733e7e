"""Watches HTTP exchanges of the client end: their phases as httpcore reports them, and those that carry no message.

A 202, a 405, a DELETE or a refused first attempt of an `Auth` brings no frame, and yet is what explains a connection.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wireglass.protocol.messages import HttpExchange
from wireglass.wire.masking import mask_headers, mask_url

if TYPE_CHECKING:
    import httpx

__all__ = ["ExchangeTrace", "OnHttp"]

OnHttp = Callable[[HttpExchange], None]
"""Gets each exchange when it is over, on the loop's thread. Must be quick and must not raise."""


@dataclass(slots=True)
class _Attempt:
    """One request on the wire. An `Auth` may need several until the server is content."""

    queued_ns: int
    headers: tuple[tuple[str, str], ...] = ()
    connect_ns: int | None = None
    connected_ns: int | None = None
    secure_ns: int | None = None
    secured_ns: int | None = None
    sent_ns: int | None = None
    head_ns: int | None = None
    done_ns: int | None = None
    status: int | None = None
    http_version: str = ""
    answer: tuple[tuple[str, str], ...] = ()
    error: str = ""


@dataclass(slots=True)
class ExchangeTrace:
    """The `trace` extension of one httpx request. `tell` gets every attempt; `on_sent` hears when the bytes have left.

    `traced` stays False with transports that do not trace, such as an app in this process.
    """

    verb: str
    url: str
    channel: str
    size: int
    queued_ns: int
    tell: OnHttp | None
    on_sent: Callable[[], None] | None = None
    traced: bool = False
    _now: _Attempt = field(init=False)

    def __post_init__(self) -> None:
        self._now = _Attempt(self.queued_ns)

    async def __call__(self, event: str, info: dict[str, Any]) -> None:
        self.traced = True
        if event.endswith("send_request_body.complete") and self.on_sent is not None:
            self.on_sent()
        if self.tell is not None:
            self._note(event, info)

    def _note(self, event: str, info: dict[str, Any]) -> None:
        at, now = time.perf_counter_ns(), self._now
        what, _, stage = event.partition(".")[2].rpartition(".")
        match what, stage:
            case (("connect_tcp" | "connect_unix_socket"), "started"):
                now.connect_ns = at
            case (("connect_tcp" | "connect_unix_socket"), "complete"):
                now.connected_ns = at
            case "start_tls", "started":
                now.secure_ns = at
            case "start_tls", "complete":
                now.secured_ns = at
            case "send_request_headers", "started":
                if now.status is not None:  # the next attempt of an Auth
                    self._over(at)
                    now = self._now = _Attempt(at)
                now.headers = _decoded(getattr(info.get("request"), "headers", ()))
            case "send_request_body", "complete":
                now.sent_ns = at
            case "receive_response_headers", "complete":
                now.head_ns = at
                self._head(now, info.get("return_value"))
            case "receive_response_body", "complete":
                now.done_ns = at
            case "response_closed", "started":
                now.done_ns = now.done_ns or at
            case _, "failed":
                now.error = _words(info.get("exception"))
            case _:
                pass

    @staticmethod
    def _head(now: _Attempt, value: Any) -> None:
        if not isinstance(value, tuple) or len(value) < 2:
            return
        if isinstance(value[0], bytes):  # HTTP/1: version, status, reason, headers, ...
            now.http_version, now.status, headers = value[0].decode("ascii", "replace"), value[1], value[3]
        else:  # HTTP/2: status, headers
            now.http_version, now.status, headers = "HTTP/2", value[0], value[1]
        now.answer = _decoded(headers)

    def finish(self, response: "httpx.Response | None" = None, error: BaseException | None = None) -> None:
        """The exchange is over. What the trace did not tell comes from `response`. Tells once."""
        if self.tell is None:
            return
        now = self._now
        if response is not None and now.status is None:
            now.status, now.http_version = response.status_code, response.http_version
            now.answer = mask_headers(response.headers.multi_items())
        if response is not None and not now.headers:
            now.headers = mask_headers(response.request.headers.multi_items())
        if error is not None and not now.error:
            now.error = _words(error)
        self._over(time.perf_counter_ns(), response.num_bytes_downloaded if response is not None else 0)
        self.tell = None

    def _over(self, at: int, received: int = 0) -> None:
        now = self._now
        assert self.tell is not None
        self.tell(
            HttpExchange(
                verb=self.verb,
                url=mask_url(self.url),
                channel=self.channel,
                status=now.status,
                http_version=now.http_version,
                request_headers=now.headers,
                response_headers=now.answer,
                sent_bytes=self.size,
                received_bytes=received,
                queued_ns=now.queued_ns,
                connect_ns=now.connect_ns,
                connected_ns=now.connected_ns,
                secure_ns=now.secure_ns,
                secured_ns=now.secured_ns,
                sent_ns=now.sent_ns,
                head_ns=now.head_ns,
                done_ns=now.done_ns or at,
                error=now.error,
            )
        )


def _decoded(headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    return mask_headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def _words(error: BaseException | None) -> str:
    return "" if error is None else f"{type(error).__name__}: {error}".removesuffix(": ")
