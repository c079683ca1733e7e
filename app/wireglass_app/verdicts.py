"""Judges recorded frames in the background, so that recording never waits for a schema."""

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from wireglass.recording.judge import Judge
from wireglass.recording.ledger import Ledger
from wireglass_app.background import Job

__all__ = ["Verdicts"]

_WAIT_MS = 60
_BATCH = 25


class Verdicts(QObject):
    """Follows a ledger. `judged` tells the numbers of frames in which something was found."""

    judged = Signal(list)

    def __init__(self, ledger: Ledger, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ledger = ledger
        self._judge = Judge(ledger)
        self._next = 0
        self._job: Job | None = None
        self._timer = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._timer.timeout.connect(self._start)

    @property
    def done(self) -> int:
        """Every frame below this number has been judged."""
        return self._next

    def recorded(self, *_facts: Any) -> None:
        """Tells that new frames are in the ledger; takes whatever a signal carries."""
        if self._job is None and not self._timer.isActive():
            self._timer.start()

    def _start(self) -> None:
        self._job = Job(self._judging(), self, self._found, self._finished)

    def _judging(self) -> Iterator[list[int]]:
        entries = self._ledger.entries
        found: list[int] = []
        looked_at = 0
        end = entries[-1].seq + 1 if len(entries) else 0
        while self._next < end:
            try:
                entry = self._ledger.entry(self._next)
                if self._judge.judge(entry):
                    found.append(entry.seq)
            except LookupError:  # forgotten meanwhile
                pass
            self._next += 1
            looked_at += 1
            if looked_at % _BATCH == 0:
                yield found
                found = []
        yield found

    def _found(self, numbers: list[int]) -> None:
        if numbers:
            self.judged.emit(numbers)

    def _finished(self) -> None:
        self._job = None
        entries = self._ledger.entries
        if len(entries) and entries[-1].seq >= self._next:
            self._timer.start()
