"""Calls as rows, made when looked at: the table twin of the lanes. And statistics as rows."""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QModelIndex, Qt

from wireglass.recording.insights import CallTime, Statistic
from wireglass_app.models.call_columns import CallColumns
from wireglass_app.models.columns import ColumnsModel, Index
from wireglass_app.models.timeline import Gap, TimelineModel
from wireglass_app.moments import clock_ms
from wireglass_app.plain import count, visible
from wireglass_app.theme import theme

__all__ = ["CallTable", "StatisticTable"]


def milliseconds(value: float | None) -> str:
    """ "0.4", "412", "1 204"; empty for None."""
    if value is None:
        return ""
    return f"{value:.1f}" if value < 100 else count(round(value))


def _outcome(calls: CallColumns, row: int) -> str:
    if calls.work_ns(row) is None:
        return "running or unanswered"
    return "failed" if calls.failed(row) else "cache hit" if calls.cached(row) else "complete"


class CallTable(ColumnsModel):
    """The calls that the timeline shows: rows of its columns, in an order of the table's own. Without a filter also the
    gaps while a server was gone: numbers below zero, -1 for the first."""

    columns = ("Time", "Server", "Method", "Name", "Outcome", "Work ms", "Waited for you ms")
    at_right = (5, 6)

    def __init__(self, model: TimelineModel) -> None:
        super().__init__()
        self._model = model
        self._order: array[int] = array("q")
        self._taken = 0
        self._gaps = 0
        """So many of the timeline's gaps are in the table."""
        self._of = model.calls
        self._sorted = (0, Qt.SortOrder.AscendingOrder)

    def take_new(self) -> None:
        """Appends the calls that came since the last time; begins anew when the timeline did or is filtered."""
        calls = self._model.calls
        end = len(calls)
        if calls is not self._of or end < self._taken or len(self._model.gaps) < self._gaps:
            self.choose()
            return
        fresh = [row for row in range(self._taken, end) if self._model.passes(row)]
        gaps = self._gap_rows(self._gaps)
        if gaps:
            fresh = sorted([*fresh, *gaps], key=self._begin)
        self._taken, self._gaps = end, len(self._model.gaps)
        if fresh:
            at = len(self._order)
            self.beginInsertRows(QModelIndex(), at, at + len(fresh) - 1)
            self._order.extend(fresh)
            self.endInsertRows()
        elif self._order:
            newest = max(0, len(self._order) - 200)  # those that run may have ended
            self.dataChanged.emit(self.index(newest, 4), self.index(len(self._order) - 1, 6))

    def choose(self) -> None:
        """Another filter, or another recording."""
        self.beginResetModel()
        self._of = self._model.calls
        self._taken = len(self._of)
        self._gaps = len(self._model.gaps)
        self._order = array("q", (row for row in range(self._taken) if self._model.passes(row)))
        if gaps := self._gap_rows(0):
            self._order = array("q", sorted([*self._order, *gaps], key=self._begin))
        self.endResetModel()
        if self._sorted != (0, Qt.SortOrder.AscendingOrder):
            self.sort(*self._sorted)

    def _gap_rows(self, first: int) -> list[int]:
        """The numbers of the gaps from `first` on; a filter asks for calls."""
        return [] if self._model.shown is not None else [-1 - at for at in range(first, len(self._model.gaps))]

    def _begin(self, row: int) -> int:
        return self._model.gaps[-1 - row].begin if row < 0 else self._of.begins[row]

    def call(self, row: int) -> CallTime | None:
        """The call of a row of the table, without its spans; None in the row of a gap."""
        return None if self._order[row] < 0 else self._of.at(self._order[row])

    def row_of(self, key: int) -> int | None:
        """Where a call stands in the table."""
        row = self._of.row(key)
        try:
            return None if row is None else self._order.index(row)
        except ValueError:
            return None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._order)

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._text(self._order[index.row()], index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.alignment(index.column())
        if role == Qt.ItemDataRole.FontRole and index.column() in (0, 5, 6):
            return theme().font("mono")
        return None

    def _gap_text(self, gap: Gap, column: int) -> str:
        match column:
            case 0:
                return clock_ms(gap.begin + self._model.wall_offset_ns)
            case 1:
                return visible(self._model.title_of(gap.server))
            case 3:
                return self._model.gap_words(gap)
            case 4:
                return "not connected" if gap.until is None else "reconnected"
            case _:
                return ""

    def _text(self, row: int, column: int) -> str:
        if row < 0:
            return self._gap_text(self._model.gaps[-1 - row], column)
        calls, texts = self._of, self._of.texts
        match column:
            case 0:
                wall = calls.begins[row] + self._model.wall_offset_ns
                return clock_ms(wall)
            case 1:
                return visible(self._model.title_of(texts[calls.servers[row]]))
            case 2:
                return visible(texts[calls.methods[row]])
            case 3:
                return visible(texts[calls.names[row]])
            case 4:
                return _outcome(calls, row)
            case 5:
                work = calls.work_ns(row)
                return milliseconds(None if work is None else work / 1e6)
            case _:
                return milliseconds(calls.human[row] / 1e6)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By what is shown; half a million rows take some tenths of a second."""
        if not 0 <= column < len(self.columns):
            return
        self._sorted = (column, order)
        self.layoutAboutToBeChanged.emit()
        rank = self._rank(column)
        if self._gaps and self._order and min(self._order) < 0:
            rank = self._rank_with_gaps(column, rank)
        self._order = array("q", sorted(self._order, key=rank, reverse=_falls(order)))
        self.layoutChanged.emit()

    def _rank_with_gaps(self, column: int, of_call: Callable[[int], Any]) -> Callable[[int], Any]:
        """A gap, which has no numbers but its time, stands with the least."""

        def of_gap(gap: Gap) -> Any:
            match column:
                case 0:
                    return gap.begin
                case 1:
                    return gap.server
                case _:
                    return self._gap_text(gap, column) if column < 5 else 0

        return lambda row: of_gap(self._model.gaps[-1 - row]) if row < 0 else of_call(row)

    def _rank(self, column: int) -> Callable[[int], Any]:
        calls = self._of
        by_text = {1: calls.servers, 2: calls.methods, 3: calls.names}.get(column)
        if by_text is not None:
            return lambda row: calls.texts[by_text[row]]
        if column == 4:
            return lambda row: _outcome(calls, row)
        if column == 5:
            return lambda row: calls.work_ns(row) or 0
        return calls.human.__getitem__ if column == 6 else calls.begins.__getitem__


def _falls(order: Qt.SortOrder) -> bool:
    return order == Qt.SortOrder.DescendingOrder


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    text: Callable[[Statistic], str]


def _at(name: str) -> _Column:
    return _Column(name, lambda row: milliseconds(getattr(row.times, name)))


class StatisticTable(ColumnsModel):
    """Statistics as rows: label, how many, p50, p95, p99 in milliseconds."""

    ROW_ROLE = Qt.ItemDataRole.UserRole + 1
    _columns = (
        _Column("Layer", lambda row: _short(row.label)),
        _Column("n", lambda row: count(row.times.count)),
        _at("p50"),
        _at("p95"),
        _at("p99"),
    )
    columns = tuple(one.title for one in _columns)
    at_right = (1, 2, 3, 4)

    def __init__(self) -> None:
        super().__init__()
        self.items: tuple[Statistic, ...] = ()

    def show(self, items: Sequence[Statistic]) -> None:
        """Replaces the rows."""
        if tuple(items) != self.items:
            self.beginResetModel()
            self.items = tuple(items)
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        item = self.items[index.row()]
        if role == self.ROW_ROLE:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[index.column()].text(item)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._columns[index.column()].title} {self._columns[index.column()].text(item)}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.alignment(index.column())
        if role == Qt.ItemDataRole.FontRole and index.column() > 0:
            return theme().font("mono")
        return None


def _short(label: str) -> str:
    """ "RateLimitingMiddleware" is long for a column, and every line of it would end alike."""
    text = visible(label)
    return text.removesuffix("Middleware") or text
