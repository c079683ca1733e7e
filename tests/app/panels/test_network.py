"""What a person sees in Network."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import to_json
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from inbox_desk import Bench, desk_of
from wireglass.protocol.messages import Frame, HttpExchange, HttpFacts, Sender, request, result
from wireglass.recording.events import SessionEvent, http_event
from wireglass_app.models.http_exchanges import HttpModel
from wireglass_app.panels.network import NetworkPanel, phases_text
from wireglass_app.theme import Theme

POST = HttpFacts(
    "POST", "https://a.example/mcp", request_headers=(("mcp-method", "tools/list"), ("authorization", "***"))
)
DONE = replace(POST, status=200, response_headers=(("content-type", "text/event-stream"),))


@pytest.fixture
def bench(qapp: Any) -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


def put(
    bench: Bench, message: Any, sender: Sender, at_ms: int, facts: HttpFacts | None, channel: str = "POST 1"
) -> None:
    text = to_json(message).decode()
    bench.ledger.append(Frame(sender, channel, text, message, at_ms * 1_000_000, http=facts), "shop #1")


def call(bench: Bench, method: str = "tools/call") -> None:
    put(bench, request(1, method, {"name": "buy"}), "client", 0, POST)
    put(bench, {"jsonrpc": "2.0", "method": "notifications/message"}, "server", 40, DONE)
    put(bench, result(1, {}), "server", 250, DONE)


def test_frames_of_one_request_make_one_row(qtbot: QtBot, look: Theme, bench: Bench) -> None:
    model = HttpModel(bench.ledger)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    put(bench, request(9, "ping"), "client", 0, None, "stdio")
    call(bench)
    model.take_new()
    put(bench, request(2, "tools/list"), "client", 300, POST, "POST 2")
    model.take_new()
    rows = [[model.data(model.index(row, column)) for column in range(1, 9)] for row in range(model.rowCount())]
    assert [row[:4] for row in rows] == [
        ["shop #1", "POST", "https://a.example/mcp", "200"],
        ["shop #1", "POST", "https://a.example/mcp", ""],
    ]
    assert rows[0][4] == "tools/call, notifications/message"
    assert rows[0][5] == "3"
    assert rows[0][7] == "250 ms"
    assert tester.model() is model


def test_a_row_shows_headers_messages_and_what_contradicts(
    qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path
) -> None:
    panel = NetworkPanel(desk_of(bench, tmp_path))
    qtbot.addWidget(panel)
    panel.resize(1100, 600)
    panel.show()
    assert panel._stack.currentWidget() is panel._empty
    call(bench)
    bench.entries_added.emit(None, [])
    panel.table.selectRow(0)
    assert "authorization: ***" in panel.headers.text()
    assert "HTTP 200" in panel.headers.text()
    assert panel.items.text().splitlines()[0].endswith("tools/call buy")
    assert panel._finding.whole() == (
        "mcp-method is “tools/list”, the body says “tools/call”: the server must refuse it."
    )


def test_headers_that_agree_are_no_finding(qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path) -> None:
    panel = NetworkPanel(desk_of(bench, tmp_path))
    qtbot.addWidget(panel)
    call(bench, "tools/list")
    bench.entries_added.emit(None, [])
    panel.table.selectRow(0)
    assert panel._finding.whole() == ""


def told(status: int | None, channel: str, *, verb: str = "POST", at_ms: int = 0, **more: Any) -> SessionEvent:
    exchange = HttpExchange(
        verb=verb,
        url="https://a.example/mcp",
        channel=channel,
        status=status,
        queued_ns=at_ms * 1_000_000,
        done_ns=(at_ms + 400) * 1_000_000,
        **more,
    )
    return http_event("shop #1", exchange)


def test_exchanges_without_a_frame_have_rows_too(qtbot: QtBot, look: Theme, bench: Bench) -> None:
    """A 202, a 405 or a DELETE explains a connection as well as any message."""
    model = HttpModel(bench.ledger)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    call(bench)
    model.take_new()
    bench.ledger.happened(told(401, "POST 1"))
    bench.ledger.happened(told(200, "POST 1", at_ms=10))
    bench.ledger.happened(told(405, "GET 1", verb="GET"))
    bench.ledger.happened(told(None, "DELETE", verb="DELETE", error="ConnectError: refused"))
    model.take_new()
    model.take_new()
    rows = [[model.data(model.index(row, column)) for column in (2, 4, 6)] for row in range(model.rowCount())]
    assert rows == [["POST", "200", "3"], ["POST", "401", "0"], ["GET", "405", "0"], ["DELETE", "", "0"]]
    assert tester.model() is model
    assert phases_text(model.exchange(3)) == "ConnectError: refused"


def test_the_phases_of_an_exchange_are_read_with_it(qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path) -> None:
    panel = NetworkPanel(desk_of(bench, tmp_path))
    qtbot.addWidget(panel)
    ms = 1_000_000
    times = {"connect_ns": 0, "connected_ns": 20 * ms, "secure_ns": 20 * ms, "secured_ns": 50 * ms}
    bench.ledger.happened(told(202, "POST 1", sent_ns=60 * ms, head_ns=300 * ms, **times))
    panel.table.selectRow(0)
    assert panel.headers.text().startswith(
        "connect 20.0 ms \u00b7 TLS 30.0 ms \u00b7 sent 60.0 ms \u00b7 waited 240 ms \u00b7 read 100 ms"
    )
    panel._to_frames()  # nothing to go to: nothing happens
