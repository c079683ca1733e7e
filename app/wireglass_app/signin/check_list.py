"""The check list of a connection: each step with its time, joined by a line; the failed one with what to do."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from wireglass_app.calls import Step
from wireglass_app.controls import IconLabel, Label, column, row
from wireglass_app.plain import visible
from wireglass_app.theme import set_icon, theme

__all__ = ["CheckList", "report"]

_ICONS = {
    "ok": ("check-circle", "ok.text", "done"),
    "running": ("clock", "info.text", "running"),
    "failed": ("cross-circle", "bad.text", "failed"),
    "skipped": ("minus", "text.muted", "skipped"),
    "pending": ("minus", "text.muted", "not yet"),
}
_ICON = 16


class CheckList(QWidget):
    """`show_steps` replaces what is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Connection check")
        self._steps: list[Step] = []
        self._lines: list[CheckLine] = []
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self.setLayout(self._column)

    @property
    def done(self) -> tuple[int, int]:
        """How many steps are done, of how many."""
        over = sum(step.state in ("ok", "skipped") for step in self._steps)
        return over, len(self._steps)

    def point_of_interest(self) -> QWidget | None:
        """The line of the step that failed, else of the one that runs."""
        for state in ("failed", "running"):
            for line, step in zip(self._lines, self._steps, strict=False):
                if step.state == state:
                    return line
        return None

    def show_steps(self, steps: Sequence[Step]) -> None:
        """Only lines that changed are made anew: what one reads does not flicker."""
        shown = [replace(step) for step in steps]
        if shown == self._steps:
            return
        self._steps = shown
        while len(self._lines) > len(shown):
            line = self._lines.pop()
            line.hide()
            line.deleteLater()
        for at, step in enumerate(shown):
            last = at == len(shown) - 1
            if at == len(self._lines):
                line = CheckLine()
                self._lines.append(line)
                self._column.insertWidget(at, line)
            self._lines[at].set_step(step, last=last)


class CheckLine(QWidget):
    """One step: icon, title and time; below it the detail, and the remedy when it failed."""

    def __init__(self) -> None:
        super().__init__()
        self._last = False
        self.icon = IconLabel("minus", "text.muted", _ICON)
        self.title = Label("", type="strong", wrap=True)
        self.took = Label("", "muted", "mono-small")
        self.detail = Label("", "muted", "small", wrap=True)
        self.remedy = Label("", "primary", "small", wrap=True)
        head = row(self.title, self.took, gap=8)
        head.setStretchFactor(self.title, 1)
        words = column(head, self.detail, self.remedy, gap=2, margins=(0, 0, 0, 10))
        line = row(gap=10)
        line.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        self.setLayout(line)

    def set_step(self, step: Step, *, last: bool) -> None:
        icon, ink, words = _ICONS[step.state]
        if step.human and step.state == "running":
            ink, words = "human.text", "waits for you"
        set_icon(self.icon, icon, ink, _ICON)
        self.icon.setAccessibleName(words)
        self._last = last
        quiet = step.state in ("pending", "skipped")
        self.title.setText(visible(step.text, 200))
        self.title.set_tone("muted" if quiet else "primary")
        self.took.setText(step.took)
        for label, text in ((self.detail, visible(step.detail, 500)), (self.remedy, visible(step.remedy, 400))):
            label.setText(text)
            label.setVisible(bool(text))
        self.detail.set_tone("bad" if step.state == "failed" else "muted")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._last:
            return
        painter = QPainter(self)
        painter.setPen(QPen(theme().color("line.default"), 1))
        x = self.icon.x() + self.icon.width() // 2
        painter.drawLine(x, self.icon.y() + self.icon.height() + 3, x, self.height() - 2)


def report(title: str, steps: Sequence[Step]) -> str:
    """The check as text, to paste into an issue. Holds no secret: the steps hold none."""
    marks = {"ok": "[x]", "failed": "[!]", "running": "[.]", "skipped": "[-]", "pending": "[ ]"}
    lines = [title, ""]
    for step in steps:
        parts = [step.text, step.detail, step.took]
        lines.append(f"{marks[step.state]} " + " · ".join(part for part in parts if part))
        if step.remedy:
            lines.append(f"    {step.remedy}")
    return "\n".join(lines) + "\n"
