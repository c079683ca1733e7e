"""The composition root: everything is built here, in one readable function."""

import argparse
import asyncio
import gc
import sys
from collections.abc import Callable, Coroutine, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from platformdirs import user_state_path
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from wireglass.launch.find import split_spec
from wireglass.launch.trust import TrustStore
from wireglass_app.appearance import follow
from wireglass_app.bridge import Bridge
from wireglass_app.courtesy import let_qt_go_first
from wireglass_app.mainwindow import MainWindow
from wireglass_app.models.watched import Watched
from wireglass_app.opening import Opener
from wireglass_app.payloads.code import CodeView
from wireglass_app.privacy import Privacy, on_disk
from wireglass_app.recording import LiveRecording
from wireglass_app.recordings import Recordings
from wireglass_app.reloading import Reloading
from wireglass_app.settings import Settings
from wireglass_app.spare_memory import Spare, give_large_blocks_back
from wireglass_app.watching import Watching
from wireglass_app.workbench import Workbench

__all__ = ["Application", "main", "run_qt"]

_SWITCH_S = 0.001
"""How long another thread may keep the interpreter while the window waits for it; Python's own 5 ms show as stutter."""


class Application:
    """The parts, wired. `run` needs a qasync loop around it."""

    def __init__(self, settings: Settings, trust: TrustStore, recordings: Path | None = None) -> None:
        """`recordings` is the folder of the rings on disk; without it, recording is in memory only."""
        follow(settings)
        give_large_blocks_back()
        self.settings, self._trust = settings, trust
        self.bridge = Bridge()
        recording = LiveRecording(self.bridge, recordings if on_disk(settings) else None)
        self.workbench = Workbench(self.bridge, recording, settings)
        self.privacy = Privacy(settings, recording)
        self.reloading = Reloading(self.bridge, self.workbench)
        self.windows: list[MainWindow] = []
        self.window = MainWindow(self.bridge, self.workbench, settings, trust)
        """The one that the user works in, of all windows of this session."""
        self.opener = Opener(self.window, self.bridge, self.workbench, settings, trust, self._say)
        self.watching = Watching(self.bridge, self.workbench, Watched(settings), self._say)
        self._spare = Spare(lambda work: self.bridge.spawn(self.bridge.compute(work), self.bridge), self.workbench)
        self.workbench.session_changed.connect(self._spare.stirred)
        self.workbench.removed.connect(self._spare.stirred)
        self.workbench.call_changed.connect(self._spare.stirred)
        self._over = asyncio.Event()
        self._quitting = False
        self.recordings = Recordings(self.bridge, settings, trust, recordings, lambda: self.window)
        self.recordings.shown.connect(self._adopt_recording)
        self.recordings.closed.connect(self._end_if_nothing_is_left)
        self._adopt(self.window)

    async def run(self, what: str = "", python: str | None = None) -> None:
        """Shows the window, opens what was named, and returns when the window is closed and all is stopped."""
        files = _session_files(what)
        if not [window for path in files if (window := await self.recordings.open(path))]:
            self.window.show()
            for _ in range(self.settings.get("windows", 1) - 1):
                self.open_window()
        self.bridge.spawn(self.bridge.compute(_preload), self.bridge)
        self.bridge.spawn(self.recordings.offer_leftovers(), self.recordings)
        if files:
            pass
        elif _names_a_file(what):
            self.opener.open_spec(what, python)
        elif what:
            self.opener.open_text(what)
        try:
            await self._over.wait()
        finally:
            await self.close()

    def open_window(self) -> MainWindow:
        """One more window on the same session: its own views, the same servers, calls and frames."""
        number = next(number for number in range(1, 100) if all(one.number != number for one in self.windows))
        window = MainWindow(self.bridge, self.workbench, self.settings, self._trust, number)
        self._adopt(window)
        window.show()
        if window.host.place[0] == "welcome" and self.workbench.current is not None:
            window.go("tools")
        return window

    def _adopt(self, window: MainWindow) -> None:
        self.windows.append(window)
        self._wire(window)
        window.fronted.connect(lambda: self._front(window))
        window.ended.connect(lambda: self._closed(window))
        self._front(window)

    def _adopt_recording(self, window: MainWindow) -> None:
        """What is opened from the window of a recording is shown in one of the live servers."""
        for signal in (window.open_file, window.open_spec, window.open_text, window.open_example):
            signal.connect(self._show_live)
        window.open_known.connect(self._show_live)
        window.open_recent.connect(self._show_live)
        window.connect_wanted.connect(self._show_live)
        self._wire(window)

    def _show_live(self, *_facts: Any) -> None:
        if not self.windows:
            self.open_window()
        self.window.show()
        self.window.raise_()

    def _wire(self, window: MainWindow) -> None:
        opener = self.opener
        window.open_file.connect(opener.pick_file)
        window.open_spec.connect(opener.open_spec)
        window.open_text.connect(opener.open_text)
        window.open_example.connect(opener.open_example)
        window.open_known.connect(opener.open_known)
        window.open_recent.connect(opener.open_recent)
        window.connect_wanted.connect(opener.ask_target)
        window.sign_in_wanted.connect(opener.show_sign_in)
        window.mend_wanted.connect(opener.mend)
        window.new_window.connect(self.open_window)
        window.quit_wanted.connect(self._quit)
        self.recordings.wire(window)

    def _front(self, window: MainWindow) -> None:
        if window not in self.windows:
            return
        self.window = window
        self.opener.set_window(window)
        for one in self.windows:
            one.leads = one is window
            one.last = len(self.windows) == 1
        window.take_lead()

    def _closed(self, window: MainWindow) -> None:
        self.windows.remove(window)
        if not self.windows:
            if not self._quitting:
                self.settings.set("windows", 1)
                self.settings.save()
            self._end_if_nothing_is_left()
            return
        self._front(self.windows[-1])
        _dispose(window)

    def _end_if_nothing_is_left(self) -> None:
        """The last window that closes ends the application."""
        if not self.recordings.windows and not any(window.isVisible() for window in self.windows):
            self._over.set()

    def _quit(self) -> None:
        self._quitting = True
        self.settings.set("windows", len(self.windows))
        self.recordings.close_all()
        for window in list(self.windows):
            window.closing.end()

    def _say(self, text: str) -> None:
        self.window.announce(text)

    async def close(self) -> None:
        """Stops every server and the runtime thread."""
        self._spare.stop()
        await self.workbench.close_all()
        self.recordings.close_all()
        self.settings.save()
        await self.bridge.close()
        self.workbench.recording.close()
        for window in {*self.windows, self.window}:
            _dispose(window)


