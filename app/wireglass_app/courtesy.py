"""Threads that compute let the Qt thread go first. Python runs one of them at a time, and takes turns by its own clock.

One paint or layout asks for the interpreter a hundred times, for each of our methods that Qt calls; with two threads
at work it would wait a millisecond or more each time, and a turn of 40 ms would last 200. So a thread at work stops
between two pieces and looks on: while the Qt thread computes, it stays aside.
"""

import threading
import time
from collections.abc import Callable
from time import perf_counter, sleep

from wireglass import breaks

__all__ = ["give_way", "let_qt_go_first"]

_WORK_S = 0.002
"""A thread that has worked for less needs no rest yet."""
_OWED_S = 0.05
"""What it works before the next rest when the last one saw no end of the Qt thread's work: a window that is busy for
seconds leaves others a third of the time, so that what is to be recorded does not pile up."""
_NAPS_S = (0.0005, 0.001, 0.002, 0.004, *[0.008] * 12)
"""The later the longer, for each look takes the interpreter from the Qt thread. A tenth of a second in all: a Qt thread
that waits for this one, or is busy for long, gets no more than that at once."""
_IDLE_SHARE = 0.3
"""The Qt thread is idle when it has computed for less of a nap than this."""

_qt_thread = 0
_qt_computed: Callable[[], float] | None = None
_rested = threading.local()


def let_qt_go_first() -> None:
    """To be called on the Qt thread, once: long work of all others pauses for it from now on."""
    global _qt_thread, _qt_computed
    _qt_thread = threading.get_ident()
    _qt_computed = _clock_of(_qt_thread)
    breaks.at_pause(_pause)


def give_way() -> None:
    """Sleeps for a moment, and on while the Qt thread computes, for at most a tenth of a second."""
    if threading.get_ident() == _qt_thread:
        return
    for nap in _NAPS_S:
        before = _qt_computed() if _qt_computed is not None else 0.0
        sleep(nap)
        if _qt_computed is None or _qt_computed() - before < _IDLE_SHARE * nap:
            _rested.until = perf_counter() + _WORK_S
            return
    _rested.until = perf_counter() + _OWED_S


def _pause() -> None:
    if perf_counter() > getattr(_rested, "until", 0.0):
        give_way()


def _clock_of(thread: int) -> Callable[[], float] | None:
    """Seconds that a thread has computed so far; None where the system does not tell it to others."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return None
    clock = time.pthread_getcpuclockid(thread)
    return lambda: time.clock_gettime(clock)
