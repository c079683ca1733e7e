"""A server over HTTP: as an app, inside another app, behind a token, on a taken port."""

import socket
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount

from wireglass.errors import LaunchError
from wireglass.server.app import FastMCP
from wireglass.server.context import Context
from wireglass.server.listening import bind

pytestmark = pytest.mark.anyio
HEADERS = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


def call(name: str) -> dict[str, Any]:
    params = {"name": name, "arguments": {}, "_meta": META}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


def headers(name: str) -> dict[str, str]:
    return {**HEADERS, "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": name}


async def ask(app: Any, path: str, more: dict[str, str] | None = None) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.post(path, json=call("who"), headers=headers("who") | (more or {}))


def make(**options: Any) -> FastMCP:
    mcp = FastMCP("web", **options)

    @mcp.tool
    async def who(ctx: Context) -> str:
        token = ctx.access_token
        return f"{ctx.transport} {ctx.lifespan_context.get('db')} {getattr(token, 'client_id', None)}"

    return mcp


async def test_an_app_in_an_app_runs_the_lifespan_once() -> None:
    """Decision: `lifespan=mcp.lifespan` on the parent, the app at any path, the lifespan once."""
    import contextlib
    from collections.abc import AsyncGenerator

    entered: list[str] = []

    @contextlib.asynccontextmanager
    async def lifespan(_server: Any) -> AsyncGenerator[dict[str, str], None]:
        entered.append("in")
        yield {"db": "open"}
        entered.append("out")

    mcp = make(lifespan=lifespan)
    inner = mcp.http_app(path="/mcp")
    outer = Starlette(routes=[Mount("/deep", app=inner)], lifespan=mcp.lifespan)
    async with outer.router.lifespan_context(outer), inner.router.lifespan_context(inner):
        response = await ask(outer, "/deep/mcp")
        assert response.json()["result"]["content"][0]["text"] == "streamable-http open None"
    assert entered == ["in", "out"]


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
async def test_both_spellings_of_the_path_answer_without_redirect(path: str) -> None:
    """A redirect would lose the body or the credentials."""
    mcp = make()
    app = mcp.http_app()
    async with mcp.lifespan():
        assert (await ask(app, path)).status_code == 200


async def test_custom_routes_stand_beside_the_protocol() -> None:
    """`@mcp.custom_route`."""
    mcp = make()

    @mcp.custom_route("/health", methods=["GET"])
    async def health(_request: Any) -> PlainTextResponse:
        return PlainTextResponse("fine")

    app = mcp.http_app()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        assert (await client.get("/health")).text == "fine"


class Verifier:
    required_scopes = ("read",)

    async def verify_token(self, token: str) -> Any:
        scopes = {"good": ["read"], "poor": []}.get(token)
        return None if scopes is None else SimpleNamespace(client_id="me", scopes=scopes, claims={"sub": "ada"})


@pytest.mark.parametrize(("token", "status"), [("good", 200), ("poor", 403), ("bad", 401), (None, 401)])
async def test_a_token_decides_who_comes_in(token: str | None, status: int) -> None:
    """RFC 6750 section 3: 401 without a valid token, 403 without the scope, both with a challenge."""
    mcp = make(auth=Verifier())
    app = mcp.http_app()
    async with mcp.lifespan():
        response = await ask(app, "/mcp", {"authorization": f"Bearer {token}"} if token else {})
    assert response.status_code == status
    assert ("www-authenticate" in response.headers) == (status != 200)
    if status == 200:
        assert response.json()["result"]["content"][0]["text"].endswith("me")


async def test_auth_that_cannot_verify_is_refused_rather_than_ignored() -> None:
    """Decision: a bad value stops the server and never leaves it open."""
    with pytest.raises(TypeError, match="verify_token"):
        make(auth=object()).http_app()


async def test_a_taken_port_is_explained() -> None:
    """Decision: who holds it, and the next free one."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(LaunchError, match="Address already in use") as caught:
            bind("127.0.0.1", port)
        assert "free" in caught.value.next_step


async def test_a_server_on_this_machine_answers_only_to_its_names() -> None:
    """Specification, transports, "Security": DNS rebinding."""
    mcp = make()
    app = mcp.http_app(bound_host="127.0.0.1")
    async with mcp.lifespan():
        assert (await ask(app, "/mcp", {"host": "evil.example"})).status_code == 421
