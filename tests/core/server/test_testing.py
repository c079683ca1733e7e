"""`create_test_client` gives authors a client in the same process."""

import pytest

from wireglass.server.app import FastMCP
from wireglass.testing import create_test_client


@pytest.mark.anyio
async def test_a_tool_answers_with_typed_data() -> None:
    """The reference guide's own test example."""
    mcp = FastMCP("test-server")

    @mcp.tool()
    async def test_tool(param: str) -> str:
        return f"Result: {param}"

    async with create_test_client(mcp) as client:
        result = await client.call_tool("test_tool", {"param": "test"})
        assert result.data == "Result: test"
