"""The example for many workers, as its documentation says: two processes, one Redis, a round robin in front."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from killed_workers import survive
from peers.processes import environment, free_port, listening
from peers.round_robin import round_robin
from wireglass import Client
from wireglass.errors import McpError
from wireglass.resources import resource_path

pytestmark = [pytest.mark.peer, pytest.mark.anyio]
EXAMPLE = str(resource_path("servers", "workers.py"))
MODES = ["2026-07-28", "2025-11-25", "2025-06-18"]


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed")
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with listening(command, port, environment(ours=False), folder / "log.txt"):
        yield f"redis://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def workers(redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[int]]:
    """The ports of two processes."""
    folder = tmp_path_factory.mktemp("workers")
    key = {"WIREGLASS_STORAGE": redis_url, "WIREGLASS_REQUEST_STATE_KEY": "0123456789abcdef" * 4}
    variables = {**environment(ours=True), **key}
    with contextlib.ExitStack() as stack:
        ports = [free_port(), free_port()]
        for port in ports:
            command = [sys.executable, "-W", "ignore", "-m", "wireglass.cli.main", "run", EXAMPLE]
            command += ["--runtime", "embedded", "--transport", "http", "--port", str(port)]
            stack.enter_context(listening(command, port, variables, folder / f"{port}.txt"))
        yield ports


@pytest.fixture
async def proxy(workers: list[int]) -> AsyncIterator[str]:
    async with round_robin(workers) as port:
        yield f"http://127.0.0.1:{port}/mcp"


async def answer(message: str, response_type: Any, params: Any, context: Any) -> Any:
    return {"value": "Brno"} if "Where" in message else {"value": True}


@pytest.mark.parametrize("mode", MODES)
async def test_both_workers_answer_and_questions_come_back_to_either(proxy: str, mode: str) -> None:
    async with Client(proxy, mode=mode, elicitation_handler=answer, timeout=60) as client:
        assert len({(await client.call_tool("process", {})).content[0].text for _ in range(8)}) == 2
        for _ in range(4):
            assert (await client.call_tool("book", {})).data == "to Brno, window"


async def test_a_session_counts_on_over_both_workers(proxy: str) -> None:
    async with Client(proxy, mode="2025-11-25", timeout=60) as one, Client(proxy, mode="2025-11-25") as two:
        assert [(await one.call_tool("take", {})).data for _ in range(6)] == [1, 2, 3, 4, 5, 6]
        assert (await two.call_tool("take", {})).data == 1


async def test_a_handle_is_known_to_both_workers(proxy: str) -> None:
    async with Client(proxy, mode="2026-07-28", timeout=60) as client:
        handle = (await client.call_tool("open_basket", {})).data
        for count, item in enumerate(["tea", "map", "pen", "ink"], 1):
            held = (await client.call_tool("basket", {"handle": handle, "add": item})).data
            assert len(held) == count
            assert held[-1] == item


async def test_the_cache_is_one_for_both_workers(proxy: str) -> None:
    async with Client(proxy, mode="2026-07-28", timeout=60) as client:
        found = {(await client.call_tool("price", {"train": "R 10"})).data for _ in range(6)}
        assert len(found) == 1


async def test_a_limit_counts_both_workers(proxy: str) -> None:
    async with Client(proxy, mode="2026-07-28", timeout=60) as client:
        outcomes = [await _printed(client) for _ in range(8)]
    assert outcomes == ["printed"] * 3 + ["Rate limit exceeded for tool: print"] * 5


async def _printed(client: Client) -> str:
    try:
        return (await client.call_tool("print", {})).data
    except McpError as error:
        return error.message


@pytest.mark.slow
async def test_several_workers_of_one_command_share_sessions(redis_url: str, tmp_path: Path) -> None:
    """`wireglass run workers.py --transport http --workers 2`; one of them is killed in between."""
    port = free_port()
    variables = {**environment(ours=True), "WIREGLASS_STORAGE": redis_url}
    command = [sys.executable, "-W", "ignore", "-m", "wireglass.cli.main", "run", EXAMPLE, "--runtime", "embedded"]
    command += ["--transport", "http", "--workers", "2", "--port", str(port)]
    url = f"http://127.0.0.1:{port}/mcp"
    with listening(command, port, variables, tmp_path / "log.txt"):
        async with Client(url, mode="2025-11-25", elicitation_handler=answer, timeout=60) as client:
            assert [(await client.call_tool("take", {})).data for _ in range(3)] == [1, 2, 3]
            async with httpx.AsyncClient(trust_env=False) as stranger:
                refused = await stranger.post(url, json={}, headers={"host": "evil.example"})
                assert refused.status_code in (403, 421), "workers guard against DNS rebinding as one process does"
            assert (await client.call_tool("book", {})).data == "to Brno, window"
            os.kill(int((await client.call_tool("process", {})).data), signal.SIGKILL)
            assert await _patiently(client, "take") in (4, 5)
            assert (await client.call_tool("book", {})).data == "to Brno, window"


async def _patiently(client: Client, name: str) -> Any:
    """A call that may meet the death of its worker."""
    for _ in range(240):
        try:
            return (await client.call_tool(name, {})).data
        except Exception:  # whatever a torn connection shows as
            await asyncio.sleep(0.25)
    raise AssertionError("no worker answers")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
async def test_a_hundred_killed_workers_lose_nothing_in_redis(redis_url: str) -> None:
    assert await survive(redis_url, 100) >= 30
