"""Several versions of one component."""

from typing import Any

import pytest

from wireglass.server.app import FastMCP
from wireglass.server.providers.local import LocalProvider
from wireglass.server.versions import VersionSpec

pytestmark = pytest.mark.anyio


def make() -> FastMCP:
    mcp = FastMCP()
    provider = LocalProvider()
    for version in ("1.9", "1.10"):

        @provider.tool(version=version)
        def which(version: str = version) -> str:
            return version

    mcp.add_provider(provider)
    return mcp


async def test_the_newest_is_listed_and_called(connect: Any) -> None:
    """Dialect 4: 1.10 is newer than 1.9; `_meta` tells the others; a client asks for one in `_meta`."""
    async with connect(make()) as line:
        (tool,) = (await line.ask("tools/list"))["tools"]
        assert tool["_meta"]["fastmcp"]["versions"] == ["1.10", "1.9"]
        assert (await line.call("which"))["content"][0]["text"] == "1.10"
        meta = {"fastmcp": {"version": "1.9"}}
        older = await line.ask("tools/call", {"name": "which", "arguments": {}}, meta=meta)
        assert older["content"][0]["text"] == "1.9"


async def test_an_older_version_answers_when_the_newest_is_off() -> None:
    """Dialect 4: visibility by version."""
    mcp = make()
    assert len(await mcp.list_tools()) == 2
    mcp.disable(version=VersionSpec(eq="1.10"))
    assert (await mcp.call_tool("which")).content[0].text == "1.9"


def test_versions_are_not_mixed_with_none() -> None:
    """Dialect 4: a name is versioned or it is not."""
    provider = LocalProvider()
    provider.tool(lambda: 1, name="x", version="1")
    with pytest.raises(ValueError, match="versioned"):
        provider.tool(lambda: 1, name="x")
