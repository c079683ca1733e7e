"""Timeline: every server's calls, waits, notifications and logs over time, and where the time of one call went."""

from collections.abc import Sequence
from itertools import pairwise
from time import perf_counter, perf_counter_ns
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from wireglass.protocol.messages import Span
from wireglass.recording.entries import Exchange
from wireglass.recording.phases import with_wire
from wireglass_app.charts.board import TimelineBoard
from wireglass_app.controls import column
from wireglass_app.frameview.exporting import CallsExport
from wireglass_app.models.timeline import Rounds, TimelineModel
from wireglass_app.models.timeline_feed import TimelineFeed
from wireglass_app.panels.base import Desk, Panel
from wireglass_app.panels.open_file import OpenFile
from wireglass_app.recording import masker_of

__all__ = ["TimelinePanel"]

_CHUNK = 250
_GO_S = 0.008
"""How long one go of taking frames may last, so that a long recording opens without holding up the window."""
_GROWTH_MS = 250
_PACE_MS = 100
"""A live timeline moves ten times a second."""
_FAULTS = {
    "error": "Refused by the server",
    "tool error": "The tool reported an error",
    "cancelled": "Stopped",
}


class TimelinePanel(Panel):
    """Pulls frames from the ledger at its own pace, from the first one on."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAccessibleName("Timeline")
        ledger = desk.workbench.ledger
        self._ledger = ledger
        self._taken = 0
        self._events = 0
        self._told = 0.0
        self.model = TimelineModel(
            ledger.wall_time_ns(0), self, title_of=desk.workbench.server_name, spans_of=self._reported_spans
        )
        if not desk.workbench.recording.opened:
            self.model.state_of = self._server_state
        self.model.fault_of = self._fault
        self.model.rounds_of = self._rounds
        self.model.is_over = desk.workbench.recording.opened
        self._feed = TimelineFeed(self.model, ledger)
        self.export = CallsExport(
            ledger,
            lambda: masker_of(desk.workbench.recording),
            desk.workbench.server_name,
            self._waterfall,
            lambda: self.board.lanes.current,
            lambda: self.board.keys_in_range(),
            desk.announce,
        )
        self.board = TimelineBoard(self.model, self._phases, (self.export,), (OpenFile(desk),))
        self.setLayout(column(self.board, gap=0))
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._pull)
        self._growth = QTimer(self, interval=_GROWTH_MS)
        self._growth.timeout.connect(lambda: self.model.advance(perf_counter_ns()))
        self.board.opened.connect(self._open_call)
        self.board.overview.brushed.connect(lambda begin, until: desk.workbench.brush((begin, until)))
        self.board.lanes.viewport_changed.connect(self._brush_moved)
        self.board.frames_wanted.connect(lambda text: desk.go("frames", text=text))
        desk.workbench.entries_added.connect(self._wake)
        desk.workbench.recording.forgotten.connect(self._begin_anew)
        self._timer.start()

    def show_item(self, **facts: Any) -> None:
        """`exchange` selects a call by its number in the ledger."""
        number = facts.get("exchange")
        if isinstance(number, int):
            while self._take():
                pass
            self.board.select(number)

    def enter(self) -> None:
        self.board.lanes.setFocus()

    def focus_filter(self) -> None:
        self.board.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.board.filter.selectAll()

    @property
    def growing(self) -> bool:
        """Whether open bars are let grow now; those of a recording have ended for good."""
        return self._growth.isActive()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self.desk.workbench.recording.opened:
            self._growth.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._growth.stop()

    def regions(self) -> list[QWidget]:
        board = self.board
        return [board.filter, board.overview, board.lanes, board.table, board.waterfall, board.numbers]

    def _brush_moved(self) -> None:
        """A brush goes with the lanes when they are zoomed or moved; the whole session, or the newest, is none."""
        bench, view = self.desk.workbench, self.board.lanes.viewport
        if bench.brushed is None or bench.brushed == (view.begin, view.until):
            return
        begin, until = self.model.extent
        whole = view.begin <= begin and view.until >= until
        bench.brush(None if whole or self.board.lanes.follow else (view.begin, view.until))

    # filling

    def _wake(self, *_arrived: object) -> None:
        if not self._timer.isActive():
            self._timer.start(_PACE_MS)

    def _pull(self) -> None:
        if self._take():
            self._timer.start(0)

    def _begin_anew(self) -> None:
        """The ring has let the oldest frames go."""
        self._taken = self._events = 0
        self.model.clear()
        self._feed = TimelineFeed(self.model, self._ledger)
        self._timer.start(0)

    def _take(self) -> bool:
        """Takes frames for a few milliseconds; whether there are more."""
        until = perf_counter() + _GO_S
        entries = self._ledger.entries
        first = self._ledger.columns.first
        end = first + len(entries)
        self._taken = max(self._taken, first)
        while self._taken < end and perf_counter() < until:
            stop = min(end, self._taken + _CHUNK)
            for seq in range(self._taken, stop):
                self._feed.take_one(seq)
            self._taken = stop
        events = self._ledger.events
        if self._events > len(events):  # the oldest were forgotten
            self._events = len(events)
        more = self._taken < end
        heard = self._ledger.columns.at_ns[self._taken - 1 - first] if more and self._taken > first else None
        for event in events[self._events :]:
            if heard is not None and event.at_ns > heard:  # what came after it has its turn with its frames
                break
            self._feed.take_event(event)
            self._events += 1
        now = perf_counter()
        if not more or now - self._told > _PACE_MS / 1000:  # drawing costs more than taking
            self._told = now
            self.model.changed.emit()
        return more

    # facts

    def _reported_spans(self, key: int) -> Sequence[Span]:
        exchange = self._ledger.exchange(key)
        try:
            return () if exchange is None else exchange.spans
        except LookupError:
            return ()

    def _phases(self, key: int, spans: Sequence[Span]) -> Sequence[Span]:
        exchange = self._ledger.exchange(key)
        try:
            return spans if exchange is None else self._waterfall(exchange, spans)
        except LookupError:
            return spans

    def _waterfall(self, exchange: Exchange, spans: Sequence[Span] | None = None) -> Sequence[Span]:
        """What the wire tells around the server's spans. Raises LookupError when the recording has lost the frames."""
        http = self._feed.http.get((exchange.connection, exchange.request.channel))
        return with_wire(exchange, exchange.spans if spans is None else spans, http)

    def _fault(self, key: int) -> str:
        exchange = self._ledger.exchange(key)
        return _FAULTS.get("" if exchange is None else exchange.status, "Ended without a result")

    def _rounds(self, key: int) -> Rounds:
        exchange = self._ledger.exchange(key)
        if exchange is None:
            return Rounds()
        rounds = exchange.rounds
        waits = (
            later.asked_ns - earlier.answer.at_ns for earlier, later in pairwise(rounds) if earlier.answer is not None
        )
        asked = exchange.status == "input required"
        return Rounds(rounds.index(exchange) + 1, len(rounds), asked, sum(max(0, wait) for wait in waits))

    def _server_state(self, connection: str) -> str:
        """As the marks of the navigation: whether it can be called now."""
        session = self.desk.workbench.session_of(connection)
        return "text.muted" if session is None or not session.usable else "ok.text"

    def _open_call(self, key: int) -> None:
        exchange = self._ledger.exchange(key)
        if exchange is None:
            return
        session = self.desk.workbench.session_of(exchange.connection)
        calls = [] if session is None else session.calls
        call = next((call for call in calls if session and exchange in session.exchanges_of(call)), None)
        if call is not None and exchange.method == "tools/call":
            self.desk.go("tools", session=session, call=call)
        else:
            self.desk.go("frames", seq=exchange.request.seq)
