"""One HTTP exchange: headers of both sides, both bodies, where its time went, and in words what its answer means."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QListView, QSplitter, QStackedWidget, QWidget

from wireglass.protocol.messages import Span
from wireglass.recording.ledger import Ledger
from wireglass_app.charts.waterfall import WaterfallView
from wireglass_app.controls import Button, Elided, Empty, IconLabel, Label, column, row, surface
from wireglass_app.counted_tabs import CountedTabs
from wireglass_app.frameview.detail import http_text
from wireglass_app.layouts import scrolling
from wireglass_app.models.frame_words import message_text
from wireglass_app.models.http_exchanges import HttpExchange
from wireglass_app.models.http_words import meaning, reason, status_ink
from wireglass_app.models.rows import ROW, RowsModel
from wireglass_app.payloads.code import CodeView
from wireglass_app.plain import count, counted, duration, size, visible
from wireglass_app.theme import set_icon, theme

__all__ = ["HttpPane", "findings", "findings_summary", "phases_text"]

_HEADERS, _SENT, _ANSWER, _TIMING = range(4)
_LISTED = 500
_NARROW = 700
_MOST = 2_000_000
"""Characters of a body that are shown."""
_MIRRORED = {"mcp-method": "method", "mcp-name": "name"}
"""Headers of 2026-07-28 that repeat what stands in the body."""


class HttpPane(QWidget):
    """`frame_wanted(seq)`: show this frame in Protocol."""

    frame_wanted = Signal(int)

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self._ledger = ledger
        self.exchange: HttpExchange | None = None
        self._filled: set[int] = set()
        self.tabs = CountedTabs("Looks at the exchange")
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)
        for title in ("Headers", "Request body", "Answer", "Timing"):
            self.tabs.addTab(title)
        self.facts = Elided("", "muted", "caption")
        self.headers = CodeView(numbers=False, name="Headers of both sides")
        self.sent = CodeView(name="Body of the request")
        self.answer = CodeView(name="Body of the answer")
        self.timing = WaterfallView(title="Phase")
        self.timing.setAccessibleName("Phases of the exchange")
        self._stack = QStackedWidget()
        for view in (self.headers, self.sent, self.answer, self.timing):
            self._stack.addWidget(view)
        self.tabs.currentChanged.connect(self._show_tab)
        head = surface(QWidget(), "panel", "bottom")
        line = row(self.tabs, None, self.facts, margins=(8, 0, 12, 0))
        head.setLayout(line)
        left = QWidget()
        left.setLayout(column(head, self._stack, gap=0))
        self._splitter = QSplitter()
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(left)
        self._splitter.addWidget(self._words())
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setSizes([theme().px(760), theme().px(430)])
        self.none = Empty("globe", "Choose an exchange", "Its headers, bodies and times are shown here.")
        self._pages = QStackedWidget()
        self._pages.addWidget(self.none)
        self._pages.addWidget(self._splitter)
        self.setLayout(column(self._pages))

    def _words(self) -> QWidget:
        self._icon = IconLabel("globe")
        self.title = Label("", type="strong", wrap=True)
        self.meaning = Label("", "secondary", wrap=True)
        self.finding = Label("", "warn", wrap=True)
        self.carried = Label("", type="small-strong")
        self.model: RowsModel[int] = RowsModel(self._line, parent=self)
        self.items = QListView()
        self.items.setAccessibleName("Messages it carried")
        self.items.setModel(self.model)
        self.items.setUniformItemSizes(True)
        self.items.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.items.setFont(theme().font("mono"))
        self.items.setMinimumHeight(theme().px(60))
        self.items.activated.connect(self._activated)
        self._open = Button("Show in Protocol", clicked=self._to_frames)
        head = row(self._icon, self.title)
        head.setStretch(1, 1)
        self._box = surface(QFrame(), "card")
        self._box.setLayout(column(self.items, margins=(4, 4, 4, 4)))
        lines = column(head, self.meaning, self.finding, self.carried, self._box, row(self._open, None))
        lines.setContentsMargins(16, 14, 16, 14)
        lines.setStretch(4, 1)
        words = surface(QWidget(), "sunken", "left")
        words.setLayout(lines)
        area = scrolling(words)
        area.setMinimumWidth(theme().px(240))
        return area

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow pane the words stand below."""
        super().resizeEvent(event)
        narrow = event.size().width() < theme().px(_NARROW)
        self._splitter.setOrientation(Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal)

    def show_exchange(self, exchange: HttpExchange | None, found: list[str]) -> None:
        """Another exchange, and what is wrong with it in sentences."""
        self.exchange = exchange
        self._filled.clear()
        self._pages.setCurrentIndex(0 if exchange is None else 1)
        if exchange is None:
            return
        status = exchange.facts.status
        error = visible(str(exchange.event.facts.get("error", "")), 400) if exchange.event is not None else ""
        self.title.setText(f"{status} {reason(status)}".strip() if status is not None else "No answer")
        ink = status_ink(status) if status is not None or not error else "bad.text"
        bad = ink == "bad.text"
        set_icon(self._icon, "cross-circle" if bad else "warning" if ink == "warn.text" else "check-circle",
                 ink if ink != "text.secondary" else "ok.text")  # fmt: skip
        self.meaning.setText(meaning(status, error))
        self.finding.setText(" ".join(found))
        self.finding.setVisible(bool(found))
        number = len(exchange.seqs)
        self.carried.setText(f"{counted(number, 'message')} carried" if number else "No message")
        self.model.replace(exchange.seqs[:_LISTED])
        self._box.setVisible(bool(number))
        self._open.setEnabled(bool(number))
        facts = [visible(exchange.channel, 40), size(exchange.octets)]
        version = exchange.event.facts.get("httpVersion") if exchange.event is not None else None
        self.facts.setText(" · ".join([*facts, *([visible(str(version), 12)] if version else [])]))
        self.tabs.setTabEnabled(_SENT, exchange.facts.verb != "GET")
        self.tabs.setTabText(_ANSWER, "Event stream" if _is_stream(exchange) else "Answer")
        self.tabs.setTabEnabled(_TIMING, bool(exchange.phases()))
        if not self.tabs.isTabEnabled(self.tabs.currentIndex()):
            self.tabs.setCurrentIndex(_HEADERS)
        self._show_tab(self.tabs.currentIndex())

    def _show_tab(self, tab: int) -> None:
        """What a tab shows is made when it is shown."""
        self._stack.setCurrentIndex(tab)
        exchange = self.exchange
        if exchange is None or tab in self._filled:
            return
        self._filled.add(tab)
        if tab == _HEADERS:
            parts = (phases_text(exchange), http_text(exchange.facts))
            self.headers.set_text("\n\n".join(filter(None, parts)))
        elif tab == _SENT:
            text = self._body(exchange, "client", stream=False)
            self.sent.set_text(text or "The request had no body that is a message.", "json" if text else "text")
        elif tab == _ANSWER:
            stream = _is_stream(exchange)
            text = self._body(exchange, "server", stream=stream)
            language = "text" if stream or not text else "json"
            self.answer.set_text(text or "The answer had no body that is a message.", language)
        else:
            self.timing.show_spans(_spans(exchange))

    def _body(self, exchange: HttpExchange, sender: str, *, stream: bool) -> str:
        """The messages of one side, as they stood in the body; those of an event stream with what stood around."""
        parts: list[str] = []
        room = _MOST
        for seq in exchange.seqs:
            try:
                entry = self._ledger.entry(seq)
                if entry.sender != sender:
                    continue
                raw, facts = entry.raw, entry.http
            except LookupError:
                raw, facts = "(no longer recorded)", None
            head = f"id: {facts.event_id}\n" if facts is not None and facts.event_id is not None else ""
            data = "\n".join(f"data: {line}" for line in raw.splitlines())
            parts.append(f"{head}event: message\n{data}\n" if stream else raw)
            room -= len(raw)
            if room < 0:
                parts.append(f"… and more: {count(len(exchange.seqs))} messages in all, Protocol shows each.")
                break
        return "\n".join(parts)

    def _line(self, seq: int) -> str:
        try:
            entry = self._ledger.entry(seq)
        except LookupError:
            return f"{seq:>6}  no longer recorded"
        way = "\u2192" if entry.sender == "client" else "\u2190"
        return f"{seq:>6}  {way}  {message_text(entry)}"

    def _activated(self, index: QModelIndex) -> None:
        self.frame_wanted.emit(index.data(ROW))

    def _to_frames(self) -> None:
        exchange = self.exchange
        if exchange is not None and exchange.seqs:
            at = self.items.currentIndex()
            self.frame_wanted.emit(at.data(ROW) if at.isValid() else exchange.seqs[0])


