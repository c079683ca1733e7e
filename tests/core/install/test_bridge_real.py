"""A whole server behind the bridge: our client on one side, our HTTP server on the other, in both eras."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from asgi_wire import AsgiWire
from wireglass import FastMCP
from wireglass.client.client import Client
from wireglass.client.transports import ClientTransport
from wireglass.install.bridge import Bridging
from wireglass.wire.http_client import HttpClientTransport
from wireglass.wire.memory import memory_pair

far = FastMCP("Far")


@far.tool
async def add(a: int, b: int) -> int:
    return a + b


class Near(ClientTransport):
    """What a host sees: a transport of its own, whose other end is the bridge."""

    label = "bridge"

    def __init__(self, app: Any) -> None:
        self.app = app
        self.running: list[asyncio.Task[None]] = []

    def make(self, *, tap: Any = None, on_stderr: Any = None, sse: bool = False) -> Any:
        ours, theirs = memory_pair(tap)

        def client(**options: Any) -> httpx.AsyncClient:
            return httpx.AsyncClient(transport=AsgiWire(self.app), **options)

        link = HttpClientTransport("http://127.0.0.1:8000/mcp", client_factory=client)
        self.running.append(asyncio.create_task(Bridging(theirs, link).run()))
        return ours


@asynccontextmanager
async def site() -> AsyncIterator[Near]:
    app = far.http_app()
    async with app.router.lifespan_context(app):
        near = Near(app)
        yield near
        for task in near.running:
            await asyncio.wait_for(task, 30)


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["stateless", "handshake", "auto"])
async def test_a_client_behind_the_bridge_sees_the_whole_server(mode: str) -> None:
    async with site() as near, Client(near, mode=mode) as client:
        assert client.facts.server_info["name"] == "Far"
        assert [tool.name for tool in await client.list_tools()] == ["add"]
        assert (await client.call_tool("add", {"a": 40, "b": 2})).data == 42
