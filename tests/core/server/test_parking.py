"""Questions in the stateless era: parked, resumed, replayed, refused."""

import asyncio
from typing import Any

import pytest

from wireglass.errors import INVALID_PARAMS, MISSING_CLIENT_CAPABILITY, McpError
from wireglass.protocol.inputs import ElicitRequest, ElicitRequestParams, InputRequiredResult
from wireglass.server import parking
from wireglass.server.app import FastMCP
from wireglass.server.context import Context

pytestmark = pytest.mark.anyio
V = "2026-07-28"
KEY = b"k" * 32
ASK_TWICE = {"name": "ask_twice", "arguments": {}}


def accept(value: Any) -> dict[str, Any]:
    return {"action": "accept", "content": {"value": value}}


def make(runs: list[str], key: bytes = KEY) -> FastMCP:
    mcp = FastMCP("parked", request_state_security=key)

    @mcp.tool
    async def ask_twice(ctx: Context) -> str:
        runs.append("run")
        first = await ctx.request_elicitation("First?", str)
        second = await ctx.request_elicitation("Second?", str)
        return f"{first} {second}"

    @mcp.tool
    async def ask_together(ctx: Context) -> str:
        one, two = await asyncio.gather(ctx.request_elicitation("A?", str), ctx.request_elicitation("B?", str))
        return one + two

    @mcp.tool
    async def guard(ctx: Context) -> Any:
        if ctx.input_responses is None:
            params = ElicitRequestParams(message="Sure?", requested_schema={"type": "object", "properties": {}})
            return InputRequiredResult(input_requests={"ok": ElicitRequest(params=params)}, request_state="kept")
        return f"{ctx.request_state} {ctx.input_responses['ok'].action}"

    return mcp


