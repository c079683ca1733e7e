"""Functions that only a sampled model can call."""

from typing import Any

import pytest

from wireglass import Client, Context, FastMCP
from wireglass.errors import RegistrationError, ValidationError
from wireglass.server.sampling_tools import SamplingTool

pytestmark = pytest.mark.anyio


def add(a: int, b: int = 1) -> int:
    """Adds."""
    return a + b


async def test_it_runs_its_function_with_checked_arguments() -> None:
    tool = SamplingTool.from_function(add)
    assert (tool.name, tool.description) == ("add", "Adds.")
    assert await tool.run({"a": 2}) == 3
    with pytest.raises(ValidationError):
        await tool.run({"a": "x"})
    assert tool._to_sdk_tool().input_schema == tool.parameters
    assert await SamplingTool.from_function(lambda: 5, name="five").run() == 5
    with pytest.raises(RegistrationError, match="lambda"):
        SamplingTool.from_function(lambda: 5)


async def test_the_model_is_offered_it_and_gets_its_result() -> None:
    mcp = FastMCP("sampling")
    seen: list[Any] = []

    @mcp.tool
    async def think(ctx: Context) -> str | None:
        tool = SamplingTool.from_function(add, name="plus", description="Puts together.")
        return (await ctx.sample("2 and 3?", tools=[tool])).text

    async def model(messages: Any, params: Any, context: Any) -> Any:
        seen.append(messages)
        if len(seen) == 1:
            assert [(tool["name"], tool["description"]) for tool in params.tools] == [("plus", "Puts together.")]
            use = {"type": "tool_use", "id": "1", "name": "plus", "input": {"a": 2, "b": 3}}
            return {"role": "assistant", "model": "m", "content": [use], "stopReason": "toolUse"}
        return "It is 5."

    async with Client(mcp, sampling_handler=model) as client:
        assert (await client.call_tool("think", {})).data == "It is 5."
    assert "5" in str(seen[1][-1])
