"""The main window: fixed regions around one view, every action of the table, drop of files anywhere."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from wireglass_app import motion
from wireglass_app.actions import Actions, view_keys
from wireglass_app.appearance import THEME, ZOOM, follow
from wireglass_app.bridge import Bridge
from wireglass_app.calls import PANEL_OF, LogLine
from wireglass_app.panels import PANELS
from wireglass_app.panels.base import Desk
from wireglass_app.plain import visible
from wireglass_app.recording import OpenedRecording
from wireglass_app.server_session import ServerSession
from wireglass_app.settings import Settings
from wireglass_app.shell.arrivals import Arrivals
from wireglass_app.shell.center import Center
from wireglass_app.shell.drawer import Drawer
from wireglass_app.shell.header import Header
from wireglass_app.shell.help_here import HelpHere
from wireglass_app.shell.host import PanelHost
from wireglass_app.shell.leaving import LeaveBar, unfinished
from wireglass_app.shell.navigation import Navigation
from wireglass_app.shell.notices import WindowNotices
from wireglass_app.shell.server_menu import server_menu
from wireglass_app.shell.speaking import Announcer
from wireglass_app.shell.status import StatusBar
from wireglass_app.shell.strip import SessionStrip
from wireglass_app.shell.window_memory import WindowMemory
from wireglass_app.theme import Choice, theme
from wireglass_app.workbench import Workbench

__all__ = ["MainWindow"]

_START_SIZE = (1440, 900)
_LEAST_SIZE = (820, 560)
_NARROW = 960
"""Below this the navigation shrinks to icons."""
_RECORDING = ".wglass"
_LIVE_ACTIONS = (
    "save-session",
    "reload",
    "sign-in",
    "disconnect",
    "close-server",
    "run",
    "stop",
    "repeat",
    "oldest-question",
)
"""Off in the window of a recording."""
_COMPARED = ("runs", "sessions", "servers")


class MainWindow(QMainWindow):
    """Built by `application`, which also gives it `opener` requests to carry out."""

    open_file = Signal()
    open_spec = Signal(str)
    open_text = Signal(str)
    open_example = Signal(str)
    open_known = Signal(list)
    open_recent = Signal(str)
    open_recordings = Signal(list)
    replay_wanted = Signal(str)
    """The calls of this session file on a live server: the live window shows it."""
    """Paths of session files; an empty list asks the user which."""
    save_recording = Signal()
    connect_wanted = Signal(object)
    sign_in_wanted = Signal(object)
    """A Target to start from, or None."""
    new_window = Signal()
    fronted = Signal()
    """This window became the one that the user works in."""
    ended = Signal()
    """The user closed it."""
    quit_wanted = Signal()
    """All windows are to close."""

    def __init__(self, bridge: Bridge, workbench: Workbench, settings: Settings, number: int = 1) -> None:
        """`number` tells the windows of one session apart; each remembers its own place and layout."""
        super().__init__()
        self.bridge, self.workbench, self.settings = bridge, workbench, settings
        self.number = number
        self.leads = True
        """Whether it follows the current server; of several windows the one in front does."""
        self.last = True
        """Whether closing it ends the session."""
        self.actions_table = Actions(self, settings)
        self.header = Header(workbench, self.actions_table)
        self.navigation = Navigation(workbench, PANELS, self.actions_table, settings)
        self.center = Center(self._desk_of, PANELS)
        self.notices = WindowNotices()
        self.leave = LeaveBar()
        self.drawer = Drawer(workbench, settings)
        self.memory = WindowMemory(self, self.center, self.drawer, settings, number, self._put_back)
        self.strip = SessionStrip(workbench)
        self.status = StatusBar(workbench, self.actions_table)
        self.announcer = Announcer(self, self.status.say)
        self.help = HelpHere(self, self.actions_table)
        self._server: ServerSession | None = workbench.current
        self._closing = self._quitting = False
        follow(settings)
        self._nav_wanted = True
        self._lay_out()
        self._listen()
        self.actions_table.connect_all(self._handlers())
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

        return Desk(self.bridge, self.workbench, self.settings, go, self.announce, self.actions_table.trigger)

    # layout

    def _lay_out(self) -> None:
        self.setWindowTitle("Wireglass")
        self.setWindowIcon(theme().icon("wireglass", size=64))
        self.setMinimumSize(*_LEAST_SIZE)
        self.setAcceptDrops(True)
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
        self.center.activated.connect(self._pane_activated)
        self.drawer.picked.connect(self._line_picked)
        self.drawer.closed.connect(self._toggle_drawer)
        self.leave.left.connect(self._leave)
        self.header.command.connect(lambda: self.actions_table.trigger("palette"))
        self.header.reload_note.connect(lambda: self.go("changes", source="reload"))
        self.strip.picked.connect(self._call_picked)
        bench.added.connect(self._session_added)
        bench.removed.connect(self._session_removed)
        bench.current_changed.connect(self._current_changed)
        bench.session_changed.connect(self._session_changed)
        bench.questions_changed.connect(self._refresh)
        self.arrivals = Arrivals(self, self.settings, lambda words: self.announce(words, assertive=True))
        bench.asked.connect(self._asked)
        bench.call_changed.connect(self._call_changed)
        self.bridge.fault.connect(self._fault)

    def _only_look(self) -> None:
        """A recording: what would run or write something is off, and a bar says what this window is."""
        for key in _LIVE_ACTIONS:
            self.actions_table[key].setEnabled(False)
        recording = self.workbench.recording
        if isinstance(recording, OpenedRecording) and recording.recovered:
            self.actions_table["save-session"].setEnabled(True)
        self.notices.show_recording(self.workbench, self.close, lambda: self.go("sessions"), self._replay)
        self.strip.hide()
        self.go("timeline")

    def _handlers(self) -> dict[str, Callable[[], Any]]:
        panel: Callable[[], Any] = lambda: self.host.panel  # noqa: E731 (the view changes, so it is asked each time)
        return {
            "open": self.open_file.emit,
            "connect": lambda: self.connect_wanted.emit(None),
            "save-session": self.save_recording.emit,
            "open-session": lambda: self.open_recordings.emit([]),
            "welcome": lambda: self.go("welcome"),
            "new-window": self.new_window.emit,
            "close-window": self.close,
            "quit": self._quit,
            "save": lambda: panel().save(),
            "undo-write": lambda: self.go("targets", undo=True),
            "install": lambda: self.go("targets", install=self._server.name if self._server else ""),
            "changes": lambda: self.go("changes", source="reload"),
            "replay": lambda: self._replay() if self.workbench.recording.opened else self.go("replay"),
            **{f"compare-{one}": lambda one=one: self.go("changes", source=one) for one in _COMPARED},
            "copy-json": lambda: panel().copy_result(),
            "keep-filter": lambda: panel().keep_filter(),
            "filter": lambda: panel().focus_filter(),
            "find": lambda: panel().find(),
            "settings": lambda: self.go("settings"),
            "palette": lambda: self._palette(">" if not self.workbench.sessions else ""),
            "go": lambda: self._palette("@" if self.workbench.sessions else ""),
            "back": lambda: self.host.back(),
            "forward": lambda: self.host.forward(),
            "nav": self._toggle_nav,
            "drawer": self._toggle_drawer,
            "split": self._toggle_split,
            "other-pane": self._other_pane,
            **{f"view-{key}": lambda key=key: self.go(key) for key in view_keys()},
            "next-region": lambda: self._step_region(1),
            "previous-region": lambda: self._step_region(-1),
            "zoom-in": lambda: self._zoom(theme().scale + 0.1),
            "zoom-out": lambda: self._zoom(theme().scale - 0.1),
            "zoom-reset": lambda: self._zoom(1.0),
            "theme-system": lambda: self._choose_theme("system"),
            "theme-light": lambda: self._choose_theme("light"),
            "theme-dark": lambda: self._choose_theme("dark"),
            "theme-contrast": lambda: self._choose_theme("contrast"),
            "reload": lambda: self._with_current(lambda session: session.restart()),
            "doctor": self._check_connection,
            "sign-in": lambda: self.sign_in_wanted.emit(self._server) if self._server is not None else None,
            "disconnect": lambda: self._with_current(lambda session: session.disconnect_from()),
            "close-server": lambda: self._with_current(self.workbench.close),
            "next-server": self.workbench.next_server,
            "run": lambda: panel().run_primary(),
            "stop": lambda: panel().stop(),
            "repeat": lambda: panel().repeat(),
            "watch": lambda: panel().watch(),
            "form-json": lambda: panel().toggle_json(),
            "timing": lambda: panel().show_timing(),
            "previous-run": lambda: panel().step(False),
            "next-run": lambda: panel().step(True),
            "oldest-question": lambda: self.go("inbox", oldest=True),
            "decline": lambda: panel().decline(),
            "draft": lambda: panel().draft_reply(),
            "rules": lambda: self.go("inbox", rules=True),
            "next-problem": lambda: self._step_problem(True),
            "previous-problem": lambda: self._step_problem(False),
            "help": self._toggle_help,
            "keys": lambda: self.go("settings", section="keys"),
            "about": lambda: self.go("settings", section="about"),
        }

    # going places

    def go(self, key: str, *, session: ServerSession | None = None, **facts: Any) -> None:
        """Shows a view by its key; also takes the few requests that are not views."""
        requests: dict[str, Callable[[], Any]] = {
            "open-example": lambda: self.open_example.emit(facts["file"]),
            "open-text": lambda: self.open_text.emit(facts["text"]),
            "open-spec": lambda: self.open_spec.emit(facts["spec"]),
            "open-known": lambda: self.open_known.emit(facts["servers"]),
            "open-recent": lambda: self.open_recent.emit(facts["server"]),
            "open-recordings": lambda: self.open_recordings.emit(facts["paths"]),
            "save-recording": self.save_recording.emit,
            "sign-in": lambda: self.sign_in_wanted.emit(session) if session else None,
            "edit-target": lambda: self.connect_wanted.emit(session.target if session else None),
        }
        if key in requests:
            requests[key]()
            return
        if key not in self.host.specs:
            return
        server = session or self._server
        if self.host.specs[key].group == "server":
            if server is None:
                self.host.show_place("welcome", None)
                return
            self._follow(server)
        self.host.show_place(key, server, **facts)

    def announce(self, text: str, *, assertive: bool = False) -> None:
        """Says one sentence in the status bar and to screen readers."""
        self.announcer.say(text, assertive=assertive)

    def _replay(self) -> None:
        recording = self.workbench.recording
        if isinstance(recording, OpenedRecording):
            self.replay_wanted.emit(str(recording.saved.path))

    def _server_menu(self, session: ServerSession, at: QPoint) -> None:
        menu = server_menu(self, session, self.workbench, self.go, self.actions_table.trigger)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    def _palette(self, prefix: str) -> None:
        from wireglass_app.shell.palette import Palette

        palette = Palette(self, self.actions_table, self.workbench, PANELS, self.go, self.settings)
        palette.open_with(prefix)

    def _step_region(self, step: int) -> None:
        panels = [one for host in self.center.hosts for one in host.panel.regions()]
        drawer = list(self.drawer.lists.values())
        regions = [self.header.field, self.navigation.list, *panels, *drawer, self.help.words, self.strip.lane]
        regions = [one for one in regions if one.isVisible()]
        focus = QApplication.focusWidget()
        here = next((i for i, one in enumerate(regions) if focus is one or (focus and one.isAncestorOf(focus))), -1)
        target = regions[(here + step) % len(regions)]
        _focus_into(target)

    def _check_connection(self) -> None:
        if self._server is None:
            self.go("welcome")
            self.announce("Open a server first: its connection is what would be checked.")
        else:
            self.go("connection", session=self._server, check=True)

    def _toggle_help(self) -> None:
        if self.help.isVisible():
            self.help.hide()
            return
        self.announce(self.help.show_view(*self._view_for_help()))
        self.help.show()
        self.help.raise_()
        motion.fade_in(self.help)

    def _view_for_help(self) -> tuple[str, str]:
        key = next((key for key in self.host.specs if self.host.is_built(key, self.host.panel)), "welcome")
        return key, self.host.specs[key].title

    def _step_problem(self, forward: bool) -> None:
        if not self.host.panel.step_problem(forward):
            self.go("frames")
            self.host.panel.step_problem(forward)

    def _with_current(self, work: Callable[[ServerSession], Coroutine[Any, Any, Any]]) -> None:
        if self._server is not None:
            self.bridge.spawn(work(self._server))

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
        if self.help.isVisible():
            self.help.show_view(*self._view_for_help())

    def _refresh_title(self) -> None:
        key, session = self.host.place
        view = self.host.specs[key].title if key else ""
        parts = [view, visible(session.name, 60)] if session else [view]
        recording = self.workbench.recording
        if isinstance(recording, OpenedRecording):
            parts.append(visible(recording.name, 80))
        self.setWindowTitle(f"{' · '.join(part for part in parts if part)} — Wireglass")

    def _refresh(self) -> None:
        self.header.refresh(self._server)
        self.navigation.refresh()
        self.status.show_session(self._server)
        self.drawer.show_session(self._server)
        key, session = self.host.place
        if key and self.host.specs[key].group == "server" and session is not self._server:
            self.go(key if self._server else "welcome")

    def _current_changed(self, session: ServerSession | None) -> None:
        if self.leads or self._server not in self.workbench.sessions:
            self._server = session
        self._refresh()

    def _follow(self, session: ServerSession) -> None:
        """The server of this window; the one in front also sets the current server of the session."""
        self._server = session
        if self.leads:
            self.workbench.make_current(session)
        self._refresh_parts()

    def _refresh_parts(self) -> None:
        self.header.refresh(self._server)
        self.status.show_session(self._server)
        self.drawer.show_session(self._server)

    def _pane_activated(self) -> None:
        key, session = self.host.place
        if not key:
            return  # a pane that is about to get its first view
        if self.host.specs[key].group == "server" and session is not None:
            self._follow(session)
        self._shown(key, session)

    def _session_added(self, session: ServerSession) -> None:
        if self.leads and not session.recorded:
            view = self.settings.get(f"view.{session.target.key}", "tools")
            wanted = self.host.specs.get(view)
            self.go(view if wanted is not None and wanted.group == "server" else "tools", session=session)
        self._refresh()

    def _session_removed(self, session: ServerSession) -> None:
        rest = self.workbench.current
        if self._server is session:
            self._server = rest
        for pane in self.center.panes:
            host = pane.host
            host.forget(session)
            if host.place[1] is session or not self.workbench.sessions:
                host.place = ("", None)
                host.show_place("tools" if rest else "welcome", rest)
        self._refresh()

    def _session_changed(self, session: ServerSession) -> None:
        for host in self.center.hosts:
            if session is host.place[1]:
                host.refresh()
        self._refresh()
        self._refresh_title()
        name = visible(session.name, 60)
        if not self.leads:
            return
        if session.state in ("failed", "crashed") and session.failure is not None:
            self.announce(session.failure.title, assertive=True)
        elif session.state == "ready":
            self.announce(f"{name} is connected: {len(session.catalogue.tools)} tools")

    def _asked(self, question: Any) -> None:
        if self.leads:
            self.arrivals.arrived(question)

    def _call_changed(self, session: ServerSession, call: Any) -> None:
        if call.ended:
            self.status.refresh()

    def _call_picked(self, session: ServerSession, call: Any) -> None:
        panel = PANEL_OF.get(call.method)
        if panel is not None:
            self.go(panel, session=session, call=call)

    def _line_picked(self, session: ServerSession | None, line: LogLine) -> None:
        call = session.call_of(line) if session is not None else None
        if session is not None and call is not None and call.method in PANEL_OF:
            self._call_picked(session, call)
        elif line.seq is not None:
            self.go("frames", seq=line.seq)

    def _fault(self, problem: Exception) -> None:
        self.status.say(f"Something failed inside Wireglass, not in your server: {problem}. Your work is kept.")

    # remembering, dropping, closing

    def _choose_theme(self, choice: Choice) -> None:
        self.settings.set(THEME, choice)

    def _zoom(self, scale: float) -> None:
        self.settings.set(ZOOM, min(2.0, max(0.8, round(scale, 2))))

    def _restore(self) -> None:
        self.resize(*_START_SIZE)
        self._nav_wanted = self.memory.restore()
        self.navigation.setVisible(self._nav_wanted)

    def _put_back(self, view: str) -> None:
        """A view that a window without servers can show; what belongs to a server comes back with it."""
        fits = self.host.specs[view].group in ("session", "setup") or self._server is not None
        self.go(view if fits else "welcome")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.memory.keep_geometry()
        elif event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.fronted.emit()

    def take_lead(self) -> None:
        """It is in front now: its server is the current one."""
        self.leads = True
        if self._server is not None:
            self.workbench.make_current(self._server)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.navigation.set_narrow(self.width() < theme().px(_NARROW))
        self.drawer.fit()
        self.help.place()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The side buttons of a mouse go back and forward, as everywhere."""
        side = {Qt.MouseButton.BackButton: "back", Qt.MouseButton.ForwardButton: "forward"}.get(event.button())
        if side is not None:
            self.actions_table.trigger(side)
        else:
            super().mousePressEvent(event)

    # regions that come and go

    def _toggle_nav(self) -> None:
        self._nav_wanted = not self._nav_wanted
        self.navigation.setVisible(self._nav_wanted)

    def _toggle_drawer(self) -> None:
        if self.drawer.isHidden():
            self.drawer.show()
            return
        focus = QApplication.focusWidget()
        inside = focus is not None and self.drawer.isAncestorOf(focus)
        self.drawer.hide()
        if inside:
            self.host.panel.enter()

    def _toggle_split(self) -> None:
        if self.center.is_split:
            self.center.unsplit(next(pane for pane in self.center.panes if pane.host is self.host))
            return
        before = self.host.place
        host = self.center.split()
        if not host.place[0]:
            beside = "frames" if before[0] != "frames" else "tools" if self._server is not None else "inbox"
            self.go(beside)
        else:
            self._pane_activated()
        host.panel.enter()

    def _other_pane(self) -> None:
        host = self.center.other()
        if host is not None:
            host.panel.enter()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event.mimeData().urls()):
            event.acceptProposedAction()
            self._hot(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._hot(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._hot(False)
        dropped = _dropped(event.mimeData().urls())
        if dropped:
            event.acceptProposedAction()
        recordings = [path for path in dropped if path.endswith(_RECORDING)]
        if recordings:
            self.open_recordings.emit(recordings)
        for path in dropped:
            if path not in recordings:
                self.open_spec.emit(path)

    def _hot(self, hot: bool) -> None:
        from wireglass_app.panels.welcome import WelcomePanel

        welcome = self.host.built("welcome")
        assert isinstance(welcome, WelcomePanel)
        welcome.set_hot(hot)
        if hot:
            self.status.say("Drop it anywhere to open it. Nothing runs before you agree.")

    def closeEvent(self, event: QCloseEvent) -> None:
        """The last window asks in place while a call runs or a question waits; servers stop when it is out of sight."""
        what = unfinished(self.workbench) if self.last and not self._closing else ""
        if what:
            event.ignore()
            self._quitting = False
            self.leave.ask(what)
            return
        self._end(event)

    def _end(self, event: QCloseEvent | None = None) -> None:
        if self._closing:
            if event is not None:
                event.accept()
            return
        if event is not None:
            event.ignore()
        self._closing = True
        self.memory.keep(nav=self._nav_wanted)
        self.settings.save()
        self.hide()
        self.ended.emit()

    def _leave(self) -> None:
        if self._quitting:
            self.quit_wanted.emit()
        else:
            self._end()

    def end_now(self) -> None:
        """Closes without asking again."""
        self._end()

    def _quit(self) -> None:
        """All windows; the others would otherwise keep the session open."""
        what = unfinished(self.workbench)
        if what:
            self._quitting = True
            self.leave.ask(what)
        else:
            self.quit_wanted.emit()


def _dropped(urls: list[QUrl]) -> list[str]:
    """The files among what was dropped that can be opened: servers and recorded sessions."""
    paths = [url.toLocalFile() for url in urls if url.isLocalFile()]
    return [path for path in paths if Path(path).suffix in (".py", _RECORDING)]


def _focus_into(region: QWidget) -> None:
    """Focuses a region, or the first widget in it that takes the focus."""
    if region.focusPolicy() != Qt.FocusPolicy.NoFocus:
        region.setFocus(Qt.FocusReason.TabFocusReason)
        return
    for child in region.findChildren(QWidget):
        if child.isVisible() and child.isEnabled() and child.focusPolicy() & Qt.FocusPolicy.TabFocus:
            child.setFocus(Qt.FocusReason.TabFocusReason)
            return
