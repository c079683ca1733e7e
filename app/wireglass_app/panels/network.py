"""Network: the HTTP exchanges below the frames, with their headers (secrets masked) and what they carried."""

import weakref
from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QTableView, QWidget
from shiboken6 import isValid

from wireglass.recording.events import SessionEvent
from wireglass_app.controls import Button, Elided, Empty, Label, column, row, surface
from wireglass_app.frameview.detail import http_text
from wireglass_app.models.frame_words import message_text
from wireglass_app.models.http_exchanges import HttpExchange, HttpModel
from wireglass_app.panels.base import Desk, Panel
from wireglass_app.payloads.code import CodeView
from wireglass_app.plain import count, duration, visible
from wireglass_app.tables import Table
from wireglass_app.theme import theme

__all__ = ["NetworkPanel", "findings", "phases_text"]

_WIDTHS = (124, 110, 60, 320, 60, 260, 64, 86, 86)
_LISTED = 500
_MIRRORED = {"mcp-method": "method", "mcp-name": "name"}
"""Headers of 2026-07-28 that repeat what stands in the body."""


class NetworkPanel(Panel):
    """One row an HTTP request; below it the headers of both sides and the frames inside."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.model = HttpModel(desk.workbench.ledger, self._server_name, self)
        self._names: dict[str, str] = {}
        self._shown: HttpExchange | None = None
        self.table = self._make_table()
        self.headers = CodeView(numbers=False, name="Headers of both sides")
        self.items = CodeView(numbers=False, name="Messages it carried")
        self._finding = Elided("", "warn", "small")
        self._open = Button("Show in Protocol", "link", clicked=self._to_frames)
        self._lay_out()
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        desk.workbench.entries_added.connect(self._added)
        listen = weakref.WeakMethod(self._happened)
        desk.workbench.ledger.listen_events(lambda event: call(event) if (call := listen()) else None)
        self._added()

    def _make_table(self) -> QTableView:
        return Table(self.model, "HTTP exchanges", _WIDTHS, grows=3)

    def _lay_out(self) -> None:
        head = QWidget()
        self._count = Label("", "muted", "small")
        head.setLayout(row(Label("Network", type="title"), self._count, None, margins=(14, 9, 14, 9)))
        self._empty = Empty(
            "globe",
            "No HTTP so far",
            "Servers reached over Streamable HTTP or SSE leave their requests here; stdio has none.",
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.table)
        left, right = QWidget(), QWidget()
        left.setLayout(column(Label("Headers", type="small-strong"), self.headers, gap=4, margins=(14, 8, 8, 8)))
        line = row(Label("Carried", type="small-strong"), self._finding, self._open)
        line.setStretch(1, 1)
        right.setLayout(column(line, self.items, gap=4, margins=(14, 8, 8, 8)))
        below = QSplitter()
        below.setHandleWidth(1)
        below.addWidget(surface(left, "panel"))
        below.addWidget(surface(right, "panel"))
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._stack)
        splitter.addWidget(below)
        splitter.setSizes([theme().px(360), theme().px(320)])
        lines = column(surface(head, "panel", edge="bottom"), splitter, gap=0)
        lines.setStretch(1, 1)
        self.setLayout(lines)

    def _server_name(self, connection: str) -> str:
        session = self.desk.workbench.session_of(connection)
        if session is not None:
            self._names[connection] = session.name
        return self._names.get(connection, connection.partition(" #")[0] or connection)

    def _happened(self, event: SessionEvent) -> None:
        if event.kind == "http" and isValid(self):
            self._added()

    def _added(self, *_facts: Any) -> None:
        bar = self.table.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 1
        self.model.take_new()
        if at_end:
            self.table.scrollToBottom()
        rows = self.model.rowCount()
        self._count.setText(f"{count(rows)} request{'' if rows == 1 else 's'}" if rows else "")
        self._stack.setCurrentWidget(self.table if rows else self._empty)

    def _chosen(self, current: QModelIndex, _before: QModelIndex) -> None:
        self._shown = self.model.exchange(current.row()) if current.isValid() else None
        if self._shown is None:
            return
        self.headers.set_text("\n\n".join(filter(None, (phases_text(self._shown), http_text(self._shown.facts)))))
        lines = [self._line(seq) for seq in self._shown.seqs[:_LISTED]]
        more = len(self._shown.seqs) - len(lines)
        self.items.set_text("\n".join(lines + ([f"and {count(more)} more"] if more else [])))
        self._finding.setText(" ".join(findings(self._shown, self.model)))
        self._open.setEnabled(bool(self._shown.seqs))

    def _line(self, seq: int) -> str:
        try:
            entry = self.model.ledger.entry(seq)
        except LookupError:
            return f"{seq:>6}  no longer recorded"
        way = "\u2192" if entry.sender == "client" else "\u2190"
        return f"{seq:>6}  {way}  {message_text(entry)}"

    def _to_frames(self) -> None:
        if self._shown is not None and self._shown.seqs:
            self.desk.go("frames", seq=self._shown.seqs[0])

    def regions(self) -> list[QWidget]:
        return [self.table, self.headers, self.items]


def findings(exchange: HttpExchange, model: HttpModel) -> list[str]:
    """Sentences on headers that say something else than the body they repeat."""
    headers = {name.lower(): value for name, value in exchange.facts.request_headers}
    if not exchange.seqs:
        return []
    try:
        entry = model.ledger.entry(exchange.seqs[0])
    except LookupError:
        return []
    if entry.sender != "client":
        return []
    found: list[str] = []
    for header, member in _MIRRORED.items():
        value, wanted = headers.get(header), getattr(entry, member)
        if value is not None and wanted and value != wanted:
            found.append(f"{header} is “{value[:60]}”, the body says “{wanted[:60]}”: the server must refuse it.")
    return found


def phases_text(exchange: HttpExchange) -> str:
    """What the exchange waited for, or why it got no answer; empty when nothing was told."""
    if exchange.event is None:
        return ""
    error = str(exchange.event.facts.get("error", ""))
    told = " \u00b7 ".join(f"{name} {duration(length)}" for name, length in exchange.phases())
    return "\n".join(filter(None, (told, visible(error, 400))))
