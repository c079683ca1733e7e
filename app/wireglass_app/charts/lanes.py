"""The lanes of the timeline: ruler, one row per kind of event and server, bars merged per pixel.

One focusable widget. Left and Right walk the calls, Up and Down the lanes, plus and minus zoom, 0 fits, Home and End
jump, Space folds the server's lanes, Return opens. The current item is the widget's accessible description.
"""

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from wireglass_app.charts.lane_painting import LanePainting, row_height
from wireglass_app.charts.sizes import gutter, server_height, track_height
from wireglass_app.charts.viewport import Viewport
from wireglass_app.models.timeline import LaneRow, TimelineModel
from wireglass_app.plain import duration, visible

__all__ = ["LanesView"]


class LanesView(LanePainting):
    """Draws a TimelineModel between `viewport.begin` and `viewport.until`."""

    viewport_changed = Signal()
    selected = Signal(int)
    """Key of the call that became current."""
    activated = Signal(int)
    """Return or a double click on a call."""

    def __init__(self, model: TimelineModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self._height = 0
        self._follow = True
        self._drag_from: QPointF | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Timeline lanes")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        model.changed.connect(self._model_changed)
        model.filtered.connect(self._rows_changed)
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
        seen = self.seen
        self._set_viewport(self.viewport.zoomed(factor, around, self._model.extent))
        self.glide.start(seen)

    def fit(self) -> None:
        """The whole session."""
        seen = self.seen
        self._set_viewport(Viewport(*self._model.extent, self._plot_width()))
        self.glide.start(seen)

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
        return QSize(gutter() + 200, max(100, self._layout_height()))

    # events

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.viewport = Viewport(self.viewport.begin, self.viewport.until, self._plot_width())

    def _restyled(self) -> None:
        super()._restyled()
        self.viewport = Viewport(self.viewport.begin, self.viewport.until, self._plot_width())

    def wheelEvent(self, event: QWheelEvent) -> None:
        step = event.angleDelta().y() / 120
        sideways = event.angleDelta().x() / 120
        self._follow = False
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            around = self.viewport.at(event.position().x() - gutter())
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

    # inside

    def _plot_width(self) -> int:
        return max(1, self.width() - gutter())

    def _set_viewport(self, viewport: Viewport) -> None:
        self.glide.stop()
        self.viewport = viewport
        self.viewport_changed.emit()
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

    def fold(self, server: str) -> None:
        """Hides the lanes of a server, or shows them again."""
        self._folded ^= {server}
        self._rows_changed()

    def _server_at(self, point: QPointF) -> str | None:
        """The server on whose name a point lies."""
        lines = (
            server for top, server, row in self._places() if row is None and top <= point.y() < top + server_height()
        )
        return next(lines, None)

    def _call_at(self, point: QPointF) -> int | None:
        for top, _, row in self._places():
            if row is not None and top <= point.y() < top + row_height(row) and point.x() > gutter():
                track = min(len(row.tracks) - 1, max(0, int((point.y() - top - 4) // track_height())))
                index = row.tracks[track].nearest(self.viewport.at(point.x() - gutter()))
                return None if index is None else row.tracks[track].key(index)
        return None
