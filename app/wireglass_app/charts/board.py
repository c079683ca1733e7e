"""The timeline as one widget: brush, lanes or their table twin, and below them one call in depth and all in numbers."""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QSplitter, QStackedWidget, QTableView, QVBoxLayout, QWidget

from wireglass.recording.filter_grammar import FilterError
from wireglass_app.background import Job
from wireglass_app.charts.depth import CallDepth, PhasesOf
from wireglass_app.charts.lanes import LanesView
from wireglass_app.charts.numbers import NumbersPane
from wireglass_app.charts.overview import Overview
from wireglass_app.controls import (
    Button,
    Elided,
    Empty,
    Label,
    SearchField,
    Segments,
    column,
    joined,
    left_to_right,
    restyle,
    surface,
)
from wireglass_app.headline import HeadLine
from wireglass_app.models.call_filter import KEYS, CallFilter, compile_calls_filter
from wireglass_app.models.call_table import CallTable
from wireglass_app.models.timeline import LaneRow, TimelineModel
from wireglass_app.moments import clock
from wireglass_app.plain import count, duration
from wireglass_app.tables import Table
from wireglass_app.theme import theme

__all__ = ["TimelineBoard"]

_NARROW = 640
_TYPING_MS = 150
_COUNT_MS = 120
"""Numbers follow the lanes at this distance, so that zooming is not held up by counting."""
_REFILTER_MS = 400


