"""An httpx transport that runs an ASGI app in this process and really streams (httpx's own collects the body first)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx


class _Body(httpx.AsyncByteStream):
    def __init__(self, exchange: "_Exchange") -> None:
        self._exchange = exchange

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (chunk := await self._exchange.chunks.get()) is not None:
            yield chunk

    async def aclose(self) -> None:
        await self._exchange.disconnect()


class _Exchange:
    """One request: what the app may receive, and what it has sent."""

    def __init__(self, body: bytes) -> None:
        self.incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.incoming.put_nowait({"type": "http.request", "body": body, "more_body": False})
        self.head: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.chunks: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.head.set_result(message)
            return
        if message.get("body"):
            self.chunks.put_nowait(message["body"])
        if not message.get("more_body", False):
            self.chunks.put_nowait(None)

    async def disconnect(self) -> None:
        self.incoming.put_nowait({"type": "http.disconnect"})
        if self.task is not None:
            await asyncio.wait([self.task], timeout=30)


class AsgiWire(httpx.AsyncBaseTransport):
    """Gives each request to the app. `last_task` is the task of the newest request."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.last_task: asyncio.Task[None] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exchange = _Exchange(await request.aread())
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": request.url.scheme,
            "path": request.url.path,
            "raw_path": request.url.raw_path,
            "query_string": request.url.query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        task = asyncio.get_running_loop().create_task(self._app(scope, exchange.incoming.get, exchange.send))
        exchange.task = self.last_task = task
        if "trace" in request.extensions:
            await request.extensions["trace"]("http11.send_request_body.complete", {})
        try:
            await asyncio.wait([task, exchange.head], return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await exchange.disconnect()
            raise
        if not exchange.head.done():
            exchange.head.cancel()
            task.result()
            raise AssertionError("the app ended without an answer")
        head = exchange.head.result()
        return httpx.Response(head["status"], headers=head["headers"], stream=_Body(exchange))
