"""Helpers of FastMCP that code imports by name: versions, pages, inspection, forms, gathering."""

import asyncio
import json
import logging

import pytest

from wireglass import Client, FastMCP, telemetry
from wireglass.compat import finder
from wireglass.compat.shims.elicitation import (
    get_elicitation_schema,
    handle_elicit_accept,
    parse_elicit_response_type,
    validate_elicitation_json_schema,
)
from wireglass.compat.shims.inspecting import format_info, inspect_fastmcp
from wireglass.compat.shims.pagination import CursorState, paginate_sequence
from wireglass.compat.shims.settings import Settings, settings
from wireglass.compat.shims.versions import VersionKey, compare_versions, dedupe_with_versions
from wireglass.compat.shims.waiting import gather
from wireglass.server.tools import Tool

pytestmark = pytest.mark.anyio


def test_versions_sort_as_packages_do_and_other_text_comes_last() -> None:
    ordered = [None, "1.0.dev1", "1.0a1", "1.0rc2", "1.0", "1.0.post1", "1.9", "v1.10", "999.0", "aaa"]
    ordered.reverse()
    assert sorted(ordered, key=VersionKey) == ordered[::-1]
    assert VersionKey("v1.0") == VersionKey("1")
    assert compare_versions(None, "0.1") == -1


@pytest.mark.parametrize("order", [("1", "1.0"), ("1.0", "1")])
def test_the_newest_tells_the_others_whatever_the_order(order: tuple[str, str]) -> None:
    tools = [Tool.from_function(lambda: None, name="t", version=version) for version in (*order, None)]
    (best,) = dedupe_with_versions(tools, key_fn=lambda tool: tool.name)
    assert best.meta["fastmcp"]["versions"] == ["1.0", "1"]


def test_pages_end_and_foreign_cursors_are_refused() -> None:
    first, cursor = paginate_sequence(range(25), None, 20)
    rest, end = paginate_sequence(range(25), cursor, 20)
    assert [*first, *rest] == list(range(25))
    assert end is None
    for foreign in ("not-base64!", CursorState(3).encode()[:-3], CursorState(-1).encode()):
        with pytest.raises(ValueError, match="Invalid cursor"):
            CursorState.decode(foreign)


async def test_inspection_shows_what_a_client_is_shown() -> None:
    mcp = FastMCP("shop", version="2", website_url="https://shop.example")
    mcp.tool(lambda: 1, name="one", tags={"a"})
    mcp.tool(lambda: 1, name="hidden", enabled=False)
    info = await inspect_fastmcp(mcp)
    assert (info.name, info.version, info.website_url) == ("shop", "2", "https://shop.example")
    assert [(tool.name, tool.tags) for tool in info.tools] == [("one", ["a"])]
    assert json.loads(await format_info(mcp, "fastmcp"))["server"]["generation"] == 2
    listed = json.loads(await format_info(mcp, "mcp"))
    assert [tool["name"] for tool in listed["tools"]] == ["one"]
    assert "inputSchema" in listed["tools"][0]
    with pytest.raises(ValueError, match="other"):
        await format_info(mcp, "other")


def test_forms_can_be_planned_checked_and_read() -> None:
    assert get_elicitation_schema(int)["properties"]["value"] == {"type": "integer"}
    plan = parse_elicit_response_type(["red", "blue"])
    assert handle_elicit_accept(plan, {"value": "red"}).data == "red"
    with pytest.raises(ValueError, match="red"):
        handle_elicit_accept(plan, {"value": "green"})
    with pytest.raises(TypeError, match="arrays are only allowed"):
        validate_elicitation_json_schema(
            {"type": "object", "properties": {"names": {"type": "array", "items": {"type": "string"}}}}
        )
    with pytest.raises(TypeError, match="nested objects"):
        validate_elicitation_json_schema({"type": "object", "properties": {"a": {"type": "object"}}})


async def test_gathering_keeps_order_and_a_failure_ends_the_others() -> None:
    async def give(value: int) -> int:
        return value

    ended = asyncio.Event()

    async def wait() -> int:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return 0

    async def fail() -> int:
        raise ValueError("no")

    async def stop() -> int:
        raise asyncio.CancelledError

    assert await gather(give(n) for n in (1, 2, 3)) == [1, 2, 3]
    with pytest.raises(ExceptionGroup):
        await gather([wait(), fail()])
    assert ended.is_set()
    kept = await gather([fail(), stop(), give(1)], return_exceptions=True)
    assert [type(item) for item in kept] == [ValueError, asyncio.CancelledError, int]
    with pytest.raises(asyncio.CancelledError):
        await gather([stop(), give(1)])


def test_a_patch_of_an_aliased_name_reaches_what_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests of servers patch `fastmcp...` names; the runtime must see it, and see it taken back."""
    finder.install("4", first=True)
    try:
        original = telemetry.get_tracer
        with monkeypatch.context() as patch:
            patch.setattr("fastmcp.telemetry.get_tracer", lambda: "patched")
            assert telemetry.get_tracer() == "patched"  # type: ignore[comparison-overlap]
        assert telemetry.get_tracer is original
    finally:
        finder.uninstall()


def test_settings_that_take_a_word_or_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.http_session_idle_timeout == "auto"
    monkeypatch.setenv("FASTMCP_HTTP_SESSION_IDLE_TIMEOUT", "0.5")
    assert settings.http_session_idle_timeout == 0.5
    assert Settings(http_session_idle_timeout=None).http_session_idle_timeout is None
    with pytest.raises(ValueError, match="above 0"):
        Settings(http_session_idle_timeout=0)


async def test_a_failed_call_is_logged_once_without_the_clients_values(caplog: pytest.LogCaptureFixture) -> None:
    inner, outer = FastMCP("inner"), FastMCP("outer")

    @inner.tool
    def pay(amount: int) -> int:
        return amount

    outer.mount(inner, "bank")
    async with Client(outer) as client:
        with caplog.at_level(logging.DEBUG, "wireglass.server"):
            result = await client.call_tool("bank_pay", {"amount": "SECRET"}, raise_on_error=False)
    assert result.is_error
    told = [record for record in caplog.records if record.name == "wireglass.server"]
    assert len(told) == 1
    assert "SECRET" not in told[0].getMessage()
    assert "int_parsing" in told[0].getMessage()
