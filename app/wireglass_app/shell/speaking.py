"""What the window says: at once in the status bar, and to screen readers at most once a second, the latest last."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

__all__ = ["Announcer"]

_PAUSE_MS = 1000


class Announcer(QObject):
    """One for each window. Of what comes too fast only the latest is spoken, but nothing polite replaces an alarm."""

    spoken = Signal(str, bool)
    """What went to screen readers, and whether it interrupted them."""

    def __init__(self, window: QWidget, show: Callable[[str], None]) -> None:
        """`show` puts a sentence where it can be seen."""
        super().__init__(window)
        self._window, self._show = window, show
        self._late: tuple[str, bool] | None = None
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._flush)

    def say(self, text: str, *, assertive: bool = False) -> None:
        """One sentence. `assertive` is for questions that arrive and connections that are lost."""
        self._show(text)
        if self._late is None or assertive or not self._late[1]:
            self._late = (text, assertive)
        if not self._pause.isActive():
            self._flush()

    def _flush(self) -> None:
        if self._late is None:
            return
        text, assertive = self._late
        self._late = None
        self._pause.start()
        if QAccessible.isActive():
            event = QAccessibleAnnouncementEvent(self._window, text)
            level = QAccessible.AnnouncementPoliteness
            event.setPoliteness(level.Assertive if assertive else level.Polite)
            QAccessible.updateAccessibility(event)
        self.spoken.emit(text, assertive)
