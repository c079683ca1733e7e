"""Keeps the events of resumable streams, so that a client can fetch what it missed.

Source: transports page of 2025-03-26 to 2025-11-25, resumability and redelivery.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["EventStore", "MemoryEventStore", "StoredEvent"]


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event: its id, unique in the store, and the message as UTF-8 JSON (empty for a priming event)."""

    id: str
    data: bytes


class EventStore(Protocol):
    """Where events wait. `stream` names one stream of one session and is not a secret."""

    async def append(self, stream: str, data: bytes) -> str:
        """Keeps an event and returns its new id. Ids hold no line ends and no NUL."""
        ...

    async def after(self, event_id: str) -> tuple[str, list[StoredEvent]] | None:
        """The stream of an event and what came on it afterwards; None when the id is unknown or too old."""
        ...

    async def forget(self, stream: str) -> None:
        """Drops a stream whose session has ended."""
        ...


@dataclass(slots=True)
class _Stream:
    events: OrderedDict[int, bytes] = field(default_factory=OrderedDict[int, bytes])
    next: int = 0
    """Number of the next event."""
    dropped: int = -1
    """Number of the last event that had to go."""


class MemoryEventStore:
    """Events in memory, for one process. Bounded per stream in number and over all streams in bytes: the oldest
    event of the longest unused stream goes first."""

    def __init__(self, *, per_stream: int = 1000, total_bytes: int = 64 * 1024 * 1024) -> None:
        self._per_stream = per_stream
        self._total_bytes = total_bytes
        self._bytes = 0
        self._streams: OrderedDict[str, _Stream] = OrderedDict()

    async def append(self, stream: str, data: bytes) -> str:
        """Keeps an event; its id is the stream's name, a dash and a number."""
        kept = self._streams.setdefault(stream, _Stream())
        self._streams.move_to_end(stream)
        number = kept.next
        kept.next += 1
        kept.events[number] = data
        self._bytes += len(data)
        if len(kept.events) > self._per_stream:
            self._drop_oldest(kept)
        while self._bytes > self._total_bytes:
            self._shrink()
        return f"{stream}-{number}"

    def _drop_oldest(self, kept: _Stream) -> None:
        number, data = kept.events.popitem(last=False)
        kept.dropped = number
        self._bytes -= len(data)

    def _shrink(self) -> None:
        # A stream without events stays until it is forgotten: its numbers must not start again.
        for kept in self._streams.values():
            if kept.events:
                return self._drop_oldest(kept)

    async def after(self, event_id: str) -> tuple[str, list[StoredEvent]] | None:
        """What came after an event. None also when an event in between had to be dropped: a gap is not a resume."""
        stream, dash, number = event_id.rpartition("-")
        kept = self._streams.get(stream)
        if kept is None or not dash or not number.isdecimal() or not number.isascii():
            return None
        last = int(number)
        if last >= kept.next or last < kept.dropped:
            return None
        return stream, [StoredEvent(f"{stream}-{each}", data) for each, data in kept.events.items() if each > last]

    async def forget(self, stream: str) -> None:
        """Drops a stream."""
        kept = self._streams.pop(stream, None)
        if kept is not None:
            self._bytes -= sum(map(len, kept.events.values()))
