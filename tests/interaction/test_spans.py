"""Spans ride home over every transport and in every version, also of calls that ask a human, into the recording."""

from typing import Any

import pytest

from wireglass.protocol.messages import WAITS
from wireglass.recording.ledger import Ledger
from wireglass.recording.phases import with_wire
from wireglass.recording.timing import self_times

pytestmark = pytest.mark.anyio
TRACE = {"dev.wireglass/trace": True}
MODES = ("stateless", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")


@pytest.mark.parametrize("mode", MODES)
async def test_a_traced_call_tells_its_parts_and_they_add_up(connect_runtime: Any, mode: str) -> None:
    ledger = Ledger()
    async with connect_runtime(mode=mode, tap=ledger.tap("runtime")) as client:
        await client.request("tools/call", {"name": "touch", "arguments": {}}, meta=TRACE)
    (call,) = [one for one in ledger.exchanges if one.method == "tools/call"]
    kinds = {span.kind for span in call.spans}
    assert {"server", "handler", "validation", "serialisation"} <= kinds
    whole = with_wire(call, call.spans)
    total_us = (call.answered_after_ns + call.queued_for_ns) / 1000
    assert sum(self_times(whole)) == pytest.approx(total_us, rel=0.02, abs=20)


@pytest.mark.parametrize("mode", ["stateless", "2025-11-25"])
async def test_a_wait_for_a_human_is_apart(connect_runtime: Any, mode: str) -> None:
    async def accept(*_facts: Any) -> Any:
        return {"value": "Ada"}

    ledger = Ledger()
    options = {"mode": mode, "elicitation_handler": accept, "tap": ledger.tap("runtime")}
    async with connect_runtime(**options) as client:
        await client.request("tools/call", {"name": "work", "arguments": {"ask": True}}, meta=TRACE)
    rounds = [one for one in ledger.exchanges if one.method == "tools/call"]
    assert any(span.kind in WAITS for one in rounds for span in one.spans)


@pytest.mark.parametrize("mode", MODES)
async def test_a_call_that_does_not_ask_is_told_nothing(connect_runtime: Any, mode: str) -> None:
    ledger = Ledger()
    async with connect_runtime(mode=mode, tap=ledger.tap("runtime")) as client:
        await client.request("tools/call", {"name": "touch", "arguments": {}})
    (call,) = [one for one in ledger.exchanges if one.method == "tools/call"]
    assert call.spans == ()
