"""The timeline as a person meets it."""

import random
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from wireglass.protocol.messages import Span
from wireglass.recording.timing import Row
from wireglass_app import motion
from wireglass_app.charts.bar_labels import BarLabels
from wireglass_app.charts.board import TimelineBoard
from wireglass_app.charts.lanes import LanesView
from wireglass_app.charts.waterfall import _label_place
from wireglass_app.models.timeline import TimelineModel
from wireglass_app.models.waterfall import WaterfallModel
from wireglass_app.plain import duration

SECOND = 1_000_000_000
SPANS = (
    Span("RateLimiting", "middleware", 0, 400_000),
    Span("handler", "handler", 311_000, 80_000, 0),
    Span("you", "human", 320_000, 20_000, 1),
)


@pytest.fixture
def board(qtbot: QtBot) -> TimelineBoard:
    model = TimelineModel()
    for key in range(5):
        model.begin_call(key, "desk", "tools/call", f"tool_{key}", key * SECOND)
        spans = SPANS if key == 4 else ()
        model.end_call(key, key * SECOND + SECOND // 2, failed=key == 2, spans=spans, human_ns=SECOND // 10)
    board = TimelineBoard(model)
    board.resize(1200, 760)
    qtbot.addWidget(board)
    board.show()
    return board


def test_the_newest_call_is_shown_in_depth(board: TimelineBoard) -> None:
    assert board.lanes.current == 4
    assert board.in_depth.name.whole() == "tool_4"
    assert board.in_depth.waited.text() == "100 ms waiting for you, not counted"
    assert board.waterfall.model().rowCount() == 1
    assert board.in_depth.findings[0].title.text() == "RateLimiting held this call for 320 ms"


def test_arrow_keys_walk_the_calls_and_return_opens_one(board: TimelineBoard, qtbot: QtBot) -> None:
    board.lanes.setFocus()
    qtbot.keyClick(board.lanes, Qt.Key.Key_Left)
    qtbot.keyClick(board.lanes, Qt.Key.Key_Left)
    assert board.lanes.current == 2
    assert board.lanes.accessibleDescription() == "tool_2 on desk, failed, 400 ms, 100 ms waiting for you"
    with qtbot.waitSignal(board.opened, timeout=30_000) as opened:
        qtbot.keyClick(board.lanes, Qt.Key.Key_Return)
    assert opened.args == [2]


def test_zoom_ends_following_and_fit_shows_all(board: TimelineBoard, qtbot: QtBot) -> None:
    whole = board.lanes.viewport
    qtbot.keyClick(board.lanes, Qt.Key.Key_Plus)
    assert board.lanes.viewport.span == whole.span // 2
    assert not board.follow.isChecked()
    qtbot.keyClick(board.lanes, Qt.Key.Key_0)
    assert board.lanes.viewport == whole


def test_the_brush_chooses_the_range(board: TimelineBoard, qtbot: QtBot) -> None:
    board.overview.setFocus()
    board.overview.brushed.emit(SECOND, 2 * SECOND)
    assert (board.lanes.viewport.begin, board.lanes.viewport.until) == (SECOND, 2 * SECOND)
    qtbot.waitUntil(lambda: board.numbers._note.whole() == "self time · 1 call in range", timeout=30_000)


def test_the_table_twin_shows_what_the_lanes_show(board: TimelineBoard, qtbot: QtBot) -> None:
    qtbot.mouseClick(board.mode.button("table"), Qt.MouseButton.LeftButton)
    assert board.table.isVisible()
    shown = [board.table_model.index(row, 3).data() for row in range(board.table_model.rowCount())]
    assert shown == [f"tool_{key}" for key in range(5)]
    board.table.selectRow(1)
    assert board.lanes.current == 1


def test_a_call_without_spans_says_so(board: TimelineBoard) -> None:
    board.select(1)
    assert "does not report its middleware chain" in board.in_depth.not_told.text()
    assert board.in_depth.not_told.isVisible()
    board.select(4)
    assert not board.in_depth.not_told.isVisible()


def test_a_filter_leaves_its_calls_in_lanes_table_and_numbers(board: TimelineBoard, qtbot: QtBot) -> None:
    board.filter.setText("status:failed or name:tool_4")
    qtbot.waitUntil(lambda: board._passing.text() == "2 of 5", timeout=30_000)
    assert sum(len(track) for row in board._model.rows() for track in row.tracks) == 2
    qtbot.mouseClick(board.mode.button("table"), Qt.MouseButton.LeftButton)
    shown = [board.table_model.index(row, 3).data() for row in range(board.table_model.rowCount())]
    assert shown == ["tool_2", "tool_4"]
    board.lanes.select(4)
    qtbot.keyClick(board.lanes, Qt.Key.Key_Left)
    assert board.lanes.current == 2, "the walk leaves out what is not shown"
    board.filter.setText("")
    qtbot.waitUntil(lambda: board._passing.text() == "", timeout=30_000)
    assert sum(len(track) for row in board._model.rows() for track in row.tracks) == 5


def test_a_filter_at_fault_keeps_the_last_good_one(board: TimelineBoard, qtbot: QtBot) -> None:
    board.filter.setText("name:tool_1")
    qtbot.waitUntil(lambda: board._passing.text() == "1 of 5", timeout=30_000)
    board.filter.setText("name:tool_1 colour:red")
    qtbot.waitUntil(lambda: "colour" in board._fault.whole(), timeout=30_000)
    assert board._passing.text() == "1 of 5"


def test_new_calls_pass_the_filter_in_force_too(board: TimelineBoard, qtbot: QtBot) -> None:
    board.filter.setText("status:failed")
    qtbot.waitUntil(lambda: board._passing.text() == "1 of 5", timeout=30_000)
    board._model.begin_call(7, "desk", "tools/call", "late", 9 * SECOND)
    board._model.end_call(7, 10 * SECOND, failed=True)
    board._model.changed.emit()
    qtbot.waitUntil(lambda: board._passing.text() == "2 of 6", timeout=30_000)


def test_an_empty_session_says_what_will_come(qtbot: QtBot) -> None:
    board = TimelineBoard(TimelineModel())
    qtbot.addWidget(board)
    board.show()
    assert board._views.currentWidget().title.text() == "Calls will draw themselves here"  # type: ignore[attr-defined]


def test_the_waterfall_is_a_sound_model(qtbot: QtBot) -> None:
    model = WaterfallModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show(SPANS)
    top = model.index(0, 0)
    top_name, self_ms = top.data(), model.index(0, 2, top).data()
    assert (top_name, self_ms) == ("RateLimiting", "60.0")
    assert model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole) is None
    told = Span("SELECT", "user", 0, 10, None, {"db.system": "<b>sqlite</b>"})
    model.show((told,))
    words = model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "db.system" in words
    assert "<b>" not in words
    model.show(())
    assert model.rowCount() == 0


