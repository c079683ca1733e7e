"""Request options, folded: time-out, log level, `_meta`, progress, middleware timing, runs, send despite the schema."""

import json
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QGridLayout, QLineEdit, QSpinBox, QWidget

from wireglass_app.controls import Fold, Label, Rule, column, restyle, row, surface
from wireglass_app.dossier.loglist import LEVELS

__all__ = ["ChosenOptions", "RequestOptions"]


@dataclass(frozen=True)
class ChosenOptions:
    """What the options say. Those of a tool that was never called are these."""

    timeout: float = 60.0
    """Seconds."""
    level: str = "debug"
    meta: str = ""
    """As it is typed, which need not be JSON yet."""
    progress: bool = True
    trace: bool = True
    anyway: bool = False
    task: bool = False
    runs: int = 1
    at_once: int = 1


class RequestOptions(QWidget):
    """What goes along with the next call."""

    def __init__(self) -> None:
        super().__init__()
        surface(self, "panel")
        self._timeout = QDoubleSpinBox()
        self._timeout.setRange(0.5, 86_400)
        self._timeout.setDecimals(1)
        self._timeout.setSuffix(" s")
        self._timeout.setAccessibleName("Time-out in seconds without answer or progress")
        self._level = QComboBox()
        self._level.setAccessibleName("Log level of this call")
        self._level.addItem("none asked for", "")
        for level in LEVELS:
            self._level.addItem(level, level)
        self._meta = QLineEdit()
        self._meta.setAccessibleName("Members of _meta as JSON")
        self._meta.setPlaceholderText('{"name": "value"}')
        self._meta.setProperty("type", "mono")
        self._meta.textChanged.connect(lambda _text: self._checked())
        self._fault = Label("", "bad", "caption", wrap=True)
        self._progress = QCheckBox("Ask for progress")
        self._trace = QCheckBox("Ask for middleware timing")
        self._anyway = QCheckBox("Send even if the schema says no")
        self._task = QCheckBox("Run as a task")
        self._task.hide()
        self._runs = _number("Runs in all", 1000)
        self._at_once = _number("Runs at the same time", 64)
        self.fold = Fold("Request options", self._fields(), opened=False)
        self.setLayout(column(12, Rule(), self.fold, gap=8))
        for signal in (
            self._timeout.valueChanged,
            self._level.currentTextChanged,
            self._runs.valueChanged,
            self._at_once.valueChanged,
            self._progress.toggled,
        ):
            signal.connect(lambda _value: self._note())
        self.choose(ChosenOptions())
        self._note()

    def _fields(self) -> QWidget:
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(6, 4, 0, 6)
        grid.setColumnStretch(1, 1)
        for at, (text, field) in enumerate(
            (("Time-out", self._timeout), ("Log level", self._level), ("_meta", self._meta))
        ):
            label = Label(text, "secondary")
            label.setBuddy(field)
            grid.addWidget(label, at, 0)
            grid.addWidget(field, at, 1)
            if field is self._level:
                self._level_label = label
        label = Label("Runs", "secondary")
        label.setBuddy(self._runs)
        grid.addWidget(self._fault, 3, 0, 1, 2)
        self._fault.hide()
        grid.addWidget(label, 4, 0)
        grid.addLayout(row(self._runs, Label("at once", "secondary"), self._at_once, None), 4, 1)
        for at, box in enumerate((self._progress, self._trace, self._anyway, self._task), start=5):
            grid.addWidget(box, at, 0, 1, 2)
        return body

    @property
    def chosen(self) -> ChosenOptions:
        """What they say now. That a tool must run as a task was not chosen."""
        return ChosenOptions(
            timeout=self._timeout.value(),
            level=self.log_level,
            meta=self._meta.text(),
            progress=self.progress,
            trace=self.trace,
            anyway=self.anyway,
            task=self._task.isEnabled() and self._task.isChecked(),
            runs=self._runs.value(),
            at_once=self._at_once.value(),
        )

    def choose(self, chosen: ChosenOptions) -> None:
        """Those of another tool; whether it may or must run as a task is for `offer_task`."""
        self._timeout.setValue(chosen.timeout)
        self._level.setCurrentIndex(self._level.findData(chosen.level))
        self._meta.setText(chosen.meta)
        self._progress.setChecked(chosen.progress)
        self._trace.setChecked(chosen.trace)
        self._anyway.setChecked(chosen.anyway)
        self._task.setEnabled(True)
        self._task.setChecked(chosen.task)
        self.set_runs(chosen.runs, chosen.at_once)

    @property
    def timeout(self) -> float:
        return self._timeout.value()

    @property
    def progress(self) -> bool:
        """Whether the server is asked to report progress."""
        return self._progress.isChecked()

    @property
    def fault(self) -> str:
        """Why `_meta` cannot be sent as it is typed, or empty."""
        return self._fault.text()

    def show_fault(self) -> None:
        """Leads to what keeps a call from being sent."""
        self.fold.head.setChecked(True)
        self._meta.setFocus(Qt.FocusReason.OtherFocusReason)

    def offer_log_level(self, offered: bool) -> None:
        """Since 2026-07-28 each request has its own; before, the session has one, which the Overview sets."""
        self._level.setVisible(offered)
        self._level_label.setVisible(offered)
        self._note()

    def offer_task(self, support: str) -> None:
        """Servers of 2025-11-25 run a call as a task when they are asked to; later ones decide by themselves.
        "optional" offers it, "required" fixes it."""
        if not self._task.isEnabled():
            self._task.setChecked(False)  # it was fixed by another tool
        self._task.setVisible(bool(support))
        self._task.setEnabled(support != "required")
        self._task.setText("Run as a task: this tool must be one" if support == "required" else "Run as a task")
        if support == "required":
            self._task.setChecked(True)

    @property
    def task(self) -> bool:
        return not self._task.isHidden() and self._task.isChecked()

    @property
    def runs(self) -> tuple[int, int]:
        """How many runs one press of Run makes, and how many of them at once."""
        return self._runs.value(), min(self._at_once.value(), self._runs.value())

    def set_runs(self, total: int, at_once: int) -> None:
        self._runs.setValue(total)
        self._at_once.setValue(at_once)

    @property
    def log_level(self) -> str:
        """Of this call, or empty; the session uses it only where requests have one."""
        return str(self._level.currentData())

    @property
    def trace(self) -> bool:
        return self._trace.isChecked()

    @property
    def anyway(self) -> bool:
        return self._anyway.isChecked()

    @property
    def meta(self) -> dict[str, Any]:
        """What was typed, or nothing while it is no JSON object, of which `fault` tells."""
        try:
            found = json.loads(self._meta.text() or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def _checked(self) -> None:
        try:
            good = isinstance(json.loads(self._meta.text() or "{}"), dict)
        except ValueError:
            good = False
        restyle(self._meta, state="" if good else "error")
        self._fault.setText("" if good else "_meta is not a JSON object yet.")
        self._fault.setHidden(good)
        self._note()

    def _note(self) -> None:
        total, at_once = self.runs
        runs = f"{total} runs, {at_once} at once · " if total > 1 else ""
        level = "" if self._level.isHidden() or not self.log_level else f"log {self.log_level} · "
        progress = "progress · " if self.progress else ""
        self.fold.note.setText(f"{runs}{progress}{level}timeout {self.timeout:g} s")


def _number(name: str, most: int) -> QSpinBox:
    field = QSpinBox()
    field.setRange(1, most)
    field.setAccessibleName(name)
    return field
