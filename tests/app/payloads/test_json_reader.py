"""What a row of a tree or a table cuts off can be read and copied whole; what is a text reads as one."""

import json

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.strays import no_strays
from wireglass.recording.json_diff import difference
from wireglass_app.payloads.difference import DifferenceView
from wireglass_app.payloads.json import JsonView
from wireglass_app.payloads.text import TextView, WrappedText

LONG = "A line of text.\n" + "word " * 40
CTRL = Qt.KeyboardModifier.ControlModifier


def shown(qtbot, look, value) -> JsonView:
    with no_strays():
        view = JsonView(value)
    qtbot.addWidget(view)
    view.resize(600, 500)
    view.show()
    view.activateWindow()
    return view


def copied(qtbot, widget) -> str:
    QGuiApplication.clipboard().setText("")
    widget.setFocus()
    QTest.keyClick(widget, Qt.Key.Key_C, CTRL)
    return QGuiApplication.clipboard().text()


def test_a_wrapped_text_reads_as_a_text_first(qtbot, look) -> None:
    """A FastMCP tool that returns `str` gives {"result": …}: the escaped half of its first line was all one saw."""
    view = shown(qtbot, look, {"result": LONG})
    assert view.looks.current() == "text"
    assert view.findChildren(WrappedText)[0].toPlainText() == LONG
    view.show_as("tree")
    view.show_as("raw")
    assert shown(qtbot, look, {"result": 5}).looks.current() == "tree"
    assert shown(qtbot, look, {"result": LONG, "more": 1}).looks.current() == "tree"


def test_a_long_text_of_the_tree_stands_below_in_full_and_is_copied_as_it_is(qtbot, look) -> None:
    view = shown(qtbot, look, {"short": "x", "long": LONG, "rows": [1, 2]})
    tree, nodes = view._tree, view._nodes
    tree.setCurrentIndex(nodes.index(1, 0))
    assert view._reader.isVisible()
    assert view._reader.path.whole() == "/long"
    assert copied(qtbot, tree) == LONG
    tree.setCurrentIndex(nodes.index(0, 0))
    assert view._reader.isHidden()
    assert copied(qtbot, tree) == "x"
    tree.setCurrentIndex(nodes.index(2, 0))
    assert json.loads(copied(qtbot, tree)) == [1, 2]


def test_a_cell_of_the_table_is_copied_and_read_whole(qtbot, look) -> None:
    view = shown(qtbot, look, {"rows": [{"a/b": LONG, "tags": ["x", "y"]}, {"a/b": "s", "tags": []}]})
    table, rows = view._table, view._rows
    table.setCurrentIndex(rows.index(0, 0))
    assert view._reader.path.whole() == "/rows/0/a~1b"
    assert copied(qtbot, table) == LONG
    table.setCurrentIndex(rows.index(0, 1))
    assert json.loads(copied(qtbot, table)) == ["x", "y"]
    table.setCurrentIndex(rows.index(1, 0))
    assert view._reader.isHidden()
    assert copied(qtbot, table) == "s"


def test_what_changed_inside_of_two_long_texts_is_told(qtbot, look) -> None:
    """Both rows looked alike as far as they are seen."""
    before, after = {"text": "word " * 90 + "one end"}, {"text": "word " * 90 + "two ends"}
    view = DifferenceView()
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    view.show_difference(difference(before, after))
    assert view.change.isVisible()
    assert view.change.whole() == '…word word word one end" → …word word word two ends"'
    view.show_difference(difference({"a": 1}, {"a": 2}))
    assert not view.change.isVisible()


def test_a_text_that_is_json_offers_so_and_is_no_window_for_it(qtbot, look) -> None:
    with no_strays():
        view = TextView('{"a": [1, 2]}')
    qtbot.addWidget(view)
    assert len(view.actions()) == 1
    assert TextView("no JSON").actions() == []
