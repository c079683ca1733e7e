"""Network: the HTTP exchanges below the frames, with their headers (secrets masked) and what they carried."""

import json
import weakref
from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSplitter, QStackedWidget, QTableView, QWidget
from shiboken6 import isValid

from wireglass.recording.events import SessionEvent
from wireglass.recording.har import as_har_entry
from wireglass_app.controls import Button, Elided, Empty, column, surface
from wireglass_app.following import Follow, Seldom
from wireglass_app.frameview.brushed import BrushChip
from wireglass_app.frameview.exporting import HttpExport
from wireglass_app.frameview.filter_field import FilterField, Language
from wireglass_app.frameview.filter_head import FilterHead
from wireglass_app.frameview.gaps import AwayLine, GapDelegate, Gaps
from wireglass_app.frameview.http_pane import HttpPane, findings, findings_summary, phases_text
from wireglass_app.frameview.saved_filters import HTTP_STANDARD, SavedFilters
from wireglass_app.models.http_exchanges import HttpExchange, HttpModel
from wireglass_app.models.http_filter import KEYS, compile_http_filter, suggest
from wireglass_app.panels.base import Desk, Panel
from wireglass_app.panels.open_file import OpenFile
from wireglass_app.plain import count, visible
from wireglass_app.recording import masker_of
from wireglass_app.tables import Table
from wireglass_app.theme import theme

__all__ = ["NetworkPanel", "phases_text"]

_WIDTHS = (116, 106, 60, 230, 150, 210, 66, 86, 86)
_SUMMARY_MS = 600
_LOOKED_AT = 20_000
"""Newest exchanges that are searched for contradictions."""


