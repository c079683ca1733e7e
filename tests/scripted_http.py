"""An HTTP server that plays a script, for the tests of both client transports. No socket is opened."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from wireglass.protocol.messages import Frame


class Wire(httpx.AsyncByteStream):
    """An answer body that the test writes piece by piece; `closed` is set when the client lets go of it."""

    def __init__(self) -> None:
        self.pieces: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self.closed = asyncio.Event()

    def write(self, piece: bytes | str) -> None:
        self.pieces.put_nowait(piece.encode() if isinstance(piece, str) else piece)

    def event(self, message: Any, **fields: Any) -> None:
        lines = [f"{name}: {value}\n" for name, value in fields.items()]
        self.write("".join(lines) + f"data: {json.dumps(message)}\n\n")

    def end(self, error: Exception | None = None) -> None:
        self.pieces.put_nowait(error)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (piece := await self.pieces.get()) is not None:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    async def aclose(self) -> None:
        self.closed.set()


class Server:
    """Answers each request with the next answer of the script; keeps the requests."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.frames: list[Frame] = []
        self.asked = asyncio.Condition()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        async with self.asked:
            self.requests.append(request)
            self.asked.notify_all()
        if not self.answers:
            return httpx.Response(405)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def requested(self, count: int) -> list[httpx.Request]:
        async with asyncio.timeout(30), self.asked:
            await self.asked.wait_for(lambda: len(self.requests) >= count)
        return self.requests

    def factory(self, **options: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self), **options)


def answer(message: Any, status: int = 200, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=message, headers=names)


def stream(wire: Wire, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(200, stream=wire, headers={"content-type": "text/event-stream; charset=utf-8"} | names)
