"""One body over every transport and era: `connect(**options)` makes a client to the subject server.

To add a transport, add a function to TRANSPORTS that returns something `Client` accepts, as an async context manager.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from asgi_wire import AsgiWire
from wireglass import Client
from wireglass.client.transports import SSETransport, StdioTransport, StreamableHttpTransport
from wireglass.session.http_serving import HttpServing
from wireglass.wire.asgi import McpEndpoint
from wireglass.wire.event_store import MemoryEventStore
from wireglass.wire.sse_server import SseEndpoint

sys.path.insert(0, str(Path(__file__).parent))
import runtime_server as runtime
import server as subject  # the folder is no package: the file is also run as a script

CORE = Path(__file__).parents[2] / "core"


@dataclass(frozen=True)
class Subject:
    """A server in two forms: an object for this process, a file to run."""

    make: Callable[[], Any]
    file: str


ENGINE = Subject(subject.Server, str(subject.__file__))
RUNTIME = Subject(runtime.make, str(runtime.__file__))


@asynccontextmanager
async def memory(of: Subject = ENGINE) -> AsyncIterator[Any]:
    """The server object in this process."""
    yield of.make()


@asynccontextmanager
async def stdio(of: Subject = ENGINE) -> AsyncIterator[Any]:
    """The same file as a child process."""
    yield StdioTransport(sys.executable, [of.file], env={"PYTHONPATH": str(CORE)})


@asynccontextmanager
async def _serving(of: Subject) -> AsyncIterator[HttpServing]:
    server = of.make()
    async with server._lifespan():
        yield HttpServing(server._handle, on_notification=server._handle_notification)


def _client_of(app: Any) -> Callable[..., httpx.AsyncClient]:
    return lambda **options: httpx.AsyncClient(transport=AsgiWire(app), **options)


@asynccontextmanager
async def http(of: Subject = ENGINE) -> AsyncIterator[Any]:
    """Streamable HTTP with sessions and resumable streams, the ASGI app in this process."""
    async with _serving(of) as serving:
        endpoint = McpEndpoint(serving, event_store=MemoryEventStore(), retry_ms=10)
        yield StreamableHttpTransport("http://127.0.0.1/mcp", httpx_client_factory=_client_of(endpoint))
        await endpoint.aclose()


@asynccontextmanager
async def sse(of: Subject = ENGINE) -> AsyncIterator[Any]:
    """HTTP+SSE, the ASGI app in this process."""
    async with _serving(of) as serving:
        endpoint = SseEndpoint(serving)
        yield SSETransport("http://127.0.0.1/sse", httpx_client_factory=_client_of(endpoint))
        await endpoint.aclose()


@asynccontextmanager
async def socket(of: Subject = ENGINE) -> AsyncIterator[Any]:
    """Streamable HTTP through uvicorn and a real socket."""
    async with _serving(of) as serving, _listening(McpEndpoint(serving)) as url:
        yield url


@asynccontextmanager
async def _listening(endpoint: Any) -> AsyncIterator[str]:
    config = uvicorn.Config(endpoint, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        server.should_exit = True
        await running


TRANSPORTS: dict[str, Callable[..., AbstractAsyncContextManager[Any]]] = {
    "http": http,
    "memory": memory,
    "socket": socket,
    "sse": sse,
    "stdio": stdio,
}
SLOW = ("socket",)
MODES = ("stateless", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")

Connect = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture(params=[pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in TRANSPORTS])
def transport(request: pytest.FixtureRequest) -> str:
    """The name of the transport under test."""
    return str(request.param)


@pytest.fixture(params=["stateless", "2025-11-25"])
def mode(request: pytest.FixtureRequest) -> str:
    """The era under test: the newest version of each. Tests of versions ask for `Client(mode=...)` themselves."""
    return str(request.param)


@pytest.fixture
def connect(transport: str, mode: str) -> Connect:
    """A connected client: `async with connect(**options) as client`."""
    if transport == "sse" and mode == "stateless":
        pytest.skip("HTTP+SSE is a transport of the handshake eras")

    @asynccontextmanager
    async def make(**options: Any) -> AsyncIterator[Client]:
        async with TRANSPORTS[transport]() as target, Client(target, **{"mode": mode, **options}) as client:
            yield client

    return make


@pytest.fixture
def connect_runtime(transport: str) -> Connect:
    """As `connect`, to a server of the runtime; each test says in which modes."""

    @asynccontextmanager
    async def make(**options: Any) -> AsyncIterator[Client]:
        if transport == "sse" and options.get("mode", "stateless") == "stateless":
            pytest.skip("HTTP+SSE is a transport of the handshake eras")
        async with TRANSPORTS[transport](RUNTIME) as target, Client(target, **options) as client:
            yield client

    return make
