"""Our own client and server, in every revision, as the judge sees them: nothing to object to."""

import logging
from typing import Any

import pytest

from wireglass import Client, Context, FastMCP
from wireglass.protocol.versions import ALL_VERSIONS
from wireglass.recording.judge import Judge
from wireglass.recording.ledger import Ledger

pytestmark = pytest.mark.anyio


def everything() -> FastMCP:
    mcp = FastMCP("everything", instructions="Try it.")

    @mcp.tool
    async def talk(ctx: Context, steps: int = 3) -> dict[str, int]:
        """Reports progress and logs."""
        for step in range(steps):
            await ctx.report_progress(step + 1, steps, "going on")
        await ctx.info("done")
        return {"steps": steps}

    @mcp.tool
    def fail() -> str:
        raise ValueError("as planned")

    @mcp.tool
    async def ask(ctx: Context) -> str:
        answer = await ctx.elicit("Name?", response_type=str)
        return f"{answer.action}"

    @mcp.resource("data://fixed")
    def fixed() -> str:
        return "text"

    @mcp.resource("data://{key}/bytes")
    def of_key(key: str) -> bytes:
        return key.encode()

    @mcp.prompt
    def greet(name: str) -> str:
        return f"Hello {name}"

    return mcp


async def use(client: Client, version: str) -> None:
    await client.list_tools()
    await client.list_resources()
    await client.list_resource_templates()
    await client.list_prompts()
    await client.call_tool("talk", {"steps": 2}, progress_handler=ignore)
    await client.call_tool("fail", raise_on_error=False)
    await client.read_resource("data://fixed")
    await client.read_resource("data://a/bytes")
    await client.get_prompt("greet", {"name": "Ada"})
    if version >= "2025-06-18":
        await client.call_tool("ask")


async def ignore(*_: Any) -> None:
    return None


async def accept(*_: Any) -> dict[str, str]:
    return {"value": "Ada"}


@pytest.mark.parametrize("version", ALL_VERSIONS)
async def test_a_whole_session_has_no_violation(version: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    ledger = Ledger()
    Judge(ledger).watch()
    async with Client(everything(), mode=version, tap=ledger.tap("s"), elicitation_handler=accept) as client:
        await use(client, version)
    found = [(entry, entry.violations) for entry in ledger.entries if entry.violations]
    assert found == []
    assert len(ledger.entries) > 20
    assert all(exchange.status != "open" for exchange in ledger.exchanges if exchange.method != "subscriptions/listen")
