"""The frames of one call: which way, what, when, how big; the chosen one as JSON."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QShowEvent
from PySide6.QtWidgets import QListView, QSplitter, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from wireglass.recording.entries import Entry
from wireglass_app.controls import Button, Label, column, row
from wireglass_app.models.rows import ROW, RowsModel
from wireglass_app.payloads.code import CodeView
from wireglass_app.plain import column_size, duration, size, visible
from wireglass_app.row_ground import paint_ground
from wireglass_app.theme import theme

__all__ = ["CallFrames"]


class CallFrames(QWidget):
    """`more(seq)`: show this frame in Protocol."""

    more = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._zero = 0
        self._shown: int | None = None
        self._entries: Sequence[Entry] = ()
        self.model: RowsModel[Entry] = RowsModel(self._spoken, parent=self)
        self.list = QListView()
        self.list.setAccessibleName("Frames of this call")
        self.list.setModel(self.model)
        self.list.setUniformItemSizes(True)
        self.list.setItemDelegate(_FrameDelegate(self))
        self.list.selectionModel().currentChanged.connect(self._chosen)
        self.code = CodeView(name="Frame as JSON")
        self.title = Label("", "secondary", "small")
        self.go = Button("Show in Protocol", "link", clicked=self._go)
        below = QWidget()
        below.setLayout(column(row(self.title, None, self.go, margins=(14, 4, 14, 0)), self.code, gap=4))
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setHandleWidth(1)
        splitter.addWidget(self.list)
        splitter.addWidget(below)
        splitter.setSizes([180, 400])
        self.setLayout(column(splitter))

    @property
    def zero(self) -> int:
        """The moment that times count from."""
        return self._zero

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Other frames; the last one is shown."""
        self._entries = entries
        if self.isVisible():
            self._fill()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fill()

    def _fill(self) -> None:
        """Only while in sight: laying out megabytes of JSON that nobody looks at would hold up those who do look."""
        entries = self._entries
        if [entry.seq for entry in self.model.rows] == [entry.seq for entry in entries]:
            return
        self._zero = entries[0].at_ns if entries else 0
        self.model.replace(entries)
        if entries:
            self._shown = None
            self.list.setCurrentIndex(self.model.index(len(entries) - 1))
            self._chosen(self.list.currentIndex())
        else:
            self._shown = None
            self.code.clear()

    def _chosen(self, index: QModelIndex) -> None:
        entry: Entry | None = index.data(ROW) if index.isValid() else None
        if entry is None or entry.seq == self._shown:
            return
        self._shown = entry.seq
        self.title.setText(f"Frame {entry.seq} · {size(entry.size)}{' · ' + entry.note if entry.note else ''}")
        if entry.kind == "broken":
            self.code.set_text(entry.raw)
        else:
            self.code.set_json(entry.message)

    def _go(self) -> None:
        index = self.list.currentIndex()
        if index.isValid():
            self.more.emit(index.data(ROW).seq)

    def _spoken(self, entry: Entry) -> str:
        way = "to the server" if entry.sender == "client" else "from the server"
        return f"{way}, {entry.kind} {visible(entry.method, 80)}, {size(entry.size)}"


class _FrameDelegate(QStyledItemDelegate):
    def __init__(self, owner: CallFrames) -> None:
        super().__init__(owner.list)
        self._owner = owner

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, theme().row(24))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry: Entry = index.data(ROW)
        painter.save()
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        rect = option.rect
        paint_ground(painter, option)
        painter.setFont(theme().font("mono-small"))
        unit = painter.fontMetrics().horizontalAdvance("0")
        middle = Qt.AlignmentFlag.AlignVCenter
        left, right = int(middle | Qt.AlignmentFlag.AlignLeft), int(middle | Qt.AlignmentFlag.AlignRight)
        x = rect.left() + 12
        painter.setPen(theme().color("text.muted"))
        since = f"+ {duration((entry.at_ns - self._owner.zero) / 1e6)}"
        painter.drawText(QRect(x, rect.top(), unit * 11, rect.height()), right, since)
        x += unit * 13
        out = entry.sender == "client"
        painter.setPen(theme().color("bar.blue" if out else "bar.teal"))
        painter.drawText(QRect(x, rect.top(), unit * 3, rect.height()), left, "→" if out else "←")
        x += unit * 3
        painter.setPen(theme().color("bad.text" if entry.kind in ("error", "broken") else "text.primary"))
        what = f"{entry.kind} of {entry.method}" if entry.kind in ("result", "error") else entry.method or entry.kind
        room = rect.adjusted(x - rect.left(), 0, -unit * 12, 0)
        text = painter.fontMetrics().elidedText(visible(what), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, left, text)
        painter.setPen(theme().color("text.muted"))
        painter.drawText(rect.adjusted(0, 0, -12, 0), right, column_size(entry.size))
        painter.restore()
