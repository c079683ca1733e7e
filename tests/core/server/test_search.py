"""Searching a catalogue of tools: our own choice of ranking, FastMCP's names and limits."""

import logging
from collections.abc import Sequence
from typing import Any

import pytest

from wireglass import Client, Context, FastMCP
from wireglass.errors import ToolError
from wireglass.middleware.base import Middleware
from wireglass.server.tools import Tool
from wireglass.server.transforms import search_regex
from wireglass.server.transforms.catalog import CatalogTransform
from wireglass.server.transforms.search import BaseSearchTransform, serialize_tools_for_output_markdown
from wireglass.server.transforms.search_bm25 import BM25SearchTransform
from wireglass.server.transforms.search_regex import RegexSearchTransform
from wireglass.server.transforms.selection import Visibility

pytestmark = pytest.mark.anyio

ARGUMENT: dict[type, str] = {RegexSearchTransform: "pattern", BM25SearchTransform: "query"}
both = pytest.mark.parametrize("kind", [RegexSearchTransform, BM25SearchTransform])


def desk(*transforms: Any) -> FastMCP:
    mcp = FastMCP("desk", transforms=list(transforms))

    @mcp.tool
    def delete_record(record_id: str) -> str:
        """Deletes a record from the database.

        Args:
            record_id: which row goes away
        """
        return f"deleted {record_id}"

    @mcp.tool
    def search_database(query: str, limit: int = 10) -> str:
        """Searches the database for records."""
        return query * limit

    @mcp.tool(tags={"mail"})
    def send_email(to: str, subject: str) -> str:
        """Sends a letter."""
        return f"{to}: {subject}"

    @mcp.tool
    def status() -> str:
        """How we are."""
        return "well"

    return mcp


async def find(client: Client, kind: type, words: str, tool: str = "search_tools") -> list[str]:
    result = await client.call_tool(tool, {ARGUMENT[kind]: words})
    return [found["name"] for found in result.structured_content["result"]]


@both
async def test_only_the_search_and_the_call_are_listed(kind: type[BaseSearchTransform]) -> None:
    async with Client(desk(kind())) as client:
        assert [tool.name for tool in await client.list_tools()] == ["search_tools", "call_tool"]


@both
async def test_pinned_tools_stay_listed_and_are_not_found(kind: type[BaseSearchTransform]) -> None:
    async with Client(desk(kind(always_visible=["send_email"]))) as client:
        assert [tool.name for tool in await client.list_tools()] == ["send_email", "search_tools", "call_tool"]
        assert await find(client, kind, "email") == []


@both
async def test_names_descriptions_and_parameters_are_searched(kind: type[BaseSearchTransform]) -> None:
    async with Client(desk(kind())) as client:
        assert await find(client, kind, "email") == ["send_email"]
        assert await find(client, kind, "letter") == ["send_email"]
        assert await find(client, kind, "subject") == ["send_email"]
        assert await find(client, kind, "row") == ["delete_record"]
        assert await find(client, kind, "zebra") == []


@both
async def test_what_is_found_is_what_a_list_shows(kind: type[BaseSearchTransform]) -> None:
    async with Client(desk()) as plain, Client(desk(kind())) as client:
        (listed,) = [tool for tool in (await plain.list_tools_mcp()).tools if tool.name == "send_email"]
        found = (await client.call_tool("search_tools", {ARGUMENT[kind]: "email"})).structured_content["result"]
        assert found[0]["inputSchema"] == listed.input_schema
        assert found[0]["description"] == listed.description


@both
async def test_hidden_tools_are_called_directly_and_through_the_call_tool(kind: type[BaseSearchTransform]) -> None:
    async with Client(desk(kind())) as client:
        assert (await client.call_tool("delete_record", {"record_id": "7"})).data == "deleted 7"
        through = await client.call_tool("call_tool", {"name": "delete_record", "arguments": {"record_id": "7"}})
        assert through.content[0].text == "deleted 7"
        assert (await client.call_tool("call_tool", {"name": "status"})).content[0].text == "well"


