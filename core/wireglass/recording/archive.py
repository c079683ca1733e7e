"""The `.wglass` file: a recorded session as lines of JSON, described for other programs in docs/session-file.md.

Written beside and then put in place, so that a crash leaves the old file or the new one. Read as far as it goes: a
truncated, damaged or newer file opens with a list of what is missing, and is never written to.
"""

import contextlib
import os
import tempfile
import threading
from array import array
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from pydantic_core import from_json, to_json

from wireglass.errors import WireglassError
from wireglass.protocol.messages import Frame, HttpFacts, JsonObject, as_object, is_object
from wireglass.recording.entries import Entry
from wireglass.recording.index import IndexDamaged, index_of, ledger_from_index
from wireglass.recording.ledger import Ledger
from wireglass.recording.masking import Masker
from wireglass.recording.store import Stored

__all__ = [
    "FORMAT",
    "ArchiveError",
    "Note",
    "SavedSession",
    "frame_of",
    "frame_record",
    "header_record",
    "open_session",
    "save",
    "to_line",
]

FORMAT: Final = 1
"""Raised when an old reader would show something wrong; new kinds of records do not raise it."""
MOST_LINE: Final = 256 << 20
"""Bytes of one line that are still read."""
_TAIL: Final = 4096


class ArchiveError(WireglassError):
    """A file that is no recorded session, or cannot be read or written."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the user wrote to a session."""

    text: str
    at_ns: int = 0
    """On the frames' clock."""
    frame: int | None = None
    """The frame it is about."""


# --- records ---


def header_record(*, wall_ns: int, clock_ns: int, application: str) -> JsonObject:
    """The first line of a file. The two times are one moment: since 1970 (UTC) and on the frames' clock."""
    created = datetime.fromtimestamp(wall_ns / 1e9, UTC).isoformat(timespec="milliseconds")
    return {
        "wireglass": "session",
        "format": FORMAT,
        "created": created,
        "wall_ns": wall_ns,
        "clock_ns": clock_ns,
        "application": application,
    }


def frame_record(frame: Frame, connection: str, masker: Masker) -> JsonObject:
    """A frame as one line, masked. Members that say nothing are left out."""
    record: JsonObject = {"frame": connection, "from": frame.sender, "channel": frame.channel, "at": frame.at_ns}
    if frame.queued_ns is not None:
        record["queued"] = frame.queued_ns
    if frame.first_byte_ns is not None:
        record["first_byte"] = frame.first_byte_ns
    if frame.error is not None:
        record["error"] = masker.text(frame.error)
    record["raw"] = masker.text(frame.raw)
    if frame.http is not None:
        record["http"] = _http_record(masker.http(frame.http))
    return record


def _http_record(facts: HttpFacts) -> JsonObject:
    return {
        "verb": facts.verb,
        "url": facts.url,
        "status": facts.status,
        "request_headers": facts.request_headers,
        "response_headers": facts.response_headers,
        "event_id": facts.event_id,
    }


def to_line(record: JsonObject) -> bytes:
    """A record as a line. Lone surrogates, which JSON text can hold and UTF-8 cannot, become U+FFFD."""
    try:
        return to_json(record) + b"\n"
    except ValueError:
        return to_json(_without_surrogates(record)) + b"\n"


