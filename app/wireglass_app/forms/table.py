"""An array of small flat objects as a table: one row an object, typed into directly."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QTableView,
    QWidget,
)

from wireglass.protocol.schema import UNSET, Node, defaults
from wireglass_app.controls import Button, column, row
from wireglass_app.forms.editor import Editor, Place
from wireglass_app.forms.frame import FieldFrame
from wireglass_app.forms.scalars import Finding, parse_scalar, scalar_text, table_columns, type_hint
from wireglass_app.plain import tip, visible
from wireglass_app.theme import theme

__all__ = ["ItemsModel", "TableEditor"]

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
_ROWS_SHOWN = 8
_NUMBERS = ("integer", "number")


class ItemsModel(QAbstractTableModel):
    """Objects by row, properties by column. An empty cell of an optional property is not sent."""

    edited = Signal()

    def __init__(self, columns: Sequence[tuple[str, Node]]) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self.items: list[dict[str, Any]] = []
        self._faults: dict[tuple[int, str], str] = {}

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else len(self.items)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return str(section + 1) if role == Role.DisplayRole else None
        name, node = self.columns[section]
        if role == Role.DisplayRole:
            return visible(node.title or name, 40)
        if role == Role.ToolTipRole:
            return tip(f"{visible(name, 60)}: {type_hint(node, optional=not node.required)}")
        return self._alignment(node) if role == Role.TextAlignmentRole else None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        name, node = self.columns[index.column()]
        value = self.items[index.row()].get(name, UNSET)
        match role:
            case Role.DisplayRole | Role.EditRole:
                return visible(scalar_text(value), 400) if role == Role.DisplayRole else scalar_text(value)
            case Role.TextAlignmentRole:
                return self._alignment(node)
            case Role.FontRole:
                return theme().font("mono")
            case Role.ForegroundRole if (index.row(), name) in self._faults:
                return theme().color("bad.text")
            case Role.ToolTipRole:
                return tip(self._faults.get((index.row(), name)) or "")
            case Role.AccessibleDescriptionRole:
                return self._faults.get((index.row(), name))
            case Role.AccessibleTextRole:
                return f"{visible(name, 40)} {scalar_text(value) or 'not set'}"
            case _:
                return None

    def _alignment(self, node: Node) -> int:
        side = Qt.AlignmentFlag.AlignRight if node.kind in _NUMBERS else Qt.AlignmentFlag.AlignLeft
        return int(side | Qt.AlignmentFlag.AlignVCenter)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        if role != Role.EditRole:
            return False
        name, node = self.columns[index.column()]
        parsed = parse_scalar(node, str(value))
        item = self.items[index.row()]
        if parsed is UNSET or (parsed == "" and not node.required):
            item.pop(name, None)
        else:
            item[name] = parsed
        self.dataChanged.emit(index, index)
        self.edited.emit()
        return True

    def replace(self, items: list[dict[str, Any]]) -> None:
        """Shows other objects; their further properties are kept."""
        self.beginResetModel()
        self.items = [dict(item) for item in items]
        self._faults = {}
        self.endResetModel()

    def append(self, item: dict[str, Any]) -> None:
        at = len(self.items)
        self.beginInsertRows(QModelIndex(), at, at)
        self.items.append(item)
        self.endInsertRows()
        self.edited.emit()

    def remove(self, at: int) -> None:
        self.beginRemoveRows(QModelIndex(), at, at)
        del self.items[at]
        self.endRemoveRows()
        self.edited.emit()

    def set_faults(self, faults: dict[tuple[int, str], str]) -> None:
        if faults != self._faults and self.items:
            self._faults = faults
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.items) - 1, len(self.columns) - 1))


class _Typing(QStyledItemDelegate):
    """Leaves what is being typed alone: a view fills its open editors anew whenever a verdict arrives."""

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if not (isinstance(editor, QLineEdit) and editor.isModified()):
            super().setEditorData(editor, index)


class _Cells(QTableView):
    wanted_row = Signal()
    dropped = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = self.currentIndex().row() == self.model().rowCount() - 1
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.key() == Qt.Key.Key_Delete and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.dropped.emit()
        elif plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and last:
            self.wanted_row.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.share_columns()

    def share_columns(self) -> None:
        """Each column what its heading needs, and the same part of what is left or lacks."""
        header = self.horizontalHeader()
        needed = [header.sectionSizeHint(at) for at in range(header.count())]
        spare = self.viewport().width() - sum(needed)
        for at, width in enumerate(needed):
            part = spare // (len(needed) - at)
            spare -= part
            header.resizeSection(at, width + part)

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab walks the cells, and leaves at the last one: Qt's own way goes round and never lets go."""
        if not self._at_end(next):
            return super().focusNextPrevChild(next)
        self.setTabKeyNavigation(False)
        try:
            return super().focusNextPrevChild(next)
        finally:
            self.setTabKeyNavigation(True)

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """Tab in the last cell keeps what was typed and leaves the table."""
        hints = QAbstractItemDelegate.EndEditHint
        forward = hint == hints.EditNextItem
        leaves = hint in (hints.EditNextItem, hints.EditPreviousItem) and self._at_end(forward)
        super().closeEditor(editor, hints.NoHint if leaves else hint)
        if leaves:
            self.focusNextPrevChild(forward)

    def _at_end(self, forward: bool) -> bool:
        model, at = self.model(), self.currentIndex()
        last = (model.rowCount() - 1, model.columnCount() - 1)
        return not at.isValid() or (at.row(), at.column()) == (last if forward else (0, 0))


