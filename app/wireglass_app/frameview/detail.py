"""One frame: its JSON with the offending place, as a tree, its exact text, its HTTP exchange, its partner, its times,
and what is wrong with it."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QSplitter, QStackedWidget, QWidget

from wireglass.protocol.conformance import Violation
from wireglass.protocol.messages import HttpFacts
from wireglass.recording.entries import Entry
from wireglass.recording.events import SessionEvent
from wireglass_app.controls import Elided, Empty, column, row, surface, tool_button
from wireglass_app.counted_tabs import CountedTabs
from wireglass_app.frameview.looks import FrameTiming, FrameTree
from wireglass_app.frameview.verdict import VerdictPane
from wireglass_app.payloads.code import CodeView
from wireglass_app.payloads.lines import SHORTENED
from wireglass_app.plain import size, visible
from wireglass_app.theme import theme

__all__ = ["FrameDetail", "http_text", "partner_of"]

_JSON, _TREE, _RAW, _HTTP, _PARTNER, _TIMING = range(6)
_TITLES = ("JSON", "Tree", "Exact text", "Headers", "Partner", "Timing")
_NARROW = 700
_LOOKED_AT = 20_000
"""Rows up to which it is said that long strings are shortened."""


class FrameDetail(QWidget):
    """Tabs for what crossed; on the right what the conformance check says."""

    frame_wanted = Signal(int)
    """Show this frame."""
    next_wanted = Signal()
    edit_wanted = Signal()

    def __init__(
        self, mask: Callable[[str], str] = str, http_of: Callable[[Entry], SessionEvent | None] = lambda _entry: None
    ) -> None:
        """`mask` takes secrets out of what is copied; `http_of` finds the HTTP exchange that carried a request."""
        super().__init__()
        self.entry: Entry | None = None
        self._mask_text, self._http_of = mask, http_of
        self._filled: set[int] = set()
        self.tabs = _tabs()
        self.facts = Elided("", "muted", "caption")
        self.facts.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # the tabs come first
        self.facts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.code = CodeView(name="Frame as JSON")
        self.tree = FrameTree()
        self.raw = CodeView(name="Exact text")
        self.http = CodeView(numbers=False, name="HTTP exchange")
        self.partner = CodeView(name="The frame that belongs to it")
        self.timing = FrameTiming()
        self._stack = QStackedWidget()
        for view in (self.code, self.tree, self.raw, self.http, self.partner, self.timing):
            self._stack.addWidget(view)
        self.tabs.currentChanged.connect(self._show_tab)
        self.edit = tool_button("edit", "Edit this frame and send it again", clicked=self.edit_wanted.emit)
        copy = tool_button("copy", "Copy the exact text, secrets masked", clicked=self._copy)
        self._head_line = row(self.tabs, self.facts, self.edit, copy, margins=(8, 0, 8, 0))
        self._head_line.setStretch(1, 1)
        head = QWidget()
        head.setLayout(self._head_line)
        left = QWidget()
        left.setLayout(column(surface(head, "panel", edge="bottom"), self._stack, gap=0))
        self.verdict = VerdictPane(mask)
        self.verdict.next_wanted.connect(self.next_wanted)
        self.verdict.shown.connect(self._mark)
        self._splitter = QSplitter()
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(left)
        self._splitter.addWidget(self.verdict)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setSizes([theme().px(760), theme().px(430)])
        self.none = Empty("swap", "Choose a frame", "Its JSON and what is wrong with it are shown here.")
        self._pages = QStackedWidget()
        self._pages.addWidget(self.none)
        self._pages.addWidget(self._splitter)
        self.setLayout(column(self._pages, gap=0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow pane the explanation stands below the JSON."""
        super().resizeEvent(event)
        narrow = event.size().width() < theme().px(_NARROW)
        self._splitter.setOrientation(Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal)
        self.facts.setVisible(not narrow)

    def show_entry(self, entry: Entry | None) -> None:
        """Shows a frame; with None the pane asks for one."""
        self.entry = entry
        self._pages.setCurrentWidget(self.none if entry is None else self._splitter)
        self._filled.clear()
        for view in (self.code, self.partner, self.raw, self.http):
            view.clear()
        self.facts.setText("")
        self.verdict.show_entry(entry)
        for at in range(1, len(_TITLES)):
            self.tabs.setTabEnabled(at, entry is not None)
        if entry is None:
            self.tree.show_value(None)
            return
        try:
            self._fill(entry)
        except LookupError:
            self.facts.setText("The recording no longer has this frame.")

    def _fill(self, entry: Entry) -> None:
        raw, message = entry.raw, entry.message
        self._show_facts(entry)
        if message is None:
            self.code.set_text(raw)
        else:
            self.code.set_json(message)
            if self.code.loading:
                self.code.loaded.connect(lambda: self._show_facts(entry), self._once())
            else:
                self._show_facts(entry)
        other = partner_of(entry)
        name = "Partner" if other is None else f"{'Answer' if other.seq > entry.seq else 'Request'} {other.seq}"
        self.tabs.setTabText(_PARTNER, name)
        self.tabs.setTabEnabled(_PARTNER, other is not None)
        self.tabs.setTabEnabled(_HTTP, entry.http is not None)
        self.tabs.setTabEnabled(_TREE, isinstance(message, dict | list))
        self.tabs.setTabEnabled(_TIMING, entry.exchange is not None)
        if not self.tabs.isTabEnabled(self.tabs.currentIndex()):
            self.tabs.setCurrentIndex(_JSON)
        self._show_tab(self.tabs.currentIndex())
        self._mark(self.verdict.current)

    def _show_facts(self, entry: Entry) -> None:
        if entry is not self.entry:
            return
        parts = [f"frame {entry.seq}", size(entry.size), visible(entry.channel, 40)]
        rows = self.code.rows
        if len(rows) <= _LOOKED_AT and max(map(len, rows), default=0) > SHORTENED:
            parts.append("long strings shortened")
        self.facts.setText(" · ".join(parts))

    def show_timing(self) -> None:
        """Ctrl+Shift+T: the Timing tab, if the frame has one."""
        if self.tabs.isTabEnabled(_TIMING):
            self.tabs.setCurrentIndex(_TIMING)
            self.timing.waterfall.setFocus()

    def _show_tab(self, tab: int) -> None:
        """What a tab shows is made when it is shown."""
        self._stack.setCurrentIndex(tab)
        entry = self.entry
        if entry is None or tab in self._filled:
            return
        self._filled.add(tab)
        try:
            self._make(tab, entry)
        except LookupError:
            self.facts.setText("The recording no longer has this frame.")

    def _make(self, tab: int, entry: Entry) -> None:
        if tab == _TREE:
            self.tree.show_value(entry.message)
            if self.verdict.current is not None:
                self.tree.show_pointer(self.verdict.current.path)
        elif tab == _RAW:
            self.raw.set_text(entry.raw)
        elif tab == _HTTP and entry.http is not None:
            self.http.set_text(http_text(entry.http))
        elif tab == _PARTNER and (other := partner_of(entry)) is not None:
            self.partner.set_json(other.message)
        elif tab == _TIMING:
            self.timing.show_entry(entry, self._http_of(entry))

    def _mark(self, violation: Violation | None) -> None:
        """The offending place, tinted and scrolled to, as soon as its rows are there."""
        if violation is None:
            self.code.set_marks(())
        elif self.code.loading:
            self.code.loaded.connect(lambda: self._mark(self.verdict.current), self._once())
        else:
            missing = violation.path.rpartition("/")[2] if "required" in violation.rule else ""
            note = f"{visible(missing, 60)} is missing here" if missing else ""
            self.code.show_pointer(violation.path, note=note)
        if violation is not None and _TREE in self._filled:
            self.tree.show_pointer(violation.path)

    def _once(self) -> Any:
        return Qt.ConnectionType.SingleShotConnection

    def _copy(self) -> None:
        if self.entry is None:
            return
        try:
            QGuiApplication.clipboard().setText(self._mask_text(self.entry.raw))
        except LookupError:
            self.facts.setText("The recording no longer has this frame.")


def _tabs() -> CountedTabs:
    tabs = CountedTabs("Looks at the frame")
    tabs.setUsesScrollButtons(True)  # in a narrow pane the last ones are reached by them, and by the arrow keys
    tabs.setElideMode(Qt.TextElideMode.ElideNone)
    for title in _TITLES:
        tabs.addTab(title)
    return tabs


def partner_of(entry: Entry) -> Entry | None:
    """The answer of a request, the request of anything else that belongs to one."""
    exchange = entry.exchange
    if exchange is None:
        return None
    return exchange.answer if exchange.request == entry else exchange.request


def http_text(facts: HttpFacts) -> str:
    """The exchange as text: request line, headers (secrets are masked already), status, headers."""
    lines = [f"{facts.verb} {facts.url}"]
    lines += [f"{name}: {value}" for name, value in facts.request_headers]
    lines += ["", f"HTTP {facts.status}" if facts.status is not None else "no answer yet"]
    lines += [f"{name}: {value}" for name, value in facts.response_headers]
    if facts.event_id is not None:
        lines += ["", f"event id: {facts.event_id}"]
    return "\n".join(lines)
