"""The always-on recording: the newest frames in memory, all of the last while on disk, masked, also after a crash.

A `Recorder` is the store of a live ledger. Its thread writes segments, each a `.wglass` file without an index, into a
folder of this process. A clean end removes the folder; `recovery` finds and opens what a crash left.
"""

import contextlib
import os
import shutil
import threading
import time
from array import array
from collections import OrderedDict, deque
from itertools import pairwise
from pathlib import Path
from typing import IO, Final

from pydantic_core import from_json

from wireglass.breaks import pause
from wireglass.protocol.messages import Frame, HttpFacts, JsonObject, Sender, as_object
from wireglass.recording.events import SessionEvent
from wireglass.recording.ledger import Ledger
from wireglass.recording.masking import Masker
from wireglass.recording.records import (
    Note,
    event_record,
    frame_record,
    header_record,
    masked_parts,
    note_record,
    stored_of,
    to_line,
    to_parts,
)
from wireglass.recording.recovery import hold
from wireglass.recording.store import Stored

__all__ = ["Recorder", "trim"]

KEPT_BYTES: Final = 64 << 20
"""What stays in memory, unmasked, for looking at and sending again."""
FRAME_BYTES: Final = 250
"""What a frame costs beside its text, however short that is: objects and their places in tables."""
WAITING_BYTES: Final = 64 << 20
"""What may wait for a slow disk; beyond, the oldest are not written."""
UNHURRIED_BYTES: Final = 1 << 20
"""While less waits, the writing gives way to a window."""
WAITING_OTHERS: Final = 20_000
SEGMENT_BYTES: Final = 32 << 20
WRITE_EVERY_S: Final = 0.25
"""What a crash of the process can lose."""


_Waiting = tuple[int, str, Sender, str, str, tuple[int, int | None, int | None], str | None, HttpFacts | None]
"""Place, connection, sender, channel, text, stamps, error, HTTP facts."""