async def retry(line: Any, params: dict[str, Any], asked: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
    more: dict[str, Any] = {"inputResponses": answers}
    if "requestState" in asked:
        more["requestState"] = asked["requestState"]
    return await line.ask("tools/call", {**params, **more})


async def test_a_parked_call_goes_on_where_it_stopped(connect: Any) -> None:
    """Architecture: the suspended coroutine is resumed, not run again."""
    runs: list[str] = []
    async with connect(make(runs), V) as line:
        first = await line.ask("tools/call", ASK_TWICE)
        assert first["resultType"] == "input_required"
        assert first["inputRequests"]["q1"]["params"]["message"] == "First?"
        assert "First" not in first["requestState"]
        second = await retry(line, ASK_TWICE, first, {"q1": accept("a")})
        assert second["inputRequests"]["q2"]["params"]["message"] == "Second?"
        done = await retry(line, ASK_TWICE, second, {"q2": accept("b")})
        assert done["content"][0]["text"] == "a b"
        assert done["resultType"] == "complete"
        assert runs == ["run"]


async def test_another_worker_runs_the_call_again_with_the_answers_so_far(connect: Any) -> None:
    """Architecture: answers travel sealed in the state; workers share the key."""
    runs: list[str] = []
    async with connect(make(runs), V) as one, connect(make(runs), V) as two, connect(make(runs), V) as three:
        first = await one.ask("tools/call", ASK_TWICE)
        second = await retry(two, ASK_TWICE, first, {"q1": accept("a")})
        assert list(second["inputRequests"]) == ["q2"]
        done = await retry(three, ASK_TWICE, second, {"q2": accept("b")})
        assert done["content"][0]["text"] == "a b"
        assert len(runs) == 3


async def test_questions_asked_together_travel_together(connect: Any) -> None:
    """Specification, MRTR: several inputs in one round; what is missing is asked again."""
    params = {"name": "ask_together", "arguments": {}}
    async with connect(make([]), V) as line:
        asked = await line.ask("tools/call", params)
        assert {r["params"]["message"] for r in asked["inputRequests"].values()} == {"A?", "B?"}
        again = await retry(line, params, asked, {"q2": accept("y"), "stray": accept("z")})
        assert list(again["inputRequests"]) == ["q1"]
        done = await retry(line, params, again, {"q1": accept("x")})
        assert done["content"][0]["text"] == "xy"


@pytest.mark.parametrize("harm", ["changed", "foreign key", "other arguments", "not ours", "used"])
async def test_a_state_that_does_not_belong_is_refused(connect: Any, harm: str) -> None:
    """Specification, MRTR, "Security": forged, foreign, mismatched and used states are -32602."""
    async with connect(make([]), V) as line, connect(make([], b"x" * 32), V) as foreign:
        asked = await line.ask("tools/call", ASK_TWICE)
        params, target = dict(ASK_TWICE), line
        if harm == "changed":
            state = asked["requestState"]
            asked["requestState"] = state[:-6] + ("AAAAAA" if not state.endswith("AAAAAA") else "BBBBBB")
        elif harm == "foreign key":
            target = foreign
        elif harm == "other arguments":
            params["arguments"] = {"x": 1}
        elif harm == "not ours":
            asked["requestState"] = "hello"
        else:
            await retry(line, params, asked, {"q1": accept("a")})
        with pytest.raises(McpError, match="requestState") as caught:
            await retry(target, params, asked, {"q1": accept("a")})
        assert caught.value.code == INVALID_PARAMS


async def test_a_call_that_asks_something_else_when_run_again_is_refused(connect: Any) -> None:
    """Architecture: asking in a different order is a clear error."""

    def worker(question: str) -> FastMCP:
        mcp = FastMCP(request_state_security=KEY)

        @mcp.tool
        async def ask(ctx: Context) -> str:
            return await ctx.request_elicitation(question, str)

        return mcp

    params = {"name": "ask", "arguments": {}}
    async with connect(worker("Old?"), V) as one, connect(worker("New?"), V) as two:
        asked = await one.ask("tools/call", params)
        with pytest.raises(McpError, match="same order"):
            await retry(two, params, asked, {"q1": accept("a")})


async def test_the_guard_style_gets_answers_and_its_own_state_back(connect: Any) -> None:
    """Dialect 4: a tool returns InputRequiredResult and reads ctx.input_responses and ctx.request_state."""
    params = {"name": "guard", "arguments": {}}
    async with connect(make([]), V) as line:
        asked = await line.ask("tools/call", params)
        assert "kept" not in asked["requestState"]
        done = await retry(line, params, asked, {"ok": {"action": "decline"}})
        assert done["content"][0]["text"] == "kept decline"


@pytest.mark.parametrize("name", ["ask_twice", "guard"])
async def test_a_client_that_cannot_be_asked_is_told_what_is_missing(connect: Any, name: str) -> None:
    """Specification, "Missing capability": -32021 with an object of capabilities."""
    async with connect(make([]), V, capabilities={}) as line:
        with pytest.raises(McpError) as caught:
            await line.call(name)
        assert caught.value.code == MISSING_CLIENT_CAPABILITY
        assert caught.value.data == {"requiredCapabilities": {"elicitation": {"form": {}}}}


async def test_an_evicted_call_runs_again(connect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Architecture: parked calls have a bound in number; the oldest gives way and is replayed."""
    monkeypatch.setattr(parking, "MAX_PARKED", 1)
    runs: list[str] = []
    async with connect(make(runs), V) as line:
        first = await line.ask("tools/call", ASK_TWICE)
        await line.ask("tools/call", ASK_TWICE)
        second = await retry(line, ASK_TWICE, first, {"q1": accept("a")})
        assert list(second["inputRequests"]) == ["q2"]
        assert len(runs) == 3


async def test_an_expired_state_is_refused(connect: Any) -> None:
    """Specification, MRTR: expiry inside the seal."""
    from wireglass.server.sealing import Seal

    now = [1000.0]
    mcp = make([])
    mcp.parking = parking.Parking(Seal([KEY], clock=lambda: now[0]))
    async with connect(mcp, V) as line:
        asked = await line.ask("tools/call", ASK_TWICE)
        now[0] += 10_000
        with pytest.raises(McpError, match="expired"):
            await retry(line, ASK_TWICE, asked, {"q1": accept("a")})


async def test_a_function_that_may_ask_still_has_the_output_schema_of_its_answer() -> None:
    """Dialect 4: `-> str | InputRequiredResult` promises a string."""
    mcp = FastMCP()

    @mcp.tool
    async def guard() -> str | InputRequiredResult:
        return "done"

    tool = await mcp.get_tool("guard")
    assert tool is not None
    assert tool.output_schema is not None
    assert tool.output_schema["properties"] == {"result": {"type": "string"}}


async def test_a_call_of_a_client_that_answers_nothing_runs_in_its_request(connect: Any) -> None:
    """It can never be parked, so a task of its own would only cost time; asking is refused as ever."""
    mcp = FastMCP("plain")
    in_its_request: list[bool] = []

    @mcp.tool
    async def where(ctx: Context) -> str:
        in_its_request.append(ctx.asking is None)
        return "here"

    @mcp.tool
    async def ask(ctx: Context) -> str:
        return await ctx.request_elicitation("Name?", str)

    async with connect(mcp, "2026-07-28", capabilities={}) as line:
        assert (await line.call("where"))["content"][0]["text"] == "here"
        with pytest.raises(McpError) as caught:
            await line.call("ask")
        assert caught.value.code == MISSING_CLIENT_CAPABILITY
    assert mcp.parking._waiting == {}
    async with connect(mcp, "2026-07-28") as line:
        await line.call("where")
    assert in_its_request == [True, False]
