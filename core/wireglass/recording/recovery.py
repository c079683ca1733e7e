"""What a crash left of the always-on recording: found, opened read-only, removed; and the lock that tells it from one
that is in use."""

import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import IO, Final

from wireglass.file_locks import hold_nowait
from wireglass.recording.ledger import Ledger
from wireglass.recording.records import ArchiveError, Note, whole
from wireglass.recording.saved import SavedSession, open_session

__all__ = ["discard", "hold", "leftovers", "recover"]

_LOCK: Final = "in-use"


def leftovers(folder: Path) -> list[Path]:
    """The recordings that processes left behind without a clean end, oldest first. Those in use are not among them."""
    found: list[Path] = []
    for candidate in sorted(folder.glob("ring-*")) if folder.is_dir() else ():
        lock = _try_hold(candidate)
        if lock is None:
            continue
        lock.close()
        if any(candidate.glob("*.wglass")):
            found.append(candidate)
    return found


def recover(recording: Path) -> SavedSession:
    """Opens what a crash left behind, read-only. Raises ArchiveError when nothing of it can be read.

    All of it is read at once; a recording is bounded by what the recorder keeps.
    """
    sessions: list[SavedSession] = []
    problems: list[str] = []
    for segment in sorted(recording.glob("*.wglass")):
        try:
            session = open_session(segment, frames=1 << 62)
        except ArchiveError as error:
            problems.append(error.message)
            continue
        session.problems = [one for one in session.problems if "not closed properly" not in one]
        sessions.append(session)
    if not sessions:
        raise ArchiveError(
            f"Nothing of the recording {recording.name} can be read.",
            next_step="It can be removed; it holds no frames.",
        )
    return _joined(recording, sessions, problems)


def _joined(recording: Path, sessions: list[SavedSession], problems: list[str]) -> SavedSession:
    first = sessions[0]
    ledger = Ledger(wall_ns=first.ledger.wall_ns, clock_ns=first.ledger.clock_ns)
    joined = SavedSession(recording, ledger, first.header, problems=problems, complete=True)
    for session in sessions:
        with session:
            joined.connections.update(session.connections)
            joined.notes.extend(_renumbered(session.notes, whole(first.header.get("first")) or 0))
            joined.problems.extend(session.problems)
            ledger.events.extend(session.ledger.events)
            for entry in session.ledger.entries:
                ledger.append(entry.frame, entry.connection)
    return joined


def _renumbered(notes: Iterable[Note], first: int) -> list[Note]:
    """Frames of a ring count from its beginning, those of a joined session from the first that is left."""
    return [
        replace(note, frame=None if note.frame is None or note.frame < first else note.frame - first) for note in notes
    ]


def discard(recordings: Iterable[Path]) -> None:
    """Removes recordings that were left behind."""
    for recording in recordings:
        shutil.rmtree(recording, ignore_errors=True)


def hold(folder: Path) -> IO[bytes]:
    """The lock of a recording's folder, for as long as its process lives. Raises ArchiveError where there is none."""
    held = _try_hold(folder)
    if held is None:
        raise ArchiveError(f"The folder {folder} cannot be locked.", next_step="Choose a folder on a local disk.")
    return held


def _try_hold(folder: Path) -> IO[bytes] | None:
    """The lock that says that a process lives; None when another has it. The system lets go of it at any death."""
    try:
        return hold_nowait(folder / _LOCK)
    except OSError:
        return None
