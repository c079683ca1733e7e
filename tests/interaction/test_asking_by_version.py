"""What a version lacks is neither asked for nor answered: the same tools with clients of every version."""

import asyncio
from typing import Any

import pytest

from wireglass import Client, Context, FastMCP, InputBroker
from wireglass.client.inputs import InputRequest
from wireglass.errors import McpError
from wireglass.protocol.messages import Frame
from wireglass.recording.judge import Judge
from wireglass.recording.ledger import Ledger

pytestmark = pytest.mark.anyio


def server() -> FastMCP:
    mcp = FastMCP("asks")

    @mcp.tool
    async def choose(ctx: Context) -> list[str]:
        answer = await ctx.elicit("Which?", [["red", "blue"]])
        return answer.data  # type: ignore[union-attr]  # the test accepts

    @mcp.tool
    async def think(ctx: Context) -> str:
        return str((await ctx.sample(["one", "two"], max_tokens=5)).text)

    @mcp.tool
    async def raise_code(code: int) -> str:
        raise McpError(code, "as planned", {"elicitations": [], "uri": "x://1"})

    @mcp.tool
    async def ask_raw(ctx: Context, method: str, params: dict[str, Any]) -> Any:
        return await ctx.require_scope().request(method, params)

    return mcp


@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25", "2026-07-28"])
async def test_a_choice_of_several_is_asked_for_in_each_versions_form(version: str) -> None:
    asked: list[dict[str, Any]] = []

    def answer(request: InputRequest) -> None:
        field = request.params["requestedSchema"]["properties"]["value"]
        asked.append(field)
        request.answer({"action": "accept", "content": {"value": "blue" if field["type"] == "string" else ["blue"]}})

    ledger = Ledger()
    Judge(ledger).watch()
    async with asyncio.timeout(20), Client(
        server(), mode=version, inputs=InputBroker(answer), tap=ledger.tap("s")
    ) as client:  # fmt: skip
        assert (await client.call_tool("choose")).data == ["blue"]
    assert asked[0]["type"] == ("string" if version == "2025-06-18" else "array")
    assert [(entry.raw, entry.violations) for entry in ledger.entries if entry.violations] == []


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"])
async def test_sampling_fits_every_version(version: str) -> None:
    ledger = Ledger()
    Judge(ledger).watch()
    async with asyncio.timeout(20), Client(
        server(), mode=version, sampling_handler=lambda messages, params, context: "4", tap=ledger.tap("s")
    ) as client:  # fmt: skip
        assert (await client.call_tool("think")).text == "4"
    assert [(entry.raw, entry.violations) for entry in ledger.entries if entry.violations] == []


@pytest.mark.parametrize(
    ("version", "raised", "sent"),
    [
        ("2026-07-28", -32002, -32602),  # "MUST NOT be sent in modern"
        ("2025-11-25", -32002, -32002),
        ("2025-11-25", -32042, -32042),
        ("2025-06-18", -32042, -32602),  # only 2025-11-25 has it
        ("2026-07-28", -32042, -32602),
    ],
)
async def test_error_codes_are_those_of_the_version(version: str, raised: int, sent: int) -> None:
    """Digest, section 20, whatever the author or a server behind a proxy raises."""
    mcp = server()

    @mcp.resource("x://raises")
    def raises() -> str:
        raise McpError(raised, "as planned", {"uri": "x://1"})

    async with asyncio.timeout(20), Client(mcp, mode=version) as client:
        with pytest.raises(McpError) as error:
            await client.request("resources/read", {"uri": "x://raises"})
        assert error.value.code == sent
        assert error.value.data == {"uri": "x://1"}


@pytest.mark.parametrize(
    ("version", "method", "params"),
    [
        ("2025-06-18", "elicitation/create", {"mode": "url", "message": "m", "url": "https://x.example"}),
        ("2025-06-18", "sampling/createMessage", {"messages": [], "maxTokens": 1, "tools": [{"name": "t"}]}),
        (
            "2025-11-25",
            "sampling/createMessage",
            {"messages": [{"role": "user", "content": {"type": "tool_result", "toolUseId": "a"}}], "maxTokens": 1},
        ),
    ],
)
async def test_a_client_refuses_what_it_did_not_declare(version: str, method: str, params: dict[str, Any]) -> None:
    """Elicitation and sampling pages: -32602, and nobody is asked."""
    asked: list[InputRequest] = []
    frames: list[Frame] = []
    async with (
        asyncio.timeout(20),
        Client(server(), mode=version, inputs=InputBroker(asked.append), tap=frames.append) as client,
    ):
        with pytest.raises(McpError):
            await client.request("tools/call", {"name": "ask_raw", "arguments": {"method": method, "params": params}})
    assert asked == []
    refusals = [f.message["error"]["code"] for f in frames if f.sender == "client" and "error" in (f.message or {})]
    assert refusals == [-32602]
