"""While a call runs: progress, text, percentage; its logs stream below; Stop."""

from PySide6.QtWidgets import QProgressBar, QWidget

from wireglass_app.calls import Call
from wireglass_app.controls import Button, Elided, Label, column, row, surface
from wireglass_app.dossier.loglist import LogList
from wireglass_app.plain import visible

__all__ = ["RunningPage"]


class RunningPage(QWidget):
    """Progress, text, percentage; logs stream below; Stop."""

    def __init__(self) -> None:
        super().__init__()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self.text = Elided("", "secondary", "small")
        self.percent = Label("", "secondary", "small")
        self.logs = LogList("Logs so far")
        self.stop = Button("Stop", icon="stop", key="Ctrl+.")
        line = row(self.text, self.percent)
        line.setStretchFactor(self.text, 1)
        foot = surface(QWidget(), "sunken", "top")
        foot.setLayout(
            row(
                Label("Logs stream while it runs", "muted", "caption"),
                None,
                self.stop,
                margins=(14, 9, 14, 9),
            )
        )
        self.setLayout(column(column(self.bar, line, gap=6, margins=(14, 12, 14, 6)), self.logs, foot, gap=0))

    def show_call(self, call: Call) -> None:
        self.logs.zero_ns = call.started_ns
        if len(self.logs.model_.rows) != len(call.logs):
            self.logs.set_lines(list(call.logs))
        progress = call.progress
        known = progress is not None and bool(progress.total) and progress.total > 0
        if progress is None or not known or progress.total is None:
            self.bar.setRange(0, 0 if call.milliseconds > 1000 else 1)
            self.text.setText(visible(progress.message, 300) if progress else "Waiting for the answer")
            self.percent.setText("")
            return
        part = min(1.0, max(0.0, progress.done / progress.total))
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(part * 1000))
        amount = f"{progress.done:g} of {progress.total:g}"
        self.text.setText(" · ".join(p for p in (amount, visible(progress.message, 300)) if p))
        self.percent.setText(f"{part:.0%}".replace("%", " %"))
