"""A JSON value as a tree that is built where it is opened. Long arrays and objects open into ranges of a thousand."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt

from wireglass_app.plain import count, visible
from wireglass_app.theme import theme

__all__ = ["JsonTreeModel", "preview", "value_token"]

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
_RANGE = 1_000
_ROOT = QModelIndex()


class _Node:
    __slots__ = ("children", "high", "key", "low", "number", "parent", "row", "value")

    def __init__(self, number: int, parent: "_Node | None", row: int, key: str | None, value: Any) -> None:
        self.number = number
        self.parent = parent
        self.row = row
        self.key = key
        """The member name or index; None for a range."""
        self.value = value
        self.low, self.high = 0, len(value) if isinstance(value, dict | list) else 0
        self.children: list[_Node] | None = None

    def container(self) -> bool:
        return self.high > self.low


class JsonTreeModel(QAbstractItemModel):
    """Two columns: name and value. Nodes exist only where something was opened."""

    def __init__(self, value: Any = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._nodes: list[_Node] = []
        self._root = self._make_root(value)

    def set_value(self, value: Any) -> None:
        """Shows another value."""
        self.beginResetModel()
        self._nodes = []
        self._root = self._make_root(value)
        self.endResetModel()

    def _make_root(self, value: Any) -> _Node:
        root = self._make(None, 0, "", value)
        root.children = list(self._children(root))
        return root

    def _make(self, parent: _Node | None, row: int, key: str | None, value: Any) -> _Node:
        node = _Node(len(self._nodes), parent, row, key, value)
        self._nodes.append(node)
        return node

    def _node(self, index: Index) -> _Node:
        return self._nodes[index.internalId()] if index.isValid() else self._root

    # -- Qt's questions --------------------------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        children = self._node(parent).children or []
        if not 0 <= row < len(children) or not 0 <= column < 2 or (parent.isValid() and parent.column()):
            return QModelIndex()
        return self.createIndex(row, column, children[row].number)

    def parent(self, child: Index = _ROOT) -> QModelIndex:  # type: ignore[override]  # QObject.parent() has no argument
        parent = self._node(child).parent if child.isValid() else None
        if parent is None or parent is self._root:
            return QModelIndex()
        return self.createIndex(parent.row, 0, parent.number)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() and parent.column() else len(self._node(parent).children or [])

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 2

    def hasChildren(self, parent: Index = _ROOT) -> bool:
        return not (parent.isValid() and parent.column()) and self._node(parent).container()

    def canFetchMore(self, parent: Index) -> bool:
        node = self._node(parent)
        return node.children is None and node.container() and not (parent.isValid() and parent.column())

    def fetchMore(self, parent: Index) -> None:
        node = self._node(parent)
        if node.children is not None or not node.container():
            return
        made = list(self._children(node))
        place = QModelIndex() if node is self._root else self.createIndex(node.row, 0, node.number)
        self.beginInsertRows(place, 0, len(made) - 1)
        node.children = made
        self.endInsertRows()

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if role == Role.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return ("Name", "Value")[section]
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        node = self._node(index)
        if role == Role.DisplayRole:
            return self._name(node) if index.column() == 0 else self._shown(node)
        if role == Role.FontRole:
            return theme().font("mono")
        if role == Role.ForegroundRole:
            return theme().color(self._token(index, node))
        if role == Role.SizeHintRole:
            return QSize(0, theme().row(22))
        if role == Role.AccessibleTextRole:
            return f"{self._name(node)}: {self._shown(node)}"
        return None

    def _token(self, index: Index, node: _Node) -> str:
        if node.key is None:
            return "text.muted"
        return "syn.key" if index.column() == 0 else value_token(node.value)

    def _name(self, node: _Node) -> str:
        if node.key is None:
            return f"[{count(node.low)} \u2026 {count(node.high - 1)}]"
        return visible(node.key, 200)

    def _shown(self, node: _Node) -> str:
        return "" if node.key is None else preview(node.value)

    # -- children --------------------------------------------------------------------------------------------------

    def _children(self, node: _Node) -> Iterator[_Node]:
        width = node.high - node.low
        if width > _RANGE:
            step = _RANGE if width <= _RANGE * _RANGE else _RANGE * _RANGE
            for row, low in enumerate(range(node.low, node.high, step)):
                part = self._make(node, row, None, node.value)
                part.low, part.high = low, min(low + step, node.high)
                yield part
        elif isinstance(node.value, dict):
            pairs = islice(node.value.items(), node.low, node.high)
            for row, (key, value) in enumerate(pairs):
                yield self._make(node, row, str(key), value)
        else:
            for row in range(width):
                yield self._make(node, row, str(node.low + row), node.value[node.low + row])

    # -- pointers --------------------------------------------------------------------------------------------------

    def pointer(self, index: Index) -> str:
        """The JSON Pointer of a row; of a range, that of its container."""
        tokens: list[str] = []
        node = self._node(index)
        while node.parent is not None:
            if node.key is not None:
                tokens.append(node.key.replace("~", "~0").replace("/", "~1"))
            node = node.parent
        return "".join("/" + token for token in reversed(tokens))

    def find(self, tokens: list[str]) -> QModelIndex:
        """The row of the value at a path, opening what lies above it; the nearest parent if it is not there."""
        index = QModelIndex()
        for token in tokens:
            child = self._child(index, token)
            if not child.isValid():
                break
            index = child
        return index

    def _child(self, parent: QModelIndex, token: str) -> QModelIndex:
        node = self._node(parent)
        position = self._position(node, token)
        while position >= 0:
            self.fetchMore(parent)
            for row, child in enumerate(node.children or []):
                if child.key is None and child.low <= position < child.high:
                    parent, node = self.index(row, 0, parent), child
                    break
                if child.key == token:
                    return self.index(row, 0, parent)
            else:
                break
        return QModelIndex()

    def _position(self, node: _Node, token: str) -> int:
        if isinstance(node.value, dict):
            return next((at for at, key in enumerate(node.value) if key == token), -1)
        if isinstance(node.value, list) and token.isdecimal() and int(token) < len(node.value):
            return int(token)
        return -1


def preview(value: Any) -> str:
    """A value on one line: scalars as JSON, containers by their size and first names."""
    if isinstance(value, dict):
        names = ", ".join(visible(str(name), 24) for name in islice(value, 5))
        return ("{ " + names + (", \u2026" if len(value) > 5 else "") + " }") if value else "{ } empty"
    if isinstance(value, list):
        return f"[ {count(len(value))} ]" if value else "[ ] empty"
    if isinstance(value, str):
        return visible(json.dumps(value[:400], ensure_ascii=False), 400) + ("\u2026" if len(value) > 400 else "")
    return json.dumps(value) if not isinstance(value, int) or abs(value) < 10**4_000 else "a very large integer"


def value_token(value: Any) -> str:
    """The colour token of a value."""
    if isinstance(value, bool) or value is None:
        return "syn.literal"
    if isinstance(value, str):
        return "syn.str"
    return "syn.num" if isinstance(value, int | float) else "syn.punct"
