"""Requests of the client end on httpx: made, traced to the moment the bytes left, recorded, redirected within bounds.

Knows nothing of sessions or streams; `http_client` and `legacy_sse` do.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import anyio

from wireglass.errors import TransportError
from wireglass.protocol.framing import Parsed
from wireglass.protocol.messages import HttpFacts, RequestId
from wireglass.wire.base import Tap
from wireglass.wire.http_answers import record, request_facts, response_facts
from wireglass.wire.http_request import ClientFactory, Post, default_client, redirect_within_origin
from wireglass.wire.http_trace import ExchangeTrace, OnHttp

if TYPE_CHECKING:
    import httpx

__all__ = ["HOLD", "QUIET", "HttpLink", "OverHttpLink"]

QUIET: Final = "wireglass.quiet"
"""Extension of a request for its `Auth`: nobody waits for it, so no person must be asked because of it."""

HOLD: Final = "wireglass.hold"
"""Extension of a request for its `Auth`: a callable that returns a context, in which the time-outs of the messages on
their way in this request stand still. A sign-in takes a person's time."""

_CONNECT_SECONDS: Final = 15.0
_REDIRECTS: Final = 3
_UNTRACED_SECONDS: Final = 0.2


class HttpLink:
    """The way to one server. `limit` bounds one received message in bytes."""

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None,
        auth: "httpx.Auth | None",
        tap: Tap | None,
        client_factory: ClientFactory | None,
        limit: int,
    ) -> None:
        self.url = url
        self.limit = limit
        self._headers = dict(headers or {})
        self._auth = auth
        self._tap = tap
        self._factory = client_factory or default_client
        self._client: httpx.AsyncClient | None = None
        self.on_http: OnHttp | None = None
        """Gets every exchange when it is over, those without a message too."""
        self.patience: Callable[[Iterable[RequestId]], AbstractContextManager[None]] | None = None
        """Whose time-outs stand still while a person signs in; the session knows."""
        self._known: tuple[httpx.Response, HttpFacts] | None = None

    def start(self) -> None:
        """Checks the address and makes the HTTP client. Raises TransportError."""
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise TransportError(
                f"{self.url!r} is not the address of an HTTP server.",
                next_step="Write it with http:// or https:// and a host name.",
            )
        import httpx

        # No read timeout: a quiet stream is normal, and each request has its own time-out in the session.
        timeout = httpx.Timeout(_CONNECT_SECONDS, read=None, pool=None)
        self._client = self._factory(headers=self._headers, timeout=timeout, auth=self._auth)

    @property
    def started(self) -> bool:
        """Whether `start` was called."""
        return self._client is not None

    @property
    def client(self) -> "httpx.AsyncClient":
        """The HTTP client; only after `start`."""
        assert self._client is not None
        return self._client

    async def aclose(self) -> None:
        """Closes every connection."""
        if self._client is not None:
            await self._client.aclose()

    @asynccontextmanager
    async def exchange(
        self,
        verb: str,
        *,
        channel: str,
        headers: Mapping[str, str],
        timeout: float | None = None,
        hold: Callable[[], AbstractContextManager[None]] | None = None,
        quiet: bool = False,
    ) -> "AsyncGenerator[httpx.Response]":
        """One request without a body, and its answer with the body unread. `hold` and `quiet` are for the `Auth`: see
        `HOLD` and `QUIET`."""
        import httpx

        limits = self.client.timeout if timeout is None else httpx.Timeout(timeout)
        request = self.client.build_request(verb, self.url, headers=dict(headers), timeout=limits)
        trace = self._trace(request, channel, 0, time.perf_counter_ns())
        request.extensions[QUIET] = quiet
        if hold is not None:
            request.extensions[HOLD] = hold
        response = await self._send(request, trace)
        try:
            yield response
        finally:
            with anyio.CancelScope(shield=True):
                await self._close(response, trace)

    def _trace(
        self,
        request: "httpx.Request",
        channel: str,
        size: int,
        queued_ns: int,
        on_sent: Callable[[], None] | None = None,
    ) -> ExchangeTrace:
        trace = ExchangeTrace(request.method, str(request.url), channel, size, queued_ns, self.on_http, on_sent)
        request.extensions = {**request.extensions, "trace": trace}
        return trace

    async def _send(self, request: "httpx.Request", trace: ExchangeTrace) -> "httpx.Response":
        try:
            return await self.client.send(request, stream=True)
        except BaseException as error:
            trace.finish(error=error)
            raise

    @staticmethod
    async def _close(response: "httpx.Response", trace: ExchangeTrace) -> None:
        try:
            await response.aclose()
        finally:
            trace.finish(response)

    @asynccontextmanager
    async def post(self, post: Post, url: str = "") -> "AsyncGenerator[httpx.Response]":
        """POSTs and yields the answer with its body unread, after redirects within the origin."""
        response, trace = await self._attempt(post, url or self.url)
        try:
            for _ in range(_REDIRECTS):
                target = redirect_within_origin(response)
                if target is None:
                    break
                await self._close(response, trace)
                response, trace = await self._attempt(post, target)
            if not post.handed.done():  # transports without trace, such as an in-process ASGI app
                self._handed_over(post, response.request)
            yield response
        finally:
            with anyio.CancelScope(shield=True):
                await self._close(response, trace)

    async def _attempt(self, post: Post, url: str) -> "tuple[httpx.Response, ExchangeTrace]":
        request = self.client.build_request("POST", url, content=post.body, headers=post.headers)

        told, held = False, 0

        def sent() -> None:
            # Once, however often an `Auth` repeats the request: it is one message, with one id.
            nonlocal told
            if not told:
                told = True
                self._handed_over(post, request)

        def assume() -> None:
            nonlocal timer
            if held:  # an `Auth` is at work, nothing is sent yet
                timer = loop.call_later(_UNTRACED_SECONDS, assume)
            elif not trace.traced and not post.handed.done():
                sent()

        @contextmanager
        def hold() -> Generator[None]:
            nonlocal held
            held += 1
            try:
                with self.patience(post.waiting) if self.patience is not None else nullcontext():
                    yield
            finally:
                held -= 1

        trace = self._trace(request, post.channel, len(post.body), post.queued_ns, sent)
        request.extensions[HOLD] = hold
        # Transports of others (an ASGI app in this process, a recorder) may not trace: they have the bytes by then.
        loop = asyncio.get_running_loop()
        timer = loop.call_later(_UNTRACED_SECONDS, assume)
        try:
            return await self._send(request, trace), trace
        finally:
            timer.cancel()

    def _handed_over(self, post: Post, request: "httpx.Request") -> None:
        facts = None if self._tap is None else request_facts(request)
        record(self._tap, "client", post.channel, post.body, post.message, queued_ns=post.queued_ns, http=facts)
        if not post.handed.done():
            post.handed.set_result(None)

    def received(
        self,
        channel: str,
        response: "httpx.Response",
        parsed: Parsed,
        first_byte_ns: int,
        at_ns: int | None = None,
        event_id: str | None = None,
    ) -> None:
        """Records a frame of the server."""
        if self._tap is None:
            return
        record(
            self._tap,
            "server",
            channel,
            parsed.raw,
            parsed.value,
            at_ns=at_ns,
            error=parsed.error,
            first_byte_ns=first_byte_ns,
            http=self._facts_of(response, event_id),
        )

    def _facts_of(self, response: "httpx.Response", event_id: str | None) -> HttpFacts:
        """Made once for an answer: a stream may bring thousands of events."""
        if self._known is None or self._known[0] is not response:
            self._known = (response, response_facts(response))
        facts = self._known[1]
        return facts if event_id is None else replace(facts, event_id=event_id)


class OverHttpLink:
    """What every transport over a link lets its owner set."""

    _link: HttpLink

    @property
    def on_http(self) -> OnHttp | None:
        """Gets every HTTP exchange when it is over, with its phases; those that carry no message too."""
        return self._link.on_http

    @on_http.setter
    def on_http(self, listener: OnHttp | None) -> None:
        self._link.on_http = listener

    def hold_with(self, patience: Callable[[Iterable[RequestId]], AbstractContextManager[None]]) -> None:
        """While a person signs in because of a request, its time stands still by `patience`."""
        self._link.patience = patience
