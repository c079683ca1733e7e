"""Opens a `.wglass` file for reading, as far as it goes.

A truncated, damaged or newer file opens with a list of what is missing, and is never written to.
"""

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from pydantic_core import from_json

from wireglass.protocol.messages import Frame, JsonObject, as_object, is_object
from wireglass.recording.events import SessionEvent
from wireglass.recording.index import IndexDamaged, ledger_from_index
from wireglass.recording.ledger import Ledger
from wireglass.recording.records import FORMAT, ArchiveError, Note, event_of, frame_of, note_of, stored_of, whole
from wireglass.recording.store import Stored

__all__ = ["SavedSession", "open_session"]

MOST_LINE: Final = 256 << 20
"""Bytes of one line that are still read."""
_TAIL: Final = 4096


class _FileStore:
    """Reads single records of a file. For a ledger that was made from it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._lock = threading.Lock()
        self.next_place = 0

    def append(self, frame: Frame, connection: str) -> int:
        """The frame is in the file already, where the scan stands."""
        return self.next_place

    def read(self, place: int) -> Stored:
        try:
            with self._lock:
                self._file.seek(place)
                line = self._file.readline(MOST_LINE)
            return stored_of(as_object(from_json(line)))
        except (ValueError, OSError) as error:
            raise LookupError("The file is damaged at this frame.") from error

    def forget(self, before: int) -> None:
        """Nothing to do: the file stays as it is."""

    def happened(self, event: SessionEvent) -> None:
        """Nothing to do: the file stays as it is."""


@dataclass(slots=True)
class SavedSession:
    """An opened file, read-only. Use as a context manager, or `close` it."""

    path: Path
    ledger: Ledger
    header: JsonObject
    connections: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    """Facts by name of connection, as they were saved."""
    notes: list[Note] = field(default_factory=list[Note])
    problems: list[str] = field(default_factory=list[str])
    """What is missing or damaged, in sentences."""
    complete: bool = False
    """Whether all frames are in the ledger; if not, `read_more` adds some."""
    _file: IO[bytes] | None = None
    _store: _FileStore | None = None
    _position: int = 0
    _damaged: int = 0
    _unknown: int = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file. Texts of frames cannot be read afterwards."""
        if self._file is not None:
            self._file.close()

    def read_more(self, frames: int = 20_000) -> bool:
        """Reads on in a file without an index. Returns whether there is still more."""
        assert self._file is not None
        assert self._store is not None
        wanted = len(self.ledger.entries) + frames
        while not self.complete and len(self.ledger.entries) < wanted:
            with self._store._lock:
                self._file.seek(self._position)
                line = self._file.readline(MOST_LINE)
            if not line:
                self._finish()
                break
            self._store.next_place = self._position
            self._position += len(line)
            self._take(line)
        return not self.complete

    def _take(self, line: bytes) -> None:
        try:
            record = as_object(from_json(line))
            if "frame" in record:
                frame, connection = frame_of(record)
                self.ledger.append(frame, connection)
                return
            known = self._take_other(record)
        except ValueError:
            whole = line.endswith(b"\n")
            self._damaged += whole
            if not whole:
                self.problems.append("The file ends in the middle of a record; what was recorded after it is missing.")
            return
        self._unknown += not known

    def _take_other(self, record: JsonObject) -> bool:
        """A record that is no frame. Returns whether its kind is known."""
        if "connection" in record:
            self.connections[str(record["connection"])] = as_object(record.get("facts"))
        elif "note" in record:
            self.notes.append(note_of(record))
        elif "event" in record:
            event = event_of(record)
            if event is not None:
                self.ledger.events.append(event)
            return event is not None
        else:
            return not record.keys().isdisjoint({"wireglass", "index", "end", "segment"})
        return True

    def _finish(self) -> None:
        self.complete = True
        if self._damaged:
            self.problems.append(f"{self._damaged} damaged records were left out.")
        if self._unknown:
            self.problems.append(f"{self._unknown} records of kinds that this version does not know were left out.")


def open_session(path: Path, *, frames: int = 20_000) -> SavedSession:
    """Opens a saved session for reading.

    A file with an index is ready at once. Otherwise the first `frames` are read, and `read_more` reads on. Raises
    ArchiveError when the file cannot be read or is no recorded session at all.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise ArchiveError(
            f"{path.name} cannot be read: {error.strerror or error}.", next_step="Check the path and its permissions."
        ) from error
    try:
        return _open(path, file, frames)
    except BaseException:
        file.close()
        raise


def _open(path: Path, file: IO[bytes], frames: int) -> SavedSession:
    try:
        line = file.readline(1 << 20)
        header = as_object(from_json(line))
    except (ValueError, OSError):
        line, header = b"", {}
    if header.get("wireglass") != "session":
        raise ArchiveError(
            f"{path.name} is not a session recorded by Wireglass.",
            next_step="Choose a .wglass file; its first line names Wireglass.",
        )
    store = _FileStore(file)
    clocks = {"wall_ns": whole(header.get("wall_ns")) or 0, "clock_ns": whole(header.get("clock_ns")) or 0}
    session = SavedSession(path, Ledger(store, **clocks), header, _file=file, _store=store, _position=len(line))
    version = header.get("format")
    if type(version) is not int or version > FORMAT:
        session.problems.append(
            "A newer Wireglass wrote this file. It is shown as far as this version understands it; update to see all."
        )
    index, index_at = _find_index(file)
    if index is not None:
        try:
            session.ledger = ledger_from_index(index, store, **clocks, end=index_at)
            _read_beside_frames(session, file, index_at)
            return session
        except IndexDamaged:
            session.problems.append("The index of the file is damaged; it was read without it.")
    else:
        session.problems.append("The file was not closed properly; its frames are read one by one.")
    session.read_more(frames)
    return session


def _find_index(file: IO[bytes]) -> tuple[JsonObject | None, int]:
    """The index that the last line points at, and where it begins."""
    try:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL))
        tail = file.read(_TAIL)
        end = as_object(from_json(tail.rstrip(b"\n").rsplit(b"\n", 1)[-1]))
        index_at = end.get("index_at")
        if end.get("end") is not True or type(index_at) is not int or not 0 <= index_at < size:
            return None, 0
        file.seek(index_at)
        index = as_object(from_json(file.readline(MOST_LINE))).get("index")
        return (index, index_at) if is_object(index) else (None, 0)
    except (ValueError, OSError):
        return None, 0


def _read_beside_frames(session: SavedSession, file: IO[bytes], index_at: int) -> None:
    """The records before the first frame and after the last: connections and notes."""
    places = session.ledger.columns.place
    first = places[0] if len(places) else index_at
    file.seek(session._position)
    while file.tell() < first:
        session._take(file.readline(MOST_LINE))
    if len(places):
        file.seek(places[-1])
        file.readline(MOST_LINE)
        while file.tell() < index_at:
            session._take(file.readline(MOST_LINE))
    session._finish()
