"""The main window: fixed regions around one view, every action of the table, drop of files anywhere."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, Qt, QUrl, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from wireglass_app.actions import Actions
from wireglass_app.bridge import Bridge
from wireglass_app.panels import PANELS
from wireglass_app.panels.base import Desk
from wireglass_app.panels.welcome import WelcomePanel
from wireglass_app.plain import visible
from wireglass_app.server_session import ServerSession
from wireglass_app.settings import Settings
from wireglass_app.shell.header import Header
from wireglass_app.shell.host import PanelHost
from wireglass_app.shell.navigation import Navigation
from wireglass_app.shell.status import StatusBar
from wireglass_app.shell.strip import SessionStrip
from wireglass_app.theme import Choice, theme
from wireglass_app.workbench import Workbench

__all__ = ["MainWindow"]

_START_SIZE = (1440, 900)
_LEAST_SIZE = (820, 560)
_PANEL_KEYS = ("tools", "resources", "prompts", "logs", "inbox", "timeline", "frames", "history", "targets")
"""Ctrl+1 to Ctrl+9; those that exist."""


class MainWindow(QMainWindow):
    """Built by `application`, which also gives it `opener` requests to carry out."""

    open_file = Signal()
    open_spec = Signal(str)
    open_text = Signal(str)
    open_example = Signal(str)
    connect_wanted = Signal(object)
    """A Target to start from, or None."""
    ended = Signal()

    def __init__(self, bridge: Bridge, workbench: Workbench, settings: Settings) -> None:
        super().__init__()
        self.bridge, self.workbench, self.settings = bridge, workbench, settings
        self.actions_table = Actions(self)
        self.desk = Desk(bridge, workbench, settings, self.go, self.announce, self.actions_table.trigger)
        self.header = Header(workbench, self.actions_table)
        self.navigation = Navigation(workbench, PANELS, self.actions_table)
        self.host = PanelHost(self.desk, PANELS)
        self.strip = SessionStrip(workbench)
        self.status = StatusBar(workbench, self.actions_table)
        self._closing = False
        self._lay_out()
        self._listen()
        self.actions_table.connect_all(self._handlers())
        self._add_panel_keys()
        self._restore()
        self.go("welcome")

    # layout

    def _lay_out(self) -> None:
        self.setWindowTitle("Wireglass")
        self.setWindowIcon(theme().icon("wireglass", size=64))
        self.setMinimumSize(*_LEAST_SIZE)
        self.setAcceptDrops(True)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.navigation)
        middle.addWidget(self.host, 1)
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
        self.host.shown.connect(self._shown)
        self.header.command.connect(lambda: self.actions_table.trigger("palette"))
        self.header.reload_note.connect(lambda: self.go("changes"))
        self.strip.picked.connect(self._call_picked)
        bench.added.connect(self._session_added)
        bench.removed.connect(self._session_removed)
        bench.current_changed.connect(lambda _session: self._refresh())
        bench.session_changed.connect(self._session_changed)
        bench.questions_changed.connect(self._refresh)
        bench.asked.connect(self._asked)
        bench.call_changed.connect(self._call_changed)
        self.bridge.fault.connect(self._fault)

    def _handlers(self) -> dict[str, Callable[[], Any]]:
        panel: Callable[[], Any] = lambda: self.host.panel  # noqa: E731 (the view changes, so it is asked each time)
        return {
            "open": self.open_file.emit,
            "connect": lambda: self.connect_wanted.emit(None),
            "welcome": lambda: self.go("welcome"),
            "quit": self.close,
            "copy-json": lambda: panel().copy_result(),
            "filter": lambda: panel().focus_filter(),
            "settings": lambda: self.go("settings"),
            "palette": lambda: self._palette(">" if not self.workbench.sessions else ""),
            "go": lambda: self._palette(""),
            "back": self.host.back,
            "forward": self.host.forward,
            "nav": lambda: self.navigation.setVisible(not self.navigation.isVisible()),
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
            "disconnect": lambda: self._with_current(lambda session: session.disconnect_from()),
            "close-server": lambda: self._with_current(self.workbench.close),
            "next-server": self.workbench.next_server,
            "run": lambda: panel().run_primary(),
            "stop": lambda: panel().stop(),
            "repeat": lambda: panel().repeat(),
            "form-json": lambda: panel().toggle_json(),
            "timing": lambda: panel().show_timing(),
            "previous-run": lambda: panel().step(False),
            "next-run": lambda: panel().step(True),
            "oldest-question": lambda: self.go("inbox", oldest=True),
            "next-problem": lambda: self._step_problem(True),
            "previous-problem": lambda: self._step_problem(False),
            "keys": lambda: self.go("settings", section="keys"),
            "about": lambda: self.go("settings", section="about"),
        }

    def _add_panel_keys(self) -> None:
        for number, key in enumerate(_PANEL_KEYS, 1):
            if key in self.host.specs:
                shortcut = QShortcut(QKeySequence(f"Ctrl+{number}"), self)
                shortcut.activated.connect(lambda key=key: self.go(key))

    # going places

    def go(self, key: str, *, session: ServerSession | None = None, **facts: Any) -> None:
        """Shows a view by its key; also takes the few requests that are not views."""
        requests: dict[str, Callable[[], Any]] = {
            "open-example": lambda: self.open_example.emit(facts["file"]),
            "open-text": lambda: self.open_text.emit(facts["text"]),
            "open-spec": lambda: self.open_spec.emit(facts["spec"]),
            "edit-target": lambda: self.connect_wanted.emit(session.target if session else None),
        }
        if key in requests:
            requests[key]()
            return
        if key not in self.host.specs:
            return
        server = session or self.workbench.current
        if self.host.specs[key].group == "server":
            if server is None:
                self.host.show_place("welcome", None)
                return
            self.workbench.make_current(server)
        self.host.show_place(key, server, **facts)

    def announce(self, text: str, *, assertive: bool = False) -> None:
        """Says one sentence in the status bar and to screen readers."""
        self.status.say(text)
        if QAccessible.isActive():
            event = QAccessibleAnnouncementEvent(self, text)
            level = QAccessible.AnnouncementPoliteness
            event.setPoliteness(level.Assertive if assertive else level.Polite)
            QAccessible.updateAccessibility(event)

    def _palette(self, prefix: str) -> None:
        from wireglass_app.shell.palette import Palette

        Palette(self, self.actions_table, self.workbench, PANELS, self.go).open_with(prefix)

    def _step_region(self, step: int) -> None:
        regions = [self.header.field, self.navigation.list, *self.host.panel.regions(), self.strip.lane]
        regions = [one for one in regions if one.isVisible()]
        focus = QApplication.focusWidget()
        here = next((i for i, one in enumerate(regions) if focus is one or (focus and one.isAncestorOf(focus))), -1)
        target = regions[(here + step) % len(regions)]
        _focus_into(target)

    def _step_problem(self, forward: bool) -> None:
        if self.host.place[0] != "frames" and "frames" in self.host.specs:
            self.go("frames")
        self.host.panel.step_problem(forward)

    def _with_current(self, work: Callable[[ServerSession], Coroutine[Any, Any, Any]]) -> None:
        if self.workbench.current is not None:
            self.bridge.spawn(work(self.workbench.current))

    # what happened

    def _shown(self, key: str, session: ServerSession | None) -> None:
        self.navigation.show_current(key, session)
        back, forward = self.host.can_go
        self.actions_table["back"].setEnabled(back)
        self.actions_table["forward"].setEnabled(forward)
        self.header.back.setEnabled(back)
        self.header.forward.setEnabled(forward)
        self.strip.setVisible(self.host.specs[key].strip)
        self._refresh_title()

    def _refresh_title(self) -> None:
        key, session = self.host.place
        view = self.host.specs[key].title if key else ""
        parts = [view, visible(session.name, 60)] if session else [view]
        self.setWindowTitle(f"{' · '.join(part for part in parts if part)} — Wireglass")

    def _refresh(self) -> None:
        self.header.refresh()
        self.navigation.refresh()
        self.status.refresh()
        key, session = self.host.place
        current = self.workbench.current
        if self.host.specs[key].group == "server" and session is not current:
            self.go(key if current else "welcome")

    def _session_added(self, session: ServerSession) -> None:
        self.go("tools", session=session)
        self._refresh()

    def _session_removed(self, session: ServerSession) -> None:
        self.host.forget(session)
        if self.host.place[1] is session or not self.workbench.sessions:
            self.host.place = ("", None)
            self.go("tools" if self.workbench.sessions else "welcome")
        self._refresh()

    def _session_changed(self, session: ServerSession) -> None:
        if session is self.host.place[1]:
            self.host.refresh()
        self._refresh()
        self._refresh_title()
        name = visible(session.name, 60)
        if session.state in ("failed", "crashed") and session.failure is not None:
            self.announce(session.failure.title, assertive=True)
        elif session.state == "ready":
            self.announce(f"{name} is connected: {len(session.catalogue.tools)} tools")

    def _asked(self, question: Any) -> None:
        self.announce(f"{visible(question.session.name, 60)} asks you something. Ctrl+I answers.", assertive=True)

    def _call_changed(self, session: ServerSession, call: Any) -> None:
        if call.ended:
            self.status.refresh()

    def _call_picked(self, session: ServerSession, call: Any) -> None:
        panel = {"tools/call": "tools", "resources/read": "resources", "prompts/get": "prompts"}.get(call.method)
        if panel is not None:
            self.go(panel, session=session, call=call)

    def _fault(self, problem: Exception) -> None:
        self.status.say(f"Something failed inside Wireglass, not in your server: {problem}. Your work is kept.")

    # remembering, dropping, closing

    def _choose_theme(self, choice: Choice) -> None:
        theme().choose(choice)
        self.settings.set("theme", choice)

    def _zoom(self, scale: float) -> None:
        theme().zoom(scale)
        self.settings.set("zoom", theme().scale)

    def _restore(self) -> None:
        self.resize(*_START_SIZE)
        saved = self.settings.get("window.geometry", "")
        if saved:
            self.restoreGeometry(QByteArray.fromBase64(saved.encode()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.settings.set("window.geometry", self._geometry())

    def _geometry(self) -> str:
        return bytes(self.saveGeometry().toBase64().data()).decode()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event.mimeData().urls()):
            event.acceptProposedAction()
            self._hot(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._hot(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._hot(False)
        for path in _dropped(event.mimeData().urls()):
            event.acceptProposedAction()
            self.open_spec.emit(path)

    def _hot(self, hot: bool) -> None:
        welcome = self.host.built("welcome")
        assert isinstance(welcome, WelcomePanel)
        welcome.set_hot(hot)
        if hot:
            self.status.say("Drop it anywhere to open it. Nothing runs before you agree.")

    def closeEvent(self, event: QCloseEvent) -> None:
        """Waits until every server is stopped; the window is out of sight meanwhile."""
        if self._closing:
            event.accept()
            return
        event.ignore()
        self._closing = True
        self.settings.set("window.geometry", self._geometry())
        self.settings.save()
        self.hide()
        self.ended.emit()


def _dropped(urls: list[QUrl]) -> list[str]:
    return [url.toLocalFile() for url in urls if url.isLocalFile() and Path(url.toLocalFile()).suffix == ".py"]


def _focus_into(region: QWidget) -> None:
    """Focuses a region, or the first widget in it that takes the focus."""
    if region.focusPolicy() != Qt.FocusPolicy.NoFocus:
        region.setFocus(Qt.FocusReason.TabFocusReason)
        return
    for child in region.findChildren(QWidget):
        if child.isVisible() and child.isEnabled() and child.focusPolicy() & Qt.FocusPolicy.TabFocus:
            child.setFocus(Qt.FocusReason.TabFocusReason)
            return
