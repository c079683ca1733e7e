"""JSON as a table, a tree and raw text: three looks at one value with one selection. What is a text alone reads so."""

from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHeaderView,
    QSizePolicy,
    QStackedWidget,
    QTableView,
    QTreeView,
    QWidget,
)

from wireglass_app.controls import Elided, Label, Segments, column, row, surface, tool_button
from wireglass_app.models.json_table import JsonTableModel, columns_of
from wireglass_app.models.json_tree import JsonTreeModel, preview, value_token
from wireglass_app.payloads.base import PayloadView, pick
from wireglass_app.payloads.code import CodeView
from wireglass_app.payloads.json_reader import ValueReader, add_copying, only_text, value_text, worth_reading
from wireglass_app.payloads.json_text import escape_token, split_pointer
from wireglass_app.plain import count, counted, visible
from wireglass_app.tables import show_as_written
from wireglass_app.theme import theme

__all__ = ["JsonView", "main_table"]

_FACTS = 12
_ROOM = 14
"""Design pixels before and after a cell, as the sheet has them for a roomy table."""


def main_table(value: Any) -> str | None:
    """The JSON Pointer of the array of objects that a table shows: the value itself, or its longest such member."""
    if isinstance(value, list):
        return "" if value and columns_of(value) else None
    if not isinstance(value, dict):
        return None
    best, length = None, 0
    for name, member in value.items():
        if isinstance(member, list) and len(member) > length and columns_of(member):
            best, length = "/" + escape_token(str(name)), len(member)
    return best


