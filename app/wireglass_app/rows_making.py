"""Rows of a list of a server: made at once, or those of thousands of items bit by bit in a thread."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject

from wireglass_app.background import Job
from wireglass_app.models.catalogue import ItemRow

__all__ = ["RowsMaking"]

_MANY = 2_000
"""Items from which a thread makes the rows: as many take the window some 15 ms."""


class RowsMaking(QObject):
    """One list at a time: what was begun before is dropped."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._job: Job | None = None
        self._rows: list[ItemRow] = []
        self._done: Callable[[list[ItemRow]], None] = lambda _rows: None

    @property
    def busy(self) -> bool:
        """Whether rows are on their way."""
        return self._job is not None

    def start(self, parts: Iterable[list[ItemRow]], number: int, done: Callable[[list[ItemRow]], None]) -> None:
        """Calls `done` with all rows of `parts`, which makes them of `number` items."""
        self.stop()
        self._rows, self._done = [], done
        if number >= _MANY:
            self._job = Job(parts, self, self._rows.extend, self._finish)
            return
        for part in parts:
            self._rows += part
        self._finish()

    def stop(self) -> None:
        """What is being made is not wanted any more."""
        if self._job is not None:
            self._job.stop()
        self._job = None

    def _finish(self) -> None:
        self._job = None
        self._done(self._rows)