class Recorder:
    """Keeps the frames of one process. `append`, `read` and `forget` are the ledger's; `close` ends the thread.

    `folder` is where all processes of this user keep their recordings. It is made if missing, for this user only. When
    the disk fails, recording goes on in memory and `problem` says so.
    """

    def __init__(
        self, folder: Path, *, masker: Masker, application: str = "", wall_ns: int = 0, clock_ns: int = 0
    ) -> None:
        self.problem = ""
        """Why nothing is written any more, a sentence; or empty."""
        self._masker = masker
        self._header = header_record(wall_ns=wall_ns, clock_ns=clock_ns, application=application)
        # Counters have one writer each, so that `append` needs no lock: bytes that came, were dropped, were taken.
        self._came = 0
        self._dropped = 0
        self._taken = 0
        self._kept: dict[int, Stored] = {}
        self._kept_from = 0
        self._waiting: deque[_Waiting] = deque()
        self._first = 0
        self._next = 0
        self._written_to = 0
        self._places = array("q")
        """Where each written frame stands: segment number << 32 | offset."""
        self._segments: OrderedDict[int, int] = OrderedDict()
        """The first frame of each segment on disk, by number of the segment."""
        self._facts: dict[str, list[bytes]] = {}
        """By connection, as they are written at the beginning of each segment."""
        self._new_facts: dict[str, JsonObject] = {}
        self._others: deque[JsonObject] = deque(maxlen=WAITING_OTHERS)
        """Records that are no frames and wait to be written."""
        self._file: IO[bytes] | None = None
        self._readers: OrderedDict[int, IO[bytes]] = OrderedDict()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self._folder = _own_folder(folder)
        self._held = hold(self._folder)
        self._thread = threading.Thread(target=self._run, name="wireglass-recorder", daemon=True)
        self._thread.start()

    # --- the ledger's side ---

    def append(self, frame: Frame, connection: str) -> int:
        """The ledger's side: keeps the frame in memory and queues it for the disk."""
        place = self._next
        self._kept[place] = Stored(frame.raw, frame.http)
        self._came += len(frame.raw) + FRAME_BYTES
        self._next = place + 1
        # Not the frame itself: its parsed message is several times as large as its text.
        stamps = (frame.at_ns, frame.queued_ns, frame.first_byte_ns)
        self._waiting.append(
            (place, connection, frame.sender, frame.channel, frame.raw, stamps, frame.error, frame.http)
        )
        return place

    def read(self, place: int) -> Stored:
        kept = self._kept.get(place)
        if kept is not None:
            return kept
        with self._lock:
            row = place - self._first
            if not 0 <= row < len(self._places):
                raise LookupError("This frame is not kept any more.")
            where = self._places[row]
            if where < 0:
                raise LookupError("This frame was not written: the disk was too slow or full.")
            return self._read_back(where >> 32, where & 0xFFFFFFFF)

    def forget(self, before: int) -> None:
        """Also removes the segments that lie wholly before."""
        with self._lock:
            rows = min(before - self._first, len(self._places))
            if rows > 0:
                self._places = self._places[rows:]
                self._first += rows
            numbers = list(self._segments)
            for number, following in pairwise(numbers):
                if self._segments[following] <= before:
                    self._remove_segment(number)
            while self._kept_from < min(before, self._next):
                self._drop_oldest()

    def _drop_oldest(self) -> None:
        gone = self._kept.pop(self._kept_from)
        self._kept_from += 1
        self._dropped += len(gone.raw) + FRAME_BYTES

    def _read_back(self, number: int, offset: int) -> Stored:
        try:
            reader = self._readers.get(number)
            if reader is None:
                reader = self._readers[number] = (self._folder / _segment_name(number)).open("rb")
                if len(self._readers) > 8:
                    self._readers.popitem(last=False)[1].close()
            reader.seek(offset)
            return stored_of(as_object(from_json(reader.readline())))
        except (OSError, ValueError) as error:
            raise LookupError("The recording of this frame cannot be read.") from error

    # --- what else is recorded ---

    def describe(self, connection: str, facts: JsonObject) -> None:
        """Facts about a connection (command, version, ...), for whoever opens the recording."""
        self._new_facts[connection] = facts

    def happened(self, event: SessionEvent) -> None:
        """Writes an event down; the ledger keeps it in memory."""
        self._others.append(event_record(event))

    def note(self, note: Note) -> None:
        """Writes a note of the user's down, so that a crash does not take it."""
        self._others.append(note_record(note))

    @property
    def folder(self) -> Path:
        """Where this recording is written."""
        return self._folder

    @property
    def on_disk(self) -> int:
        """Bytes that the recording takes on disk now."""
        total = 0
        for number in list(self._segments):
            with contextlib.suppress(OSError):
                total += (self._folder / _segment_name(number)).stat().st_size
        return total

    def flush(self, timeout: float = 10.0) -> bool:
        """Waits until all frames appended so far are written. False when that took longer than `timeout` seconds."""
        wanted = self._next
        until = time.monotonic() + timeout
        while self._written_to < wanted and not self.problem and time.monotonic() < until:
            self._wake.set()
            time.sleep(0.005)
        return self._written_to >= wanted

    def close(self, *, keep: bool = False) -> None:
        """Ends the thread and removes the recording from disk, unless it is to be kept. Frames in memory stay."""
        if self._closed:
            return
        self._closed = True
        self._wake.set()
        self._thread.join(30)
        with self._lock:
            for reader in self._readers.values():
                reader.close()
            self._readers.clear()
            if self._file is not None:
                self._file.close()
                self._file = None
        self._held.close()
        if not keep:
            shutil.rmtree(self._folder, ignore_errors=True)

    # --- the thread ---

    def _run(self) -> None:
        while True:
            self._wake.wait(WRITE_EVERY_S)
            self._wake.clear()
            last = self._closed
            try:
                self._write_waiting()
            except OSError as error:
                self._fail(error)
            self._let_go()
            if last:
                return

    def _write_waiting(self) -> None:
        wrote = self._write_facts()
        while self._waiting:
            if self._came - self._taken < UNHURRIED_BYTES:
                pause()
            waiting = self._waiting.popleft()
            place, raw = waiting[0], waiting[4]
            self._taken += len(raw) + FRAME_BYTES
            if self.problem or self._came - self._taken > WAITING_BYTES:
                self._remember(place, -1)
                continue
            parts = list(to_parts(frame_record(_bare_frame(waiting), waiting[1], self._masker)))
            with self._lock:
                number, offset = self._segment_for(place)
                assert self._file is not None
                self._file.writelines(parts)
                wrote = True
            self._remember(place, number << 32 | offset)
        wrote = self._write_others() or wrote
        if wrote:
            with self._lock:
                if self._file is not None:
                    self._file.flush()
        self._written_to = self._first + len(self._places)

    def _write_others(self) -> bool:
        """Events and notes. Returns whether there were any."""
        wrote = False
        while self._others and not self.problem:
            parts = masked_parts(self._others.popleft(), self._masker)
            with self._lock:
                self._segment_for(self._first + len(self._places))
                assert self._file is not None
                self._file.writelines(parts)
            wrote = True
        return wrote

    def _remember(self, place: int, where: int) -> None:
        with self._lock:
            if place >= self._first:
                self._places.append(where)

    def _segment_for(self, place: int) -> tuple[int, int]:
        """The segment to write to and where in it; a new one when the last is full."""
        if self._file is not None:
            offset = self._file.tell()
            if offset < SEGMENT_BYTES:
                return next(reversed(self._segments)), offset
            self._file.close()
        number = next(reversed(self._segments), 0) + 1
        self._file = (self._folder / _segment_name(number)).open("wb", buffering=1 << 16)
        self._file.write(to_line({**self._header, "segment": number, "first": place}))
        self._segments[number] = place
        for parts in self._facts.values():
            self._file.writelines(parts)
        return number, self._file.tell()

    def _write_facts(self) -> bool:
        """What is newly told of connections; masked here, because a server may tell megabytes of itself. Returns
        whether a file took any: each new segment begins with all of it."""
        wrote = False
        while self._new_facts:
            connection = next(iter(self._new_facts))
            parts = masked_parts({"connection": connection, "facts": self._new_facts.pop(connection)}, self._masker)
            with self._lock:
                self._facts[connection] = parts
                if self._file is not None:
                    with contextlib.suppress(OSError):
                        self._file.writelines(parts)
                    wrote = True
        return wrote

    def _remove_segment(self, number: int) -> None:
        reader = self._readers.pop(number, None)
        if reader is not None:
            reader.close()
        self._segments.pop(number, None)
        with contextlib.suppress(OSError):
            (self._folder / _segment_name(number)).unlink()

    def _let_go(self) -> None:
        """Drops from memory what is on disk and beyond the bound."""
        with self._lock:
            while self._came - self._dropped > KEPT_BYTES and self._kept_from < self._written_to:
                self._drop_oldest()

    def _fail(self, error: OSError) -> None:
        reason = error.strerror or str(error)
        self.problem = f"Recording to disk stopped: {reason}. The newest frames are still kept in memory."
        with self._lock:
            if self._file is not None:
                with contextlib.suppress(OSError):
                    self._file.close()
                self._file = None


