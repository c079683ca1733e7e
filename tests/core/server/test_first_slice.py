"""A server with tools, resources and prompts answers in every revision."""

import asyncio
import threading
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from wireglass.errors import INVALID_PARAMS, McpError, RegistrationError
from wireglass.server.app import FastMCP
from wireglass.server.context import Context

VERSIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"]
pytestmark = pytest.mark.anyio


class Point(BaseModel):
    x: int
    y: int = 0


def make() -> FastMCP:
    mcp = FastMCP("demo", instructions="Be kind.", version="1.2")

    @mcp.tool
    def add(a: int, b: Annotated[int, Field(description="The other", ge=0)] = 2) -> int:
        """Adds.

        Args:
            a: The one
        """
        return a + b

    @mcp.tool("shift", tags={"geo"}, annotations={"readOnlyHint": True})
    async def _shift(point: Point, by: int, ctx: Context) -> Point:
        await ctx.info("shifting")
        await ctx.report_progress(1, 2, "half")
        return Point(x=point.x + by, y=point.y + by)

    @mcp.resource("data://config")
    def config() -> dict[str, int]:
        return {"answer": 42}

    @mcp.resource("user://{name}/profile{?size}")
    def profile(name: str, size: int = 1) -> str:
        return name * size

    @mcp.prompt
    def greet(who: str, mood: Literal["good", "bad"] = "good") -> str:
        """Greets."""
        return f"Say a {mood} hello to {who}"

    return mcp


@pytest.mark.parametrize("version", VERSIONS)
async def test_everything_listed_can_be_used(connect: Any, version: str) -> None:
    """Specification, server features of every revision."""
    async with connect(make(), version) as line:
        tools = (await line.ask("tools/list"))["tools"]
        assert [tool["name"] for tool in tools] == ["add", "shift"]
        schema = tools[0]["inputSchema"]
        assert schema["properties"]["a"] == {"type": "integer", "description": "The one"}
        assert schema["properties"]["b"]["minimum"] == 0
        assert schema["required"] == ["a"]
        assert "ctx" not in tools[1]["inputSchema"]["properties"]
        assert ("outputSchema" in tools[0]) == (version >= "2025-06-18")
        assert ("annotations" in tools[1]) == (version >= "2025-03-26")
        result = await line.call("add", a="1")
        assert result["content"] == [{"type": "text", "text": "3"}]
        assert result.get("structuredContent") == ({"result": 3} if version >= "2025-06-18" else None)
        assert (await line.ask("resources/list"))["resources"][0]["uri"] == "data://config"
        read = await line.ask("resources/read", {"uri": "data://config"})
        assert read["contents"] == [{"uri": "data://config", "mimeType": "application/json", "text": '{"answer":42}'}]
        read = await line.ask("resources/read", {"uri": "user://bo/profile?size=2"})
        assert read["contents"][0]["text"] == "bobo"
        got = await line.ask("prompts/get", {"name": "greet", "arguments": {"who": "Ada"}})
        assert got["messages"] == [{"role": "user", "content": {"type": "text", "text": "Say a good hello to Ada"}}]
        assert ("resultType" in got) == (version == "2026-07-28")


@pytest.mark.parametrize("version", VERSIONS)
async def test_progress_and_logs_reach_the_caller(connect: Any, version: str) -> None:
    """Specification, utilities: progress, logging."""
    seen: list[Any] = []
    async with connect(make(), version) as line:
        line.session.log_level = "info"
        result = await line.ask(
            "tools/call",
            {"name": "shift", "arguments": {"point": {"x": 1}, "by": 1}},
            on_progress=lambda *progress: seen.append(progress),
        )
        assert "isError" not in result
        assert len(seen) == 1
        assert ("notifications/message", "shifting") in [
            (method, params.get("data", {}).get("msg")) for method, params in line.heard
        ]


async def test_arguments_as_json_text_are_read_and_bad_ones_are_explained(connect: Any) -> None:
    """Our choice: some hosts send objects as text; a message names argument, type and expectation."""
    async with connect(make()) as line:
        result = await line.ask("tools/call", {"name": "shift", "arguments": {"point": '{"x": 5}', "by": 1}})
        assert result["structuredContent"] == {"x": 6, "y": 1}
        result = await line.call("add", a="many", c=1)
        text = result["content"][0]["text"]
        assert result["isError"] is True
        assert "a\n" in text
        assert "string" in text
        assert "Unexpected keyword argument" in text


async def test_an_unknown_tool_is_a_protocol_error(connect: Any) -> None:
    """Specification, server/tools, "Error handling"."""
    async with connect(make()) as line:
        with pytest.raises(McpError) as caught:
            await line.call("nope")
        assert caught.value.code == INVALID_PARAMS


