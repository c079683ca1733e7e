"""Closing the window while a call runs or a question waits: asked in place, never in a dialog."""

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from wireglass_app.controls import Button, IconLabel, Label, row, surface
from wireglass_app.plain import counted
from wireglass_app.workbench import Workbench

if TYPE_CHECKING:
    from wireglass_app.mainwindow import MainWindow

__all__ = ["Closing", "LeaveBar", "unfinished"]


def unfinished(workbench: Workbench) -> str:
    """What would be lost, in words: "2 calls still run and 1 question waits for you". Empty when nothing would."""
    running = sum(1 for session in workbench.sessions for call in session.calls if call.state == "running")
    waiting = len(workbench.waiting)
    parts = []
    if running:
        parts.append(f"{counted(running, 'call')} still run{'' if running > 1 else 's'}")
    if waiting:
        parts.append(f"{counted(waiting, 'question')} wait{'' if waiting > 1 else 's'} for you")
    return " and ".join(parts)


class LeaveBar(QWidget):
    """`left`: close all the same."""

    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        surface(self, "sunken", "bottom")
        self.setAccessibleName("Close the window?")
        self._before: QWidget | None = None
        self.text = Label("", "bad", "medium", wrap=True)
        self.keep = Button("Keep the window open", key="Esc", clicked=self._stay)
        self.leave = Button("Stop them and close", "destroy", clicked=self.left.emit)
        line = row(IconLabel("warning", "warn.text"), self.text, self.keep, self.leave, margins=(14, 6, 14, 6))
        line.setStretchFactor(self.text, 1)
        self.setLayout(line)
        self.hide()

    def ask(self, what: str) -> None:
        """Shows what would be lost; the safe answer has the focus."""
        self.text.setText(f"{what}.")
        self.keep.setAccessibleDescription(self.text.text())
        if self.isHidden():
            self._before = cast("QWidget | None", self.window().focusWidget())
        self.show()
        self.keep.setFocus(Qt.FocusReason.OtherFocusReason)

    def _stay(self) -> None:
        """The window stays open; the focus goes back to where it was."""
        self.hide()
        before, self._before = self._before, None
        if before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._stay()
        else:
            super().keyPressEvent(event)


class Closing:
    """Works for its window: ends it, or the whole session, once the user knows what that stops."""

    def __init__(self, window: "MainWindow", bar: LeaveBar) -> None:
        self._window, self._bar = window, bar
        self.ended = False
        """Whether the window is out of sight for good."""
        self._quitting = False
        bar.left.connect(self._left)

    def close(self) -> None:
        """The user closed the window; the last one asks while something would be lost."""
        what = unfinished(self._window.workbench) if self._window.last and not self.ended else ""
        if what:
            self._quitting = False
            self._bar.ask(what)
        else:
            self.end()

    def quit(self) -> None:
        """All windows; the others would otherwise keep the session open."""
        what = unfinished(self._window.workbench)
        if what:
            self._quitting = True
            self._bar.ask(what)
        else:
            self._window.quit_wanted.emit()

    def end(self) -> None:
        """Closes without asking."""
        if self.ended:
            return
        window = self._window
        self.ended = True
        window.memory.keep(nav=window.regions.nav_wanted)
        window.settings.save()
        window.hide()
        window.ended.emit()

    def _left(self) -> None:
        if self._quitting:
            self._window.quit_wanted.emit()
        else:
            self.end()
