"""The bar below a result: all of a call's time has a name and a place, and the longest parts are told."""

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from wireglass.protocol.messages import Frame, Sender, Span
from wireglass.protocol.spans import SPANS_KEY, encode_spans
from wireglass.recording.ledger import Ledger
from wireglass_app.calls import Call
from wireglass_app.dossier.timebar import Part, TimeBar, parts_of
from wireglass_app.dossier.words import usual_times, wire_facts

MS = 1_000_000
SPANS = (Span("tools/call quote", "server", 0, 60_000), Span("quote", "handler", 5_000, 50_000, 0))


def parts(sent_ms: int) -> dict[str, float]:
    """Asked for at 10 ms, sent when it is said, answered at 120 ms; the server says that it took 60."""
    ledger = Ledger()

    def add(sender: Sender, at: int, message: dict[str, Any], queued_ns: int = 0) -> None:
        ledger.append(Frame(sender, "stdio", "{}", {"jsonrpc": "2.0", **message}, at * MS, queued_ns=queued_ns))

    add("client", sent_ms, {"id": 1, "method": "tools/call", "params": {"name": "quote"}}, 10 * MS)
    add("server", 120, {"id": 1, "result": {"content": [], "_meta": {SPANS_KEY: encode_spans(SPANS)}}})
    call = Call(1, "tools/call", "quote", {}, state="done", started_ns=10 * MS, ended_ns=120 * MS)
    found = parts_of(call, ledger.exchanges)
    assert found.reported
    assert found.total_ms == pytest.approx(call.milliseconds)
    assert found.server_ms == 60
    return {part.name: part.milliseconds for part in found.parts}


def test_the_time_before_it_was_sent_has_its_part() -> None:
    assert parts(sent_ms=30) == {"quote": 50, "tools/call quote": 10, "queued": 20, "wire": 30}


def test_a_server_at_work_before_the_send_was_stamped_takes_from_the_queue() -> None:
    assert parts(sent_ms=110) == {"quote": 50, "tools/call quote": 10, "queued": 50, "wire": 0}


@pytest.fixture
def bar(qtbot: QtBot) -> TimeBar:
    bar = TimeBar()
    qtbot.addWidget(bar)
    bar.resize(600, 34)
    bar.set_parts(
        [
            Part("both", "handler", 0.2),
            Part("validate arguments", "validation", 0.01),
            Part("serialise result", "serialisation", 0.02),
            Part("Other", "other", 0.3),
            Part("wire", "wire", 4.1),
        ]
    )
    return bar


def test_the_legend_tells_the_longest_first_and_sums_up_the_rest(bar: TimeBar) -> None:
    told = bar.legend(600)
    assert [part.name for part in told] == ["wire", "both", "Other"]
    assert told[-1].milliseconds == pytest.approx(0.33)


def test_a_narrow_legend_tells_less_and_nothing_is_lost(bar: TimeBar) -> None:
    told = bar.legend(150)
    assert [part.name for part in told] == ["wire", "Other"]
    assert sum(part.milliseconds for part in told) == pytest.approx(4.63)


def run(number: int, milliseconds: int, state: Any = "done", name: str = "quote") -> Call:
    return Call(number, "tools/call", name, {}, state=state, started_ns=0, ended_ns=milliseconds * MS)


def test_the_usual_time_is_that_of_the_same_tools_good_runs() -> None:
    runs = [run(1, 100), run(2, 300), run(3, 9000, "refused"), run(4, 9000, name="other")]
    assert usual_times(runs[0], runs[:1]) == "", "one run has no usual time"
    assert usual_times(runs[0], runs).startswith("this tool: p50 ")
    assert usual_times(runs[0], runs).endswith("p95 300 ms · p99 300 ms")


def test_short_times_keep_a_decimal() -> None:
    assert wire_facts(run(1, 5), 0.42, 23.4) == "server 0.4 · wire 23"


@pytest.mark.parametrize("state", ["cancelled", "timeout", "lost"])
def test_a_call_without_an_answer_waited_all_its_time(state: str) -> None:
    """It was told as the few microseconds before the request was sent."""
    ledger = Ledger()
    request = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "quote"}}
    ledger.append(Frame("client", "stdio", "{}", request, 12 * MS, queued_ns=10 * MS))
    call = Call(1, "tools/call", "quote", {}, state=state, started_ns=10 * MS, ended_ns=533 * MS)
    found = parts_of(call, ledger.exchanges)
    assert found.total_ms == pytest.approx(523)
    assert [part.name for part in found.parts] == ["waiting for an answer"]
