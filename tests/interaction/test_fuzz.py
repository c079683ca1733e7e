"""Damaged frames on both ends: no crash, no hang, nothing that grows, and the next good frame is served.

Each test has a short run (1,500 frames) and a long one, marked slow: 100,000 frames for either end of the engine, some
thousands for what is slower. WIREGLASS_FUZZ_FRAMES is the length of the long runs, WIREGLASS_FUZZ_SEED where the damage
begins; the short runs stay as they are.
"""

import asyncio
import json
import logging
import os
import re
from typing import Any

import httpx
import pytest
from mutations import CLIENT_FRAMES, META, RUNTIME_FRAMES, SERVER_FRAMES, Mutator, ask, tell
from runtime_server import make as make_runtime
from server import Server

from asgi_wire import AsgiWire
from wireglass.errors import WireglassError
from wireglass.protocol.framing import parse
from wireglass.protocol.messages import Frame, as_object
from wireglass.protocol.versions import encode_header_value
from wireglass.recording.judge import Judge
from wireglass.recording.ledger import Ledger
from wireglass.session import ClientSession, ServerSession
from wireglass.session.http_serving import HttpServing
from wireglass.wire.asgi import McpEndpoint
from wireglass.wire.memory import MemoryTransport, memory_pair

pytestmark = pytest.mark.anyio
EVERY = 100
"""Frames between two checks that the end under test still works."""
HEALTHY = {"jsonrpc": "2.0", "id": "control", "method": "ping"}
IN_HAND = 50
"""More unanswered requests than the corpus can leave open would be a leak."""


FEW = 1_500


def runs(most: int) -> Any:
    """The short and the long run of a test, as its argument `frames`."""
    asked = int(os.environ.get("WIREGLASS_FUZZ_FRAMES", most))
    return pytest.mark.parametrize("frames", [FEW, pytest.param(asked, marks=pytest.mark.slow)], ids=["few", "many"])


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
    async with asyncio.timeout(30):
        while True:
            item: Any = await end.receive()
            message = getattr(item, "message", None)
            if isinstance(message, dict) and message.get("id") == id and ("result" in message or "error" in message):
                return


@runs(100_000)
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
    await asyncio.wait_for(serving, 30)


@runs(100_000)
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
            call = asyncio.create_task(session.request("ping", timeout=60))
            try:
                while not call.done():
                    item: Any = await asyncio.wait_for(server_end.receive(), 30)
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


@runs(20_000)
async def test_a_server_of_the_runtime_survives_damaged_frames(frames: int, seed: int) -> None:
    """With the runtime's handlers behind it: arguments, tasks, questions, subscriptions."""
    client_end, server_end = memory_pair()
    mcp = make_runtime()
    async with mcp._lifespan():
        session = ServerSession(mcp._handle, server_end, on_notification=mcp._handle_notification)
        serving = asyncio.create_task(session.run())
        mutator = Mutator(seed, [*CLIENT_FRAMES, *RUNTIME_FRAMES])
        for number in range(frames):
            await client_end.send(mutator.frame())
            if number % EVERY == EVERY - 1:
                await client_end.send(HEALTHY)
                await answered(client_end, "control")
                for id in session.connection.in_hand():
                    await client_end.send(tell("notifications/cancelled", requestId=id))
                await client_end.send(HEALTHY)
                await answered(client_end, "control")
                assert len(session.connection.in_hand()) <= IN_HAND
        assert not serving.done()
        await client_end.aclose()
        await asyncio.wait_for(serving, 30)


@runs(5_000)
@pytest.mark.parametrize("version", ["2026-07-28", "2025-11-25"])
async def test_an_http_endpoint_survives_damaged_frames(frames: int, seed: int, version: str) -> None:
    """Each POST gets an answer with a status of the protocol, whatever is in it; a good one is served after it."""
    subject = Server()
    endpoint = McpEndpoint(HttpServing(subject._handle, on_notification=subject._handle_notification))
    mutator = Mutator(seed, [frame for frame in CLIENT_FRAMES if not _waits(frame)])
    headers = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
    good = ask("good", "tools/list", _meta=META)
    async with httpx.AsyncClient(transport=AsgiWire(endpoint), base_url="http://127.0.0.1") as http:
        if version != "2026-07-28":
            hello = ask(0, "initialize", protocolVersion=version, capabilities={}, clientInfo={"name": "f"})
            headers["mcp-session-id"] = (await http.post("/", json=hello, headers=headers)).headers["mcp-session-id"]
            good = ask("good", "tools/list")
        headers["mcp-protocol-version"] = version
        for number in range(frames):
            text = mutator.frame()
            body = text.encode("utf-8", "surrogatepass")
            fitting = headers | _mirrored(text)
            async with asyncio.timeout(30), http.stream("POST", "/", content=body, headers=fitting) as answer:
                assert answer.status_code in (200, 202, 400, 404), text
                if answer.headers.get("content-type") == "application/json":
                    await answer.aread()
                    assert answer.json()
            if number % EVERY == EVERY - 1:
                wanted = headers | {"mcp-method": "tools/list"}
                async with asyncio.timeout(30):
                    reply = await http.post("/", json=good, headers=wanted)
                assert "tools" in reply.text
    await endpoint.aclose()


_LONE = re.compile(r"[\ud800-\udfff]")
"""Half a character: no header can carry it."""


def _waits(frame: Any) -> bool:
    """Whether the answer needs somebody who answers back."""
    return isinstance(frame, dict) and as_object(frame.get("params")).get("name") == "ask"


def _mirrored(text: str) -> dict[str, str]:
    """The headers that a client would send with such a body, as far as it has one."""
    try:
        message = json.loads(text)
    except ValueError:
        return {}
    method = as_object(message).get("method")
    name = as_object(as_object(message).get("params")).get("name")
    pairs = {"mcp-method": method, "mcp-name": name}
    return {k: encode_header_value(v) for k, v in pairs.items() if isinstance(v, str) and not _LONE.search(v)}


@runs(50_000)
def test_the_record_and_its_judge_survive_damaged_frames(frames: int, seed: int) -> None:
    """What an inspector shows of a peer that sends nonsense: every frame, with what is wrong in it."""
    ledger = Ledger()
    stop = Judge(ledger).watch()
    tap = ledger.tap("fuzz")
    mutators = {"client": Mutator(seed, CLIENT_FRAMES), "server": Mutator(seed + 1, SERVER_FRAMES)}
    for number in range(frames):
        sender: Any = ("client", "server")[number % 2]
        text = mutators[sender].frame()
        parsed = parse(text.encode("utf-8", "surrogatepass"))
        tap(Frame(sender, "stdio", text, parsed.value, number, parsed.error))
    stop()
    assert len(ledger.entries) == frames
    faulty = sum(1 for entry in ledger.entries if entry.violations)
    assert faulty > frames / 4
    assert all(violation.rule for entry in ledger.entries[:FEW] for violation in entry.violations)


def test_the_same_seed_makes_the_same_frames() -> None:
    one, two = Mutator(7, CLIENT_FRAMES), Mutator(7, CLIENT_FRAMES)
    assert [one.frame() for _ in range(200)] == [two.frame() for _ in range(200)]
