"""Two processes, one store: a `requestState` that one took is refused by the other, in Redis and on disk."""

import asyncio
import contextlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from peers.processes import environment, free_port, listening

pytestmark = [pytest.mark.peer, pytest.mark.anyio]
SERVER = """
import os
from wireglass import Context, FastMCP

mcp = FastMCP("once", storage=os.environ["STORE"], request_state_security=b"k" * 32)

@mcp.tool
async def ask(ctx: Context) -> str:
    answer = await ctx.elicit("Name?", str)
    return f"{answer.data} {os.getpid()}"

mcp.run(transport="http", port=int(os.environ["OWN_PORT"]))
"""
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}},
}
HEADERS = {
    "accept": "application/json, text/event-stream",
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
    "mcp-name": "ask",
}


@pytest.fixture(params=["redis", "disk"])
def ports(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[int]]:
    """Two processes with one store."""
    (tmp_path / "server.py").write_text(SERVER)
    with contextlib.ExitStack() as stack:
        store = f"disk:{tmp_path / 'store'}"
        if request.param == "redis":
            if not shutil.which("redis-server"):
                pytest.skip("redis-server is not installed")
            port = free_port()
            command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
            stack.enter_context(listening(command, port, environment(ours=False), tmp_path / "redis.txt"))
            store = f"redis://127.0.0.1:{port}"
        own = [free_port(), free_port()]
        for port in own:
            variables = {**environment(ours=True), "STORE": store, "OWN_PORT": str(port)}
            command = [sys.executable, "-W", "ignore", str(tmp_path / "server.py")]
            stack.enter_context(listening(command, port, variables, tmp_path / f"{port}.txt"))
        yield own


async def test_one_of_many_retries_goes_on(ports: list[int]) -> None:
    async with httpx.AsyncClient(timeout=60, trust_env=False) as http:

        async def call(port: int, **more: Any) -> dict[str, Any]:
            params = {"name": "ask", "arguments": {}, "_meta": META, **more}
            body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
            return (await http.post(f"http://127.0.0.1:{port}/mcp", json=body, headers=HEADERS)).json()

        for number in range(4):
            asked = (await call(ports[number % 2]))["result"]
            answers = {key: {"action": "accept", "content": {"value": "Ada"}} for key in asked["inputRequests"]}
            retry = {"inputResponses": answers, "requestState": asked["requestState"]}
            replies = await asyncio.gather(*(call(port, **retry) for port in ports * 4))
            done = [reply["result"]["content"][0]["text"] for reply in replies if "result" in reply]
            assert len(done) == 1
            assert done[0].startswith("Ada ")
            assert {reply["error"]["code"] for reply in replies if "error" in reply} == {-32602}
