"""Durations in the log."""

import logging
import os
import sys
from pathlib import Path

import pytest

from wireglass import Client, FastMCP
from wireglass.client.transports import StdioTransport
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


SERVER = """
from fastmcp import FastMCP
from fastmcp.server.middleware.timing import TimingMiddleware

mcp = FastMCP("timed", middleware=[TimingMiddleware()])

@mcp.tool
def add(a: int) -> int:
    return a + 1

mcp.run()
"""


@pytest.mark.parametrize(("level", "told"), [(None, True), ("WARNING", False)])
async def test_a_server_that_runs_shows_the_lines_on_stderr(tmp_path: Path, level: str | None, told: bool) -> None:
    """Whoever adds it wants to read them, without setting up logging first; the log level turns them off."""
    (tmp_path / "server.py").write_text(SERVER)
    said: list[str] = []
    command = ["-m", "wireglass.compat", "server.py"]
    extra = {} if level is None else {"FASTMCP_LOG_LEVEL": level}
    environment = {"PYTHONPATH": os.pathsep.join(sys.path), **extra}
    transport = StdioTransport(sys.executable, command, cwd=tmp_path, env=environment)
    async with Client(transport, on_stderr=said.append) as client:
        assert (await client.call_tool("add", {"a": 1})).data == 2
    assert ("Request tools/call completed in" in "".join(said)) == told
