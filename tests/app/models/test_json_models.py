"""The tree and the table over a JSON value."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from wireglass_app.models.json_table import JsonTableModel, columns_of
from wireglass_app.models.json_tree import JsonTreeModel, preview
from wireglass_app.theme import Theme

ROWS = [{"id": index, "name": f"n{index % 7}", "extra": None if index % 2 else {"a": index}} for index in range(50)]


def strict(model: Any) -> QAbstractItemModelTester:
    return QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)


def test_the_tree_opens_lazily_and_finds_pointers(qtbot: QtBot, look: Theme) -> None:
    model = JsonTreeModel({"a/b": [1, {"x": None}], "empty": {}})
    tester = strict(model)
    index = model.find(["a/b", "1", "x"])
    assert model.pointer(index) == "/a~1b/1/x"
    assert model.data(index) == "x"
    assert model.data(index.siblingAtColumn(1)) == "null"
    empty = model.find(["empty"])
    assert not model.hasChildren(empty)
    assert model.data(empty.siblingAtColumn(1)) == "{ } empty"
    assert model.pointer(model.find(["a/b", "7"])) == "/a~1b"
    assert tester.model() is model


def test_long_arrays_open_into_ranges_of_a_thousand(qtbot: QtBot, look: Theme) -> None:
    model = JsonTreeModel(list(range(2_500_000)))
    assert model.rowCount() == 3
    assert model.data(model.index(2, 0)) == "[2\u2009000\u2009000 \u2026 2\u2009499\u2009999]"
    index = model.find(["2345678"])
    assert model.pointer(index) == "/2345678"
    assert len(model._nodes) < 5_000


def test_a_new_value_replaces_the_tree(qtbot: QtBot, look: Theme) -> None:
    model = JsonTreeModel({"a": [1]})
    tester = strict(model)
    model.find(["a", "0"])
    model.set_value([True])
    assert model.rowCount() == 1
    assert tester.model() is model


def test_the_table_shows_members_and_sorts_in_the_background(qtbot: QtBot, look: Theme) -> None:
    model = JsonTableModel(ROWS)
    tester = strict(model)
    assert model.columns == ["id", "name", "extra"]
    with qtbot.waitSignal(model.layoutChanged, timeout=20_000):
        model.sort(0, Qt.SortOrder.DescendingOrder)
    assert model.data(model.index(0, 0)) == "49"
    assert model.item_number(0) == 49
    assert model.row_of(49) == 0
    model.sort(-1)
    assert model.item_number(0) == 0
    assert tester.model() is model


def test_mixed_values_sort_without_comparing_apples_with_pears(qtbot: QtBot, look: Theme) -> None:
    model = JsonTableModel([{"v": "b"}, {"v": None}, {"v": 2}, {}, {"v": True}, {"v": [1]}, {"v": 1.5}])
    with qtbot.waitSignal(model.layoutChanged, timeout=20_000):
        model.sort(0)
    assert [model.data(model.index(row, 0)) for row in range(7)] == ["1.5", "2", "b", "true", "[ 1 ]", "null", ""]


def test_only_arrays_of_objects_have_columns() -> None:
    assert columns_of([1, 2]) == []
    assert columns_of([{"a": 1}, {"b": 2}]) == ["a", "b"]
    assert columns_of([]) == []


def test_previews_are_short_and_plain() -> None:
    assert preview({"a": 1, "b": 2}) == "{ a, b }"
    assert preview("<b>\u202e") == '"<b>[U+202E]"'
    assert len(preview("x" * 10_000)) < 420
