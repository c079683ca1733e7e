"""The result pane: verdict on top, tabs below, where the time went at the bottom. Its frame never moves."""

import json
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from wireglass_app.calls import Call, is_large
from wireglass_app.controls import (
    Chip,
    Elided,
    Empty,
    IconLabel,
    Label,
    Pages,
    column,
    row,
    surface,
)
from wireglass_app.dossier.asking import Asking
from wireglass_app.dossier.compare import ComparePage
from wireglass_app.dossier.frames import CallFrames
from wireglass_app.dossier.loglist import LogList
from wireglass_app.dossier.problem import ProblemPage
from wireglass_app.dossier.reporting import report
from wireglass_app.dossier.result import ResultPage
from wireglass_app.dossier.running import RunningPage
from wireglass_app.dossier.tabs import ResultTabs
from wireglass_app.dossier.timebar import Parted, parts_of
from wireglass_app.dossier.timefoot import TimeFoot
from wireglass_app.dossier.timing import TimingPage
from wireglass_app.dossier.words import blocks_of, no_logs, schema_chip, verdict, wire_facts
from wireglass_app.payloads.base import Reader
from wireglass_app.payloads.cards import ContentPane
from wireglass_app.plain import duration, short_duration
from wireglass_app.server_session import ServerSession
from wireglass_app.theme import set_icon, theme
from wireglass_app.turns import Turns

__all__ = ["Dossier"]

_LOW = 230
"""Height below which the bar of where the time went is left out."""
_Page = TypeVar("_Page", bound=QWidget)


