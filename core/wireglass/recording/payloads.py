"""Where the ledger puts the bulk of a recording: bytes in, a place out. The ledger keeps only places and sizes."""

from typing import Protocol

__all__ = ["MemoryPayloads", "Payloads"]


class Payloads(Protocol):
    """An append-only store of byte strings."""

    def append(self, data: bytes) -> int:
        """Keeps `data` and returns its place. Must not wait for a disk."""
        ...

    def read(self, place: int, size: int) -> bytes:
        """The `size` bytes that were put at `place`. Raises LookupError when they are gone or damaged."""
        ...

    def forget(self, before: int) -> None:
        """What lies before this place will not be read again."""
        ...


class MemoryPayloads:
    """Keeps everything in memory: for tests and short runs."""

    def __init__(self) -> None:
        self._kept: dict[int, bytes] = {}
        self._end = 0

    def append(self, data: bytes) -> int:
        place = self._end
        self._kept[place] = data
        self._end += max(1, len(data))
        return place

    def read(self, place: int, size: int) -> bytes:
        return self._kept[place]

    def forget(self, before: int) -> None:
        for place in list(self._kept):  # insertion order is the order of places
            if place >= before:
                return
            del self._kept[place]
