"""One frame: its JSON with the offending place, its exact text, its HTTP exchange, its partner, and what is wrong."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QScrollArea, QSplitter, QStackedWidget, QTabBar, QWidget

from wireglass.protocol.conformance import Violation
from wireglass.protocol.messages import HttpFacts
from wireglass.recording.entries import Entry
from wireglass_app.controls import Button, Elided, IconLabel, Label, column, row, surface, tool_button
from wireglass_app.frameview.source import rule_page
from wireglass_app.models.frame_words import message_text
from wireglass_app.payloads.code import CodeView
from wireglass_app.plain import duration, size, tip, visible
from wireglass_app.theme import set_icon, theme

__all__ = ["FrameDetail", "http_text"]

_JSON, _PARTNER, _RAW, _HTTP = range(4)

_NARROW = 700


class FrameDetail(QWidget):
    """Tabs for what crossed; on the right what the conformance check says."""

    frame_wanted = Signal(int)
    """Show this frame."""
    next_wanted = Signal()
    edit_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.entry: Entry | None = None
        self._violation = 0
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self.tabs.setAccessibleName("Looks at the frame")
        for title in ("JSON", "Partner", "Exact text", "HTTP"):
            self.tabs.addTab(title)
        self.facts = Elided("", "muted", "caption")
        self.code = CodeView(name="Frame as JSON")
        self.partner = CodeView(name="The frame that belongs to it")
        self.raw = CodeView(name="Exact text")
        self.http = CodeView(numbers=False, name="HTTP exchange")
        self._stack = QStackedWidget()
        for view in (self.code, self.partner, self.raw, self.http):
            self._stack.addWidget(view)
        self.tabs.currentChanged.connect(self._show_tab)
        edit = Button("Edit and send…", "ghost", clicked=self.edit_wanted.emit)
        copy = tool_button("copy", "Copy the exact text", clicked=self._copy)
        head = QWidget()
        line = row(self.tabs, self.facts, edit, copy, margins=(8, 0, 8, 0))
        line.setStretch(1, 1)
        head.setLayout(line)
        left = QWidget()
        left.setLayout(column(surface(head, "panel", edge="bottom"), self._stack, gap=0))
        self.verdict = _Verdict()
        self.verdict.next_wanted.connect(self.next_wanted)
        self.verdict.shown.connect(self._mark)
        self._splitter = QSplitter()
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(left)
        self._splitter.addWidget(self.verdict)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setSizes([theme().px(760), theme().px(430)])
        self.setLayout(column(self._splitter, gap=0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow pane the explanation stands below the JSON."""
        super().resizeEvent(event)
        narrow = event.size().width() < theme().px(_NARROW)
        self._splitter.setOrientation(Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal)
        self.facts.setVisible(not narrow)

    def show_entry(self, entry: Entry | None) -> None:
        """Shows a frame; None empties the pane."""
        self.entry = entry
        for view in (self.code, self.partner, self.raw, self.http):
            view.clear()
        self.facts.setText("")
        self.verdict.show_entry(entry)
        if entry is None:
            return
        try:
            self._fill(entry)
        except LookupError:
            self.facts.setText("The recording no longer has this frame.")

    def _fill(self, entry: Entry) -> None:
        raw, message = entry.raw, entry.message
        self.facts.setText(f"frame {entry.seq} · {size(entry.size)} · {visible(entry.channel, 40)}")
        if message is None:
            self.code.set_text(raw)
        else:
            self.code.set_json(message)
        other = partner_of(entry)
        name = "Partner" if other is None else f"{'Answer' if other.seq > entry.seq else 'Request'} {other.seq}"
        self.tabs.setTabText(_PARTNER, name)
        self.tabs.setTabEnabled(_PARTNER, other is not None)
        self.tabs.setTabEnabled(_HTTP, entry.http is not None)
        if not self.tabs.isTabEnabled(self.tabs.currentIndex()):
            self.tabs.setCurrentIndex(_JSON)
        self._show_tab(self.tabs.currentIndex())
        self._mark(self.verdict.current)

    def _show_tab(self, tab: int) -> None:
        """What a tab shows is made when it is shown."""
        self._stack.setCurrentIndex(tab)
        entry = self.entry
        if entry is None:
            return
        try:
            if tab == _PARTNER and not self.partner.rows:
                other = partner_of(entry)
                if other is not None:
                    self.partner.set_json(other.message)
            elif tab == _RAW and not self.raw.rows:
                self.raw.set_text(entry.raw)
            elif tab == _HTTP and not self.http.rows and entry.http is not None:
                self.http.set_text(http_text(entry.http))
        except LookupError:
            self.facts.setText("The recording no longer has this frame.")

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

    def _once(self) -> Any:
        return Qt.ConnectionType.SingleShotConnection

    def _copy(self) -> None:
        if self.entry is not None:
            QGuiApplication.clipboard().setText(self.entry.raw)


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


