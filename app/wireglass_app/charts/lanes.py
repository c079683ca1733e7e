"""The lanes of the timeline: ruler, one row per kind of event and server, bars merged per pixel.

One focusable widget. Left and Right walk the calls, Up and Down the lanes, plus and minus zoom, 0 fits, Home and End
jump, Space folds the server's lanes, Return opens. The current item is the widget's accessible description.
"""

from collections.abc import Iterator

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from wireglass_app.charts.viewport import Viewport, ruler_marks
from wireglass_app.models.lanes import Bar, Lane
from wireglass_app.models.occupancy import Strip
from wireglass_app.models.timeline import TONES, VIOLET, LaneRow, TimelineModel
from wireglass_app.plain import duration, visible
from wireglass_app.theme import theme

__all__ = ["GUTTER", "LanesView"]

GUTTER = 162
"""Pixels of the column with the rows' titles."""
_RULER, _SERVER, _TRACK, _TICKS = 22, 20, 20, 23
_BAR = 16
_LEAST_LABEL = 24
_MOST_TICK_LABELS = 400
_PLAIN = 6
"""Pixels below which a bar has no round corners: nobody sees them, and thousands of them take time."""


class LanesView(QWidget):
    """Draws a TimelineModel between `viewport.begin` and `viewport.until`."""

    viewport_changed = Signal()
    selected = Signal(int)
    """Key of the call that became current."""
    activated = Signal(int)
    """Return or a double click on a call."""

    def __init__(self, model: TimelineModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._rows: list[LaneRow] = []
        self._current: int | None = None
        self._height = 0
        self._folded: set[str] = set()
        self._follow = True
        self._drag_from: QPointF | None = None
        self._table: list[int] = []
        self._widths: dict[str, float] = {}
        """Of labels in the font of bars: measuring text is the slowest part of a paint."""
        self.viewport = Viewport(*model.extent, 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Timeline lanes")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        model.changed.connect(self._model_changed)
        model.filtered.connect(self._rows_changed)
        theme().changed.connect(self._restyled)
        self._model_changed()

    # what is shown

    @property
    def follow(self) -> bool:
        """Whether the right edge stays at now."""
        return self._follow

    @property
    def current(self) -> int | None:
        """Key of the selected call."""
        return self._current

    def set_follow(self, follow: bool) -> None:
        self._follow = follow
        if follow:
            self._model_changed()

    def show_range(self, begin: int, until: int) -> None:
        """Shows exactly this stretch and stops following."""
        self._follow = False
        self._set_viewport(Viewport(begin, max(until, begin + 1), self._plot_width()).inside(self._model.extent))

    def zoom(self, factor: float) -> None:
        """Around the current call, else around the middle."""
        begin = self._begin_of(self._current)
        middle = (self.viewport.begin + self.viewport.until) // 2
        inside = begin is not None and self.viewport.begin <= begin < self.viewport.until
        around = begin if begin is not None and inside else middle
        self._follow = False
        self._set_viewport(self.viewport.zoomed(factor, around, self._model.extent))

    def fit(self) -> None:
        """The whole session."""
        self._set_viewport(Viewport(*self._model.extent, self._plot_width()))

    def select(self, key: int | None) -> None:
        """Makes a call current and brings it into view."""
        if key == self._current or (key is not None and key not in self._model.calls):
            return
        self._current = key
        begin = self._begin_of(key)
        if key is not None and begin is not None:
            if not self.viewport.begin <= begin < self.viewport.until:
                self._follow = False
                shift = begin - (self.viewport.begin + self.viewport.until) // 2
                self._set_viewport(self.viewport.moved(shift, self._model.extent))
            self.setAccessibleDescription(self.describe(key))
            self.selected.emit(key)
        self.update()

    def describe(self, key: int) -> str:
        """One call in words, for screen readers and tooltips."""
        row = self._model.calls.row(key)
        if row is None:
            return "No call"
        call = self._model.calls.at(row)
        work = call.work_ns
        took = "still running" if work is None else duration(work / 1e6)
        waited = f", {duration(call.human_ns / 1e6)} waiting for you" if call.human_ns else ""
        server = visible(self._model.title_of(call.server))
        return f"{visible(call.name)} on {server}, {'failed, ' if call.failed else ''}{took}{waited}"

    def sizeHint(self) -> QSize:
        return QSize(900, max(180, self._layout_height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(GUTTER + 200, max(100, self._layout_height()))

    # events

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.viewport = Viewport(self.viewport.begin, self.viewport.until, self._plot_width())

    def wheelEvent(self, event: QWheelEvent) -> None:
        step = event.angleDelta().y() / 120
        sideways = event.angleDelta().x() / 120
        self._follow = False
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            around = self.viewport.at(event.position().x() - GUTTER)
            self._set_viewport(self.viewport.zoomed(1.25**step, around, self._model.extent))
        elif sideways or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._set_viewport(
                self.viewport.moved(int(-(sideways or step) * self.viewport.span / 8), self._model.extent)
            )
        else:
            event.ignore()
            return
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            server = self._server_at(event.position())
            if server is not None:
                self.fold(server)
                return
            self._drag_from = event.position()
            self.select(self._call_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag_from is None or abs(event.position().x() - self._drag_from.x()) < 3:
            return
        moved = self._drag_from.x() - event.position().x()
        self._drag_from = event.position()
        self._follow = False
        by = int(moved * self.viewport.span / self._plot_width())
        self._set_viewport(self.viewport.moved(by, self._model.extent))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag_from = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        key = self._call_at(event.position())
        if key is not None:
            self.activated.emit(key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        model = self._model
        match event.key():
            case Qt.Key.Key_Left:
                self._go(model.neighbour(self._current, -1))
            case Qt.Key.Key_Right:
                self._go(model.neighbour(self._current, 1))
            case Qt.Key.Key_Up:
                self._change_lane(-1)
            case Qt.Key.Key_Down:
                self._change_lane(1)
            case Qt.Key.Key_Space:
                self._fold_current()
            case Qt.Key.Key_Home:
                self._go(model.neighbour(None, 1))
            case Qt.Key.Key_End:
                self._go(model.neighbour(None, -1))
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom(2)
            case Qt.Key.Key_Minus:
                self.zoom(0.5)
            case Qt.Key.Key_0:
                self.fit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self._current is not None:
                self.activated.emit(self._current)
            case _:
                super().keyPressEvent(event)

    def _fold_current(self) -> None:
        calls = self._model.calls
        row = None if self._current is None else calls.row(self._current)
        if row is not None:
            self.fold(calls.texts[calls.servers[row]])

    def _go(self, key: int | None) -> None:
        if key is not None:
            self.select(key)

    def _change_lane(self, step: int) -> None:
        """To the call of the next lane above or below that is closest in time."""
        at = self._begin_of(self._current)
        shown = [row for _, _, row in self._places() if row is not None and not row.ticks]
        lanes = [(row, track) for row in shown for track in range(len(row.tracks))]
        lanes = [(row, track) for row, track in lanes if len(row.tracks[track])]
        here = next((n for n, (row, track) in enumerate(lanes) if self._current in self._keys_near(row, track, at)), -1)
        while 0 <= here + step < len(lanes):
            here += step
            row, track = lanes[here]
            index = row.tracks[track].nearest(self.viewport.begin if at is None else at)
            key = None if index is None else row.tracks[track].key(index)
            if key is not None and key != self._current:
                self.select(key)
                return

    def _keys_near(self, row: LaneRow, track: int, at: int | None) -> set[int | None]:
        index = None if at is None else row.tracks[track].nearest(at)
        return set() if index is None else {row.tracks[track].key(index)}

    def _begin_of(self, key: int | None) -> int | None:
        row = None if key is None else self._model.calls.row(key)
        return None if row is None else self._model.calls.begins[row]

    # drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = theme()
        painter.fillRect(self.rect(), look.color("bg.panel"))
        self._paint_band(painter)
        self._paint_ruler(painter)
        for top, server, row in self._places():
            if row is None:
                self._paint_server(painter, top, server)
            else:
                self._paint_row(painter, row, top, _row_height(row))
        painter.setPen(QPen(look.color("line.default"), 1))
        painter.drawLine(GUTTER, 0, GUTTER, self.height())
        if self.hasFocus():
            painter.setPen(QPen(look.color("focus"), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _paint_band(self, painter: QPainter) -> None:
        """The stretch of the current call, through all lanes."""
        row = None if self._current is None else self._model.calls.row(self._current)
        if row is None:
            return
        calls = self._model.calls
        end = calls.ends[row] if calls.ends[row] >= 0 else self._model.now
        left = max(0.0, self.viewport.x(calls.begins[row]))
        right = min(float(self.viewport.width), self.viewport.x(end))
        if right >= 0 and left <= self.viewport.width:
            band = QColor(theme().color("accent.fill"))
            band.setAlphaF(0.14)
            painter.fillRect(QRectF(GUTTER + left, _RULER, max(2.0, right - left), self.height() - _RULER), band)

    def _paint_ruler(self, painter: QPainter) -> None:
        look = theme()
        painter.fillRect(0, 0, self.width(), _RULER, look.color("bg.sunken"))
        painter.setFont(look.font("caption"))
        painter.setPen(look.color("text.muted"))
        painter.drawText(QRectF(10, 0, GUTTER - 12, _RULER), Qt.AlignmentFlag.AlignVCenter, "UTC")
        for x, label in ruler_marks(self.viewport, self._model.wall_offset_ns):
            painter.setPen(QPen(look.color("line.subtle"), 1))
            painter.drawLine(QPointF(GUTTER + x, _RULER), QPointF(GUTTER + x, self.height()))
            painter.setPen(look.color("text.muted"))
            painter.drawText(QRectF(GUTTER + x + 4, 0, 90, _RULER), Qt.AlignmentFlag.AlignVCenter, label)
        painter.setPen(QPen(look.color("line.default"), 1))
        painter.drawLine(0, _RULER - 1, self.width(), _RULER - 1)

    def _paint_server(self, painter: QPainter, top: int, server: str) -> None:
        look = theme()
        painter.fillRect(0, top, self.width(), _SERVER, look.color("bg.sunken"))
        painter.setFont(look.font("small-strong"))
        painter.setPen(look.color("text.primary"))
        title = visible(self._model.title_of(server))
        name = QFontMetricsF(painter.font()).elidedText(title, Qt.TextElideMode.ElideRight, GUTTER - 36)
        painter.drawText(QRectF(28, top, GUTTER - 32, _SERVER), Qt.AlignmentFlag.AlignVCenter, name)
        chevron = "chevron-right" if server in self._folded else "chevron-down"
        picture = look.pixmap(chevron, "text.secondary", 14, self.devicePixelRatioF())
        painter.drawPixmap(10, top + (_SERVER - 14) // 2, picture)

    def _paint_row(self, painter: QPainter, row: LaneRow, top: int, height: int) -> None:
        look = theme()
        painter.drawPixmap(
            14, top + (height - 16) // 2, look.pixmap(row.icon, "text.muted", 16, self.devicePixelRatioF())
        )
        painter.setFont(look.font("small"))
        painter.setPen(look.color("text.secondary"))
        painter.drawText(QRectF(38, top, GUTTER - 42, height), Qt.AlignmentFlag.AlignVCenter, row.title)
        painter.setPen(QPen(look.color("line.subtle"), 1))
        painter.drawLine(0, top + height - 1, self.width(), top + height - 1)
        painter.save()
        painter.setClipRect(GUTTER + 1, top, self.width() - GUTTER, height)
        for track, lane in enumerate(row.tracks):
            if row.ticks:
                self._paint_slivers(painter, lane, top + 6, height - 12)
                self._paint_tick_labels(painter, row, top)
            else:
                self._paint_track(painter, row, track, top + 4 + track * _TRACK)
        painter.restore()

    def _paint_slivers(self, painter: QPainter, lane: Lane, top: int, height: int) -> None:
        """One call of the painter for each colour: a call for each run would be most of the paint."""
        view = self.viewport
        if not len(lane):
            return
        strip = lane.strip(view.begin, view.until, view.width)
        if strip is not None:
            self._paint_strip(painter, strip, top, height)
            return
        rects: dict[int, list[QRectF]] = {}
        for first, last, tone in lane.slivers(view.begin, view.until, view.width):
            rects.setdefault(tone, []).append(QRectF(GUTTER + first, top, last - first + 1.5, height))
        painter.setPen(Qt.PenStyle.NoPen)
        for tone in sorted(rects):  # the louder one last, so that it wins a pixel
            painter.setBrush(theme().color(TONES[tone]))
            painter.drawRects(rects[tone])

    def _paint_strip(self, painter: QPainter, strip: Strip, top: int, height: int) -> None:
        """Bytes as a picture one pixel high: nothing here looks at each of them."""
        if not strip.data:
            return
        picture = QImage(strip.data, len(strip.data), 1, len(strip.data), QImage.Format.Format_Indexed8)
        picture.setColorTable(self._tone_table())
        painter.drawImage(QRectF(GUTTER + strip.left, top, strip.right - strip.left, height), picture)

    def _tone_table(self) -> list[int]:
        """A colour for each combination of tones: that of the highest."""
        if not self._table:
            colors = [theme().color(token).rgba() for token in TONES]
            self._table = [0] + [colors[value.bit_length() - 1] for value in range(1, 1 << len(TONES))]
        return self._table

    def _paint_track(self, painter: QPainter, row: LaneRow, track: int, top: int) -> None:
        view = self.viewport
        lane = row.tracks[track]
        self._paint_slivers(painter, lane, top, _BAR)
        painter.setFont(theme().font("caption"))
        plain: dict[int, list[QRectF]] = {}
        for bar in lane.bars(view.begin, view.until, max(1, 2 * view.span // view.width)):
            rect = self._bar_rect(bar, top)
            current = bar.key >= 0 and bar.key == self._current
            if rect.width() < _PLAIN and bar.end is not None and not current:
                plain.setdefault(bar.tone, []).append(rect)
            else:
                self._paint_bar(painter, bar, rect, current=current)
            if row.title == "Requests":
                self._paint_join(painter, bar, rect)
            following = lane.next_start(bar.index)
            room = GUTTER + min(float(view.width), view.x(view.until if following is None else following))
            if max(rect.width(), room - rect.right()) >= _LEAST_LABEL:
                label = self._model.label(row, track, bar.index)
                if label:
                    self._paint_label(painter, label, bar, rect, room)
        painter.setPen(Qt.PenStyle.NoPen)
        for tone, rects in plain.items():
            painter.setBrush(theme().color(TONES[tone]))
            painter.drawRects(rects)

    def _paint_tick_labels(self, painter: QPainter, row: LaneRow, top: int) -> None:
        """Words after a tick, where the next labelled one leaves room for them."""
        view, lane, labels = self.viewport, row.tracks[0], row.labels[0]
        painter.setFont(theme().font("caption"))
        painter.setPen(theme().color("text.secondary"))
        first, end = lane.between(view.begin, view.until)
        if end - first > _MOST_TICK_LABELS:
            return
        for index in range(first, end):
            label = labels.get(index)
            if not label:
                continue
            x = GUTTER + view.x(lane.bar(index).start)
            following = lane.next_start(index)
            room = GUTTER + min(float(view.width), view.x(view.until if following is None else following)) - x
            if self._width(label) + 12 <= room:
                painter.drawText(QRectF(x + 6, top, room - 6, _TICKS), Qt.AlignmentFlag.AlignVCenter, visible(label))

    def _paint_join(self, painter: QPainter, bar: Bar, rect: QRectF) -> None:
        """A dotted line from the round before."""
        calls = self._model.calls
        row = calls.row(bar.key) if bar.key >= 0 else None
        before = None if row is None or calls.previous[row] < 0 else calls.row(calls.previous[row])
        if before is None:
            return
        left = GUTTER + max(-4.0, self.viewport.x(calls.ends[before]))
        y = rect.bottom() + 1.5
        painter.setPen(QPen(theme().color("text.muted"), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(left, y - 4), QPointF(left, y))
        painter.drawLine(QPointF(left, y), QPointF(rect.left(), y))
        painter.drawLine(QPointF(rect.left(), y), QPointF(rect.left(), y - 4))

    def _width(self, label: str) -> float:
        known = self._widths.get(label)
        if known is None:
            if len(self._widths) > 5_000:
                self._widths.clear()
            metrics = QFontMetricsF(theme().font("caption"))
            known = self._widths[label] = metrics.horizontalAdvance(visible(label))
        return known

    def _bar_rect(self, bar: Bar, top: int) -> QRectF:
        end = self._model.now if bar.end is None else bar.end
        left = max(-4.0, self.viewport.x(bar.start))
        right = min(self.viewport.width + 4.0, self.viewport.x(end))
        return QRectF(GUTTER + left, top, max(2.0, right - left), _BAR)

    def _paint_bar(self, painter: QPainter, bar: Bar, rect: QRectF, *, current: bool) -> None:
        color = theme().color(TONES[bar.tone])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if bar.tone == VIOLET or (bar.end is None and bar.tone == 0):
            painter.setBrush(theme().color("human.bg") if bar.tone == VIOLET else theme().color("info.bg"))
            painter.drawRoundedRect(rect, 3, 3)
            painter.setBrush(QBrush(_faded(color), Qt.BrushStyle.BDiagPattern))
            painter.setPen(QPen(color, 1))
        else:
            painter.setBrush(color)
        painter.drawRoundedRect(rect, 3, 3)
        if current:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().color("text.primary"), 2))
            painter.drawRoundedRect(rect.adjusted(-1, -1, 1, 1), 3, 3)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_label(self, painter: QPainter, label: str, bar: Bar, rect: QRectF, room_until: float) -> None:
        box = self._label_box(label, rect, room_until)
        if box is None:
            return
        hatched = bar.tone == VIOLET or bar.end is None
        inside = rect.contains(box)
        solid = inside and not hatched
        painter.setPen(theme().color("bar.ink" if solid else "text.primary" if inside else "text.secondary"))

    def _label_box(self, label: str, rect: QRectF, room_until: float) -> QRectF | None:
        """Inside the bar if it fits, else after it if there is room before the next one, else nowhere."""
        width = self._width(label)
        if width + 8 <= rect.width():
            if rect.left() + width + 8 > room_until:
                return None  # the next one overlaps this bar: the last track takes what has no other place
            return QRectF(rect.left() + 5, rect.top(), width + 3, rect.height())
        if room_until - rect.right() >= max(_LEAST_LABEL, width + 10):
            return QRectF(rect.right() + 5, rect.top(), width + 4, rect.height())
        return None

    # inside

    def _plot_width(self) -> int:
        return max(1, self.width() - GUTTER)

    def _set_viewport(self, viewport: Viewport) -> None:
        self.viewport = viewport
        self.viewport_changed.emit()
        self.update()

    def _restyled(self) -> None:
        self._widths.clear()
        self._table = []
        self.update()

    def _rows_changed(self) -> None:
        self._rows = self._model.rows()
        self._height = self._layout_height()
        self.updateGeometry()
        self.update()

    def _model_changed(self) -> None:
        rows = self._model.rows()
        if rows != self._rows or self._layout_height() != self._height:
            self._rows_changed()
        if self._follow:
            self._set_viewport(Viewport(*self._model.extent, self._plot_width()))
        else:
            self.update()

    def _places(self) -> Iterator[tuple[int, str, LaneRow | None]]:
        """(top, server, row) of everything below the ruler; the row is None for the line with a server's name."""
        top, server = _RULER, ""
        for row in self._rows:
            if row.server != server:
                server = row.server
                yield top, server, None
                top += _SERVER
            if server not in self._folded:
                yield top, server, row
                top += _row_height(row)

    def _layout_height(self) -> int:
        bottom = _RULER
        for top, _, row in self._places():
            bottom = top + (_SERVER if row is None else _row_height(row))
        return bottom

    def fold(self, server: str) -> None:
        """Hides the lanes of a server, or shows them again."""
        self._folded ^= {server}
        self._rows_changed()

    def _server_at(self, point: QPointF) -> str | None:
        """The server on whose name a point lies."""
        lines = (server for top, server, row in self._places() if row is None and top <= point.y() < top + _SERVER)
        return next(lines, None)

    def _call_at(self, point: QPointF) -> int | None:
        for top, _, row in self._places():
            if row is not None and top <= point.y() < top + _row_height(row) and point.x() > GUTTER:
                track = min(len(row.tracks) - 1, max(0, int((point.y() - top - 4) // _TRACK)))
                index = row.tracks[track].nearest(self.viewport.at(point.x() - GUTTER))
                return None if index is None else row.tracks[track].key(index)
        return None


def _row_height(row: LaneRow) -> int:
    return _TICKS if row.ticks else 5 + _TRACK * len(row.tracks)


def _faded(color: QColor) -> QColor:
    faded = QColor(color)
    faded.setAlphaF(0.45)
    return faded