class _Table(QTableView):
    """What the columns do not need is shared out among them, so that no number stands alone at the far edge; a column
    that a person made wider or narrower stays as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.setTabKeyNavigation(False)
        self._widths: list[int] = []
        self._own = self._sharing = False
        self.horizontalHeader().sectionResized.connect(lambda *_: self._resized())

    def set_widths(self, widths: list[int]) -> None:
        """What each column needs."""
        self._widths = widths
        self._share()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._own:
            self._share()

    def _resized(self) -> None:
        self._own = self._own or not self._sharing

    def _share(self) -> None:
        if not self._widths:
            return
        spare = max(0, self.viewport().width() - sum(self._widths))
        each, rest = divmod(spare, len(self._widths))
        self._sharing = True
        for at, width in enumerate(self._widths):
            self.setColumnWidth(at, width + each + (1 if at < rest else 0))
        self._sharing = False


class JsonView(PayloadView):
    """Table (for arrays of objects), Tree and Raw. Whatever is selected in one is selected in the others."""

    kind = "json"

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value
        self._selected = ""
        self._table_at = main_table(value)
        self._table: _Table | None = None
        self._rows: JsonTableModel | None = None
        self._tree: QTreeView | None = None
        self._nodes: JsonTreeModel | None = None
        self._raw: CodeView | None = None
        self._stack = QStackedWidget()
        self._pages: dict[str, QWidget] = {}
        self._only_text = only_text(value)
        self._reader: ValueReader | None = None
        looks = [("text", "Text")] if self._only_text is not None else []
        looks += [("table", "Table")] if self._table_at is not None else []
        looks += [("tree", "Tree"), ("raw", "Raw")]
        self.looks = Segments(looks, "Show as")
        self.looks.chosen.connect(self.show_as)
        self._path = Label("", type="mono")
        self._shape = Elided(_shape(value), "muted", "small")
        head = QWidget()
        line = row(
            self._path,
            self._shape,
            self.looks,
            tool_button("copy", "Copy as JSON", clicked=self.copy),
            margins=(14, 5, 14, 5),
        )
        line.setStretch(1, 1)
        head.setLayout(line)
        self._facts_box = self._make_facts() if self._table_at else None
        parts: list[Any] = [surface(head, "panel"), self._stack]
        if self._facts_box is not None:
            parts.insert(0, self._facts_box)
        self.setLayout(column(*parts, gap=0))
        self.layout().setStretch(len(parts) - 1, 1)  # type: ignore[union-attr]  # set in the line above
        self.facts = _shape(value)
        first = looks[0][0]
        self.show_as("raw" if first == "tree" and not isinstance(value, dict | list) else first)

    # -- looks -----------------------------------------------------------------------------------------------------

    def show_as(self, look: str) -> None:
        """ "text", "table", "tree" or "raw"; built when first shown."""
        makers = {"text": self._make_text, "table": self._make_table, "tree": self._make_tree, "raw": self._make_raw}
        if look not in self._pages:
            page = makers[look]()
            self._pages[look] = page
            self._stack.addWidget(page)
        self._stack.setCurrentWidget(self._pages[look])
        self.looks.set_current(look)
        if self._reader is not None:
            self._reader.hide()
        self._show_path()
        self._reveal(look)

    def _make_text(self) -> QWidget:
        view = pick({"type": "text", "text": self._only_text})
        page = QWidget()
        copy = tool_button("copy", "Copy this text", clicked=lambda: _put(view.copy_text()))
        head = row(Elided(view.facts, "muted", "small"), *view.actions(), copy, gap=6)
        head.setStretch(0, 1)
        page.setLayout(column(head, view, *(() if view.grows else (None,)), gap=6, margins=(14, 8, 14, 8)))
        return page

    def _make_table(self) -> QWidget:
        items = _value_at(self.value, self._table_at or "")
        self._rows = JsonTableModel(items, self)
        self._table = table = _Table()
        table.setProperty("roomy", "true")
        table.setModel(self._rows)
        show_as_written(table)
        table.setAccessibleName(f"Table of {self._table_at or 'the result'}")
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.sortIndicatorChanged.connect(self._sort)
        self._size_table()
        theme().changed.connect(self._size_table)
        table.selectionModel().currentRowChanged.connect(self._row_chosen)
        table.selectionModel().currentChanged.connect(self._cell_chosen)
        add_copying(table, lambda: self._value_of_cell(table.currentIndex()), lambda: self._cell(table.currentIndex()))
        return table

    def _size_table(self) -> None:
        assert self._table is not None
        assert self._rows is not None
        self._table.verticalHeader().setDefaultSectionSize(theme().row(26))
        self._table.set_widths([self._column_width(number) for number in range(len(self._rows.columns))])

    def _column_width(self, number: int) -> int:
        assert self._rows is not None
        look, metrics = theme(), QFontMetrics(theme().font("body"))
        heading = str(self._rows.headerData(number, Qt.Orientation.Horizontal))[:60]
        sign = look.px(12)  # of the order, where the table is sorted by this column
        widest = QFontMetrics(look.font("caption-strong")).horizontalAdvance(heading) + sign
        for at in range(min(30, self._rows.rowCount())):
            text = str(self._rows.data(self._rows.index(at, number)))[:60]
            widest = max(widest, metrics.horizontalAdvance(text))
        return max(look.px(56), min(look.px(280), widest + 2 * look.px(_ROOM)))

    @property
    def whole_height(self) -> int:
        """What it takes to show a table without scrolling; 0 for other looks."""
        if self._table is None or self._rows is None or self.looks.current() != "table":
            return 0
        rows = self._rows.rowCount() * self._table.verticalHeader().defaultSectionSize()
        return self.sizeHint().height() - self._stack.sizeHint().height() + rows + theme().px(_ROOM) * 2

    def _sort(self, section: int, order: Qt.SortOrder) -> None:
        assert self._rows is not None
        self._rows.sort(section, order)
        self._show_path()

    def _make_tree(self) -> QWidget:
        self._nodes = JsonTreeModel(self.value, self)
        self._tree = tree = QTreeView()
        tree.setModel(self._nodes)
        show_as_written(tree)
        tree.setAccessibleName("Tree of the value")
        tree.setUniformRowHeights(True)
        tree.header().resizeSection(0, theme().px(220))
        tree.header().setStretchLastSection(True)
        tree.selectionModel().currentChanged.connect(self._node_chosen)
        add_copying(tree, lambda: _value_at(self.value, self._selected), lambda: self._selected)
        for at in range(min(3, self._nodes.rowCount())):
            tree.expand(self._nodes.index(at, 0))
        return tree

    def _make_raw(self) -> QWidget:
        self._raw = CodeView(name="Raw JSON")
        self._raw.set_json(self.value)
        return self._raw

    def _make_facts(self) -> QWidget | None:
        """What stands beside the table: the other members in two columns."""
        assert isinstance(self.value, dict)
        others = [(name, member) for name, member in self.value.items() if "/" + escape_token(name) != self._table_at]
        if not others:
            return None
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(14, 8, 14, 8)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(3)
        for at, (name, member) in enumerate(others[:_FACTS]):
            grid.addWidget(_Inked(visible(name, 40), "syn.key", elide=False), at // 2, at % 2 * 2)
            grid.addWidget(_Inked(preview(member), value_token(member)), at // 2, at % 2 * 2 + 1)
        if len(others) > _FACTS:
            grid.addWidget(
                Label(f"and {count(len(others) - _FACTS)} more, see Tree", "muted", "small"), _FACTS // 2, 0, 1, 4
            )
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        return surface(box, "panel", edge="bottom")

    # -- one selection ---------------------------------------------------------------------------------------------

    @property
    def selected(self) -> str:
        """The JSON Pointer of what is selected; empty for the whole."""
        return self._selected

    def select(self, pointer: str) -> None:
        """Selects the value at a pointer in every look."""
        self._selected = pointer
        self._reveal(self.looks.current())

    def go_to(self, pointer: str) -> None:
        """Selects the value at a pointer in the tree, with the focus on it; what would hold it, where it is missing."""
        self.show_as("tree")
        self.select(pointer)
        self._pages["tree"].setFocus(Qt.FocusReason.OtherFocusReason)

    def _reveal(self, look: str) -> None:
        if look == "tree" and self._tree is not None and self._nodes is not None and self._selected:
            index = self._nodes.find(split_pointer(self._selected))
            if index.isValid() and self._nodes.pointer(self._tree.currentIndex()) != self._selected:
                self._tree.setCurrentIndex(index)
                self._tree.scrollTo(index)
        elif look == "raw" and self._raw is not None and self._selected:
            self._raw.show_pointer(self._selected, tint="info")
        elif look == "table" and self._table is not None and self._rows is not None:
            number = self._item_selected()
            if number is not None:
                self._table.selectRow(self._rows.row_of(number))

    def _item_selected(self) -> int | None:
        base = f"{self._table_at}/"
        if self._table_at is None or not self._selected.startswith(base):
            return None
        token = self._selected[len(base) :].split("/", 1)[0]
        assert self._rows is not None
        return int(token) if token.isdecimal() and int(token) < self._rows.rowCount() else None

    def _row_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if not current.isValid() or self._rows is None:
            return
        pointer = f"{self._table_at}/{self._rows.item_number(current.row())}"
        if not f"{self._selected}/".startswith(f"{pointer}/"):
            self._choose(pointer)

    def _node_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid() and self._nodes is not None:
            self._choose(self._nodes.pointer(current))
            self._read(self._selected, _value_at(self.value, self._selected), of_table=False)

    def _cell(self, index: QModelIndex) -> str:
        """The pointer of a cell."""
        if self._rows is None or not index.isValid():
            return self._table_at or ""
        name = escape_token(self._rows.columns[index.column()])
        return f"{self._table_at}/{self._rows.item_number(index.row())}/{name}"

    def _value_of_cell(self, index: QModelIndex) -> Any:
        return _value_at(self.value, self._cell(index))

    def _cell_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self._read(self._cell(current), self._value_of_cell(current), of_table=True)

    def _read(self, pointer: str, value: Any, *, of_table: bool) -> None:
        """A value that its row shows only in part stands below in full."""
        if worth_reading(value, of_table=of_table):
            if self._reader is None:
                self._reader = ValueReader()
                self.layout().addWidget(self._reader)  # type: ignore[union-attr]  # set in the constructor
            self._reader.read(pointer, value)
        elif self._reader is not None:
            self._reader.hide()

    def _choose(self, pointer: str) -> None:
        self._selected = pointer
        self._show_path()
        self.pointer_selected.emit(pointer)

    def _show_path(self) -> None:
        table = self.looks.current() == "table"
        where = (self._table_at if table else self._selected) or ""
        self._path.setText(visible(where or "/", 80))
        shape = _shape(_value_at(self.value, where))
        if table and self._rows is not None and self._rows.sorted_by is not None:
            name, down = self._rows.sorted_by
            shape += f" · sorted by {visible(name, 40)}" + (", largest first" if down else "")
        self._shape.setText(shape)

    def copy(self) -> None:
        """Puts the whole value on the clipboard as JSON."""
        QGuiApplication.clipboard().setText(self.copy_text())

    def copy_text(self) -> str:
        return value_text(self.value)


class _Inked(Elided):
    """A mono text in a syntax colour."""

    def __init__(self, text: str, token: str, *, elide: bool = True) -> None:
        super().__init__(text, type="mono")
        if not elide:
            self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._token = token
        self._colour()
        theme().changed.connect(self._colour)

    def _colour(self) -> None:
        palette = self.palette()
        palette.setColor(self.foregroundRole(), theme().color(self._token))
        self.setPalette(palette)


def _put(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


def _shape(value: Any) -> str:
    if isinstance(value, list):
        what = "row" if columns_of(value) else "item"
        return f"array · {count(len(value))} {what}{'' if len(value) == 1 else 's'}"
    if isinstance(value, dict):
        return f"object · {counted(len(value), 'member')}"
    return {str: "text", bool: "true or false", type(None): "null"}.get(type(value), "number")


def _value_at(value: Any, pointer: str) -> Any:
    for token in split_pointer(pointer):
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
            value = value[int(token)]
        else:
            return None
    return value