class Dossier(QWidget, Reader):
    """Shows one call as it goes on. It never starts or answers anything by itself."""

    stop = Signal()
    again = Signal(object)
    """Run again, with this many seconds; None for as many as before."""
    handshake = Signal()
    """Reconnect with a handshake: the server can ask only then."""
    inbox = Signal(object)
    show_frame = Signal(int)
    read_resource = Signal(str)
    go_to_field = Signal(str)
    restart = Signal()
    """Start the server again, which is gone."""

    def __init__(
        self,
        empty: QWidget | None = None,
        *,
        first: str = "Structured",
        render: Callable[[Call], QWidget] | None = None,
    ) -> None:
        """`render` makes the first tab of a finished call; without it, it is the structured result of a tool."""
        super().__init__()
        self._render = render
        self.setAccessibleName("Result")
        surface(self, "panel")
        self.call: Call | None = None
        self.session: ServerSession | None = None
        self.mask: Callable[[str], str] = str
        """Takes secrets out of what is copied."""
        self._tool: dict[str, Any] | None = None
        self._usual: float | None = None
        self._built: object = None
        self._turns = Turns(self)
        self._parted: Parted | None = None
        self._low = False
        self._make_head(first)
        self._make_pages(empty)
        self._clock = QTimer(self, interval=100)
        self._clock.timeout.connect(self._tick)
        self.show_call(None, None)

    @property
    def view(self) -> QWidget | None:
        """The view of the value that is shown; None when the result has none."""
        return self.result.view

    # parts

    def _make_head(self, first: str) -> None:
        self.icon = IconLabel("clock", "info.text")
        self.title = Label("", type="strong")
        self.time = Label("", type="strong")
        self.facts = Elided("", "muted", "small")
        self.chip = Chip("", "ok")
        self.head = surface(QWidget(), "panel", "bottom")
        line = row(self.icon, self.title, self.time, self.facts, self.chip, margins=(14, 0, 14, 0))
        line.setStretchFactor(self.facts, 1)
        self.head.setLayout(line)
        theme().changed.connect(self._sized)
        self._sized()
        self.tabs = ResultTabs(first, of_tools=self._render is None)
        self.tabs.currentChanged.connect(self._tab_changed)
        self.tab_row = surface(QWidget(), "panel", "bottom")
        self.tab_row.setLayout(row(self.tabs, None, margins=(12, 0, 12, 0)))

    def _sized(self) -> None:
        self.head.setFixedHeight(theme().px(38))

    def _make_pages(self, empty: QWidget | None) -> None:
        self.nothing = empty or Empty("play", "Run it to see the result", "Ctrl+Enter runs with the arguments shown.")
        self.result = ResultPage(self._render)
        self.result.report_wanted.connect(self.copy_report)
        self.no_structure = Empty(
            "table", "No structured result", "The tool answered with content blocks only. They are in Content."
        )
        self.first = Pages()
        for page in (self.nothing, self.result, self.no_structure):
            self.first.addWidget(page)
        self.pages = Pages()
        self.pages.addWidget(self.first)
        self.foot = TimeFoot()
        self.foot.opened.connect(lambda: self.show_tab("timing"))
        self.setLayout(column(self.head, self.tab_row, self.pages, self.foot, gap=0))

    # Pages are built when a call first needs them: a view whose tool never ran has none of their 140 widgets.

    @cached_property
    def running(self) -> RunningPage:
        page = _added(RunningPage(), self.first)
        page.stop.clicked.connect(lambda: self.stop.emit())
        return page

    @cached_property
    def asking(self) -> Asking:
        page = _added(Asking(), self.first)
        page.inbox.connect(self.inbox)
        return page

    @cached_property
    def problem(self) -> ProblemPage:
        page = _added(ProblemPage(), self.first)
        page.longer.clicked.connect(lambda: self.again.emit(300.0))
        page.handshake.wanted.connect(self.handshake)
        page.handshake.again.connect(lambda: self.again.emit(None))
        page.frames.clicked.connect(lambda: self.show_tab("frames"))
        page.logs.clicked.connect(lambda: self.show_tab("logs"))
        page.copy.clicked.connect(self.copy_report)
        page.restart.clicked.connect(lambda: self.restart.emit())
        page.field.clicked.connect(lambda: self.go_to_field.emit(page.pointer))
        return page

    @cached_property
    def content(self) -> ContentPane:
        return _added(ContentPane(), self.pages)

    @cached_property
    def timing(self) -> TimingPage:
        return _added(TimingPage(), self.pages)

    @cached_property
    def logs(self) -> LogList:
        return _added(LogList("Logs during this call"), self.pages)

    @cached_property
    def frames(self) -> CallFrames:
        page = _added(CallFrames(), self.pages)
        page.more.connect(self.show_frame)
        return page

    @cached_property
    def compare(self) -> ComparePage:
        return _added(ComparePage(), self.pages)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a low pane the result has the room; Timing tells the same as the bar."""
        super().resizeEvent(event)
        self._low = event.size().height() < theme().px(_LOW)
        self._show_foot()

    def _show_foot(self) -> None:
        self.foot.setVisible(not self._low and self.call is not None and self.foot.tells)

    def read(self, uri: str) -> None:
        self.read_resource.emit(uri)

    # what is shown

    @property
    def exchange(self) -> int | None:
        """The number in the ledger of the last request of the call that is shown."""
        if self.call is None or self.session is None:
            return None
        exchanges = self.session.exchanges_of(self.call)
        return exchanges[-1].number if exchanges else None

    def show_call(
        self,
        session: ServerSession | None,
        call: Call | None,
        tool: dict[str, Any] | None = None,
        usual_ms: float | None = None,
    ) -> None:
        """Another call, or the same one in another state."""
        other = call is not self.call
        if other and self._turns.busy:
            self._turns.clear()
            self._built = None
            self.content.setProperty("call", None)
        self._follow(session)
        self.call, self._tool, self._usual = call, tool, usual_ms
        for part in (self.head, self.tab_row):
            part.setVisible(call is not None)
        if call is None or session is None:
            self._clock.stop()
            self.foot.hide()
            self.pages.setCurrentWidget(self.first)
            self.first.setCurrentWidget(self.nothing)
            return
        if other:
            self._forget_question()
            self.tabs.setCurrentIndex(0)
        self._show_head(session, call)
        self._show_first(session, call)
        self._show_tabs(session, call)
        (self._clock.stop if call.ended else self._clock.start)()

    def _follow(self, session: ServerSession | None) -> None:
        if session is self.session:
            return
        if self.session is not None and isValid(self.session):
            self.session.state_changed.disconnect(self._state_changed)
        if session is not None:
            session.state_changed.connect(self._state_changed)
        self.session = session

    def _state_changed(self) -> None:
        """What can be done about a failed call depends on how its server is connected."""
        if self.call is not None and "problem" in self.__dict__:
            self.problem.handshake.show_call(self.session, self.call)

    def show_tab(self, key: str) -> None:
        """ "structured", "content", "timing", "logs", "frames" or "compare"."""
        self.tabs.choose(key)

    def enter(self) -> bool:
        """Ctrl+Enter while a question waits; False when it is not for this pane."""
        if self.call is not None and self.call.state == "waiting":
            self.asking.enter()
            return True
        return False

    def _show_head(self, session: ServerSession, call: Call) -> None:
        words = verdict(call)
        token = "text.muted" if words.tone == "muted" else f"{words.tone}.text"
        set_icon(self.icon, words.icon, token)
        self.title.setText(words.title)
        self.title.set_tone(words.tone if words.tone in ("ok", "bad", "human", "info") else "primary")
        self.time.setText(duration(call.milliseconds))
        self._parted = parts_of(call, session.exchanges_of(call)) if call.ended else None
        facts = wire_facts(call, self._parted.server_ms, self._parted.wire_ms) if self._parted else ""
        usual = f"usually {short_duration(self._usual)}" if self._usual and not call.ended else ""
        self.facts.setText(" · ".join(part for part in (words.fact, facts, usual) if part))
        has_schema = bool(self._tool and isinstance(self._tool.get("outputSchema"), dict))
        text, kind = schema_chip(call, has_schema)
        self.chip.setVisible(bool(text))
        if text:
            self.chip.setText(text)
            self.chip.set_kind(kind)

    def _show_first(self, session: ServerSession, call: Call) -> None:
        if call.state == "waiting":
            waiting = next((q for q in call.questions if q.waiting), None)
            if waiting is not None:
                self.asking.show_question(waiting)
                self.first.setCurrentWidget(self.asking)
                return
        self._forget_question()
        if not call.ended:
            self.running.show_call(call)
            self.first.setCurrentWidget(self.running)
        elif call.state == "done":
            self._show_result(call)
        else:
            self.problem.show_call(call, session, len(session.entries_of(call)))
            self.first.setCurrentWidget(self.problem)

    def _forget_question(self) -> None:
        if "asking" in self.__dict__:
            self.asking.forget()

    def _show_result(self, call: Call) -> None:
        wanted = (call, call.state, bool(call.verdicts))
        if self._built != wanted:
            self._built = wanted
            self._soon(call, lambda: self._build_result(call))
        elif not self._turns.busy:
            self._show_built()
            self.result.show_logs(call)

    def _soon(self, call: Call, job: Callable[[], None]) -> None:
        """The views of a large result are built one a turn of the event loop."""
        if is_large(call.result):
            self._turns.add(job)
        else:
            job()

    def _show_built(self) -> None:
        self.first.setCurrentWidget(self.result if self.view is not None else self.no_structure)

    def _build_result(self, call: Call) -> None:
        self.result.fill(call)
        if self.view is None and self.tabs.currentIndex() == 0:
            self.show_tab("content")
        self._show_built()

    def _show_tabs(self, session: ServerSession, call: Call) -> None:
        entries = session.entries_of(call)
        blocks = blocks_of(call)
        runs = [one for one in session.calls if one.method == call.method and one.name == call.name]
        self.compare.set_runs(session.bridge, call, runs)
        self.tabs.set_numbers(content=len(blocks), logs=len(call.logs), frames=len(entries), runs=len(runs))
        if self.content.property("call") is not call or call.ended != self.content.property("ended"):
            self.content.setProperty("call", call)
            self.content.setProperty("ended", call.ended)
            self._soon(call, lambda: self._fill_content(blocks))
        self.logs.zero_ns = call.started_ns
        if len(self.logs.model_.rows) != len(call.logs) or self.logs.property("call") is not call:
            self.logs.setProperty("call", call)
            self.logs.set_lines(list(call.logs))
        self.logs.say_when_empty(no_logs(call))
        self.frames.set_entries(entries)
        self._show_time(call, session)

    def _fill_content(self, blocks: list[Any]) -> None:
        self.content.set_blocks(blocks)

    def _show_time(self, call: Call, session: ServerSession) -> None:
        parted = self._parted
        self.foot.show_call(call, parted, session.calls)
        self._show_foot()
        self.timing.show_parts(parted, session.exchanges_of(call) if parted is not None else [])

    def _tab_changed(self) -> None:
        if key := self.tabs.key:
            page: QWidget = self.first if key == "structured" else getattr(self, key)
            self.pages.setCurrentWidget(page)

    def _tick(self) -> None:
        call = self.call
        if call is None or call.ended:
            return
        waiting = next((q for q in call.questions if q.waiting), None)
        if waiting is None:
            self.time.setText(short_duration(call.milliseconds))
        else:
            seconds = int(waiting.seconds)
            self.time.setText(f"{seconds // 60}:{seconds % 60:02d}")
            self.facts.setText(f"work so far {duration(max(0.0, call.milliseconds - waiting.seconds * 1000))}")

    # copying

    def copy_json(self) -> None:
        """The whole result as JSON."""
        if self.call is not None and self.call.result is not None:
            QGuiApplication.clipboard().setText(json.dumps(self.call.result, ensure_ascii=False, indent=2))

    def copy_report(self) -> None:
        """What happened, with the frames, for a bug report."""
        call, session = self.call, self.session
        if call is not None and session is not None:
            schema = self._tool.get("outputSchema") if self._tool else None
            told = report(call, session.entries_of(call), session.facts, schema)
            QGuiApplication.clipboard().setText(self.mask(told))


def _added(page: _Page, stack: Pages) -> _Page:
    stack.addWidget(page)
    return page
