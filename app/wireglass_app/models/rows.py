"""A list of Python rows as a Qt model: batches in, begin and end calls out. Text is made when asked for.

A list view that lays out 20,000 lines asks for the number of rows as often, at each batch that comes: a model of Qt's
own counts them, which answers without a word of Python. It holds an empty text for each row, and nothing else.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QStringListModel, Qt

__all__ = ["ROW", "RowsModel"]

R = TypeVar("R")
ROW = Qt.ItemDataRole.UserRole + 1
"""The role that gives the row object itself."""

Index = QModelIndex | QPersistentModelIndex


class RowsModel(QStringListModel, Generic[R]):
    """`spoken(row)` is what a screen reader says; `selectable(row)` is False for headings."""

    def __init__(
        self,
        spoken: Callable[[R], str],
        *,
        selectable: Callable[[R], bool] = lambda _row: True,
        parent: Any = None,
    ) -> None:
        super().__init__(parent)
        self._rows: list[R] = []
        self._spoken = spoken
        self._selectable = selectable
        self.rowsRemoved.connect(self._forget)  # before any view hears of it

    @property
    def rows(self) -> Sequence[R]:
        return self._rows

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        found = self._rows[index.row()]
        if role == ROW:
            return found
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._spoken(found)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or index.row() >= len(self._rows):
            return Qt.ItemFlag.NoItemFlags
        if self._selectable(self._rows[index.row()]):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.NoItemFlags

    def append(self, rows: Iterable[R]) -> None:
        """Adds rows at the end in one insertion."""
        new = list(rows)
        if not new:
            return
        first = len(self._rows)
        self._rows.extend(new)  # nobody asks for them before they are counted
        self.insertRows(first, len(new))

    def drop_first(self, number: int) -> None:
        """Forgets the oldest rows."""
        number = min(number, len(self._rows))
        if number > 0:
            self.removeRows(0, number)

    def replace(self, rows: Iterable[R]) -> None:
        """Another list altogether, or the same one with other contents: then only data changes are told."""
        new = list(rows)
        if len(new) == len(self._rows):
            self._rows = new
            if new:
                self.dataChanged.emit(self.index(0), self.index(len(new) - 1))
            return
        self._rows = new
        self.setStringList([""] * len(new))

    def _forget(self, _parent: QModelIndex, first: int, last: int) -> None:
        del self._rows[first : last + 1]

    def touch(self, row: R) -> None:
        """Tells views that one row is to be painted again."""
        for number, mine in enumerate(self._rows):
            if mine is row:
                self.dataChanged.emit(self.index(number), self.index(number))
                return

    def swap(self, old: R, new: R) -> None:
        """Puts `new` in the place of `old`, if it is there."""
        for number, mine in enumerate(self._rows):
            if mine is old:
                self._rows[number] = new
                self.dataChanged.emit(self.index(number), self.index(number))
                return

    def find(self, wanted: Callable[[R], bool]) -> QModelIndex:
        """The first row that fits, or an invalid index."""
        return next((self.index(n) for n, row in enumerate(self._rows) if wanted(row)), QModelIndex())
