"""An httpx transport that answers from an ASGI app in the same loop, and streams: a reply may come before the end."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

__all__ = ["StreamingASGITransport", "run_asgi_lifespan"]

Message = dict[str, Any]


class _Body(httpx.AsyncByteStream):
    """Chunks as the app sends them; closing it tells the app that the client went away."""

    def __init__(self, exchange: "_Exchange") -> None:
        self.exchange = exchange

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (chunk := await self.exchange.chunks.get()) is not None:
            yield chunk

    async def aclose(self) -> None:
        self.exchange.gone.set()


class _Exchange:
    """One request on its way through the app."""

    def __init__(self, body: bytes) -> None:
        self.body: bytes | None = body
        self.chunks: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.started: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self.gone = asyncio.Event()

    async def receive(self) -> Message:
        if self.body is not None:
            body, self.body = self.body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if not self.started.done():
                self.started.set_result(message)
        elif message["type"] == "http.response.body":
            if message.get("body"):
                self.chunks.put_nowait(message["body"])
            if not message.get("more_body"):
                self.chunks.put_nowait(None)

    async def run(self, app: Any, scope: Message) -> None:
        try:
            await app(scope, self.receive, self.send)
        except Exception as error:
            if not self.started.done():
                self.started.set_exception(error)  # the request itself fails with it
        finally:
            self.chunks.put_nowait(None)
            if not self.started.done():
                self.started.set_exception(RuntimeError("The app ended without an answer."))


class StreamingASGITransport(httpx.AsyncBaseTransport):
    """`httpx.AsyncClient(transport=StreamingASGITransport(app))`. Closing the client ends the app's open requests;
    with `cancel_on_close=False` it only tells them that the client is gone, and waits."""

    def __init__(self, app: Any, cancel_on_close: bool = True) -> None:
        self.app = app
        self.cancel_on_close = cancel_on_close
        self._running: dict[asyncio.Task[None], _Exchange] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exchange = _Exchange(await request.aread())
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": request.url.scheme,
            "path": request.url.path,
            "raw_path": request.url.raw_path.partition(b"?")[0],
            "query_string": request.url.query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "client": ("127.0.0.1", 50000),
            "server": (request.url.host, request.url.port or 80),
            "state": {},
        }
        task = asyncio.create_task(exchange.run(self.app, scope))
        self._running[task] = exchange
        task.add_done_callback(lambda done: self._running.pop(done, None))
        start = await exchange.started
        return httpx.Response(start["status"], headers=start["headers"], stream=_Body(exchange), request=request)

    async def aclose(self) -> None:
        running = dict(self._running)
        for task, exchange in running.items():
            exchange.gone.set()
            if self.cancel_on_close:
                task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


@asynccontextmanager
async def run_asgi_lifespan(app: Any) -> AsyncGenerator[None, None]:
    """Runs the app's lifespan around the block. An error at start-up is raised here."""
    incoming: asyncio.Queue[Message] = asyncio.Queue()
    outgoing: asyncio.Queue[Message] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}

    async def run() -> None:
        try:
            await app(scope, incoming.get, outgoing.put)
        except Exception as error:
            await outgoing.put({"type": "failed", "error": error})

    task = asyncio.create_task(run())
    try:
        await incoming.put({"type": "lifespan.startup"})
        _raise(await outgoing.get())
        yield
        await incoming.put({"type": "lifespan.shutdown"})
        _raise(await outgoing.get())
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _raise(answer: Message) -> None:
    if "error" in answer:
        raise answer["error"]
    if answer["type"].endswith(".failed"):
        raise RuntimeError(answer.get("message") or "The app's lifespan failed.")
