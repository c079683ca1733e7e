"""The whole session as a histogram, with a brush that shows and moves the stretch below it."""

from operator import add

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from wireglass_app.charts.sizes import gutter
from wireglass_app.charts.viewport import Viewport
from wireglass_app.controls import left_to_right
from wireglass_app.models.timeline import RED, TimelineModel
from wireglass_app.plain import duration
from wireglass_app.theme import theme

__all__ = ["Overview"]

_HEIGHT = 36
_COLUMN = 4
_HANDLE = 5


class Overview(QWidget):
    """Emits `brushed(begin, until)` while the brush is drawn, dragged by its middle or by its edges."""

    brushed = Signal(object, object)
    """Nanoseconds as Python integers: Qt's own int has 32 bits."""

    def __init__(self, model: TimelineModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        left_to_right(self)
        self._model = model
        self._brush = model.extent
        self._drawn: list[tuple[str, list[QRectF]]] | None = None
        self._drawn_of: object = None
        self._grip: str = ""
        self._grip_at = 0
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Whole session, brush")
        self.setAccessibleDescription("Left and Right move the brush, with Shift they change its end.")
        model.changed.connect(self.update)
        theme().changed.connect(self.update)

    def set_brush(self, begin: int, until: int) -> None:
        """Shows a stretch without emitting anything."""
        self._brush = (begin, until)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(900, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look, view = QPainter(self), theme(), self._view()
        painter.fillRect(self.rect(), look.color("bg.sunken"))
        self._paint_title(painter)
        for token, bars in self._bars(view):
            painter.setBrush(look.color(token))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRects(bars)
        self._paint_brush(painter, view)
        painter.setPen(QPen(look.color("line.default"), 1))
        painter.drawLine(0, _HEIGHT - 1, self.width(), _HEIGHT - 1)
        painter.drawLine(gutter(), 0, gutter(), _HEIGHT)
        if self.hasFocus():
            painter.setPen(QPen(look.color("focus"), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        view = self._view()
        x = event.position().x() - gutter()
        left, right = view.x(self._brush[0]), view.x(self._brush[1])
        if abs(x - left) <= _HANDLE:
            self._grip = "begin"
        elif abs(x - right) <= _HANDLE:
            self._grip = "until"
        elif left < x < right and right - left < view.width - 2 * _HANDLE:
            self._grip = "middle"
        else:
            self._grip = "new"
        self._grip_at = view.at(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._grip:
            return
        at = self._view().at(event.position().x() - gutter())
        begin, until = self._brush
        if self._grip == "begin":
            begin = at
        elif self._grip == "until":
            until = at
        elif self._grip == "middle":
            begin, until = begin + at - self._grip_at, until + at - self._grip_at
            self._grip_at = at
        else:
            begin, until = sorted((self._grip_at, at))
        self._take(begin, until)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        begin, until = self._brush
        step = (until - begin) // 10 * {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if not step:
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._take(begin, until + step)
        else:
            self._take(begin + step, until + step)

    def _take(self, begin: int, until: int) -> None:
        first, last = self._model.extent
        begin, until = max(first, min(begin, last)), max(first, min(until, last))
        if until > begin:
            self.set_brush(begin, until)
            self.brushed.emit(begin, until)

    def _view(self) -> Viewport:
        return Viewport(*self._model.extent, max(1, self.width() - gutter()))

    def _bars(self, view: Viewport) -> list[tuple[str, list[QRectF]]]:
        """The columns of the histogram by colour. Kept while nothing is added: brushing and zooming leave it alone."""
        now = (view, len(self._model.calls), self._model.shown, self._model.rows())
        if self._drawn is None or self._drawn_of != now:
            columns = max(1, view.width // _COLUMN)
            counted = self._counts(view, columns, failed=False)
            tallest = max(1, *counted)
            failed = self._counts(view, columns, failed=True)
            self._drawn = [("bar.blue", _columns(counted, tallest)), ("bad.fill", _columns(failed, tallest))]
            self._drawn_of = now
        return self._drawn

    def _counts(self, view: Viewport, columns: int, *, failed: bool) -> list[int]:
        totals = [0] * columns
        for row in self._model.rows():
            if row.title == "Requests":
                for lane in row.tracks:
                    if len(lane):
                        counted = lane.histogram(view.begin, view.until, columns, RED if failed else None)
                        totals = list(map(add, totals, counted))
        return totals

    def _paint_title(self, painter: QPainter) -> None:
        first, last = self._model.extent
        painter.setFont(theme().font("small"))
        painter.setPen(theme().color("text.secondary"))
        title = f"Whole session · {duration((last - first) / 1e6)}"
        painter.drawText(QRectF(10, 0, gutter() - 12, _HEIGHT), Qt.AlignmentFlag.AlignVCenter, title)

    def _paint_brush(self, painter: QPainter, view: Viewport) -> None:
        left, right = gutter() + view.x(self._brush[0]), gutter() + view.x(self._brush[1])
        fill = QColor(theme().color("accent.fill"))
        fill.setAlphaF(0.14)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(fill)
        painter.setPen(QPen(theme().color("accent.fill"), 1.5))
        painter.drawRoundedRect(QRectF(left, 1, max(3.0, right - left - 1), _HEIGHT - 3), 3, 3)
        painter.setBrush(theme().color("accent.fill"))
        for edge in (left, right - 1):
            painter.drawRoundedRect(QRectF(edge - 2.5, _HEIGHT / 2 - 7, 5, 14), 2, 2)


def _columns(counts: list[int], tallest: int) -> list[QRectF]:
    found: list[QRectF] = []
    for column, count in enumerate(counts):
        if count:
            height = max(3.0, (_HEIGHT - 8) * (count / tallest) ** 0.5)
            found.append(QRectF(gutter() + column * _COLUMN, _HEIGHT - 3 - height, _COLUMN - 1, height))
    return found
