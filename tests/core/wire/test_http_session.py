"""Streams of a handshake session over HTTP whose reader has stopped reading: bounded, and nobody waits for ever."""

import asyncio
import logging

import pytest

from wireglass.wire import http_session
from wireglass.wire.base import Received
from wireglass.wire.http_session import HttpServerTransport

pytestmark = pytest.mark.anyio
NOTE = {"jsonrpc": "2.0", "method": "notifications/progress", "params": {}}


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_session, "_UNREAD", 4)


async def test_a_request_waits_for_its_reader_and_its_answer_does_not() -> None:
    transport = HttpServerTransport("s", store=None, json_only=False)
    accepted = await transport.accept(Received({"jsonrpc": "2.0", "id": 1, "method": "tools/call"}))
    assert accepted is not None
    _, sink = accepted
    for _ in range(3):
        await transport.send(NOTE, related=1)
    behind = asyncio.ensure_future(transport.send(NOTE, related=1))
    await asyncio.sleep(0)
    assert not behind.done()
    await sink.get()
    async with asyncio.timeout(30):
        await behind
        for _ in range(2):
            sink.get_nowait()
        await transport.send({"jsonrpc": "2.0", "id": 1, "result": {}})
    assert sink.qsize() == 2


async def test_a_reader_that_goes_away_lets_its_sender_go_on() -> None:
    transport = HttpServerTransport("s", store=None, json_only=False)
    accepted = await transport.accept(Received({"jsonrpc": "2.0", "id": 1, "method": "tools/call"}))
    assert accepted is not None
    stream, sink = accepted
    for _ in range(3):
        await transport.send(NOTE, related=1)
    behind = asyncio.ensure_future(transport.send(NOTE, related=1))
    await asyncio.sleep(0)
    stream.detach(sink)
    async with asyncio.timeout(30):
        await behind


async def test_a_get_stream_that_nobody_reads_is_closed_and_what_follows_is_kept(
    caplog: pytest.LogCaptureFixture,
) -> None:
    transport = HttpServerTransport("s", store=None, json_only=False)
    sink = transport.standing.attach()
    with caplog.at_level(logging.WARNING, "wireglass.http"):
        async with asyncio.timeout(30):
            for _ in range(5):
                await transport.send(NOTE)
    assert "does not read its stream" in caplog.text
    assert transport.standing.sink is None
    assert sink.qsize() == 5  # four messages, and the end
    assert len(transport.standing.backlog) == 1
