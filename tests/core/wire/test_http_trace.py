"""What is told of each HTTP exchange: also of those that carry no message, and when what happened."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from wireglass import Client
from wireglass.client.transports import StreamableHttpTransport
from wireglass.errors import TransportError
from wireglass.protocol.messages import Frame, HttpExchange
from wireglass.recording.events import http_event
from wireglass.wire.http_client import HttpClientTransport
from wireglass.wire.legacy_sse import SseClientTransport

pytestmark = pytest.mark.anyio
Answer = Callable[[str, dict[str, str], bytes], tuple[int, dict[str, str], bytes]]
OPENED = {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {"name": "s", "version": "1"}}


def handshake_server(verb: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
    """No GET stream, sessions, answers as JSON."""
    if verb == "GET":
        return 405, {}, b""
    if verb == "DELETE":
        return 200, {}, b""
    message = json.loads(body)
    if message["method"] == "server/discover":
        return 400, {}, b"what is that?"
    if "id" not in message:
        return 202, {}, b""
    found = OPENED if message["method"] == "initialize" else {"tools": []}
    answer = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": found}).encode()
    return 200, {"content-type": "application/json", "mcp-session-id": "secret-1"}, answer


@asynccontextmanager
async def listening(answer: Answer) -> AsyncGenerator[str, None]:
    """A small HTTP/1.1 server on a socket, because only a socket has phases."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").strip().split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                status, more, answered = answer(first.split()[0], headers, body)
                more = {**more, "content-length": str(len(answered))}
                told = "".join(f"{name}: {value}\r\n" for name, value in more.items())
                writer.write(f"HTTP/1.1 {status} X\r\n{told}\r\n".encode() + answered)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/mcp"
    finally:
        server.close()


async def test_every_exchange_is_told_with_status_and_masked_headers() -> None:
    told: list[HttpExchange] = []
    frames: list[Frame] = []
    got = asyncio.Event()

    def hear(exchange: HttpExchange) -> None:
        told.append(exchange)
        if exchange.verb == "GET":
            got.set()

    async with listening(handshake_server) as url, asyncio.timeout(20):
        client = Client(url, auth="token-1", on_http=hear, tap=frames.append)
        async with client:
            await client.list_tools()
            await got.wait()
    listed = sorted((one.verb, one.status) for one in told)
    assert listed == [("DELETE", 200), ("GET", 405), ("POST", 200), ("POST", 200), ("POST", 202), ("POST", 400)]
    silent = {one.channel for one in told} - {frame.channel for frame in frames if frame.sender == "server"}
    assert {"GET 1", "DELETE"} <= silent
    ended = next(one for one in told if one.verb == "DELETE")
    assert dict(ended.request_headers)["mcp-session-id"] == "***"
    assert dict(ended.request_headers)["authorization"] == "Bearer ***"
    assert "secret" not in repr(told)
    assert "token-1" not in repr(told)


async def test_the_phases_are_in_order_and_a_kept_connection_has_none_to_open() -> None:
    told: list[HttpExchange] = []
    async with listening(handshake_server) as url, asyncio.timeout(20):
        client = Client(StreamableHttpTransport(url), mode="handshake", on_http=told.append)
        async with client:
            await client.list_tools()
    posts = [one for one in told if one.verb == "POST"]
    first, second = posts[0], posts[1]
    assert first.connect_ns is not None
    assert first.connected_ns is not None
    assert first.sent_ns is not None
    assert first.head_ns is not None
    assert first.queued_ns <= first.connect_ns <= first.connected_ns <= first.sent_ns <= first.head_ns <= first.done_ns
    assert first.secure_ns is None
    assert (first.reused, second.reused) == (False, True)
    assert first.sent_bytes > 0
    assert first.received_bytes > 0
    assert first.http_version == "HTTP/1.1"


async def test_a_refused_attempt_of_an_auth_is_an_exchange_of_its_own() -> None:
    class Twice(httpx.Auth):
        def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
            response = yield request
            if response.status_code == 401:
                request.headers["authorization"] = "Bearer second"
                yield request

    def answer(verb: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        if "authorization" not in headers:
            return 401, {"www-authenticate": "Bearer"}, b""
        return handshake_server(verb, headers, body)

    told: list[HttpExchange] = []
    async with listening(answer) as url, asyncio.timeout(20):
        client = Client(StreamableHttpTransport(url, auth=Twice()), mode="handshake", on_http=told.append)
        async with client:
            pass
    opening = [one for one in told if one.channel == "POST 1"]
    assert [one.status for one in opening] == [401, 200]
    assert "authorization" not in dict(opening[0].request_headers)
    assert dict(opening[1].request_headers)["authorization"] == "Bearer ***"
    assert opening[0].done_ns <= opening[1].done_ns


async def test_a_server_that_is_not_there_is_an_exchange_without_an_answer() -> None:
    told: list[HttpExchange] = []
    async with listening(handshake_server) as url:
        pass
    with pytest.raises(TransportError):
        async with Client(url, on_http=told.append):
            pass
    assert [(one.status, one.verb) for one in told] == [(None, "POST")]
    assert told[0].error.startswith("ConnectError")
    assert told[0].connect_ns is not None


@pytest.mark.parametrize("kind", [HttpClientTransport, SseClientTransport])
async def test_transports_that_do_not_trace_still_tell_status_and_headers(kind: Any) -> None:
    def factory(**options: Any) -> httpx.AsyncClient:
        mock = httpx.MockTransport(lambda _: httpx.Response(404, text="no", headers={"set-cookie": "x=1"}))
        return httpx.AsyncClient(**{**options, "transport": mock})

    told: list[HttpExchange] = []
    transport = kind("http://a.example/mcp?token=abc", client_factory=factory)
    transport.on_http = told.append
    try:
        await transport.start()
        await transport.send({"jsonrpc": "2.0", "id": 1, "method": "ping"})
        await transport.receive()
    except TransportError:
        pass
    finally:
        await transport.aclose()
    assert [(one.status, one.url) for one in told] == [(404, "http://a.example/mcp?token=***")]
    assert dict(told[0].response_headers)["set-cookie"] == "***"
    assert told[0].head_ns is None
    assert told[0].done_ns >= told[0].queued_ns


async def test_an_exchange_becomes_an_event_of_the_recording() -> None:
    exchange = HttpExchange(
        verb="POST", url="http://a.example/mcp", channel="POST 2", status=202, queued_ns=1000, sent_ns=1500,
        head_ns=4000, done_ns=5000, request_headers=(("a", "b"),),
    )  # fmt: skip
    event = http_event("shop #1", exchange)
    assert (event.kind, event.at_ns, event.until_ns) == ("http", 1000, 5000)
    assert event.text == "POST http://a.example/mcp: 202"
    assert event.facts == {
        "verb": "POST",
        "url": "http://a.example/mcp",
        "channel": "POST 2",
        "status": 202,
        "sent": 0,
        "received": 0,
        "requestHeaders": [["a", "b"]],
        "phases": {"sent": 500, "head": 3000},
    }
