"""Names and values of an entry: its variables or its headers, secrets masked until they are edited."""

from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
)

from wireglass.targets.servers import looks_secret
from wireglass_app.layouts import as_written
from wireglass_app.theme import theme

__all__ = ["Pairs"]

_MOST = 6
"""Rows in sight; more scroll."""
Index = QModelIndex | QPersistentModelIndex


class _Masked(QStyledItemDelegate):
    """Shows only the end of a value that looks like a secret."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        name = str(index.sibling(index.row(), 0).data() or "")
        value = str(index.data() or "")
        masked = index.column() == 1 and looks_secret(name, value)
        shown = "•" * 8 + value[-4:] if masked else option.text  # type: ignore[attr-defined]  # the stubs lack it
        option.text = as_written(shown)  # type: ignore[attr-defined]  # as above

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        name = str(index.sibling(index.row(), 0).data() or "")
        if index.column() == 1 and looks_secret(name, str(index.data() or "")):
            _paint_mark(painter, QRect(option.rect))  # type: ignore[attr-defined]  # as above


class Pairs(QTableWidget):
    """Names and values, values that look like secrets masked until they are edited."""

    def __init__(self) -> None:
        super().__init__(0, 2)
        self.setAccessibleName("Names and values")
        self.horizontalHeader().hide()
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setProperty("surface", "card")
        self.setItemDelegate(_Masked(self))
        theme().changed.connect(self._fit)
        self._fit()

    def fill(self, values: Mapping[str, str]) -> None:
        if values == self.values():
            return
        self.blockSignals(True)
        self.setRowCount(0)
        for name, value in values.items():
            self._append(name, value)
        self.blockSignals(False)
        self._fit()

    def add_row(self) -> None:
        self.blockSignals(True)
        self._append("", "")
        self.blockSignals(False)
        self._fit()
        self.setCurrentCell(self.rowCount() - 1, 0)
        self.setFocus()
        if (first := self.item(self.rowCount() - 1, 0)) is not None:
            self.editItem(first)

    def values(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for at in range(self.rowCount()):
            name, value = self.item(at, 0), self.item(at, 1)
            if name is not None and name.text().strip():
                found[name.text().strip()] = value.text() if value is not None else ""
        return found

    def has_secret(self) -> bool:
        return any(looks_secret(name, value) for name, value in self.values().items())

    def _append(self, name: str, value: str) -> None:
        at = self.rowCount()
        self.insertRow(at)
        self.setItem(at, 0, QTableWidgetItem(name))
        self.setItem(at, 1, QTableWidgetItem(value))

    def _fit(self) -> None:
        self.setFont(theme().font("mono"))
        self.horizontalHeader().setMinimumSectionSize(theme().px(120))
        self.setVisible(self.rowCount() > 0)
        height = theme().px(26)
        self.verticalHeader().setDefaultSectionSize(height)
        most = self.rowCount() > _MOST
        bar = Qt.ScrollBarPolicy.ScrollBarAsNeeded if most else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(bar)
        self.setFixedHeight(min(_MOST, max(1, self.rowCount())) * height + 1)  # the frame is the last row's line


def _paint_mark(painter: QPainter, cell: QRect) -> None:
    """A chip at the end of the row that says what is wrong with it."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    font, text = theme().font("caption"), "plain text"
    width = QFontMetrics(font).horizontalAdvance(text) + theme().px(12)
    box = QRectF(cell.right() - width - theme().px(5), cell.top() + 4, width, cell.height() - 8)
    painter.setFont(font)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color("warn.bg"))
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(theme().color("warn.text"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
