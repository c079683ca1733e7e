"""The waterfall: a tree of spans whose last column is a bar, solid where a span works itself, tinted elsewhere."""

from collections.abc import Iterator

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from wireglass.protocol.messages import WAITS, Span
from wireglass.recording.timing import Row
from wireglass_app.controls import left_to_right
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
_BY_NAME = (("Rate", "bar.orange"), ("Cach", "bar.teal"), ("Log", "bar.magenta"), ("Auth", "bar.gold"))
_QUEUED = "queued"
_LEAST_QUEUED_US = 20_000
"""A rate limiter that held a call for less did not queue it."""
_INSET = 8
_BAR_COLUMN = 3
_TIMES, _ITEM_PAD = (1, 2), 6
_NAMES, _LEAST_NAMES, _LEAST_BARS = 240, 130, 170
_ROW = 25
_Index = QModelIndex | QPersistentModelIndex


def span_color(name: str, kind: str) -> str:
    """The token of a span's bar: by kind, middleware by the familiar part of its name."""
    if kind == "middleware":
        return next((token for part, token in _BY_NAME if part in name), "bar.slate")
    if name.startswith(_QUEUED):
        return "bar.orange"
    return SPAN_COLORS.get(kind, "bar.slate")


class WaterfallView(QTreeView):
    """Shows the spans it is given, all open."""

    def __init__(self, parent: QWidget | None = None, *, title: str = "Middleware chain") -> None:
        super().__init__(parent)
        left_to_right(self)
        self._spans_model = WaterfallModel(title)
        self._shown: tuple[Span, ...] = ()
        self.setModel(self._spans_model)
        self.setItemDelegateForColumn(_BAR_COLUMN, _BarDelegate(self))
        self.setUniformRowHeights(True)
        self.setAccessibleName("Waterfall of the selected call")
        self.setIndentation(14)
        header = _Ruler(self._spans_model)
        self.setHeader(header)
        header.setStretchLastSection(True)
        header.setHighlightSections(False)
        header.setSectionsMovable(False)
        for column, width in enumerate((_NAMES, 84, 84)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            self.setColumnWidth(column, theme().px(width))
        self._by_hand = self._fitting = False
        """Whether somebody chose the width of the names; whether it is chosen for them now."""
        header.sectionResized.connect(self._resized)
        theme().changed.connect(self.viewport().update)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where there is little room, names give some of theirs: the bars are what one came for."""
        numbers = sum(self.columnWidth(at) for at in _TIMES)
        names = self.viewport().width() - numbers - theme().px(_LEAST_BARS)
        if not self._by_hand:
            self._fitting = True
            self.setColumnWidth(0, max(theme().px(_LEAST_NAMES), min(theme().px(_NAMES), names)))
            self._fitting = False

    def _resized(self, column: int, _before: int, _now: int) -> None:
        self._by_hand = self._by_hand or (column == 0 and not self._fitting)

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        super().drawRow(painter, option, index)
        rect: QRect = option.rect  # type: ignore[attr-defined]  # stubs lack the option's rect
        painter.setPen(QPen(theme().color("line.subtle"), 1))
        painter.drawLine(0, rect.bottom(), self.viewport().width(), rect.bottom())
        bars = self.columnViewportPosition(_BAR_COLUMN)
        painter.drawLine(bars, rect.top(), bars, rect.bottom())

    def show_spans(self, spans: tuple[Span, ...]) -> None:
        if spans != self._shown:
            self._shown = spans
            self._spans_model.show(spans)
            self.expandAll()
            self.header().viewport().update()


class _Ruler(QHeaderView):
    """The header; over the bars it is a ruler in milliseconds since the call began."""

    def __init__(self, model: WaterfallModel) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._spans = model
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        painter.save()
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        over = _ITEM_PAD if logicalIndex in _TIMES else 0  # so that a title ends where the numbers below it end
        super().paintSection(painter, rect.adjusted(0, 0, over, 0), logicalIndex)
        painter.restore()
        if logicalIndex != _BAR_COLUMN:
            return
        painter.save()
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.setFont(theme().font("caption"))
        left, room = rect.left() + _INSET, rect.width() - 2 * _INSET - 2
        for at_us, words in _marks(self._spans.length_us, room):
            x = left + at_us / self._spans.length_us * room
            painter.setPen(QPen(theme().color("line.default"), 1))
            painter.drawLine(QPointF(x, rect.bottom() - 5), QPointF(x, rect.bottom()))
            painter.setPen(theme().color("text.muted"))
            painter.drawText(QRectF(x + 3, rect.top(), 80, rect.height()), Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()


def _marks(length_us: int, room: int) -> Iterator[tuple[float, str]]:
    """Round times at least 80 pixels apart; milliseconds, with as many decimals as they need."""
    least = length_us * 80 / max(1, room)
    step = 1.0
    while step < least:
        step *= 2.5 if f"{step:g}".startswith(("2", "2.")) and not f"{step:g}".startswith("25") else 2
    at = 0.0
    while at < length_us and (at + least * 0.5 < length_us or at == 0):
        yield at, f"{at / 1000:g} ms" if at == 0 else f"{at / 1000:g}"
        at += step


class _BarDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(super().sizeHint(option, index).width(), theme().row(_ROW))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        row, model = index.data(ROW_ROLE), index.model()
        if not isinstance(row, Row) or not isinstance(model, WaterfallModel):
            return
        area = QRectF(option.rect).adjusted(_INSET, 6, -_INSET - 2, -6)  # type: ignore[attr-defined]  # stubs lack the option's rect
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
        self._label(painter, row, whole, color)
        painter.restore()

    def _label(self, painter: QPainter, row: Row, whole: QRectF, color: QColor) -> None:
        """What a bar cannot say by its colour: a cache hit, a refusal, a span of the author's own."""
        facts, kind = row.span.facts, row.span.kind
        words = (
            f"cache {facts['cache']}"
            if facts.get("cache") in ("hit", "miss")
            else "refused"
            if facts.get("refused") is True
            else "waiting for you"
            if kind == "human"
            else "OpenTelemetry"
            if facts.get("source") == "OpenTelemetry"
            else "span from the server"
            if kind == "user"
            else _QUEUED
            if "RateLimiting" in row.span.name and _first_wait_us(row) >= _LEAST_QUEUED_US
            else ""
        )
        if not words:
            return
        painter.setFont(theme().font("caption"))
        width = painter.fontMetrics().horizontalAdvance(words)
        left, solid = _label_place(row, whole, width)
        painter.setPen(theme().color("bar.ink" if solid and kind not in WAITS else "text.secondary"))
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(QRectF(left, whole.top(), width + 4, whole.height()), middle, words)


def _label_place(row: Row, whole: QRectF, width: int) -> tuple[float, bool]:
    """Where words of a width begin, and whether they stand on the solid part: wholly on it, wholly beside it in the
    bar, or behind the bar, never across an edge."""
    scale = whole.width() / max(1, row.span.duration_us)
    edge = whole.left()
    for begin, end in (*row.own, (row.span.start_us + row.span.duration_us, 0)):
        left = whole.left() + (begin - row.span.start_us) * scale
        if left - edge >= width + 12:
            return edge + 6, False
        edge = left + (end - begin) * scale
        if edge - left >= width + 12:
            return left + 6, True
    return whole.right() + 6, False


def _first_wait_us(row: Row) -> int:
    """How long a span did not go on at its beginning."""
    begin, end = row.own[0] if row.own else (0, 0)
    return end - begin if begin == row.span.start_us else 0


def _stretch(area: QRectF, begin_us: int, end_us: int, scale: float) -> QRectF:
    return QRectF(area.left() + begin_us * scale, area.top(), max(2.0, (end_us - begin_us) * scale), area.height())


def _tint(color: QColor) -> QColor:
    tinted = QColor(color)
    tinted.setAlphaF(0.28)
    return tinted
