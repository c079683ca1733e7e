"""The Running group: which Python is preselected, reloading, the folders that are trusted, what servers may ask."""

import shutil
import sys
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QLineEdit, QWidget

from wireglass.launch.trust import Agreement, TrustStore
from wireglass_app.controls import Button, Elided, Label, column, row
from wireglass_app.inbox.words import NOTIFY_SETTING
from wireglass_app.plain import visible
from wireglass_app.preferences.index import RELOAD, RUN_PYTHON, RUN_WITH
from wireglass_app.preferences.lines import Card, Group, Line, Stack
from wireglass_app.settings import Settings

__all__ = ["RunningGroup"]

_WAYS = (
    ("", "Project environment, then uv, then Wireglass runtime"),
    ("uv", "uv where the file or its project is made for it"),
    ("embedded", "Always the Wireglass runtime"),
    ("python", "Always the Python named here"),
)


class RunningGroup(Group):
    """`say` tells what was done or could not be; `running` names the server that was opened on an agreement and is
    still open, "" when none is."""

    def __init__(
        self,
        settings: Settings,
        trust: TrustStore,
        rules: Callable[[], None],
        say: Callable[[str], None],
        running: Callable[[Agreement], str],
    ) -> None:
        self._settings, self._trust, self._say, self._running = settings, trust, say, running
        self.way = QComboBox()
        self.way.setAccessibleName("Interpreter that is preselected")
        self.way.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.way.setMinimumContentsLength(40)
        for key, text in _WAYS:
            self.way.addItem(text, key)
        self.way.activated.connect(lambda _at: self._way_chosen())
        self.python = QLineEdit()
        self.python.setAccessibleName("Path of the Python")
        self.python.setPlaceholderText("a python, or the folder of a virtual environment")
        self.python.editingFinished.connect(lambda: settings.set(RUN_PYTHON, self.python.text().strip()))
        self.pick = Button("Choose…", name="Choose a Python", clicked=self._pick)
        line = QWidget()
        line.setLayout(row(self.python, self.pick))
        self._named = line
        self.reload = QCheckBox("Start a server again when its files are saved")
        self.reload.toggled.connect(lambda on: settings.set(RELOAD, on))
        self.notify = QCheckBox("Tell me when a server asks")
        self.notify.toggled.connect(lambda on: settings.set(NOTIFY_SETTING, on))
        self.trusted = Stack()
        more = Button("Rules…", name="Rules that answer servers", clicked=rules)
        words = "Code runs only after you agreed for its folder. A changed command, interpreter or variable asks again."
        super().__init__(
            "running",
            "Running",
            Card(
                Line("run.with", self._interpreter(), note=_found()),
                Line("run.reload", self.reload, note="For servers that are opened from now on; the prompt can differ."),
                Line("trust", self.trusted, note=words, below=True),
            ),
            Card(
                Line(
                    "inbox",
                    self.notify,
                    more,
                    note="Through the system, while the window is not in front. Rules answer in your place; no rule "
                    "ever agrees to visit a page.",
                )
            ),
        )
        settings.changed.connect(self._changed)
        self.show_values()

    def _interpreter(self) -> QWidget:
        whole = QWidget()
        whole.setAccessibleName("Interpreter")
        whole.setLayout(column(self.way, self._named, gap=6))
        whole.setMinimumWidth(300)
        return whole

    def _changed(self, name: str) -> None:
        if name in (RUN_WITH, RUN_PYTHON, RELOAD, NOTIFY_SETTING):
            self.show_values()

    def show_values(self) -> None:
        """What is set now, and the folders that are trusted now."""
        way = self._settings.get(RUN_WITH, "")
        self.way.setCurrentIndex(max(0, self.way.findData(way)))
        self._named.setVisible(way == "python")
        if not self.python.hasFocus():
            self.python.setText(self._settings.get(RUN_PYTHON, ""))
        self.reload.setChecked(self._settings.get(RELOAD, True))
        self.notify.setChecked(self._settings.get(NOTIFY_SETTING, False))
        self._fill_trust()

    def _way_chosen(self) -> None:
        self._settings.set(RUN_WITH, self.way.currentData())
        if self.way.currentData() == "python" and not self.python.text():
            self.python.setFocus()

    def _pick(self) -> None:
        picker = QFileDialog(self.window(), "Choose a Python interpreter or a virtual environment's python")
        picker.setFileMode(QFileDialog.FileMode.ExistingFile)
        picker.fileSelected.connect(partial(self._settings.set, RUN_PYTHON))
        picker.finished.connect(picker.deleteLater)
        picker.open()

    def _fill_trust(self) -> None:
        agreements = self._trust.agreements()
        lines = [self._agreement(agreement) for agreement in agreements]
        self.trusted.fill(lines or [Label("No folder is trusted.", "muted")])

    def _agreement(self, agreement: Agreement) -> QWidget:
        line = QWidget()
        forget = Button("Forget", name=f"Forget the trust in {visible(agreement.folder)}")
        forget.clicked.connect(lambda: self._forget(agreement))
        target = Elided(agreement.target, type="mono", middle=True)
        command = Elided(" ".join(agreement.command), "muted", "mono-small", middle=True)
        layout = row(column(target, command, gap=0), Label(agreement.at[:10], "muted", "small"), forget)
        layout.setStretch(0, 1)
        line.setLayout(layout)
        return line

    def _forget(self, agreement: Agreement) -> None:
        buttons = self._forgets()
        at = next((at for at, one in enumerate(buttons) if one.hasFocus()), None)
        try:
            self._trust.revoke(agreement.folder, agreement.target)
        except OSError as problem:
            self._say(
                f"The trust list could not be written, so the folder is still trusted: {problem}. "
                "Make the list writable, then take the trust back again."
            )
        else:
            self._say(_forgotten(agreement, self._running(agreement)))
        self._fill_trust()
        if at is not None:  # the button that had the focus is gone
            left = self._forgets()
            (left[min(at, len(left) - 1)] if left else self.notify).setFocus(Qt.FocusReason.OtherFocusReason)

    def _forgets(self) -> list[Button]:
        """From the top down, without those that are on their way out."""
        lines = self.trusted.layout()
        assert lines is not None
        shown = [item.widget() for at in range(lines.count()) if (item := lines.itemAt(at)) is not None]
        return [button for line in shown if line is not None for button in line.findChildren(Button)]


def _forgotten(agreement: Agreement, running: str) -> str:
    words = f"{visible(agreement.target, 200)} asks again before it is opened."
    # It was agreed to when it was opened, with its reloads; to end it is another decision.
    return f"{words} {visible(running, 60)} runs on, reloads included, until you close it." if running else words


def _found() -> str:
    """What is on this machine."""
    uv = shutil.which("uv")
    runtime = f"Wireglass runtime: Python {sys.version_info.major}.{sys.version_info.minor}."
    return f"{runtime} " + (f"uv: {uv}." if uv else "uv was not found in PATH.") + " The prompt shows the choice."
