"""The Streamable HTTP client against a scripted server: what went out, what came in, which frames were seen."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from scripted_http import Server, Wire, answer, stream
from wireglass.errors import HttpStatusError, SessionLost, TransportClosed, TransportError
from wireglass.protocol.messages import notification, request, result
from wireglass.wire.base import Broken, Received
from wireglass.wire.http_client import HttpClientTransport

pytestmark = pytest.mark.anyio
URL = "http://server.test/mcp"
MODERN = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/list"}


def initialized(id: int = 0, version: str = "2025-11-25", session: str = "abc") -> httpx.Response:
    body = result(id, {"protocolVersion": version, "capabilities": {}, "serverInfo": {"name": "s", "version": "1"}})
    return answer(body, mcp_session_id=session)


@pytest.fixture
async def connect() -> AsyncIterator[Callable[..., Any]]:
    """Makes started transports and closes them."""
    opened: list[HttpClientTransport] = []

    async def open_one(server: Server, **options: Any) -> HttpClientTransport:
        transport = HttpClientTransport(URL, client_factory=server.factory, tap=server.frames.append, **options)
        opened.append(transport)
        await transport.start()
        return transport

    yield open_one
    for transport in opened:
        await transport.aclose()


async def take(transport: HttpClientTransport) -> Any:
    async with asyncio.timeout(30):
        return await transport.receive()


async def shake_hands(transport: HttpClientTransport) -> None:
    await transport.send(request(0, "initialize", {}))
    assert isinstance(await take(transport), Received)
    await transport.send(notification("notifications/initialized"))
    await transport.negotiated("2025-11-25")


async def test_posts_a_request_and_receives_its_json_answer(connect: Any) -> None:
    """Both media types are accepted on every POST; protocol headers go out as the session gave them."""
    server = Server(answer(result(1, {"tools": []}), x_one="1"))
    transport = await connect(server, headers={"X-Team": "blue"})
    await transport.send(request(1, "tools/list"), headers=MODERN)
    received = await take(transport)
    assert received.message == result(1, {"tools": []})
    assert (received.status, received.headers["x-one"]) == (200, "1")
    sent = server.requests[0]
    assert sent.method == "POST"
    assert sent.headers["accept"] == "application/json, text/event-stream"
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["mcp-method"] == "tools/list"
    assert sent.headers["x-team"] == "blue"
    assert json.loads(sent.content) == request(1, "tools/list")


async def test_frames_carry_the_http_exchange_with_secrets_masked(connect: Any) -> None:
    """Our choice: what is recorded can be shown and saved without a second thought."""
    server = Server(initialized(), httpx.Response(202))
    transport = await connect(server, headers={"Authorization": "Bearer s3cret", "X-Api-Key": "s3cret"})
    await shake_hands(transport)
    sent, received = server.frames[:2]
    assert (sent.sender, sent.channel, sent.message["method"]) == ("client", "POST 1", "initialize")
    assert sent.queued_ns is not None
    assert sent.queued_ns <= sent.at_ns <= received.at_ns
    assert sent.http is not None
    assert ("authorization", "Bearer ***") in sent.http.request_headers
    assert received.http is not None
    assert received.http.status == 200
    assert ("mcp-session-id", "***") in received.http.response_headers
    assert "s3cret" not in repr(server.frames)
    assert "abc" not in repr([frame.http for frame in server.frames])


async def test_session_id_and_version_follow_a_successful_initialize(connect: Any) -> None:
    """Transports page, session management: the id goes with every later request, GET and DELETE included."""
    server = Server(initialized(), httpx.Response(202), httpx.Response(405), answer(result(1, {})), httpx.Response(200))
    transport = await connect(server)
    await shake_hands(transport)
    await server.requested(3)
    await transport.send(request(1, "tools/list"))
    await take(transport)
    await transport.aclose()
    assert [sent.method for sent in server.requests] == ["POST", "POST", "GET", "POST", "DELETE"]
    assert "mcp-session-id" not in server.requests[0].headers
    for later in server.requests[1:]:
        assert later.headers["mcp-session-id"] == "abc"
        assert later.headers["mcp-protocol-version"] == "2025-11-25"


async def test_session_id_on_an_error_is_not_learnt(connect: Any) -> None:
    """Past bug elsewhere: the id of a refused probe was sent along with `initialize`."""
    refusal = {"jsonrpc": "2.0", "id": 5, "error": {"code": -32600, "message": "missing session"}}
    server = Server(answer(refusal, 400, mcp_session_id="bad"), initialized())
    transport = await connect(server)
    await transport.send(request(5, "server/discover"), headers=MODERN)
    refused = await take(transport)
    assert (refused.status, refused.message) == (400, refusal)
    await transport.send(request(0, "initialize", {}))
    await take(transport)
    assert "mcp-session-id" not in server.requests[1].headers


async def test_get_stream_opens_after_initialized_and_delivers(connect: Any) -> None:
    """Messages that belong to no request come on the GET stream."""
    wire = Wire()
    server = Server(initialized(), httpx.Response(202), stream(wire))
    transport = await connect(server)
    await shake_hands(transport)
    wire.write(": hello\n\n")
    wire.event(notification("notifications/tools/list_changed"), id="e1")
    received = await take(transport)
    assert received.message == notification("notifications/tools/list_changed")
    assert server.frames[-1].channel == "GET 1"
    assert server.frames[-1].http is not None
    assert server.frames[-1].http.event_id == "e1"


async def test_get_stream_is_taken_up_again_after_the_last_event(connect: Any) -> None:
    """Transports page, resumability: `Last-Event-ID` survives reconnects that bring no new event."""
    first, second = Wire(), Wire()
    server = Server(initialized(), httpx.Response(202), stream(first), stream(second), httpx.Response(405))
    transport = await connect(server)
    await shake_hands(transport)
    first.event(notification("a"), id="e7", retry=1)
    assert (await take(transport)).message == notification("a")
    first.end()
    second.end()
    requests = await server.requested(5)
    assert [sent.headers.get("last-event-id") for sent in requests[2:]] == [None, "e7", "e7"]


async def test_an_sse_answer_brings_related_messages_then_the_response(connect: Any) -> None:
    wire = Wire()
    server = Server(stream(wire))
    transport = await connect(server)
    await transport.send(request(1, "tools/call"), headers=MODERN)
    wire.write(b'data: {"jsonrpc":"2.0","method":"notifications/progress"}\r')
    wire.write(b'\n\r\ndata: {"jsonrpc":"2.0",\ndata: "id":1,"result":{}}\n\n')
    wire.end()
    assert (await take(transport)).message["method"] == "notifications/progress"
    assert (await take(transport)).message == result(1, {})
    assert [frame.channel for frame in server.frames] == ["POST 1"] * 3


async def test_a_polling_close_is_resumed_not_before_the_retry_wait(connect: Any) -> None:
    """2025-11-25: a graceful close without a response means "poll me"; `retry` is a lower bound."""
    first, second = Wire(), Wire()
    server = Server(initialized(), stream(first), stream(second))
    transport = await connect(server)
    await transport.send(request(0, "initialize", {}))
    await take(transport)
    await transport.send(request(1, "tools/call"))
    first.write("id: p0\nretry: 60\ndata:\n\n")
    first.end()
    began = asyncio.get_running_loop().time()
    second.event(result(1, {"ok": True}), id="p1")
    second.end()
    assert (await take(transport)).message == result(1, {"ok": True})
    assert asyncio.get_running_loop().time() - began >= 0.06
    resumed = server.requests[2]
    assert (resumed.method, resumed.headers["last-event-id"]) == ("GET", "p0")
    assert resumed.headers["mcp-session-id"] == "abc"


async def test_a_second_drop_keeps_the_last_event_id(connect: Any) -> None:
    """Past bug elsewhere: the id was forgotten after the second drop."""
    first, second, third = Wire(), Wire(), Wire()
    server = Server(initialized(), stream(first), stream(second), stream(third))
    transport = await connect(server)
    await transport.send(request(0, "initialize", {}))
    await take(transport)
    await transport.send(request(1, "tools/call"))
    first.write("id: p0\nretry: 1\ndata:\n\n")
    first.end(httpx.ReadError("reset"))
    second.end(httpx.RemoteProtocolError("cut"))
    third.event(result(1, {}))
    third.end()
    assert (await take(transport)).message == result(1, {})
    assert [sent.headers["last-event-id"] for sent in server.requests[2:]] == ["p0", "p0"]


async def test_a_stateless_stream_that_breaks_is_a_lost_request(connect: Any) -> None:
    """2026-07-28: no resumption; the caller learns at once."""
    wire = Wire()
    server = Server(stream(wire))
    transport = await connect(server)
    await transport.send(request(1, "tools/call"), headers=MODERN)
    wire.event(notification("notifications/progress"), id="x")
    wire.end(httpx.ReadError("reset"))
    assert isinstance(await take(transport), Received)
    lost = await take(transport)
    assert isinstance(lost, Broken)
    assert lost.request_id == 1
    assert len(server.requests) == 1


async def test_a_stream_that_ends_without_answer_breaks_its_request(connect: Any) -> None:
    wire = Wire()
    transport = await connect(Server(stream(wire)))
    await transport.send(request("a", "tools/call"))
    wire.end()
    lost = await take(transport)
    assert isinstance(lost, Broken)
    assert lost.request_id == "a"


async def test_a_lost_session_is_told_apart_and_forgotten(connect: Any) -> None:
    """404 to a request that named a session: the next `initialize` goes without the old id."""
    body = {"jsonrpc": "2.0", "id": None, "error": {"code": -32001, "message": "Session not found"}}
    server = Server(initialized(), answer(body, 404), initialized(2, session="new"), answer(result(3, {})))
    transport = await connect(server)
    await transport.send(request(0, "initialize", {}))
    await take(transport)
    await transport.send(request(1, "tools/list"))
    lost = await take(transport)
    assert isinstance(lost, Broken)
    assert isinstance(lost.error, SessionLost)
    assert lost.request_id == 1
    await transport.send(request(2, "initialize", {}))
    await take(transport)
    await transport.send(request(3, "tools/list"))
    await take(transport)
    assert [sent.headers.get("mcp-session-id") for sent in server.requests] == [None, "abc", None, "new"]


async def test_an_error_status_without_a_message_says_what_to_do(connect: Any) -> None:
    server = Server(httpx.Response(401, text="who are you", headers={"www-authenticate": 'Bearer scope="a"'}))
    transport = await connect(server)
    await transport.send(request(1, "tools/list"), headers=MODERN)
    refused = await take(transport)
    assert isinstance(refused, Broken)
    assert isinstance(refused.error, HttpStatusError)
    assert (refused.error.status, refused.error.body) == (401, "who are you")
    assert refused.error.headers["www-authenticate"] == 'Bearer scope="a"'
    assert refused.error.next_step
    assert server.frames[-1].error == "not an MCP message"


@pytest.mark.parametrize(
    ("asked", "password"),
    [("Basic realm=x", True), ("Negotiate, basic", True), ("Basic, Bearer", False), ("Negotiate", False)],
)
async def test_a_401_for_a_password_says_so(connect: Any, asked: str, password: bool) -> None:
    transport = await connect(Server(httpx.Response(401, headers={"www-authenticate": asked})))
    await transport.send(request(1, "tools/list"), headers=MODERN)
    refused = await take(transport)
    assert isinstance(refused, Broken)
    assert isinstance(refused.error, HttpStatusError)
    assert ("password" in refused.error.message and "BasicAuth" in refused.error.next_step) is password


@pytest.mark.parametrize("id", [None, "server-error"])
async def test_an_error_body_without_id_still_names_its_request(connect: Any, id: str | None) -> None:
    """Peers answer with `id: null`, or an id of their own, although they could read ours."""
    body = {"jsonrpc": "2.0", "id": id, "error": {"code": -32600, "message": "no"}}
    server = Server(answer(body, 400))
    transport = await connect(server)
    await transport.send(request(9, "tools/list"))
    refused = await take(transport)
    assert (refused.status, refused.message["id"]) == (400, 9)
    assert server.frames[-1].message["id"] == id


async def test_an_error_about_a_message_without_id_is_about_no_request(connect: Any) -> None:
    body = {"jsonrpc": "2.0", "error": {"code": -32600, "message": "no"}}
    transport = await connect(Server(answer(body, 400)))
    await transport.send("[]")
    refused = await take(transport)
    assert isinstance(refused, Broken)
    assert refused.request_id is None


@pytest.mark.parametrize("body", ["<html>", ""])
async def test_an_answer_that_is_no_message_breaks_the_request(connect: Any, body: str) -> None:
    transport = await connect(Server(httpx.Response(200, text=body)))
    await transport.send(request(1, "tools/list"), headers=MODERN)
    broken = await take(transport)
    assert isinstance(broken, Broken)
    assert broken.request_id == 1


async def test_garbage_between_events_is_recorded_and_survived(connect: Any) -> None:
    wire = Wire()
    server = Server(stream(wire))
    transport = await connect(server)
    await transport.send(request(1, "tools/call"), headers=MODERN)
    wire.write("data: {oops\n\nevent: other\ndata: {}\n\n")
    wire.event(result(1, {}))
    wire.end()
    assert isinstance(await take(transport), Broken)
    assert (await take(transport)).message == result(1, {})
    assert server.frames[1].raw == "{oops"
    assert server.frames[1].error


async def test_a_batch_answer_is_one_message_and_settles_all(connect: Any) -> None:
    """2025-03-26 only."""
    both = [result(1, {}), result(2, {})]
    transport = await connect(Server(answer(both)))
    await transport.send([request(1, "a"), request(2, "b")])
    assert (await take(transport)).message == both
    assert not transport._waiting


async def test_a_transport_that_does_not_trace_holds_nobody_up(connect: Any) -> None:
    """`send` returns before the answer comes, also through an httpx transport that somebody else wrote."""
    answered = asyncio.Event()

    class Slow(Server):
        async def __call__(self, request: httpx.Request) -> httpx.Response:
            await answered.wait()
            return await super().__call__(request)

    server = Slow(answer(result(1, {})))
    transport = await connect(server)
    async with asyncio.timeout(30):
        await transport.send(request(1, "tools/list"))
    assert [frame.sender for frame in server.frames] == ["client"]
    answered.set()
    assert (await take(transport)).message == result(1, {})
    assert [frame.sender for frame in server.frames] == ["client", "server"]


async def test_a_connection_that_fails_raises_in_send(connect: Any) -> None:
    """Nothing crossed, so there is no frame, and the caller hears of it at once."""
    server = Server(httpx.ConnectError("refused"))
    transport = await connect(server)
    with pytest.raises(TransportError, match=r"server\.test") as caught:
        await transport.send(request(1, "tools/list"))
    assert caught.value.next_step
    assert not server.frames


async def test_abandoning_a_stateless_request_closes_its_stream(connect: Any) -> None:
    """2026-07-28: closing the stream is the cancel."""
    wire = Wire()
    transport = await connect(Server(stream(wire)))
    await transport.send(request(1, "tools/call"), headers=MODERN)
    assert await transport.abandon(1)
    async with asyncio.timeout(30):
        await wire.closed.wait()


async def test_abandoning_in_the_handshake_era_leaves_cancelling_to_the_session(connect: Any) -> None:
    wire = Wire()
    transport = await connect(Server(stream(wire)))
    await transport.send(request(1, "tools/call"))
    assert not await transport.abandon(1)
    assert not wire.closed.is_set()
    wire.event(result(1, {}))
    assert (await take(transport)).message == result(1, {})


async def test_redirects_are_followed_only_within_the_origin(connect: Any) -> None:
    """Headers hold credentials; `/mcp` to `/mcp/` is common and harmless."""
    server = Server(
        httpx.Response(307, headers={"location": "/mcp/"}),
        answer(result(1, {})),
        httpx.Response(307, headers={"location": "http://elsewhere.test/mcp"}),
    )
    transport = await connect(server)
    await transport.send(request(1, "tools/list"))
    assert (await take(transport)).message == result(1, {})
    await transport.send(request(2, "tools/list"))
    assert isinstance((await take(transport)).error, HttpStatusError)
    assert [str(sent.url) for sent in server.requests] == [URL, URL + "/", URL]


async def test_a_raw_text_is_sent_as_it_is(connect: Any) -> None:
    """The composer may send what is not JSON."""
    server = Server(httpx.Response(400, text="no"))
    transport = await connect(server)
    await transport.send("{not json")
    assert isinstance(await take(transport), Broken)
    assert server.requests[0].content == b"{not json"
    assert server.frames[0].message is None


async def test_a_message_beyond_the_limit_breaks_its_request(connect: Any) -> None:
    transport = await connect(Server(answer(result(1, {"text": "x" * 200}))), limit=100)
    await transport.send(request(1, "tools/list"), headers=MODERN)
    broken = await take(transport)
    assert isinstance(broken, Broken)
    assert "100 bytes" in str(broken.error)


async def test_closing_ends_receive_and_further_sends(connect: Any) -> None:
    transport = await connect(Server())
    waiting = asyncio.create_task(transport.receive())
    await asyncio.sleep(0)
    await transport.aclose()
    await transport.aclose()
    with pytest.raises(TransportClosed):
        await waiting
    with pytest.raises(TransportClosed):
        await transport.receive()
    with pytest.raises(TransportClosed):
        await transport.send(request(1, "ping"))


async def test_an_address_that_is_no_http_url_is_refused() -> None:
    with pytest.raises(TransportError, match="not the address"):
        await HttpClientTransport("ftp://x").start()
