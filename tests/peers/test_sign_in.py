"""Our sign-in against authorization servers that we did not write: those that come with `fastmcp`, old and new."""

from pathlib import Path

import httpx
import pytest

from peers.environments import python_of
from peers.processes import HERE, environment, free_port, listening
from wireglass import Client
from wireglass.auth import OAuth, Permission, SignInStep
from wireglass.auth.kept import MemoryTokens

pytestmark = [pytest.mark.peer, pytest.mark.slow, pytest.mark.anyio]


async def allow(permission: Permission) -> None:
    """The person and the browser."""
    async with httpx.AsyncClient(follow_redirects=True, trust_env=False) as browser:
        page = await browser.get(permission.url)
        assert page.status_code == 200, page.text


@pytest.mark.parametrize("peer", ["fastmcp-4", "fastmcp-2"])
async def test_the_oauth_server_of_fastmcp(peer: str, tmp_path: Path) -> None:
    port, store, steps = free_port(), MemoryTokens(), list[SignInStep]()
    url = f"http://127.0.0.1:{port}/mcp"
    command = [python_of(peer), str(HERE / "programs" / "signed_in_server.py"), str(port)]
    with listening(command, port, environment(ours=False), tmp_path / "log"):
        auth = OAuth(token_storage=store, on_authorize=allow)
        async with Client(url, auth=auth, timeout=30, on_sign_in=steps.append) as client:
            assert (await client.call_tool("add", {"a": 2, "b": 3})).data == 5
            assert auth.token is not None
            assert "read" in auth.token.scopes
        auth = OAuth(token_storage=store)  # nobody to ask: what was kept must do, and renew itself
        async with Client(url, auth=auth, timeout=30) as client:
            await client.list_tools()
            first = auth.token
            assert first is not None
            assert await auth._refresh(first), steps
            await client.list_tools()
            assert auth.token is not first
        await auth.sign_out()
    assert {step.name for step in steps if step.state == "ok"} == {
        "challenge",
        "resource",
        "server",
        "client",
        "permission",
        "token",
    }
