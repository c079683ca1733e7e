"""The main window: fixed regions around one view, every action of the table, drop of files anywhere."""

from typing import Any

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from wireglass.launch.trust import TrustStore
from wireglass_app.actions import Actions
from wireglass_app.appearance import follow
from wireglass_app.bridge import Bridge
from wireglass_app.calls import Call
from wireglass_app.following import Seldom
from wireglass_app.panels import PANELS
from wireglass_app.panels.base import Desk
from wireglass_app.plain import visible
from wireglass_app.questions import Question
from wireglass_app.reading import move_focus
from wireglass_app.recording import OpenedRecording, masker_of
from wireglass_app.server_session import ServerSession
from wireglass_app.settings import Settings
from wireglass_app.shell.arrivals import Arrivals
from wireglass_app.shell.center import Center
from wireglass_app.shell.drawer import Drawer
from wireglass_app.shell.dropping import Dropping
from wireglass_app.shell.header import Header
from wireglass_app.shell.help_here import HelpHere
from wireglass_app.shell.host import PanelHost
from wireglass_app.shell.leaving import Closing, LeaveBar
from wireglass_app.shell.navigation import Navigation
from wireglass_app.shell.notices import WindowNotices
from wireglass_app.shell.regions import Regions
from wireglass_app.shell.server_menu import server_menu
from wireglass_app.shell.speaking import Announcer, ConnectionNews
from wireglass_app.shell.status import StatusBar
from wireglass_app.shell.strip import SessionStrip
from wireglass_app.shell.window_memory import WindowMemory
from wireglass_app.theme import theme
from wireglass_app.window_actions import handlers, only_look
from wireglass_app.window_places import Places
from wireglass_app.workbench import Workbench

__all__ = ["MainWindow"]

_START_SIZE = (1440, 900)
_LEAST_SIZE = (820, 560)
_NARROW = 960
"""Below this the navigation shrinks to icons."""
_FEW_QUESTIONS = 50