class NetworkPanel(Panel):
    """One row an HTTP request; below it the headers of both sides, the bodies, and the frames inside."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        bench = desk.workbench
        self.model = HttpModel(bench.ledger, bench.server_name, self)
        self._stretch: tuple[int, int] | None = None
        self._text = ""
        """The last good filter."""
        self.filter = FilterField(
            Language(
                KEYS,
                lambda text: compile_http_filter(text, bench.server_name),
                lambda text, cursor: suggest(text, cursor, self._values),
                "status:>=400 or method:tools/call",
                "Filter HTTP requests",
            )
        )
        self.brushed = BrushChip(bench.ledger.wall_time_ns)
        self.saved = SavedFilters(desk.settings, "filters.network", HTTP_STANDARD)
        self.away = AwayLine("requests")
        self._gaps = Gaps(bench.ledger, self.model.speaks)
        self.table = self._make_table()
        self._follow = Follow(self.table)
        self._live = Seldom(self._take_new, self)
        self.pane = HttpPane(bench.ledger)
        self.summary = Elided("", "warn", "small")
        self.export = HttpExport(
            bench.ledger,
            lambda: masker_of(bench.recording),
            lambda: self._named(self.pane.exchange),
            lambda: [self._named(one) for one in self.model.shown],
            desk.announce,
        )
        self._summing = QTimer(self, singleShot=True, interval=_SUMMARY_MS)
        self._summing.timeout.connect(self._sum_up)
        self._lay_out()
        self.filter.changed.connect(self._filter)
        self.filter.left.connect(self.table.setFocus)
        self.brushed.cleared.connect(lambda: bench.brush(None))
        self.brushed.settled.connect(self._within)
        bench.brush_changed.connect(self.brushed.show_range)
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self.model.modelReset.connect(self._chosen_again)
        self.model.taken.connect(self._taken)
        self.pane.frame_wanted.connect(lambda seq: desk.go("frames", seq=seq))
        bench.entries_added.connect(self._added)
        bench.session_changed.connect(self._show_count)
        bench.session_changed.connect(self._show_away)
        bench.removed.connect(self._show_away)
        listen = weakref.WeakMethod(self._happened)
        bench.ledger.listen_events(lambda event: call(event) if (call := listen()) else None)
        self.brushed.show_range(bench.brushed)
        kept = desk.settings.get("network.filter", "")
        if isinstance(kept, str) and kept and not bench.recording.opened:
            self.filter.set_text(kept)
        self._show_count()
        self._take_new()
        self._show_away()

    def _make_table(self) -> QTableView:
        table = Table(self.model, "HTTP exchanges", _WIDTHS, grows=3)
        self.model.after_gap = self._after_gap
        table.setItemDelegate(GapDelegate(self._after_gap, table))
        return table

    def _after_gap(self, row: int) -> bool:
        """Whether a server was gone or began anew between a row and the one above."""
        if not row:
            return False
        return self._gaps.within(self.model.exchange(row - 1).first_ns, self.model.exchange(row).first_ns)

    def _lay_out(self) -> None:
        self.head = FilterHead(
            *("Network", self.filter, self.brushed, self.saved, self.export),
            applied=lambda: self._text,
            say=self.desk.announce,
        )
        self.name_bar = self.head.name_bar
        to_frames = Button("Show Protocol", clicked=lambda: self.desk.go("frames"))
        self._empty = Empty("globe", "", "", [OpenFile(self.desk), to_frames])
        clear = Button("Clear the filter", key="Esc", clicked=self._show_all)
        self._hidden = Empty("filter", "No request passes the filter", "", [clear])
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._hidden)
        self._stack.addWidget(self.table)
        self.summary.setContentsMargins(14, 4, 14, 4)
        self.summary.hide()
        above = QWidget()
        above.setLayout(column(self._stack, self.away, surface(self.summary, "sunken", "top"), gap=0))
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(above)
        self._splitter.addWidget(self.pane)
        self._splitter.setSizes([theme().px(360), theme().px(320)])
        lines = column(self.head, self._splitter, gap=0)
        lines.setStretch(1, 1)
        self.setLayout(lines)

    def _named(self, exchange: HttpExchange | None) -> Any:
        """An exchange with the name of its server, as exports take it."""
        return None if exchange is None else (exchange, self.desk.workbench.server_name(exchange.connection))

    def copy_result(self) -> None:
        """Ctrl+Shift+C: the chosen exchange as an entry of a HAR file."""
        exchange = self.pane.exchange
        if exchange is not None:
            masker = masker_of(self.desk.workbench.recording)
            entry = as_har_entry(
                self.model.ledger, exchange, masker, self.desk.workbench.server_name(exchange.connection)
            )
            QGuiApplication.clipboard().setText(json.dumps(entry, ensure_ascii=False, indent=2))
            self.desk.announce("Copied the request as HAR, with secrets masked.")

    # -- arrivals --------------------------------------------------------------------------------------------------

    def _happened(self, event: SessionEvent) -> None:
        if event.kind == "http" and isValid(self):
            self._added()

    def _added(self, *_facts: Any) -> None:
        self._live.ask()

    def _take_new(self) -> None:
        with self._follow.arriving():
            self.model.take_new()

    def _taken(self) -> None:
        self._show_count()
        if self.model.total and not self._summing.isActive():
            self._summing.start()

    def _sum_up(self) -> None:
        found = findings_summary(self.model.exchanges[-_LOOKED_AT:], self.model.ledger)
        self.summary.setText(found)
        self.summary.setVisible(bool(found))

    def _show_count(self, *_facts: object) -> None:
        rows, total = self.model.rowCount(), self.model.total
        self.filter.show_count((f"{count(rows)} of {count(total)}" if rows != total else count(total)) if total else "")
        self._hidden.text.setText(f"It hides {'the one request' if total == 1 else f'all {count(total)} requests'}.")
        self._stack.setCurrentWidget(self._empty if not total else self.table if rows else self._hidden)
        self.pane.setVisible(bool(total))
        if not total:
            self._say_why()

    def _show_away(self, *_facts: object) -> None:
        """A server that is gone leaves its requests as they are."""
        bench = self.desk.workbench
        remote = [] if bench.recording.opened else [one for one in bench.sessions if one.target.kind != "stdio"]
        self.away.show_sessions(remote)

    def _say_why(self) -> None:
        """Why there is no HTTP to see."""
        live = [one for one in self.desk.workbench.sessions if one.target.kind != "stdio"]
        local = [one for one in self.desk.workbench.sessions if one.target.kind == "stdio"]
        if local and not live:
            one = len(local) == 1
            who = visible(local[0].name, 60) if one else f"All {count(len(local))} servers"
            self._empty.title.setText(f"{who} {'speaks' if one else 'speak'} over stdio")
            between, whose = ("it", "Its") if one else ("them", "Their")
            self._empty.text.setText(
                f"There is no HTTP between {between} and Wireglass. {whose} messages are in Protocol."
            )
        else:
            self._empty.title.setText("No HTTP so far")
            self._empty.text.setText("Requests to servers over Streamable HTTP or SSE will show themselves here.")

    # -- filter ----------------------------------------------------------------------------------------------------

    def _values(self, key: str) -> Iterable[str]:
        """What occurred, for completion."""
        for one in self.model.exchanges[-2_000:]:
            match key:
                case "method":
                    yield from one.methods
                case "url":
                    yield one.facts.url
                case "verb":
                    yield one.facts.verb
                case "status":
                    yield "none" if one.facts.status is None else str(one.facts.status)
                case "server":
                    yield self.desk.workbench.server_name(one.connection)
                case _:
                    return

    def _filter(self, text: str) -> None:
        self.desk.settings.set("network.filter", text)
        self._text = text
        self._apply()

    def _within(self, stretch: tuple[int, int] | None) -> None:
        """The Timeline's brush, which the filter comes on top of."""
        if stretch != self._stretch:
            self._stretch = stretch
            self._apply()

    def _apply(self) -> None:
        self._live.now()
        self.model.set_filter(compile_http_filter(self._text, self.desk.workbench.server_name), self._stretch)
        self._show_count()

    def focus_filter(self) -> None:
        self.head.focus_filter()

    def keep_filter(self) -> None:
        """Ctrl+Shift+L: keeps the filter under a name."""
        self.head.keep()

    def _show_all(self) -> None:
        """Neither a filter nor a stretch of time hides anything."""
        self.filter.set_text("")
        self.desk.workbench.brush(None)
        self._within(None)
        self.table.setFocus()

    # -- the chosen exchange ---------------------------------------------------------------------------------------

    def _chosen(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self._show(self.model.exchange(current.row()))

    def _chosen_again(self) -> None:
        """Other rows: what was looked at stays chosen if it is still there."""
        shown = self.pane.exchange
        at = self.model.row_of(shown) if shown is not None else None
        if at is not None:
            self.table.selectRow(at)

    def _show(self, exchange: HttpExchange | None) -> None:
        self.pane.show_exchange(exchange, findings(exchange, self.model.ledger) if exchange is not None else [])

    def step(self, forward: bool) -> None:
        at = self.table.currentIndex().row() + (1 if forward else -1)
        if 0 <= at < self.model.rowCount():
            self.table.selectRow(at)

    def step_problem(self, forward: bool) -> bool:
        """F8: the next exchange that was refused, failed, or contradicts itself, round the end."""
        self._live.now()
        rows = range(self.model.rowCount())
        bad = [at for at in rows if self._is_bad(self.model.exchange(at))]
        if not bad:
            self.desk.announce("No request that failed among those shown.")
            return True
        here = self.table.currentIndex().row()
        later = [at for at in bad if (at > here if forward else at < here)] if here >= 0 else bad
        at = (later[0] if forward else later[-1]) if later else (bad[0] if forward else bad[-1])
        self.table.selectRow(at)
        self.table.scrollTo(self.model.index(at, 0))
        return True

    def _is_bad(self, exchange: HttpExchange) -> bool:
        status = exchange.facts.status
        refused = status is not None and status >= 400
        return refused or (status is None and exchange.event is not None) or bool(findings(exchange, self.model.ledger))

    def enter(self) -> None:
        """The rows, at the newest unless one is chosen; or the filter as long as there are none."""
        if not self.table.currentIndex().isValid():
            self.table.scrollToBottom()
        (self.table if self.model.rowCount() else self.filter.line).setFocus(Qt.FocusReason.OtherFocusReason)

    def regions(self) -> list[QWidget]:
        if not self.model.total:
            return [self.filter]
        return [self.filter, self.table, self.pane]
