"""Gives memory back to the system when it is not needed any more. Only glibc keeps it; elsewhere this is idle.

glibc learns from the first large block that it frees to keep blocks of that size: a result of 20 MB that was looked at
once would stay with the process. And what is left over between small blocks goes back only when it is asked for.
"""

import sys
from collections.abc import Callable
from ctypes import CDLL, c_int, c_size_t
from functools import cache
from typing import Any

from PySide6.QtCore import QObject, QTimer

__all__ = ["Spare", "give_large_blocks_back"]

_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_LARGE = 512 << 10
_CALM_MS = 3_000


@cache
def _libc() -> Any:
    """The C library, where it is glibc."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        found = CDLL("libc.so.6")
        found.mallopt.argtypes = [c_int, c_int]
        found.malloc_trim.argtypes = [c_size_t]
    except (OSError, AttributeError):
        return None
    return found


def give_large_blocks_back() -> None:
    """From now on blocks of half a megabyte go back to the system as soon as they are freed. Call it before there are
    threads: each would keep a part of the memory for itself, a megabyte in all, though only one at a time runs."""
    if _libc() is not None:
        _libc().mallopt(_M_MMAP_THRESHOLD, _LARGE)
        _libc().mallopt(_M_ARENA_MAX, 1)


class Spare(QObject):
    """Some seconds after the last `stirred`, what is free between other memory goes back. `work(function)` runs it in
    a thread: it may take some milliseconds."""

    def __init__(self, work: Callable[[Callable[[], object]], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._stopped = False
        self._calm = QTimer(self, singleShot=True, interval=_CALM_MS)
        self._calm.timeout.connect(self._give)

    def stirred(self, *_facts: Any) -> None:
        """A server came or went, or a call ended: something may be free soon. Takes whatever a signal carries."""
        if not self._stopped:
            self._calm.start()

    def stop(self) -> None:
        """Nothing is asked for any more."""
        self._stopped = True  # servers that end now tell it as well
        self._calm.stop()

    def _give(self) -> None:
        libc = _libc()
        if libc is not None:
            self._work(lambda: libc.malloc_trim(0))
