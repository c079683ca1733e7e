"""Who may see and use what, by scopes, roles and tags of tokens that a table knows."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest

from wireglass import Client, FastMCP
from wireglass.client.transports import StreamableHttpTransport
from wireglass.server.auth_checks import StaticTokenVerifier, require_roles, require_scopes, restrict_tag

pytestmark = pytest.mark.anyio

TOKENS = {
    "reader": {"client_id": "r", "scopes": ["read"], "sub": "ann"},
    "admin": {"client_id": "a", "scopes": ["read", "admin"], "sub": "bob", "roles": ["boss"]},
    "old": {"client_id": "o", "scopes": ["read", "admin"], "expires_at": 1},
}


def _server() -> FastMCP:
    mcp = FastMCP("x", auth=StaticTokenVerifier(TOKENS, required_scopes=["read"]))
    mcp.tool(lambda: 1, name="open")
    mcp.tool(lambda: 1, name="scoped", auth=require_scopes("read", "admin"))
    mcp.tool(lambda: 1, name="role", auth=require_roles("boss"))
    mcp.tool(lambda: 1, name="tagged", tags={"secret"}, auth=restrict_tag("secret", scopes=["admin"]))
    mcp.tool(lambda: 1, name="untagged", auth=restrict_tag("secret", scopes=["admin"]))
    return mcp


@asynccontextmanager
async def _client(mcp: FastMCP, token: str | None) -> AsyncGenerator[Client, None]:
    app = mcp.http_app()

    def factory(**options: object) -> httpx.AsyncClient:
        return httpx.AsyncClient(**{**options, "transport": httpx.ASGITransport(app=app)})  # type: ignore[arg-type]

    async with mcp.lifespan(app):
        recipe = StreamableHttpTransport("http://127.0.0.1/mcp", auth=token, httpx_client_factory=factory)
        async with Client(recipe, mode="stateless") as client:
            yield client


@pytest.mark.parametrize(
    ("token", "seen"),
    [("reader", ["open", "untagged"]), ("admin", ["open", "scoped", "role", "tagged", "untagged"])],
)
async def test_a_caller_sees_what_its_token_allows(token: str, seen: list[str]) -> None:
    async with _client(_server(), token) as client:
        assert [tool.name for tool in await client.list_tools()] == seen


@pytest.mark.parametrize("token", [None, "unknown", "old"])
async def test_tokens_that_are_absent_unknown_or_expired_do_not_come_in(token: str | None) -> None:
    with pytest.raises(Exception, match="401"):
        async with _client(_server(), token):
            pass


async def test_a_token_tells_who_its_subject_is() -> None:
    token = await StaticTokenVerifier(
        {"t": {"client_id": "c", "sub": "ann", "expires_at": time.time() + 60}}
    ).verify_token("t")
    assert token is not None
    assert (token.subject, token.client_id, token.claims["sub"]) == ("ann", "c", "ann")
