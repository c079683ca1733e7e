"""What the workbench remembers: one JSON file of the user's, read once, written a moment after a change."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from platformdirs import user_config_path
from PySide6.QtCore import QObject, QTimer, Signal

__all__ = ["RUNS_KEPT", "Settings"]

RUNS_KEPT = 50
"""Earlier runs remembered per tool."""

_WAIT_MS = 400


class Settings(QObject):
    """Values by dotted name ("window.geometry", "drafts.<server>.<tool>"). An unreadable file counts as empty."""

    changed = Signal(str)

    def __init__(self, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path = path or user_config_path("wireglass", appauthor=False) / "workbench.json"
        self._values = self._read()
        self._timer = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._timer.timeout.connect(self.save)

    def get(self, name: str, default: Any = None) -> Any:
        """The value, or `default` when it is missing or of another type than `default`."""
        found = self._values.get(name, default)
        if default is not None and type(found) is not type(default) and not _both_numbers(found, default):
            return default
        return found

    def set(self, name: str, value: Any) -> None:
        """Keeps a JSON value."""
        if self._values.get(name) != value:
            self._values[name] = value
            self._timer.start()
            self.changed.emit(name)

    def names(self) -> list[str]:
        """Everything that is kept."""
        return list(self._values)

    def forget(self, prefix: str) -> None:
        """Drops every value whose name starts with `prefix`."""
        gone = [name for name in self._values if name.startswith(prefix)]
        for name in gone:
            del self._values[name]
        if gone:
            self._timer.start()

    def save(self) -> None:
        """Writes now, beside and replace. Not being able to write loses only comfort, so it is not an error."""
        self._timer.stop()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".workbench-", suffix=".json")
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                json.dump(self._values, out, indent=1)
            os.replace(name, self.path)
        except OSError:
            pass

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def _both_numbers(first: Any, second: Any) -> bool:
    numbers = (int, float)
    return (
        isinstance(first, numbers)
        and isinstance(second, numbers)
        and not isinstance(first, bool)
        and not isinstance(second, bool)
    )