class _Verdict(QWidget):
    """What is wrong with a frame, one violation at a time: what it means, where, by which rule, what to do."""

    next_wanted = Signal()
    shown = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._entry: Entry | None = None
        self._at = 0
        self._icon = IconLabel("check-circle", "ok.text")
        self.title = Label("", type="strong", wrap=True)
        self.meaning = Label("", "secondary", wrap=True)
        self.step = Label("", wrap=True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setColumnStretch(1, 1)
        self._cells: dict[str, tuple[Label, Label]] = {}
        for at, name in enumerate(("At", "Rule", "Schema", "Took")):
            cells = Label(name, "muted", "small"), Label("", type="mono", wrap=True).selectable()
            for across, cell in enumerate(cells):
                self._grid.addWidget(cell, at, across)
            self._cells[name] = cells
        self._more = Button("", "link", clicked=self._other)
        self._copy = Button("Copy report", clicked=self._copy_report)
        self._next = Button("Next violation", "ghost", key="F8", clicked=self.next_wanted.emit)
        self.page = Button("Rule in the specification", "link", icon="external", clicked=self._open_page)
        self.code = Button("", "link", icon="file", clicked=self._open_code)
        self._place: tuple[Path, int] | None = None
        head = row(self._icon, self.title)
        head.setStretch(1, 1)
        lines = column(
            head,
            self.meaning,
            self._grid_holder(),
            self.step,
            row(self._copy, self._next, None),
            row(self.page, None),
            row(self.code, None),
            row(self._more, None),
            None,
        )
        lines.setContentsMargins(16, 14, 16, 14)
        words = surface(QWidget(), "sunken")
        words.setLayout(lines)
        area = QScrollArea()  # a low window must not squeeze the words
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(words)
        self.setLayout(column(area, gap=0))
        surface(self, "sunken", edge="left")
        self.setMinimumWidth(theme().px(240))
        self.show_entry(None)

    def _grid_holder(self) -> QWidget:
        holder = QWidget()
        self._grid.setContentsMargins(0, 0, 0, 0)
        holder.setLayout(self._grid)
        return holder

    @property
    def current(self) -> Violation | None:
        """The violation that is explained."""
        found = self._entry.violations if self._entry is not None else ()
        return found[self._at] if self._at < len(found) else None

    def show_entry(self, entry: Entry | None) -> None:
        """Explains a frame's first violation."""
        self._entry, self._at = entry, 0
        self.show_code(None)
        self._show()

    def _other(self) -> None:
        assert self._entry is not None
        self._at = (self._at + 1) % len(self._entry.violations)
        self._show()
        self.shown.emit(self.current)

    def _show(self) -> None:
        found = self.current
        if found is None:
            self._show_good()
            return
        bad = found.severity == "error"
        set_icon(self._icon, "cross-circle" if bad else "warning", "bad.text" if bad else "warn.text")
        self.title.setText(visible(found.message, 400))
        self.meaning.setText(visible(found.meaning, 600))
        self.step.setText(visible(found.next_step, 600))
        schema = " · ".join(part for part in (found.revision, found.definition) if part)
        self._set("At", found.path or "the whole message")
        self._set("Rule", found.rule)
        self._set("Schema", schema)
        self._set("Took", "")
        count = len(self._entry.violations) if self._entry else 0
        self._more.setText(f"{self._at + 1} of {count} in this frame: next one")
        self._visible(copy=True, more=count > 1)
        page = rule_page(found)
        self.page.setVisible(bool(page))
        self.page.setToolTip(tip(f"Opens {page} in the browser") if page else "")

    def _show_good(self) -> None:
        entry = self._entry
        set_icon(self._icon, "check-circle", "ok.text" if entry is not None else "text.muted")
        self.title.setText("Nothing is wrong with this frame" if entry is not None else "No frame is selected")
        self.meaning.setText(message_text(entry) if entry is not None else "Choose one to see what crossed.")
        self.step.setText("")
        took = entry.exchange.answered_after_ns if entry is not None and entry.exchange is not None else None
        for name in ("At", "Rule", "Schema"):
            self._set(name, "")
        self._set("Took", duration(took / 1e6) if took is not None else "")
        self._visible(copy=False, more=False)
        self.page.hide()

    def _set(self, name: str, text: str) -> None:
        for cell in self._cells[name]:
            cell.setVisible(bool(text))
        self._cells[name][1].setText(visible(text, 300))

    def _visible(self, *, copy: bool, more: bool) -> None:
        self._copy.setVisible(copy)
        self._more.setVisible(more)

    def show_code(self, place: tuple[Path, int] | None) -> None:
        """Where the server's own code for this frame is; None when that is not known."""
        self._place = place
        self.code.setVisible(place is not None)
        if place is not None:
            self.code.setText(f"{place[0].name}, line {place[1]}")
            self.code.setAccessibleName(f"Open {self.code.text().strip()}")
            self.code.setToolTip(tip(f"Opens {place[0]}"))

    def _open_page(self) -> None:
        if self.current is not None:
            QDesktopServices.openUrl(QUrl(rule_page(self.current)))

    def _open_code(self) -> None:
        if self._place is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._place[0])))

    def _copy_report(self) -> None:
        found, entry = self.current, self._entry
        if found is None or entry is None:
            return
        QGuiApplication.clipboard().setText(
            f"{found.message}\n{found.meaning}\n{found.next_step}\n\nAt: {found.path or '/'}\nRule: {found.rule}\n"
            f"Schema: {found.revision} {found.definition}\n"
            f"Frame {entry.seq}, {message_text(entry)}:\n{entry.raw[:20_000]}\n"
        )
