"""What stands for something that is on its way: a thin bar, grey lines where text will be. Nothing for 300 ms."""

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from wireglass_app import motion
from wireglass_app.theme import theme

__all__ = ["PATIENCE_MS", "Skeleton", "ThinBar"]

PATIENCE_MS = 300
"""Before this nothing is shown: most answers are there by then, and the pane would only flash."""

_STILL_MS = 1000
_STEP_MS = 40
_TURN_MS = 1600
_WIDTHS = (0.62, 0.44, 0.71, 0.53, 0.66, 0.38)


class ThinBar(QWidget):
    """Three pixels that say that something is loading. It stands still for a second, and always with reduced motion."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Loading")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(3)
        self._at = 0.0
        self._begin = QTimer(self, singleShot=True, interval=_STILL_MS)
        self._begin.timeout.connect(self._loop)
        self._step = QTimer(self, interval=_STEP_MS)
        self._step.timeout.connect(self._move)

    @property
    def moving(self) -> bool:
        return self._step.isActive()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._at = 0.0
        self._begin.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._begin.stop()
        self._step.stop()

    def _loop(self) -> None:
        if not motion.reduced():
            self._step.start()

    def _move(self) -> None:
        self._at = (self._at + _STEP_MS / _TURN_MS) % 1.0
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("line.subtle"))
        wide = self.width() * 0.4
        left = self._at * (self.width() + wide) - wide if self.moving else 0.0
        painter.fillRect(QRectF(left, 0, wide, self.height()), theme().color("accent.fill"))


class Skeleton(QWidget):
    """Grey lines where text will be, for a pane that has nothing older to show."""

    def __init__(self, lines: int = 6) -> None:
        super().__init__()
        self._lines = lines
        self.setAccessibleName("Loading")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(240), self._lines * theme().px(21) + 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("line.subtle"))
        room = min(self.width(), theme().px(460))
        for at in range(self._lines):
            box = QRectF(0, at * theme().px(21) + 6, room * _WIDTHS[at % len(_WIDTHS)], theme().px(9))
            painter.drawRoundedRect(box, 3, 3)
