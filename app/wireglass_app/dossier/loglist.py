"""Log lines as a list that paints itself: when, level, text. Used for one call and for a whole server."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from wireglass_app.calls import LogLine
from wireglass_app.controls import left_to_right
from wireglass_app.following import Follow
from wireglass_app.models.rows import ROW, RowsModel
from wireglass_app.moments import clock_ms
from wireglass_app.plain import duration, tip, visible
from wireglass_app.row_ground import paint_ground
from wireglass_app.theme import theme

__all__ = ["LEVELS", "LogList", "level_token"]

LEVELS = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")
_KEPT = 20_000
_MARGIN = 24


def level_token(line: LogLine) -> str:
    """The ink of a level."""
    if line.source == "stdout":
        return "bad.text"
    if line.source == "stderr":
        return "text.secondary"
    if line.level in ("error", "critical", "alert", "emergency"):
        return "bad.text"
    return {"warning": "warn.text", "debug": "text.muted"}.get(line.level, "info.text")


class LogList(QListView):
    """Follows the end until the user scrolls up. `picked(LogLine)` on Enter or double click."""

    picked = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        left_to_right(self)
        self.setAccessibleName(name)
        self.model_: RowsModel[LogLine] = RowsModel(_spoken, parent=self)
        self.setModel(self.model_)
        self.setItemDelegate(LogDelegate(self))
        self.setUniformItemSizes(True)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self._follow = Follow(self)
        self._empty_text = ""
        self.zero_ns: int | None = None
        """When set, times are shown since then; otherwise as the time of day."""
        theme().changed.connect(self.doItemsLayout)

    def say_when_empty(self, text: str) -> None:
        """What stands in the middle while there are no lines."""
        self._empty_text = text
        self.setAccessibleDescription(text)
        self.viewport().update()

    def set_lines(self, lines: list[LogLine]) -> None:
        """Other lines altogether."""
        self.model_.replace(lines)
        self.scrollToBottom()

    def add_lines(self, lines: list[LogLine]) -> None:
        """More at the end; the oldest beyond the limit go."""
        with self._follow.arriving():
            self.model_.append(lines)
        if self._follow.isHidden() or self.model_.rowCount() > 2 * _KEPT:  # what is read does not slip away
            self.model_.drop_first(self.model_.rowCount() - _KEPT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The end stays in sight: lines often come before the list has found its size."""
        bar = self.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 4
        super().resizeEvent(event)
        if follows:
            self.scrollToBottom()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._empty_text and not self.model_.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(theme().color("text.muted"))
            room = self.viewport().rect().adjusted(_MARGIN, 0, -_MARGIN, 0)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty_text)
            painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            lines = [index.data(ROW) for index in sorted(self.selectedIndexes(), key=lambda one: one.row())]
            QGuiApplication.clipboard().setText("\n".join(line.text for line in lines))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.picked.emit(self.currentIndex().data(ROW))
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            self.picked.emit(index.data(ROW))


class LogDelegate(QStyledItemDelegate):
    """One line of 20 pixels in mono."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, theme().row(20))

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        line = index.data(ROW) if index.isValid() else None
        if line is not None:
            QToolTip.showText(event.globalPos(), tip(visible(line.text, 1500, lines=True)))
        return True

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        line: LogLine = index.data(ROW)
        view = self.parent()
        zero = view.zero_ns if isinstance(view, LogList) else None
        painter.save()
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        rect = option.rect
        paint_ground(painter, option)
        painter.setFont(theme().font("mono-small"))
        advance = painter.fontMetrics().horizontalAdvance("0")
        middle = Qt.AlignmentFlag.AlignVCenter
        x = rect.left() + 12
        when = _when(line, zero)
        painter.setPen(theme().color("text.muted"))
        painter.drawText(QRect(x, rect.top(), advance * 12, rect.height()), int(middle | _RIGHT), when)
        x += advance * 14
        painter.setPen(theme().color(level_token(line)))
        painter.drawText(QRect(x, rect.top(), advance * 9, rect.height()), int(middle | _LEFT), line.level)
        x += advance * 10
        painter.setPen(theme().color("bad.text" if line.source == "stdout" else "text.primary"))
        room = QRect(x, rect.top(), rect.right() - x - 8, rect.height())
        # A traceback is read by its indentation.
        indent = " " * min(len(line.text) - len(line.text.lstrip(" ")), _MOST_INDENT)
        words = indent + visible(f"{line.logger}: {line.text}" if line.logger else line.text, 600)
        text = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(middle | _LEFT), text)
        painter.restore()


_MOST_INDENT = 24
_LEFT = Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignRight


def _when(line: LogLine, zero: int | None) -> str:
    if zero is not None:
        return f"+ {duration(max(0.0, (line.at_ns - zero) / 1e6))}"
    return clock_ms(int(line.at * 1e9))


def _spoken(line: LogLine) -> str:
    return f"{line.level}: {visible(line.text, 300)}"
