"""Work on widgets in several turns of the event loop, so that none of them holds the window."""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer

__all__ = ["Turns", "gradually"]

_TURN_S = 0.004
"""What is built in one turn; Qt takes about as long again to lay it out and paint it."""
_Item = TypeVar("_Item")


class Turns(QObject):
    """Does jobs one a turn of the event loop, so that no turn is long."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs: list[Callable[[], None]] = []

    @property
    def busy(self) -> bool:
        """Whether a job still waits."""
        return bool(self._jobs)

    def add(self, job: Callable[[], None]) -> None:
        """Does `job` after those that wait already."""
        self._jobs.append(job)
        if len(self._jobs) == 1:
            QTimer.singleShot(0, self, self._next)

    def clear(self) -> None:
        """Forgets what waits."""
        self._jobs.clear()

    def _next(self) -> None:
        if self._jobs:
            self._jobs.pop(0)()
        if self._jobs:
            QTimer.singleShot(0, self, self._next)


def gradually(
    owner: QObject,
    items: Sequence[_Item],
    add: Callable[[_Item], object],
    *,
    at_once: int = 4,
    done: Callable[[], object] | None = None,
) -> None:
    """Calls `add` with each item: the first `at_once` now, the others in the turns that follow, a few in each, while
    `owner` lives; then `done`."""
    for item in items[:at_once]:
        add(item)
    rest = iter(items[at_once:])

    def go_on() -> None:
        until = perf_counter() + _TURN_S
        for item in rest:
            add(item)
            if perf_counter() > until:
                QTimer.singleShot(0, owner, go_on)
                return
        if done is not None:
            done()

    if len(items) > at_once:
        QTimer.singleShot(0, owner, go_on)
    else:
        go_on()
