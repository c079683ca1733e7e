"""The status bar: connections, the version in use, what is wrong on the wire; the recording, the theme, the drawer."""

import shutil
import sys

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from wireglass_app.actions import Actions
from wireglass_app.controls import Button, Elided, IconLabel, Label, row, surface, tool_button
from wireglass_app.plain import count, counted, size, tip, visible
from wireglass_app.recording import LiveRecording, OpenedRecording
from wireglass_app.server_session import ServerSession
from wireglass_app.shell.marks import paint_mark
from wireglass_app.theme import set_icon, theme
from wireglass_app.workbench import Workbench

__all__ = ["StatusBar"]

HEIGHT = 25
_SAID_MS = 6000
_GAP = 14
_LEAST_ELIDED = 130
_WORST = ("failed", "crashed", "connecting", "closed", "idle", "recorded", "ready")
"""Of several servers the mark is that of the first in this order."""


class StatusBar(QWidget):
    """25 pixels at the bottom."""

    def __init__(self, workbench: Workbench, actions: Actions) -> None:
        super().__init__()
        self._workbench, self._actions = workbench, actions
        self._session: ServerSession | None = None
        self._faults = "", ""
        """What is wrong on the wire, in many words and in few."""
        surface(self, "window", "top")
        self.setAccessibleName("Status")
        self.mark = Mark()
        self.ready = IconLabel("check-circle", "text.secondary", 14)
        self.connections = Label("", "secondary", "caption")
        self.connections.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # level with the others
        self.version = Elided("", "secondary", "caption")
        self.violations = Button("", "link", icon="cross-circle", clicked=self._show_violation)
        self.violations.setProperty("tone", "bad")
        self.violations.setProperty("type", "caption")
        set_icon(self.violations, "cross-circle", "bad.text", 14)
        self.said = Elided("", "muted", "caption")
        self.machine = Label(_machine(), "secondary", "caption")
        self.recorded_icon = IconLabel("record", "human.text", 14)
        self.recorded = Elided("", "secondary", "caption")
        self.wireglass = Label(_version(), "secondary", "caption")
        self.theme_button = self._make_theme_button()
        self.drawer_button = tool_button("drawer", "Drawer", key="Ctrl+J", clicked=lambda: actions.trigger("drawer"))
        self.drawer_button.setProperty("type", "caption")
        self._lay_out()
        self._quiet = QTimer(self, singleShot=True, interval=_SAID_MS)
        self._quiet.timeout.connect(lambda: self.said.setText(""))
        self._slow = QTimer(self, singleShot=True, interval=500)
        self._slow.timeout.connect(self.refresh)
        workbench.entries_added.connect(self._arrived)
        workbench.recording.changed.connect(self._arrived)
        theme().changed.connect(self._theme_changed)
        self._theme_changed()
        self.refresh()

    def _make_theme_button(self) -> QToolButton:
        button = QToolButton()
        button.setProperty("type", "caption")
        button.setToolButtonStyle(button.toolButtonStyle().ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        for choice in ("system", "light", "dark", "contrast"):
            menu.addAction(self._actions[f"theme-{choice}"])
        button.setMenu(menu)
        set_icon(button, "sun", size=14)
        return button

    def _lay_out(self) -> None:
        left = row(self.mark, self.ready, self.connections, gap=6)
        right = row(self.recorded_icon, self.recorded, gap=6)
        whole = row(
            *(left, self.version, self.violations, self.said, None),
            *(self.machine, right, self.wireglass, self.theme_button, self.drawer_button),
            gap=_GAP,
            margins=(10, 0, 8, 0),
        )
        whole.setStretchFactor(self.said, 1)
        self.setLayout(whole)

    def _arrived(self, *_facts: object) -> None:
        if not self._slow.isActive():
            self._slow.start()

    def _show_violation(self) -> None:
        """In Protocol, from wherever: elsewhere F8 may step through something else, such as changes."""
        self._actions.trigger("view-frames")
        self._actions.trigger("next-problem")

    def say(self, text: str) -> None:
        """Shows a sentence for some seconds."""
        self.said.setText(text)
        self._quiet.start()

    def show_session(self, session: ServerSession | None) -> None:
        """The server of the window."""
        self._session = session
        self.refresh()

    def refresh(self) -> None:
        """Everything as it is now."""
        self._show_servers()
        self._show_faults()
        self._show_recording()

    def _show_servers(self) -> None:
        sessions = self._workbench.sessions
        connected = sum(1 for session in sessions if session.usable and not session.unreached)
        gone = sum(1 for session in sessions if session.unreached or session.state in ("crashed", "failed"))
        away = f", {count(gone)} not" if gone else ""
        live = f"{count(connected)} connected{away}"
        words = f"{count(len(sessions))} recorded" if self._workbench.recording.opened else live
        self.connections.setText(words if sessions else "Embedded runtime ready")
        self.mark.show_session(min(sessions, key=_urgency, default=None))
        current = self._session
        facts = current.facts if current is not None and current in sessions else None
        era = "" if facts is None else "stateless" if facts.stateless else "handshake"
        self.version.setText(f"{visible(current.name, 40)} · {facts.version} {era}" if current and facts else "")
        for widget, shown in (
            (self.ready, not sessions),
            (self.version, bool(facts)),
        ):
            widget.setVisible(shown)

    def _show_faults(self) -> None:
        ledger = self._workbench.ledger
        garbage = len(ledger.errors)
        broken = len(ledger.violations) - len(ledger.violations.keys() & ledger.errors.keys())
        parts = [counted(broken, "schema violation")] if broken else []
        parts += [counted(garbage, "unreadable message")] if garbage else []
        text = ", ".join(parts)
        self._faults = text, counted(broken + garbage, "fault")
        self.violations.setVisible(bool(text))
        self.violations.setAccessibleName(f"{text}: show the next")
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where the whole does not fit: first without what never changes, then with fewer words about faults."""
        idle = not self._workbench.sessions
        elided = theme().px(_LEAST_ELIDED)
        for faults, machine in ((self._faults[0], True), (self._faults[0], False), (self._faults[1], False)):
            self.violations.setText(faults)
            self.violations.setToolTip("" if faults == self._faults[0] else tip(self._faults[0]))
            for one in (self.machine, self.wireglass):
                one.setVisible(machine and idle)
            whole = (
                *(self.connections, self.violations, self.machine),
                *(self.wireglass, self.theme_button, self.drawer_button),
            )
            needed = sum(one.sizeHint().width() + _GAP for one in whole if not one.isHidden())
            needed += sum(min(one.sizeHint().width(), elided) + _GAP for one in (self.version, self.recorded))
            if needed + 3 * _GAP <= self.width():
                break

    def _show_recording(self) -> None:
        recording, ledger = self._workbench.recording, self._workbench.ledger
        frames = f"{counted(len(ledger.entries), 'frame')} · {size(ledger.bytes)}"
        opened = isinstance(recording, OpenedRecording)
        name = visible(recording.name, 60) if isinstance(recording, OpenedRecording) else "Recording"
        if isinstance(recording, LiveRecording) and recording.saved_as is not None:
            saved = visible(recording.saved_as.name, 60)
            name = f"Recording · saved as {saved}" if not recording.unsaved else f"Recording · more than in {saved}"
        self.recorded.setText(f"{name} · {frames}")
        self.recorded.set_tone("human" if opened else "secondary")
        self.recorded_icon.setVisible(opened)
        self.recorded.setVisible(opened or bool(self._workbench.sessions) or len(ledger.entries) > 0)

    def _theme_changed(self) -> None:
        self.setFixedHeight(max(theme().px(HEIGHT), theme().row(HEIGHT)))
        names = {"system": "system", "light": "light", "dark": "dark", "contrast": "high contrast"}
        text = f"Theme: {names[theme().choice]}"
        self.theme_button.setText(f" {text}")  # the style leaves too little room beside an icon
        self.theme_button.setAccessibleName(text)


def _urgency(session: ServerSession) -> int:
    return 0 if session.unreached else _WORST.index(session.state)


class Mark(QWidget):
    """The state of the server that needs the most attention, by shape and colour; the words beside it say the rest."""

    def __init__(self) -> None:
        super().__init__()
        self._session: ServerSession | None = None
        self.setFixedSize(12, 14)

    def show_session(self, session: ServerSession | None) -> None:
        self._session = session
        self.setVisible(session is not None)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(12, 14)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._session is not None:
            paint_mark(QPainter(self), 6, self.height() / 2, self._session)


def _machine() -> str:
    uv = "uv found" if shutil.which("uv") else "no uv"
    return f"Python {sys.version_info.major}.{sys.version_info.minor} · {uv}"


def _version() -> str:
    from wireglass import __version__

    return f"Wireglass {__version__}"
