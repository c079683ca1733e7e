"""Rows that a background job brings to a view of lines, with a line below it that says how far the job is.

Knows neither what the rows are nor how they are shown.
"""

from collections.abc import Callable, Iterable

from PySide6.QtWidgets import QAbstractScrollArea

from wireglass_app.background import Job
from wireglass_app.payloads.preparing import Preparing
from wireglass_app.plain import counted, size

__all__ = ["RowJob"]


class RowJob:
    """Of one view, one job at a time. The view tells `place` whenever its size changed."""

    def __init__(
        self,
        view: QAbstractScrollArea,
        take: Callable[[list[str]], None],
        done: Callable[[], None],
        stop: Callable[[], None],
    ) -> None:
        """`take` gets the rows as they come, `done` is called after the last ones; `stop` when the user wants no more:
        it calls the method of that name here."""
        self._view, self._take, self._done = view, take, done
        self._job: Job | None = None
        self._again: Callable[[], None] | None = None
        """Reads all of it once more, where that can be done."""
        self._arrived = 0
        """Characters."""
        self._below = Preparing(view)
        self._below.cancelled.connect(stop)
        self._below.wanted.connect(lambda: self._again() if self._again is not None else None)
        self._below.turned.connect(self.place)

    @property
    def running(self) -> bool:
        """Whether rows still come."""
        return self._job is not None

    def start(
        self,
        steps: Iterable[list[str]],
        again: Callable[[], None] | None,
        told: Callable[[], str] | None,
    ) -> None:
        """Takes rows from `steps`; from 300 ms on the line below says how far it is, in the words of `told`."""
        self._again, self._arrived = again, 0
        self._below.begin(told or (lambda: f"Laying out: {size(self._arrived)} so far"))
        self._job = Job(steps, self._view, self._came, self._ended)

    def stop(self, rows: int) -> None:
        """What has come so far, `rows` of them, stays; the line below says that it is not all."""
        if self._job is None:
            return
        self._job.stop()
        self._job = None
        said = f"Stopped: {counted(rows, 'line')} of it, {size(self._arrived)}."
        self._below.stopped(said, again=self._again is not None)

    def forget(self) -> None:
        """Another content is shown from now on."""
        self._again = None
        self._below.end()
        if self._job is not None:
            self._job.stop()
            self._job = None

    def place(self) -> None:
        """Keeps the line at the view's lower edge."""
        high = 0 if self._below.isHidden() else self._below.sizeHint().height()
        self._view.setViewportMargins(0, 0, 0, high)
        room = self._view.viewport().geometry()
        self._below.setGeometry(room.x(), room.bottom() + 1, room.width(), high)

    def _came(self, rows: list[str]) -> None:
        self._arrived += sum(map(len, rows))
        self._take(rows)

    def _ended(self) -> None:
        self._job = self._again = None
        self._below.end()
        self._done()
