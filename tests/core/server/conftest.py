"""A client's end on a server, in one process, for every era."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from wireglass.server.app import FastMCP
from wireglass.session import ClientSession, ServerSession
from wireglass.wire.memory import memory_pair

Answers = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
Connect = Callable[..., AbstractAsyncContextManager["Line"]]

STATELESS = "2026-07-28"
CAPABILITIES = {"elicitation": {"form": {}, "url": {}}, "sampling": {}, "roots": {}}


class Line:
    """The client's end: raw requests, and what the server said in between."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.session: ClientSession

    async def ask(self, method: str, params: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        """One request; the result as it came."""
        return await self.session.request(method, params or {}, **options)

    async def call(self, name: str, /, **arguments: Any) -> dict[str, Any]:
        """`tools/call`."""
        return await self.ask("tools/call", {"name": name, "arguments": arguments})


@asynccontextmanager
async def _connect(
    server: FastMCP,
    version: str = "2025-11-25",
    *,
    answers: Answers | None = None,
    capabilities: dict[str, Any] | None = None,
) -> AsyncGenerator[Line, None]:
    import asyncio

    line = Line()
    near, far = memory_pair()

    async def answer(method: str, params: dict[str, Any], _id: Any) -> dict[str, Any]:
        assert answers is not None
        return await answers(method, params)

    async def hear(method: str, params: dict[str, Any]) -> None:
        line.heard.append((method, params))

    async with server._lifespan(), asyncio.TaskGroup() as group:
        serving = group.create_task(
            ServerSession(server._handle, far, on_notification=server._handle_notification).run()
        )
        line.session = ClientSession(near, on_request=answer, on_notification=hear)
        line.session.capabilities = CAPABILITIES if capabilities is None else capabilities
        line.session.client_info = {"name": "test", "version": "1"}
        await line.session.start()
        try:
            if version == STATELESS:
                line.session.settle(version)
            else:
                await line.ask(
                    "initialize",
                    {
                        "protocolVersion": version,
                        "capabilities": line.session.capabilities,
                        "clientInfo": line.session.client_info,
                    },
                )
                line.session.settle(version)
                await line.session.notify("notifications/initialized", {})
            yield line
        finally:
            await line.session.aclose()
            serving.cancel()


@pytest.fixture
def connect() -> Connect:
    """Connects to a server: `async with connect(server, version, answers=...) as line`."""
    return _connect