class TimelineBoard(QWidget):
    """Shows a TimelineModel. `opened` carries the key of a call whose dossier is wanted, `frames_wanted` a filter for
    the frames of the range that is shown."""

    opened = Signal(int)
    frames_wanted = Signal(str)

    def __init__(
        self,
        model: TimelineModel,
        phases_of: PhasesOf = lambda _key, spans: spans,
        tools: Sequence[QWidget] = (),
        begins: Sequence[QWidget] = (),
    ) -> None:
        """`phases_of(key, spans)` gives the waterfall of a call: the wire's own phases around what the server told.
        `tools` stand in the head too; `begins` is offered while there is no call."""
        super().__init__()
        left_to_right(self)
        self._model = model
        self.lanes = LanesView(model)
        self.overview = Overview(model)
        self.table_model = CallTable(model)
        self.table = call_table(self.table_model, "All calls")
        self.in_depth = CallDepth(model, phases_of)
        self.waterfall = self.in_depth.waterfall
        self.numbers = NumbersPane(model.title_of)
        self._job: Job | None = None
        self._good = ""
        """The last filter that could be read."""
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._counting = QTimer(self, singleShot=True, interval=_COUNT_MS)
        self._refiltering = QTimer(self, singleShot=True, interval=_REFILTER_MS)
        self._compose(tools, begins)
        self._connect()
        self._refresh()
        self._count()

    def keys_in_range(self) -> list[int]:
        """The shown calls of the range that is shown, by their keys."""
        view, calls = self.lanes.viewport, self._model.calls
        return [calls.keys_[row] for row in self._model.rows_between(view.begin, view.until)]

    def select(self, key: int) -> None:
        """Makes a call current, in lanes, waterfall and numbers."""
        self.lanes.select(key)

    # layout

    def _compose(self, more: Sequence[QWidget], begins: Sequence[QWidget]) -> None:
        self._range = Elided("", "secondary", "small")
        self.filter = SearchField("Filter calls", "Ctrl+L")
        self.filter.setMinimumWidth(150)
        self.filter.setToolTip("\n".join(f"{key}: {words}" for key, words in KEYS.items()))
        self._fault = Elided("", "bad", "small")
        self._fault.hide()
        self._passing = Label("", "muted", "small")
        self.follow = Button("Follow", icon="chevron-right", name="Follow the newest call")
        self.follow.setCheckable(True)
        self.follow.setChecked(True)
        self.mode = Segments([("lanes", "Lanes"), ("table", "Table")], "Show as")
        self.mode.remember_as = "choice"
        zoom = joined(
            ("\N{MINUS SIGN}", "Zoom out", lambda: self.lanes.zoom(0.5)),
            ("Fit", "Show the whole session", self.lanes.fit),
            ("+", "Zoom in", lambda: self.lanes.zoom(2)),
        )
        frames = Button("Frames", icon="swap", name="Show the frames of this range in Protocol", clicked=self._frames)
        head = surface(QWidget(), "panel", "bottom")
        line = HeadLine(
            Label("Timeline", type="title"),
            (self._range, self.filter, self._passing),
            (frames, *more, zoom, self.follow, self.mode),
            grows=self.filter,
            least=200,
            margins=(14, 8, 14, 8),
        )
        self._fault.setContentsMargins(14, 0, 14, 8)
        head.setLayout(column(line, self._fault, gap=0))
        self.follow.setVisible(not self._model.is_over)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(self.lanes)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        drawn = QWidget()
        drawn.setLayout(column(self.overview, scroll, gap=0))
        self._views = QStackedWidget()
        self._views.addWidget(drawn)
        self._views.addWidget(self.table)
        self._views.addWidget(
            Empty("timeline", "Calls will draw themselves here", "Run a tool, or open a session file.", begins)
        )
        below = self._below = QSplitter(Qt.Orientation.Horizontal)
        below.addWidget(self.in_depth)
        below.addWidget(self.numbers)
        below.setSizes([790, 390])
        below.setChildrenCollapsible(False)
        below.setHandleWidth(1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self._views)
        split.addWidget(below)
        split.setSizes([340, 440])
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(split, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow pane the numbers stand below the call."""
        super().resizeEvent(event)
        narrow = event.size().width() < theme().px(_NARROW)
        self._below.setOrientation(Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal)

    def _connect(self) -> None:
        self._model.changed.connect(self._refresh)
        self._model.filtered.connect(self._chosen)
        self.lanes.viewport_changed.connect(self._range_moved)
        self.lanes.selected.connect(lambda _key: self._show_selected())
        self.lanes.activated.connect(self.opened)
        self.overview.brushed.connect(self.lanes.show_range)
        self.follow.toggled.connect(self.lanes.set_follow)
        self.mode.chosen.connect(lambda _key: self._refresh())
        self.in_depth.opened.connect(self.opened)
        self.in_depth.shown_calls.connect(self._show_calls)
        self.table.selectionModel().currentRowChanged.connect(self._row_chosen)
        self.table.activated.connect(self._row_opened)
        self.numbers.chosen.connect(self.select)
        self.numbers.counted.connect(lambda: self.in_depth.show_findings(self.numbers.numbers.findings))
        self.filter.textChanged.connect(lambda _text: self._typing.start())
        self.filter.left.connect(self.lanes.setFocus)
        self._typing.timeout.connect(self.apply_filter)
        self._counting.timeout.connect(self._count)
        self._refiltering.timeout.connect(self._filter)

    # the filter

    def apply_filter(self) -> None:
        """Reads the field. A filter at fault leaves the last good one in force and says where the fault is."""
        self._typing.stop()
        text = self.filter.text()
        try:
            compile_calls_filter(text, self._model.calls, self._model.title_of)
        except FilterError as fault:
            quoted = text[fault.start : fault.end]
            self._fault.setText(f"At {fault.start + 1}, “{quoted}”: {fault.message} The last good filter stays.")
            self._fault.show()
            restyle(self.filter, state="error")
            return
        self._fault.hide()
        restyle(self.filter, state="")
        self._good = text
        self._filter()

    def _filter(self) -> None:
        self._refiltering.stop()
        passing = compile_calls_filter(self._good, self._model.calls, self._model.title_of)
        if passing is None:
            if self._job is not None:
                self._job.stop()
            self._model.choose(None)
        elif self._job is None or self._job.finished or self._job.stopped:
            self._job = Job(self._filtering(passing), self, self._take_filtered, self._filter_done)
        else:
            self._refiltering.start()

    def _filtering(self, passing: CallFilter) -> Iterator[tuple[bytes, list[LaneRow]]]:
        shown = passing()
        yield shown, self._model.filtered_rows(shown)

    def _take_filtered(self, found: tuple[bytes, list[LaneRow]]) -> None:
        self._model.take_filtered(*found)

    def _filter_done(self) -> None:
        if len(self._model.shown or b"") < len(self._model.calls):
            self._refiltering.start()

    def _chosen(self) -> None:
        shown = self._model.shown
        total = len(self._model.calls)
        self._passing.setText("" if shown is None else f"{count(sum(shown))} of {count(total)}")
        if self.mode.current() == "table":
            self.table_model.choose()
        self.overview.update()
        self._counting.start()

    # what is shown

    def _refresh(self) -> None:
        calls = self._model.calls
        table = self.mode.current() == "table"
        self._views.setCurrentIndex(2 if not len(calls) else 1 if table else 0)
        if table:
            self.table_model.take_new()
        if self._model.shown is not None and len(self._model.shown) < len(calls) and not self._refiltering.isActive():
            self._refiltering.start()
        self._range_moved()
        if self.lanes.current is None and len(calls):
            self.lanes.select(calls.keys_[-1])
        else:
            self._show_selected()

    def _range_moved(self) -> None:
        view = self.lanes.viewport
        self.overview.set_brush(view.begin, view.until)
        self.follow.setChecked(self.lanes.follow)
        offset = self._model.wall_offset_ns
        first, last = (f"{clock((at + offset) / 1e9)}" for at in (view.begin, view.until))
        words = f"{first} to {last} · {duration(view.span / 1e6)}"
        self._range.setText(words if len(self._model.calls) else "")
        if not self._counting.isActive():
            self._counting.start()

    def _count(self) -> None:
        view = self.lanes.viewport
        rows = self._model.rows_between(view.begin, view.until)
        self.numbers.show_calls(self._model.calls, rows, self.lanes.current)

    def _frames(self) -> None:
        view, offset = self.lanes.viewport, self._model.wall_offset_ns
        self.frames_wanted.emit(f"time:{_precise(view.begin + offset)}-{_precise(view.until + offset)}")

    def _show_selected(self) -> None:
        self.in_depth.show_call(self.lanes.current)
        self._counting.start()

    def _row_chosen(self, index: QModelIndex) -> None:
        call = self.table_model.call(index.row()) if 0 <= index.row() < self.table_model.rowCount() else None
        if call is not None:
            self.lanes.select(call.key)

    def _row_opened(self, index: QModelIndex) -> None:
        call = self.table_model.call(index.row())
        if call is not None:
            self.opened.emit(call.key)

    def _show_calls(self, keys: Sequence[int]) -> None:
        """The calls that a finding is about: all of them in sight, the first one current."""
        rows = [found for key in keys if (found := self._model.calls.row(key)) is not None]
        if not rows:
            return
        calls = self._model.calls
        begin = min(calls.begins[at] for at in rows)
        until = max(calls.ends[at] if calls.ends[at] >= 0 else self._model.now for at in rows)
        margin = max(1_000_000, (until - begin) // 20)
        self.lanes.select(calls.keys_[rows[0]])
        self.lanes.show_range(begin - margin, until + margin)


def call_table(model: CallTable, name: str) -> QTableView:
    """A table in the house's manner: whole rows, fixed heights, sorted by a click on a header."""
    table = Table(model, name, (120, 140, 150, 240, 130, 100, 140), grows=3)
    table.setSortingEnabled(True)
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    return table


def _precise(wall_ns: int) -> str:
    """The time of day to the microsecond."""
    return f"{clock(wall_ns // 10**9)}.{wall_ns % 10**9 // 1000:06}"