def findings(exchange: HttpExchange, ledger: Ledger) -> list[str]:
    """Sentences on headers that say something else than the body they repeat."""
    return [
        f"{header} is “{value[:60]}”, the body says “{wanted[:60]}”: the server must refuse it."
        for header, value, wanted in _mismatches(exchange, ledger)
    ]


def findings_summary(exchanges: Sequence[HttpExchange], ledger: Ledger) -> str:
    """ "mcp-method contradicts the body in 3 of 12 requests"; empty when nothing does."""
    found: dict[str, int] = {}
    sent = 0
    for exchange in exchanges:
        sent += bool(exchange.seqs)
        for header, _value, _wanted in _mismatches(exchange, ledger):
            found[header] = found.get(header, 0) + 1
    return "; ".join(
        f"{header} contradicts the body in {count(n)} of {count(sent)} requests" for header, n in found.items()
    )


def _mismatches(exchange: HttpExchange, ledger: Ledger) -> list[tuple[str, str, str]]:
    headers = {name.lower(): value for name, value in exchange.facts.request_headers}
    if not exchange.seqs or not headers.keys() & _MIRRORED.keys():
        return []
    try:
        entry = ledger.entry(exchange.seqs[0])
    except LookupError:
        return []
    if entry.sender != "client":
        return []
    found: list[tuple[str, str, str]] = []
    for header, member in _MIRRORED.items():
        value, wanted = headers.get(header), getattr(entry, member)
        if value is not None and wanted and value != wanted:
            found.append((header, value, wanted))
    return found


