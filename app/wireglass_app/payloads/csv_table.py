"""Comma-separated text as a table, read in the background; the text itself is one click away."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStackedWidget, QTableView, QWidget

from wireglass_app.background import Job
from wireglass_app.controls import Segments, column
from wireglass_app.payloads.base import PayloadView
from wireglass_app.payloads.code import CodeView
from wireglass_app.payloads.preparing import Preparing
from wireglass_app.plain import count, counted, size, visible
from wireglass_app.tables import show_as_written
from wireglass_app.theme import theme

__all__ = ["CsvModel", "CsvView", "read_rows"]

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_SLICE = 500
_MOST_ROWS = 200_000
_MOST_COLUMNS = 200
_SNIFFED = 8_192


def read_rows(text: str, tabs: bool = False) -> Iterator[list[list[str]]]:
    """Slices of rows, the heading first. Raises csv.Error for endless cells."""
    delimiter = "\t" if tabs else _delimiter(text[:_SNIFFED])
    found: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for number, cells in enumerate(reader):
        if number > _MOST_ROWS:
            break
        if cells:
            found.append(cells[:_MOST_COLUMNS])
        if len(found) >= _SLICE:
            yield found
            found = []
    yield found


def _delimiter(head: str) -> str:
    """What stands most evenly in the first lines; a comma when nothing does."""
    lines = [line for line in head.splitlines()[:20] if line.strip()]
    best = max(",;\t|", key=lambda sign: (min((line.count(sign) for line in lines), default=0), sign == ","))
    return best if lines and best in lines[0] else ","


class CsvModel(QAbstractTableModel):
    """The first row names the columns. Rows are appended as they are read."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.names: list[str] = []
        self.rows: list[list[str]] = []

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.names)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return visible(self.names[section], 80)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            below = self.rows[0][section] if self.rows and section < len(self.rows[0]) else ""
            side = Qt.AlignmentFlag.AlignRight if _is_number(below) else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        cells = self.rows[index.row()]
        cell = cells[index.column()] if index.column() < len(cells) else ""
        if role == Qt.ItemDataRole.DisplayRole:
            return visible(cell, 300)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{visible(self.names[index.column()], 80)}: {visible(cell, 300)}"
        if role == Qt.ItemDataRole.TextAlignmentRole and _is_number(cell):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def clear(self) -> None:
        """No rows, no heading."""
        self.beginResetModel()
        self.names, self.rows = [], []
        self.endResetModel()

    def take(self, slice_: list[list[str]]) -> None:
        """More rows, in order; the very first is the heading."""
        rows = slice_
        if not self.names and rows:
            self.beginResetModel()
            widest = max(len(cells) for cells in rows)
            self.names = [*rows[0], *("" for _ in range(widest - len(rows[0])))]
            rows = rows[1:]
            self.endResetModel()
        if rows:
            self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows) + len(rows) - 1)
            self.rows += rows
            self.endInsertRows()


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


class CsvView(PayloadView):
    """Table and Text."""

    kind = "csv"

    def __init__(self, text: str, *, tabs: bool = False) -> None:
        super().__init__()
        self.text = text
        self.model = CsvModel(self)
        self.table = self._make_table()
        self._code: CodeView | None = None
        self._looks = Segments([("table", "Table"), ("raw", "Raw")], "Show as")
        self._looks.chosen.connect(self.show_as)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._preparing = Preparing(self)
        self._preparing.cancelled.connect(self.stop_reading)
        self._preparing.wanted.connect(self._read_all)
        self.setLayout(column(self._stack, self._preparing, gap=0))
        self._sized = False
        self._tabs = tabs
        self._read_all()

    def _read_all(self) -> None:
        self.model.clear()
        whole = size(len(self.text))
        self._preparing.begin(lambda: f"Reading {whole}: {counted(len(self.model.rows), 'row')} so far")
        self._job = Job(read_rows(self.text, self._tabs), self, self._take, self._done, self._failed)

    def stop_reading(self) -> None:
        """What was read so far stays, and the line below says that it is not all."""
        self._job.stop()
        self._preparing.stopped(f"Stopped: these are the first {counted(len(self.model.rows), 'row')}.")

    def _done(self) -> None:
        self._preparing.end()
        self._tell()

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.model)
        show_as_written(table)
        table.setAccessibleName("Table")
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(theme().px(26))
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setStretchLastSection(True)
        return table

    def _take(self, rows: list[list[str]]) -> None:
        self.model.take(rows)
        if not self._sized and self.model.names:
            self._sized = True
            self._size_columns()
        self._tell()

    def _size_columns(self) -> None:
        metrics = self.fontMetrics()
        for at, name in enumerate(self.model.names[:60]):
            texts = [visible(name, 60), *(visible(cells[at], 60) for cells in self.model.rows[:30] if at < len(cells))]
            widest = max(metrics.horizontalAdvance(text) for text in texts)
            self.table.setColumnWidth(at, max(theme().px(56), min(theme().px(280), widest + 28)))

    def _tell(self) -> None:
        number = len(self.model.rows)
        more = " first" if number >= _MOST_ROWS else ""
        columns = counted(len(self.model.names), "column")
        self.facts = f"{count(number)}{more} row{'' if number == 1 else 's'} · {columns}"
        self.facts_changed.emit()

    def _failed(self, error: Exception) -> None:
        self._preparing.end()
        self.show_as("raw")
        self.facts = f"no table: {error}"
        self.facts_changed.emit()

    def show_as(self, look: str) -> None:
        """ "table" or "raw"."""
        if look == "raw" and self._code is None:
            self._code = CodeView(name="Text")
            self._code.set_text(self.text, "text")
            self._stack.addWidget(self._code)
        self._stack.setCurrentIndex(1 if look == "raw" else 0)
        self._looks.set_current(look)

    def actions(self) -> list[QWidget]:
        return [self._looks]

    def copy_text(self) -> str:
        return self.text
