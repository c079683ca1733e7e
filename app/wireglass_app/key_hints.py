"""Keys as people read them beside what they do: those of the action table, or the user's own in their place."""

import re

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication

from wireglass_app.labels import Chip

__all__ = ["KeyChip", "KeyNames", "key_names", "key_text"]


class KeyNames(QObject):
    """Which key the user gave an action in place of the one of the table. `changed` when hints are to be shown anew."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._moved: dict[str, str] = {}

    def set_moved(self, moved: dict[str, str]) -> None:
        """From the table's key sequence to the user's; "" when the action has none."""
        if moved != self._moved:
            self._moved = moved
            self.changed.emit()

    def now(self, key: str) -> str:
        """The key sequence in use for one of the table."""
        return self._moved.get(QKeySequence(key).toString(), key) if self._moved else key


def key_names() -> KeyNames:
    """The application's; made on first use."""
    app = QApplication.instance()
    assert app is not None
    found = getattr(app, "_wireglass_keys", None)
    if found is None:
        found = KeyNames(app)
        app._wireglass_keys = found  # type: ignore[attr-defined]  # lives exactly as long as the application
    return found


def key_text(key: str) -> str:
    """A key of the action table as people read it: "Ctrl ⏎", or "⌘⏎" on macOS; "" when the user took it away."""
    key = key_names().now(key)
    native = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
    for word, sign in (("Return", "⏎"), ("Enter", "⏎"), ("Shift", "⇧")):
        native = native.replace(word, sign)
    return re.sub(r"\+(?=.)", " ", native)


class KeyChip(Chip):
    """The key of an action, as it is now."""

    def __init__(self, key: str) -> None:
        super().__init__("", "key")
        self._default_key = key
        self._gone = False
        key_names().changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        text = key_text(self._default_key)
        self.setText(text)
        if not text:
            self.hide()
        elif self._gone:
            self.show()
        self._gone = not text
