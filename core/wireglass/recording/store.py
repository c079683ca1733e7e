"""Where the ledger puts the text of each frame: a frame in, a place out. The ledger keeps only the place."""

from dataclasses import dataclass
from typing import Protocol

from wireglass.protocol.messages import Frame, HttpFacts
from wireglass.recording.events import SessionEvent

__all__ = ["FrameStore", "MemoryStore", "Stored"]


@dataclass(frozen=True, slots=True)
class Stored:
    """What the ledger does not keep itself."""

    raw: str
    http: HttpFacts | None = None


class FrameStore(Protocol):
    """An append-only store. Places rise with each frame."""

    def append(self, frame: Frame, connection: str) -> int:
        """Keeps a frame and returns its place. Must not wait for a disk and must not raise."""
        ...

    def read(self, place: int) -> Stored:
        """What was put at `place`. Raises LookupError with a sentence for people when it is gone or damaged."""
        ...

    def forget(self, before: int) -> None:
        """What lies before this place will not be read again."""
        ...

    def happened(self, event: SessionEvent) -> None:
        """Writes down what happened beside the frames, where frames are written down. Must not wait or raise."""
        ...


class MemoryStore:
    """Keeps everything in memory: for tests and short runs."""

    def __init__(self) -> None:
        self._kept: dict[int, Stored] = {}
        self._next = 0

    def append(self, frame: Frame, connection: str) -> int:
        place = self._next
        self._kept[place] = Stored(frame.raw, frame.http)
        self._next += 1
        return place

    def read(self, place: int) -> Stored:
        if place not in self._kept:
            raise LookupError("This frame is not kept any more.")
        return self._kept[place]

    def forget(self, before: int) -> None:
        for place in list(self._kept):  # insertion order is the order of places
            if place >= before:
                return
            del self._kept[place]

    def happened(self, event: SessionEvent) -> None:
        """The ledger keeps events itself."""