def test_the_range_that_is_shown_can_be_looked_at_frame_by_frame(board: TimelineBoard, qtbot: QtBot) -> None:
    board.lanes.show_range(SECOND, 2 * SECOND + SECOND // 4)
    button = next(one for one in board.findChildren(QAbstractButton) if "frames of this range" in one.accessibleName())
    with qtbot.waitSignal(board.frames_wanted, timeout=30_000) as wanted:
        button.click()
    assert wanted.args == ["time:00:00:01.000000-00:00:02.250000"]


def test_the_lanes_of_a_server_fold(board: TimelineBoard, qtbot: QtBot) -> None:
    before = board.lanes.sizeHint().height(), len(list(board.lanes._places()))
    assert before[1] == 2
    qtbot.mouseClick(board.lanes, Qt.MouseButton.LeftButton, pos=QPoint(60, 30))
    assert len(list(board.lanes._places())) == 1, "only its name is left"
    board.lanes.setFocus()
    qtbot.keyClick(board.lanes, Qt.Key.Key_Space)
    assert (board.lanes.sizeHint().height(), len(list(board.lanes._places()))) == before


def test_names_are_written_into_bars_and_behind_them(qtbot: QtBot) -> None:
    def picture(name: str, length: int) -> QImage:
        model = TimelineModel()
        model.begin_call(0, "desk", "tools/call", name, 0)
        model.end_call(0, length, failed=False)
        model.begin_call(1, "desk", "tools/call", "last", 10 * SECOND)
        model.end_call(1, 10 * SECOND + 1, failed=False)
        lanes = LanesView(model)
        qtbot.addWidget(lanes)
        lanes.resize(1300, 200)
        return lanes.grab().toImage()

    for length in (5 * SECOND, SECOND // 10):
        assert picture("quote", length) != picture("label", length)
        assert picture("quote", length) == picture("quote", length)


def test_labels_never_overlap_bars_or_each_other(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(3)
    model = TimelineModel()
    at = 0
    for key in range(300):
        at += chance.randrange(1, SECOND)
        model.begin_call(key, "desk", "tools/call", f"tool_{'x' * chance.randrange(12)}", at)
        model.end_call(key, at + chance.randrange(1, 2 * SECOND), failed=False)
    lanes = LanesView(model)
    qtbot.addWidget(lanes)
    lanes.resize(1300, 300)
    drawn: list[tuple[float, QRectF]] = []
    real = BarLabels.place

    def watched(self: BarLabels, label: str, rect: QRectF, room: float) -> QRectF | None:
        box = real(self, label, rect, room)
        if box is not None:
            drawn.append((rect.top(), box))
        return box

    monkeypatch.setattr(BarLabels, "place", watched)
    lanes.set_follow(False)
    labels = 0
    for _ in range(8):
        lanes.zoom(2)
        drawn.clear()
        lanes.grab()
        labels += len(drawn)
        view = lanes.viewport
        for track, lane in enumerate(model.rows()[0].tracks):
            bars = [lanes._bar_rect(bar, 0) for bar in lane.bars(view.begin, view.until, 1)]
            top = 46 + 20 * track  # below ruler and name of the server
            boxes = sorted((box for at_top, box in drawn if at_top == top), key=lambda box: box.left())
            for left, right in pairwise(boxes):
                assert left.right() <= right.left() + 0.5
            for box in boxes:
                for bar in bars:
                    apart = bar.right() <= box.left() + 0.5 or bar.left() >= box.right() - 0.5
                    assert apart or (bar.left() <= box.left() and box.right() <= bar.right()), "over another bar"
    assert labels > 20


def test_a_zoom_moves_to_its_end_and_stands_still_with_reduced_motion(board: TimelineBoard, qtbot: QtBot) -> None:
    """Design section 11: 140 ms, easing out; reduced motion: nothing moves. What is shown is decided at once."""
    lanes, whole = board.lanes, board.lanes.viewport
    try:
        motion.choose("full")
        lanes.zoom(4)
        assert lanes.viewport.span == whole.span // 4
        assert lanes.glide.running
        assert lanes.seen.span > lanes.viewport.span
        qtbot.waitUntil(lambda: not lanes.glide.running, timeout=30_000)
        assert lanes.seen == lanes.viewport
        lanes.fit()
        lanes.show_range(0, SECOND)  # who pans meanwhile does not wait
        assert lanes.seen == lanes.viewport
        motion.choose("reduced")
        lanes.zoom(2)
        assert not lanes.glide.running
        assert lanes.seen == lanes.viewport
    finally:
        motion.choose("system")


def test_calls_close_to_each_other_take_turns_so_that_labels_have_room() -> None:
    model = TimelineModel()
    for key in range(4):
        model.begin_call(key, "desk", "tools/call", "quote", key * SECOND)
        model.end_call(key, key * SECOND + SECOND // 5, failed=False)
    model.begin_call(9, "desk", "tools/call", "quote", 20 * SECOND)
    requests = model.rows()[0]
    assert [len(track) for track in requests.tracks] == [3, 2]


def test_a_long_label_is_cut_where_its_bar_has_room_for_a_part(board: TimelineBoard) -> None:
    room = QRectF(200, 0, 60, 16)
    box = BarLabels().place("a label of many words that do not fit", room, 262)
    assert box is not None
    assert room.contains(box)
    assert BarLabels().place("a label of many words that do not fit", QRectF(200, 0, 30, 16), 232) is None


def test_a_call_of_a_microsecond_has_its_name_beside_it(qtbot: QtBot) -> None:
    """Past fault: bars narrower than two pixels had no label, however much room there was."""
    model = TimelineModel()
    for key, begin in enumerate((0, 40 * SECOND)):
        model.begin_call(key, "desk", "tools/call", "quote", begin)
        model.end_call(key, begin + 1_000, failed=False)
    board = TimelineBoard(model)
    board.resize(1200, 760)
    qtbot.addWidget(board)
    shown: list[str] = []
    labels = board.lanes._labels
    paint = labels.paint

    def noted(painter: object, label: str, *more: object) -> None:
        shown.append(label)
        paint(painter, label, *more)  # type: ignore[arg-type]  # as it came

    labels.paint = noted  # type: ignore[method-assign]  # only to look on
    board.lanes.grab()
    assert shown == ["quote", "quote"]


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (((0, 1000),), (106.0, True)),
        (((0, 100), (900, 1000)), (206.0, False)),
        (((0, 450), (950, 1000)), (106.0, True)),
        (((400, 600),), (106.0, False)),
        (((300, 350), (600, 650), (950, 1000)), (1106.0, False)),
    ],
)
def test_words_on_a_waterfall_bar_cross_no_edge(own: tuple[tuple[int, int], ...], expected: tuple[float, bool]) -> None:
    row = Row(Span("x", "handler", 0, 1000), 0, 0, 0.0, own)
    assert _label_place(row, QRectF(100, 0, 1000, 12), 300) == expected


GAP = f"Disconnected · {duration(2000)}"


def gone(model: TimelineModel) -> None:
    """The server of a call that runs goes away for two seconds, and again for good."""
    model.begin_call(5, "desk", "tools/call", "lost", 5 * SECOND)
    model.lose("desk", "disconnected", 6 * SECOND)
    model.find_again("desk", 8 * SECOND)
    model.begin_call(6, "desk", "tools/call", "after", 9 * SECOND)
    model.end_call(6, 9 * SECOND + 1, failed=False)
    model.lose("desk", "desk stopped", 10 * SECOND)
    model.changed.emit()


def test_a_lost_server_freezes_its_lanes_and_leaves_a_gap(board: TimelineBoard) -> None:
    """Design section 6: disconnected: frozen at the end, gap drawn."""
    model = board.lanes._model
    before = board.lanes.grab().toImage()
    gone(model)
    assert [model.gap_words(gap) for gap in model.gaps] == [GAP, "desk stopped"]
    assert not model.is_open, "nothing goes on where nobody is"
    assert model.calls.ends[model.calls.row(5)] == 6 * SECOND
    end = model.extent
    model.advance(100 * SECOND)
    assert model.extent == end
    board.lanes.fit()
    model.gaps, drawn = [], model.gaps
    without = board.lanes.grab().toImage()
    model.gaps = drawn
    with_gaps = board.lanes.grab().toImage()
    assert before != with_gaps
    view = board.lanes.viewport
    for at, differs in ((7 * SECOND, True), (10 * SECOND + SECOND // 10, True), (8 * SECOND + SECOND // 2, False)):
        x = int(162 + view.x(at))
        columns = [(with_gaps.pixel(x, y), without.pixel(x, y)) for y in range(24, 44)]
        assert any(one != other for one, other in columns) is differs, at


def test_the_table_twin_has_the_gaps(board: TimelineBoard, qtbot: QtBot) -> None:
    model = board.lanes._model
    board.mode.set_current("table")
    board._refresh()
    gone(model)
    table = board.table_model
    with qtbot.captureExceptions() as problems:
        QAbstractItemModelTester(table, QAbstractItemModelTester.FailureReportingMode.Fatal)

        def names() -> list[str]:
            return [table.index(row, 3).data() for row in range(table.rowCount())]

        assert names()[5:] == ["lost", GAP, "after", "desk stopped"]
        assert [table.index(row, 4).data() for row in (6, 8)] == ["reconnected", "not connected"]
        assert table.call(6) is None
        for column in range(table.columnCount()):
            table.sort(column, Qt.SortOrder.DescendingOrder)
            assert len(names()) == 9
        table.sort(0)
        assert names()[6] == GAP
        board.table.selectRow(6)
        board.table.activated.emit(table.index(6, 0))
        passing = bytes([1] * len(model.calls))
        model.choose(passing)
        assert "desk stopped" not in names(), "a filter asks for calls"
    assert problems == []


def test_what_began_after_a_gap_is_not_ended_by_it(board: TimelineBoard) -> None:
    """Frames are taken in batches, what happened beside them after each batch."""
    model = board.lanes._model
    model.begin_call(5, "desk", "tools/call", "lost", 5 * SECOND)
    model.begin_call(6, "desk", "tools/call", "later", 9 * SECOND)
    model.lose("desk", "disconnected", 6 * SECOND)
    model.find_again("desk", 8 * SECOND)
    assert model.calls.ends[model.calls.row(5)] == 6 * SECOND
    assert model.is_open
    model.end_call(6, 10 * SECOND, failed=False)
    assert model.calls.ends[model.calls.row(6)] == 10 * SECOND


def test_the_numbers_name_a_server_as_it_names_itself(qtbot: QtBot) -> None:
    """Past fault: they kept the name that it had before it told its own."""
    model = TimelineModel(title_of={"file.py #1": "Parcel desk #2"}.__getitem__)
    model.begin_call(1, "file.py #1", "tools/call", "quote", 0)
    model.end_call(1, SECOND, failed=False)
    board = TimelineBoard(model)
    qtbot.addWidget(board)
    board.numbers.show_calls(model.calls, [0], None)
    assert board.numbers._slowest[0]._what.whole() == "Parcel desk #2"
    board.numbers.grouping.button("server").click()
    assert board.numbers.rows.index(0, 0).data() == "Parcel desk #2"
