"""A server of the runtime for the interaction tests: what the official suites lack. Run as a script it serves stdio."""

import asyncio
from datetime import timedelta
from typing import Any

from wireglass import Context, FastMCP
from wireglass.errors import URL_ELICITATION_REQUIRED, McpError
from wireglass.server.components import TaskConfig

PAGE = {"mode": "url", "message": "Pay?", "url": "https://pay.example/1", "elicitationId": "e1"}
SOON = TaskConfig(mode="optional", poll_interval=timedelta(milliseconds=20))


def make() -> FastMCP:
    """A fresh server."""
    mcp = FastMCP("runtime", version="1", request_state_security=b"k" * 32)
    paid: set[str] = set()

    @mcp.resource("x://counter")
    def counter() -> str:
        return "now"

    @mcp.tool
    async def touch(ctx: Context) -> str:
        """Says that the resource changed."""
        await mcp.notify_resource_updated("x://counter")
        return "touched"

    @mcp.tool
    async def add_tool() -> str:
        """Changes the list of tools."""
        mcp.add_tool(len)
        return "added"

    @mcp.tool
    def add_tool_in_a_thread() -> str:
        """Changes the list of tools from outside the event loop."""

        def in_thread() -> str:
            return "x"

        mcp.add_tool(in_thread)
        return "added"

    @mcp.tool
    async def decorate() -> str:
        """Changes the list of tools by a decorator."""

        @mcp.tool
        def decorated() -> str:
            return "x"

        return "added"

    @mcp.tool
    async def add_others() -> str:
        """Changes the lists of resources and prompts."""
        mcp.resource("x://fresh", name="fresh")(lambda: "x")
        mcp.prompt(name="fresh")(lambda: "x")
        return "added"

    @mcp.tool(task=SOON)
    async def work(ctx: Context, ask: bool = False) -> str:
        """Takes a moment, as a task where the client wants one."""
        await asyncio.sleep(0.05)
        name = await ctx.request_elicitation("Name?", str) if ask else "nobody"
        return f"{ctx.is_background_task} {name}"

    @mcp.tool(task=SOON)
    async def hang_as_task() -> None:
        """Never answers, as a task where the client wants one."""
        await asyncio.Event().wait()

    @mcp.tool
    async def ask_as_task(ctx: Context) -> str:
        """Asks a question that outlives its request where the client can keep one."""
        schema = {"type": "object", "properties": {"value": {"type": "string"}}}
        answer = await ctx.ask("elicitation/create", {"message": "Name?", "requestedSchema": schema}, task=True)
        return str(answer["content"]["value"])

    @mcp.tool
    async def folders(ctx: Context) -> list[str]:
        """The client's roots."""
        return [str(root.uri) for root in await ctx.list_roots()]

    @mcp.tool
    async def page(ctx: Context) -> str:
        """Asks the user to visit a page."""
        params = {
            key: value for key, value in PAGE.items() if not ctx.require_scope().stateless or key != "elicitationId"
        }
        return str((await ctx.ask("elicitation/create", params))["action"])

    @mcp.tool
    async def page_first(ctx: Context) -> str:
        """Refuses until the user has visited a page (2025-11-25)."""
        if "e1" not in paid:
            paid.add("e1")
            raise McpError(URL_ELICITATION_REQUIRED, "Pay first.", {"elicitations": [PAGE]})
        return "paid"

    @mcp.tool
    async def paid_now(ctx: Context) -> str:
        """Says that the page was visited."""
        await ctx.require_scope().session.notify("notifications/elicitation/complete", {"elicitationId": "e1"})
        return "told"

    @mcp.tool
    async def meta(ctx: Context) -> dict[str, Any]:
        """The request's `_meta` as it arrived."""
        return {key: value for key, value in ctx.require_scope().meta.items() if "/" not in key or "example" in key}

    @mcp.tool
    async def twice(ctx: Context) -> str:
        """Asks two things, one after the other."""
        first = await ctx.request_elicitation("First?", str)
        return f"{first} {await ctx.request_elicitation('Second?', str)}"

    @mcp.tool
    async def away(ctx: Context) -> str:
        """Sends the client away to poll, where there is a stream to close."""
        await ctx.report_progress(1, 2)
        await ctx.close_sse_stream()
        await asyncio.sleep(0.05)
        return "back"

    @mcp.tool
    async def hang() -> None:
        """Never answers."""
        await asyncio.Event().wait()

    return mcp


if __name__ == "__main__":
    make().run()
