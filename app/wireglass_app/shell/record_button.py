"""The header's record button: whether this session is recorded, in its tooltip how much; its menu has what to do."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QMenu, QToolButton

from wireglass_app.actions import Actions
from wireglass_app.plain import counted, size, tip, visible
from wireglass_app.recording import LiveRecording, OpenedRecording, Recording
from wireglass_app.theme import set_icon

__all__ = ["record_button", "recording_words"]

_ACTIONS = ("save-session", "note", "", "sessions", "open-session", "", "compare-sessions", "replay")
"""An empty one is a line."""


def recording_words(recording: Recording) -> str:
    """What is recorded in this window, in one sentence."""
    ledger = recording.ledger
    amount = f"{counted(len(ledger.entries), 'frame')}, {size(ledger.bytes)}"
    if isinstance(recording, OpenedRecording):
        return f"{visible(recording.name, 60)} is looked at, {amount}; nothing is recorded"
    kept = recording.keep_minutes if isinstance(recording, LiveRecording) else 0
    return f"Recording: the last {kept} minutes are kept, {amount}"


def record_button(recording: Recording, actions: Actions) -> QToolButton:
    """Its words are made anew whenever somebody asks for them: frames come too often to tell of each."""
    button = _RecordButton(recording)
    menu = QMenu(button)
    for key in _ACTIONS:
        if key:
            menu.addAction(actions[key])
        else:
            menu.addSeparator()
    button.setMenu(menu)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    set_icon(button, "record", "human.text" if recording.opened else "text.secondary")
    return button


class _RecordButton(QToolButton):
    def __init__(self, recording: Recording) -> None:
        super().__init__()
        self._recording = recording
        self._tell()

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.ToolTip, QEvent.Type.Enter, QEvent.Type.FocusIn, QEvent.Type.Show):
            self._tell()
        return super().event(event)

    def _tell(self) -> None:
        words = recording_words(self._recording)
        self.setAccessibleName(words)
        self.setToolTip(tip(words))