def trim(ledger: Ledger, *, newest_ns: int, keep_ns: int, keep_bytes: int, keep_frames: int = 1 << 62) -> bool:
    """Forgets frames older than `keep_ns` before `newest_ns`, and the oldest beyond `keep_bytes` or `keep_frames`.

    To be called now and then on the ledger's thread. Forgetting copies the columns, so it waits until a twentieth of
    the frames is due. Returns whether anything was forgotten.
    """
    columns = ledger.columns
    count = len(columns.at_ns)
    rows = 0
    surplus = ledger.bytes - keep_bytes
    while rows < count and (columns.at_ns[rows] < newest_ns - keep_ns or surplus > 0 or count - rows > keep_frames):
        surplus -= columns.size[rows]
        rows += 1
    if rows * 20 <= count:
        return False
    ledger.forget(columns.first + rows)
    return True


def _bare_frame(waiting: _Waiting) -> Frame:
    _, _, sender, channel, raw, (at_ns, queued_ns, first_byte_ns), error, http = waiting
    return Frame(sender, channel, raw, None, at_ns, error, queued_ns, first_byte_ns, http)


def _own_folder(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    own = folder / f"ring-{time.time_ns():020d}-{os.getpid()}"
    own.mkdir(mode=0o700)
    return own


def _segment_name(number: int) -> str:
    return f"{number:06d}.wglass"
