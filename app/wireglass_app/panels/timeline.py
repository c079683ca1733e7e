"""Timeline: every server's calls, waits, notifications and logs over time, and where the time of one call went."""

from collections.abc import Sequence
from time import perf_counter_ns
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from wireglass.recording.entries import Entry
from wireglass_app.charts.board import TimelineBoard
from wireglass_app.controls import column
from wireglass_app.models.timeline import TimelineModel
from wireglass_app.models.timeline_feed import TimelineFeed
from wireglass_app.panels.base import Desk, Panel, PanelSpec

__all__ = ["SPEC", "TimelinePanel"]

_CHUNK = 1000
"""Entries taken in one go: some 10 ms of work, so that a long recording opens without holding up the window."""
_GROWTH_MS = 250
_PACE_MS = 100
"""A live timeline moves ten times a second."""


class TimelinePanel(Panel):
    """Pulls entries from the ledger at its own pace, from the first one on."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        ledger = desk.workbench.ledger
        self._ledger = ledger
        self._taken = 0
        self._names: dict[str, str] = {}
        self.model = TimelineModel(ledger.wall_time_ns(0), self, title_of=self._server_name)
        self._feed = TimelineFeed(self.model)
        self.board = TimelineBoard(self.model)
        self.setLayout(column(self.board, gap=0))
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._pull)
        self._growth = QTimer(self, interval=_GROWTH_MS)
        self._growth.timeout.connect(lambda: self.model.advance(perf_counter_ns()))
        self.board.opened.connect(self._open_call)
        desk.workbench.entries_added.connect(self._wake)
        self._timer.start()

    def show_item(self, **facts: Any) -> None:
        """`exchange` selects a call by its number in the ledger."""
        number = facts.get("exchange")
        if isinstance(number, int):
            self._pull_all()
            self.board.select(number)

    def enter(self) -> None:
        self.board.lanes.setFocus()

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
        return [self.board.overview, self.board.lanes, self.board.waterfall, self.board.numbers]

    def _wake(self, *_facts: object) -> None:
        if not self._timer.isActive():
            self._timer.start(_PACE_MS)

    def _pull(self) -> None:
        if self._take(_CHUNK):
            self._timer.start(0)

    def _pull_all(self) -> None:
        while self._take(_CHUNK):
            pass

    def _take(self, most: int) -> bool:
        """Takes up to `most` entries; whether more are there."""
        entries = self._ledger.entries
        if not len(entries):
            return False
        first = entries[0].seq
        begin = max(0, self._taken - first)
        batch: Sequence[Entry] = entries[begin : begin + most]
        if batch:
            self._taken = batch[-1].seq + 1
            self._feed.take(batch)
        return self._taken < first + len(entries)

    def _server_name(self, connection: str) -> str:
        session = self.desk.workbench.session_of(connection)
        if session is not None:
            self._names[connection] = session.name
        return self._names.get(connection, connection)

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


SPEC = PanelSpec("timeline", "Timeline", "timeline", "session", TimelinePanel, shortcut="Ctrl+6", strip=False)