@pytest.mark.parametrize(("version", "code"), [("2025-06-18", -32002), ("2026-07-28", -32602)])
async def test_a_missing_resource_has_the_code_of_the_revision(connect: Any, version: str, code: int) -> None:
    """Specification, server/resources, "Error handling"."""
    async with connect(make(), version) as line:
        with pytest.raises(McpError) as caught:
            await line.ask("resources/read", {"uri": "data://none"})
        assert caught.value.code == code
        assert caught.value.data == {"uri": "data://none"}


async def test_a_sync_function_does_not_block_the_loop() -> None:
    """Issue 4: two blocking tools meet at a barrier, which only works when both run at once."""
    mcp = FastMCP()
    barrier = threading.Barrier(2, timeout=60)

    @mcp.tool
    def meet() -> int:
        return barrier.wait()

    results = await asyncio.gather(mcp.call_tool("meet"), mcp.call_tool("meet"))
    assert {result.structured_content["result"] for result in results} == {0, 1}


async def test_elicitation_asks_and_reads_typed_answers(connect: Any) -> None:
    """Specification, client/elicitation (handshake era)."""
    mcp = FastMCP()

    @dataclass
    class Order:
        size: Literal["s", "m"]
        count: int = 1

    @mcp.tool
    async def order(context: Context) -> str:
        outcome = await context.elicit("What?", Order)
        name = await context.request_elicitation(prompt="Name?", response_type=str)
        assert outcome.action == "accept"
        return f"{name}: {outcome.data.count} {outcome.data.size}"

    async def answers(method: str, params: dict[str, Any]) -> dict[str, Any]:
        assert method == "elicitation/create"
        if params["message"] == "What?":
            assert params["requestedSchema"]["properties"]["size"] == {"type": "string", "enum": ["s", "m"]}
            return {"action": "accept", "content": {"size": "m"}}
        return {"action": "accept", "content": {"value": "Ada"}}

    async with connect(mcp, answers=answers) as line:
        result = await line.call("order")
        assert result["content"][0]["text"] == "Ada: 1 m"


async def test_a_declined_question_is_an_error_the_model_reads(connect: Any) -> None:
    """Decision: `request_elicitation` raises a tool error when the user did not accept."""
    mcp = FastMCP()

    @mcp.tool
    async def ask(context: Context) -> str:
        return await context.request_elicitation(prompt="Name?", response_type=str)

    async def answers(method: str, params: dict[str, Any]) -> dict[str, Any]:
        return {"action": "decline"}

    async with connect(mcp, answers=answers) as line:
        result = await line.call("ask")
        assert result["isError"] is True
        assert "declined" in result["content"][0]["text"]


def test_a_context_without_annotation_is_refused_where_it_is_written() -> None:
    """Decision: errors at registration name function, file and line."""
    mcp = FastMCP()

    def bad(ctx) -> str:  # type: ignore[no-untyped-def]  # the mistake under test
        return ""

    with pytest.raises(RegistrationError, match=r"'bad' \(.*test_first_slice\.py:\d+\).*ctx: Context"):
        mcp.tool(bad)


def test_a_parameter_without_schema_is_refused() -> None:
    """Decision: an annotation that has no schema fails at registration."""

    class Strange:
        pass

    mcp = FastMCP()

    def bad(x: Strange) -> str:
        return ""

    with pytest.raises(RegistrationError, match=r"'x'.*Strange.*no JSON Schema"):
        mcp.tool(bad)


async def test_a_foreign_result_is_refused_with_its_type_and_place(connect: Any) -> None:
    """Decision: never a printed object."""

    class Strange:
        pass

    mcp = FastMCP()

    @mcp.tool
    def bad() -> dict[str, Any]:
        return {"rows": [1, Strange()]}

    async with connect(mcp) as line:
        result = await line.call("bad")
        assert result["isError"] is True
        assert "result['rows'][1] is a" in result["content"][0]["text"]
        assert "Strange" in result["content"][0]["text"]


async def test_one_function_may_be_many_things() -> None:
    """Registered on two servers, and as a tool, a prompt and a resource."""

    def word() -> str:
        return "word"

    from wireglass import Client

    first, second = FastMCP("first"), FastMCP("second")
    for server in (first, second):
        server.tool(word)
        server.prompt(word)
        server.resource("data://word")(word)
        async with Client(server) as client:
            assert (await client.call_tool("word", {})).data == "word"
            assert (await client.read_resource("data://word"))[0].text == "word"
            assert (await client.get_prompt("word")).messages[0].content.text == "word"
    second.add_tool(word)
