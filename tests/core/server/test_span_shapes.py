"""Chains that are not straight: retried, run side by side, in tasks and threads of their own, cut off. What is measured
nests where it ran, lies inside of what is around it, and adds up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from wireglass import Client, Context, FastMCP
from wireglass.errors import ToolError
from wireglass.middleware.base import Middleware
from wireglass.protocol.messages import Span
from wireglass.protocol.spans import SPANS_KEY, decode_spans
from wireglass.recording.timing import self_times

pytestmark = pytest.mark.anyio
TRACE = {"dev.wireglass/trace": True}


class _Named(Middleware):
    """Does what it was made for with the rest of the chain."""

    def __init__(self, do: Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]) -> None:
        self.do = do

    async def on_call_tool(self, context: Any, call_next: Any) -> Any:
        return await self.do(lambda: call_next(context))


class Outer(_Named):
    pass


class Inner(_Named):
    pass


async def _straight(rest: Callable[[], Awaitable[Any]]) -> Any:
    return await rest()


async def _retry(rest: Callable[[], Awaitable[Any]]) -> Any:
    try:
        return await rest()
    except ToolError:
        return await rest()


async def _in_time(rest: Callable[[], Awaitable[Any]]) -> Any:
    return await asyncio.wait_for(rest(), 60)  # type: ignore[arg-type]  # a coroutine


async def _hedged(rest: Callable[[], Awaitable[Any]]) -> Any:
    return (await asyncio.gather(rest(), rest()))[0]


async def _quicker(rest: Callable[[], Awaitable[Any]]) -> Any:
    """Takes the first answer and gives up the other."""
    both = [asyncio.ensure_future(rest()) for _ in range(2)]
    done, late = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    for one in late:
        one.cancel()
    await asyncio.wait(both)
    return done.pop().result()


def server(outer: Any, inner: Any = _straight) -> FastMCP:
    mcp = FastMCP("shapes", middleware=[Outer(outer), Inner(inner)])
    calls = 0

    @mcp.tool
    async def flaky(ctx: Context) -> int:
        nonlocal calls
        calls += 1
        with ctx.span("try", number=calls):
            await asyncio.sleep(0)
            if calls == 1:
                raise ToolError("once more")
        return calls

    @mcp.tool
    def threaded(ctx: Context) -> int:
        with ctx.span("in a thread"):
            return 1

    @mcp.tool
    async def many(ctx: Context) -> int:
        return len(await asyncio.gather(*(mcp.call_tool("leaf", {"number": number}) for number in range(3))))

    @mcp.tool
    async def leaf(ctx: Context, number: int) -> int:
        with ctx.span(f"leaf {number}"):
            await asyncio.sleep(0)
        return number

    @mcp.tool(timeout=0.01)
    async def endless() -> None:
        await asyncio.Event().wait()

    return mcp


async def spans_of_call(mcp: FastMCP, tool: str) -> tuple[Span, ...]:
    async with asyncio.timeout(60), Client(mcp) as client:
        result = await client.request("tools/call", {"name": tool, "arguments": {}}, meta=TRACE)
    spans, misfits = decode_spans(result["_meta"][SPANS_KEY])
    assert misfits == 0
    assert all(inside(span, spans[span.parent]) for span in spans if span.parent is not None)
    return spans


def inside(span: Span, around: Span) -> bool:
    """As far as microseconds tell."""
    end, last = span.start_us + span.duration_us, around.start_us + around.duration_us
    return around.start_us <= span.start_us and end <= last + 1


def tree(spans: tuple[Span, ...], at: int = 0) -> Any:
    """Names of one and what is below it, of equals in any order."""
    below = sorted(str(tree(spans, place)) for place, span in enumerate(spans) if span.parent == at)
    return f"{spans[at].name}({' '.join(below)})" if below else spans[at].name


STEPS = "serialise result validate arguments"


@pytest.mark.parametrize("outer", [_straight, _in_time], ids=["in its own task", "in another"])
async def test_a_retried_part_is_there_twice_and_the_times_add_up(outer: Any) -> None:
    spans = await spans_of_call(server(outer, _retry), "flaky")
    assert tree(spans) == (
        "tools/call flaky(Outer(Inner(flaky(serialise result try validate arguments) flaky(try validate arguments))))"
    )
    assert [span.facts for span in spans if span.name == "try"] == [{"number": 1, "error": "ToolError"}, {"number": 2}]
    assert sum(self_times(spans)) == pytest.approx(spans[0].duration_us, rel=0.02, abs=len(spans))


async def test_a_function_in_a_thread_keeps_its_place() -> None:
    spans = await spans_of_call(server(_in_time), "threaded")
    assert tree(spans) == f"tools/call threaded(Outer(Inner(threaded(in a thread {STEPS}))))"


async def test_two_runs_side_by_side_are_two_branches() -> None:
    spans = await spans_of_call(server(_hedged), "threaded")
    branch = f"Inner(threaded(in a thread {STEPS}))"
    assert tree(spans) == f"tools/call threaded(Outer({branch} {branch}))"


async def test_the_one_of_two_that_was_given_up_has_ended_too() -> None:
    mcp, first = server(_quicker), True

    @mcp.tool
    async def race() -> int:
        nonlocal first
        mine, first = first, False
        if not mine:
            await asyncio.Event().wait()
        return 1

    spans = await spans_of_call(mcp, "race")
    assert [span.name for span in spans].count("race") == 2
    assert {span.facts.get("error") for span in spans if span.name == "race"} == {None, "CancelledError"}


async def test_calls_that_a_tool_makes_at_once_hang_below_it() -> None:
    spans = await spans_of_call(server(_straight), "many")
    leaves = " ".join(f"Outer(Inner(leaf(leaf {number} {STEPS})))" for number in range(3))
    assert tree(spans) == f"tools/call many(Outer(Inner(many({leaves} {STEPS}))))"


async def test_a_call_that_ran_out_of_time_ends_everywhere() -> None:
    spans = await spans_of_call(server(_straight), "endless")
    assert tree(spans) == "tools/call endless(Outer(Inner(endless(validate arguments))))"
    assert sum(self_times(spans)) == pytest.approx(spans[0].duration_us, rel=0.02, abs=len(spans))
