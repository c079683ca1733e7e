"""The pane of one frame, export, the filter's marks and memory, and what a server leaves that is gone."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app.frame_wire import BAD, META, Wire, arrive, judge
from inbox_desk import Bench, desk_of
from wireglass.protocol.messages import HttpFacts, notification, request, result
from wireglass.recording.events import SessionEvent
from wireglass.recording.masking import MASK
from wireglass_app.frameview.detail import FrameDetail
from wireglass_app.frameview.source import lines_around
from wireglass_app.panels.frames import FramesPanel
from wireglass_app.theme import Theme

WAIT = 20_000


def make(qtbot: QtBot, bench: Bench, folder: Path) -> FramesPanel:
    said: list[str] = []
    panel = FramesPanel(desk_of(bench, folder, said))
    panel.said = said  # type: ignore[attr-defined]  # for the tests below
    qtbot.addWidget(panel)
    panel.resize(1200, 800)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


@pytest.fixture
def panel(qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path) -> FramesPanel:
    return make(qtbot, bench, tmp_path)


def titles(detail: FrameDetail) -> dict[str, bool]:
    return {detail.tabs.tabText(at): detail.tabs.isTabEnabled(at) for at in range(detail.tabs.count())}


def test_the_pane_asks_for_a_frame_until_one_is_chosen(panel: FramesPanel, bench: Bench, wire: Wire) -> None:
    """Design section 3: no path ends in an empty screen. Where nothing has crossed there is nothing to choose."""
    assert panel.detail.isHidden()
    wire.call(1)
    arrive(bench)
    assert panel.detail.none.isVisible()
    assert panel.detail.none.title.text() == "Choose a frame"
    assert not panel.detail.code.isVisible()
    panel.show_item(seq=1)
    assert panel.detail.code.isVisible()
    assert not panel.detail.none.isVisible()


def test_a_frame_has_six_looks_and_those_without_content_are_off(panel: FramesPanel, bench: Bench, wire: Wire) -> None:
    wire.call(1)
    wire.put(notification("notifications/message", {"level": "info", "data": "x"}), "server")
    wire.put(None, "server", raw="print()")
    arrive(bench)
    panel.show_item(seq=1)
    on = {"JSON": True, "Tree": True, "Exact text": True, "Headers": False, "Request 0": True, "Timing": True}
    assert titles(panel.detail) == on
    panel.show_item(seq=2)
    assert titles(panel.detail)["Timing"] is False
    assert titles(panel.detail)["Partner"] is False
    panel.show_item(seq=3)
    assert titles(panel.detail)["Tree"] is False


def test_the_tree_stands_at_the_fault(qtbot: QtBot, panel: FramesPanel, bench: Bench, wire: Wire) -> None:
    wire.call(1, BAD)
    arrive(bench)
    judge(qtbot, bench)
    panel.step_problem(True)
    panel.detail.tabs.setCurrentIndex(1)
    tree = panel.detail.tree
    assert tree._nodes.pointer(tree.currentIndex()) == "/result/content/0"
    panel.show_item(seq=0)
    assert tree._nodes.find(["method"]).isValid()


def test_timing_shows_the_waterfall_of_the_call_with_the_phases_of_its_http(
    panel: FramesPanel, bench: Bench, wire: Wire
) -> None:
    facts = HttpFacts("POST", "https://a.example/mcp", 200)
    wire.put(request(1, "tools/call", {"name": "buy", **META}), http=facts)
    wire.put(result(1, {"content": []}), "server", http=facts)
    phases = {"connect": 0, "connected": 2_000_000}
    bench.ledger.happened(
        SessionEvent("shop #1", "http", 4_000_000, 20_000_000, facts={"channel": "stdio", "phases": phases})
    )
    arrive(bench)
    panel.show_item(seq=1)
    panel.show_timing()
    timing = panel.detail.timing
    assert timing.waterfall.isVisible()
    assert timing.words.text().startswith("Answered after 10.0 ms")
    assert "does not report its chain" in timing.words.text()
    names = [span.name for span in timing.waterfall._shown]
    assert names[0] == "tools/call buy"
    bench.ledger.append(wire.ledger.entry(0).frame, "other")
    panel.model.take_new()
    panel.show_item(seq=2)
    panel.detail.tabs.setCurrentIndex(5)
    assert timing.empty.text.text() == "The request has no answer yet."


def test_a_fault_says_how_often_it_was_seen(qtbot: QtBot, panel: FramesPanel, bench: Bench, wire: Wire) -> None:
    wire.call(1)
    wire.call(2, BAD)
    wire.call(3, BAD)
    arrive(bench)
    judge(qtbot, bench)
    panel.show_item(seq=5)
    verdict = panel.detail.verdict
    qtbot.waitUntil(lambda: bool(verdict.cell("Seen")), timeout=WAIT)
    assert verdict.cell("Seen") == "2 of 3 results of buy, first in frame 3"


def test_the_code_of_a_local_server_is_shown_around_its_line(
    qtbot: QtBot, panel: FramesPanel, bench: Bench, wire: Wire, tmp_path: Path
) -> None:
    file = tmp_path / "server.py"
    file.write_text("import x\n\n\n@mcp.tool\ndef buy():\n    return 1\n")
    session = SimpleNamespace(connection="shop #1", name="shop", target=SimpleNamespace(spec=str(file)), state="ready")
    bench.session_of = lambda _connection: session  # type: ignore[method-assign]  # stands in
    wire.call(1, BAD)
    arrive(bench)
    judge(qtbot, bench)
    panel.show_item(seq=1)
    verdict = panel.detail.verdict
    assert verdict.code.text().strip() == "Open line 5"
    assert verdict.source_title.text() == "In server.py"
    assert verdict.source.text().splitlines()[2] == "   5  def buy():"
    assert lines_around((tmp_path / "none.py", 3)) is None


# --- export ---


def test_the_menu_offers_what_there_is(panel: FramesPanel, bench: Bench, wire: Wire) -> None:
    panel.export.fill()
    words = [action.text() for action in panel.export.menu().actions() if action.isEnabled() and action.text()]
    assert words == []
    wire.call(1)
    arrive(bench)
    panel.show_item(seq=1)
    panel.export.fill()
    words = [action.text() for action in panel.export.menu().actions() if action.isEnabled() and action.text()]
    assert words == [
        "Copy frame 1",
        "Copy its exchange, 2 frames",
        "Save frame 1…",
        "Save its exchange…",
        "Copy the 2 filtered frames",
        "Save the 2 filtered frames…",
    ]


def test_what_is_copied_is_masked(panel: FramesPanel, bench: Bench, wire: Wire) -> None:
    wire.put(request(1, "tools/call", {"name": "buy", "arguments": {"password": "hunter22"}, **META}))
    wire.put(result(1, {"content": []}), "server")
    arrive(bench)
    panel.show_item(seq=0)
    panel.copy_result()
    found = json.loads(QGuiApplication.clipboard().text())
    assert found["message"]["params"]["arguments"] == {"password": MASK}
    panel.detail._copy()
    assert "hunter22" not in QGuiApplication.clipboard().text()
    panel.export.fill()
    next(one for one in panel.export.menu().actions() if one.text().startswith("Copy its exchange")).trigger()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 2
    assert panel.said[-1] == "Copied 2 frames as JSON, with secrets masked."  # type: ignore[attr-defined]


def test_the_filtered_frames_are_saved_in_the_background(
    qtbot: QtBot, panel: FramesPanel, bench: Bench, wire: Wire, tmp_path: Path
) -> None:
    for number in range(150):
        wire.call(number)
    arrive(bench)
    with qtbot.waitSignal(panel.model.filtered, timeout=WAIT):
        panel.filter.set_text("kind:result")
    path = tmp_path / "out.jsonl"
    panel.export.save(list(panel.model.numbers), path)
    said: list[str] = panel.said  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: bool(said) and said[-1].startswith("Saved"), timeout=WAIT)
    assert said[-1] == "Saved 150 frames as out.jsonl, with secrets masked."
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert {line["from"] for line in lines} == {"server"}
    assert {line["server"] for line in lines} == {"shop"}
    panel.export.save([0], tmp_path / "none" / "out.jsonl")
    qtbot.waitUntil(lambda: "could not be saved" in said[-1], timeout=WAIT)


# --- filter ---


def test_the_filter_is_remembered_over_a_restart(
    qtbot: QtBot, look: Theme, bench: Bench, wire: Wire, tmp_path: Path
) -> None:
    wire.call(1)
    first = make(qtbot, bench, tmp_path)
    first.filter.set_text("kind:result")
    first.desk.settings.save()
    second = make(qtbot, bench, tmp_path)
    assert second.filter.line.text() == "kind:result"
    qtbot.waitUntil(lambda: second.model.rowCount() == 1, timeout=WAIT)


def test_what_cannot_be_read_is_marked_at_its_place(panel: FramesPanel, bench: Bench, wire: Wire) -> None:
    wire.call(1)
    arrive(bench)
    panel.filter.set_text("method:tools/* nope:x")
    assert panel.filter.problem is not None
    assert (panel.filter.problem.start, panel.filter.problem.end) == (15, 21)
    assert panel.filter.fault.text().startswith("At 16, “nope:x”: There is no nope:.")
    panel.filter.set_text("method:tools/*")
    assert panel.filter.problem is None
    assert panel.filter.line.text() == "method:tools/*"


# --- a server that is gone ---


def test_a_gap_is_drawn_where_a_server_began_anew(panel: FramesPanel, bench: Bench, wire: Wire) -> None:
    wire.call(1)
    bench.ledger.happened(SessionEvent("shop #1", "reload", wire.now + 1_000_000))
    wire.call(2)
    arrive(bench)
    delegate: Any = panel.table.itemDelegate()
    assert [delegate._after_gap(row) for row in range(4)] == [False, False, True, False]
    spoken = [panel.model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(4)]
    assert [text.startswith("After a gap: ") for text in spoken] == [False, False, True, False]
    panel.grab()


def test_the_frames_of_a_server_that_is_gone_stay_and_it_is_said(panel: FramesPanel, bench: Bench, wire: Wire) -> None:
    wire.call(1)
    arrive(bench)
    session = SimpleNamespace(connection="shop #1", name="shop", state="ready")
    bench.sessions.append(session)
    bench.session_changed.emit(session)
    assert panel.away.isHidden()
    session.state = "crashed"
    bench.session_changed.emit(session)
    assert panel.away.words.whole() == "shop stopped: its frames stay as they are. F5 starts it again."
    assert panel.model.rowCount() == 2


def test_the_brush_of_the_timeline_narrows_the_frames_on_top_of_the_filter(
    qtbot: QtBot, panel: FramesPanel, bench: Bench, wire: Wire
) -> None:
    """Design flow 4: brushing a range filters Protocol too."""
    for number in range(4):
        wire.call(number)
    arrive(bench)
    panel.filter.set_text("kind:result")
    bench.brush((25_000_000, 65_000_000))
    qtbot.waitUntil(lambda: list(panel.model.numbers) == [3, 5], timeout=WAIT)
    assert panel.brushed.isVisible()
    assert panel.filter.count.text() == "2 of 8"
    wire.call(9)
    arrive(bench)
    assert list(panel.model.numbers) == [3, 5]
    panel.show_item(seq=0)
    assert bench.brushed is None
    assert panel.brushed.isHidden()
    assert panel.model.row_for(0) == 0


def test_a_brush_in_the_timeline_reaches_protocol_and_network(desktop: Any) -> None:
    async def scene(desk: Any) -> None:
        from app.desk import DESK, python_target

        session = await desk.open(python_target("desk", str(DESK)))
        desk.window.go("tools", session=session)
        await desk.run("add", {"a": 1, "b": 2})
        desk.window.go("timeline")
        board = desk.window.host.panel.board
        await desk.until(lambda: len(board._model.calls), "a call in the timeline")
        begin, until = board._model.extent
        board.overview.brushed.emit(until, until + 1)
        assert desk.app.workbench.brushed is not None
        desk.window.go("frames")
        frames = desk.window.host.panel
        await desk.until(
            lambda: frames.brushed.isVisible() and frames.model.rowCount() < frames.model.total, "a filter"
        )
        desk.window.go("network")
        assert desk.window.host.panel.brushed.isVisible()
        desk.window.go("timeline")
        board.lanes.fit()
        assert desk.app.workbench.brushed is None
        assert begin <= until

    desktop(scene)
