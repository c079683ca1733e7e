"""A server on our runtime for tests of the window: completion, subscriptions, lists that change, tasks."""

import asyncio
from datetime import timedelta
from typing import Any, Literal

from wireglass import Context, FastMCP
from wireglass.server.components import TaskConfig

mcp = FastMCP("sample", request_state_security=b"k" * 32)
level = {"value": 1}


@mcp.resource("sample://level", mime_type="application/json")
def read_level() -> dict[str, int]:
    return level


@mcp.resource("sample://city/{name}")
def city(name: str) -> str:
    return f"{name} is a city"


@mcp.prompt
def visit(city: str, style: Literal["short", "long"] = "short") -> str:
    return f"Tell me about {city}, {style}."


@mcp.completion
def suggest(ref: Any, argument: Any, context: Any) -> list[str] | None:
    if argument.name in ("name", "city"):
        return [one for one in ("Paris", "Parma", "Porto") if one.lower().startswith(argument.value.lower())]
    return None


@mcp.tool
async def raise_level() -> int:
    level["value"] += 1
    await mcp.notify_resource_updated("sample://level")
    return level["value"]


@mcp.tool
async def grow() -> str:
    @mcp.tool
    def grown() -> str:
        return "grown"

    return "there is one more"


@mcp.tool(task=TaskConfig(mode="optional", poll_interval=timedelta(milliseconds=50)))
async def long_work(steps: int = 20) -> str:
    for _ in range(steps):
        await asyncio.sleep(0.05)
    return "done"


@mcp.tool(task=TaskConfig(mode="optional", poll_interval=timedelta(milliseconds=50)))
async def asking_work(ctx: Context) -> str:
    answer = await ctx.elicit("Which city?", str)
    return f"{answer.action}: {getattr(answer, 'data', '')}"


if __name__ == "__main__":
    mcp.run()
