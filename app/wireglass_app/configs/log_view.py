"""The log that Claude Desktop keeps for one server, followed while it is looked at."""

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from wireglass.install.desktop import LogTail
from wireglass_app.controls import column
from wireglass_app.payloads.code import CodeView

__all__ = ["LogView"]

_PAUSE_MS = 1000
_KEPT = 2000


class LogView(QWidget):
    """The last lines of a file, newest at the end."""

    def __init__(self) -> None:
        super().__init__()
        self._tail: LogTail | None = None
        self._lines: list[str] = []
        self.code = CodeView(numbers=False, name="Log of Claude Desktop")
        self.setLayout(column(self.code, gap=0))
        self._timer = QTimer(self, interval=_PAUSE_MS)
        self._timer.timeout.connect(self.read)

    def follow(self, path: Path | None) -> None:
        """Follows another file; None follows nothing."""
        if path == (self._tail.path if self._tail else None):
            return
        self._tail = LogTail(path, backlog=_KEPT) if path else None
        self._lines = []
        self.code.clear()
        self.read()

    def read(self) -> None:
        """Shows what has been written since."""
        new = self._tail.poll() if self._tail else []
        if new:
            self._lines = [*self._lines, *new][-_KEPT:]
            self.code.set_text("\n".join(self._lines))
            self.code.show_row(len(self._lines) - 1)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.read()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
