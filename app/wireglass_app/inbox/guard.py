"""Where a question follows an act, keys and buttons are deaf for a moment, so that a doubled one answers nothing."""

from collections.abc import Callable
from time import perf_counter

__all__ = ["Guard"]

_DEAF_S = 0.5


class Guard:
    """`open` tells whether a key or a button may answer now; `close` makes it deaf for half a second."""

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._until = clock()

    def close(self) -> None:
        """Deaf from now on."""
        self._until = self._clock() + _DEAF_S

    @property
    def open(self) -> bool:
        """Whether the half second is over."""
        return self._clock() >= self._until
