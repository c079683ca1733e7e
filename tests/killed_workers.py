"""A worker that is killed again and again, at random moments, and what its clients may rely on.

One process loads everything and listens; each worker is a fork of it that serves the same socket. So a new worker is
there in milliseconds, and no connection is refused in between.
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx

__all__ = ["survive"]

NURSERY = """
import asyncio, os, signal, socket, sys
import httpx, uvicorn
from wireglass import Context, FastMCP
import wireglass.server.shared_sessions, wireglass.session.http_serving, wireglass.wire.asgi
from wireglass.storage import stores
stores.RedisStore, stores.DiskStore

def build(spelled):
    mcp = FastMCP("killed", storage=spelled)

    @mcp.tool
    async def keep(n: int, ctx: Context) -> int:
        ctx.set_state("last", {"n": n, "text": str(n) * 500})
        await ctx.set_state(f"key-{n % 7}", {"n": n, "text": str(n) * 500})
        return n

    @mcp.tool
    async def last(ctx: Context) -> dict:
        named = [await ctx.get_state(f"key-{rest}") for rest in range(7)]
        listed = [ctx.fastmcp_context.get_state(f"key-{rest}") for rest in range(7)]
        return {"last": await ctx.get_state("last"), "named": named, "listed": listed}

    return mcp.http_app(session_idle_timeout=3600)

listener = socket.create_server(("127.0.0.1", 0), backlog=64)
print(listener.getsockname()[1], flush=True)
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        config = uvicorn.Config(build(sys.argv[1]), log_level="critical", lifespan="on")
        asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))
        os._exit(0)
    print(pid, flush=True)
    os.waitpid(pid, 0)
"""
HEADERS = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
PATIENCE = 30.0


class _Client:
    """One session of 2025-11-25, kept over all workers."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/mcp"
        self._http = httpx.AsyncClient(timeout=PATIENCE, trust_env=False)
        self._headers = dict(HEADERS)
        self._id = 0

    async def open(self) -> None:
        hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
        answer = await self._post("initialize", hello)
        self._headers["mcp-session-id"] = answer.headers["mcp-session-id"]

    async def call(self, name: str, **arguments: Any) -> Any:
        """The structured result. Raises httpx.HTTPError when the worker died over it."""
        answer = await self._post("tools/call", {"name": name, "arguments": arguments})
        assert answer.status_code == 200, f"{answer.status_code}: {answer.text}"
        text = answer.text
        if answer.headers["content-type"].startswith("text/event-stream"):
            parts = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: {")]
            if not parts:
                raise httpx.ReadError("the stream broke off")
            text = parts[-1]
        result = json.loads(text)["result"]
        assert not result.get("isError"), result
        return result["structuredContent"]

    async def _post(self, method: str, params: dict[str, Any]) -> httpx.Response:
        self._id += 1
        body = {"jsonrpc": "2.0", "id": self._id, "method": method, "params": params}
        return await self._http.post(self._url, json=body, headers=self._headers)

    async def __aenter__(self) -> "_Client":
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._http.aclose()


@contextlib.asynccontextmanager
async def _nursery(spelled: str) -> AsyncIterator[asyncio.subprocess.Process]:
    command = [sys.executable, "-W", "ignore", "-c", NURSERY, spelled]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), PATIENCE)
        except TimeoutError:
            process.kill()
            await process.wait()


async def survive(spelled: str, rounds: int, seed: int = 9) -> int:
    """Kills a worker `rounds` times; returns how many calls were acknowledged.

    After each death, one session that lives all the while must still be there, hold what was acknowledged, and nothing
    but whole entries. Raises AssertionError.
    """
    chance = random.Random(seed)
    acknowledged: list[int] = []
    attempted = 0
    async with _nursery(spelled) as nursery, _Client(int(await _line(nursery))) as client:
        for number in range(rounds + 1):
            async with _worker(nursery):
                if number == 0:
                    await client.open()
                else:
                    _check(await client.call("last"), acknowledged, attempted)
                for _ in range(chance.randint(0, 2)):
                    attempted += 1
                    acknowledged.append((await client.call("keep", n=attempted))["result"])
                attempted += 1
                call = asyncio.create_task(client.call("keep", n=attempted))
                await asyncio.wait([call], timeout=chance.uniform(0, 0.012))
            try:
                acknowledged.append((await call)["result"])
            except httpx.HTTPError:
                pass  # not acknowledged: it may have happened or not
    return len(acknowledged)


async def _line(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    return await asyncio.wait_for(process.stdout.readline(), PATIENCE)


@contextlib.asynccontextmanager
async def _worker(nursery: asyncio.subprocess.Process) -> AsyncIterator[None]:
    """A fresh worker, killed at the end of the block."""
    assert nursery.stdin is not None
    nursery.stdin.write(b"next\n")
    await nursery.stdin.drain()
    worker = int(await _line(nursery))
    try:
        yield
    finally:
        os.kill(worker, signal.SIGKILL)


def _check(found: dict[str, Any], acknowledged: list[int], attempted: int) -> None:
    """Nothing that was acknowledged may be missing; a call without an answer may have happened or not."""
    entries = [entry for entry in [found["last"], *found["named"], *found["listed"]] if entry is not None]
    for entry in entries:
        assert entry["text"] == str(entry["n"]) * 500, "half an entry"
    last = 0 if found["last"] is None else found["last"]["n"]
    assert max(acknowledged, default=0) <= last <= attempted, "the newest value"
    for rest, (named, listed) in enumerate(zip(found["named"], found["listed"], strict=True)):
        due = max((n for n in acknowledged if n % 7 == rest), default=0)
        kept = 0 if named is None else named["n"]
        assert due <= kept <= attempted, f"key-{rest}"
        if due:
            assert listed == named, f"key-{rest} is not in the list of keys"
