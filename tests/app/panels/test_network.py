"""What a person sees in Network."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic_core import to_json
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from inbox_desk import Bench, desk_of
from wireglass.protocol.messages import Frame, HttpExchange, HttpFacts, Sender, request, result
from wireglass.recording.events import SessionEvent, http_event
from wireglass_app.frameview.saved_filters import HTTP_STANDARD
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
        ["shop #1", "POST", "https://a.example/mcp", "200 OK"],
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
    assert "authorization: ***" in panel.pane.headers.text()
    assert "HTTP 200" in panel.pane.headers.text()
    assert panel.pane.model.data(panel.pane.model.index(0)).endswith("tools/call buy")
    assert panel.pane.finding.text() == (
        "mcp-method is “tools/list”, the body says “tools/call”: the server must refuse it."
    )


def test_under_load_rows_come_seldom_and_none_is_lost(qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path) -> None:
    """Design section 11: at most ten times a second."""
    panel = NetworkPanel(desk_of(bench, tmp_path))
    qtbot.addWidget(panel)
    batches: list[int] = []
    panel.model.rowsInserted.connect(lambda _parent, first, last: batches.append(last - first + 1))
    for number in range(30):
        put(bench, request(number, "tools/list"), "client", number, POST, f"POST {number}")
        bench.entries_added.emit(None, [])
        bench.ledger.happened(told(405, f"GET {number}", verb="GET"))
    assert sum(batches) == 1
    qtbot.waitUntil(lambda: panel.model.total == 60, timeout=10_000)
    assert len(batches) == 2
    assert panel.filter.count.text() == "60"


def test_what_is_heard_of_at_once_stands_in_the_order_in_which_it_began(
    qtbot: QtBot, look: Theme, bench: Bench
) -> None:
    model = HttpModel(bench.ledger)
    bench.ledger.happened(told(405, "GET 1", verb="GET", at_ms=100))
    for number in (1, 2):
        put(bench, request(number, "tools/list"), "client", 200 * number, POST, f"POST {number}")
    bench.ledger.happened(told(None, "DELETE", verb="DELETE", at_ms=300))
    model.take_new()
    assert [one.channel for one in model.exchanges] == ["GET 1", "POST 1", "DELETE", "POST 2"]
    put(bench, result(1, {}), "server", 900, DONE, "POST 1")
    bench.ledger.happened(told(202, "POST 2", at_ms=400))
    model.take_new()
    assert [(one.channel, len(one.seqs)) for one in model.exchanges] == [
        ("GET 1", 0),
        ("POST 1", 2),
        ("DELETE", 0),
        ("POST 2", 1),
    ]
    assert model.exchanges[3].event is not None


def test_requests_after_many_frames_without_http_are_shown(
    qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path
) -> None:
    """A recording that began over stdio stood empty until something more happened."""
    for number in range(1200):
        put(bench, request(number, "ping"), "client", number, None, "stdio")
    call(bench)
    panel = NetworkPanel(desk_of(bench, tmp_path))
    qtbot.addWidget(panel)
    assert panel._stack.currentWidget() is panel._empty
    qtbot.waitUntil(lambda: panel._stack.currentWidget() is panel.table, timeout=10_000)
    assert panel.filter.count.text() == "1"


def test_headers_that_agree_are_no_finding(qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path) -> None:
    panel = NetworkPanel(desk_of(bench, tmp_path))
    qtbot.addWidget(panel)
    call(bench, "tools/list")
    bench.entries_added.emit(None, [])
    panel.table.selectRow(0)
    assert panel.pane.finding.text() == ""


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
    assert rows == [
        ["POST", "200 OK", "3"],
        ["POST", "401 Unauthorized", "0"],
        ["GET", "405 Method Not Allowed", "0"],
        ["DELETE", "no answer", "0"],
    ]
    assert tester.model() is model
    assert phases_text(model.exchange(3)) == "ConnectError: refused"


@pytest.mark.parametrize("live", [True, False])
def test_a_server_that_was_started_again_begins_new_rows(qtbot: QtBot, look: Theme, bench: Bench, live: bool) -> None:
    """It counts its channels from 1 again: its requests were shown in the rows of those before the restart. In a
    recording everything is heard of at once."""
    model = HttpModel(bench.ledger)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for start in (0, 5_000):
        put(bench, request(1, "tools/list", {}), "client", start, POST)
        put(bench, result(1, {}), "server", start + 250, DONE)
        bench.ledger.happened(told(200, "POST 1", at_ms=start))
        if live:
            model.take_new()
    bench.ledger.happened(told(None, "POST 1", at_ms=9_000, error="ConnectError: refused"))
    model.take_new()
    rows = [[model.data(model.index(row, column)) for column in (4, 6)] for row in range(model.rowCount())]
    assert rows == [["200 OK", "2"], ["200 OK", "2"], ["no answer", "0"]]
    begun = [one.first_ns // 1_000_000 for one in model.exchanges]
    assert begun == [0, 5_000, 9_000]
    assert all(one.event is not None for one in model.exchanges)
    assert tester.model() is model


def test_the_phases_of_an_exchange_are_read_with_it(qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path) -> None:
    panel = NetworkPanel(desk_of(bench, tmp_path))
    qtbot.addWidget(panel)
    ms = 1_000_000
    times = {"connect_ns": 0, "connected_ns": 20 * ms, "secure_ns": 20 * ms, "secured_ns": 50 * ms}
    bench.ledger.happened(told(202, "POST 1", sent_ns=60 * ms, head_ns=300 * ms, **times))
    panel.table.selectRow(0)
    assert panel.pane.headers.text().startswith(
        "connect 20.0 ms \u00b7 TLS 30.0 ms \u00b7 sent 60.0 ms \u00b7 waited 240 ms \u00b7 read 100 ms"
    )
    panel.pane._to_frames()  # nothing to go to: nothing happens


# --- the view around it ---


def panel_of(qtbot: QtBot, bench: Bench, folder: Path, said: list[str] | None = None) -> NetworkPanel:
    panel = NetworkPanel(desk_of(bench, folder, said))
    qtbot.addWidget(panel)
    panel.resize(1200, 700)
    panel.show()
    return panel


def fill(bench: Bench) -> None:
    """A call over an event stream, a refused GET, a DELETE without an answer."""
    call(bench)
    bench.ledger.happened(told(200, "POST 1", request_headers=POST.request_headers))
    bench.ledger.happened(told(405, "GET 1", verb="GET", at_ms=1000))
    bench.ledger.happened(told(None, "DELETE", verb="DELETE", at_ms=2000, error="ConnectError: refused"))


def shown(panel: NetworkPanel) -> list[str]:
    return [panel.model.exchange(row).channel for row in range(panel.model.rowCount())]


@pytest.mark.parametrize(
    ("text", "channels"),
    [
        ("", ["POST 1", "GET 1", "DELETE"]),
        ("method:tools/*", ["POST 1"]),
        ("status:>=400", ["GET 1"]),
        ("status:4* or verb:delete", ["GET 1", "DELETE"]),
        ("status:none", ["DELETE"]),
        ("not (verb:get)", ["POST 1", "DELETE"]),
        ("header:mcp-method", ["POST 1"]),
        ("url:*a.example* dur:>=300ms size:>0", ["POST 1"]),
        ("server:shop refused", []),
        ("405", ["GET 1"]),
    ],
)
def test_the_filter_speaks_of_http(
    qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path, text: str, channels: list[str]
) -> None:
    """Design section 5: the language of the frame table, over exchanges."""
    panel = panel_of(qtbot, bench, tmp_path)
    fill(bench)
    bench.entries_added.emit(None, [])
    panel.filter.set_text(text)
    assert shown(panel) == channels


def test_a_bad_filter_is_marked_and_the_last_good_one_stays(
    qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path
) -> None:
    panel = panel_of(qtbot, bench, tmp_path)
    fill(bench)
    panel.filter.set_text("verb:get")
    panel.filter.set_text("verb:get (")
    assert "The last good filter stays." in panel.filter.fault.text()
    assert shown(panel) == ["GET 1"]
    panel.filter.set_text("id:4")
    assert "There is no id: here." in panel.filter.fault.text()
    panel.desk.settings.save()
    again = NetworkPanel(desk_of(bench, tmp_path))
    qtbot.addWidget(again)
    assert again.filter.line.text() == "verb:get"


def test_completion_offers_what_occurred(qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path) -> None:
    panel = panel_of(qtbot, bench, tmp_path)
    fill(bench)
    bench.entries_added.emit(None, [])
    assert panel.filter._language.suggest("method:to", 9) == ["method:tools/call"]
    assert panel.filter._language.suggest("st", 2) == ["status:"]


def test_rows_that_come_while_a_filter_is_on_obey_it(qtbot: QtBot, look: Theme, bench: Bench) -> None:
    model = HttpModel(bench.ledger)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_filter(lambda one: one.facts.status == 200)
    put(bench, request(1, "tools/call", {"name": "buy"}), "client", 0, POST)
    model.take_new()
    assert (model.rowCount(), model.total) == (0, 1)
    put(bench, result(1, {}), "server", 250, DONE)
    model.take_new()
    assert model.rowCount() == 1
    model.set_filter(None, (300_000_000, 400_000_000))
    assert model.rowCount() == 0
    model.set_filter(None, (100_000_000, 400_000_000))
    assert model.rowCount() == 1
    assert tester.model() is model


def test_the_brush_of_the_timeline_narrows_the_rows_until_it_is_let_go(
    qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path
) -> None:
    """Design flow 4: brushing a range filters Protocol and Network too."""
    panel = panel_of(qtbot, bench, tmp_path)
    fill(bench)
    bench.entries_added.emit(None, [])
    assert panel.brushed.isHidden()
    bench.brush((900_000_000, 1_500_000_000))
    qtbot.waitUntil(lambda: shown(panel) == ["GET 1"], timeout=20_000)
    assert panel.brushed.isVisible()
    assert "600 ms" in panel.brushed.text()
    panel.brushed.click()
    qtbot.waitUntil(lambda: len(shown(panel)) == 3, timeout=20_000)
    assert panel.brushed.isHidden()


def test_f8_goes_to_what_failed(qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path) -> None:
    said: list[str] = []
    panel = panel_of(qtbot, bench, tmp_path, said)
    panel.step_problem(True)
    assert said == ["No request that failed among those shown."]
    fill(bench)
    bench.entries_added.emit(None, [])
    panel.step_problem(True)  # headers that contradict the body are a fault too
    assert panel.pane.title.text() == "200 OK"
    panel.step_problem(True)
    assert panel.pane.title.text() == "405 Method Not Allowed"
    assert "does not offer this verb" in panel.pane.meaning.text()
    panel.step_problem(True)
    assert panel.pane.title.text() == "No answer"
    assert panel.pane.meaning.text() == "ConnectError: refused"
    panel.step_problem(True)
    assert panel.pane.title.text() == "200 OK"


def test_both_bodies_are_shown_and_a_stream_as_its_events(
    qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path
) -> None:
    panel = panel_of(qtbot, bench, tmp_path)
    put(bench, request(1, "tools/call", {"name": "buy"}), "client", 0, POST)
    put(bench, {"jsonrpc": "2.0", "method": "notifications/message"}, "server", 40, replace(DONE, event_id="e7"))
    put(bench, result(1, {}), "server", 250, DONE)
    bench.entries_added.emit(None, [])
    panel.table.selectRow(0)
    panel.pane.tabs.setCurrentIndex(1)
    assert panel.pane.sent.text() == '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"buy"}}'
    assert panel.pane.tabs.tabText(2) == "Event stream"
    panel.pane.tabs.setCurrentIndex(2)
    assert panel.pane.answer.text().splitlines()[:3] == [
        "id: e7",
        "event: message",
        'data: {"jsonrpc":"2.0","method":"notifications/message"}',
    ]
    wanted: list[int] = []
    panel.pane.frame_wanted.connect(wanted.append)
    panel.pane.items.setCurrentIndex(panel.pane.model.index(2))
    panel.pane._to_frames()
    assert wanted == [2]


def test_contradictions_are_counted_over_all_requests(qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path) -> None:
    panel = panel_of(qtbot, bench, tmp_path)
    for at in range(3):
        method = "tools/list" if at == 0 else "tools/call"
        put(bench, request(at, method, {"name": "buy"}), "client", at, POST, f"POST {at}")
    bench.entries_added.emit(None, [])
    qtbot.waitUntil(panel.summary.isVisible, timeout=20_000)
    assert panel.summary.whole() == "mcp-method contradicts the body in 2 of 3 requests"


def test_a_server_over_stdio_is_told_from_silence(qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path) -> None:
    panel = panel_of(qtbot, bench, tmp_path)
    assert panel._empty.title.text() == "No HTTP so far"
    session = SimpleNamespace(name="shop", connection="shop #1", target=SimpleNamespace(kind="stdio"), state="ready")
    bench.sessions.append(session)
    bench.session_changed.emit(session)
    assert panel._empty.title.text() == "shop speaks over stdio"
    assert panel.pane.isHidden()
    bench.sessions.append(session)
    bench.session_changed.emit(session)
    assert panel._empty.title.text() == "All 2 servers speak over stdio"
    assert "between them" in panel._empty.text.text()


# --- what it has in common with Protocol ---


def test_a_filter_is_kept_under_a_name_apart_from_those_of_protocol(
    qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path
) -> None:
    said: list[str] = []
    panel = panel_of(qtbot, bench, tmp_path, said)
    fill(bench)
    bench.entries_added.emit(None, [])
    panel.keep_filter()
    assert said == ["There is no filter to keep: type one first."]
    panel.filter.set_text("status:405")
    panel.keep_filter()
    assert panel.name_bar.isVisible()
    panel.name_bar.field.setText("Not allowed")
    qtbot.keyClick(panel.name_bar.field, Qt.Key.Key_Return)
    assert said[-1] == "The filter is kept as “Not allowed”."
    assert panel.desk.settings.get("filters.network", {}) == {"Not allowed": "status:405"}
    assert panel.desk.settings.get("filters.frames", {}) == {}
    panel.filter.set_text("")
    panel.saved.fill()
    panel.saved.menu().actions()[0].trigger()
    assert panel.filter.line.text() == "status:405"
    assert shown(panel) == ["GET 1"]


def test_every_filter_of_ours_can_be_used(qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path) -> None:
    panel = panel_of(qtbot, bench, tmp_path)
    fill(bench)
    bench.entries_added.emit(None, [])
    found = {}
    for name, text in HTTP_STANDARD:
        panel.filter.set_text(text)
        assert panel.filter.problem is None, text
        found[name] = shown(panel)
    assert found["Refused or unanswered"] == ["GET 1", "DELETE"]
    assert found["Event streams"] == ["POST 1"]


def test_a_filter_that_hides_all_says_so_and_can_be_cleared(
    qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path
) -> None:
    panel = panel_of(qtbot, bench, tmp_path)
    fill(bench)
    bench.entries_added.emit(None, [])
    panel.filter.set_text("method:nothing/*")
    assert panel._hidden.isVisible()
    assert panel._hidden.title.text() == "No request passes the filter"
    assert panel._hidden.text.text() == "It hides all 3 requests."
    clear = next(one for one in panel._hidden.findChildren(QPushButton) if "Clear" in one.text())
    clear.click()
    assert panel.table.isVisible()
    assert panel.filter.line.text() == ""
    assert len(shown(panel)) == 3


def test_a_server_that_is_gone_leaves_its_requests_and_a_line_where_it_came_back(
    qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path
) -> None:
    """Design section 6: frozen at the end, gap drawn."""
    panel = panel_of(qtbot, bench, tmp_path)
    fill(bench)
    local = SimpleNamespace(name="notes", connection="n #1", target=SimpleNamespace(kind="stdio"), state="crashed")
    remote = SimpleNamespace(name="shop", connection="shop #1", target=SimpleNamespace(kind="http"), state="ready")
    bench.sessions.extend([local, remote])
    bench.session_changed.emit(remote)
    assert panel.away.isHidden()
    remote.state = "failed"
    bench.ledger.happened(SessionEvent("shop #1", "start", 500_000_000))  # a first start is no gap
    bench.ledger.happened(SessionEvent("shop #1", "end", 3_000_000_000))
    bench.session_changed.emit(remote)
    assert panel.away.words.whole() == "shop could not be reached: its requests stay as they are. F5 starts it again."
    put(bench, request(8, "tools/list"), "client", 4_000, POST, "POST 8")
    bench.entries_added.emit(None, [])
    qtbot.waitUntil(lambda: panel.model.total == 4, timeout=10_000)
    delegate: Any = panel.table.itemDelegate()
    rows = range(panel.model.rowCount())
    assert [row for row in rows if delegate._begins(row)] == [rows[-1]]
    spoken = [panel.model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in rows]
    assert [row for row in rows if spoken[row].startswith("After a gap: ")] == [rows[-1]]
    panel.grab()


def test_requests_are_saved_as_har_and_one_is_copied(qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path) -> None:
    said: list[str] = []
    panel = panel_of(qtbot, bench, tmp_path, said)
    fill(bench)
    bench.entries_added.emit(None, [])
    qtbot.waitUntil(lambda: panel.model.total == 3, timeout=10_000)
    panel.export.fill()
    actions = {one.text(): one.isEnabled() for one in panel.export.menu().actions() if not one.isSeparator()}
    assert actions == {
        "Save this request as HAR…": False,
        "Save the 3 filtered requests as HAR…": True,
        "HAR 1.2, which browsers and proxies read; secrets are masked": False,
    }
    file = tmp_path / "network.har"
    panel.filter.set_text("verb:POST or verb:GET")
    panel.export.save(panel.export._shown(), file)
    qtbot.waitUntil(lambda: bool(said) and said[-1].startswith("Saved"), timeout=20_000)
    assert said[-1] == "Saved 2 requests as network.har, with secrets masked."
    entries = json.loads(file.read_text())["log"]["entries"]
    assert [(one["request"]["method"], one["response"]["status"]) for one in entries] == [("POST", 200), ("GET", 405)]
    panel.table.selectRow(0)
    panel.copy_result()
    copied = json.loads(QGuiApplication.clipboard().text())
    assert copied["request"]["url"] == "https://a.example/mcp"
    panel.export.save([], tmp_path / "none" / "network.har")
    qtbot.waitUntil(lambda: "could not be saved" in said[-1], timeout=20_000)