def phases_text(exchange: HttpExchange) -> str:
    """What the exchange waited for, or why it got no answer; empty when nothing was told."""
    if exchange.event is None:
        return ""
    error = str(exchange.event.facts.get("error", ""))
    told = " \u00b7 ".join(f"{name} {duration(length)}" for name, length in exchange.phases())
    return "\n".join(filter(None, (told, visible(error, 400))))


def _is_stream(exchange: HttpExchange) -> bool:
    kinds = (value for name, value in exchange.facts.response_headers if name.lower() == "content-type")
    return any("text/event-stream" in value.lower() for value in kinds)


def _spans(exchange: HttpExchange) -> tuple[Span, ...]:
    """The phases one after the other, below the whole."""
    phases = exchange.phases()
    whole = round((exchange.last_ns - exchange.first_ns) / 1000)
    title = f"{exchange.facts.verb} {visible(exchange.facts.url, 120)}"
    found = [Span(title, "server", 0, max(whole, round(sum(length for _, length in phases) * 1000)))]
    at = 0
    for name, length in phases:
        if name == "sent":  # counted from the beginning, over connection and TLS
            length -= at / 1000
        found.append(Span(name, "server", at, max(0, round(length * 1000)), 0))
        at += max(0, round(length * 1000))
    return tuple(found)
