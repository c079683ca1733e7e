"""Calls as rows: the table twin of the lanes, and the list of the slowest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from wireglass.recording.insights import CallTime, Statistic
from wireglass_app.plain import count, visible

__all__ = ["CallTable", "Column", "StatisticTable", "call_columns"]

_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title, how a row is written in it, what it is sorted by, and whether it holds numbers."""

    title: str
    text: Callable[[Any], str]
    rank: Callable[[Any], Any]
    number: bool = False


def milliseconds(value: float | None) -> str:
    """ "0.4", "412", "1 204"; empty for None."""
    if value is None:
        return ""
    return f"{value:.1f}" if value < 100 else count(round(value))


def _work(call: CallTime) -> float | None:
    return None if call.work_ns is None else call.work_ns / 1e6


def _clock(wall_offset_ns: int) -> Callable[[CallTime], str]:
    def text(call: CallTime) -> str:
        wall = call.begin_ns + wall_offset_ns
        return f"{datetime.fromtimestamp(wall // 1_000_000_000, UTC):%H:%M:%S}.{wall // 1_000_000 % 1000:03}"

    return text


def _outcome(call: CallTime) -> str:
    return "running" if call.end_ns is None else "failed" if call.failed else "complete"


def call_columns(wall_offset_ns: int, title_of: Callable[[str], str]) -> tuple[Column, ...]:
    """The columns of the table twin: all that the lanes show."""
    return (
        Column("Time", _clock(wall_offset_ns), lambda call: call.begin_ns),
        Column("Server", lambda call: visible(title_of(call.server)), lambda call: call.server),
        Column("Method", lambda call: visible(call.method), lambda call: call.method),
        Column("Name", lambda call: visible(call.name), lambda call: call.name),
        Column("Outcome", _outcome, _outcome),
        Column("Work ms", lambda call: milliseconds(_work(call)), lambda call: _work(call) or 0, number=True),
        Column("Waited for you ms", lambda call: milliseconds(call.human_ns / 1e6), lambda c: c.human_ns, number=True),
    )


class _Rows(QAbstractTableModel):
    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self._columns = tuple(columns)
        self.items: list[Any] = []

    def show(self, items: Sequence[Any]) -> None:
        """Replaces the rows, or appends when the old ones are a prefix."""
        known = len(self.items)
        if known and len(items) > known and list(items[:known]) == self.items:
            self.beginInsertRows(QModelIndex(), known, len(items) - 1)
            self.items = list(items)
            self.endInsertRows()
        elif list(items) != self.items:
            self.beginResetModel()
            self.items = list(items)
            self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.items)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(section)
        return None

    def data(self, index: _Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        column, item = self._columns[index.column()], self.items[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(item)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(index.column())
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if 0 <= column < len(self._columns):
            self.layoutAboutToBeChanged.emit()
            self.items.sort(key=self._columns[column].rank, reverse=order == Qt.SortOrder.DescendingOrder)
            self.layoutChanged.emit()

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if self._columns[column].number else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter


class CallTable(_Rows):
    """CallTimes as rows."""

    def __init__(self, wall_offset_ns: int = 0, title_of: Callable[[str], str] = str) -> None:
        super().__init__(call_columns(wall_offset_ns, title_of))


class StatisticTable(_Rows):
    """Statistics as rows: label, p50, p95, p99, in milliseconds."""

    def __init__(self) -> None:
        def at(name: str) -> Column:
            def value(row: Statistic) -> float:
                return getattr(row.times, name)

            return Column(name, lambda row: milliseconds(value(row)), value, number=True)

        label = Column("Layer", lambda row: visible(row.label), lambda row: row.label)
        calls = Column("n", lambda row: count(row.times.count), lambda row: row.times.count, number=True)
        super().__init__((label, calls, at("p50"), at("p95"), at("p99")))
