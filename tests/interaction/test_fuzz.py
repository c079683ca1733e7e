"""Damaged frames on both ends: no crash, no hang, nothing that grows, and the next good frame is served.

WIREGLASS_FUZZ_FRAMES and WIREGLASS_FUZZ_SEED ask for more or for other frames than the suite's.
"""

import asyncio
import logging
import os
from typing import Any

import pytest
from mutations import CLIENT_FRAMES, SERVER_FRAMES, Mutator
from server import Server

from wireglass.errors import WireglassError
from wireglass.session import ClientSession, ServerSession
from wireglass.wire.memory import MemoryTransport, memory_pair

pytestmark = pytest.mark.anyio
EVERY = 100
"""Frames between two checks that the end under test still works."""
HEALTHY = {"jsonrpc": "2.0", "id": "control", "method": "ping"}
IN_HAND = 50
"""More unanswered requests than the corpus can leave open would be a leak."""


@pytest.fixture(params=[pytest.param("few"), pytest.param("many", marks=pytest.mark.slow)])
def frames(request: pytest.FixtureRequest) -> int:
    """How many damaged frames each end gets: 100,000 in all when not in a hurry."""
    given = os.environ.get("WIREGLASS_FUZZ_FRAMES")
    return int(given) if given else {"few": 1_500, "many": 50_000}[request.param]


@pytest.fixture
def seed() -> int:
    """Where the damage comes from."""
    return int(os.environ.get("WIREGLASS_FUZZ_SEED", "20260728"))


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Handlers may well fail on nonsense; their tracebacks are not of interest here."""
    caplog.set_level(logging.CRITICAL, logger="wireglass")


async def answered(end: MemoryTransport, id: Any) -> None:
    """Reads what the other end sent until `id` is answered."""
    async with asyncio.timeout(10):
        while True:
            item: Any = await end.receive()
            message = getattr(item, "message", None)
            if isinstance(message, dict) and message.get("id") == id and ("result" in message or "error" in message):
                return


async def test_a_server_survives_damaged_frames(frames: int, seed: int) -> None:
    client_end, server_end = memory_pair()
    subject = Server()
    session = ServerSession(subject._handle, server_end, on_notification=subject._handle_notification)
    serving = asyncio.create_task(session.run())
    mutator = Mutator(seed, CLIENT_FRAMES)
    for number in range(frames):
        await client_end.send(mutator.frame())
        if number % EVERY == EVERY - 1:
            await client_end.send(HEALTHY)
            await answered(client_end, "control")
            # Questions of the server stay open, as nobody answers them here; they end with their requests.
            for id in session.connection.in_hand():
                await client_end.send(
                    {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}}
                )
            await client_end.send(HEALTHY)
            await answered(client_end, "control")
            assert len(session.connection.in_hand()) <= IN_HAND
            assert len(session._tasks) <= IN_HAND
    assert not serving.done()
    await client_end.aclose()
    await asyncio.wait_for(serving, 10)


async def test_a_client_survives_damaged_frames(frames: int, seed: int) -> None:
    client_end, server_end = memory_pair()
    findings = 0

    def found(_: Any) -> None:
        nonlocal findings
        findings += 1

    async def answer(method: str, params: dict[str, Any], id: Any) -> dict[str, Any]:
        return {}

    session = ClientSession(client_end, on_request=answer, on_finding=found)
    await session.start()
    mutator = Mutator(seed, SERVER_FRAMES)
    for number in range(frames):
        await server_end.send(mutator.frame())
        if number % EVERY == EVERY - 1:
            call = asyncio.create_task(session.request("ping", timeout=10))
            try:
                while not call.done():
                    item: Any = await asyncio.wait_for(server_end.receive(), 10)
                    message = getattr(item, "message", None)
                    if isinstance(message, dict) and message.get("method") == "ping" and "id" in message:
                        await server_end.send({"jsonrpc": "2.0", "id": message["id"], "result": {}})
                        break
                assert await call == {}
            except WireglassError:
                pass  # a damaged frame happened to be an answer to our ping, and a bad one
            assert session.connection.in_flight() == ()
            assert len(session._tasks) <= IN_HAND
    assert session.is_open
    assert findings > frames / 20
    await session.aclose()


def test_the_same_seed_makes_the_same_frames() -> None:
    one, two = Mutator(7, CLIENT_FRAMES), Mutator(7, CLIENT_FRAMES)
    assert [one.frame() for _ in range(200)] == [two.frame() for _ in range(200)]
