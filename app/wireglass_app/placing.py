"""Who may place the keyboard focus (design section 10): the user does; a view only where nobody else has put it since.

Qt itself moves the focus when its owner is hidden or disabled, to whatever comes next in the window. That is nobody's
act either: `left_by_itself` tells such a move from a key or a click.
"""

from typing import cast

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

__all__ = ["Placing", "focus_into", "left_by_itself", "takes_keys"]

_ACTS = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.InputMethod)


class Placing(QObject):
    """Says for a view whether what it was asked for may still take the focus, now that it has come.

    It may not when the user has typed, or has moved the focus, in the meantime.
    """

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view = view
        self._at: QWidget | None = None
        self.waits = False
        """Whether something that was asked for has not come yet."""
        self._looked = self._typed = False

    def begin(self) -> None:
        """The view was asked for something that it has to wait for."""
        self._let_go()
        self.waits, self._looked, self._typed = True, False, False
        QTimer.singleShot(0, self, self._look)  # by then a view that has just come into sight has its own focus

    def place(self, target: QWidget) -> None:
        """Gives the focus to `target`, if it may. Without `begin` before it, this is the user's act itself."""
        if not self.waits or self._may():
            target.setFocus(Qt.FocusReason.OtherFocusReason)
        self.waits = False
        self._let_go()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in _ACTS:
            self._typed = True
        return False

    def _look(self) -> None:
        if self.waits and not self._looked:
            self._looked, self._at = True, _focus_of(self._view)
            if self._at is not None:
                self._at.installEventFilter(self)

    def _let_go(self) -> None:
        at, self._at = self._at, None
        if at is not None and isValid(at):
            at.removeEventFilter(self)

    def _may(self) -> bool:
        now = _focus_of(self._view)
        if self._typed or now is None or not now.isVisible():
            return not self._typed
        kept = now is self._at if self._looked else self._view.isAncestorOf(now)
        return kept or now.isAncestorOf(self._view)


def takes_keys(widget: QWidget) -> bool:
    """Whether Tab may lead to it now."""
    return widget.isVisible() and widget.isEnabled() and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def focus_into(region: QWidget, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> bool:
    """Gives the focus to a region, or to the first widget in it that takes it; False when none does."""
    if region.focusPolicy() != Qt.FocusPolicy.NoFocus:
        region.setFocus(reason)
        return True
    found = next((one for one in region.findChildren(QWidget) if takes_keys(one)), None)
    if found is not None:
        found.setFocus(reason)
    return found is not None


def left_by_itself(old: QWidget | None) -> bool:
    """Whether the focus left `old` because that cannot have it any more, and not by a key or a click."""
    return old is not None and isValid(old) and not (old.isVisible() and old.isEnabled())


def _focus_of(view: QWidget) -> QWidget | None:
    return cast("QWidget | None", view.window().focusWidget())
