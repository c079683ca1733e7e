"""An array of objects as a table: rows are never copied, sorting makes an order of row numbers in the background."""

from collections.abc import Iterator, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from wireglass_app.background import Job
from wireglass_app.models.json_tree import preview, value_token
from wireglass_app.plain import visible
from wireglass_app.theme import theme

__all__ = ["JsonTableModel", "columns_of", "sort_key"]

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
_ROOT = QModelIndex()
_LOOKED_AT = 200
_MOST_COLUMNS = 60


def columns_of(items: Sequence[Any]) -> list[str]:
    """The names that the first items have, in order of appearance; none if there is an item that is no object."""
    names: dict[str, None] = {}
    for item in items[:_LOOKED_AT]:
        if not isinstance(item, dict):
            return []
        names.update(dict.fromkeys(item))
    return list(names)[:_MOST_COLUMNS]


def sort_key(value: Any) -> tuple[int, Any]:
    """Numbers, then texts, then true and false, then containers by size, then null and absent."""
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, int | float):
        return 0, value
    if isinstance(value, str):
        return 1, value
    return (3, len(value)) if isinstance(value, dict | list) else (4, 0)


class JsonTableModel(QAbstractTableModel):
    """Objects by row, members by column."""

    def __init__(self, items: Sequence[Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items = items
        self.columns = columns_of(items)
        self._order: list[int] | None = None
        self._job: Job | None = None
        self.sorted_by: tuple[str, bool] | None = None
        """Column and whether descending."""

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._items)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def item_number(self, row: int) -> int:
        """Which item of the array a row shows."""
        return self._order[row] if self._order is not None else row

    def row_of(self, item: int) -> int:
        """Which row shows an item."""
        return self._order.index(item) if self._order is not None else item

    def _value(self, index: Index) -> Any:
        item = self._items[self.item_number(index.row())]
        return item.get(self.columns[index.column()], _ABSENT) if isinstance(item, dict) else _ABSENT

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        value = self._value(index)
        match role:
            case Role.DisplayRole:
                return _cell(value)
            case Role.TextAlignmentRole:
                number = isinstance(value, int | float) and not isinstance(value, bool)
                side = Qt.AlignmentFlag.AlignRight if number else Qt.AlignmentFlag.AlignLeft
                return int(side | Qt.AlignmentFlag.AlignVCenter)
            case Role.FontRole:
                return theme().font("body" if isinstance(value, str) else "mono")
            case Role.ForegroundRole if value is None or isinstance(value, dict | list):
                return theme().color(value_token(value))
            case Role.AccessibleTextRole:
                return f"{visible(self.columns[index.column()], 60)}: {_cell(value) or 'absent'}"
            case _:
                return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal:
            if role == Role.DisplayRole:
                return visible(self.columns[section], 60)
            if role == Role.TextAlignmentRole and self._items:
                return self.data(self.index(0, section), Role.TextAlignmentRole)
        elif role == Role.DisplayRole:
            return str(self.item_number(section))
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sorts in the background; the rows change places when the order is known."""
        if self._job is not None:
            self._job.stop()
        if column < 0:
            self.sorted_by = None
            self._take_order(None)
            return
        down = order == Qt.SortOrder.DescendingOrder
        name = self.columns[column]
        self.sorted_by = (name, down)
        self._job = Job(_sorting(self._items, name, down), self, self._take_order)

    def _take_order(self, order: list[int] | None) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        items = [self.item_number(index.row()) for index in before]
        self._order = order
        if before:
            rows = {item: row for row, item in enumerate(order)} if order is not None else {}
            after = [
                self.index(rows.get(item, item), index.column()) for item, index in zip(items, before, strict=True)
            ]
            self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()


_ABSENT = object()


def _cell(value: Any) -> str:
    if value is _ABSENT:
        return ""
    if isinstance(value, str):
        return visible(value, 300)
    return preview(value)


def _sorting(items: Sequence[Any], name: str, down: bool) -> Iterator[list[int]]:
    keys = [sort_key(item.get(name) if isinstance(item, dict) else None) for item in items]
    yield sorted(range(len(items)), key=keys.__getitem__, reverse=down)
