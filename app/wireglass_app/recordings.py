"""Sessions on disk, from the window: saving this one, opening others in windows of their own, what a crash left."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget
from shiboken6 import isValid

from wireglass.errors import WireglassError
from wireglass.launch.trust import TrustStore
from wireglass.recording.masking import Masker
from wireglass.recording.recovery import discard, leftovers, recover
from wireglass.recording.saved import SavedSession, open_session
from wireglass_app.background import Job
from wireglass_app.bridge import Bridge
from wireglass_app.mainwindow import MainWindow
from wireglass_app.moments import at
from wireglass_app.recording import LiveRecording, OpenedRecording
from wireglass_app.settings import Settings
from wireglass_app.workbench import Workbench

__all__ = ["Recordings"]

_FILES = ["Recorded sessions (*.wglass)", "All files (*)"]
_SUFFIX = ".wglass"
_RECENT = 12
_NUMBER = 100
"""Windows of recordings remember their layout apart from those of live servers."""
_FIRST = 20_000
"""Frames of a file without an index that are read before its window is shown."""
_STEP = 20_000
"""Frames read in one step of a file without an index."""


class Recordings(QObject):
    """One window for each opened recording. `say` shows a sentence in the window the user is in."""

    shown = Signal(object)
    """The window of a recording was made; it is shown next."""
    closed = Signal()

    def __init__(
        self,
        bridge: Bridge,
        settings: Settings,
        trust: TrustStore,
        folder: Path | None,
        front: Callable[[], MainWindow],
    ) -> None:
        """`folder` is where this user's rings are kept; None when nothing is written. `front` is the live window."""
        super().__init__(bridge)
        self._bridge = bridge
        self._settings, self._trust = settings, trust
        self._folder = folder
        self._front = front
        self.windows: list[MainWindow] = []
        self.picker: QFileDialog | None = None
        """The file dialog on the screen, if there is one."""
        self._jobs: dict[MainWindow, Job] = {}
        """Windows whose files are still being read."""

    def wire(self, window: MainWindow) -> None:
        """Lets a window's actions reach this object."""
        window.save_recording.connect(lambda: self.ask_where_to_save(window))
        window.open_recordings.connect(lambda paths: self.open_paths(paths, window))
        window.replay_wanted.connect(self.replay)

    # --- saving ---

    def ask_where_to_save(self, window: MainWindow) -> None:
        """Save session… in the File menu."""
        recording = window.workbench.recording
        if not len(recording.ledger.entries):
            self._front().announce("Nothing was recorded yet, so there is nothing to save.")
            return
        folder = self._settings.get("recordings.folder", str(Path.home()))
        name = f"session-{datetime.now():%Y-%m-%d-%H%M}.wglass"
        picker = self._picker(window, "Save session", str(Path(folder) / name))
        picker.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        picker.setDefaultSuffix("wglass")
        picker.fileSelected.connect(lambda path: self._bridge.spawn(self.save(Path(path), window), self))
        picker.open()

    async def save(self, path: Path, window: MainWindow | None = None) -> bool:
        """Writes a window's session, by default the live one; says how it went. False when it failed."""
        window = window or self._front()
        recording = window.workbench.recording
        self._settings.set("recordings.folder", str(path.parent))
        frames = len(recording.ledger.entries)
        try:
            if isinstance(recording, LiveRecording):
                await self._bridge.settled()  # what the user has just seen is in the file
                await recording.save(path)
            elif isinstance(recording, OpenedRecording):
                await self._bridge.compute(_copy_ring, recording.saved, path)
        except WireglassError as problem:
            self._tell(window, f"{problem.message} {problem.next_step}".strip())
            return False
        self._remember(path)
        self._tell(window, f"Saved {frames} frames as {path.name}, with secrets masked.")
        return True

    def _tell(self, window: MainWindow, words: str) -> None:
        """In the window it was asked for in, or in the live one when that was closed meanwhile."""
        (window if isValid(window) else self._front()).announce(words)

    # --- opening ---

    def open_paths(self, paths: list[str], window: QWidget) -> None:
        """Opens these files, or asks which."""
        for path in paths:
            self._bridge.spawn(self.open(Path(path)), self)
        if not paths:
            picker = self._picker(window, "Open session", self._settings.get("recordings.folder", str(Path.home())))
            picker.setFileMode(QFileDialog.FileMode.ExistingFiles)
            picker.filesSelected.connect(lambda chosen: self.open_paths(list(chosen), window))
            picker.open()

    def replay(self, path: str) -> None:
        """In the live window, because that is where servers are."""
        live = self._front()
        live.show()
        live.raise_()
        live.activateWindow()
        live.go("replay", path=path)

    async def open(self, path: Path) -> MainWindow | None:
        """Shows a file, or a ring that a crash left, in a window of its own; None when it cannot be read at all."""
        for window in self.windows:
            known = window.workbench.recording
            if isinstance(known, OpenedRecording) and known.saved.path == path:
                window.raise_()
                window.activateWindow()
                return window
        try:
            saved, found = await self._bridge.compute(_read, path)
        except WireglassError as problem:
            self._front().announce(f"{problem.message} {problem.next_step}".strip())
            return None
        if path.suffix == _SUFFIX:
            self._settings.set("recordings.folder", str(path.parent))
            self._remember(path)
        return self._show(saved, found)

    def _show(self, saved: SavedSession, found: list[Any]) -> MainWindow:
        recording = OpenedRecording(saved)
        workbench = Workbench(self._bridge, recording)
        workbench.show_recorded(found)
        window = MainWindow(self._bridge, workbench, self._settings, self._trust, _NUMBER + len(self.windows))
        window.last = False
        workbench.setParent(window)
        self.windows.append(window)
        window.ended.connect(lambda: self._close(window))
        self.shown.emit(window)
        window.show()
        if not saved.complete:
            self._read_on(saved, window)
        return window

    def _read_on(self, saved: SavedSession, window: MainWindow) -> None:
        """A file without an index shows what is there while the rest is read in the background."""
        workbench = window.workbench

        def steps() -> Any:
            more = True
            while more:
                more = saved.read_more(_STEP)
                yield None
            yield _gather(saved)

        def step(found: Any) -> None:
            if workbench.recording.ledger is saved.ledger and found is not None:
                workbench.show_recorded(found)
                workbench.verdicts.recorded()
            workbench.recording.changed.emit()
            workbench.entries_added.emit(None, [])

        def over(problem: Exception | None = None) -> None:
            self._jobs.pop(window, None)
            if problem is not None and window in self.windows:
                window.announce(
                    f"The file could not be read on: {problem}. What was read stays; open it again for the rest."
                )

        self._jobs[window] = Job(steps(), window, step, over, over)

    def _close(self, window: MainWindow) -> None:
        if window in self.windows:
            self.windows.remove(window)
            job = self._jobs.pop(window, None)
            if job is not None:
                job.stop()
            window.workbench.recording.close()
            self.closed.emit()
            window.deleteLater()

    def close_all(self) -> None:
        """Closes every recording's window and file."""
        for window in list(self.windows):
            window.hide()
            self._close(window)

    # --- after a crash ---

    async def offer_leftovers(self) -> None:
        """If the last run ended without saying so, asks what to do with its recording. Asks nothing otherwise."""
        if self._folder is None:
            return
        found = await self._bridge.compute(leftovers, self._folder)
        if not found:
            return
        when = at(await self._bridge.compute(_written_at, found[-1]))
        others = f" and {len(found) - 1} older" if len(found) > 1 else ""
        text = (
            f"Wireglass did not close properly on {when:%d %b at %H:%M}. What it recorded until then{others} is kept."
        )
        self._front().notices.offer_recovery(
            text,
            lambda: self._bridge.spawn(self._recover(found), self),
            lambda: self._bridge.spawn(self._discard(found), self),
            lambda: self._front().announce("It will be offered again at the next start."),
        )
        self._front().announce(text)

    async def _recover(self, found: list[Path]) -> None:
        for path in found:
            await self.open(path)

    async def _discard(self, found: list[Path]) -> None:
        await self._bridge.compute(discard, found)
        self._front().announce("Discarded.")

    # --- inside ---

    def _picker(self, window: QWidget, title: str, start: str) -> QFileDialog:
        picker = QFileDialog(window, title, start)
        picker.setNameFilters(_FILES)
        picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picker.finished.connect(lambda _result: setattr(self, "picker", None))
        self.picker = picker
        return picker

    def _remember(self, path: Path) -> None:
        known = [one for one in self._settings.get("recordings.recent", []) if one != str(path)]
        self._settings.set("recordings.recent", [str(path), *known][:_RECENT])


def _copy_ring(saved: SavedSession, path: Path) -> None:
    """What a crash left, as one file; then the ring is no longer needed."""
    from wireglass.recording.archive import save

    application = str(saved.header.get("application") or "Wireglass")
    connections = saved.connections.items()
    save(saved.ledger, path, masker=Masker(), application=application, connections=connections, notes=saved.notes)
    discard([saved.path])


def _written_at(ring: Path) -> float:
    """When a ring was last written to."""
    return max((file.stat().st_mtime for file in ring.glob("*.wglass")), default=ring.stat().st_mtime)


def _read(path: Path) -> tuple[SavedSession, list[Any]]:
    """A file, or the folder of a ring, and what it tells of its servers."""
    saved = recover(path) if path.is_dir() else open_session(path, frames=_FIRST)
    return saved, _gather(saved)


def _gather(saved: SavedSession) -> list[Any]:
    """Slow imports and reading, for a worker thread."""
    from wireglass_app.recorded_facts import gather

    return gather(saved.ledger, saved.connections)
