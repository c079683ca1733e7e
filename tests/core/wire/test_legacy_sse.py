"""The HTTP+SSE client of 2024-11-05 against a scripted server."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from scripted_http import Server, Wire, stream
from wireglass.errors import HttpStatusError, TransportClosed, TransportError
from wireglass.protocol.messages import notification, request, result
from wireglass.wire.base import Broken
from wireglass.wire.legacy_sse import SseClientTransport

pytestmark = pytest.mark.anyio
URL = "http://server.test/base/sse"


@pytest.fixture
async def make() -> AsyncIterator[Callable[..., SseClientTransport]]:
    """Makes transports and closes them."""
    made: list[SseClientTransport] = []

    def make_one(server: Server, **options: Any) -> SseClientTransport:
        made.append(SseClientTransport(URL, client_factory=server.factory, tap=server.frames.append, **options))
        return made[-1]

    yield make_one
    for transport in made:
        await transport.aclose()


async def take(transport: SseClientTransport) -> Any:
    async with asyncio.timeout(30):
        return await transport.receive()


@pytest.mark.parametrize(
    ("endpoint", "resolved"),
    [
        ("/messages/?session_id=1", "http://server.test/messages/?session_id=1"),
        ("messages", "http://server.test/base/messages"),
        ("http://server.test:80/m", "http://server.test/m"),
    ],
)
async def test_messages_go_to_the_endpoint_and_answers_come_on_the_stream(
    make: Any, endpoint: str, resolved: str
) -> None:
    wire = Wire()
    server = Server(stream(wire), httpx.Response(202, text="Accepted"))
    wire.write(f"event: endpoint\ndata: {endpoint}\n\n: ping\n\n")
    transport = make(server)
    await transport.start()
    await transport.send(request(1, "ping"))
    wire.event(result(1, {}), event="message")
    assert (await take(transport)).message == result(1, {})
    assert str(server.requests[1].url) == resolved
    assert json.loads(server.requests[1].content) == request(1, "ping")
    assert [frame.channel for frame in server.frames] == ["POST 1", "SSE"]


async def test_an_endpoint_of_another_origin_is_refused(make: Any) -> None:
    """2024-11-05 says so for good reason: our headers hold credentials."""
    wire = Wire()
    wire.write("event: endpoint\ndata: http://evil.test/m\n\n")
    server = Server(stream(wire))
    with pytest.raises(TransportError, match="another origin"):
        await make(server).start()
    assert len(server.requests) == 1


async def test_an_answer_that_is_no_stream_raises_with_its_status(make: Any) -> None:
    with pytest.raises(HttpStatusError) as caught:
        await make(Server(httpx.Response(404, text="nothing"))).start()
    assert caught.value.status == 404


async def test_a_refused_post_breaks_its_request_only(make: Any) -> None:
    wire = Wire()
    server = Server(stream(wire), httpx.Response(500, text="oops"), httpx.Response(202))
    wire.write("event: endpoint\ndata: /m\n\n")
    transport = make(server)
    await transport.start()
    await transport.send(request(1, "ping"))
    broken = await take(transport)
    assert isinstance(broken, Broken)
    assert broken.request_id == 1
    await transport.send(notification("later"))
    wire.write("data: {oops\n\n")
    assert isinstance(await take(transport), Broken)


async def test_the_end_of_the_stream_is_the_end_of_the_session(make: Any) -> None:
    wire = Wire()
    wire.write("event: endpoint\ndata: /m\n\n")
    transport = make(Server(stream(wire)))
    await transport.start()
    wire.event(notification("last"))
    wire.end(httpx.ReadError("reset"))
    assert (await take(transport)).message == notification("last")
    with pytest.raises(TransportClosed):
        await take(transport)
    with pytest.raises(TransportClosed):
        await transport.send(request(1, "ping"))


async def test_closing_lets_go_of_the_stream(make: Any) -> None:
    wire = Wire()
    wire.write("event: endpoint\ndata: /m\n\n")
    transport = make(Server(stream(wire)))
    await transport.start()
    await transport.aclose()
    await transport.aclose()
    assert wire.closed.is_set()
    with pytest.raises(TransportClosed):
        await transport.receive()
