"""Files dropped anywhere on a window: servers and recorded sessions are opened, all else is let go."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent

if TYPE_CHECKING:
    from wireglass_app.mainwindow import MainWindow

__all__ = ["Dropping"]

_RECORDING = ".wglass"


class Dropping:
    """Works for its window, which hands it the events and emits what is to be opened."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        window.setAcceptDrops(True)

    def enter(self, event: QDragEnterEvent) -> None:
        """Something is dragged over the window."""
        if _dropped(event.mimeData().urls()):
            event.acceptProposedAction()
            self._hot(True)

    def leave(self) -> None:
        """It is no longer over the window."""
        self._hot(False)

    def drop(self, event: QDropEvent) -> None:
        """Opens every file that can be opened."""
        self._hot(False)
        dropped = _dropped(event.mimeData().urls())
        if dropped:
            event.acceptProposedAction()
        recordings = [path for path in dropped if path.endswith(_RECORDING)]
        if recordings:
            self._window.open_recordings.emit(recordings)
        for path in dropped:
            if path not in recordings:
                self._window.open_spec.emit(path)

    def _hot(self, hot: bool) -> None:
        from wireglass_app.panels.welcome import WelcomePanel

        welcome = self._window.host.built("welcome")
        assert isinstance(welcome, WelcomePanel)
        welcome.set_hot(hot)
        if hot:
            self._window.status.say("Drop it anywhere to open it. Nothing runs before you agree.")


def _dropped(urls: list[QUrl]) -> list[str]:
    """The files among what was dropped that can be opened: servers and recorded sessions."""
    paths = [url.toLocalFile() for url in urls if url.isLocalFile()]
    return [path for path in paths if Path(path).suffix in (".py", _RECORDING)]
