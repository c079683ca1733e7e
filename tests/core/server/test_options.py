"""Constructor options: honoured, refused by name, or (in files of FastMCP 4) refused with what to say instead."""

from pathlib import Path

import pytest

from wireglass import Client, Context, FastMCP
from wireglass.launch.dialect import detect_dialect
from wireglass.launch.source import read_source

pytestmark = pytest.mark.anyio


def test_an_option_that_does_not_exist_is_refused() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'hots'"):
        FastMCP("x", hots="0.0.0.0")


def test_a_file_of_fastmcp_4_hears_what_to_say_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREGLASS_DIALECT", "4")
    with pytest.raises(TypeError, match=r"no longer accepts `host`.*run_http_async"):
        FastMCP("x", host="0.0.0.0")
    with pytest.raises(TypeError, match=r"server\.enable"):
        FastMCP("x", include_tags={"public"})


def test_the_same_option_in_a_file_without_a_pin_makes_it_an_older_file(tmp_path: Path) -> None:
    """Such a file must run as it is: the option itself tells its dialect."""
    path = tmp_path / "server.py"
    path.write_text('from fastmcp import FastMCP\nmcp = FastMCP("x", host="0.0.0.0")\n')
    assert detect_dialect(read_source(path)).dialect == "2"
    path.write_text('from fastmcp import FastMCP\nmcp = FastMCP("x")\nmcp.run(transport="http", host="0.0.0.0")\n')
    assert detect_dialect(read_source(path)).dialect == "4"


async def test_duplicates_are_judged_by_kind() -> None:
    mcp = FastMCP("x", on_duplicate_tools="error", on_duplicate_prompts="replace")
    mcp.tool(lambda: 1, name="one")
    with pytest.raises(ValueError, match="one"):
        mcp.tool(lambda: 2, name="one")
    mcp.prompt(lambda: "a", name="p")
    mcp.prompt(lambda: "b", name="p")
    assert (await mcp.render_prompt("p")).messages[0].content.text == "b"


async def test_a_serializer_makes_the_text_of_results() -> None:
    mcp = FastMCP("x", tool_serializer=lambda value: f"<{value}>")
    mcp.tool(lambda: {"a": 1}, name="facts")
    result = await mcp.call_tool("facts")
    assert result.content[0].text == "<{'a': 1}>"


async def test_tools_are_transformed_from_the_start() -> None:
    mcp = FastMCP("x", tool_transformations={"old": {"name": "new"}})
    mcp.tool(lambda: 1, name="old")
    assert [tool.name for tool in await mcp.list_tools()] == ["new"]


@pytest.mark.parametrize("mode", ["stateless", "handshake"])
async def test_the_servers_log_level_holds_until_the_client_sets_its_own(mode: str) -> None:
    mcp = FastMCP("x", client_log_level="error")

    @mcp.tool
    async def say(ctx: Context) -> None:
        await ctx.info("low")
        await ctx.error("high")

    heard: list[str] = []
    async with Client(mcp, mode=mode, log_handler=lambda message: heard.append(message.data["msg"])) as client:
        await client.call_tool("say")
        assert heard == ["high"]
        if mode == "handshake":
            await client.set_logging_level("info")
            await client.call_tool("say")
            assert heard == ["high", "low", "high"]


async def test_experimental_capabilities_are_declared() -> None:
    async with Client(FastMCP("x", experimental_capabilities={"dev.example": {"a": 1}})) as client:
        assert client.facts.capabilities["experimental"] == {"dev.example": {"a": 1}}


async def test_tasks_may_be_the_default_of_all_components() -> None:
    mcp = FastMCP("x", tasks=True)

    @mcp.tool
    async def slow() -> int:
        return 1

    @mcp.tool(task=False)
    async def quick() -> int:
        return 1

    tools = {tool.name: tool.task_config.mode for tool in await mcp.list_tools()}
    assert tools == {"slow": "optional", "quick": "forbidden"}


def test_settings_of_the_environment_are_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASTMCP_MASK_ERROR_DETAILS", "1")
    assert FastMCP("x").mask_error_details is True
    assert FastMCP("x", mask_error_details=False).mask_error_details is False
