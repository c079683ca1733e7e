"""Which era a client ends up in ("Backward compatibility", 2026-07-28), and what it tells about the way."""

import asyncio
import sys
from typing import Any

import pytest
from stub import Stub

from loop_clock import LoopClock
from wireglass import Client
from wireglass.client import opening
from wireglass.client.opening import parse_mode
from wireglass.client.transports import StdioTransport
from wireglass.errors import McpError, ProtocolError, TransportClosed
from wireglass.session import RequestScope

pytestmark = pytest.mark.anyio


async def test_a_server_that_answers_the_probe_is_stateless() -> None:
    async with Client(Stub()) as client:
        assert client.facts.version == "2026-07-28"
        assert client.facts.path == (("server/discover at 2026-07-28", "the server supports it"),)


@pytest.mark.parametrize("code", [-32601, -32602, -32600, -32603, -1, 17])
async def test_any_error_of_the_probe_but_32022_leads_to_initialize_on_the_same_connection(code: int) -> None:
    async with Client(Stub({"server/discover": McpError(code, "what?")})) as client:
        assert client.facts.version == "2025-11-25"
        assert [attempt for attempt, _ in client.facts.path] == [
            "server/discover at 2026-07-28",
            "initialize at 2025-11-25",
        ]
        assert str(code) in client.facts.why


async def test_a_probe_result_with_only_handshake_versions_leads_to_initialize() -> None:
    stub = Stub({"server/discover": {"supportedVersions": ["2025-06-18"], "capabilities": {}}})
    async with Client(stub) as client:
        assert client.facts.version == "2025-11-25"


@pytest.mark.parametrize(
    "answer", [{"capabilities": {}}, {"supportedVersions": "2026-07-28"}, {"supportedVersions": [7]}]
)
async def test_a_probe_result_that_cannot_be_read_leads_to_initialize(answer: dict[str, Any]) -> None:
    async with Client(Stub({"server/discover": answer})) as client:
        assert client.facts.version == "2025-11-25"


async def test_32022_that_names_our_version_is_asked_again_once() -> None:
    refusal = McpError(-32022, "no", {"supported": ["2026-07-28"], "requested": "?"})
    answers: list[Exception | None] = [refusal, None]

    async def discover(scope: RequestScope) -> dict[str, Any]:
        if (error := answers.pop(0)) is not None:
            raise error
        return {"supportedVersions": ["2026-07-28"], "capabilities": {}}

    stub = Stub({"server/discover": discover})
    async with Client(stub) as client:
        assert client.facts.stateless
    assert stub.count("server/discover") == 2
    with pytest.raises(ProtocolError, match="names it as one that it supports"):
        async with Client(Stub({"server/discover": refusal})):
            pass


async def test_a_probe_without_an_answer_leads_to_initialize_on_the_same_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opening, "PROBE_SECONDS", 0.05)

    async def silent(scope: RequestScope) -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async with Client(Stub({"server/discover": silent})) as client:
        assert client.facts.version == "2025-11-25"
        assert client.facts.path[0][1].startswith("no answer within")


async def test_initialize_that_is_answered_with_32022_leads_back_to_the_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow stateless server: it locked itself to its era with the probe that we gave up waiting for."""
    slow, clock = [True], LoopClock(monkeypatch)

    async def discover(scope: RequestScope) -> dict[str, Any]:
        if slow.pop() if slow else False:
            await clock.forward(opening.PROBE_SECONDS + 1)
            await asyncio.Event().wait()
        return {"supportedVersions": ["2026-07-28"], "capabilities": {}}

    refusal = McpError(-32022, "modern only", {"supported": ["2026-07-28"], "requested": "2025-11-25"})
    async with Client(Stub({"server/discover": discover, "initialize": refusal})) as client:
        assert client.facts.stateless
        assert [attempt for attempt, _ in client.facts.path] == [
            "server/discover at 2026-07-28",
            "initialize at 2025-11-25",
            "server/discover at 2026-07-28",
        ]


async def test_a_server_with_only_unknown_stateless_versions_is_refused_with_their_names() -> None:
    error = McpError(-32022, "no", {"supported": ["2027-01-01"], "requested": "2026-07-28"})
    with pytest.raises(ProtocolError, match="2027-01-01"):
        async with Client(Stub({"server/discover": error})):
            pass


async def test_32022_that_names_handshake_versions_leads_to_initialize() -> None:
    error = McpError(-32022, "no", {"supported": ["2025-11-25"], "requested": "2026-07-28"})
    async with Client(Stub({"server/discover": error})) as client:
        assert client.facts.version == "2025-11-25"


async def test_forced_modes_do_not_fall_back() -> None:
    with pytest.raises(ProtocolError):
        async with Client(Stub({"server/discover": McpError(-32601, "no")}), mode="stateless"):
            pass
    stub = Stub()
    async with Client(stub, mode="handshake") as client:
        assert client.facts.version == "2025-11-25"
    assert stub.count("server/discover") == 0
    async with Client(stub, mode="2025-03-26") as client:
        assert client.facts.version == "2025-03-26"


async def test_a_version_that_we_do_not_speak_ends_the_connection() -> None:
    async def strange(scope: Any) -> dict[str, Any]:
        return {"protocolVersion": "1999-01-01", "capabilities": {}}

    with pytest.raises(ProtocolError, match="1999-01-01"):
        async with Client(Stub({"initialize": strange}), mode="handshake"):
            pass


def test_modes_have_synonyms_and_unknown_ones_are_refused() -> None:
    assert parse_mode("legacy") == ("handshake", None)
    assert parse_mode("modern") == ("stateless", None)
    assert parse_mode(None) == ("auto", None)
    assert parse_mode("2024-11-05") == ("handshake", "2024-11-05")
    with pytest.raises(ValueError, match="mode"):
        parse_mode("fancy")


EXITS_ON_PROBE = """
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message["method"] == "server/discover":
        sys.exit(3)
    if "id" in message:
        result = {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {"name": "old", "version": "0"}}
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
"""


async def test_a_child_that_exits_on_the_probe_is_started_again_for_initialize() -> None:
    async with Client(StdioTransport(sys.executable, ["-c", EXITS_ON_PROBE])) as client:
        assert client.facts.version == "2025-06-18"
        assert client.facts.path[0][1] == "The server exited with status 3."


async def test_a_child_that_never_starts_properly_reports_status_and_stderr() -> None:
    target = StdioTransport(sys.executable, ["-c", "raise SystemExit('broken on purpose')"])
    with pytest.raises(TransportClosed) as closed:
        async with Client(target):
            pass
    assert closed.value.exit_status == 1
    assert closed.value.stderr_tail == "broken on purpose"


async def test_contexts_nest_and_a_new_client_has_its_own_connection() -> None:
    stub = Stub()
    client = Client(stub)
    async with client:
        async with client:
            assert client.is_connected()
        assert client.is_connected()
        other = client.new()
        async with other:
            assert other.session is not client.session
    assert not client.is_connected()
    assert client.facts.version == "2026-07-28"
    with pytest.raises(TransportClosed):
        await client.ping()
