"""Closing the window while a call runs or a question waits: asked in place, never in a dialog."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from wireglass_app.controls import Button, IconLabel, Label, row, surface
from wireglass_app.workbench import Workbench

__all__ = ["LeaveBar", "unfinished"]


def unfinished(workbench: Workbench) -> str:
    """What would be lost, in words: "2 calls still run and 1 question waits for you". Empty when nothing would."""
    running = sum(1 for session in workbench.sessions for call in session.calls if call.state == "running")
    waiting = len(workbench.waiting)
    parts = []
    if running:
        parts.append(f"{running} call{'s' if running > 1 else ''} still run{'' if running > 1 else 's'}")
    if waiting:
        parts.append(f"{waiting} question{'s' if waiting > 1 else ''} wait{'' if waiting > 1 else 's'} for you")
    return " and ".join(parts)


class LeaveBar(QWidget):
    """`left`: close all the same."""

    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        surface(self, "sunken", "bottom")
        self.setAccessibleName("Close the window?")
        self.text = Label("", "bad", "medium", wrap=True)
        self.keep = Button("Keep the window open", key="Esc", clicked=self.hide)
        self.leave = Button("Stop them and close", "destroy", clicked=self.left.emit)
        line = row(IconLabel("warning", "warn.text"), self.text, self.keep, self.leave, margins=(14, 6, 14, 6))
        line.setStretchFactor(self.text, 1)
        self.setLayout(line)
        self.hide()

    def ask(self, what: str) -> None:
        """Shows what would be lost; the safe answer has the focus."""
        self.text.setText(f"{what}.")
        self.show()
        self.keep.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)
