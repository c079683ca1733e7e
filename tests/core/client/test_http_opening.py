"""Eras over HTTP ("Backward compatibility", 2026-07-28), with answers from a function instead of a network."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from scripted_http import Wire, stream
from wireglass import Client
from wireglass.client.transports import StreamableHttpTransport
from wireglass.errors import HttpStatusError, McpError, TransportError

pytestmark = pytest.mark.anyio
URL = "http://server.example/mcp"
Answer = Callable[[str, dict[str, Any], httpx.Request], httpx.Response]


def served(answer: Answer, asked: list[str], **options: Any) -> Client:
    """A client to a server that is `answer(method, params, request)`; other verbs get 405."""

    async def handle(request: httpx.Request) -> httpx.Response:
        if request.method != "POST":
            asked.append(request.method)
            return httpx.Response(405)
        message = json.loads(request.content)
        asked.append(message["method"])
        response = answer(message["method"], message.get("params", {}), request)
        if "id" in message and response.headers.get("content-type") == "application/json":
            body = json.loads(response.content)
            return httpx.Response(
                response.status_code,
                headers={k: v for k, v in response.headers.items() if k != "content-length"},
                json={"jsonrpc": "2.0", "id": message["id"], **body},
            )
        return response

    def factory(**kwargs: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(**{**kwargs, "transport": httpx.MockTransport(handle)})

    return Client(StreamableHttpTransport(URL, httpx_client_factory=factory), **options)


def opened(**headers: str) -> httpx.Response:
    result = {"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": {"name": "s", "version": "1"}}
    return httpx.Response(200, json={"result": result}, headers=headers)


def legacy(refusal: httpx.Response) -> Answer:
    def answer(method: str, params: dict[str, Any], request: httpx.Request) -> httpx.Response:
        if method == "server/discover":
            return refusal
        if method == "initialize":
            assert "mcp-session-id" not in request.headers
            return opened(**{"mcp-session-id": "s1"})
        if method == "notifications/initialized":
            return httpx.Response(202)
        assert request.headers["mcp-session-id"] == "s1"
        assert request.headers["mcp-protocol-version"] == "2025-06-18"
        return httpx.Response(200, json={"result": {"tools": []}})

    return answer


@pytest.mark.parametrize(
    "refusal",
    [
        httpx.Response(400, text="Bad Request: no session"),
        httpx.Response(404, text="not here"),
        httpx.Response(405),
        httpx.Response(406, text="not acceptable"),
        httpx.Response(400, json={"error": {"code": -32600, "message": "no session"}}, headers={"mcp-session-id": "x"}),
        httpx.Response(400, json={"error": {"code": -32000, "message": "missing session"}}),
        httpx.Response(200, json={"error": {"code": -32601, "message": "unknown"}}),
    ],
)  # fmt: skip
async def test_a_refused_probe_leads_to_initialize_without_any_session_id(refusal: httpx.Response) -> None:
    asked: list[str] = []
    async with served(legacy(refusal), asked) as client:
        assert client.facts.version == "2025-06-18"
        assert await client.list_tools() == []
    assert [method for method in asked if method not in ("GET", "DELETE")] == [
        "server/discover",
        "initialize",
        "notifications/initialized",
        "tools/list",
    ]


@pytest.mark.parametrize("status", [401, 403, 500, 503])
async def test_authorization_and_outages_are_no_verdict_about_the_era(status: int) -> None:
    asked: list[str] = []
    with pytest.raises(HttpStatusError) as error:
        async with served(lambda *_: httpx.Response(status), asked):
            pass
    assert error.value.status == status
    assert "initialize" not in asked


@pytest.mark.parametrize("code", [-32020, -32021])
async def test_an_error_of_the_stateless_era_means_no_fallback(code: int) -> None:
    asked: list[str] = []

    def answer(method: str, params: dict[str, Any], request: httpx.Request) -> httpx.Response:
        return httpx.Response(400, json={"error": {"code": code, "message": "header"}})

    with pytest.raises(McpError) as error:
        async with served(answer, asked):
            pass
    assert (error.value.code, error.value.http_status) == (code, 400)
    assert "initialize" not in asked


async def test_a_result_of_the_stateless_era_settles_it() -> None:
    asked: list[str] = []

    def answer(method: str, params: dict[str, Any], request: httpx.Request) -> httpx.Response:
        result = {"resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": {}}
        return httpx.Response(200, json={"result": result})

    async with served(answer, asked) as client:
        assert client.facts.version == "2026-07-28"
    assert asked == ["server/discover"]


async def test_an_unsupported_version_is_corrected_and_asked_again_once() -> None:
    asked: list[str] = []
    data = {"supported": ["2026-07-28", "2027-01-01"], "requested": "?"}

    def answer(method: str, params: dict[str, Any], request: httpx.Request) -> httpx.Response:
        if asked.count("server/discover") == 1:
            return httpx.Response(400, json={"error": {"code": -32022, "message": "no", "data": data}})
        result = {"resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": {}}
        return httpx.Response(200, json={"result": result})

    async with served(answer, asked) as client:
        assert client.facts.version == "2026-07-28"
    assert asked == ["server/discover", "server/discover"]


# 404 with -32601: a stateless server without discovery


def undiscovered(**lists: httpx.Response) -> Answer:
    def answer(method: str, params: dict[str, Any], request: httpx.Request) -> httpx.Response:
        assert request.headers["mcp-protocol-version"] == "2026-07-28"
        unknown = httpx.Response(404, json={"error": {"code": -32601, "message": f"Method not found: {method}"}})
        return lists.get(method.removesuffix("/list"), unknown)

    return answer


async def test_404_with_32601_is_a_stateless_server_without_discovery() -> None:
    """It must not be taken for an old server: `initialize` would be refused as well (digest, "Finding the era")."""
    asked: list[str] = []
    tools = httpx.Response(200, json={"result": {"resultType": "complete", "tools": []}})
    failing = httpx.Response(200, json={"error": {"code": -32603, "message": "broken just now"}})
    async with served(undiscovered(tools=tools, prompts=failing), asked) as client:
        assert (client.facts.version, client.facts.stateless) == ("2026-07-28", True)
        assert client.facts.capabilities == {"tools": {}}
        assert await client.list_tools() == []
        assert [attempt for attempt, _ in client.facts.path] == [
            "server/discover at 2026-07-28",
            "tools/list at 2026-07-28",
            "resources/list at 2026-07-28",
            "prompts/list at 2026-07-28",
        ]
    assert "initialize" not in asked


async def test_404_with_32601_to_everything_is_still_no_reason_for_a_handshake() -> None:
    asked: list[str] = []
    async with served(undiscovered(), asked) as client:
        assert client.facts.stateless
        assert client.facts.capabilities == {}
    assert "initialize" not in asked


@pytest.mark.parametrize(
    "refusal",
    [
        httpx.Response(400, text="Missing session ID"),
        httpx.Response(400, json={"error": {"code": -32000, "message": "no session"}}),
        httpx.Response(400, json={"error": {"code": -32600, "message": "no session"}}),
    ],
)
async def test_a_handshake_server_that_says_404_with_32601_betrays_itself_at_the_lists(refusal: httpx.Response) -> None:
    asked: list[str] = []
    old = legacy(httpx.Response(404, json={"error": {"code": -32601, "message": "Method not found"}}))

    def answer(method: str, params: dict[str, Any], request: httpx.Request) -> httpx.Response:
        if "mcp-session-id" not in request.headers and method.endswith("/list"):
            return refusal
        return old(method, params, request)

    async with served(answer, asked) as client:
        assert client.facts.version == "2025-06-18"
        assert await client.list_tools() == []


async def test_forced_handshake_mode_never_probes() -> None:
    asked: list[str] = []
    async with served(legacy(httpx.Response(500)), asked, mode="handshake") as client:
        assert client.facts.version == "2025-06-18"
    assert "server/discover" not in asked


async def test_an_unreachable_server_is_no_verdict_about_the_era() -> None:
    asked: list[str] = []

    def answer(method: str, params: dict[str, Any], request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(TransportError, match="No connection"):
        async with served(answer, asked):
            pass
    assert asked == ["server/discover"]


@pytest.mark.parametrize("status", [400, 404, 405])
async def test_when_initialize_is_refused_too_the_older_transport_is_tried(status: int) -> None:
    """Then the answer to the GET says whether it is HTTP+SSE; here it is not, and the first refusal is reported."""
    asked: list[str] = []
    with pytest.raises(HttpStatusError) as error:
        async with served(lambda *_: httpx.Response(status), asked):
            pass
    assert error.value.status == status
    assert asked == ["server/discover", "initialize", "GET"]


async def test_a_forgotten_session_is_opened_again_and_the_call_repeated_once() -> None:
    asked: list[str] = []
    sessions = iter(["one", "two", "three"])
    lost = {"one"}

    def answer(method: str, params: dict[str, Any], request: httpx.Request) -> httpx.Response:
        if method == "initialize":
            return opened(**{"mcp-session-id": next(sessions)})
        if method == "notifications/initialized":
            return httpx.Response(202)
        if request.headers.get("mcp-session-id") in lost:
            return httpx.Response(404, text="unknown session")
        return httpx.Response(200, json={"result": {"tools": []}})

    async with served(answer, asked, mode="handshake") as client:
        assert await client.list_tools() == []
        assert asked.count("initialize") == 2
        lost.update({"two", "three"})
        with pytest.raises(HttpStatusError):
            await client.list_tools()
        assert asked.count("initialize") == 3


async def test_a_server_of_the_older_transport_is_found_by_its_endpoint_event() -> None:
    """POST is refused, and the first event of the GET stream names the endpoint: HTTP+SSE of 2024-11-05."""
    wire, asked = Wire(), list[str]()

    async def handle(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url.path}")
        if request.method == "GET":
            wire.write("event: endpoint\ndata: /messages?session=1\n\n")
            return stream(wire)
        if request.url.path == "/mcp":
            return httpx.Response(405)
        message = json.loads(request.content)
        if "id" in message:
            info = {"protocolVersion": "2024-11-05", "capabilities": {}, "serverInfo": {"name": "old", "version": "1"}}
            wire.event({"jsonrpc": "2.0", "id": message["id"], "result": info}, event="message")
        return httpx.Response(202)

    def factory(**options: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(**{**options, "transport": httpx.MockTransport(handle)})

    async with Client(StreamableHttpTransport(URL, httpx_client_factory=factory)) as client:
        assert (client.facts.version, client.facts.transport) == ("2024-11-05", "sse")
        assert asked[:4] == ["POST /mcp", "POST /mcp", "GET /mcp", "POST /messages"]
