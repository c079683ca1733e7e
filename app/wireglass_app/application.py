"""The composition root: everything is built here, in one readable function."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from wireglass.launch.find import split_spec
from wireglass.launch.trust import TrustStore
from wireglass_app.bridge import Bridge
from wireglass_app.mainwindow import MainWindow
from wireglass_app.opening import Opener
from wireglass_app.payloads.code import CodeView
from wireglass_app.reloading import Reloading
from wireglass_app.settings import Settings
from wireglass_app.theme import theme
from wireglass_app.workbench import Workbench

__all__ = ["Application", "main", "run_qt"]

_SWITCH_S = 0.001
"""How long another thread may keep the interpreter while the window waits for it; Python's own 5 ms show as stutter."""


class Application:
    """The parts, wired. `run` needs a qasync loop around it."""

    def __init__(self, settings: Settings, trust: TrustStore) -> None:
        look = theme()
        look.zoom(settings.get("zoom", 1.0))
        look.choose(settings.get("theme", "system"))
        self.settings = settings
        self.bridge = Bridge()
        self.workbench = Workbench(self.bridge)
        self.reloading = Reloading(self.bridge, self.workbench)
        self.window = MainWindow(self.bridge, self.workbench, settings)
        self.opener = Opener(self.window, self.bridge, self.workbench, settings, trust, self.window.announce)
        self._over = asyncio.Event()
        window, opener = self.window, self.opener
        window.open_file.connect(opener.pick_file)
        window.open_spec.connect(opener.open_spec)
        window.open_text.connect(opener.open_text)
        window.open_example.connect(opener.open_example)
        window.connect_wanted.connect(opener.ask_target)
        window.ended.connect(self._over.set)

    async def run(self, what: str = "", python: str | None = None) -> None:
        """Shows the window, opens what was named, and returns when the window is closed and all is stopped."""
        self.window.show()
        self.bridge.spawn(self.bridge.compute(_preload))
        if _names_a_file(what):
            self.opener.open_spec(what, python)
        elif what:
            self.opener.open_text(what)
        try:
            await self._over.wait()
        finally:
            await self.close()

    async def close(self) -> None:
        """Stops every server and the runtime thread."""
        await self.workbench.close_all()
        self.settings.save()
        await self.bridge.close()
        for text in self.window.findChildren(CodeView):
            text.clear()  # stops the job that may still lay it out
        self.window.deleteLater()


def _preload() -> None:
    """Loads what the first connection and the first result need, on a worker thread, while the window is usable."""
    for name in ("wireglass.client.client", "wireglass_app.payloads.json", "wireglass_app.payloads.views"):
        import_module(name)


def _names_a_file(what: str) -> bool:
    """FILE or FILE:NAME, also one that is not there, so that its absence is told; not a command that ends in a file."""
    if what.startswith(("http://", "https://")):
        return False
    path = split_spec(what)[0]
    return bool(what) and (path.is_file() or (path.suffix == ".py" and " " not in what))


def main(arguments: Sequence[str] | None = None) -> int:
    """`[--tour] [--python PYTHON] [FILE[:NAME] | URL | COMMAND…]`. Returns the exit status."""
    options = _parser().parse_args(arguments)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("wireglass")
    app.setApplicationDisplayName("Wireglass")
    app.setDesktopFileName("wireglass")
    app.setQuitOnLastWindowClosed(False)
    what = " ".join(options.what)

    async def session() -> int:
        application = Application(Settings(), TrustStore())
        await application.run(what, options.python)
        return 0

    if options.tour:
        from wireglass_app.tour import tour

        return run_qt(app, lambda: tour(what, Path(options.screenshot) if options.screenshot else None))
    return run_qt(app, session)


def run_qt(app: QCoreApplication, work: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Runs a coroutine to its end on Qt's loop."""
    from qasync import QEventLoop

    sys.setswitchinterval(_SWITCH_S)
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
    parser.add_argument("what", nargs="*", help="FILE[:NAME], URL or command line to open")
    return parser
