"""Writes a session to one `.wglass` file: beside, then put in place, so that a crash leaves the old file or the new."""

import contextlib
import os
import tempfile
from array import array
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import IO

from wireglass.protocol.messages import Frame, JsonObject
from wireglass.recording.entries import Entry
from wireglass.recording.index import index_of
from wireglass.recording.ledger import Ledger
from wireglass.recording.masking import Masker
from wireglass.recording.records import (
    ArchiveError,
    Note,
    event_record,
    frame_record,
    header_record,
    masked_parts,
    note_record,
    to_line,
    to_parts,
)
from wireglass.recording.store import Stored

__all__ = ["save"]


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
        place += sum(map(file.write, masked_parts({"connection": name, "facts": facts}, masker)))
    first = ledger.columns.first
    # Before the frames, so that a file that was cut has lost only frames.
    for note in notes:
        place += sum(map(file.write, masked_parts(note_record(note, first=first), masker)))
    for event in ledger.events:
        place += sum(map(file.write, masked_parts(event_record(event), masker)))
    places = array("q")
    for entry in ledger.entries:
        places.append(place)
        place += sum(map(file.write, to_parts(frame_record(_bare_frame(entry), entry.connection, masker))))
        if on_progress is not None and len(places) % 10_000 == 0:
            on_progress(len(places), len(ledger.entries))
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
