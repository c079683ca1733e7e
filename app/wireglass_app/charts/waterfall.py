"""The waterfall: a tree of spans whose last column is a bar, solid where a span works itself, tinted elsewhere."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from wireglass.protocol.messages import WAITS, Span
from wireglass.recording.timing import Row
from wireglass_app.models.waterfall import ROW_ROLE, WaterfallModel
from wireglass_app.theme import theme

__all__ = ["SPAN_COLORS", "WaterfallView", "span_color"]

SPAN_COLORS = {
    "handler": "bar.blue",
    "validation": "bar.magenta",
    "dependency": "bar.gold",
    "serialisation": "bar.slate",
    "storage": "bar.green",
    "server": "bar.slate",
    "human": "bar.violet",
    "model": "bar.violet",
    "user": "bar.gold",
}
_BY_NAME = (("Rate", "bar.orange"), ("Cach", "bar.teal"), ("Log", "bar.violet"), ("Auth", "bar.gold"))
_BAR_COLUMN = 3
_ROW = 25
_Index = QModelIndex | QPersistentModelIndex


def span_color(name: str, kind: str) -> str:
    """The token of a span's bar: by kind, middleware by the familiar part of its name."""
    if kind == "middleware":
        return next((token for part, token in _BY_NAME if part in name), "bar.slate")
    return SPAN_COLORS.get(kind, "bar.slate")


class WaterfallView(QTreeView):
    """Shows the spans it is given, all open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spans_model = WaterfallModel()
        self.setModel(self._spans_model)
        self.setItemDelegateForColumn(_BAR_COLUMN, _BarDelegate(self))
        self.setUniformRowHeights(True)
        self.setAccessibleName("Waterfall of the selected call")
        self.setIndentation(14)
        header = self.header()
        header.setStretchLastSection(True)
        header.setSectionsMovable(False)
        for column, width in enumerate((240, 84, 84)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            self.setColumnWidth(column, theme().px(width))
        theme().changed.connect(self.viewport().update)

    def show_spans(self, spans: tuple[Span, ...]) -> None:
        self._spans_model.show(spans)
        self.expandAll()


class _BarDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(super().sizeHint(option, index).width(), theme().px(_ROW))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        row, model = index.data(ROW_ROLE), index.model()
        if not isinstance(row, Row) or not isinstance(model, WaterfallModel):
            return
        area = QRectF(option.rect).adjusted(8, 6, -10, -6)  # type: ignore[attr-defined]  # stubs lack the option's rect
        scale = area.width() / model.length_us
        color = theme().color(span_color(row.span.name, row.span.kind))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = _stretch(area, row.span.start_us, row.span.start_us + row.span.duration_us, scale)
        painter.setBrush(_tint(color))
        painter.drawRoundedRect(whole, 3, 3)
        if row.span.kind in WAITS:
            painter.setBrush(QBrush(color, Qt.BrushStyle.BDiagPattern))
            painter.setPen(QPen(color, 1))
            painter.drawRoundedRect(whole, 3, 3)
        else:
            painter.setBrush(color)
            for begin, end in row.own:
                painter.drawRoundedRect(_stretch(area, begin, end, scale), 2, 2)
        painter.restore()


def _stretch(area: QRectF, begin_us: int, end_us: int, scale: float) -> QRectF:
    return QRectF(area.left() + begin_us * scale, area.top(), max(2.0, (end_us - begin_us) * scale), area.height())


def _tint(color: QColor) -> QColor:
    tinted = QColor(color)
    tinted.setAlphaF(0.28)
    return tinted
