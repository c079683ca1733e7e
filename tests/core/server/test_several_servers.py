"""Several servers in one process share nothing: not names, state, lifespans, middleware or sockets."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from wireglass import Client, Context, FastMCP
from wireglass.middleware.base import Middleware
from wireglass.server.listening import bind

pytestmark = pytest.mark.anyio


def counting(name: str, log: list[str]) -> FastMCP:
    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncGenerator[dict[str, Any], None]:
        log.append(f"{name} up")
        yield {"name": name}
        log.append(f"{name} down")

    class Names(Middleware):
        async def on_call_tool(self, context: Any, call_next: Any) -> Any:
            log.append(f"{name} called")
            return await call_next(context)

    mcp = FastMCP(name, lifespan=lifespan, middleware=[Names()])

    @mcp.tool
    async def who(ctx: Context) -> dict[str, Any]:
        seen = (await ctx.get_state("seen") or 0) + 1
        await ctx.set_state("seen", seen)
        return {"lifespan": ctx.lifespan_context["name"], "server": ctx.fastmcp.name, "seen": seen}

    return mcp


async def test_servers_in_one_loop_are_told_apart() -> None:
    log: list[str] = []
    left, right = counting("left", log), counting("right", log)
    async with Client(left, mode="handshake") as one, Client(right, mode="handshake") as two:
        answers = await asyncio.gather(*[client.call_tool("who", {}) for client in (one, two, one, two)])
        found = sorted(tuple(answer.structured_content.values()) for answer in answers)
        assert found == [("left", "left", 1), ("left", "left", 2), ("right", "right", 1), ("right", "right", 2)]
    assert sorted(log) == sorted(
        ["left up", "left down", "right up", "right down", *["left called"] * 2, *["right called"] * 2]
    )


async def test_servers_listen_beside_each_other_and_end_alone() -> None:
    log: list[str] = []
    servers = [counting("left", log), counting("right", log)]
    sockets = [bind("127.0.0.1", 0) for _ in servers]
    serving = [
        asyncio.ensure_future(_serve(server, listener)) for server, listener in zip(servers, sockets, strict=True)
    ]
    try:
        async with asyncio.timeout(60):
            for server, listener in zip(servers, sockets, strict=True):
                assert (await _call(listener)).structured_content["server"] == server.name
            serving[0].cancel()
            await asyncio.gather(serving[0], return_exceptions=True)
            assert "left down" in log
            assert "right down" not in log
            assert (await _call(sockets[1])).structured_content["server"] == "right"
    finally:
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        for listener in sockets:
            listener.close()


async def _serve(server: FastMCP, listener: socket.socket) -> None:
    await server.run_async("http", sockets=[listener], uvicorn_config={"log_level": "error"})


async def _call(listener: socket.socket) -> Any:
    # The socket listens only when its server has started; until then connections wait or are refused.
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
    while True:
        try:
            async with Client(url, timeout=60) as client:
                return await client.call_tool("who", {})
        except OSError:
            await asyncio.sleep(0.02)
        except Exception as error:
            if "refused" not in str(error) and "connect" not in str(error).lower():
                raise
            await asyncio.sleep(0.02)


async def test_one_application_holds_several_servers_at_paths_of_their_own() -> None:
    import httpx
    from starlette.applications import Starlette
    from starlette.routing import Mount

    log: list[str] = []
    left, right = counting("left", log), counting("right", log)
    apps = {server.name: server.http_app(path="/mcp") for server in (left, right)}

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncGenerator[None, None]:
        async with left.lifespan(), right.lifespan():
            yield

    parent = Starlette(routes=[Mount(f"/{name}", app=app) for name, app in apps.items()], lifespan=lifespan)
    async with parent.router.lifespan_context(parent):
        transport = httpx.ASGITransport(app=parent)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            for name in apps:
                meta = {
                    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                    "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"},
                    "io.modelcontextprotocol/clientCapabilities": {},
                }
                params = {"name": "who", "arguments": {}, "_meta": meta}
                answer = await http.post(
                    f"/{name}/mcp",
                    json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params},
                    headers={
                        "accept": "application/json, text/event-stream",
                        "mcp-protocol-version": "2026-07-28",
                        "mcp-method": "tools/call",
                        "mcp-name": "who",
                    },
                )
                assert answer.status_code == 200, answer.text
                assert answer.json()["result"]["structuredContent"]["server"] == name
    assert sorted(word for word in log if "called" not in word) == ["left down", "left up", "right down", "right up"]
