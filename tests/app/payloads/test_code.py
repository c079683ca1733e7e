"""What a person sees and does in a CodeView."""

import json

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from wireglass_app.payloads.code import CodeView, Mark
from wireglass_app.payloads.highlight import Highlighter, json_stretches, reveal
from wireglass_app.payloads.line_steps import line_steps
from wireglass_app.theme import Theme

VALUE = {"jsonrpc": "2.0", "id": 65, "result": {"content": [{"type": "text", "text": "Label"}], "isError": False}}


def shown(qtbot: QtBot, **options: object) -> CodeView:
    view = CodeView(**options)  # type: ignore[arg-type]  # keyword arguments of the view
    qtbot.addWidget(view)
    view.resize(600, 300)
    with qtbot.waitActive(view):
        view.show()
        view.activateWindow()
    return view


def test_large_json_arrives_whole_and_its_end_can_be_shown(qtbot: QtBot, look: Theme) -> None:
    view = shown(qtbot)
    with qtbot.waitSignal(view.loaded, timeout=20_000):
        view.set_json({"rows": [{"id": index} for index in range(20_000)]})
        view.show_row(60_000)
    assert len(view.rows) == 60_004
    assert view.caret[0] == 60_000
    assert view.verticalScrollBar().value() > 59_000


def test_new_content_replaces_a_job_that_still_runs(qtbot: QtBot, look: Theme) -> None:
    view = shown(qtbot)
    view.set_json(list(range(200_000)))
    view.set_text("short")
    qtbot.wait(30)
    assert list(view.rows) == ["short"]


def test_a_pointer_is_marked_and_a_missing_one_marks_its_parent(qtbot: QtBot, look: Theme) -> None:
    view = shown(qtbot)
    view.set_json(VALUE)
    assert view.show_pointer("/result/content/0/mimeType", note="mimeType is missing here")
    assert view.pointer() == "/result/content/0"
    assert view._marks == (Mark(5, 8, "bad", "mimeType is missing here"),)


def test_a_pointer_among_many_rows_is_looked_up_in_the_background(qtbot: QtBot, look: Theme) -> None:
    view = shown(qtbot)
    with qtbot.waitSignal(view.loaded, timeout=20_000):
        view.set_json([{"id": index} for index in range(20_000)])
    assert view.show_pointer("/19000/id")
    qtbot.waitUntil(lambda: view.caret[0] == 57_002, timeout=20_000)
    assert view.pointer() == "/19000/id"


def test_long_text_comes_in_pieces_and_stays_whole(qtbot: QtBot, look: Theme) -> None:
    view = shown(qtbot)
    text = "".join(f"line {index}\n" for index in range(150_000))
    with qtbot.waitSignal(view.loaded, timeout=20_000):
        view.set_text(text)
    assert view.text() == text


def test_copy_takes_the_selection_with_shortened_strings_whole(qtbot: QtBot, look: Theme) -> None:
    view = shown(qtbot)
    view.set_json({"data": "x" * 5_000})
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == '{\n  "data": "' + "x" * 5_000 + '"\n}'
    assert view._shown(1).endswith("(5.0 KB)")


def test_long_text_lines_go_on_in_the_next_row_and_copy_as_one(qtbot: QtBot, look: Theme) -> None:
    view = shown(qtbot)
    text = "a" * 2_500 + "\nb"
    view.set_text(text)
    assert len(view.rows) == 4
    view.select_all()
    assert view.selected_text() == text == view.text()


def test_keys_move_and_shift_selects(qtbot: QtBot, look: Theme) -> None:
    view = shown(qtbot)
    view.set_text("one\ntwo\nthree")
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
    assert view.selected_text() == "two"
    qtbot.keyClick(view, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert view.caret == (2, 5)
    assert view.accessibleDescription() == "Line 3 of 3: three"


def test_dragging_selects_and_a_double_click_takes_the_word(qtbot: QtBot, look: Theme) -> None:
    view = shown(qtbot)
    view.set_text("alpha beta")
    left = QPoint(int(view._gutter), 6)
    middle = QPoint(int(view._gutter + 7.5 * view._cell), 6)
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=left)
    qtbot.mouseMove(view.viewport(), middle)
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert view.selected_text() == "beta"