class MainWindow(QMainWindow):
    """Built by `application`, which also gives it `opener` requests to carry out."""

    open_file = Signal()
    open_spec = Signal(str)
    open_text = Signal(str)
    open_example = Signal(str)
    open_known = Signal(list)
    open_recent = Signal(str)
    open_recordings = Signal(list)
    """Paths of session files; an empty list asks the user which."""
    replay_wanted = Signal(str)
    """The calls of this session file on a live server: the live window shows it."""
    save_recording = Signal()
    connect_wanted = Signal(object)
    """A Target to start from, or None."""
    sign_in_wanted = Signal(object)
    """The ServerSession whose server wants to know who asks."""
    mend_wanted = Signal(object, str)
    """A session, and the key of the `Offer` that its failure makes."""
    new_window = Signal()
    fronted = Signal()
    """This window became the one that the user works in."""
    ended = Signal()
    """The user closed it."""
    quit_wanted = Signal()
    """All windows are to close."""

    def __init__(
        self, bridge: Bridge, workbench: Workbench, settings: Settings, trust: TrustStore, number: int = 1
    ) -> None:
        """`number` tells the windows of one session apart; each remembers its own place and layout."""
        super().__init__()
        theme().dress(self)
        self.bridge, self.workbench, self.settings, self._trust = bridge, workbench, settings, trust
        self.number = number
        self.leads = True
        """Whether it follows the current server; of several windows the one in front does."""
        self.last = True
        """Whether closing it ends the session."""
        self.places = Places(self)
        self.actions_table = Actions(self, settings)
        self.header = Header(workbench, self.actions_table)
        self.navigation = Navigation(workbench, PANELS, self.actions_table, settings)
        self.center = Center(self._desk_of, PANELS)
        self.notices = WindowNotices()
        self.leave = LeaveBar()
        self.closing = Closing(self, self.leave)
        self.drawer = Drawer(workbench, settings)
        self.memory = WindowMemory(self, self.center, self.drawer, settings, number, self.places.put_back)
        self.strip = SessionStrip(workbench)
        self.status = StatusBar(workbench, self.actions_table)
        self.announcer = Announcer(self, self.status.say)
        self.help = HelpHere(self, self.actions_table)
        self._news = ConnectionNews()
        self._flooded = Seldom(self._refresh, self)
        self.server: ServerSession | None = workbench.current
        """The server that this window shows."""
        follow(settings)
        self.regions = Regions(self)
        self.dropping = Dropping(self)
        self._lay_out()
        self._listen()
        self.actions_table.connect_all(handlers(self))
        self._restore()
        if workbench.recording.opened:
            self._only_look()

    @property
    def host(self) -> PanelHost:
        """The active pane's views."""
        return self.center.host

    def _desk_of(self, host: PanelHost) -> Desk:
        """What the views of one pane may use: where they send the user opens in their own pane."""

        def go(key: str, **facts: Any) -> None:
            if self.center.host is not host:
                self.center.activate(host)
            self.go(key, **facts)

        act = self.actions_table.trigger
        return Desk(self.bridge, self.workbench, self.settings, go, self.announce, act, self._trust)

    # layout

    def _lay_out(self) -> None:
        self.setWindowTitle("Wireglass")
        self.setWindowIcon(theme().icon("wireglass", size=64))
        self.setMinimumSize(*_LEAST_SIZE)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.navigation)
        beside = QVBoxLayout()
        beside.setSpacing(0)
        beside.addWidget(self.notices)
        beside.addWidget(self.leave)
        beside.addWidget(self.center, 1)
        beside.addWidget(self.drawer)
        middle.addLayout(beside, 1)
        self.drawer.hide()
        whole = QVBoxLayout()
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        whole.addLayout(middle, 1)
        whole.addWidget(self.strip)
        whole.addWidget(self.status)
        central = QWidget()
        central.setLayout(whole)
        self.setCentralWidget(central)
        if QApplication.platformName() == "cocoa":
            self.actions_table.menu_bar(self.menuBar())

    def _listen(self) -> None:
        bench = self.workbench
        self.navigation.chosen.connect(lambda panel, session: self.go(panel, session=session))
        self.navigation.menu_wanted.connect(self._server_menu)
        self.center.shown.connect(self._shown)
        self.center.activated.connect(self.pane_activated)
        self.drawer.picked.connect(self.places.to_line)
        self.drawer.closed.connect(self.regions.toggle_drawer)
        self.header.command.connect(lambda: self.actions_table.trigger("palette"))
        self.header.reload_note.connect(self.places.to_reload)
        self.strip.picked.connect(self.places.to_call)
        bench.added.connect(self._session_added)
        bench.removed.connect(self._session_removed)
        bench.current_changed.connect(self._current_changed)
        bench.session_changed.connect(self._session_changed)
        bench.questions_changed.connect(self._questions_changed)
        self.arrivals = Arrivals(self, self.settings, lambda words: self.announce(words, assertive=True))
        bench.asked.connect(self._asked)
        bench.call_changed.connect(self._call_changed)
        self.bridge.fault.connect(self._fault)
        theme().changed.connect(self._fit_navigation)

    def _only_look(self) -> None:
        """A recording: what would run or write something is off, and a bar says what this window is."""
        recording = self.workbench.recording
        only_look(self.actions_table, can_save=isinstance(recording, OpenedRecording) and recording.recovered)
        self.notices.show_recording(self.workbench, self.close, lambda: self.go("sessions"), self.replay)
        self.strip.hide()
        self.go("timeline")

    # going places

    def go(self, key: str, *, session: ServerSession | None = None, **facts: Any) -> None:
        """Shows a view by its key; also takes the few requests that are not views."""
        self.places.go(key, session=session, **facts)

    def announce(self, text: str, *, assertive: bool = False) -> None:
        """Says one sentence in the status bar and to screen readers."""
        self.announcer.say(text, assertive=assertive)

    def replay(self) -> None:
        """The calls of the recording in sight again, in the live window."""
        recording = self.workbench.recording
        if isinstance(recording, OpenedRecording):
            self.replay_wanted.emit(str(recording.saved.path))

    def _server_menu(self, session: ServerSession, at: QPoint) -> None:
        menu = server_menu(self, session, self.workbench, self.go, self.actions_table.trigger)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    def open_palette(self, prefix: str) -> None:
        """`prefix` says what it begins with: ">" commands, "@" what servers offer."""
        from wireglass_app.shell.palette import Palette

        palette = Palette(self, self.actions_table, self.workbench, PANELS, self.go, self.settings)
        palette.marked.connect(self.announcer.speak)
        palette.open_with(prefix)

    # what happened

    def _shown(self, key: str, session: ServerSession | None) -> None:
        self.navigation.show_current(key, session)
        back, forward = self.host.can_go
        self.actions_table["back"].setEnabled(back)
        self.actions_table["forward"].setEnabled(forward)
        self.header.back.setEnabled(back)
        self.header.forward.setEnabled(forward)
        if session is not None and self.host.specs[key].group == "server" and key != "connection":
            self.settings.set(f"view.{session.target.key}", key)
        self.strip.setVisible(self.host.specs[key].strip and not self.workbench.recording.opened)
        self._refresh_title()
        self.regions.refresh_help()

    def _refresh_title(self) -> None:
        key, session = self.host.place
        view = self.host.specs[key].title if key else ""
        parts = [view, visible(session.name, 60)] if session else [view]
        recording = self.workbench.recording
        if isinstance(recording, OpenedRecording):
            parts.append(visible(recording.name, 80))
        self.setWindowTitle(f"{' · '.join(part for part in parts if part)} — Wireglass")

    def _refresh(self) -> None:
        self.header.refresh(self.server)
        self.navigation.refresh()
        self.status.show_session(self.server)
        self.drawer.show_session(self.server)
        key, session = self.host.place
        if key and self.host.specs[key].group == "server" and session is not self.server:
            self.go(key if self.server else "welcome")

    def _questions_changed(self) -> None:
        """At once as long as there are few; of a flood of them the window takes notice ten times a second."""
        if len(self.workbench.waiting) < _FEW_QUESTIONS:
            self._refresh()
        else:
            self._flooded.ask()

    def _current_changed(self, session: ServerSession | None) -> None:
        if self.leads or self.server not in self.workbench.sessions:
            self.server = session
        self._refresh()

    def show_server(self, session: ServerSession) -> None:
        """The server of this window; the one in front also sets the current server of the session."""
        self.server = session
        if self.leads:
            self.workbench.make_current(session)
        self._refresh_parts()

    def _refresh_parts(self) -> None:
        self.header.refresh(self.server)
        self.status.show_session(self.server)
        self.drawer.show_session(self.server)

    def pane_activated(self) -> None:
        """Another pane has the focus: its server is the one of this window."""
        key, session = self.host.place
        if not key:
            return  # a pane that is about to get its first view
        if self.host.specs[key].group == "server" and session is not None:
            self.show_server(session)
        self._shown(key, session)

    def _session_added(self, session: ServerSession) -> None:
        if self.leads and not session.recorded:
            self.places.to_server(session)
        self._refresh()

    def _session_removed(self, session: ServerSession) -> None:
        rest = self.workbench.current
        if self.server is session:
            self.server = rest
        self.places.leave(session, rest)
        self._refresh()

    def _session_changed(self, session: ServerSession) -> None:
        for host in self.center.hosts:
            if session is host.place[1]:
                host.refresh()
        self._refresh()
        self._refresh_title()
        if not self.leads:
            return
        if (news := self._news.of(session)) is not None:
            self.announce(news[0], assertive=news[1])

    def _asked(self, question: Question) -> None:
        if self.leads:
            self.arrivals.arrived(question)

    def _call_changed(self, session: ServerSession, call: Call) -> None:
        if call.ended:
            self.status.refresh()
            self.navigation.list.viewport().update()
            self.header.server.show_session(self.server)

    def _fault(self, problem: Exception) -> None:
        self.announce(self.notices.show_fault(problem, lambda text: masker_of(self.workbench.recording).text(text)))

    # remembering, dropping, closing

    def _restore(self) -> None:
        self.resize(*_START_SIZE)
        self.regions.nav_wanted = self.memory.restore()
        self.navigation.setVisible(self.regions.nav_wanted)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.memory.keep_geometry()
        elif event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.fronted.emit()

    def take_lead(self) -> None:
        """It is in front now: its server is the current one."""
        self.leads = True
        if self.server is not None:
            self.workbench.make_current(self.server)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_navigation()
        self.drawer.fit()
        self.help.place()

    def _fit_navigation(self) -> None:
        self.navigation.set_narrow(self.width() < theme().px(_NARROW))

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab and Shift+Tab, in reading order."""
        return move_focus(self, forward=next)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The side buttons of a mouse go back and forward, as everywhere."""
        side = {Qt.MouseButton.BackButton: "back", Qt.MouseButton.ForwardButton: "forward"}.get(event.button())
        if side is not None:
            self.actions_table.trigger(side)
        else:
            super().mousePressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.dropping.enter(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.dropping.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        self.dropping.drop(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """The last window asks in place while a call runs or a question waits; servers stop when it is out of sight."""
        event.setAccepted(self.closing.ended)
        self.closing.close()
