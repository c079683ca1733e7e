"""Where the subject servers of the interaction tests are: one door per transport.

To add a transport, add a function to TRANSPORTS that returns something `Client` accepts, as an async context manager.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import runtime_server as runtime
import server as subject
import uvicorn

from asgi_wire import AsgiWire
from ports import free_port
from wireglass import Client
from wireglass.client.transports import SSETransport, StdioTransport, StreamableHttpTransport
from wireglass.session.http_serving import HttpServing
from wireglass.wire.asgi import McpEndpoint
from wireglass.wire.event_store import MemoryEventStore
from wireglass.wire.sse_server import SseEndpoint

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
        endpoint = _resumable(serving)
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
async def _listening(endpoint: Any, port: int = 0) -> AsyncIterator[str]:
    config = uvicorn.Config(endpoint, host="127.0.0.1", port=port, log_level="critical", timeout_graceful_shutdown=1)
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


class Home:
    """A server at one address that can be started again: another object, process or app behind the same door."""

    def __init__(self, transport: str, of: Subject = RUNTIME) -> None:
        self.transport = transport
        self._of = of
        self._life = AsyncExitStack()
        self._port = free_port()
        self._app: Any = None

    async def __aenter__(self) -> "Home":
        await self._start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._life.aclose()

    async def restart(self) -> None:
        """The server stops, and another one takes its place. What it knew is gone."""
        await self._life.aclose()
        await self._start()

    async def _start(self) -> None:
        if self.transport in ("memory", "stdio"):
            return  # a connection starts its own
        serving = await self._life.enter_async_context(_serving(self._of))
        endpoint = SseEndpoint(serving) if self.transport == "sse" else _resumable(serving)
        self._life.push_async_callback(endpoint.aclose)
        self._app = endpoint
        if self.transport == "socket":
            url = await self._life.enter_async_context(_listening(endpoint, self._port))
            self._port = int(url.split(":")[2].partition("/")[0])

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)

    def client(self, **options: Any) -> Client:
        """A client to whatever is behind the door."""
        return Client(self._target(), **options)

    def _target(self) -> Any:
        match self.transport:
            case "memory":
                return self._of.make()
            case "stdio":
                return StdioTransport(sys.executable, [self._of.file], env={"PYTHONPATH": str(CORE)})
            case "http":
                return StreamableHttpTransport("http://127.0.0.1/mcp", httpx_client_factory=_client_of(self._answer))
            case "sse":
                return SSETransport("http://127.0.0.1/sse", httpx_client_factory=_client_of(self._answer))
            case _:
                return f"http://127.0.0.1:{self._port}/mcp"


def _resumable(serving: HttpServing) -> McpEndpoint:
    return McpEndpoint(serving, event_store=MemoryEventStore(), retry_ms=10)


TRANSPORTS: dict[str, Callable[..., AbstractAsyncContextManager[Any]]] = {
    "http": http,
    "memory": memory,
    "socket": socket,
    "sse": sse,
    "stdio": stdio,
}
SLOW = ("socket",)
MODES = ("stateless", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
