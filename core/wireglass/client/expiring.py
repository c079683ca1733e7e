"""A bounded number of values, each kept for its own time. Pure but for the clock that it is given."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["Expiring"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Expiring(Generic[K, V]):
    """`clock` is in seconds; of more than `most` values, those that were kept longest ago go."""

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self._most, self._clock = most, clock
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: K) -> V | None:
        """The value while it is fresh, else None."""
        found = self._kept.get(key)
        if found is None:
            return None
        until, value = found
        if self._clock() >= until:
            del self._kept[key]
            return None
        return value

    def keep(self, key: K, value: V, seconds: float) -> None:
        """Keeps a value in the place of an earlier one."""
        self._kept[key] = (self._clock() + seconds, value)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def forget(self, fits: Callable[[K], bool]) -> None:
        """Forgets the values whose keys fit."""
        for key in [key for key in self._kept if fits(key)]:
            del self._kept[key]
