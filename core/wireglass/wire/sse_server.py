"""The server end of HTTP+SSE, the transport of 2024-11-05, as a plain ASGI app: GET the stream, POST the messages.

Source: transports page of 2024-11-05. Kept for old clients; new ones use `asgi`.
"""

import asyncio
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote

from wireglass.errors import INVALID_REQUEST, PARSE_ERROR, TransportClosed
from wireglass.protocol.framing import dump, parse
from wireglass.protocol.messages import JsonObject, RequestId
from wireglass.wire.base import HttpContext, Incoming, Received
from wireglass.wire.held_answer import HeldAnswer, Receive, Send, read_request, refuse
from wireglass.wire.http_checks import LOOPBACK_HOSTS, Admission
from wireglass.wire.serving import Identify, Serving, admitted, scope_identity

__all__ = ["SseEndpoint", "SseServerTransport"]

logger = logging.getLogger("wireglass.http")


class SseServerTransport:
    """The server end of one stream and the POSTs that belong to it; a `Transport`."""

    name = "sse"

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[Incoming | None] = asyncio.Queue(1024)
        self.outbox: asyncio.Queue[bytes | None] = asyncio.Queue(1024)
        self._closed = False

    async def start(self) -> None:
        """Nothing to open."""

    async def send(
        self,
        message: JsonObject | list[JsonObject] | str,
        *,
        related: RequestId | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Puts a message on the stream; waits while the client does not read. Raises TransportClosed."""
        if self._closed:
            raise TransportClosed()
        await self.outbox.put(message.encode() if isinstance(message, str) else dump(message))

    async def receive(self) -> Incoming:
        """The next message that was POSTed. Raises TransportClosed when the stream has ended."""
        item = None if self._closed and self.inbox.empty() else await self.inbox.get()
        if item is None:
            raise TransportClosed("The client closed the stream.")
        return item

    async def negotiated(self, version: str) -> None:
        """Only clients are told."""

    async def abandon(self, request_id: RequestId) -> bool:
        """False: the client must be told with `notifications/cancelled`."""
        return False

    async def aclose(self) -> None:
        """Ends the stream."""
        self._closed = True
        for queue in (self.inbox, self.outbox):
            if not queue.full():
                queue.put_nowait(None)


@dataclass(slots=True, eq=False)
class _Session:
    transport: SseServerTransport
    principal: str | None


class SseEndpoint:
    """The ASGI app for both paths. `sse_path` is where the stream is, `message_path` where messages are POSTed, both
    below the mount point. The other parameters are those of McpEndpoint."""

    def __init__(
        self,
        serving: Serving,
        *,
        sse_path: str = "/sse",
        message_path: str = "/messages/",
        allowed_hosts: Sequence[str] = LOOPBACK_HOSTS,
        allowed_origins: Sequence[str] = (),
        max_body_bytes: int = 16 * 1024 * 1024,
        keep_alive: float = 15.0,
        max_sessions: int = 10_000,
        identify: Identify | None = None,
    ) -> None:
        self._serving = serving
        self._sse_path = sse_path.rstrip("/")
        self._message_path = message_path
        self._admission = Admission(allowed_hosts, allowed_origins)
        self._max_body_bytes = max_body_bytes
        self._keep_alive = keep_alive
        self._max_sessions = max_sessions
        self._identify = identify or scope_identity
        self._sessions: dict[str, _Session] = {}

    async def aclose(self) -> None:
        """Ends every session."""
        for session in list(self._sessions.values()):
            await session.transport.aclose()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """One HTTP request, or the life of the server when nothing is around this app that watches it."""
        headers = await admitted(scope, receive, send, self._admission, self.aclose)
        if headers is None:
            return None
        path = str(scope["path"]).removeprefix(scope.get("root_path", "")).rstrip("/")
        expected = {self._sse_path: "GET", self._message_path.rstrip("/"): "POST"}.get(path)
        if expected is None:
            return await refuse(send, 404, INVALID_REQUEST, f"The stream is at {self._sse_path}.")
        if scope["method"] != expected:
            allow = [(b"allow", expected.encode())]
            return await refuse(send, 405, INVALID_REQUEST, f"Only {expected} is allowed here.", headers=allow)
        if expected == "GET":
            return await self._stream(scope, receive, send)
        return await self._message(scope, headers, receive, send)

    async def _stream(self, scope: Any, receive: Receive, send: Send) -> None:
        if len(self._sessions) >= self._max_sessions:
            text = "The server has too many sessions. Try again later."
            return await refuse(send, 503, INVALID_REQUEST, text, headers=[(b"retry-after", b"30")])
        id = secrets.token_urlsafe(24)
        transport = SseServerTransport()
        self._sessions[id] = _Session(transport, self._identify(scope)[0])
        serving = asyncio.get_running_loop().create_task(self._serve(transport, id))
        answer = HeldAnswer(receive, send, can_stream=True, keep_alive=self._keep_alive)
        try:
            async with answer:
                where = f"{scope.get('root_path', '')}{self._message_path}?session_id={id}"
                await answer.event(quote(where, safe="/?=&-_~.:%").encode(), event="endpoint")
                while (data := await transport.outbox.get()) is not None:
                    await answer.event(data, event="message")
                await answer.end_stream()
        finally:
            self._sessions.pop(id, None)
            serving.cancel()
            await asyncio.wait([serving])

    async def _serve(self, transport: SseServerTransport, id: str) -> None:
        try:
            await self._serving.serve(transport, id, {})
        except Exception:
            # The boundary of a session: it ends, the endpoint lives on.
            logger.exception("A session failed")
        finally:
            await transport.aclose()

    async def _message(self, scope: Any, headers: dict[str, str], receive: Receive, send: Send) -> None:
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        session = self._sessions.get(query.get("session_id", [""])[0])
        principal, token = self._identify(scope)
        if session is None or session.principal != principal:
            return await refuse(send, 404, INVALID_REQUEST, "There is no such session; open the stream again.")
        body = await read_request(headers, receive, self._max_body_bytes)
        if body is None:
            text = f"The message is larger than {self._max_body_bytes} bytes."
            return await refuse(send, 413, INVALID_REQUEST, text)
        parsed = parse(body)
        if parsed.error is not None:
            return await refuse(send, 400, PARSE_ERROR, parsed.error)
        await session.transport.inbox.put(Received(parsed.value, http=HttpContext(headers, scope, principal, token)))
        start = [(b"content-type", b"text/plain"), (b"content-length", b"8")]
        await send({"type": "http.response.start", "status": 202, "headers": start})
        await send({"type": "http.response.body", "body": b"Accepted"})
        return None
