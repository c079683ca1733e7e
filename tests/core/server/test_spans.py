"""Spans ride home on the response, only when the request asks (architecture, "A middleware span to the timeline")."""

from typing import Any

import pytest

from wireglass import Client, Context, FastMCP
from wireglass.errors import McpError
from wireglass.middleware.base import Middleware
from wireglass.protocol.messages import Span
from wireglass.protocol.spans import SPANS_KEY, decode_spans
from wireglass.recording.timing import self_times

pytestmark = pytest.mark.anyio
TRACE = {"dev.wireglass/trace": True}
ERAS = ["2025-11-25", "2026-07-28"]


class Outer(Middleware):
    async def on_message(self, context: Any, call_next: Any) -> Any:
        return await call_next(context)


class Inner(Outer):
    pass


def desk() -> FastMCP:
    mcp = FastMCP("desk", middleware=[Outer(), Inner()])

    @mcp.tool
    async def quote(ctx: Context) -> int:
        with ctx.span("carrier API", host="example"):
            return 7

    @mcp.tool
    async def label(ctx: Context) -> str:
        with ctx.span("before"):
            pass
        answer = await ctx.elicit("Sure?", bool)
        with ctx.span("after"):
            return str(answer.action)

    return mcp


async def accept(*_: Any) -> Any:
    return {"value": True}


def spans(result: dict[str, Any]) -> tuple[Span, ...]:
    found, misfits = decode_spans(result["_meta"][SPANS_KEY])
    assert misfits == 0
    return found


def tree(found: tuple[Span, ...]) -> list[tuple[str, str, str | None]]:
    return [(one.name, one.kind, None if one.parent is None else found[one.parent].name) for one in found]


@pytest.mark.parametrize("mode", ERAS)
async def test_the_whole_chain_is_told(mode: str) -> None:
    async with Client(desk(), mode=mode) as client:
        result = await client.request("tools/call", {"name": "quote", "arguments": {}}, meta=TRACE)
    found = spans(result)
    assert tree(found) == [
        ("tools/call quote", "server", None),
        ("Outer", "middleware", "tools/call quote"),
        ("Inner", "middleware", "Outer"),
        ("quote", "handler", "Inner"),
        ("validate arguments", "validation", "quote"),
        ("carrier API", "user", "quote"),
        ("serialise result", "serialisation", "quote"),
    ]
    assert found[5].facts == {"host": "example"}
    assert sum(self_times(found)) == pytest.approx(found[0].duration_us, rel=0.02, abs=2)


async def test_nothing_is_told_unless_asked() -> None:
    async with Client(desk()) as client:
        result = await client.request("tools/call", {"name": "quote", "arguments": {}})
    assert SPANS_KEY not in result.get("_meta", {})


async def test_an_error_carries_them_in_its_data() -> None:
    async with Client(desk()) as client:
        with pytest.raises(McpError) as refused:
            await client.request("tools/call", {"name": "nowhere", "arguments": {}}, meta=TRACE)
    found, _ = decode_spans(refused.value.data[SPANS_KEY])
    assert [one.name for one in found] == ["tools/call nowhere", "Outer", "Inner"]


@pytest.mark.parametrize("mode", ERAS)
async def test_time_of_a_human_is_marked(mode: str) -> None:
    async with Client(desk(), mode=mode, elicitation_handler=accept) as client:
        result = await client.request("tools/call", {"name": "label", "arguments": {}}, meta=TRACE)
    names = tree(spans(result))
    assert ("elicitation", "human", "label") in names
    assert ("after", "user", "label") in names
    assert (("before", "user", "label") in names) == (mode == "2025-11-25")  # stateless: it went with the first round
