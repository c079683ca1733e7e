"""Run this server? Everything about to run, before it runs. The safe answer has the focus."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QRadioButton,
    QWidget,
)

from wireglass.errors import LaunchError
from wireglass.launch.find import ServerFinding
from wireglass.launch.interpreter import Interpreter, choose
from wireglass.launch.run import child_command
from wireglass_app.controls import Button, Elided, IconLabel, Label, Notice, column, row, surface
from wireglass_app.layouts import scrolling
from wireglass_app.plain import visible
from wireglass_app.reading import ReadingDialog
from wireglass_app.theme import theme

__all__ = ["Agreed", "TrustDialog"]

_PROBLEMS = {"error": "bad", "warning": "warn"}


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the user chose."""

    how: Literal["once", "folder"]
    interpreter: Interpreter
    reload: bool


class TrustDialog(ReadingDialog):
    """`agreed(Agreed)`, or `look(path)`, or closed without either. It never runs anything itself."""

    agreed = Signal(object)
    look = Signal(str)
    chosen = Signal(str)
    """FILE:NAME instead, of a file with several server objects."""

    def __init__(
        self,
        parent: QWidget,
        finding: ServerFinding,
        interpreters: Sequence[Interpreter],
        preferred: Interpreter,
        why: str,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Run this server?")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._finding = finding
        self._interpreters = list(interpreters)
        self._group = QButtonGroup(self)
        self._rows = column(gap=10)
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(16)
        self._facts.setVerticalSpacing(8)
        self.command = Label("", type="mono", wrap=True).selectable()
        self.variables = Label("", "secondary", "mono", wrap=True)
        self.reload = QCheckBox("Reload when files in this folder change")
        self.reload.setChecked(True)
        self.problems = column(gap=6)
        self._lay_out(why)
        for interpreter in self._interpreters:
            self._add_choice(interpreter, interpreter == preferred)
        if preferred not in self._interpreters:
            self._add_choice(preferred, True)
        self._chosen_changed()

    @property
    def interpreter(self) -> Interpreter:
        """The one that is chosen now."""
        return self._interpreters[self._group.checkedId()]

    def _lay_out(self, why: str) -> None:
        finding = self._finding
        body = surface(QWidget(), "panel")
        title = Label(f"Run {visible(finding.path.name)} from {visible(finding.folder.name)}?", type="title")
        words = Label(
            "Opening a server runs its code with your rights: it can read your files and use your network. "
            "Wireglass has only read the file so far, not run it.",
            "secondary",
            wrap=True,
        )
        shield = IconLabel("shield", "warn.text", 20)
        shield.setProperty("chip", "warn")
        shield.setFixedSize(theme().px(42), theme().px(42))
        shield.setAlignment(Qt.AlignmentFlag.AlignCenter)
        body.setLayout(
            column(
                row(column(shield, None), column(title, words, gap=4), gap=14),
                self._facts_card(why),
                self.problems,
                Label("Run it with", type="strong"),
                self._rows,
                row(self._another(), None),
                self.reload,
                None,
                gap=12,
                margins=(22, 20, 22, 16),
            )
        )
        scroll = scrolling(body, sideways=False)
        self.setLayout(column(scroll, self._foot(), gap=0))
        self.take_size(theme().px(620), min(theme().px(600), 860), least=(theme().px(600), 0))

    def _facts_card(self, why: str) -> QWidget:
        finding = self._finding
        card = surface(QFrame(), "well")
        card.setLayout(self._facts)
        self._facts.setContentsMargins(14, 12, 14, 12)
        self._facts.setColumnStretch(1, 1)
        self._fact("File", Elided(str(finding.path), type="mono", middle=True))
        line = f"  line {finding.line}" if finding.line else ""
        found = finding.declaration.strip() or "none found by reading"
        found += "…)" if found.endswith("(") else ""  # it goes on in the next lines
        self._fact("Server object", Elided(f"{visible(found, 60)}{line}", type="mono"))
        self._fact("Command", self.command)
        self._fact("Gets these variables", self.variables)
        packages = ", ".join(finding.packages) or "only its own and the standard library"
        self.imports = Label(visible(packages, 500), type="mono", wrap=True)
        self._fact("Imports", self.imports)
        if why:
            self._fact("Why you are asked", Label(visible(why, 500), "secondary", wrap=True))
        for problem in finding.problems[:4]:
            text = " ".join(part for part in (problem.text, problem.next_step) if part)
            self.problems.addWidget(Notice(_PROBLEMS[problem.level], visible(text, 500), icon="warning"))
        if finding.choices:
            self.choices = [self._choice(name) for name in finding.choices[:6]]
            self.problems.addLayout(row(*self.choices, None, gap=8))
        return card

    def _choice(self, name: str) -> Button:
        return Button(f"Choose {visible(name, 40)}", clicked=lambda: self._choose(name))

    def _choose(self, name: str) -> None:
        self.reject()
        self.chosen.emit(f"{self._finding.path}:{name}")

    def _fact(self, name: str, value: QWidget) -> None:
        at = self._facts.rowCount()
        self._facts.addWidget(Label(name, "secondary"), at, 0, Qt.AlignmentFlag.AlignTop)
        value.setAccessibleName(f"{name}: {getattr(value, 'text', lambda: '')()}")
        self._facts.addWidget(value, at, 1)

    def _add_choice(self, interpreter: Interpreter, checked: bool) -> None:
        if interpreter not in self._interpreters:
            self._interpreters.append(interpreter)
        choice = QRadioButton(interpreter.label)
        choice.setProperty("type", "medium")
        choice.setAccessibleDescription(f"{interpreter.summary}. {interpreter.why}")
        self._group.addButton(choice, self._interpreters.index(interpreter))
        detail = Elided(interpreter.detail, "secondary", "mono-small", middle=True)
        note = Label(" · ".join(p for p in (interpreter.summary, interpreter.why) if p), "muted", "caption", wrap=True)
        head = row(choice, detail, gap=8)
        head.setStretchFactor(detail, 1)
        under = row(note, margins=(26, 0, 0, 0))
        self._rows.addLayout(column(head, under, gap=0))
        choice.toggled.connect(lambda on: on and self._chosen_changed())
        if checked:
            choice.setChecked(True)

    def _another(self) -> Button:
        return Button("Another interpreter…", "ghost", icon="folder", clicked=self._pick)

    def _foot(self) -> QWidget:
        self.dont = Button("Don't run", key="Esc", large=True, clicked=self.reject)
        self.once = Button("Run once", large=True, clicked=lambda: self._agree("once"))
        self.folder = Button("Trust folder and run", "primary", large=True, clicked=lambda: self._agree("folder"))
        look = Button("Look at the file first", "ghost", clicked=lambda: self.look.emit(str(self._finding.path)))
        for button in (self.once, self.folder):
            button.setEnabled(self._finding.runnable)
        self.dont.setDefault(True)
        foot = surface(QWidget(), "window", "top")
        foot.setLayout(row(look, None, self.dont, self.once, self.folder, margins=(16, 12, 22, 12)))
        return foot

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.dont.setFocus(Qt.FocusReason.OtherFocusReason)

    def _chosen_changed(self) -> None:
        if self._group.checkedId() < 0:
            return
        child = child_command(self._finding, self.interpreter)
        self.command.setText(visible(child.text, 1000))
        self.variables.setText(" ".join(sorted(child.variables)) or "none")
        missing = self.interpreter.missing
        packages = ", ".join(self._finding.packages) or "only its own and the standard library"
        state = f"{', '.join(missing)} not found" if missing else "all found" if self._finding.packages else ""
        self.imports.setText(visible(" · ".join(part for part in (packages, state) if part), 600))
        self.imports.set_tone("warn" if missing else "primary")

    def _pick(self) -> None:
        picker = QFileDialog(self, "Choose a Python interpreter or a virtual environment's python")
        picker.setFileMode(QFileDialog.FileMode.ExistingFile)
        picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picker.fileSelected.connect(self._picked)
        picker.open()

    def _picked(self, path: str) -> None:
        try:
            self._add_choice(choose(self._finding, python=path), True)
        except LaunchError as problem:
            self.problems.addWidget(Notice("bad", f"{problem.message} {problem.next_step}", icon="warning"))

    def _agree(self, how: Literal["once", "folder"]) -> None:
        self.agreed.emit(Agreed(how, self.interpreter, self.reload.isChecked()))
        self.accept()
