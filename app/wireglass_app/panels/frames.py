"""Protocol: every frame of every server in one table, filtered, judged, explained, sent again."""

import contextlib
from functools import cached_property
from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QSplitter,
    QStackedWidget,
    QTableView,
    QWidget,
)

from wireglass.errors import WireglassError
from wireglass.recording.entries import Entry
from wireglass.recording.events import SessionEvent
from wireglass.recording.masking import Masker
from wireglass_app.background import Job
from wireglass_app.controls import Button, Empty, Segments, column, tool_button
from wireglass_app.following import Follow, Seldom
from wireglass_app.frameview.brushed import BrushChip
from wireglass_app.frameview.composer import Composer
from wireglass_app.frameview.detail import FrameDetail, partner_of
from wireglass_app.frameview.exporting import ExportButton
from wireglass_app.frameview.filter_field import FilterField
from wireglass_app.frameview.filter_head import FilterHead
from wireglass_app.frameview.gaps import AwayLine
from wireglass_app.frameview.painting import FrameDelegate
from wireglass_app.frameview.saved_filters import SavedFilters
from wireglass_app.frameview.seen import seen
from wireglass_app.frameview.source import line_of, lines_around
from wireglass_app.models.frames import FramesModel
from wireglass_app.panels.base import Desk, Panel
from wireglass_app.panels.open_file import OpenFile
from wireglass_app.plain import count, counted
from wireglass_app.recording import masker_of
from wireglass_app.server_session import ServerSession
from wireglass_app.tables import Table
from wireglass_app.theme import set_icon, theme

__all__ = ["FramesPanel"]

_WIDTHS = (56, 124, 66, 30, 110, 240, 56, 130, 92, 120)
_MESSAGE = 5
_COMPOSER = 220
"""Design pixels that it has at first."""


