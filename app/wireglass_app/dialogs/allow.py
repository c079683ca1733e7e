"""Open these servers? Commands that come from config files or pasted JSON, shown in full before any of them runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QWidget

from wireglass_app.calls import Target
from wireglass_app.controls import Button, IconLabel, Label, column, row, surface
from wireglass_app.layouts import scrolling
from wireglass_app.plain import visible
from wireglass_app.reading import ReadingDialog
from wireglass_app.theme import theme

__all__ = ["AllowDialog", "Allowed", "Candidate"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A server to agree to; `why` is why it asks, empty when exactly this was agreed to before."""

    target: Target
    command: str
    """The command line as one would type it, or the URL."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the user chose; `always` when it need not be asked again."""

    targets: tuple[Target, ...]
    always: bool


class AllowDialog(ReadingDialog):
    """`allowed(Allowed)`, or closed without. It never runs anything itself; the safe answer has the focus."""

    allowed = Signal(object)

    def __init__(self, parent: QWidget, candidates: Sequence[Candidate], source: str) -> None:
        """`source` says where they come from: "Claude Desktop", "the pasted JSON"."""
        super().__init__(parent)
        self.setWindowTitle("Open these servers?" if len(candidates) > 1 else "Open this server?")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._candidates = list(candidates)
        self.checks: list[QCheckBox] = []
        runs = any(one.target.kind == "stdio" for one in candidates)
        words = (
            "Opening a server runs its command with your rights: it can read your files and use your network. "
            if runs
            else ""
        )
        title = Label(self.windowTitle(), type="title")
        text = Label(f"{words}These come from {visible(source)}; nothing was started so far.", "secondary", wrap=True)
        head = row(IconLabel("shield", "warn.text", 24), column(title, text, gap=4), gap=14)
        head.setStretch(1, 1)
        body = surface(QWidget(), "panel")
        cards = [self._card(one) for one in self._candidates]
        body.setLayout(column(head, *cards, None, gap=12, margins=(22, 20, 22, 16)))
        scroll = scrolling(body, sideways=False)
        self.dont = Button("Don't run", key="Esc", large=True, clicked=self.reject)
        self.once = Button("Open once", large=True, clicked=lambda: self._agree(False))
        self.always = Button("Trust and open", "primary", large=True, clicked=lambda: self._agree(True))
        self.dont.setDefault(True)
        foot = surface(QWidget(), "window", "top")
        foot.setLayout(row(None, self.dont, self.once, self.always, margins=(16, 12, 22, 12)))
        self.setLayout(column(scroll, foot, gap=0))
        high = min(theme().px(220 + 130 * len(cards)), 760)
        self.take_size(theme().px(640), high, least=(theme().px(600), 0))
        self._count()

    def _card(self, one: Candidate) -> QWidget:
        target = one.target
        card = surface(QFrame(), "well")
        check = QCheckBox(visible(target.name, 80).replace("&", "&&"))
        check.setChecked(True)
        check.setProperty("type", "strong")
        check.setAccessibleName(f"Open {visible(target.name, 80)}")
        check.toggled.connect(lambda _on: self._count())
        self.checks.append(check)
        command = Label(visible(one.command, 1000), type="mono", wrap=True).selectable()
        command.setAccessibleName(f"Command: {visible(one.command, 1000)}")
        lines = [check, command]
        names = [name for name, _ in (target.added or target.headers)]
        facts = [
            f"in {target.cwd}" if target.cwd else "",
            f"{'gets' if target.kind == 'stdio' else 'sends'} {', '.join(names)}" if names else "",
            one.why,
        ]
        fact = " · ".join(part for part in facts if part)
        if fact:
            lines.append(Label(visible(fact, 500), "secondary", "small", wrap=True))
        card.setLayout(column(*lines, gap=4, margins=(14, 10, 14, 10)))
        return card

    def _count(self) -> None:
        number = sum(1 for check in self.checks if check.isChecked())
        for button in (self.once, self.always):
            button.setEnabled(number > 0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.dont.setFocus(Qt.FocusReason.OtherFocusReason)

    def _agree(self, always: bool) -> None:
        pairs = zip(self._candidates, self.checks, strict=True)
        self.allowed.emit(Allowed(tuple(one.target for one, check in pairs if check.isChecked()), always))
        self.accept()
