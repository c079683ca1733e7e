"""Pings to clients that are quiet."""

import asyncio
from typing import Any

import anyio.lowlevel
import pytest

from wireglass import Client, FastMCP
from wireglass.middleware.ping import PingMiddleware

pytestmark = pytest.mark.anyio


async def until(condition: Any) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await anyio.lowlevel.checkpoint()


async def test_a_session_is_pinged_until_it_ends() -> None:
    ping = PingMiddleware(interval_ms=5)
    mcp = FastMCP("quiet", middleware=[ping])
    heard: list[Any] = []
    async with Client(mcp, mode="2025-11-25", tap=heard.append) as client:
        await client.ping()

        def pings() -> int:
            return sum(frame.sender == "server" and (frame.message or {}).get("method") == "ping" for frame in heard)

        await until(lambda: pings() >= 3)
        assert len(ping._active_sessions) == 1, "one loop for all its messages"
    await until(lambda: not ping._active_sessions)


async def test_there_is_nobody_to_ping_in_the_stateless_era() -> None:
    ping = PingMiddleware(interval_ms=5)
    mcp = FastMCP("quiet", middleware=[ping])
    async with Client(mcp, mode="2026-07-28") as client:
        await client.list_tools()
        assert not ping._active_sessions


def test_an_interval_must_be_positive() -> None:
    with pytest.raises(ValueError, match="interval_ms must be positive"):
        PingMiddleware(interval_ms=0)
