"""Versions that only one end knows, and what a program with a person in front of it is asked instead of helped."""

import asyncio
from typing import Any

import httpx
import pytest
from stub import Stub

from scripted_http import Wire, stream
from wireglass import Client
from wireglass.client.opening_rules import OpeningRules, nearest_handshake
from wireglass.client.transports import StreamableHttpTransport
from wireglass.errors import McpError, NoCommonVersion, OlderTransport
from wireglass.session import RequestScope

pytestmark = pytest.mark.anyio


def answering(version: str) -> Stub:
    result = {"protocolVersion": version, "capabilities": {}, "serverInfo": {"name": "other", "version": "1"}}
    return Stub({"server/discover": McpError(-32601, "what?"), "initialize": result})


async def test_a_version_that_we_do_not_know_is_no_connection_and_both_sides_are_named() -> None:
    with pytest.raises(NoCommonVersion) as caught:
        async with Client(answering("2023-01-01")):
            pass
    assert caught.value.theirs == ("2023-01-01",)
    assert caught.value.ours[0] == "2024-11-05"
    assert "Server: 2023-01-01" in caught.value.message


@pytest.mark.parametrize(("theirs", "spoken"), [("2023-01-01", "2024-11-05"), ("2026-01-01", "2025-11-25")])
async def test_it_is_spoken_as_the_nearest_one_when_that_is_asked_for(theirs: str, spoken: str) -> None:
    """Design section 8: "Try 2024-11-05 anyway"."""
    async with Client(answering(theirs), opening=OpeningRules(any_version=True)) as client:
        assert client.facts.version == spoken
        assert theirs in client.facts.why
    assert nearest_handshake(theirs) == spoken


async def test_a_refusal_that_names_a_version_we_know_is_asked_once_more_with_it() -> None:
    """Lifecycle 2025-11-25, "Error Handling": the error's data lists what the server supports."""
    refusal = McpError(-32602, "Unsupported protocol version", {"supported": ["2024-11-05"], "requested": "?"})

    async def initialize(scope: RequestScope) -> dict[str, Any]:
        if scope.params["protocolVersion"] != "2024-11-05":
            raise refusal
        return {"protocolVersion": "2024-11-05", "capabilities": {}, "serverInfo": {"name": "old", "version": "1"}}

    stub = Stub({"server/discover": McpError(-32601, "what?"), "initialize": initialize})
    async with Client(stub) as client:
        assert client.facts.version == "2024-11-05"
    assert stub.count("initialize") == 2

    stubborn = Stub({"server/discover": McpError(-32601, "what?"), "initialize": refusal})
    with pytest.raises(McpError, match="Unsupported protocol version"):
        async with Client(stubborn):
            pass
    assert stubborn.count("initialize") == 2


async def test_a_refusal_that_names_only_versions_we_do_not_know_says_so() -> None:
    refusal = McpError(-32602, "Unsupported protocol version", {"supported": ["2023-06-01", "2023-01-01"]})
    with pytest.raises(NoCommonVersion, match="2023-06-01, 2023-01-01"):
        async with Client(Stub({"server/discover": McpError(-32601, "what?"), "initialize": refusal})):
            pass


async def test_the_probe_is_as_patient_as_it_was_told() -> None:
    async def silent(scope: RequestScope) -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    rules = OpeningRules(probe_seconds=0.05)
    async with Client(Stub({"server/discover": silent}), opening=rules, init_timeout=60) as client:
        assert client.facts.version == "2025-11-25"
        assert "no answer within 0.05 s" in client.facts.path[0][1]


async def test_the_older_transport_is_only_spoken_where_that_was_agreed_to() -> None:
    """Design section 8: the address speaks the older SSE transport, and the user is asked."""
    wire, asked = Wire(), list[str]()

    async def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        if request.method == "GET":
            wire.write("event: endpoint\ndata: /messages\n\n")
            return stream(wire)
        return httpx.Response(405)

    def factory(**kwargs: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(**{**kwargs, "transport": httpx.MockTransport(handle)})

    transport = StreamableHttpTransport("http://server.example/sse", httpx_client_factory=factory)
    with pytest.raises(OlderTransport) as caught:
        async with Client(transport, opening=OpeningRules(older_sse=False)):
            pass
    assert caught.value.url == "http://server.example/sse"
    assert asked == ["POST", "POST", "GET"], "nothing was sent over the older transport"
