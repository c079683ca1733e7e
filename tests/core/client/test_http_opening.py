"""Eras over HTTP ("Backward compatibility", 2026-07-28), with answers from a function instead of a network."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from wireglass import Client
from wireglass.client.transports import StreamableHttpTransport
from wireglass.errors import HttpStatusError, McpError

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


async def test_an_error_of_the_stateless_era_means_no_fallback() -> None:
    asked: list[str] = []

    def answer(method: str, params: dict[str, Any], request: httpx.Request) -> httpx.Response:
        return httpx.Response(400, json={"error": {"code": -32020, "message": "header"}})

    with pytest.raises(McpError) as error:
        async with served(answer, asked):
            pass
    assert error.value.code == -32020
    assert "initialize" not in asked


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
