"""Requests in the log: for people, as JSON, cut, masked, on one line."""

import json
import logging
from typing import Any

import pytest

from wireglass import FastMCP
from wireglass.errors import ToolError
from wireglass.middleware.request_log import LoggingMiddleware, StructuredLoggingMiddleware
from wireglass.testing import create_test_client

pytestmark = pytest.mark.anyio


async def lines_of(caplog: pytest.LogCaptureFixture, middleware: Any, **arguments: Any) -> list[str]:
    mcp = FastMCP("s", middleware=[middleware])

    @mcp.tool
    def echo(text: str = "", password: str = "") -> str:
        if text == "boom":
            raise ToolError("no: ghp_0123456789abcdefghij0123456789abcdef")
        return text

    with caplog.at_level(logging.DEBUG, "fastmcp.requests"):
        async with create_test_client(mcp) as client:
            await client.call_tool("echo", arguments, raise_on_error=False)
    return [r.getMessage() for r in caplog.records if r.name == "fastmcp.requests" and "tools/call" in r.getMessage()]


async def test_begin_and_end_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    begin, end = await lines_of(caplog, LoggingMiddleware(level="INFO"), text="a")
    assert begin == "event=request_start method=tools/call name=echo source=client"
    assert end.startswith("event=request_success method=tools/call name=echo duration_ms=")


async def test_errors_are_logged_and_masked(caplog: pytest.LogCaptureFixture) -> None:
    lines = await lines_of(caplog, LoggingMiddleware(), text="boom")
    assert "event=request_error" in lines[-1]
    assert "ghp_" not in lines[-1]


async def test_json_has_the_same_facts(caplog: pytest.LogCaptureFixture) -> None:
    for middleware in (LoggingMiddleware(format="json"), StructuredLoggingMiddleware(include_payload_length=True)):
        caplog.clear()
        begin, end = await lines_of(caplog, middleware, text="a")
        assert json.loads(begin)["event"] == "request_start"
        assert json.loads(end)["duration_ms"] >= 0


async def test_payloads_are_masked_cut_and_cannot_forge_lines(caplog: pytest.LogCaptureFixture) -> None:
    middleware = LoggingMiddleware(
        include_payloads=True, estimate_payload_tokens=True, max_payload_length=80, redact=["planted"]
    )
    begin, _ = await lines_of(caplog, middleware, text="a\nevent=fake planted" + "x" * 500, password="hunter2")
    assert "\n" not in begin
    assert "planted" not in begin
    assert "hunter2" not in begin
    assert len(begin) < 400


async def test_only_chosen_methods_and_own_serializer(caplog: pytest.LogCaptureFixture) -> None:
    assert await lines_of(caplog, LoggingMiddleware(methods=["tools/list"]), text="a") == []
    middleware = LoggingMiddleware(include_payloads=True, payload_serializer=lambda message: "mine")
    begin, _ = await lines_of(caplog, middleware, text="a")
    assert "payload=mine" in begin


async def test_a_silent_logger_costs_nothing_and_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("silent.requests")
    logger.setLevel(logging.CRITICAL)
    assert await lines_of(caplog, LoggingMiddleware(logger=logger)) == []


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format"):
        LoggingMiddleware(format="xml")  # type: ignore[arg-type]  # the mistake under test