class FramesPanel(Panel):
    """The table above, the chosen frame below."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        bench = desk.workbench
        self.model = FramesModel(bench.ledger, bench.server_name, self)
        self.filter = FilterField(bench.ledger)
        self.table = self._make_table()
        self.mode = Segments((("frames", "Frames"), ("calls", "Calls")), "One row a")
        self.mode.chosen.connect(self._mode_chosen)
        self.saved = SavedFilters(desk.settings)
        self.detail = FrameDetail(lambda text: self._masker().text(text), self._http_of)
        self._counting: Job | None = None
        self._follow = Follow(self.table)
        self._live = Seldom(self._take_new, self)
        self._pause = Button("Pause", icon="pause", clicked=self._toggle_pause)
        self.export = ExportButton(
            bench.ledger,
            self._masker,
            bench.server_name,
            lambda: self.detail.entry,
            lambda: self.model.numbers,
            desk.announce,
        )
        self.away = AwayLine("frames")
        self.brushed = BrushChip(bench.ledger.wall_time_ns)
        self.brushed.cleared.connect(lambda: bench.brush(None))
        self.brushed.settled.connect(self._within)
        bench.brush_changed.connect(self.brushed.show_range)
        self._paused = False
        self._lay_out()
        self.filter.changed.connect(self._filter)
        self.filter.left.connect(self.table.setFocus)
        self.model.filtered.connect(self._filtered)
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self.detail.next_wanted.connect(lambda: self.step_problem(True))
        self.detail.edit_wanted.connect(self.compose)
        self.detail.frame_wanted.connect(lambda seq: self.show_item(seq=seq))
        bench.entries_added.connect(self._added)
        bench.recording.forgotten.connect(self.model.forget)
        bench.verdicts.judged.connect(self._judged)
        bench.session_changed.connect(self._show_state)
        bench.removed.connect(self._show_state)
        self.mode.set_current(desk.settings.get("frames.mode", "frames"))
        self.model.set_folded(self.mode.current() == "calls")
        self._show_count()
        self._show_state()
        self.brushed.show_range(bench.brushed)
        kept = desk.settings.get("frames.filter", "")
        if isinstance(kept, str) and kept and not bench.recording.opened:
            self.filter.set_text(kept)

    def _make_table(self) -> QTableView:
        table = Table(self.model, "Frames", _WIDTHS, grows=_MESSAGE)
        table.setItemDelegate(FrameDelegate(self.model, table))
        return table

    def _lay_out(self) -> None:
        self.composing = tool_button("edit", "Compose a message", clicked=lambda: self.compose(fresh=True))
        for one in (self.composing, self.detail.edit):  # a recording has nobody to send to
            one.setEnabled(not self.desk.workbench.recording.opened)
        self.head = FilterHead(
            *("Protocol", self.filter, self.brushed, self.saved),
            *(self.mode, self._pause, self.export, self.composing),
            applied=lambda: self.model.filter_text,
            say=self.desk.announce,
        )
        self.name_bar = self.head.name_bar
        self._empty = Empty(
            "swap",
            "No frame has crossed yet",
            "Open a server and call something: every message appears here, also what is no message.",
            [OpenFile(self.desk)],
        )
        clear = Button("Clear the filter", key="Esc", clicked=self._show_all)
        self._hidden = Empty("filter", "No frame passes the filter", "", [clear])
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._hidden)
        self._stack.addWidget(self.table)
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        above = QWidget()
        above.setLayout(column(self._stack, self.away, gap=0))
        self._splitter.addWidget(above)
        self._splitter.addWidget(self.detail)
        self._splitter.setSizes([theme().px(340), theme().px(340)])
        lines = column(self.head, self._splitter, gap=0)
        lines.setStretch(1, 1)
        self.setLayout(lines)

    # -- arrivals --------------------------------------------------------------------------------------------------

    def _added(self, *_facts: Any) -> None:
        self._live.ask()

    def _take_new(self) -> None:
        if not self._paused:
            with self._follow.arriving():
                self.model.take_new()
        self._show_count()

    def _toggle_pause(self) -> None:
        self._paused = not self._paused
        self._pause.setText("Go on" if self._paused else "Pause")
        set_icon(self._pause, "play" if self._paused else "pause")
        self._live.ask()
        self._live.now()

    def _judged(self, numbers: list[int]) -> None:
        self.model.judged(numbers)
        entry = self.detail.entry
        if entry is not None and entry.seq in numbers:
            self.detail.show_entry(entry)

    def _show_state(self, *_facts: object) -> None:
        """A server that is gone leaves its frames as they are."""
        bench = self.desk.workbench
        self.away.show_sessions([] if bench.recording.opened else bench.sessions)

    # -- filter ----------------------------------------------------------------------------------------------------

    def _mode_chosen(self, mode: str) -> None:
        if self.model.folded == (mode == "calls"):
            return
        self.desk.settings.set("frames.mode", mode)
        self.filter.show_count("folding")
        self.model.set_folded(mode == "calls")

    def keep_filter(self) -> None:
        """Ctrl+Shift+L: keeps the filter under a name."""
        self.head.keep()

    def _show_all(self) -> None:
        """Neither a filter nor a stretch of time hides anything."""
        self.filter.set_text("")
        self.desk.workbench.brush(None)
        self.model.set_stretch(None)
        self.table.setFocus()

    def _filter(self, text: str) -> None:
        self.desk.settings.set("frames.filter", text)
        self.filter.show_count("filtering")
        self.model.set_filter(text)

    def _within(self, stretch: tuple[int, int] | None) -> None:
        """The Timeline's brush, which the filter comes on top of."""
        self.model.set_stretch(stretch)

    def _filtered(self) -> None:
        entry = self.detail.entry
        row = self.model.row_for(entry.seq) if entry is not None else None
        if row is not None:
            self.table.selectRow(row)
        else:
            self.table.scrollToBottom()
        self._show_count()

    def _show_count(self) -> None:
        shown, total = self.model.rowCount(), self.model.total
        if self.model.folded:
            self.filter.show_count(f"{counted(shown, 'row')} of {counted(total, 'frame')}")
        else:
            filtered = self.model.filter_text.strip() or self.desk.workbench.brushed
            self.filter.show_count(f"{count(shown)} of {count(total)}" if filtered else count(total))
        self._hidden.text.setText(f"It hides {'the one frame' if total == 1 else f'all {count(total)} frames'}.")
        self._stack.setCurrentWidget(self._empty if not total else self.table if shown else self._hidden)
        self.detail.setVisible(bool(total))

    # -- the chosen frame ------------------------------------------------------------------------------------------

    def _chosen(self, current: QModelIndex, _before: QModelIndex) -> None:
        if not current.isValid():
            return
        try:
            entry = self.model.entry(current.row())
            other = partner_of(entry)
        except LookupError:
            self.detail.show_entry(None)
            return
        self.model.set_partner(other.seq if other is not None else None)
        self._show_entry(entry)

    def _show_entry(self, entry: Entry) -> None:
        if self._counting is not None:
            self._counting.stop()
        self.detail.show_entry(entry)
        violation = self.detail.verdict.current
        if violation is None:
            return
        session = self.desk.workbench.session_of(entry.connection)
        place = line_of(entry, session.target.spec) if session is not None else None
        self.detail.verdict.show_code(place, lines_around(place) if place is not None else None)
        self._counting = Job(seen(self.model.ledger, entry, violation), self, self.detail.verdict.show_seen)

    def _masker(self) -> Masker:
        return masker_of(self.desk.workbench.recording)

    def _http_of(self, entry: Entry) -> SessionEvent | None:
        """The HTTP exchange that carried the request of a frame's call."""
        request = entry.exchange.request if entry.exchange is not None else entry
        if request.http is None:
            return None
        for event in reversed(self.model.ledger.events):
            if event.kind == "http" and event.connection == request.connection:
                if event.facts.get("channel") == request.channel:
                    return event
                if (event.until_ns or event.at_ns) < request.at_ns:
                    return None
        return None

    def show_timing(self) -> None:
        self.detail.show_timing()

    def copy_result(self) -> None:
        """Ctrl+Shift+C: the frame as JSON, masked."""
        if self.detail.entry is not None:
            self.export.copy([self.detail.entry])

    def show_item(self, *, seq: int | None = None, text: str | None = None, **_facts: Any) -> None:
        """`seq`: this frame, with the filter cleared if it hides it. `text`: this filter."""
        if text is not None:
            self.filter.set_text(text)
        if seq is None:
            return
        if self.model.row_for(seq) is None:
            self.filter.set_text("")
            self.desk.workbench.brush(None)
            self.model.set_stretch(None)
        row = self.model.row_for(seq)
        if row is not None and self.model.folded:
            self._show_folded(seq, row)
        elif row is not None:
            self.table.selectRow(row)
            self.table.scrollTo(self.model.index(row, 0), QAbstractItemView.ScrollHint.PositionAtCenter)
            self.table.setFocus()

    def _show_folded(self, seq: int, row: int) -> None:
        """The call's row, with the frame that was asked for below."""
        self.table.selectRow(row)
        self.table.scrollTo(self.model.index(row, 0), QAbstractItemView.ScrollHint.PositionAtCenter)
        self.table.setFocus()
        with contextlib.suppress(LookupError):
            self._show_entry(self.model.ledger.entry(seq))

    def bookmark(self) -> dict[str, Any]:
        return {"seq": self.detail.entry.seq} if self.detail.entry is not None else {}

    def step(self, forward: bool) -> None:
        row = self.table.currentIndex().row() + (1 if forward else -1)
        if 0 <= row < self.model.rowCount():
            self.table.selectRow(row)

    def step_problem(self, forward: bool) -> bool:
        """F8: the next frame at fault among those shown, round the end."""
        ledger = self.desk.workbench.ledger
        at_fault = sorted(seq for seq in {*ledger.violations, *ledger.errors} if self.model.row_for(seq) is not None)
        if not at_fault:
            self.desk.announce("No violation among the frames shown.")
            return True
        here = self.detail.entry.seq if self.detail.entry is not None else -1
        later = [seq for seq in at_fault if (seq > here if forward else seq < here)]
        target = (later[0] if forward else later[-1]) if later else (at_fault[0] if forward else at_fault[-1])
        self.show_item(seq=target)
        return True

    def focus_filter(self) -> None:
        self.head.focus_filter()

    def enter(self) -> None:
        """The rows, at the newest unless one is chosen; or the filter as long as there are none."""
        if not self.table.currentIndex().isValid():
            self.table.scrollToBottom()
        (self.table if self.model.rowCount() else self.filter.line).setFocus(Qt.FocusReason.OtherFocusReason)

    def regions(self) -> list[QWidget]:
        return [self.filter, self.table, self.detail, *([self.composer] if self._composing else [])]

    # -- sending ---------------------------------------------------------------------------------------------------

    @cached_property
    def composer(self) -> Composer:
        """Made when somebody first sends something."""
        composer = Composer(self._open_sessions, self._send)
        composer.hide()
        composer.closed.connect(self._close_composer)
        sizes = self._splitter.sizes()
        self._splitter.addWidget(composer)
        self._splitter.setSizes([*sizes, theme().px(_COMPOSER)])
        return composer

    @property
    def _composing(self) -> bool:
        return "composer" in self.__dict__ and self.composer.isVisible()

    def compose(self, *, fresh: bool = False) -> None:
        """Opens the composer: on the chosen frame, or on an empty request."""
        self.composer.show()
        self.composer.take(None if fresh else self.detail.entry)

    def _close_composer(self) -> None:
        self.composer.hide()
        self.table.setFocus()

    def _open_sessions(self) -> list[ServerSession]:
        return [session for session in self.desk.workbench.sessions if session.usable]

    def _send(self, session: ServerSession, text: str) -> None:
        self.desk.bridge.spawn(self._sending(session, text), self)

    async def _sending(self, session: ServerSession, text: str) -> None:
        try:
            await session.send_raw(text)
        except WireglassError as problem:
            self.composer.note.setText(f"Not sent: {problem.message} {problem.next_step}")
            self.composer.note.set_tone("bad")

    def run_primary(self) -> None:
        if self._composing:
            self.composer.send()
