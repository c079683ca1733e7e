"""A tiny HTTP proxy: each request goes to the next backend, and to the one after it when that one is gone."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

__all__ = ["round_robin"]

_HOP = re.compile(rb"(?im)^connection:.*\r\n")


@asynccontextmanager
async def round_robin(ports: Sequence[int]) -> AsyncIterator[int]:
    """Yields the proxy's port."""
    turn = 0

    async def backend() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        nonlocal turn
        for _ in range(100 * len(ports)):
            port = ports[turn % len(ports)]
            turn += 1
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
        raise OSError("no backend listens")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?im)^content-length: *(\d+)", head)
            body = await reader.readexactly(int(length.group(1))) if length else b""
            answers, request = await backend()
            try:
                request.write(_HOP.sub(b"", head)[:-2] + b"connection: close\r\n\r\n" + body)
                gone = asyncio.ensure_future(reader.read(1))
                while True:
                    piece = asyncio.ensure_future(answers.read(65536))
                    await asyncio.wait([piece, gone], return_when=asyncio.FIRST_COMPLETED)
                    if not piece.done():
                        piece.cancel()
                        break
                    if not piece.result():
                        break
                    writer.write(piece.result())
                    await writer.drain()
                gone.cancel()
            finally:
                request.close()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