def _dispose(window: MainWindow) -> None:
    for text in window.findChildren(CodeView):
        text.clear()  # stops the job that may still lay it out
    window.deleteLater()


def _preload() -> None:
    """Loads what the first connection and the first result need, on a worker thread, while the window is usable."""
    for name in (
        "wireglass.client.client",
        "wireglass_app.payloads.json",
        "wireglass_app.payloads.views",
        "wireglass_app.panels.overview",
        "wireglass_app.panels.tools",
        "wireglass_app.shell.palette",
    ):
        import_module(name)


def _session_files(what: str) -> list[Path]:
    """The recorded session that was named, if it was one; also one that is not there, so that its absence is told."""
    return [Path(what)] if what.endswith(".wglass") else []


def _names_a_file(what: str) -> bool:
    """FILE or FILE:NAME, also one that is not there, so that its absence is told; not a command that ends in a file."""
    if what.startswith(("http://", "https://")):
        return False
    path = split_spec(what)[0]
    return bool(what) and (path.is_file() or (path.suffix == ".py" and " " not in what))


def main(arguments: Sequence[str] | None = None) -> int:
    """`[--tour] [--python PYTHON] [FILE[:NAME] | SESSION.wglass | URL | COMMAND…]`. Returns the exit status."""
    options = _parser().parse_args(arguments)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("wireglass")
    app.setApplicationDisplayName("Wireglass")
    app.setDesktopFileName("wireglass")
    app.setQuitOnLastWindowClosed(False)
    what = " ".join(options.what)

    async def session() -> int:
        recordings = user_state_path("wireglass", appauthor=False) / "recordings"
        application = Application(Settings(), TrustStore(), recordings)
        await application.run(what, options.python)
        return 0

    if options.tour:
        from wireglass_app.tour import tour

        return run_qt(app, lambda: tour(what, Path(options.screenshot) if options.screenshot else None))
    return run_qt(app, session)


def run_qt(app: QCoreApplication, work: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Runs a coroutine to its end on Qt's loop. From here on only the bridge collects garbage, between two events: a
    QObject that dies holds one of Qt's locks while PySide allocates, a collection there may end another object whose
    lock is the same, and the process stands still."""
    from qasync import QEventLoop

    gc.disable()
    sys.setswitchinterval(_SWITCH_S)
    let_qt_go_first()
    loop = QEventLoop(app)
    try:
        return loop.run_until_complete(work())
    finally:
        loop.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="wireglass-app", description="The Wireglass workbench for MCP servers.")
    parser.add_argument("--tour", action="store_true", help="show itself off screen on an example, and end")
    parser.add_argument("--screenshot", help="where the tour saves its picture")
    parser.add_argument("--python", help="the interpreter or virtual environment that runs the file")
    parser.add_argument("what", nargs="*", help="FILE[:NAME], SESSION.wglass, URL or command line to open")
    return parser
