"""Servers by host applications as a table; a cell is a `Cell` of the draft. Holds no files and no wishes of its own."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from wireglass.targets.draft import Draft
from wireglass.targets.matrix import Cell, Column
from wireglass.targets.servers import RemoteServer
from wireglass_app.plain import tip, visible
from wireglass_app.theme import theme

__all__ = ["CELL", "DETAIL", "WARNED", "ClientMatrix"]

CELL = Qt.ItemDataRole.UserRole
"""The `Cell` of a host's column."""
DETAIL = Qt.ItemDataRole.UserRole + 1
"""First column: the command or URL."""
WARNED = Qt.ItemDataRole.UserRole + 2
"""Horizontal header: whether the host's file has a problem."""

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()


class ClientMatrix(QAbstractTableModel):
    """First column: the servers. One more column for every host."""

    def __init__(self, draft: Draft, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.draft = draft
        self._names: tuple[str, ...] = ()
        self._columns: tuple[Column, ...] = ()

    def refresh(self) -> None:
        """The draft has changed. Rows and columns stay as they are until this is called."""
        self.beginResetModel()
        self._names, self._columns = tuple(self.draft.names), tuple(self.draft.columns)
        self.endResetModel()

    def column_at(self, index: Index) -> Column | None:
        """The host of a cell, or None in the first column."""
        return self._columns[index.column() - 1] if index.isValid() and index.column() > 0 else None

    def name_at(self, index: Index) -> str:
        """The server of a row, or an empty text."""
        return self._names[index.row()] if index.isValid() else ""

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._names)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else 1 + len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        name, column = self.name_at(index), self.column_at(index)
        if not name:
            return None
        if column is None:
            return self._server(name, role)
        cell = self.draft.cell(name, column)
        if role == CELL:
            return cell
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{visible(name, 80)} in {column.target.name}: {cell.text}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(_tip(cell, column))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if section == 0:
            return "Server" if role == Qt.ItemDataRole.DisplayRole else None
        if section > len(self._columns):
            return None
        column = self._columns[section - 1]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{column.target.name}  {column.count}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(column.problem or str(column.primary.path if column.primary else ""))
        if role == Qt.ItemDataRole.DecorationRole and column.problem:
            return theme().icon("warning", "warn.text", 14)
        if role == Qt.ItemDataRole.AccessibleTextRole and column.problem:
            return f"{column.target.name}: {column.problem}"
        return bool(column.problem) if role == WARNED else None

    def _server(self, name: str, role: int) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return visible(name, 120)
        if role == DETAIL:
            server = self.draft.server(name)
            if server is None:
                return "neither a command nor a URL"
            words = (server.url,) if isinstance(server, RemoteServer) else (server.command, *server.args)
            return visible(" ".join(words), 300)
        return None


def _tip(cell: Cell, column: Column) -> str:
    what = {"absent": "Space adds it.", "on": "Space switches it off or removes it.", "off": "Space switches it on."}
    return cell.problem or f"{column.target.name}: {what[cell.state]}"
