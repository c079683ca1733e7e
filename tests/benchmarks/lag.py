"""How late Qt's event loop is: what a person feels as stutter. Used by the window benchmarks."""

from time import perf_counter, thread_time

from PySide6.QtCore import QObject, Qt, QTimer

__all__ = ["Lag"]


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

    def stop(self) -> None:
        self._timer.stop()

    def _turn(self) -> None:
        at, cpu = perf_counter(), thread_time()
        self.late.append((at - self._at) * 1000 - 5)
        self.busy.append((cpu - self._cpu) * 1000)
        self._at, self._cpu = at, cpu

    @property
    def worst(self) -> float:
        return max(self.late, default=0.0)
