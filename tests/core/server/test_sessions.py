"""State that callers name: handles that a tool gives out, and the signed-in user's own."""

import functools
from typing import Annotated, Any

import pytest
from pydantic import Field

from wireglass import Client, Context, FastMCP
from wireglass.errors import ToolError
from wireglass.server.sessions import (
    SESSION_ID_DESCRIPTION,
    SessionId,
    SessionProvider,
    UserSession,
    get_session,
    session_id_parameter_names,
)
from wireglass.storage.stores import open_store

pytestmark = pytest.mark.anyio


def _shop(store: Any = None) -> FastMCP:
    mcp = FastMCP("shop", session_state_store=store)
    mcp.add_provider(SessionProvider())

    @mcp.tool
    async def add(item: str, session_id: SessionId) -> list[str]:
        session = await get_session(session_id)
        cart = [*await session.get("cart", []), item]
        await session.set("cart", cart)
        return cart

    @mcp.tool
    async def empty(session_id: SessionId) -> list[str]:
        session = await get_session(session_id)
        await session.clear()
        return await session.get("cart", [])

    return mcp


@pytest.mark.parametrize("kept", ["here", "in a store"])
@pytest.mark.parametrize("mode", ["stateless", "handshake"])
async def test_a_handle_lives_from_creation_to_its_end(mode: str, kept: str) -> None:
    mcp = _shop(open_store("memory") if kept == "in a store" else None)
    async with Client(mcp, mode=mode) as client:
        first = (await client.call_tool("create_session")).data
        other = (await client.call_tool("create_session")).data
        assert first != other
        await client.call_tool("add", {"item": "lamp", "session_id": first})
        again = await client.call_tool("add", {"item": "desk", "session_id": first})
        assert again.data == ["lamp", "desk"]
        assert (await client.call_tool("add", {"item": "pen", "session_id": other})).data == ["pen"]
        assert (await client.call_tool("empty", {"session_id": first})).data == []
        assert (await client.call_tool("add", {"item": "cup", "session_id": first})).data == ["cup"]
        await client.call_tool("end_session", {"session_id": first})
        for gone in (first, "never-given-out", "", "x" * 600):
            with pytest.raises(ToolError):
                await client.call_tool("add", {"item": "x", "session_id": gone})


async def test_models_are_told_what_the_argument_is() -> None:
    mcp = FastMCP("x")

    @mcp.tool
    def plain(session_id: SessionId) -> str:
        return session_id

    @mcp.tool
    def documented(session_id: SessionId) -> str:
        """Go on.

        Args:
            session_id: Which cart.
        """
        return session_id

    @mcp.tool
    def repeated(session_id: Annotated[SessionId, Field(description=SESSION_ID_DESCRIPTION)]) -> str:
        return session_id

    async with Client(mcp) as client:
        described = {t.name: t.input_schema["properties"]["session_id"] for t in await client.list_tools()}
    assert described["plain"] == {"type": "string", "description": SESSION_ID_DESCRIPTION}
    assert described["documented"]["description"] == f"Which cart.\n\n{SESSION_ID_DESCRIPTION}"
    assert described["repeated"]["description"] == SESSION_ID_DESCRIPTION


async def test_a_users_own_state_needs_a_user(monkeypatch: pytest.MonkeyPatch) -> None:
    mcp = FastMCP("x")
    user: list[str | None] = [None]
    monkeypatch.setattr("wireglass.server.sessions.current_principal", lambda: user[0])

    @mcp.tool
    async def count(session: UserSession) -> int:
        await session.set("n", await session.get("n", 0) + 1)
        return await session.get("n")

    @mcp.tool
    async def known(session: UserSession | None = None) -> bool:
        return session is not None

    async with Client(mcp) as client:
        schemas = [tool.input_schema["properties"] for tool in await client.list_tools()]
        assert schemas == [{}, {}]
        with pytest.raises(ToolError, match="signed-in user"):
            await client.call_tool("count")
        assert (await client.call_tool("known")).data is False
        for name, expected in (("ann", 1), ("ann", 2), ("bob", 1)):
            user[0] = name
            assert (await client.call_tool("count")).data == expected
        assert (await client.call_tool("known")).data is True


def test_the_parameters_that_take_a_session_id() -> None:
    def tool(item: str, session_id: SessionId, ctx: Context) -> None: ...

    assert session_id_parameter_names(tool) == ("session_id",)
    assert session_id_parameter_names(functools.partial(tool, "x")) == ("session_id",)
    assert session_id_parameter_names(functools.partial(tool, session_id="s")) == ("session_id",)
    assert session_id_parameter_names(functools.partial(tool, "x", "s")) == ()
    assert session_id_parameter_names(lambda item: item) == ()
