"""How long things move: not at all when the user, or the system, asks for less motion. The one place that knows it."""

from typing import Any, Literal

from PySide6.QtCore import QAbstractAnimation, QObject, QPropertyAnimation, QVariantAnimation, Signal
from PySide6.QtWidgets import QApplication, QGraphicsOpacityEffect, QWidget

__all__ = ["INSERT_MS", "POPUP_MS", "PULSE_MS", "MotionChoice", "Once", "choose", "duration", "fade_in", "reduced"]

POPUP_MS = 90
INSERT_MS = 120
PULSE_MS = 320

MotionChoice = Literal["system", "reduced", "full"]

_CHOICE = "wireglass.motion"
_UNSEEN = ("offscreen", "minimal")


def choose(choice: MotionChoice) -> None:
    """Takes the user's setting; "system" follows the desktop where Qt can tell (6.12 and newer)."""
    app = QApplication.instance()
    if app is not None:
        app.setProperty(_CHOICE, choice)


def reduced() -> bool:
    """Whether nothing is to move."""
    app = QApplication.instance()
    choice = app.property(_CHOICE) if app is not None else None
    if choice in ("reduced", "full"):
        return choice == "reduced"
    return QApplication.platformName() in _UNSEEN or _system_wants_less()


def duration(milliseconds: int) -> int:
    """The length of an animation, or 0 when nothing is to move."""
    return 0 if reduced() else milliseconds


def _system_wants_less() -> bool:
    hints: Any = QApplication.styleHints()
    accessibility = getattr(hints, "accessibility", lambda: None)()
    preference = getattr(accessibility, "motionPreference", lambda: None)()
    return getattr(preference, "name", "") in ("ReducedMotion", "Reduced", "Reduce")


def fade_in(popup: QWidget) -> QPropertyAnimation | None:
    """Lets a popup appear within 90 ms; nothing else about it changes. None when nothing is to move."""
    if not duration(POPUP_MS):
        return None
    effect = QGraphicsOpacityEffect(popup)
    popup.setGraphicsEffect(effect)
    fading = QPropertyAnimation(effect, b"opacity", popup)
    fading.setDuration(duration(POPUP_MS))
    fading.setStartValue(0.0)
    fading.setEndValue(1.0)
    fading.finished.connect(lambda: popup.setGraphicsEffect(None))  # type: ignore[arg-type]  # None takes it away
    fading.start(QAbstractAnimation.DeletionPolicy.DeleteWhenStopped)
    return fading


class Once(QObject):
    """A number that goes from 0 to 1 once after `start`, for painters. It is 1 at once when nothing is to move."""

    moved = Signal()

    def __init__(self, milliseconds: int, parent: QObject) -> None:
        super().__init__(parent)
        self._milliseconds = milliseconds
        self.at = 1.0
        self._running = QVariantAnimation(self)
        self._running.setStartValue(0.0)
        self._running.setEndValue(1.0)
        self._running.valueChanged.connect(self._step)

    @property
    def running(self) -> bool:
        return self._running.state() == QAbstractAnimation.State.Running

    def start(self) -> None:
        """From the beginning."""
        length = duration(self._milliseconds)
        if not length:
            return
        self._running.stop()
        self._running.setDuration(length)
        self._running.start()

    def _step(self, value: object) -> None:
        self.at = value if isinstance(value, float) else 1.0
        self.moved.emit()
