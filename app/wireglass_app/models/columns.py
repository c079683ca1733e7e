"""Tables whose columns stay: their headings, and the side at which each column stands."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from wireglass_app.moments import heading

__all__ = ["ColumnsModel", "Index"]

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class ColumnsModel(QAbstractTableModel):
    """A flat table. A subclass names its columns, and tells its rows and what stands in them."""

    columns: tuple[str, ...] = ()
    """The headings."""
    at_right: tuple[int, ...] = ()
    """Columns of numbers and lengths of time, whose digits stand below each other."""

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return heading(self.columns[section])
        return self.alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def alignment(self, column: int) -> int:
        """For `TextAlignmentRole`, of the heading and of what stands below it."""
        side = Qt.AlignmentFlag.AlignRight if column in self.at_right else Qt.AlignmentFlag.AlignLeft
        return int(side | Qt.AlignmentFlag.AlignVCenter)

    def tell_changed(self, first: int, last: int, *roles: int) -> None:
        """Whole rows say something else now; in these roles, or in all."""
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1), list(roles))
