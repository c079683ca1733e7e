"""Sends a message of the user's making, as it is: to try what no form allows, or a frame again with a change."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from wireglass.recording.entries import Entry
from wireglass_app.controls import Button, Label, column, row, surface
from wireglass_app.forms.json_field import JsonEdit, explain_json
from wireglass_app.plain import visible
from wireglass_app.theme import theme

__all__ = ["Composer", "fresh"]


def fresh(message: Any) -> Any:
    """A message with an id of its own, so that its answer is not taken for another's."""
    if isinstance(message, dict) and "method" in message and "id" in message:
        return message | {"id": f"composed-{uuid4().hex[:8]}"}
    return message


class Composer(QWidget):
    """JSON is checked, but anything may be sent: an inspector must be able to break the rules."""

    closed = Signal()

    def __init__(self, sessions: Callable[[], list[Any]], send: Callable[[Any, str], Awaitable[None] | Any]) -> None:
        """`sessions` are the servers that can be sent to; `send(session, text)` sends."""
        super().__init__()
        self._sessions = sessions
        self._send = send
        self._known: list[Any] = []
        self.edit = JsonEdit("Message to send")
        self.edit.setMinimumHeight(theme().px(120))
        self.server = QComboBox()
        self.server.setAccessibleName("Server to send to")
        self.note = Label("", "muted", "small", wrap=True)
        self.button = Button("Send as it is", "primary", icon="play", clicked=self.send)
        head = row(
            Label("Compose", type="strong"),
            Label("to", "muted"),
            self.server,
            None,
            Button("Close", "ghost", clicked=self.closed.emit),
        )
        foot = row(self.note, self.button)
        foot.setStretch(0, 1)
        self.setLayout(column(head, self.edit, foot, margins=(14, 10, 14, 10)))
        surface(self, "panel", edge="top")
        self.edit.textChanged.connect(self._check)

    def show_servers(self) -> None:
        """Takes the servers that are open now; keeps the choice."""
        chosen = self.session
        self._known = self._sessions()
        self.server.clear()
        self.server.addItems([visible(session.name, 60) for session in self._known])
        if chosen in self._known:
            self.server.setCurrentIndex(self._known.index(chosen))
        self._check()

    @property
    def session(self) -> Any:
        """The server to send to, or None."""
        at = self.server.currentIndex()
        return self._known[at] if 0 <= at < len(self._known) else None

    def take(self, entry: Entry | None) -> None:
        """Starts from a recorded frame, or from an empty request."""
        self.show_servers()
        message = entry.message if entry is not None else None
        if entry is not None and message is None:
            self.edit.setPlainText(entry.raw)
        else:
            empty = {"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {}}
            self.edit.set_json(fresh(message if message is not None else empty))
        if entry is not None:
            for at, session in enumerate(self._known):
                if session.connection == entry.connection:
                    self.server.setCurrentIndex(at)
        self.edit.setFocus()

    def _check(self) -> None:
        self.button.setEnabled(self.session is not None)
        try:
            self.edit.parsed()
        except ValueError as error:
            self.edit.mark_fault(error)
            self.note.setText(explain_json(self.edit.toPlainText(), error) + ". It would be sent all the same.")
            self.note.set_tone("warn")
            return
        self.edit.mark_fault(None)
        self.note.setText(
            "Sent without checks. The answer appears in the table." if self._known else "No server is open."
        )
        self.note.set_tone("muted")

    def send(self) -> None:
        """Sends the text: on one line when it is JSON, else exactly as typed."""
        session = self.session
        if session is None:
            return
        try:
            text = json.dumps(self.edit.parsed(), ensure_ascii=False, separators=(",", ":"))
        except (ValueError, TypeError):
            text = self.edit.toPlainText()
        self._send(session, text)
