"""A server object in this process, as a transport: the client's end of a memory pair that also runs the server."""

import asyncio
from collections.abc import Mapping
from typing import Any

from wireglass.errors import TransportClosed
from wireglass.protocol.messages import JsonObject, RequestId
from wireglass.session import ServerSession
from wireglass.wire.base import Incoming, Tap
from wireglass.wire.memory import memory_pair

__all__ = ["InProcessTransport"]


class InProcessTransport:
    """One connection to a server object. Its lifespan runs from `start` to `aclose`."""

    name = "memory"

    def __init__(self, server: Any, tap: Tap | None = None) -> None:
        self._server = server
        self._end, self._server_end = memory_pair(tap)
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Starts the server. Raises what its lifespan raises."""
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._serving = asyncio.get_running_loop().create_task(self._serve(ready))
        try:
            await ready
        except BaseException:
            self._serving.cancel()
            await asyncio.wait([self._serving])
            raise

    async def _serve(self, ready: asyncio.Future[None]) -> None:
        server = self._server
        session = ServerSession(server._handle, self._server_end, on_notification=server._handle_notification)
        try:
            async with server._lifespan():
                if not ready.done():
                    ready.set_result(None)
                await session.run()
        except Exception as error:
            if ready.done():
                raise
            ready.set_exception(error)
        finally:
            await self._server_end.aclose()

    async def send(
        self,
        message: JsonObject | list[JsonObject] | str,
        *,
        related: RequestId | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        await self._end.send(message, related=related, headers=headers)

    async def receive(self) -> Incoming:
        return await self._end.receive()

    async def negotiated(self, version: str) -> None:
        """Nothing depends on the version here."""

    async def abandon(self, request_id: RequestId) -> bool:
        return await self._end.abandon(request_id)

    async def aclose(self) -> None:
        await self._end.aclose()
        serving, self._serving = self._serving, None
        if serving is not None:
            try:
                await asyncio.shield(serving)
            except TransportClosed:
                pass
