"""Things that take their time: progress, logs of every level, cancellation, blocking work.

Run it alone with `wireglass run slow.py`, or open it in the workbench.
"""

import asyncio
import time
from typing import Annotated

from fastmcp import Context, FastMCP
from fastmcp.exceptions import ToolError
from pydantic import Field

mcp = FastMCP("slow", instructions="Every tool here waits on purpose.", version="1.0.0")

STOPPED: list[str] = []


@mcp.tool(title="Count slowly", tags={"progress"}, annotations={"readOnlyHint": True})
async def count(
    ctx: Context,
    steps: Annotated[int, Field(ge=1, le=1000, description="How many steps")] = 20,
    pause: Annotated[float, Field(ge=0, le=10, description="Seconds for each step")] = 0.25,
    known_total: Annotated[bool, Field(description="Tell the client how many steps there are")] = True,
) -> str:
    """Count with a progress report for each step. Stop it and it says how far it came."""
    done = 0
    try:
        for done in range(1, steps + 1):
            await asyncio.sleep(pause)
            await ctx.report_progress(done, steps if known_total else None, f"Step {done}")
    except asyncio.CancelledError:
        STOPPED.append(f"count stopped after {done} of {steps} steps")
        raise
    return f"Counted to {steps}."


@mcp.tool(title="Which calls were stopped?", tags={"progress"}, annotations={"readOnlyHint": True})
def stopped() -> list[str]:
    """What the cancelled calls of `count` left behind: the proof that a stop reaches the server."""
    return STOPPED


@mcp.tool(title="Write logs", tags={"logs"}, annotations={"readOnlyHint": True})
async def chatter(ctx: Context, lines: Annotated[int, Field(ge=1, le=5000)] = 8, pause: float = 0.05) -> int:
    """Log lines of every level, one after the other."""
    levels = (ctx.debug, ctx.info, ctx.warning, ctx.error)
    for number in range(lines):
        await levels[number % len(levels)](f"Line {number + 1} of {lines}", extra={"number": number + 1})
        await asyncio.sleep(pause)
    return lines


@mcp.tool(title="Block a thread", tags={"blocking"}, annotations={"readOnlyHint": True})
def block(seconds: Annotated[float, Field(ge=0, le=60)] = 3.0) -> str:
    """Sleep as blocking code does. Other calls still work while it sleeps."""
    time.sleep(seconds)
    return f"Slept for {seconds:g} s."


@mcp.tool(title="Give up after a while", tags={"blocking"}, timeout=2.0)
async def impatient(seconds: float = 10.0) -> str:
    """A tool with a time limit of two seconds of its own."""
    await asyncio.sleep(seconds)
    return "In time."


@mcp.tool(title="Fail half-way", tags={"progress"})
async def fail_half_way(ctx: Context, steps: Annotated[int, Field(ge=2, le=100)] = 6) -> str:
    """Report progress, then fail with a reason."""
    for number in range(1, steps // 2 + 1):
        await ctx.report_progress(number, steps, f"Step {number}")
        await asyncio.sleep(0.2)
    raise ToolError(f"The connection broke at step {steps // 2} of {steps}. Try again with fewer steps.")


@mcp.resource("slow://report", name="report", title="A report that takes a second", mime_type="text/plain")
async def report() -> str:
    """Reading this takes a second."""
    await asyncio.sleep(1)
    return "All is well, slowly."


if __name__ == "__main__":
    mcp.run()
