"""Tells of questions that arrive: spoken at once, at most once a second; the system only where the user wants it.

Nothing here moves the focus or raises the window.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from wireglass_app.inbox.words import NOTIFY_SETTING
from wireglass_app.plain import count, visible
from wireglass_app.questions import Question
from wireglass_app.settings import Settings
from wireglass_app.theme import theme

__all__ = ["Arrivals"]

_PAUSE_MS = 1000
_SHOWN_MS = 8000


class Arrivals(QObject):
    """One for each window; the window that leads speaks."""

    def __init__(self, window: QWidget, settings: Settings, announce: Callable[[str], None]) -> None:
        super().__init__(window)
        self._window = window
        self._settings = settings
        self._announce = announce
        self._late: list[Question] = []
        self._tray: QSystemTrayIcon | None = None
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._flush)

    def arrived(self, question: Question) -> None:
        """A question wants a person."""
        self._late.append(question)
        if not self._pause.isActive():
            self._flush()

    def _flush(self) -> None:
        waiting = [question for question in self._late if question.waiting]
        self._late.clear()
        if not waiting:
            return
        words = self._words(waiting)
        self._announce(f"{words} Ctrl+I answers.")
        if not self._window.isActiveWindow():
            QApplication.alert(self._window)
            if self._settings.get(NOTIFY_SETTING, False):
                self._notify(words)
        self._pause.start()

    def _words(self, waiting: list[Question]) -> str:
        names = list(dict.fromkeys(visible(question.session.name, 60) for question in waiting))
        who = names[0] if len(names) == 1 else f"{names[0]} and {count(len(names) - 1)} more"
        if len(waiting) == 1:
            return f"{who} asks you something."
        return f"{who} {'asks' if len(names) == 1 else 'ask'} you {count(len(waiting))} things."

    def _notify(self, words: str) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable() or not QSystemTrayIcon.supportsMessages():
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(theme().icon("wireglass", size=32), self)
            self._tray.setToolTip("Wireglass")
            self._tray.messageClicked.connect(self._window.activateWindow)
        self._tray.show()
        self._tray.showMessage("Wireglass", words, QSystemTrayIcon.MessageIcon.Information, _SHOWN_MS)
        QTimer.singleShot(_SHOWN_MS, self._tray, self._tray.hide)
