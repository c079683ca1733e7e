"""The client's model from a tool, in both eras, and what the session switches."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from wireglass.server.app import FastMCP
from wireglass.server.context import Context
from wireglass.server.dependencies import CurrentContext, Progress, get_http_headers
from wireglass.server.injection import CallArgument, Depends

pytestmark = pytest.mark.anyio


class City(BaseModel):
    name: str


def said(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "model": "m", "content": list(blocks) if len(blocks) > 1 else blocks[0]}


async def test_a_system_message_becomes_the_system_prompt(connect: Any) -> None:
    """Reference guide: request_sampling with role "system"; the answer's content is text."""
    mcp = FastMCP()
    asked: list[dict[str, Any]] = []

    @mcp.tool
    async def enhance(text: str, context: Context) -> str:
        messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]
        answer = await context.request_sampling(messages=messages, temperature=0.7, max_tokens=50)
        return answer["content"]

    async def answers(method: str, params: dict[str, Any]) -> dict[str, Any]:
        asked.append(params)
        return said({"type": "text", "text": "Short."})

    async with connect(mcp, answers=answers) as line:
        assert (await line.call("enhance", text="Long"))["content"][0]["text"] == "Short."
    assert asked[0]["systemPrompt"] == "Be brief."
    assert [m["role"] for m in asked[0]["messages"]] == ["user"]
    assert asked[0]["maxTokens"] == 50


async def test_a_model_uses_tools_and_answers_in_a_type(connect: Any) -> None:
    """Dialects 2 and 3: sample(tools=, result_type=)."""
    mcp = FastMCP()

    def population(city: str) -> int:
        return len(city)

    @mcp.tool
    async def biggest(ctx: Context) -> str:
        result = await ctx.sample("Which?", tools=[population], result_type=City)
        return f"{result.result.name} {len(result.history)}"

    turns = [
        said({"type": "tool_use", "id": "1", "name": "population", "input": {"city": "Rome"}}),
        said({"type": "tool_use", "id": "2", "name": "final_response", "input": {"wrong": 1}}),
        said({"type": "tool_use", "id": "3", "name": "final_response", "input": {"name": "Rome"}}),
    ]
    seen: list[dict[str, Any]] = []

    async def answers(method: str, params: dict[str, Any]) -> dict[str, Any]:
        seen.append(params)
        return turns[len(seen) - 1]

    async with connect(mcp, answers=answers, capabilities={"sampling": {"tools": {}}}) as line:
        assert (await line.call("biggest"))["content"][0]["text"] == "Rome 7"
    assert seen[1]["messages"][-1]["content"][0]["content"] == [{"type": "text", "text": "4"}]
    assert seen[2]["messages"][-1]["content"][0]["isError"] is True


async def test_roots_are_listed(connect: Any) -> None:
    """Specification, client/roots."""
    mcp = FastMCP()

    @mcp.tool
    async def roots(ctx: Context) -> list[str]:
        return [root.uri for root in await ctx.list_roots()]

    async def answers(method: str, params: dict[str, Any]) -> dict[str, Any]:
        return {"roots": [{"uri": "file:///x"}]}

    async with connect(mcp, answers=answers) as line:
        assert (await line.call("roots"))["structuredContent"] == {"result": ["file:///x"]}


async def test_parameters_are_injected_and_not_shown() -> None:
    """Dialect 4: Depends, CurrentContext, CallArgument, Progress; each dependency once per call, closed after it."""
    events: list[str] = []

    def database(name: Annotated[str, CallArgument()]) -> Any:
        events.append(f"open {name}")
        yield f"db of {name}"
        events.append("close")

    def user(db: str = Depends(database)) -> str:
        return f"user in {db}"

    mcp = FastMCP()

    @mcp.tool
    async def work(
        name: str,
        db: str = Depends(database),
        who: str = Depends(user),
        ctx: Any = CurrentContext(),  # noqa: B008 - the spelling under test
        progress: Progress = Progress(),  # noqa: B008 - the spelling under test
    ) -> str:
        await progress.increment()
        assert ctx.fastmcp is mcp
        assert get_http_headers() == {}
        events.append("work")
        return f"{db} {who}"

    tool = await mcp.get_tool("work")
    assert tool is not None
    assert list(tool.parameters["properties"]) == ["name"]
    result = await mcp.call_tool("work", {"name": "x"})
    assert result.content[0].text == "db of x user in db of x"
    assert events == ["open x", "work", "close"]


async def test_a_session_switches_its_own_components(connect: Any) -> None:
    """Dialect 4: ctx.disable_components touches one session only and tells it."""
    mcp = FastMCP()

    @mcp.tool(tags={"extra"})
    def more() -> str:
        return ""

    @mcp.tool
    async def hide(ctx: Context) -> str:
        await ctx.disable_components(tags={"extra"})
        return "hidden"

    async with connect(mcp) as one, connect(mcp) as two:
        await one.call("hide")
        assert [t["name"] for t in (await one.ask("tools/list"))["tools"]] == ["hide"]
        assert [t["name"] for t in (await two.ask("tools/list"))["tools"]] == ["more", "hide"]
        assert ("notifications/tools/list_changed", {}) in [(m, p or {}) for m, p in one.heard]