@both
@pytest.mark.parametrize("name", ["call_tool", "search_tools"])
async def test_the_call_tool_does_not_call_itself(kind: type[BaseSearchTransform], name: str) -> None:
    async with Client(desk(kind())) as client:
        with pytest.raises(ToolError, match="synthetic"):
            await client.call_tool("call_tool", {"name": name, "arguments": {}})


@both
async def test_unknown_names_are_an_error_that_names_them(kind: type[BaseSearchTransform]) -> None:
    async with Client(desk(kind())) as client:
        with pytest.raises(ToolError, match="nowhere"):
            await client.call_tool("call_tool", {"name": "nowhere"})


@both
async def test_both_tools_can_be_renamed(kind: type[BaseSearchTransform]) -> None:
    async with Client(desk(kind(search_tool_name="find", call_tool_name="use"))) as client:
        assert [tool.name for tool in await client.list_tools()] == ["find", "use"]
        assert await find(client, kind, "email", tool="find") == ["send_email"]
    with pytest.raises(ValueError, match="both"):
        kind(search_tool_name="use", call_tool_name="use")


@both
async def test_what_is_switched_off_is_neither_found_nor_called(kind: type[BaseSearchTransform]) -> None:
    async with Client(desk(Visibility(False, tags={"mail"}), kind())) as client:
        assert await find(client, kind, "email") == []
        with pytest.raises(ToolError, match="send_email"):
            await client.call_tool("call_tool", {"name": "send_email", "arguments": {"to": "a", "subject": "b"}})


@both
async def test_a_session_rule_counts_at_once(kind: type[BaseSearchTransform]) -> None:
    mcp = desk(kind())

    @mcp.tool
    async def lock(ctx: Context) -> str:
        await ctx.disable_components(names={"send_email"})
        return "locked"

    async with Client(mcp, mode="handshake") as client:
        assert await find(client, kind, "email") == ["send_email"]
        await client.call_tool("lock", {})
        assert await find(client, kind, "email") == []


@both
async def test_middleware_decides_what_can_be_found(kind: type[BaseSearchTransform]) -> None:
    class NoMail(Middleware):
        async def on_list_tools(self, context: Any, call_next: Any) -> Any:
            return [tool for tool in await call_next(context) if "mail" not in tool.name]

    mcp = desk(kind())
    mcp.add_middleware(NoMail())
    async with Client(mcp) as client:
        assert await find(client, kind, "email") == []


@both
async def test_tools_for_the_programs_own_interface_stay_out_of_the_models_sight(
    kind: type[BaseSearchTransform],
) -> None:
    """MCP Apps: a host hides them from the model when it lists; a search result passes that door."""
    mcp = desk(kind())

    @mcp.tool(meta={"ui": {"visibility": ["app"]}})
    def save_email(text: str) -> str:
        return text

    async with Client(mcp) as client:
        assert await find(client, kind, "email") == ["send_email"]
        with pytest.raises(ToolError, match="save_email"):
            await client.call_tool("call_tool", {"name": "save_email", "arguments": {"text": "x"}})
        assert (await client.call_tool("save_email", {"text": "x"})).data == "x"


@both
async def test_tools_of_mounted_servers_are_found_under_their_names_here(kind: type[BaseSearchTransform]) -> None:
    mcp = FastMCP("parent", transforms=[kind()])
    mcp.mount(desk(), "desk")
    async with Client(mcp) as client:
        assert await find(client, kind, "letter") == ["desk_send_email"]
        result = await client.call_tool("call_tool", {"name": "desk_status"})
        assert result.content[0].text == "well"


@both
async def test_a_search_inside_a_mounted_server_works_there(kind: type[BaseSearchTransform]) -> None:
    mcp = FastMCP("parent")
    mcp.mount(desk(kind()), "desk")
    async with Client(mcp) as client:
        assert [tool.name for tool in await client.list_tools()] == ["desk_search_tools", "desk_call_tool"]
        assert await find(client, kind, "letter", tool="desk_search_tools") == ["send_email"]
        result = await client.call_tool("desk_call_tool", {"name": "status"})
        assert result.content[0].text == "well"


async def test_the_newest_version_is_found_once() -> None:
    mcp = FastMCP("v", transforms=[RegexSearchTransform()])
    for version in ("1", "2"):
        mcp.add_tool(Tool.from_function(lambda: None, name="same", description=f"number {version}", version=version))
    async with Client(mcp) as client:
        result = await client.call_tool("search_tools", {"pattern": "same"})
        (found,) = result.structured_content["result"]
        assert found["description"] == "number 2"