def test_find_counts_all_hits_and_steps_round(qtbot: QtBot, look: Theme) -> None:
    view = shown(qtbot)
    view.set_text("\n".join(f"row {index} Type" for index in range(100)))
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    bar = view._find
    assert bar is not None
    qtbot.keyClicks(bar.field, "type")
    qtbot.waitUntil(lambda: bar.count.text() == "1 of 100", timeout=20_000)
    assert view.selected_text() == "Type"
    qtbot.keyClick(bar.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert bar.count.text() == "100 of 100"
    qtbot.keyClick(bar.field, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert view.hasFocus()


def test_hidden_characters_are_shown_as_marks_one_for_one() -> None:
    assert reveal("a\u202eb\x1bc\u200d") == "a\ufffdb\ufffdc\ufffd"
    assert reveal("plain é") == "plain é"


def test_json_and_other_languages_are_coloured() -> None:
    line = '  "key": [1.5, true, "a\\"b"],'
    assert [(line[start : start + length], kind) for start, length, kind in json_stretches(line)] == [
        ('"key"', "key"),
        (":", "punct"),
        ("[", "punct"),
        ("1.5", "num"),
        (",", "punct"),
        ("true", "literal"),
        (",", "punct"),
        ('"a\\"b"', "str"),
        ("],", "punct"),
    ]
    rows = ["def f():", "    return 'x'  # why"]
    kinds = {kind for _, _, kind in Highlighter("python").stretches(rows, 1)}
    assert {"literal", "str", "comment"} <= kinds
    assert Highlighter("no-such-language").stretches(rows, 0) == []


def coloured(view: CodeView, row: int) -> bool:
    view.grab()
    return bool(view._layout(row).formats())


def test_colours_that_take_long_come_after_the_text(qtbot: QtBot, look: Theme) -> None:
    view = CodeView()
    qtbot.addWidget(view)
    view.show()
    view.set_text("\n".join(["def f(): return 'x'"] * 100), "python")
    assert not coloured(view, 0), "painting waited for pygments"
    qtbot.waitUntil(lambda: coloured(view, 0), timeout=20_000)
    view.show_row(90)
    qtbot.waitUntil(lambda: coloured(view, 90), timeout=20_000)
    view.set_text("plain")
    assert not coloured(view, 0)


def test_a_block_that_has_grown_is_coloured_anew(qtbot: QtBot, look: Theme) -> None:
    rows = ["x = 1", "y = 2"]
    colours = Highlighter("python")
    assert colours.stretches(rows, 1)
    rows += ["z = 3"] * 60
    assert colours.wants(rows, 30)
    assert colours.stretches(rows, 30)
    assert not colours.wants(rows, 30)


def test_zoom_and_theme_reach_lines_that_are_shown(qtbot: QtBot, look: Theme) -> None:
    view = CodeView()
    qtbot.addWidget(view)
    view.set_text('{"a": 1}')
    view.show()
    before = view.grab().toImage()
    height = view._height
    look.zoom(1.5)
    assert view._height > height
    look.zoom(1.0)
    assert view._height == height
    look.choose("dark")
    assert view.grab().toImage() != before


def test_a_line_of_megabytes_comes_in_parts_and_reads_as_one(qtbot: QtBot, look: Theme) -> None:
    """Cut into rows at once, a result of 50 MB on one line held the window for a quarter of a second."""
    line = "".join(chr(97 + at % 26) for at in range(700_123))
    for text in (f"first\n{line}{line}\nlast\n", f"{line}{line}", f"a\n\n{line}\n{line}\n{'b' * 1_000}\n"):
        view = CodeView()
        qtbot.addWidget(view)
        with qtbot.waitSignal(view.loaded, timeout=30_000):
            view.set_text(text)
        assert view.text() == text
        assert max(map(len, view.rows)) == 1_000
        assert len(view.rows) == sum(max(1, -(-len(one) // 1_000)) for one in text.split("\n"))
        parts = list(line_steps(text, whole=False))
        assert max(sum(map(len, part)) for part in parts) <= 400_000


def test_json_with_a_long_text_is_laid_out_in_the_background(qtbot: QtBot, look: Theme) -> None:
    """One value, but megabytes of it: it is escaped in pieces by a job."""
    value = {"text": 'ü"\n' * 500_000, "more": [1, 2]}
    view = CodeView()
    qtbot.addWidget(view)
    with qtbot.waitSignal(view.loaded, timeout=30_000):
        view.set_json(value)
        assert view.loading
    assert json.loads(view.text()) == value