def _without_surrogates(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case dict():
            return {_without_surrogates(key): _without_surrogates(one) for key, one in value.items()}
        case list() | tuple():
            return [_without_surrogates(one) for one in value]
        case _:
            return value


def frame_of(record: JsonObject) -> tuple[Frame, str]:
    """The frame of a record. Raises ValueError when it is none."""
    raw, sender, at = record.get("raw"), record.get("from"), record.get("at")
    if not isinstance(raw, str) or not isinstance(at, int) or sender not in ("client", "server"):
        raise ValueError("a frame without raw, from or at")
    error = record.get("error")
    message = None
    with contextlib.suppress(ValueError):
        message = from_json(raw)
    frame = Frame(
        sender=sender,
        channel=str(record.get("channel", "")),
        raw=raw,
        message=message,
        at_ns=at,
        error=error if isinstance(error, str) else None,
        queued_ns=_whole(record.get("queued")),
        first_byte_ns=_whole(record.get("first_byte")),
        http=_http_facts(record.get("http")),
    )
    return frame, str(record["frame"])


def _whole(value: Any) -> int | None:
    return value if type(value) is int else None


def _http_facts(value: Any) -> HttpFacts | None:
    if not is_object(value):
        return None
    event_id = value.get("event_id")
    return HttpFacts(
        verb=str(value.get("verb", "")),
        url=str(value.get("url", "")),
        status=_whole(value.get("status")),
        request_headers=_headers(value.get("request_headers")),
        response_headers=_headers(value.get("response_headers")),
        event_id=event_id if isinstance(event_id, str) else None,
    )


def _headers(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list):
        return ()
    return tuple((str(pair[0]), str(pair[1])) for pair in value if isinstance(pair, list) and len(pair) == 2)


# --- writing ---


def save(
    ledger: Ledger,
    path: Path,
    *,
    masker: Masker,
    application: str,
    connections: Iterable[tuple[str, JsonObject]] = (),
    notes: Iterable[Note] = (),
    on_progress: Callable[[int, int], None] | None = None,
) -> None:
    """Writes what the ledger keeps to one file, replacing a file only when the new one is complete.

    `connections` are facts for people and other programs (command, negotiated version, ...) by name of connection.
    `on_progress` hears the frames written and all, from time to time. Raises ArchiveError.
    """
    try:
        with _beside(path) as file:
            _write(ledger.frozen(), file, masker, application, connections, notes, on_progress)
    except OSError as error:
        raise ArchiveError(
            f"The session could not be saved as {path.name}: {error.strerror or error}.",
            next_step="Choose another folder, or make room on the disk.",
        ) from error


def _write(
    ledger: Ledger,
    file: IO[bytes],
    masker: Masker,
    application: str,
    connections: Iterable[tuple[str, JsonObject]],
    notes: Iterable[Note],
    on_progress: Callable[[int, int], None] | None,
) -> None:
    place = file.write(
        to_line(header_record(wall_ns=ledger.wall_ns, clock_ns=ledger.clock_ns, application=application))
    )
    for name, facts in connections:
        place += file.write(_masked_line({"connection": name, "facts": facts}, masker))
    first = ledger.columns.first
    places = array("q")
    for entry in ledger.entries:
        places.append(place)
        place += file.write(to_line(frame_record(_bare_frame(entry), entry.connection, masker)))
        if on_progress is not None and len(places) % 10_000 == 0:
            on_progress(len(places), len(ledger.entries))
    for note in notes:
        about = None if note.frame is None else note.frame - first
        place += file.write(_masked_line({"note": note.text, "at": note.at_ns, "frame_number": about}, masker))
    index_at = place
    place += file.write(to_line({"index": index_of(ledger, places, masker)}))
    file.write(to_line({"end": True, "index_at": index_at, "bytes": place}))


def _bare_frame(entry: Entry) -> Frame:
    """A frame without its parsed message, which is not written."""
    try:
        stored = entry.stored
        error = entry.error
    except LookupError as gone:
        # Its text was lost (a full disk), its facts were not: the line keeps its number.
        stored, error = Stored(""), str(gone)
    return Frame(
        sender=entry.sender,
        channel=entry.channel,
        raw=stored.raw,
        message=None,
        at_ns=entry.at_ns,
        error=error,
        queued_ns=entry.queued_ns,
        first_byte_ns=entry.first_byte_ns,
        http=stored.http,
    )


def _masked_line(record: JsonObject, masker: Masker) -> bytes:
    return masker.text(to_line(record).decode()).encode()


@contextlib.contextmanager
def _beside(path: Path) -> Generator[IO[bytes]]:
    """A new file in the same folder that takes the place of `path` at the end, or vanishes."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb", buffering=1 << 20) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


# --- reading ---


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
            frame, _ = frame_of(as_object(from_json(line)))
        except (ValueError, KeyError, OSError) as error:
            raise LookupError("The file is damaged at this frame.") from error
        return Stored(frame.raw, frame.http)

    def forget(self, before: int) -> None:
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
            self.notes.append(
                Note(str(record["note"]), _whole(record.get("at")) or 0, _whole(record.get("frame_number")))
            )
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
    clocks = {"wall_ns": _whole(header.get("wall_ns")) or 0, "clock_ns": _whole(header.get("clock_ns")) or 0}
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
