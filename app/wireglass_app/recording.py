"""What is recorded: the ring of this process, or a session that was opened from a file and only looked at."""

from pathlib import Path
from time import perf_counter_ns, time_ns
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from wireglass import __version__
from wireglass.errors import WireglassError
from wireglass.protocol.messages import JsonObject
from wireglass.recording.ledger import Ledger
from wireglass.recording.masking import LEAST_LEARNED, Masker, names_a_secret
from wireglass.recording.recorder import Recorder, trim
from wireglass.recording.records import Note
from wireglass.recording.saved import SavedSession
from wireglass.storage.keychain import on_secret
from wireglass_app.bridge import Bridge
from wireglass_app.calls import Target
from wireglass_app.moments import at

__all__ = ["KEPT_MINUTES", "LiveRecording", "OpenedRecording", "Recording", "masker_of"]

KEPT_MINUTES = 30
_KEPT_BYTES = 512 << 20
_KEPT_FRAMES = 1_000_000
_TRIM_MS = 10_000


class Recording(QObject):
    """The ledger that views read, with the facts of its connections and the user's notes."""

    changed = Signal()
    """Notes, problems or the file on disk."""
    forgotten = Signal()
    """The oldest frames have left the ring."""
    opened = False
    """Whether this is a file that is only looked at."""

    def __init__(self, ledger: Ledger, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ledger = ledger
        self.connections: dict[str, JsonObject] = {}
        """Facts by name of connection, as they are written to files."""
        self.notes: list[Note] = []

    @property
    def problems(self) -> list[str]:
        """What is missing, in sentences."""
        return []

    @property
    def began_ns(self) -> int | None:
        """When the first frame that is kept crossed, as nanoseconds since 1970; None without frames."""
        stamps = self.ledger.columns.at_ns
        return self.ledger.wall_time_ns(stamps[0]) if stamps else None

    @property
    def ended_ns(self) -> int | None:
        """The same of the last frame."""
        stamps = self.ledger.columns.at_ns
        return self.ledger.wall_time_ns(stamps[-1]) if stamps else None

    def close(self) -> None:
        """Lets go of files and threads."""


def masker_of(recording: Recording) -> Masker:
    """What takes secrets out of what is exported: of a live recording also those that were learned meanwhile."""
    return recording.masker if isinstance(recording, LiveRecording) else Masker()


class LiveRecording(Recording):
    """Always on. With a `folder` frames are also written there, masked, so that a crash does not take them."""

    def __init__(self, bridge: Bridge, folder: Path | None = None, parent: QObject | None = None) -> None:
        self.masker = Masker()
        self._stop_watching = on_secret(lambda value: self.masker.add([value]))
        self._bridge = bridge
        self._problem = ""
        self._saved_at = 0
        self.saved_as: Path | None = None
        """The file of the last save."""
        self.keep_minutes = KEPT_MINUTES
        """Older frames leave."""
        now: dict[str, int] = {"wall_ns": time_ns(), "clock_ns": perf_counter_ns()}
        self.recorder: Recorder | None = None
        if folder is not None:
            try:
                self.recorder = Recorder(folder, masker=self.masker, application=f"Wireglass {__version__}", **now)
            except (OSError, WireglassError) as problem:
                self._problem = f"The recording is kept in memory only: {problem}"
        super().__init__(Ledger(self.recorder, **now), parent)
        self._trim = QTimer(self, interval=_TRIM_MS)
        self._trim.timeout.connect(self.trim)
        self._trim.start()

    @property
    def problems(self) -> list[str]:
        """Why nothing is written to disk, if so."""
        found = [self._problem, self.recorder.problem if self.recorder is not None else ""]
        return [one for one in found if one]

    @property
    def unsaved(self) -> bool:
        """Whether frames were recorded since the last save."""
        stamps = self.ledger.columns.at_ns
        return bool(stamps) and stamps[-1] > self._saved_at

    def describe(self, connection: str, target: Target, facts: Any = None) -> None:
        """Keeps what is known of a connection, without its secrets; also learns them, so that they are masked."""
        self.learn(target)
        described = _described(target, facts, self.masker)
        self.connections[connection] = described
        if self.recorder is not None:
            self.recorder.describe(connection, described)

    def learn(self, target: Target) -> None:
        """The values of headers, variables and flags whose names say that they are secret are masked from now on."""
        found: list[str] = []
        for name, value in (*target.headers, *(target.env or ()), *target.added):
            if names_a_secret(name) and len(value) >= LEAST_LEARNED:
                _, _, behind = value.partition(" ")
                found += [value, *([behind] if len(behind) >= LEAST_LEARNED else [])]
        self.masker.add(found)
        self.masker.learn_command(target.args)

    def add_note(self, text: str, frame: int | None = None) -> Note:
        """Keeps a note, about a frame or about now."""
        at = perf_counter_ns() if frame is None else self.ledger.entry(frame).at_ns
        note = Note(text, at, frame)
        self.notes.append(note)
        if self.recorder is not None:
            self.recorder.note(note)
        self.changed.emit()
        return note

    def remove_note(self, note: Note) -> None:
        """Takes a note back; what is on disk of it goes with the ring."""
        self.notes.remove(note)
        self.changed.emit()

    async def save(self, path: Path) -> None:
        """Writes one file in a worker thread. Raises ArchiveError."""
        from wireglass.recording.archive import save

        stamps = self.ledger.columns.at_ns
        newest = stamps[-1] if stamps else 0
        connections, notes = list(self.connections.items()), list(self.notes)
        await self._bridge.compute(
            lambda: save(
                self.ledger,
                path,
                masker=self.masker,
                application=f"Wireglass {__version__}",
                connections=connections,
                notes=notes,
            )
        )
        self._saved_at, self.saved_as = newest, path
        self.changed.emit()

    def trim(self) -> None:
        """Lets the oldest frames go; called by itself every now and then."""
        gone = trim(
            self.ledger,
            newest_ns=perf_counter_ns(),
            keep_ns=self.keep_minutes * 60 * 10**9,
            keep_bytes=_KEPT_BYTES,
            keep_frames=_KEPT_FRAMES,
        )
        if gone:
            self.forgotten.emit()

    def close(self) -> None:
        """A clean end: nothing has to be recovered."""
        self._trim.stop()
        self._stop_watching()
        if self.recorder is not None:
            self.recorder.close()


class OpenedRecording(Recording):
    """A session from a file, or what a crash left. Never written to."""

    opened = True

    def __init__(self, saved: SavedSession, parent: QObject | None = None) -> None:
        super().__init__(saved.ledger, parent)
        self.saved = saved
        self.connections = saved.connections
        self.notes = saved.notes

    @property
    def recovered(self) -> bool:
        """Whether it is what a crash left, which can still be saved as a file."""
        return self.saved.path.suffix != ".wglass"

    @property
    def name(self) -> str:
        """What people call it: the file's name, or when it was left behind."""
        if not self.recovered:
            return self.saved.path.name
        began = self.began_ns
        when = f"{at(began / 1e9):%d %b, %H:%M}" if began else "an earlier run"
        return f"Recovered: {when}"

    @property
    def problems(self) -> list[str]:
        return self.saved.problems

    def close(self) -> None:
        self.saved.close()


def _described(target: Target, facts: Any, masker: Masker) -> JsonObject:
    described: JsonObject = {
        "name": target.name,
        "target": {
            "kind": target.kind,
            "command": target.command,
            "args": masker.command(target.args),
            "cwd": target.cwd,
            "url": masker.text(target.url),
            "headers": sorted(name for name, _ in target.headers),
            "variables": sorted(name for name, _ in target.added),
            "spec": target.spec,
            "runner": target.runner,
            "mode": target.mode,
        },
    }
    if facts is not None:
        described |= {
            "version": facts.version,
            "stateless": facts.stateless,
            "why": facts.why,
            "path": [list(step) for step in facts.path],
            "transport": facts.transport,
            "result": facts.result,
            "serverInfo": facts.server_info,
            "capabilities": facts.capabilities,
            "instructions": facts.instructions,
        }
    return described
