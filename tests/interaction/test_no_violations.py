"""Our own client and server, in every revision, as the judge sees them: nothing to object to."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from wireglass import Client, Context, FastMCP, InputBroker
from wireglass.client.inputs import InputRequest
from wireglass.errors import McpError
from wireglass.media import Audio, Icon, Image
from wireglass.protocol.content import ResourceLink
from wireglass.protocol.versions import ALL_VERSIONS
from wireglass.recording.judge import Judge
from wireglass.recording.ledger import Ledger
from wireglass.server.components import TaskConfig

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

    @mcp.tool(
        title="Titled",
        icons=[Icon(src="data:image/png;base64,AAAA", mime_type="image/png", sizes=["48x48"])],
        annotations={"readOnlyHint": True},
        meta={"com.example/x": 1},
        task=TaskConfig(mode="optional", poll_interval=timedelta(milliseconds=20)),
    )
    async def blocks() -> list[Any]:
        """Every kind of content."""
        return [
            "text",
            Image(data=b"1", format="png"),
            Audio(data=b"1", format="wav"),
            ResourceLink(uri="data://fixed", name="fixed", title="Fixed"),
        ]

    @mcp.tool
    async def ask_all(ctx: Context) -> str:
        """Asks for a choice of several, for a page to be visited, for the model and for the roots."""
        version = ctx.require_scope().version
        if version >= "2025-06-18":
            await ctx.elicit("Which?", [["a", "b"]])
            await ctx.elicit("Which one?", {"a": {"title": "A"}})
        if version >= "2025-11-25":
            page = {"mode": "url", "message": "Pay?", "url": "https://pay.example/1", "elicitationId": "e1"}
            await ctx.ask("elicitation/create", page)
        await ctx.sample("2+2?", max_tokens=5)
        return str(len(await ctx.list_roots()))

    @mcp.tool
    async def change(ctx: Context) -> str:
        await mcp.notify_resource_updated("data://fixed")
        mcp.add_tool(len)
        return "changed"

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
    assert len((await client.call_tool("blocks")).content) == 4
    if version >= "2025-11-25":
        await client.call_tool("blocks", task=True)
    assert (await client.call_tool("ask_all")).text == "1"
    await client.complete({"type": "ref/prompt", "name": "greet"}, {"name": "name", "value": "a"})
    await client.set_logging_level("warning")
    await client.subscribe_resource("data://fixed")
    await client.call_tool("change")
    await client.unsubscribe_resource("data://fixed")
    await client.set_logging_level("debug")
    for wrong in ({"name": "no such tool"}, {"name": "talk", "arguments": []}, {}):
        with pytest.raises(McpError):
            await client.request("tools/call", wrong)
    with pytest.raises(McpError):
        await client.read_resource("data://nothing/here/at/all")
    with pytest.raises(McpError):
        await client.request("tools/list", {"cursor": "made up"})


async def ignore(*_: Any) -> None:
    return None


def answer(request: InputRequest) -> None:
    """Accepts whatever is asked."""
    if request.kind == "roots":
        return request.answer({"roots": [{"uri": "file:///a"}]})
    if request.kind == "sampling":
        return request.answer({"role": "assistant", "content": {"type": "text", "text": "4"}, "model": "m"})
    if "url" in request.params:
        return request.answer({"action": "accept"})
    field = request.params["requestedSchema"]["properties"]["value"]
    value: Any = ["a"] if field["type"] == "array" else "a"
    return request.answer({"action": "accept", "content": {"value": value}})


@pytest.mark.parametrize("version", ALL_VERSIONS)
async def test_a_whole_session_has_no_violation(version: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    ledger = Ledger()
    Judge(ledger).watch()
    async with Client(everything(), mode=version, tap=ledger.tap("s"), inputs=InputBroker(answer)) as client:
        await client.listen_for_changes()
        await use(client, version)
    # What we sent wrongly on purpose is ours to be judged for.
    found = [
        (entry.raw, entry.violations)
        for entry in ledger.entries
        if entry.violations and not (entry.sender == "client" and entry.method == "tools/call")
    ]
    assert found == []
    assert len(ledger.entries) > 20
    assert all(exchange.status != "open" for exchange in ledger.exchanges if exchange.method != "subscriptions/listen")
