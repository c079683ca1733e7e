"""The timeline as one widget: brush, lanes or their table twin, and below them one call in depth and all in numbers."""

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHeaderView, QScrollArea, QSplitter, QStackedWidget, QTableView, QVBoxLayout, QWidget

from wireglass.recording.insights import CallTime, findings
from wireglass_app.charts.lanes import LanesView
from wireglass_app.charts.numbers import NumbersPane
from wireglass_app.charts.overview import Overview
from wireglass_app.charts.waterfall import WaterfallView
from wireglass_app.controls import Button, Chip, Elided, Empty, Label, Notice, Rule, Segments, column, row, surface
from wireglass_app.models.call_table import CallTable
from wireglass_app.models.timeline import TimelineModel
from wireglass_app.plain import duration, visible

__all__ = ["TimelineBoard"]

_MOST_FINDINGS = 3


class TimelineBoard(QWidget):
    """Shows a TimelineModel. `opened` carries the key of a call whose dossier is wanted; `range_changed` the brush."""

    opened = Signal(int)
    range_changed = Signal(object, object)

    def __init__(self, model: TimelineModel) -> None:
        super().__init__()
        self._model = model
        self.lanes = LanesView(model)
        self.overview = Overview(model)
        self.table_model = CallTable(model.wall_offset_ns, model.title_of)
        self.table = call_table(self.table_model, "All calls")
        self.waterfall = WaterfallView()
        self.numbers = NumbersPane()
        self._compose()
        self._connect()
        self._refresh()

    def select(self, key: int) -> None:
        """Makes a call current, in lanes, waterfall and numbers."""
        self.lanes.select(key)

    # layout

    def _compose(self) -> None:
        self._range = Label("", "secondary", "small")
        self.follow = Button("Follow", icon="chevron-right", name="Follow the newest call")
        self.follow.setCheckable(True)
        self.follow.setChecked(True)
        self.mode = Segments([("lanes", "Lanes"), ("table", "Table")], "Show as")
        zoom_out = Button("\N{MINUS SIGN}", name="Zoom out", clicked=lambda: self.lanes.zoom(0.5))
        fit = Button("Fit", name="Show the whole session", clicked=self.lanes.fit)
        zoom_in = Button("+", name="Zoom in", clicked=lambda: self.lanes.zoom(2))
        head = surface(QWidget(), "panel", "bottom")
        title = Label("Timeline", type="title")
        tools = (zoom_out, fit, zoom_in, 8, self.follow, 8, self.mode)
        head.setLayout(row(title, self._range, None, *tools, gap=6, margins=(14, 8, 14, 8)))
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
            Empty("timeline", "Calls will draw themselves here", "Run a tool, or open a session file.")
        )
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self._views)
        split.addWidget(self._depth())
        split.setSizes([340, 440])
        split.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(split, 1)

    def _depth(self) -> QWidget:
        self._name = Elided("", type="strong")
        self._name.setMinimumWidth(160)
        self._outcome = Chip("")
        self._work = Label("", type="strong")
        self._waited = Label("", "human", "small")
        self.open_call = Button("Open call", name="Open the selected call")
        self.open_call.set_key("Return")
        head = row(self._name, self._outcome, self._work, self._waited, None, self.open_call, margins=(12, 8, 12, 8))
        head.setStretch(0, 1)
        self._no_spans = Empty("bars", "No spans", "")
        self._chain = QStackedWidget()
        self._chain.addWidget(self.waterfall)
        self._chain.addWidget(self._no_spans)
        self._notices = [Notice("warn", icon="warning") for _ in range(_MOST_FINDINGS)]
        told = column(*self._notices, gap=8, margins=(12, 10, 12, 12))
        left = surface(QWidget(), "panel")
        left.setLayout(column(head, Rule(), self._chain, told, gap=0))
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(left)
        split.addWidget(self.numbers)
        split.setSizes([790, 390])
        split.setChildrenCollapsible(False)
        return split

    def _connect(self) -> None:
        self._model.changed.connect(self._refresh)
        self.lanes.viewport_changed.connect(self._range_moved)
        self.lanes.selected.connect(lambda _key: self._show_selected())
        self.lanes.activated.connect(self.opened)
        self.overview.brushed.connect(self.lanes.show_range)
        self.follow.toggled.connect(self.lanes.set_follow)
        self.mode.chosen.connect(lambda _key: self._refresh())
        self.open_call.clicked.connect(lambda: self.lanes.current is not None and self.opened.emit(self.lanes.current))
        self.table.selectionModel().currentRowChanged.connect(self._row_chosen)
        self.table.activated.connect(lambda index: self.opened.emit(self.table_model.items[index.row()].key))
        self.numbers.chosen.connect(self.select)

    # what is shown

    def _refresh(self) -> None:
        calls = list(self._model.calls.values())
        if not calls:
            self._views.setCurrentIndex(2)
        else:
            self._views.setCurrentIndex(1 if self.mode.current() == "table" else 0)
        if self.mode.current() == "table":
            self.table_model.show(calls)
        self._range_moved()
        if self.lanes.current is None and calls:
            self.lanes.select(calls[-1].key)
        else:
            self._show_selected()

    def _range_moved(self) -> None:
        view = self.lanes.viewport
        self.overview.set_brush(view.begin, view.until)
        self.follow.setChecked(self.lanes.follow)
        offset = self._model.wall_offset_ns
        first, last = (f"{_utc(at + offset):%H:%M:%S}" for at in (view.begin, view.until))
        self._range.setText(f"{first} - {last} · {duration(view.span / 1e6)}" if self._model.calls else "")
        self.numbers.show(self._calls_in_range())
        self.range_changed.emit(view.begin, view.until)

    def _calls_in_range(self) -> Sequence[CallTime]:
        return self._model.calls_between(self.lanes.viewport.begin, self.lanes.viewport.until)

    def _show_selected(self) -> None:
        call = self._model.calls.get(self.lanes.current) if self.lanes.current is not None else None
        self.open_call.setEnabled(call is not None)
        self._name.setText("No call selected" if call is None else visible(call.name))
        for part in (self._outcome, self._work):
            part.setVisible(call is not None)
        self._waited.setVisible(call is not None and call.human_ns > 0)
        if call is not None:
            self._show_facts(call)
        self._show_spans(call)
        self._show_findings(call)

    def _show_facts(self, call: CallTime) -> None:
        kind, text = (
            ("info", "Running") if call.end_ns is None else ("bad", "Failed") if call.failed else ("ok", "Complete")
        )
        self._outcome.setText(text)
        self._outcome.set_kind(kind)
        work = call.work_ns
        self._work.setText("" if work is None else f"{duration(work / 1e6)} work")
        self._waited.setText(f"{duration(call.human_ns / 1e6)} waiting for you, not counted")

    def _show_spans(self, call: CallTime | None) -> None:
        spans = call.spans if call is not None else ()
        self._chain.setCurrentIndex(0 if spans else 1)
        self.waterfall.show_spans(spans)
        reason = "Select a call above." if call is None else "This server did not report its chain for this call."
        self._no_spans.text.setText(reason)

    def _show_findings(self, call: CallTime | None) -> None:
        found = findings(call, self._calls_in_range(), most=len(self._notices))
        for number, notice in enumerate(self._notices):
            notice.setVisible(number < len(found))
            if number < len(found):
                notice.text.setText(f"{found[number].title}. {found[number].text}")

    def _row_chosen(self, index: object) -> None:
        row_number = index.row()  # type: ignore[attr-defined]  # a QModelIndex; the signal's stub says object
        if 0 <= row_number < len(self.table_model.items):
            self.lanes.select(self.table_model.items[row_number].key)


def call_table(model: CallTable, name: str) -> QTableView:
    """A table in the house's manner: whole rows, fixed heights, sorted by a click on a header."""
    table = QTableView()
    table.setModel(model)
    table.setAccessibleName(name)
    table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
    table.setSortingEnabled(True)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(26)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    table.horizontalHeader().setStretchLastSection(True)
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    return table


def _utc(wall_ns: int) -> datetime:
    return datetime.fromtimestamp(wall_ns / 1e9, UTC)
