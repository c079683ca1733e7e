"""Issue 7: the times add up, and known sleeps are found where they are.

A busy machine stretches every sleep, so where each is found is asked with a clock that only sleeps move.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from wireglass import Client, Context, FastMCP, trace_log, tracing
from wireglass.middleware.base import Middleware
from wireglass.protocol.messages import WAITS, Span
from wireglass.recording.ledger import Ledger
from wireglass.recording.phases import with_wire
from wireglass.recording.timing import self_times

pytestmark = pytest.mark.anyio
TRACE = {"dev.wireglass/trace": True}
ERAS = ["2025-11-25", "2026-07-28"]
SLEEPS = {"First": 0.06, "Second": 0.12, "Third": 0.03, "quote": 0.09}


class First(Middleware):
    async def on_call_tool(self, context: Any, call_next: Any) -> Any:
        await asyncio.sleep(SLEEPS[type(self).__name__])
        return await call_next(context)


class Second(First):
    async def on_call_tool(self, context: Any, call_next: Any) -> Any:
        result = await call_next(context)
        await asyncio.sleep(SLEEPS["Second"])
        return result


class Third(First):
    pass


def desk() -> FastMCP:
    mcp = FastMCP("desk", middleware=[First(), Second(), Third()])

    @mcp.tool
    async def quote(ctx: Context) -> int:
        await asyncio.sleep(SLEEPS["quote"])
        return 7

    @mcp.tool
    async def label(ctx: Context) -> str:
        answer = await ctx.elicit("Sure?", bool)
        return str(answer.action)

    return mcp


async def recorded(mode: str, tool: str, **options: Any) -> Any:
    """The exchanges of one traced call, as the client's ledger has them."""
    ledger = Ledger()
    async with Client(desk(), mode=mode, tap=ledger.tap("desk"), **options) as client:
        await client.request("tools/call", {"name": tool, "arguments": {}}, meta=TRACE)
    return [one for one in ledger.exchanges if one.method == "tools/call"]


def own(spans: tuple[Span, ...]) -> dict[str, float]:
    return dict(zip((span.name for span in spans), self_times(spans), strict=True))


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Traces read a clock that nothing but `asyncio.sleep` moves."""
    now, real = 1_000_000_000, asyncio.sleep

    async def sleep(seconds: float, result: Any = None) -> Any:
        nonlocal now
        now += round(seconds * 1e9)
        return await real(0, result)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    for module in (trace_log, tracing):
        monkeypatch.setattr(module, "perf_counter_ns", lambda: now)


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.usefixtures("slept")
async def test_each_sleep_is_found_where_it_is(mode: str) -> None:
    (exchange,) = await recorded(mode, "quote")
    found = own(exchange.spans)
    assert {name: found[name] for name in SLEEPS} == {name: seconds * 1e6 for name, seconds in SLEEPS.items()}
    assert sum(found.values()) == sum(SLEEPS.values()) * 1e6


@pytest.mark.parametrize("mode", ERAS)
async def test_self_times_and_the_wire_add_up_to_the_whole_call(mode: str) -> None:
    (exchange,) = await recorded(mode, "quote")
    whole = with_wire(exchange, exchange.spans)
    total_us = (exchange.answered_after_ns + exchange.queued_for_ns) / 1000
    assert sum(self_times(whole)) == pytest.approx(total_us, rel=0.02)


async def accept(*_facts: Any) -> Any:
    await asyncio.sleep(0.3)
    return {"value": True}


@pytest.mark.parametrize("mode", ERAS)
async def test_a_humans_time_is_apart_and_adds_up_too(mode: str) -> None:
    rounds = await recorded(mode, "label", elicitation_handler=accept)
    work = human = total = 0.0
    for exchange in rounds:
        whole = with_wire(exchange, exchange.spans)
        own = list(zip(whole, self_times(whole), strict=True))
        human += sum(time for span, time in own if span.kind in WAITS)
        work += sum(time for span, time in own if span.kind not in WAITS)
        total += exchange.answered_after_ns / 1000 + exchange.queued_for_ns / 1000
    assert work + human == pytest.approx(total, rel=0.02)
    if mode == "2025-11-25":
        assert len(rounds) == 1
        assert human >= 300_000 * 0.98
    else:  # stateless: the human's time lies between the two rounds, so neither holds it
        assert len(rounds) == 2
        between = rounds[1].request.at_ns - rounds[0].answer.at_ns
        assert between >= 300_000_000 * 0.98
        assert human < between / 1000, "microseconds, where it takes less than one millisecond"


async def test_spans_survive_a_saved_session(tmp_path: Path) -> None:
    from wireglass.recording.archive import save
    from wireglass.recording.masking import Masker
    from wireglass.recording.saved import open_session

    ledger = Ledger()
    async with Client(desk(), tap=ledger.tap("desk")) as client:
        await client.request("tools/call", {"name": "quote", "arguments": {}}, meta=TRACE)
    save(ledger, tmp_path / "s.wglass", masker=Masker(), application="test")
    with open_session(tmp_path / "s.wglass") as saved:
        exchange = next(one for one in saved.ledger.exchanges if one.method == "tools/call")
        assert set(SLEEPS) <= {span.name for span in exchange.spans}
