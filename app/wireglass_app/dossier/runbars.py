"""The last runs of a tool as small bars: height is time on a square-root scale, red failed. A spoken list of runs."""

from collections.abc import Sequence
from math import sqrt

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from wireglass_app.calls import Call
from wireglass_app.controls import left_to_right
from wireglass_app.dossier.words import verdict
from wireglass_app.plain import duration, tip
from wireglass_app.theme import theme

__all__ = ["RunBars"]

_SHOWN = 14
_WIDE = 9
_GAP = 3


class RunBars(QWidget):
    """Left and Right choose a run; `chosen(Call)`."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        left_to_right(self)
        self._runs: list[Call] = []
        self._current: Call | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Earlier runs: none")

    def set_runs(self, runs: Sequence[Call], current: Call | None) -> None:
        """Oldest first; only the last are drawn."""
        self._runs = list(runs[-_SHOWN:])
        self._current = current
        number = "none" if not runs else f"{len(runs)}"
        if current is not None:
            self.setAccessibleName(f"Earlier runs: {number}. Shown: {self._words(current)}")
        self.setVisible(bool(runs))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(max(1, len(self._runs)) * (_WIDE + _GAP) + 4, theme().px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        longest = max((run.milliseconds for run in self._runs), default=1.0) or 1.0
        for number, run in enumerate(self._runs):
            tall = max(3.0, sqrt(run.milliseconds / longest) * (self.height() - 6))
            box = QRectF(2 + number * (_WIDE + _GAP), self.height() - 3 - tall, _WIDE, tall)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color(_tone(run)))
            painter.drawRoundedRect(box, 2, 2)
            if run is self._current:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme().color("focus" if self.hasFocus() else "text.primary"), 1.5))
                painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), 3, 3)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not self._runs:
            super().keyPressEvent(event)
            return
        at = self._runs.index(self._current) if self._current in self._runs else len(self._runs)
        self.chosen.emit(self._runs[min(len(self._runs) - 1, max(0, at + step))])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        run = self._at(event.position().x())
        if run is not None:
            self.chosen.emit(run)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            run = self._at(event.pos().x())
            QToolTip.showText(event.globalPos(), tip(self._words(run)) if run else "", self)
            return True
        return super().event(event)

    def _at(self, x: float) -> Call | None:
        at = int((x - 2) // (_WIDE + _GAP))
        return self._runs[at] if 0 <= at < len(self._runs) else None

    def _words(self, run: Call) -> str:
        cached = ", from the cache" if run.cache == "hit" else ""
        return f"run {run.number}, {verdict(run).title}, {duration(run.milliseconds)}{cached}"


def _tone(run: Call) -> str:
    if run.failed:
        return "bad.fill"
    if run.state == "cancelled":
        return "bar.slate"
    return "bar.teal" if run.cache == "hit" else "bar.blue"
