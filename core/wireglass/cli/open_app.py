"""`wireglass [FILE | URL | -- COMMAND]`: opens the workbench."""

import argparse
import importlib
import importlib.util
import os
import sys

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to open is passed on to the application as it is."""
    parser.add_argument(
        "what",
        nargs=argparse.REMAINDER,
        metavar="FILE[:NAME] | SESSION.wglass | URL",
        help="what to open; may be left out",
    )


def run(options: argparse.Namespace) -> int:
    """Starts the application. Returns 1 with a sentence when its packages, or a display, are not there."""
    missing = [name for name in ("PySide6", "qasync", "wireglass_app") if importlib.util.find_spec(name) is None]
    if missing:
        print(
            f"The workbench needs packages that are not installed ({', '.join(missing)}). "
            'Install them with: pip install "wireglass[app]". '
            "Without a window, `wireglass inspect` and `wireglass call` work on the same servers.",
            file=sys.stderr,
        )
        return 1
    if not _has_display():
        print(
            "There is no display to show the workbench on. Start it in a desktop session, or set DISPLAY. "
            "Without a window, `wireglass inspect` and `wireglass call` work on the same servers.",
            file=sys.stderr,
        )
        return 1
    application = importlib.import_module("wireglass_app.application")
    return int(application.main(options.what) or 0)


def _has_display() -> bool:
    """Qt ends the process with a signal where it finds none. Whoever names a platform (offscreen) knows better."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
