"""How long things move: not at all when the user, or the system, asks for less motion. The one place that knows it."""

from typing import Any, Literal

from PySide6.QtWidgets import QApplication

__all__ = ["MotionChoice", "choose", "duration", "reduced"]

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
