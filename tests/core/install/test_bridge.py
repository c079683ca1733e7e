"""Messages pass through the bridge unchanged; HTTP gets the headers that it needs."""

import asyncio
from typing import Any

import pytest

from wireglass.errors import TransportClosed, TransportError
from wireglass.install.bridge import Bridging, filled_header
from wireglass.protocol import versions
from wireglass.wire.base import Broken, Incoming, Received


class End:
    """A transport whose other side is the test."""

    name = "test"

    def __init__(self) -> None:
        self.sent: asyncio.Queue[tuple[Any, dict[str, str]]] = asyncio.Queue()
        self.incoming: asyncio.Queue[Incoming | None] = asyncio.Queue()
        self.version: str | None = None
        self.abandoned: list[Any] = []
        self.stateless = False
        self.failure: TransportError | None = None
        self.closed = False

    async def start(self) -> None: ...

    async def send(self, message: Any, *, related: Any = None, headers: Any = None) -> None:
        if self.failure is not None:
            raise self.failure
        await self.sent.put((message, dict(headers or {})))

    async def receive(self) -> Incoming:
        item = await self.incoming.get()
        if item is None:
            raise TransportClosed
        return item

    async def negotiated(self, version: str) -> None:
        self.version = version

    async def abandon(self, request_id: Any) -> bool:
        self.abandoned.append(request_id)
        return self.stateless

    async def aclose(self) -> None:
        self.closed = True


class Pair:
    def __init__(self) -> None:
        self.near, self.far = End(), End()

    async def __aenter__(self) -> "Pair":
        self.task = asyncio.create_task(Bridging(self.near, self.far).run())
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.near.incoming.put(None)
        await asyncio.wait_for(self.task, 30)
        assert self.near.closed
        assert self.far.closed

    async def out(self, message: dict[str, Any]) -> tuple[Any, dict[str, str]]:
        await self.near.incoming.put(Received(message))
        return await asyncio.wait_for(self.far.sent.get(), 30)

    async def back(self, message: dict[str, Any]) -> Any:
        await self.far.incoming.put(Received(message))
        return (await asyncio.wait_for(self.near.sent.get(), 30))[0]


@pytest.mark.anyio
async def test_a_handshake_passes_and_settles_the_version():
    async with Pair() as pair:
        opening = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"protocolVersion": "2025-06-18"}}
        assert await pair.out(opening) == (opening, {})
        answer = {"jsonrpc": "2.0", "id": 0, "result": {"protocolVersion": "2025-06-18"}}
        assert await pair.back(answer) == answer
        done = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        assert (await pair.out(done))[0] == done
        listing = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        assert await pair.out(listing) == (listing, {versions.HEADER_PROTOCOL_VERSION: "2025-06-18"})
        assert pair.far.version == "2025-06-18"
        asked = {"jsonrpc": "2.0", "id": "s1", "method": "roots/list"}
        assert await pair.back(asked) == asked
        replied = {"jsonrpc": "2.0", "id": "s1", "result": {"roots": []}}
        assert (await pair.out(replied))[0] == replied


@pytest.mark.anyio
async def test_a_stateless_call_gets_the_headers_that_mirror_it():
    meta = {"_meta": {versions.META_PROTOCOL_VERSION: "2026-07-28"}}
    async with Pair() as pair:
        await pair.out({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": meta})
        schema = {"type": "object", "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}}
        await pair.back({"jsonrpc": "2.0", "id": 1, "result": {"tools": [{"name": "find", "inputSchema": schema}]}})
        call = {"name": "find", "arguments": {"region": "eu"}, **meta}
        _, headers = await pair.out({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call})
        assert headers == {
            versions.HEADER_PROTOCOL_VERSION: "2026-07-28",
            versions.HEADER_METHOD: "tools/call",
            versions.HEADER_NAME: "find",
            versions.HEADER_PARAM_PREFIX + "region": "eu",
        }


@pytest.mark.anyio
async def test_cancelling_a_stateless_request_closes_its_stream_instead():
    async with Pair() as pair:
        pair.far.stateless = True
        cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 7}}
        await pair.near.incoming.put(Received(cancel))
        ping = {"jsonrpc": "2.0", "id": 8, "method": "ping"}
        assert (await pair.out(ping))[0] == ping
        assert pair.far.abandoned == [7]
        pair.far.stateless = False
        assert (await pair.out(cancel))[0] == cancel


@pytest.mark.anyio
async def test_a_request_that_cannot_be_delivered_is_answered_with_the_reason():
    async with Pair() as pair:
        pair.far.failure = TransportError("The server cannot be reached.", next_step="Check the URL.")
        await pair.near.incoming.put(Received({"jsonrpc": "2.0", "id": 3, "method": "ping"}))
        answer, _ = await asyncio.wait_for(pair.near.sent.get(), 30)
        assert answer["id"] == 3
        assert "Check the URL" in answer["error"]["message"]
        await pair.far.incoming.put(Broken(TransportError("lost"), 4))
        answer, _ = await asyncio.wait_for(pair.near.sent.get(), 30)
        assert (answer["id"], answer["error"]["message"]) == (4, "lost")


@pytest.mark.anyio
async def test_requests_travel_side_by_side():
    """A long call must not hold back the ping behind it."""
    gate = asyncio.Event()

    class Slow(End):
        async def send(self, message: Any, *, related: Any = None, headers: Any = None) -> None:
            if message.get("method") == "tools/call":
                await gate.wait()
            await super().send(message, headers=headers)

    pair = Pair()
    pair.far = Slow()
    async with pair:
        await pair.near.incoming.put(Received({"jsonrpc": "2.0", "id": 1, "method": "tools/call"}))
        assert (await pair.out({"jsonrpc": "2.0", "id": 2, "method": "ping"}))[0]["id"] == 2
        gate.set()


def test_headers_are_filled_from_the_environment():
    assert filled_header("Authorization: Bearer ${TOKEN}", {"TOKEN": "x"}) == ("Authorization", "Bearer x")
    with pytest.raises(TransportError, match="TOKEN is not set"):
        filled_header("Authorization: Bearer ${TOKEN}", {})
    with pytest.raises(TransportError, match="no header"):
        filled_header("nonsense", {})
