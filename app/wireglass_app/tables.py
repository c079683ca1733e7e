"""Tables and lists of many rows. Of a table: one height, one column that takes the room that is left, sizes that follow
the zoom."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QFocusEvent, QGuiApplication, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from wireglass_app.controls import left_to_right
from wireglass_app.layouts import as_written
from wireglass_app.theme import theme

__all__ = ["Table", "for_many_rows", "show_as_written"]

_ROW = 26
_BATCH = 300


def for_many_rows(view: QListView) -> None:
    """A list whose rows paint themselves, of any number: Qt lays them out in batches, and again after a zoom."""
    left_to_right(view)
    view.setMouseTracking(True)
    view.setLayoutMode(QListView.LayoutMode.Batched)
    view.setBatchSize(_BATCH)
    view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
    theme().changed.connect(view.doItemsLayout)


class _Header(QHeaderView):
    """Its words stand over those of their column, also where everything else reads from right to left."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setSectionsClickable(True)  # as a table's own header

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        super().paintSection(painter, rect, logicalIndex)


class _AsWritten(QStyledItemDelegate):
    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        option.text = as_written(option.text)  # type: ignore[attr-defined]  # a field that the stubs lack


def show_as_written(view: QAbstractItemView) -> None:
    """Cells that begin with a number, or end with a dot, keep their order in a layout from right to left."""
    if QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft:
        view.setItemDelegate(_AsWritten(view))


class Table(QTableView):
    """Whole rows are selected, one at a time. Columns can be resized; in a narrow pane the table scrolls sideways."""

    def __init__(self, model: QAbstractItemModel, name: str, widths: Sequence[int], *, grows: int) -> None:
        """`widths` are in the design's pixels. Column `grows` is never narrower than its width, and fills the rest."""
        super().__init__()
        self._grows = grows
        self._least = widths[grows]
        self._zoom = theme().px(1000)
        self.setHorizontalHeader(_Header())
        self.setModel(model)
        self.setAccessibleName(name)
        left_to_right(self)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(theme().px(18))
        rows.setDefaultSectionSize(theme().row(_ROW))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for at, width in enumerate(widths):
            self.setColumnWidth(at, theme().px(width))
        theme().changed.connect(self._rescale)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Whoever looks at the end goes on doing so: a view often finds its size after its rows. So does who looks at
        the chosen row, when something below it takes room."""
        at_end, chosen = self._at_end(), self.visualRect(self.currentIndex())
        in_sight = chosen.isValid() and chosen.top() >= 0 and chosen.bottom() < event.oldSize().height()
        super().resizeEvent(event)
        self._fill()
        if at_end:
            self.scrollToBottom()
        elif in_sight:
            self.scrollTo(self.currentIndex())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The row that the keys start from is marked as such. Qt makes the first one current, goes there, and marks
        nothing: what is shown of the row would belong to none that is seen."""
        if not self.currentIndex().isValid() and self.model().rowCount():
            self.selectRow(self._nearest())
        super().focusInEvent(event)

    def _nearest(self) -> int:
        """The row to begin with: the first in sight, or the newest where the table follows its end."""
        return self.model().rowCount() - 1 if self._at_end() else max(0, self.rowAt(0))

    def _at_end(self) -> bool:
        bar = self.verticalScrollBar()
        return 0 < bar.maximum() <= bar.value()

    def _fill(self) -> None:
        others = sum(self.columnWidth(at) for at in range(self.model().columnCount()) if at != self._grows)
        self.setColumnWidth(self._grows, max(theme().px(self._least), self.viewport().width() - others))

    def _rescale(self) -> None:
        """The widths that the user gave them grow and shrink with the zoom too."""
        before, self._zoom = self._zoom, theme().px(1000)
        self.verticalHeader().setMinimumSectionSize(theme().px(18))
        self.verticalHeader().setDefaultSectionSize(theme().row(_ROW))
        if before == self._zoom:
            return
        for at in range(self.model().columnCount()):
            self.setColumnWidth(at, self.columnWidth(at) * self._zoom // before)
        self._fill()
