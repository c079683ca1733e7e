"""Lines above the view that concern the whole window: that it shows a recording, that the last run left one behind."""

import platform
import traceback
from collections.abc import Callable

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from wireglass import __version__
from wireglass_app.controls import Button, Elided, IconLabel, Label, column, row, surface
from wireglass_app.moments import clock, day_and_clock
from wireglass_app.plain import counted, duration, visible
from wireglass_app.recording import OpenedRecording
from wireglass_app.workbench import Workbench

__all__ = ["WindowNotices"]


class WindowNotices(QWidget):
    """Holds the lines; takes no room when there are none."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(0)
        self._fault: _FaultBar | None = None

    def show_recording(
        self,
        workbench: Workbench,
        close: Callable[[], object],
        more: Callable[[], object],
        replay: Callable[[], object],
    ) -> None:
        """The violet bar of a window that shows a recording."""
        self._lines.addWidget(_RecordingBar(workbench, close, more, replay))

    def show_fault(self, problem: Exception, without_secrets: Callable[[str], str]) -> str:
        """A fault of ours, not of a server: what happened, a report to copy, and on with the work. Returns the words;
        of several faults the last is shown."""
        if self._fault is not None:
            self._fault.hide()
            self._fault.deleteLater()
        self._fault = line = _FaultBar(problem, without_secrets)
        self._lines.addWidget(line)
        line.show()
        return line.words

    def offer_recovery(
        self, text: str, show: Callable[[], object], discard: Callable[[], object], later: Callable[[], object]
    ) -> QWidget:
        """The last run ended without saying so: what it recorded can be looked at. Returns the line."""
        line = QWidget()
        surface(line, "info", "bottom")
        words = Elided(text, type="medium")

        def done(act: Callable[[], object]) -> Callable[[], None]:
            def run() -> None:
                line.hide()
                line.deleteLater()
                act()

            return run

        opening = Button("Open it", name="Open what was recorded", clicked=done(show))
        rest = [
            Button("Discard", "ghost", name="Discard what was recorded", clicked=done(discard)),
            Button("Later", "ghost", name="Decide later about what was recorded", clicked=done(later)),
        ]
        lay = row(IconLabel("history", "info.text"), words, opening, *rest, margins=(14, 6, 14, 6))
        lay.setStretchFactor(words, 1)
        line.setLayout(lay)
        line.setAccessibleName(text)
        self._lines.addWidget(line)
        return line


class _RecordingBar(QWidget):
    """Says what the window shows, what is missing of it, and that nothing runs."""

    def __init__(
        self,
        workbench: Workbench,
        close: Callable[[], object],
        more: Callable[[], object],
        replay: Callable[[], object],
    ) -> None:
        super().__init__()
        assert isinstance(workbench.recording, OpenedRecording)
        self._recording = workbench.recording
        surface(self, "human", "bottom")
        self._facts = Elided("", "secondary", "small")
        self._missing = Elided("", "warn", "small")
        title = Label("Recording", "human", "strong")
        again = Button("Replay…", "ghost", name="Replay its calls on a live server", clicked=replay)
        again.setEnabled(not workbench.recording.recovered)
        buttons = [
            again,
            Button("About it", "ghost", name="About this recording", clicked=more),
            Button("Close recording", "ghost", clicked=close),
        ]
        first = row(IconLabel("record", "human.text"), title, self._facts, *buttons, margins=(14, 4, 14, 4))
        first.setStretchFactor(self._facts, 1)
        self._problem = QWidget()
        second = row(IconLabel("warning", "warn.text"), self._missing, margins=(14, 0, 14, 6))
        second.setStretchFactor(self._missing, 1)
        self._problem.setLayout(second)
        self.setLayout(column(first, self._problem, gap=0))
        self._recording.changed.connect(self._show)
        workbench.entries_added.connect(self._show)
        self._show()

    def _show(self) -> None:
        recording = self._recording
        parts = [visible(recording.name, 80)]
        began, ended = recording.began_ns, recording.ended_ns
        if began is not None and ended is not None:
            parts += [f"{day_and_clock(began / 1e9)} to {clock(ended / 1e9)}", duration((ended - began) / 1e6)]
        parts.append(counted(len(recording.ledger.entries), "frame"))
        if not recording.saved.complete:
            parts.append("still reading")
        self._facts.setText(" · ".join([*parts, "read-only: nothing here runs"]))
        self._missing.setText(" ".join(recording.problems))
        self._problem.setVisible(bool(recording.problems))
        self.setAccessibleName(f"Recording: {self._facts.whole()}. {self._missing.whole()}")


class _FaultBar(QWidget):
    """Stays until somebody has read it."""

    def __init__(self, problem: Exception, without_secrets: Callable[[str], str]) -> None:
        super().__init__()
        surface(self, "sunken", "bottom")
        self.words = "Something failed inside Wireglass, not in your server. Your work is kept."
        what = without_secrets(f"{type(problem).__name__}: {problem}")
        self.setAccessibleName(self.words)
        said = Elided(visible(what, 300), "secondary", "small")
        report = "".join(traceback.format_exception(problem))
        self._report = without_secrets(f"Wireglass {__version__}, Python {platform.python_version()}\n\n{report}")
        self.copy = Button("Copy report", name="Copy a report of what failed", clicked=self._copy)
        self.go_on = Button("Continue", name="Continue, the report is not needed", clicked=self.hide)
        icon = IconLabel("warning", "warn.text")
        words = Elided(self.words, type="medium")
        line = row(icon, words, said, self.copy, self.go_on, margins=(14, 6, 14, 6))
        line.setStretchFactor(words, 3)
        line.setStretchFactor(said, 2)
        self.setLayout(line)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
        self.copy.setText("Copied")
