"""Durations in the log."""

import logging

import pytest

from wireglass import FastMCP
from wireglass.errors import ToolError
from wireglass.middleware.timing import DetailedTimingMiddleware, TimingMiddleware
from wireglass.testing import create_test_client

pytestmark = pytest.mark.anyio


async def test_each_request_is_timed_failed_ones_too(caplog: pytest.LogCaptureFixture) -> None:
    mcp = FastMCP("s", middleware=[TimingMiddleware(log_level="INFO")])

    @mcp.tool
    def bad() -> str:
        raise ToolError("no")

    with caplog.at_level(logging.INFO, "fastmcp.timing"):
        async with create_test_client(mcp) as client:
            await client.list_tools()
            with pytest.raises(ToolError):
                await client.call_tool("bad")
    lines = [record.getMessage() for record in caplog.records if record.name == "fastmcp.timing"]
    assert any(line.startswith("Request tools/list completed in ") and line.endswith("ms") for line in lines)
    assert any(line.startswith("Request tools/call failed after ") and line.endswith("ms: no") for line in lines)


async def test_the_detailed_form_names_what_was_used(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("test.timing")
    mcp = FastMCP("s", middleware=[DetailedTimingMiddleware(logger, logging.WARNING)])
    mcp.tool(lambda: "x", name="quick")

    @mcp.resource("data://a")
    def a() -> str:
        return "a"

    with caplog.at_level(logging.WARNING, "test.timing"):
        async with create_test_client(mcp) as client:
            await client.call_tool("quick")
            await client.read_resource("data://a")
    text = caplog.text
    assert "Tool 'quick' completed in" in text
    assert "Resource 'data://a' completed in" in text
