"""How late Qt's event loop is: what a person feels as stutter. Used by the window benchmarks.

With WIREGLASS_STACKS=60 in the environment, what every thread of ours does after each 60 ms without a turn is written
to the error output: it is told without the interpreter's lock, so also while a long call into C keeps it.
"""

import faulthandler
import os
import sys
from time import perf_counter, thread_time

from PySide6.QtCore import QObject, Qt, QTimer

__all__ = ["Lag"]

_STACKS_S = float(os.environ.get("WIREGLASS_STACKS", "0")) / 1000


class Lag(QObject):
    """Asks Qt for a turn every 5 ms and keeps how late each came, and how much of that its thread computed."""

    def __init__(self) -> None:
        super().__init__()
        self.late: list[float] = []
        self.busy: list[float] = []
        self._timer = QTimer(self, interval=5, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._turn)

    def start(self) -> None:
        self.late.clear()
        self.busy.clear()
        self._at, self._cpu = perf_counter(), thread_time()
        self._timer.start()
        self._watch()

    def stop(self) -> None:
        self._timer.stop()
        faulthandler.cancel_dump_traceback_later()

    def _turn(self) -> None:
        at, cpu = perf_counter(), thread_time()
        self.late.append((at - self._at) * 1000 - 5)
        self.busy.append((cpu - self._cpu) * 1000)
        self._at, self._cpu = at, cpu
        self._watch()

    def _watch(self) -> None:
        if _STACKS_S:
            faulthandler.dump_traceback_later(_STACKS_S, repeat=True, file=sys.stderr)

    @property
    def worst(self) -> float:
        return max(self.late, default=0.0)
