"""What a person sees and does in Protocol."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic_core import to_json
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QAbstractItemView, QPushButton
from pytestqt.qtbot import QtBot

from app.frame_wire import BAD, META, MS, Wire, arrive, judge
from inbox_desk import Bench, desk_of
from wireglass.protocol.messages import HttpFacts, error, notification, request
from wireglass.recording.filter_grammar import FilterError
from wireglass_app.frameview.composer import Composer, fresh
from wireglass_app.frameview.detail import http_text
from wireglass_app.models.frames import FramesModel
from wireglass_app.panels.frames import FramesPanel
from wireglass_app.theme import Theme


@pytest.fixture
def panel(qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path) -> FramesPanel:
    said: list[str] = []
    panel = FramesPanel(desk_of(bench, tmp_path, said))
    panel.said = said  # type: ignore[attr-defined]  # for the tests below
    qtbot.addWidget(panel)
    panel.resize(1200, 700)
    with qtbot.waitActive(panel):
        panel.show()
        panel.activateWindow()
    return panel


def cells(model: FramesModel, row: int) -> list[str]:
    return [model.data(model.index(row, column)) for column in range(model.columnCount())]


def test_rows_say_what_crossed(panel: FramesPanel, bench: Bench, wire: Wire) -> None:
    assert panel._stack.currentWidget() is panel._empty
    wire.call(1)
    wire.put(notification("notifications/message", {"level": "info", "data": "x"}), "server")
    wire.put(request("two", "tools/list", META))
    wire.put(error("two", -32602, "no"), "server")
    wire.put(None, "server", raw="print() \u202e was here")
    arrive(bench)
    model = panel.model
    assert panel._stack.currentWidget() is panel.table
    assert cells(model, 0)[2:8] == ["", "\u2192", "shop", "tools/call buy", "1", ""]
    assert cells(model, 1)[2:8] == ["+10", "\u2190", "shop", "result of tools/call buy", "1", "complete"]
    assert cells(model, 2)[5:7] == ["notifications/message info", ""]
    assert cells(model, 4)[5:8] == ["error for tools/list", "two", "error -32602"]
    assert cells(model, 5)[5] == "not a message: print() [U+202E] was here"
    assert cells(model, 5)[9] == "\u2297 not JSON-RPC"


def test_the_model_obeys_the_rules_while_frames_arrive_and_filters_change(
    qtbot: QtBot, look: Theme, bench: Bench, wire: Wire
) -> None:
    model = FramesModel(bench.ledger)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    wire.call(1)
    model.take_new()
    assert model.rowCount() == 2
    with qtbot.waitSignal(model.filtered, timeout=20_000):
        model.set_filter("kind:result")
        wire.call(2)
    assert [model.seq(row) for row in range(model.rowCount())] == [1, 3]
    wire.call(3)
    model.take_new()
    assert model.rowCount() == 3
    with pytest.raises(FilterError):
        model.set_filter("kind:")
    assert model.filter_text == "kind:result"
    with qtbot.waitSignal(model.filtered, timeout=20_000):
        model.set_filter("")
    assert model.rowCount() == 6
    assert tester.model() is model


def test_typing_a_filter_narrows_and_a_bad_one_keeps_the_last(
    qtbot: QtBot, panel: FramesPanel, bench: Bench, wire: Wire
) -> None:
    wire.call(1)
    wire.put(request(2, "tools/list", META))
    arrive(bench)
    panel.focus_filter()
    with qtbot.waitSignal(panel.model.filtered, timeout=20_000):
        qtbot.keyClicks(panel.filter.line, "method:tools/list")
    assert panel.model.rowCount() == 1
    assert panel.filter.count.text() == "1 of 3"
    qtbot.keyClicks(panel.filter.line, " (")
    qtbot.waitUntil(panel.filter.fault.isVisible, timeout=20_000)
    assert "The last good filter stays." in panel.filter.fault.text()
    assert panel.model.rowCount() == 1
    panel.filter._hide_offers()
    with qtbot.waitSignal(panel.model.filtered, timeout=20_000):
        qtbot.keyClick(panel.filter.line, Qt.Key.Key_Escape)
    assert panel.model.rowCount() == 3
    assert not panel.filter.fault.isVisible()


def test_selecting_a_frame_shows_it_and_tints_its_partner(panel: FramesPanel, bench: Bench, wire: Wire) -> None:
    wire.call(1)
    arrive(bench)
    panel.show_item(seq=1)
    assert panel.detail.code.text().startswith('{\n  "jsonrpc": "2.0",\n  "id": 1,')
    assert panel.model.partner == 0
    assert panel.model.data(panel.model.index(0, 5), Qt.ItemDataRole.BackgroundRole) is not None
    assert panel.detail.tabs.tabText(4) == "Request 0"
    panel.detail.tabs.setCurrentIndex(4)
    assert '"method": "tools/call"' in panel.detail.partner.text()
    panel.detail.tabs.setCurrentIndex(2)
    assert panel.detail.raw.text() == bench.ledger.raw(1)


def test_f8_steps_through_violations_and_explains_them(
    qtbot: QtBot, panel: FramesPanel, bench: Bench, wire: Wire
) -> None:
    wire.call(1)
    wire.call(2, BAD)
    wire.call(3, BAD)
    arrive(bench)
    judge(qtbot, bench)
    panel.step_problem(True)
    assert panel.detail.entry is not None
    assert panel.detail.entry.seq == 3
    verdict = panel.detail.verdict
    assert verdict.title.text() == "An image block has no mimeType."
    assert verdict._cells["At"][1].text() == "/result/content/0/mimeType"
    (mark,) = panel.detail.code._marks
    assert panel.detail.code.rows[mark.first].strip() == "{"
    assert mark.note == "mimeType is missing here"
    panel.step_problem(True)
    assert panel.detail.entry.seq == 5
    panel.step_problem(True)
    assert panel.detail.entry.seq == 3
    panel.step_problem(False)
    assert panel.detail.entry.seq == 5
    assert cells(panel.model, 5)[9] == "\u2297 1 violation"


def test_without_violations_f8_says_so(panel: FramesPanel, bench: Bench, wire: Wire) -> None:
    wire.call(1)
    arrive(bench)
    panel.step_problem(True)
    assert panel.said == ["No violation among the frames shown."]  # type: ignore[attr-defined]


def test_a_link_from_elsewhere_clears_a_filter_that_hides_the_frame(
    qtbot: QtBot, panel: FramesPanel, bench: Bench, wire: Wire
) -> None:
    wire.call(1)
    arrive(bench)
    with qtbot.waitSignal(panel.model.filtered, timeout=20_000):
        panel.filter.set_text("kind:broken")
    assert panel.model.rowCount() == 0
    panel.show_item(seq=1)
    assert panel.filter.line.text() == ""
    assert panel.detail.entry is not None
    assert panel.detail.entry.seq == 1


def test_paused_the_table_stands_still(panel: FramesPanel, bench: Bench, wire: Wire) -> None:
    panel._pause.click()
    wire.call(1)
    arrive(bench)
    assert panel.model.rowCount() == 0
    panel._pause.click()
    assert panel.model.rowCount() == 2


def test_frames_that_are_forgotten_do_not_break_the_view(panel: FramesPanel, bench: Bench, wire: Wire) -> None:
    wire.call(1)
    arrive(bench)
    bench.ledger.forget(1)
    assert cells(panel.model, 0)[0] == "0"
    panel.table.selectRow(0)
    assert panel.detail.entry is None


def test_frames_that_left_the_ring_before_they_were_shown_get_no_row(
    panel: FramesPanel, bench: Bench, wire: Wire
) -> None:
    """A past bug: rows without content, in a table that was paused or on a busy machine."""
    panel._pause.click()
    for number in range(3):
        wire.call(number)
    bench.ledger.forget(4)
    arrive(bench)
    panel._pause.click()
    assert list(panel.model.numbers) == [4, 5]


def test_frames_that_left_the_ring_while_a_filter_ran_get_no_row(
    qtbot: QtBot, look: Theme, bench: Bench, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        wire.call(number)
    model = FramesModel(bench.ledger)
    take = model._take_found

    def take_late() -> None:
        bench.ledger.forget(2)
        model.forget()
        take()

    monkeypatch.setattr(model, "_take_found", take_late)
    with qtbot.waitSignal(model.filtered, timeout=20_000):
        model.set_filter("kind:result")
    assert list(model.numbers) == [3, 5]


def test_http_facts_have_a_tab_with_masked_headers(panel: FramesPanel, bench: Bench, wire: Wire) -> None:
    facts = HttpFacts("POST", "https://a.example/mcp", 200, (("authorization", "\u2022\u2022\u2022"),), (("x", "y"),))
    wire.put(request(1, "tools/list", META), http=facts)
    arrive(bench)
    panel.show_item(seq=0)
    assert panel.detail.tabs.isTabEnabled(3)
    text = http_text(facts)
    assert text == "POST https://a.example/mcp\nauthorization: \u2022\u2022\u2022\n\nHTTP 200\nx: y"


def test_a_frame_is_edited_and_sent_with_an_id_of_its_own(
    qtbot: QtBot, panel: FramesPanel, bench: Bench, wire: Wire
) -> None:
    wire.call(1)
    arrive(bench)
    session = SimpleNamespace(name="shop", connection="shop #1", usable=True)
    bench.sessions.append(session)
    sent: list[tuple[Any, str]] = []
    panel.composer._send = lambda to, text: sent.append((to, text))
    panel.show_item(seq=0)
    panel.compose()
    assert panel.composer.isVisible()
    assert panel.composer.session is session
    value = panel.composer.edit.parsed()
    assert value["method"] == "tools/call"
    assert value["id"] != 1
    panel.run_primary()
    assert sent == [(session, to_json(value).decode())]
    panel.composer.edit.setPlainText("{broken")
    assert "It would be sent all the same." in panel.composer.note.text()
    panel.run_primary()
    assert sent[-1] == (session, "{broken")


def test_only_requests_get_a_new_id() -> None:
    assert fresh({"method": "a"}) == {"method": "a"}
    assert fresh({"id": 1, "result": {}}) == {"id": 1, "result": {}}
    assert fresh({"id": 1, "method": "a"})["id"] != 1


def test_the_composer_needs_a_server(qtbot: QtBot, look: Theme) -> None:
    composer = Composer(list, lambda _session, _text: None)
    qtbot.addWidget(composer)
    composer.take(None)
    assert not composer.button.isEnabled()
    assert composer.note.text() == "No server is open."


def test_many_frames_are_scrolled_and_filtered(qtbot: QtBot, panel: FramesPanel, bench: Bench, wire: Wire) -> None:
    for number in range(5_000):
        wire.call(number)
    arrive(bench)
    assert panel.model.rowCount() == 10_000
    panel.table.scrollToBottom()
    assert panel.table.indexAt(panel.table.rect().center()).row() > 9_900
    with qtbot.waitSignal(panel.model.filtered, timeout=20_000):
        panel.filter.set_text("kind:result id:4*")
    assert panel.model.rowCount() == 1_111
    assert panel.table.verticalScrollBar().maximum() > 1_000


def test_completion_offers_methods_that_occurred(qtbot: QtBot, panel: FramesPanel, bench: Bench, wire: Wire) -> None:
    wire.call(1)
    arrive(bench)
    panel.focus_filter()
    qtbot.keyClicks(panel.filter.line, "method:to")
    assert panel.filter._words.stringList() == ["method:tools/call"]
    popup = panel.filter._completer.popup()
    assert popup is not None
    assert popup.isVisible()
    panel.filter._insert("method:tools/call")
    assert panel.filter.line.text() == "method:tools/call"
    popup.hide()


def test_offers_close_first_and_when_the_window_moves(
    qtbot: QtBot, panel: FramesPanel, bench: Bench, wire: Wire
) -> None:
    """Design section 9: Esc closes a popup, then clears the filter. It cleared the filter and left the offers; and when
    the window moved, they stood where the field had been."""
    wire.call(1)
    arrive(bench)
    panel.focus_filter()
    popup = panel.filter._completer.popup()
    qtbot.keyClicks(panel.filter.line, "method:to")
    assert popup.isVisible()
    qtbot.keyClick(panel.filter.line, Qt.Key.Key_Escape)
    assert not popup.isVisible()
    assert panel.filter.line.text() == "method:to"
    qtbot.keyClicks(panel.filter.line, "o")
    assert popup.isVisible()
    panel.window().resize(panel.width() - 40, panel.height())
    qtbot.waitUntil(lambda: not popup.isVisible(), timeout=10_000)
    qtbot.keyClicks(panel.filter.line, "l")
    assert popup.isVisible()
    panel.table.setFocus(Qt.FocusReason.ShortcutFocusReason)
    qtbot.waitUntil(lambda: not popup.isVisible(), timeout=10_000)
    panel.filter.line.setFocus()
    qtbot.keyClick(panel.filter.line, Qt.Key.Key_Escape)
    assert panel.filter.line.text() == ""


def test_a_filter_that_hides_all_says_so_and_can_be_cleared(
    qtbot: QtBot, panel: FramesPanel, bench: Bench, wire: Wire
) -> None:
    """Design section 6: a list without rows says why, and offers the next action."""
    wire.call(1)
    bench.entries_added.emit(None, [])
    with qtbot.waitSignal(panel.model.filtered, timeout=20_000):
        panel.filter.set_text("method:nothing/*")
    assert panel._hidden.isVisible()
    assert panel._hidden.title.text() == "No frame passes the filter"
    assert panel._hidden.text.text() == "It hides all 2 frames."
    with qtbot.waitSignal(panel.model.filtered, timeout=20_000):
        next(one for one in panel._hidden.findChildren(QPushButton) if "Clear" in one.text()).click()
    assert panel.table.isVisible()
    assert panel.model.rowCount() == 2


def test_whoever_comes_to_the_table_finds_the_newest_frame_chosen_and_marked(
    panel: FramesPanel, bench: Bench, wire: Wire, qtbot: QtBot
) -> None:
    """Qt made the oldest row current and marked none: the pane below belonged to a row that nobody could see."""
    for number in range(1, 41):
        wire.call(number)
    arrive(bench)
    panel.enter()
    qtbot.waitUntil(panel.table.hasFocus, timeout=10_000)
    newest = panel.model.rowCount() - 1
    assert panel.table.currentIndex().row() == newest
    assert [one.row() for one in panel.table.selectionModel().selectedRows()] == [newest]
    assert panel.detail.entry is not None
    assert panel.detail.entry.seq == panel.model.ledger.entries[-1].seq
    panel.resize(700, 480)  # as beside another pane
    shown = panel.table.viewport().rect()
    qtbot.waitUntil(lambda: shown.height() != panel.table.viewport().height(), timeout=10_000)
    assert panel.table.viewport().rect().contains(panel.table.visualRect(panel.model.index(newest, 0)))
    panel.resize(1200, 700)
    qtbot.waitUntil(lambda: panel.table.viewport().height() >= shown.height(), timeout=10_000)
    panel.table.scrollTo(panel.model.index(30, 0), QAbstractItemView.ScrollHint.PositionAtBottom)
    panel.table.selectRow(30)
    panel.compose()
    qtbot.waitUntil(lambda: panel.table.viewport().height() < shown.height(), timeout=10_000)
    assert panel.table.viewport().rect().contains(panel.table.visualRect(panel.model.index(30, 0)).center())
    panel._close_composer()
    panel.table.selectRow(3)
    panel.filter.line.setFocus()
    panel.enter()
    assert panel.table.currentIndex().row() == 3, "what was chosen stays chosen"


def test_a_long_gap_is_told_in_seconds(panel: FramesPanel, bench: Bench, wire: Wire, qtbot: QtBot) -> None:
    """225 516 ms were cut off after "+225", and read as a quarter of a second."""
    wire.call(1)
    wire.now += 225_516 * MS
    wire.call(2)
    arrive(bench)
    assert cells(panel.model, 2)[2] == "+226 s"
    assert cells(panel.model, 3)[2] == "+10"
    wire.now += 25_300 * MS
    wire.call(3)
    arrive(bench)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 6, timeout=10_000)
    cell, metrics = cells(panel.model, 4)[2], panel.table.fontMetrics()
    assert cell == "+25 s"
    assert metrics.horizontalAdvance(cell) < panel.table.columnWidth(2) - 12
