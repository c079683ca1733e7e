"""What the window says: at once in the status bar, and to screen readers at most once a second, the latest last."""

from collections.abc import Callable
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from wireglass_app.plain import counted, visible
from wireglass_app.server_session import ServerSession

__all__ = ["Announcer", "ConnectionNews"]

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
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS, timerType=Qt.TimerType.PreciseTimer)
        self._pause.timeout.connect(self._flush)

    def say(self, text: str, *, assertive: bool = False) -> None:
        """One sentence. `assertive` is for questions that arrive and connections that are lost."""
        self._show(text)
        self.speak(text, assertive=assertive)

    def speak(self, text: str, *, assertive: bool = False) -> None:
        """The same for screen readers alone, of what others see."""
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


class ConnectionNews:
    """What there is to say of a server: that it came or was lost, once. Its lists may change without a word."""

    def __init__(self) -> None:
        self._told: WeakKeyDictionary[ServerSession, tuple[str, bool]] = WeakKeyDictionary()

    def of(self, session: ServerSession) -> tuple[str, bool] | None:
        """A sentence, and whether it interrupts; None when the state is the one that was told last."""
        now = (session.state, session.silence is not None)
        if self._told.get(session) == now or (session.state == "ready" and not session.catalogue.read):
            return None
        self._told[session] = now
        if session.state in ("failed", "crashed") and session.failure is not None:
            return session.failure.title, True
        if session.silence is not None:
            return session.silence.title, True
        if session.state == "ready" and session.starts > 1 and session.changes is not None:
            return f"{visible(session.name, 60)} was reloaded: {session.changes.summary}", False
        if session.state == "ready":
            return f"{visible(session.name, 60)} is connected: {counted(len(session.catalogue.tools), 'tool')}", False
        return None
