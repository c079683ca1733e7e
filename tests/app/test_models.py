"""Every Qt model of the shell goes through Qt's own tester."""

from typing import Any

from PySide6.QtCore import QModelIndex
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QListView
from pytestqt.qtbot import QtBot

from wireglass_app.calls import Call, is_large
from wireglass_app.models.rows import ROW, RowsModel
from wireglass_app.panels.history import HistoryModel

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


def test_rows_come_in_batches_and_go_from_the_front(qapp) -> None:
    model: RowsModel[str] = RowsModel(str.upper)
    tester = QAbstractItemModelTester(model, FATAL)
    inserted = []
    model.rowsInserted.connect(lambda _parent, first, last: inserted.append((first, last)))
    model.append(["a", "b"])
    model.append(["c"])
    assert inserted == [(0, 1), (2, 2)]
    assert [model.index(n).data() for n in range(3)] == ["A", "B", "C"]
    assert model.index(2).data(ROW) == "c"
    model.drop_first(1)
    assert list(model.rows) == ["b", "c"]
    model.replace(["x", "y"])
    model.replace([])
    assert model.rowCount(QModelIndex()) == 0
    del tester


def test_a_view_that_lays_out_many_rows_asks_python_for_what_it_shows_alone(qtbot: QtBot) -> None:
    """A past bug: with 20,000 lines on the screen, each batch of new ones cost 25 ms for counting rows in Python."""
    asked = 0

    class Counted(RowsModel[str]):
        def data(self, index: Any, role: int = 0) -> Any:
            nonlocal asked
            asked += 1
            return super().data(index, role)

    assert "rowCount" not in vars(RowsModel), "a row count in Python is asked once for each row that is laid out"
    model = Counted(str)
    view = QListView()
    qtbot.addWidget(view)
    view.setUniformItemSizes(True)
    view.setModel(model)
    view.resize(200, 200)
    view.show()
    model.append([str(at) for at in range(20_000)])
    view.scrollToBottom()
    view.grab()
    assert 0 < asked < 2_000


def test_history_takes_calls_and_filters_them(qapp) -> None:
    class Session:
        name = "desk"

    model = HistoryModel()
    tester = QAbstractItemModelTester(model, FATAL)
    calls = [Call(n, "tools/call", f"tool{n}", {"arguments": {"n": n}}) for n in range(3)]
    for call in calls:
        model.take(Session(), call)
    assert [model.index(n, 2).data() for n in range(3)] == ["tool2", "tool1", "tool0"]
    calls[0].state = "done"
    model.take(Session(), calls[0])
    assert model.rowCount() == 3
    model.filter("tool1")
    assert model.rowCount() == 1
    assert model.index(0, 4).data() == "Running"
    del tester


def test_what_would_be_felt_counts_as_large() -> None:
    assert not is_large(None)
    assert not is_large({"rows": [{"id": at} for at in range(500)], "text": "x" * 50_000})
    assert is_large({"rows": [{"id": at} for at in range(1500)]})
    assert is_large([{"text": "x" * 300_000}])
    assert is_large(list(range(5_000_000)))
