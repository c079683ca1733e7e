"""What Claude Desktop logs about one server, for the Logs view: its own log, the server's part of the common one.

Reads the two files while someone looks; they belong to the app.
"""

import re
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from wireglass.install.desktop import LogTail, log_files
from wireglass.targets.facts import Machine
from wireglass.targets.hosts import target_of
from wireglass.targets.inventory import files_to_write
from wireglass_app.calls import LogLine

__all__ = ["AppLog", "line_of", "logs_about"]

_PAUSE_MS = 1000
_LONGEST_NAME = 200
"""No file is called by a longer one, and some systems fail already at the question."""
_BACKLOG = 500
_LINE = re.compile(r"(\d{4}-\d\d-\d\dT[\d:.]+Z?)\s+(?:\[([^\]]+)\]\s+)?(?:\[(\w+)\]\s+)?(.*)", re.DOTALL)
_LEVELS = {"warn": "warning", "err": "error"}


def logs_about(name: str, machine: Machine) -> list[Path]:
    """The logs of Claude Desktop that may tell of this server and exist now: the common one, the server's own."""
    files = files_to_write(target_of("claude-desktop"), machine)
    if not files or len(name) > _LONGEST_NAME:
        return []
    return [path for path in log_files(files[0], name) if path.is_file()]


def line_of(text: str, file: Path, name: str) -> LogLine | None:
    """One line of a log; None for a line of the common log that is about another server."""
    found = _LINE.fullmatch(text)
    stamp, first, second, rest = found.groups() if found else (None, None, None, text)
    common = file.name == "mcp.log"
    if common and first != name:
        return None
    level = (second or ("" if first == name else first) or "info").lower()
    at = _seconds(stamp)
    return LogLine("app", _LEVELS.get(level, level), rest, at, int(at * 1e9), logger=file.name)


class AppLog(QObject):
    """`added(list of LogLine)` while it follows the logs of one server."""

    added = Signal(list)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.lines: list[LogLine] = []
        self._name = ""
        self._tails: list[LogTail] = []
        self._timer = QTimer(self, interval=_PAUSE_MS)
        self._timer.timeout.connect(self.read)

    @property
    def is_there(self) -> bool:
        """Whether there is such a log at all."""
        return bool(self._tails)

    def follow(self, name: str, files: Sequence[Path]) -> None:
        """Another server; no files follow nothing."""
        if (name, list(files)) != (self._name, [tail.path for tail in self._tails]):
            self._name, self.lines = name, []
            self._tails = [LogTail(path, backlog=_BACKLOG) for path in files]
        self.read()

    def set_watched(self, watched: bool) -> None:
        """Reads now and then only while someone looks."""
        if watched and self._tails:
            self._timer.start()
        else:
            self._timer.stop()

    def read(self) -> None:
        """Takes what has been written since the last time."""
        new = [
            line
            for tail in self._tails
            for text in tail.poll()
            if (line := line_of(text, tail.path, self._name)) is not None
        ]
        if new:
            new.sort(key=lambda line: line.at)
            self.lines += new
            self.added.emit(new)


def _seconds(stamp: str | None) -> float:
    try:
        return datetime.fromisoformat(stamp).timestamp() if stamp else time.time()
    except ValueError:
        return time.time()
