"""The matrix of servers and host applications: switches to look at, arrow keys and Space to work with."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from wireglass.targets.matrix import Cell
from wireglass_app.controls import left_to_right
from wireglass_app.models.client_matrix import CELL, DETAIL, WARNED, ClientMatrix
from wireglass_app.theme import theme

__all__ = ["Grid"]

_CHIPS = {
    "add": ("will add", "ok"),
    "edit": ("will edit", "info"),
    "remove": ("will remove", "bad"),
    "asked": ("asked", "human"),
}

Index = QModelIndex | QPersistentModelIndex


class Grid(QTableView):
    """Space or a click turns a cell; Delete removes; Enter edits; the Menu key opens the actions of a cell."""

    toggled = Signal(QModelIndex)
    removed = Signal(QModelIndex)
    opened = Signal(QModelIndex)
    asked = Signal(QModelIndex, object)
    """The actions of a cell are wanted, at a global position."""
    moved = Signal(QModelIndex)

    def __init__(self, model: ClientMatrix) -> None:
        super().__init__()
        left_to_right(self)
        self.setModel(model)
        self.setItemDelegate(_Painter(self))
        self.setAccessibleName("Servers and apps")
        self.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self.setShowGrid(False)
        self.setProperty("roomy", "true")
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        self.selectionModel().currentChanged.connect(lambda now, _before: self._moved(now))
        model.modelReset.connect(self.fit)
        theme().changed.connect(self._sized)
        self._sized()

    def _sized(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme().row(37))
        self.fit()

    def fit(self) -> None:
        """Column widths by their titles; what is left goes to the servers."""
        header, metrics = self.horizontalHeader(), QFontMetrics(theme().font("caption-strong"))
        model = self.model()
        for section in range(1, model.columnCount()):
            title = str(model.headerData(section, Qt.Orientation.Horizontal))
            warned = bool(model.headerData(section, Qt.Orientation.Horizontal, WARNED))
            header.resizeSection(
                section, max(theme().px(117), metrics.horizontalAdvance(title) + theme().px(34 + 20 * warned))
            )
        if model.columnCount():
            others = sum(header.sectionSize(section) for section in range(1, model.columnCount()))
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(0, max(theme().px(240), self.viewport().width() - others))

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]  # Qt's own event
        self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        if event.key() == Qt.Key.Key_Space and index.column() > 0:
            self.toggled.emit(index)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and index.isValid():
            self.removed.emit(index)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() and index.isValid():
            self.opened.emit(index)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.column() > 0 and index == self.currentIndex():
            inside = event.position().x() - self.visualRect(index).left() < theme().px(49)
            if inside:
                self.toggled.emit(index)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if index.isValid():
            place = self.visualRect(index).bottomLeft() if by_key else event.pos()
            self.asked.emit(index, self.viewport().mapToGlobal(place))

    def _moved(self, index: QModelIndex) -> None:
        self.viewport().update()
        self.moved.emit(index)


class _Painter(QStyledItemDelegate):
    def __init__(self, grid: Grid) -> None:
        super().__init__(grid)
        self._grid = grid

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(theme().px(120), theme().row(37))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRect(option.rect)  # type: ignore[attr-defined]  # a field of the option that the stubs lack
        current = self._grid.currentIndex()
        chosen = current.row() == index.row()
        painter.fillRect(rect, theme().color("bg.selected" if chosen else "bg.panel"))
        painter.setPen(theme().color("line.subtle"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if index.column() == 0:
            self._server(painter, rect, index)
        else:
            self._cell(painter, rect, index.data(CELL))
        if chosen and current.column() == index.column() and self._grid.hasFocus():
            painter.setPen(QPen(theme().color("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(2, 2, -2, -3), 4, 4)
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        raise RuntimeError("cells are not edited in place")

    def _server(self, painter: QPainter, rect: QRect, index: Index) -> None:
        left, middle = rect.left() + theme().px(14), rect.center().y() + 1
        width = rect.width() - theme().px(20)
        for role, font, token, top, bottom in (
            (Qt.ItemDataRole.DisplayRole, "strong", "text.primary", rect.top(), middle),
            (DETAIL, "mono-small", "text.secondary", middle, rect.bottom()),
        ):
            chosen = theme().font(font)
            painter.setFont(chosen)
            painter.setPen(theme().color(token))
            line = QFontMetrics(chosen).elidedText(str(index.data(role)), Qt.TextElideMode.ElideRight, width)
            where = Qt.AlignmentFlag.AlignBottom if bottom == middle else Qt.AlignmentFlag.AlignTop
            painter.drawText(QRect(left, top, width, bottom - top), Qt.AlignmentFlag.AlignLeft | where, line)

    def _cell(self, painter: QPainter, rect: QRect, cell: Cell) -> None:
        left = rect.left() + theme().px(13)
        if cell.state == "absent" and cell.problem:
            self._dash(painter, QPointF(left + theme().px(7), rect.center().y() + 0.5))
            return
        if cell.state == "absent":
            self._plus(painter, QPointF(left + theme().px(7), rect.center().y() + 0.5))
            if cell.pending:
                self._chip(painter, left + theme().px(20), rect, *_CHIPS[cell.pending])
            return
        box = QRectF(left, rect.center().y() - theme().px(8) + 1, theme().px(28), theme().px(16))
        self._switch(painter, box, on=cell.state == "on" and cell.pending != "remove")
        x = box.right() + theme().px(7)
        if cell.pending:
            self._chip(painter, x, rect, *_CHIPS[cell.pending])
        elif cell.problem:
            side = theme().px(14)
            mark = theme().pixmap("cross-circle", "bad.text", side, painter.device().devicePixelRatioF())
            painter.drawPixmap(QRect(int(x), rect.center().y() - side // 2 + 1, side, side), mark)
        elif cell.differs:
            self._chip(painter, x, rect, "differs", "warn")

    def _switch(self, painter: QPainter, box: QRectF, *, on: bool) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("accent.fill" if on else "line.control"))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        side = box.height() - theme().px(4)
        x = box.right() - side - theme().px(2) if on else box.left() + theme().px(2)
        painter.setBrush(theme().color("accent.on" if on else "bg.panel"))
        painter.drawEllipse(QRectF(x, box.top() + theme().px(2), side, side))

    def _dash(self, painter: QPainter, centre: QPointF) -> None:
        painter.setPen(QPen(theme().color("text.disabled"), 1.2))
        arm = theme().px(4)
        painter.drawLine(QPointF(centre.x() - arm, centre.y()), QPointF(centre.x() + arm, centre.y()))

    def _plus(self, painter: QPainter, centre: QPointF) -> None:
        arm = theme().px(4)
        painter.setPen(QPen(theme().color("text.muted"), 1.2))
        painter.drawLine(QPointF(centre.x() - arm, centre.y()), QPointF(centre.x() + arm, centre.y()))
        painter.drawLine(QPointF(centre.x(), centre.y() - arm), QPointF(centre.x(), centre.y() + arm))

    def _chip(self, painter: QPainter, x: float, rect: QRect, text: str, kind: str) -> None:
        font = theme().font("caption")
        painter.setFont(font)
        width = QFontMetrics(font).horizontalAdvance(text) + theme().px(10)
        height = theme().px(17)
        box = QRectF(x, rect.center().y() - height / 2 + 1, width, height)
        framed = theme().name.startswith("contrast")
        painter.setPen(QPen(theme().color("text.primary"), 1) if framed else Qt.PenStyle.NoPen)
        painter.setBrush(theme().color(f"{kind}.bg"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(theme().color(f"{kind}.text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
