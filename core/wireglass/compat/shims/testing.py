"""`fastmcp.utilities.tests`: servers for tests, in this loop, on a port, or in a process of their own."""

import asyncio
import multiprocessing
import socket
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx

from wireglass.client.client import Client
from wireglass.client.transports import SSETransport, StreamableHttpTransport
from wireglass.compat.shims.asgi_transport import StreamingASGITransport, run_asgi_lifespan
from wireglass.compat.shims.settings import temporary_settings

__all__ = [
    "ASGIServer",
    "asgi_client",
    "asgi_server",
    "caplog_for_fastmcp",
    "find_available_port",
    "run_server_async",
    "run_server_in_process",
    "temporary_settings",
]

_ORIGIN = "http://127.0.0.1"
_START_SECONDS = 10.0


def find_available_port(host: str = "127.0.0.1") -> int:
    """A port that is free now."""
    with socket.socket() as listener:
        listener.bind((host, 0))
        return int(listener.getsockname()[1])


@dataclass(frozen=True)
class ASGIServer:
    """A server's HTTP app, reached without a socket."""

    url: str
    app: Any
    transport_type: str

    def http_client(self, headers: Any = None, timeout: Any = None, auth: Any = None, **more: Any) -> httpx.AsyncClient:
        """An httpx client whose requests go into the app."""
        more.pop("transport", None)
        transport = StreamingASGITransport(self.app, cancel_on_close=self.transport_type != "sse")
        return httpx.AsyncClient(
            transport=transport, base_url=_ORIGIN, headers=headers, timeout=timeout, auth=auth, **more
        )

    def transport(self, **options: Any) -> Any:
        """A client transport into the app."""
        options.setdefault("httpx_client_factory", self.http_client)
        kind = SSETransport if self.transport_type == "sse" else StreamableHttpTransport
        return kind(self.url, **options)

    def client(self, *, headers: Any = None, auth: Any = None, **options: Any) -> Client:
        """A client that is not yet connected."""
        return Client(self.transport(headers=headers, auth=auth), **options)


@asynccontextmanager
async def asgi_server(
    server: Any, transport: str = "http", path: str | None = None, **options: Any
) -> AsyncGenerator[ASGIServer, None]:
    """Runs the server's HTTP app, with its lifespan, in this loop."""
    path = path or ("/sse" if transport == "sse" else "/mcp")
    app = server.http_app(transport=transport, path=path, **options)
    async with run_asgi_lifespan(app):
        yield ASGIServer(f"{_ORIGIN}{path}", app, transport)


@asynccontextmanager
async def asgi_client(
    server: Any,
    *,
    transport: str = "http",
    path: str | None = None,
    headers: Any = None,
    auth: Any = None,
    http_app_kwargs: dict[str, Any] | None = None,
    **options: Any,
) -> AsyncGenerator[Client, None]:
    """A connected client on the server's HTTP app."""
    serving = asgi_server(server, transport, path, **(http_app_kwargs or {}))
    async with serving as running, running.client(headers=headers, auth=auth, **options) as client:
        yield client


@asynccontextmanager
async def run_server_async(
    server: Any, port: int | None = None, transport: str = "http", path: str = "/mcp", host: str = "127.0.0.1"
) -> AsyncGenerator[str, None]:
    """Serves on a port in this loop. Yields the URL."""
    port = port or find_available_port(host)
    serving = asyncio.create_task(
        server.run_http_async(host=host, port=port, transport=transport, path=path, show_banner=False)
    )
    try:
        await _listening(host, port, serving)
        yield f"http://{host}:{port}{path}"
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError, TimeoutError):
            await asyncio.wait_for(serving, timeout=5.0)


async def _listening(host: str, port: int, serving: "asyncio.Task[Any]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        if serving.done():
            serving.result()
            raise RuntimeError("The server ended before it listened.")
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            if time.monotonic() > deadline:
                raise RuntimeError(f"Nothing listens on {host}:{port} after {_START_SECONDS:g} s.") from None
            await asyncio.sleep(0.005)
        else:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            return


@contextmanager
def caplog_for_fastmcp(caplog: Any) -> Generator[None, None, None]:
    """Lets pytest's `caplog` hear the runtime's log. Ours goes to the root logger, where it listens anyway."""
    yield


@contextmanager
def run_server_in_process(
    server_fn: Callable[..., None],
    *args: Any,
    provide_host_and_port: bool = True,
    host: str = "127.0.0.1",
    port: int | None = None,
    **kwargs: Any,
) -> Generator[str, None, None]:
    """Runs `server_fn` in a process of its own. Yields its origin."""
    port = port or find_available_port(host)
    if provide_host_and_port:
        kwargs |= {"host": host, "port": port}
    process = multiprocessing.Process(target=server_fn, args=args, kwargs=kwargs, daemon=True)
    process.start()
    try:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                socket.create_connection((host, port), timeout=1).close()
                break
            except OSError:
                if not process.is_alive() or time.monotonic() > deadline:
                    raise RuntimeError(f"The server did not listen on {host}:{port}.") from None
                time.sleep(0.02)
        yield f"http://{host}:{port}"
    finally:
        process.terminate()
        process.join(timeout=5)
        if process.is_alive():
            process.kill()
            process.join(timeout=5)
