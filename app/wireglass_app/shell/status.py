"""The status bar: connections, the version in use, what is wrong on the wire, and the theme."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from wireglass_app.actions import Actions
from wireglass_app.controls import Elided, IconLabel, Label, row, surface
from wireglass_app.plain import count, size, visible
from wireglass_app.recording import LiveRecording
from wireglass_app.theme import set_icon, theme
from wireglass_app.workbench import Workbench

__all__ = ["StatusBar"]

HEIGHT = 25
_SAID_MS = 6000


class StatusBar(QWidget):
    """25 pixels at the bottom."""

    def __init__(self, workbench: Workbench, actions: Actions) -> None:
        super().__init__()
        self._workbench = workbench
        surface(self, "window", "top")
        self.setAccessibleName("Status")
        self.connections = Label("", "secondary", "caption")
        self.version = Label("", "secondary", "caption")
        self._mark = IconLabel("cross-circle", "bad.text", 14)
        self.violations = Label("", "bad", "caption")
        self.said = Elided("", "muted", "caption")
        self.recorded = Label("", "secondary", "caption")
        self.theme_button = QToolButton()
        self.theme_button.setProperty("type", "caption")
        self.theme_button.setToolButtonStyle(self.theme_button.toolButtonStyle().ToolButtonTextBesideIcon)
        self.theme_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        for choice in ("system", "light", "dark", "contrast"):
            menu.addAction(actions[f"theme-{choice}"])
        self.theme_button.setMenu(menu)
        set_icon(self.theme_button, "sun", size=14)
        self.setLayout(
            row(
                *(self.connections, self.version, self._mark, self.violations, self.said, None),
                *(self.recorded, self.theme_button),
                gap=12,
                margins=(10, 0, 8, 0),
            )
        )
        self.layout().setStretchFactor(self.said, 1)  # type: ignore[union-attr]  # set in the line above
        self._quiet = QTimer(self, singleShot=True, interval=_SAID_MS)
        self._quiet.timeout.connect(lambda: self.said.setText(""))
        self._slow = QTimer(self, singleShot=True, interval=500)
        self._slow.timeout.connect(self.refresh)
        workbench.entries_added.connect(self._arrived)
        theme().changed.connect(self._theme_changed)
        self._theme_changed()
        self.refresh()

    def _arrived(self, *_facts: object) -> None:
        if not self._slow.isActive():
            self._slow.start()

    def say(self, text: str) -> None:
        """Shows a sentence for some seconds."""
        self.said.setText(text)
        self._quiet.start()

    def refresh(self) -> None:
        sessions = self._workbench.sessions
        connected = sum(1 for session in sessions if session.usable)
        opened = self._workbench.recording.opened
        servers = f"{len(sessions)} recorded" if opened else f"{connected} connected"
        self.connections.setText(servers if sessions else "No server open")
        current = self._workbench.current
        facts = current.facts if current else None
        era = "" if facts is None else "stateless" if facts.stateless else "handshake"
        self.version.setText(f"{visible(current.name, 40)} · {facts.version} {era}" if current and facts else "")
        ledger = self._workbench.ledger
        wrong = len(ledger.violations) + len(ledger.errors)
        self._mark.setVisible(wrong > 0)
        self.violations.setText(f"{count(wrong)} message{'s' if wrong != 1 else ''} at fault" if wrong else "")
        what = "Recording" if isinstance(self._workbench.recording, LiveRecording) else "Recorded"
        self.recorded.setText(f"{what} · {count(len(ledger.entries))} frames · {size(ledger.bytes)}")

    def _theme_changed(self) -> None:
        self.setFixedHeight(max(theme().px(HEIGHT), theme().row(HEIGHT)))
        names = {"system": "system", "light": "light", "dark": "dark", "contrast": "high contrast"}
        text = f"Theme: {names[theme().choice]}"
        self.theme_button.setText(text)
        self.theme_button.setAccessibleName(text)