async def test_regex_results_come_in_the_order_of_the_catalogue_and_end_at_the_limit() -> None:
    async with Client(desk(RegexSearchTransform(max_results=2))) as client:
        assert await find(client, RegexSearchTransform, ".") == ["delete_record", "search_database"]
        assert await find(client, RegexSearchTransform, "SEND.*email|nothing") == ["send_email"]


@pytest.mark.parametrize("pattern", ["(", "send(?=.*email)", r"(a)\1", "a" * 1001])
async def test_patterns_that_the_engine_refuses_find_nothing(pattern: str) -> None:
    async with Client(desk(RegexSearchTransform())) as client:
        assert await find(client, RegexSearchTransform, pattern) == []


async def test_a_search_that_takes_too_long_ends_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(search_regex, "SEARCH_SECONDS", -1.0)
    async with Client(desk(RegexSearchTransform())) as client:
        with caplog.at_level(logging.WARNING):
            assert await find(client, RegexSearchTransform, "email") == []
    assert "stopped" in caplog.text


async def test_words_are_ranked_by_how_rare_and_how_frequent_they_are() -> None:
    async with Client(desk(BM25SearchTransform())) as client:
        found = await find(client, BM25SearchTransform, "delete something from the database")
        assert found == ["delete_record", "search_database"]
        assert await find(client, BM25SearchTransform, "") == []


async def test_the_index_follows_the_catalogue() -> None:
    mcp = desk(BM25SearchTransform(max_results=1))
    async with Client(mcp) as client:
        assert await find(client, BM25SearchTransform, "giraffe") == []

        @mcp.tool
        def zoo() -> str:
            """Where the giraffe lives."""
            return "there"

        assert await find(client, BM25SearchTransform, "giraffe") == ["zoo"]
        tool = await mcp.get_tool("status")
        assert tool is not None
        tool.description = "giraffe giraffe giraffe"
        assert await find(client, BM25SearchTransform, "giraffe") == ["status"]


async def test_results_can_be_written_otherwise() -> None:
    async with Client(
        desk(RegexSearchTransform(search_result_serializer=serialize_tools_for_output_markdown))
    ) as client:
        result = await client.call_tool("search_tools", {"pattern": "search_database"})
        assert result.data == (
            "### search_database\n\nSearches the database for records.\n\n**Parameters**\n"
            "- `query` (string, required)\n- `limit` (integer) (default: `10`)\n\n"
            "**Returns**\n- `result` (string, required)"
        )

    async def names(tools: Sequence[Tool]) -> list[str]:
        return [tool.name for tool in tools]

    async with Client(desk(RegexSearchTransform(search_result_serializer=names))) as client:
        result = await client.call_tool("search_tools", {"pattern": "email"})
        assert result.content[0].text == '["send_email"]'


async def test_other_catalogues_are_read_behind_their_transform() -> None:
    class Hidden(CatalogTransform):
        async def transform_resources(self, resources: Any) -> Any:
            return []

        async def transform_prompts(self, prompts: Any) -> Any:
            return []

        async def transform_resource_templates(self, templates: Any) -> Any:
            return []

    hidden = Hidden()
    mcp = FastMCP("c", transforms=[hidden])
    mcp.resource("data://a")(_greeting)
    mcp.resource("data://{b}")(_echo)
    mcp.prompt(_greeting)

    @mcp.tool
    async def real(ctx: Context) -> list[str]:
        found = [
            *await hidden.get_resource_catalog(ctx),
            *await hidden.get_resource_template_catalog(ctx),
            *await hidden.get_prompt_catalog(ctx),
        ]
        return [component.identifier for component in found]

    async with Client(mcp) as client:
        assert [await client.list_resources(), await client.list_prompts()] == [[], []]
        assert await client.list_resource_templates() == []
        assert (await client.call_tool("real", {})).data == ["data://a", "data://{b}", "_greeting"]


def _echo(b: str) -> str:
    return b


def _greeting() -> str:
    return "hello"
