"""Logs of one server: its log, its stderr, stray stdout and why real hosts break on it, and Claude Desktop's log."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QStackedWidget, QWidget

from wireglass.targets.facts import Machine
from wireglass.targets.inventory import this_machine
from wireglass_app.calls import PANEL_OF, LogLine
from wireglass_app.configs.app_log import AppLog, logs_about
from wireglass_app.controls import Button, Empty, Label, Notice, SearchField, Segments, column, row, surface
from wireglass_app.dossier.loglist import LEVELS, LogList
from wireglass_app.headline import HeadLine
from wireglass_app.panels.base import Desk, Panel
from wireglass_app.plain import count, counted
from wireglass_app.server_session import ServerSession

__all__ = ["LogsPanel"]

_SOURCES = (("", "All"), ("log", "Log"), ("stderr", "stderr"), ("stdout", "Stray stdout"))
_FILTER = "logs.filter"
_APP = ("app", "Claude Desktop")


class LogsPanel(Panel):
    """Follows the end; a double click goes to the call."""

    def __init__(self, desk: Desk, *, machine: Callable[[], Machine] = this_machine) -> None:
        super().__init__(desk)
        self.setAccessibleName("Logs")
        self._machine = machine
        self.app_log = AppLog(self)
        self.app_log.added.connect(self._added)
        self.field = SearchField("Filter logs", "Ctrl+L")
        self.sources = Segments(_SOURCES, "Source")
        self.level = QComboBox()
        self.level.setAccessibleName("Lowest level shown")
        for level in LEVELS[:5]:
            self.level.addItem(f"{level} and above", level)
        self.total = Label("", "muted", "caption")
        self.clear_button = Button("Clear", "ghost", icon="bin", clicked=self._clear)
        self.stray = Notice(
            "warn",
            "This server writes text to stdout that is no message. Hosts that read stdout strictly end the connection "
            "there. Print to stderr instead: print(…, file=sys.stderr), or use ctx.info.",
            icon="warning",
        )
        self.list = LogList("Log lines")
        self.list.picked.connect(self._picked)
        self.empty = Empty(
            "logs", "Nothing was logged yet", "Log messages, stderr and stray output appear as they come."
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.empty)
        chosen = (self.field, self.sources, self.level)
        ends = (self.total, self.clear_button)
        head = HeadLine(Label("Logs", type="title"), chosen, ends, margins=(14, 9, 14, 9))
        surface(head, "panel", "bottom")
        self.setLayout(column(head, row(self.stray, margins=(14, 8, 14, 0)), self._stack, gap=0))
        self._recall()
        self.field.textChanged.connect(lambda _text: self._narrow())
        self.sources.chosen.connect(lambda _key: self._narrow())
        self.level.currentIndexChanged.connect(lambda _at: self._narrow())
        self.field.left.connect(self.list.setFocus)
        self._show()

    def _recall(self) -> None:
        """The filter of last time, also of an earlier run of the window."""
        kept = self.desk.settings.get(_FILTER, {})
        self.field.setText(str(kept.get("text") or ""))
        self.level.setCurrentIndex(max(0, self.level.findData(kept.get("level"))))
        self.sources.set_current(str(kept.get("source") or ""))

    def _narrow(self) -> None:
        source = self.sources.current()
        kept = {"text": self.field.text(), "level": self.level.currentData()}
        kept["source"] = "" if source == _APP[0] else source  # that source is not there for every server
        self.desk.settings.set(_FILTER, kept)
        self._show()

    def set_session(self, session: ServerSession | None) -> None:
        if session is self.session:
            return
        if self.session is not None:
            self.session.logs_added.disconnect(self._added)
        self.session = session
        if session is not None:
            session.logs_added.connect(self._added)
        if self.isVisible():  # else when it comes into sight
            self._follow_app()
            self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow_app()
        self._show()
        self.app_log.set_watched(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.app_log.set_watched(False)

    def _follow_app(self) -> None:
        """Claude Desktop may run a server of the same name; what it logs about it is a source of its own."""
        name = self.session.name if self.session else ""
        self.app_log.follow(name, logs_about(name, self._machine()) if name else ())
        self.sources.set_choices((*_SOURCES, _APP) if self.app_log.is_there else _SOURCES)

    def _lines(self) -> list[LogLine]:
        """All of them; another app's stand apart, since they are about another process."""
        if self.sources.current() == _APP[0]:
            return self.app_log.lines
        return self.session.logs if self.session else []

    def _added(self, lines: list[LogLine]) -> None:
        fitting = self._fitting(lines)
        if fitting:
            self.list.add_lines(fitting)
        self._counts()

    def _show(self) -> None:
        self.list.set_lines(self._fitting(self._lines()))
        self._counts()

    def _counts(self) -> None:
        lines = self._lines()
        self.clear_button.setVisible(self.sources.current() != _APP[0])
        self.stray.setVisible(any(line.source == "stdout" for line in lines[-2000:]))
        shown, total = self.list.model_.rowCount(), len(lines)
        of = "" if shown == total else f"{count(shown)} of "
        self.total.setText(f"{of}{counted(total, 'line')}" if total else "")
        self._stack.setCurrentWidget(self.list if lines else self.empty)

    def _fitting(self, lines: list[LogLine]) -> list[LogLine]:
        source, wanted = self.sources.current(), self.field.text().lower()
        below = LEVELS[: max(0, self.level.currentIndex())]

        def fits(line: LogLine) -> bool:
            if line.source != source and (source or line.source == _APP[0]):
                return False
            if below and line.level in below and line.source in ("log", _APP[0]):
                return False
            return not wanted or wanted in line.text.lower() or wanted in line.logger.lower()

        return [line for line in lines if fits(line)]

    def _clear(self) -> None:
        if self.session is not None:
            self.session.logs.clear()
        self._show()

    def _picked(self, line: LogLine) -> None:
        session = self.session
        if session is not None and line.call is not None:
            call = session.calls[line.call - 1]
            self.desk.go(PANEL_OF.get(call.method, "history"), session=session, call=call)
        elif line.seq is not None:
            self.desk.go("frames", seq=line.seq)

    def focus_filter(self) -> None:
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def regions(self) -> list[QWidget]:
        return [self.field, self.list]
