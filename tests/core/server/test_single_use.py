"""A `requestState` works once, on whichever of the workers that share a store; alone, it costs nothing."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from wireglass.errors import INTERNAL_ERROR, INVALID_PARAMS, McpError
from wireglass.server.app import FastMCP
from wireglass.server.context import Context
from wireglass.server.single_use import Tickets
from wireglass.storage.stores import DiskStore, MemoryStore

pytestmark = pytest.mark.anyio
V = "2026-07-28"
KEY = b"k" * 32
ASK_TWICE = {"name": "ask_twice", "arguments": {}}


def accept(value: Any) -> dict[str, Any]:
    return {"action": "accept", "content": {"value": value}}


async def retry(line: Any, params: dict[str, Any], asked: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
    more = {"inputResponses": answers, "requestState": asked["requestState"]}
    return await line.ask("tools/call", {**params, **more})


class Away(DiskStore):
    """A store on disk that can be away."""

    away = False

    async def put(self, *args: Any, **options: Any) -> None:
        if self.away:
            raise ConnectionError("away")
        await super().put(*args, **options)

    async def delete(self, *args: Any, **options: Any) -> bool:
        if self.away:
            raise ConnectionError("away")
        return await super().delete(*args, **options)


def worker(store: Any, runs: list[str], *, key: Any = KEY, gate: asyncio.Event | None = None) -> FastMCP:
    mcp = FastMCP("parked", request_state_security=key, session_state_store=store)

    @mcp.tool
    async def ask_twice(ctx: Context) -> str:
        runs.append("run")
        first = await ctx.request_elicitation("First?", str)
        if gate is not None:
            await gate.wait()
        second = await ctx.request_elicitation("Second?", str)
        return f"{first} {second}"

    return mcp


async def refused(work: Any) -> bool:
    """Whether it ends as a used state does; its result is of no interest."""
    try:
        await work
    except McpError as error:
        return error.code == INVALID_PARAMS and "already used" in error.message
    return False


async def test_a_state_that_one_worker_took_is_refused_by_the_other(connect: Any, tmp_path: Path) -> None:
    """Both share a folder on disk; each round goes to another worker."""
    runs: list[str] = []
    a, b = (worker(DiskStore(directory=tmp_path), runs) for _ in "ab")
    async with connect(a, V) as one, connect(b, V) as two:
        first = await one.ask("tools/call", ASK_TWICE)
        second = await retry(two, ASK_TWICE, first, {"q1": accept("x")})
        for line in (one, two):
            assert await refused(retry(line, ASK_TWICE, first, {"q1": accept("y")}))
        done = await retry(one, ASK_TWICE, second, {"q2": accept("z")})
        assert done["content"][0]["text"] == "x z"
        for line in (one, two):
            assert await refused(retry(line, ASK_TWICE, second, {"q2": accept("z")}))


async def test_of_many_who_come_at_once_one_goes_on(connect: Any, tmp_path: Path) -> None:
    runs: list[str] = []
    a, b = (worker(DiskStore(directory=tmp_path), runs) for _ in "ab")
    async with connect(a, V) as one, connect(b, V) as two:
        for _ in range(5):
            first = await one.ask("tools/call", ASK_TWICE)
            retries = [retry(line, ASK_TWICE, first, {"q1": accept("x")}) for line in (one, two) * 5]
            async with asyncio.timeout(30):
                outcomes = await asyncio.gather(*(refused(each) for each in retries))
            assert outcomes.count(False) == 1


async def test_a_restart_keeps_what_may_be_used(connect: Any, tmp_path: Path) -> None:
    async with connect(worker(DiskStore(directory=tmp_path), []), V) as line:
        first = await line.ask("tools/call", ASK_TWICE)
    async with connect(worker(DiskStore(directory=tmp_path), []), V) as line:
        second = await retry(line, ASK_TWICE, first, {"q1": accept("x")})
        assert list(second["inputRequests"]) == ["q2"]
    async with connect(worker(DiskStore(directory=tmp_path), []), V) as line:
        assert await refused(retry(line, ASK_TWICE, first, {"q1": accept("x")}))
        done = await retry(line, ASK_TWICE, second, {"q2": accept("y")})
        assert done["content"][0]["text"] == "x y"


async def test_a_malformed_answer_does_not_use_the_state_up(connect: Any, tmp_path: Path) -> None:
    """-32602, and the same state with an answer that can be read goes on."""
    runs: list[str] = []
    async with connect(worker(DiskStore(directory=tmp_path), runs), V) as line:
        first = await line.ask("tools/call", ASK_TWICE)
        with pytest.raises(McpError) as error:
            await retry(line, ASK_TWICE, first, {"q1": "yes"})
        assert error.value.code == INVALID_PARAMS
        second = await retry(line, ASK_TWICE, first, {"q1": accept("x")})
        assert list(second["inputRequests"]) == ["q2"]
        assert runs == ["run"]


async def test_a_retry_that_was_given_up_can_be_sent_again(connect: Any, tmp_path: Path) -> None:
    """A stream that breaks is a lost request (Streamable HTTP, 2026-07-28): the client sends it again."""
    runs: list[str] = []
    gate = asyncio.Event()
    mcp = worker(DiskStore(directory=tmp_path), runs, gate=gate)
    async with connect(mcp, V) as line:
        first = await line.ask("tools/call", ASK_TWICE)
        lost = asyncio.ensure_future(retry(line, ASK_TWICE, first, {"q1": accept("x")}))
        async with asyncio.timeout(20):
            while not any(call.busy for call in mcp.parking._waiting.values()):  # noqa: ASYNC110  # no event for it
                await asyncio.sleep(0.01)
        lost.cancel()
        await asyncio.wait([lost])
        gate.set()
        async with asyncio.timeout(20):
            answers = {"q1": accept("x")}
            # The cancel is on its way.
            while await refused(again := asyncio.ensure_future(retry(line, ASK_TWICE, first, answers))):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert list(again.result()["inputRequests"]) == ["q2"]


async def test_a_store_that_is_away_is_an_error_and_no_second_use(connect: Any, tmp_path: Path) -> None:
    store = Away(directory=tmp_path)
    mcp = worker(store, [])
    async with connect(mcp, V) as line:
        first = await line.ask("tools/call", ASK_TWICE)
        store.away = True
        for params in (ASK_TWICE, {**ASK_TWICE, "requestState": first["requestState"], "inputResponses": {}}):
            with pytest.raises(McpError) as error:
                await line.ask("tools/call", params)
            assert error.value.code == INTERNAL_ERROR
        store.away = False
        assert len(mcp.parking._waiting) == 1, "a call whose state could not be noted does not wait"
        assert not await refused(retry(line, ASK_TWICE, first, {"q1": accept("x")}))


@pytest.mark.parametrize("alone", ["memory", "no key"])
async def test_a_worker_that_is_alone_asks_no_store(
    connect: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alone: str
) -> None:
    """Without a key that others have, no other worker could open a state; without a shared store there is none."""
    asked: list[str] = []

    async def issue(self: Tickets, call: str, round: int) -> None:
        asked.append(call)

    monkeypatch.setattr(Tickets, "issue", issue)
    store = MemoryStore() if alone == "memory" else DiskStore(directory=tmp_path)
    mcp = worker(store, [], key=None if alone == "no key" else KEY)
    async with connect(mcp, V) as line:
        first = await line.ask("tools/call", ASK_TWICE)
        await retry(line, ASK_TWICE, first, {"q1": accept("x")})
        assert await refused(retry(line, ASK_TWICE, first, {"q1": accept("x")}))
    assert asked == []


async def test_servers_of_different_names_keep_their_tickets_apart() -> None:
    store = MemoryStore()
    one, two = Tickets(store, "one", 60), Tickets(store, "two", 60)
    await one.issue("call", 1)
    assert not await two.take("call", 1)
    assert not await one.take("call", 2)
    assert await one.take("call", 1)
    assert not await one.take("call", 1)
