"""The HTTP+SSE server of 2024-11-05, talked to by our own client of it, in this process."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from asgi_wire import AsgiWire
from wireglass.errors import HttpStatusError, TransportClosed
from wireglass.protocol.messages import JsonObject, notification, request, result
from wireglass.session import RequestScope
from wireglass.session.http_serving import HttpServing
from wireglass.wire.legacy_sse import SseClientTransport
from wireglass.wire.sse_server import SseEndpoint

pytestmark = pytest.mark.anyio
BASE = "http://127.0.0.1:8000"


async def handle(scope: RequestScope) -> JsonObject:
    if scope.method == "initialize":
        return {"protocolVersion": scope.version, "capabilities": {}, "serverInfo": {"name": "s", "version": "1"}}
    await scope.notify("notifications/progress", {"progress": 1})
    return {"transport": scope.session.transport, "roots": await scope.request("roots/list")}


class Site:
    def __init__(self) -> None:
        self.endpoint = SseEndpoint(HttpServing(handle))
        self.http = self.client()

    def client(self, **options: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=AsgiWire(self.endpoint), **options)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    yield made
    await made.http.aclose()
    await made.endpoint.aclose()


async def take(transport: SseClientTransport) -> Any:
    async with asyncio.timeout(30):
        return (await transport.receive()).message


async def test_a_whole_session(site: Site) -> None:
    transport = SseClientTransport(BASE + "/sse/", client_factory=site.client)
    await transport.start()
    await transport.send(request(0, "initialize", {"protocolVersion": "2024-11-05", "capabilities": {}}))
    assert (await take(transport))["result"]["protocolVersion"] == "2024-11-05"
    await transport.send(notification("notifications/initialized"))
    await transport.send(request(1, "tools/list"))
    assert (await take(transport))["method"] == "notifications/progress"
    asked = await take(transport)
    assert asked["method"] == "roots/list"
    await transport.send(result(asked["id"], {"roots": []}))
    assert await take(transport) == result(1, {"transport": "sse", "roots": {"roots": []}})
    await transport.aclose()
    assert not site.endpoint._sessions


async def test_the_server_can_end_the_session(site: Site) -> None:
    transport = SseClientTransport(BASE + "/sse", client_factory=site.client)
    await transport.start()
    await site.endpoint.aclose()
    with pytest.raises(TransportClosed):
        await take(transport)
    await transport.aclose()


@pytest.mark.parametrize(
    ("verb", "path", "headers", "status"),
    [
        ("GET", "/sse", {"host": "evil.example.com"}, 421),
        ("GET", "/sse", {"origin": "http://evil.example.com"}, 403),
        ("POST", "/sse", {}, 405),
        ("GET", "/messages/", {}, 405),
        ("GET", "/other", {}, 404),
        ("POST", "/messages/", {}, 404),
        ("POST", "/messages?session_id=unknown", {}, 404),
    ],
)
async def test_what_is_refused(site: Site, verb: str, path: str, headers: dict[str, str], status: int) -> None:
    answer = await site.http.request(verb, BASE + path, headers=headers, json={})
    assert answer.status_code == status


async def test_bodies_are_checked_before_the_session_sees_them(site: Site) -> None:
    transport = SseClientTransport(BASE + "/sse", client_factory=site.client)
    await transport.start()
    assert transport.endpoint is not None
    assert (await site.http.post(transport.endpoint, content=b"{oops")).status_code == 400
    await transport.send("{oops")
    broken = await transport.receive()
    assert isinstance(broken.error, HttpStatusError)
    await transport.aclose()