class TableEditor(Editor):
    """Typing starts editing a cell; Tab goes on; Enter in the last row adds one; Ctrl+Delete takes the row out."""

    def __init__(self, node: Node, place: Place) -> None:
        super().__init__(node, place)
        assert node.items is not None
        self._item = node.items
        self._touched = False
        self.model = ItemsModel(table_columns(node.items))
        self.model.setParent(self)
        self.cells = self._make_cells(place)
        what = visible(self._item.label, 30).lower() if self._item.label not in ("", "object") else "row"
        self.add = Button(f"Add {what}", "link", icon="plus", name=f"Add {what} to {place.name}", clicked=self._add)
        self.remove = Button("Remove row", "link", name=f"Remove the current row of {place.name}", clicked=self._remove)
        frame = FieldFrame()
        foot = row(self.add, self.remove, None, margins=(6, 2, 6, 3))
        frame.setLayout(column(self.cells, foot, gap=0, margins=(1, 1, 1, 1)))
        self.setLayout(column(frame))
        self.remove.hide()
        self.model.edited.connect(self._edited)
        theme().changed.connect(self._fit)
        self._fit()

    def _make_cells(self, place: Place) -> _Cells:
        cells = _Cells()
        cells.setModel(self.model)
        cells.setItemDelegate(_Typing(cells))
        cells.setAccessibleName(place.name)
        cells.setShowGrid(False)
        cells.setWordWrap(False)
        cells.setTabKeyNavigation(True)
        cells.setEditTriggers(
            QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.SelectedClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        cells.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        cells.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        cells.horizontalHeader().setMinimumSectionSize(theme().px(30))
        cells.horizontalHeader().setHighlightSections(False)
        cells.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        cells.wanted_row.connect(self._add)
        cells.dropped.connect(self._remove)
        return cells

    def value(self) -> Any:
        items = [dict(item) for item in self.model.items]
        return items if items or self._touched else UNSET

    def takes(self, value: Any) -> bool:
        if value is UNSET:
            return True
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            return False
        names = {name for name, _ in self.model.columns}
        scalars = (str, int, float, bool, type(None))
        return all(isinstance(item[name], scalars) for item in value for name in names if name in item)

    def set_value(self, value: Any) -> None:
        self._touched = value is not UNSET
        items = [] if value is UNSET else value
        if items != self.model.items:
            self.model.replace(items)
        self._fit()

    def _add(self) -> None:
        initial = defaults(self._item)
        self.model.append(initial if isinstance(initial, dict) else {})
        self.cells.setFocus()
        self.cells.setCurrentIndex(self.model.index(len(self.model.items) - 1, 0))

    def _remove(self) -> None:
        current = self.cells.currentIndex().row()
        if current >= 0:
            self.model.remove(current)
            if not self.model.items:
                self.add.setFocus()

    def _edited(self) -> None:
        self._touched = True
        self._fit()
        self.changed.emit()

    def _fit(self) -> None:
        shown = min(len(self.model.items), _ROWS_SHOWN)
        self.cells.verticalHeader().setDefaultSectionSize(theme().row(26))
        self.cells.setFixedHeight(theme().row(26) * shown + self.cells.horizontalHeader().sizeHint().height())
        self.cells.share_columns()
        self.remove.setVisible(bool(self.model.items))
        # Without rows there is nothing to type into: what is typed would be lost.
        self.cells.setFocusPolicy(Qt.FocusPolicy.StrongFocus if self.model.items else Qt.FocusPolicy.NoFocus)
        self.setFocusProxy(self.cells if self.model.items else self.add)

    def show_findings(self, findings: Sequence[Finding]) -> list[str]:
        faults = {
            (int(finding.tokens[0]), finding.tokens[1]): finding.message
            for finding in findings
            if len(finding.tokens) >= 2 and finding.tokens[0].isdecimal()
        }
        self.model.set_faults(faults)
        in_cells = [f"Row {at + 1}, {name}: {message}" for (at, name), message in faults.items()]
        rows = [f"Row {int(one.tokens[0]) + 1}: {one.message}" for one in findings if len(one.tokens) == 1]
        return in_cells + rows + [finding.message for finding in findings if not finding.tokens]

    def mark(self, state: str) -> None:
        """Wrong cells are marked one by one."""
