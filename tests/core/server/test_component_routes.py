"""Routes that switch components on and off, and who may use them."""

from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from wireglass import FastMCP
from wireglass.server.component_routes import set_up_component_manager

pytestmark = pytest.mark.anyio


def word() -> str:
    return "word"


def of(name: str) -> str:
    return name


def server(auth: Any = None, **options: Any) -> FastMCP:
    mcp, child = FastMCP("parent", auth=auth), FastMCP("child")
    child.tool(word)
    mcp.mount(child, "sub")
    mcp.tool(word, version="1")
    mcp.tool(of, name="word", version="2")
    mcp.resource("data://a/b")(word)
    mcp.resource("data://{name}")(of)
    mcp.prompt(word)
    set_up_component_manager(mcp, **options)
    return mcp


async def post(mcp: FastMCP, path: str, token: str | None = None) -> httpx.Response:
    transport = httpx.ASGITransport(app=mcp.http_app())
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        return await client.post(path, headers=headers)


async def shown(mcp: FastMCP) -> list[str]:
    lists = [await mcp.list_tools(), await mcp.list_resources(), await mcp.list_resource_templates()]
    return [component.key for listed in (*lists, await mcp.list_prompts()) for component in listed]


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("tools/word", ["tool:word@1", "tool:word@2"]),
        ("tools/word?version=1", ["tool:word@1"]),
        ("tools/sub_word", ["tool:sub_word@"]),
        ("resources/data://a/b", ["resource:data://a/b@"]),
        ("resources/data://%7Bname%7D", ["template:data://{name}@"]),
        ("prompts/word", ["prompt:word@"]),
    ],
)
async def test_what_is_switched_off_can_be_switched_on_again(path: str, keys: list[str]) -> None:
    mcp = server()
    before = await shown(mcp)
    name, _, query = path.partition("?")
    for _ in range(3):
        answer = await post(mcp, f"/{name}/disable?{query}")
        assert answer.status_code == 200
        assert answer.json()["message"].startswith("Disabled ")
        assert set(before) - set(await shown(mcp)) == set(keys)
        assert (await post(mcp, f"/{name}/enable?{query}")).json()["message"].startswith("Enabled ")
        assert set(await shown(mcp)) == set(before)
    assert len(mcp.transforms) == 1  # one rule, however often it was switched


async def test_what_was_switched_off_otherwise_can_be_switched_on_here() -> None:
    mcp = server(path="/admin")
    mcp.disable(names={"word"}, components={"prompt"})
    assert await mcp.list_prompts() == []
    assert (await post(mcp, "/admin/prompts/word/enable")).status_code == 200
    assert [prompt.name for prompt in await mcp.list_prompts()] == ["word"]


@pytest.mark.parametrize("path", ["tools/none", "resources/none://x", "prompts/none", "tools/word?version=9"])
async def test_what_is_not_there_is_not_found(path: str) -> None:
    name, _, query = path.partition("?")
    answer = await post(server(), f"/{name}/disable?{query}")
    kind, _, wanted = name.partition("s/")
    assert (answer.status_code, answer.text) == (404, f"Unknown {kind}: {wanted}")


class Tokens:
    """Knows two tokens."""

    required_scopes = ("user",)

    async def verify_token(self, token: str) -> Any:
        scopes = {"reader": ["user"], "admin": ["user", "write"]}.get(token)
        return None if scopes is None else SimpleNamespace(client_id=token, scopes=scopes, subject=None, claims={})


@pytest.mark.parametrize(
    ("scopes", "token", "status"),
    [
        (["write"], None, 401),
        (["write"], "forged", 401),
        (["write"], "reader", 403),
        (["write"], "admin", 200),
        (None, None, 401),
        (None, "reader", 200),
    ],
)
async def test_a_server_with_tokens_asks_for_one(scopes: list[str] | None, token: str | None, status: int) -> None:
    mcp = server(Tokens(), required_scopes=scopes)
    assert (await post(mcp, "/tools/sub_word/disable", token)).status_code == status
    assert ("tool:sub_word@" in await shown(mcp)) == (status != 200)


async def test_scopes_without_tokens_let_nobody_in() -> None:
    mcp = server(required_scopes=["write"])
    assert (await post(mcp, "/tools/word/disable", "admin")).status_code == 401
