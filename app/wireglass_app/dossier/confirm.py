"""A tool that may destroy something asks in place. The safe answer has the focus, and Ctrl+Enter is deaf at first."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QWidget

from wireglass_app.controls import Button, IconLabel, Label, column, row, surface
from wireglass_app.inbox.guard import Guard
from wireglass_app.layouts import scrolling
from wireglass_app.payloads.code import CodeView
from wireglass_app.payloads.json_text import format_steps
from wireglass_app.plain import count, visible
from wireglass_app.theme import theme

__all__ = ["Confirm"]

_MOST_LINES = 16


class Confirm(QWidget):
    """`agreed(bool)`: send it; True means not to ask again until the server is disconnected."""

    agreed = Signal(bool)
    kept = Signal()

    def __init__(self) -> None:
        super().__init__()
        surface(self, "panel")
        self.setAccessibleName("Confirmation")
        self.arguments: dict[str, Any] = {}
        self.guard = Guard()
        self.title = Label("", type="title", wrap=True)
        self.text = Label("", "secondary", wrap=True)
        self.json = CodeView(numbers=False, name="What would be sent")
        well = surface(QFrame(), "well")
        well.setLayout(column(self.json, margins=(6, 6, 6, 6)))
        self.always = QCheckBox("Don't ask again for this tool until I disconnect")
        self.keep = Button("Keep it", key="Esc", large=True, clicked=self.kept.emit)
        self.go = Button("", "destroy", key="Ctrl+Return", large=True, clicked=self._agree)
        body = column(
            row(IconLabel("bin", "bad.text"), self.title, gap=10),
            self.text,
            well,
            row(self.always, None),
            None,
            gap=12,
            margins=(14, 16, 14, 14),
        )
        body.itemAt(0).layout().setStretch(1, 1)  # type: ignore[union-attr]  # the row made above
        foot = surface(QWidget(), "sunken", "top")
        foot.setLayout(row(None, self.keep, self.go, margins=(14, 9, 14, 9)))
        page = surface(QWidget(), "panel")
        page.setLayout(body)
        scroll = scrolling(page)
        self.setLayout(column(scroll, foot, gap=0))

    def ask(self, name: str, arguments: dict[str, Any], *, repeatable: bool, times: int = 1) -> None:
        """Shows what would be sent, and how often."""
        self.arguments = arguments
        self.guard.close()
        shown = visible(name, 80)
        self.title.setText(f"{shown} may destroy data")
        marked = "destructive" if repeatable else "destructive and not repeatable"
        often = f" {count(times)} times" if times > 1 else ""
        self.text.setText(f"The server marks it as {marked}. You are about to send{often}:")
        self.json.set_json(arguments)
        lines = len(next(format_steps(arguments)))
        self.json.setFixedHeight(min(lines, _MOST_LINES) * self.json.row_height + theme().px(6))
        self.always.setChecked(False)
        self.go.setText(f"Call {shown}")
        self.go.setAccessibleName(f"Call {shown}")
        self.keep.setFocus(Qt.FocusReason.OtherFocusReason)

    def enter(self) -> None:
        """Ctrl+Enter."""
        self._agree()

    def _agree(self) -> None:
        if self.guard.open:
            self.agreed.emit(self.always.isChecked())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.kept.emit()
        else:
            super().keyPressEvent(event)
