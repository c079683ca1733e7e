"""The way from one stretch of time to another, so that the eye can follow a zoom: 140 ms, easing out."""

from PySide6.QtCore import QEasingCurve, QVariantAnimation
from PySide6.QtWidgets import QWidget

from wireglass_app import motion
from wireglass_app.charts.viewport import Viewport

__all__ = ["Glide"]

_MS = 140


class Glide:
    """Where a view is on its way. Only what is painted moves: what the view shows is decided at once, so that keys, hit
    tests and numbers never wait for a picture. With reduced motion there is no way."""

    def __init__(self, view: QWidget) -> None:
        self._from: Viewport | None = None
        self._animation = QVariantAnimation(view)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(lambda _value: view.update())
        self._animation.finished.connect(self.stop)

    @property
    def running(self) -> bool:
        """Whether the view is on its way."""
        return self._from is not None

    def start(self, begin: Viewport) -> None:
        """Leaves `begin` for wherever the view is then."""
        milliseconds = motion.duration(_MS)
        self._animation.stop()
        self._from = begin if milliseconds else None
        if milliseconds:
            self._animation.setDuration(milliseconds)
            self._animation.start()

    def stop(self) -> None:
        """Arrives at once."""
        self._from = None
        self._animation.stop()

    def between(self, end: Viewport) -> Viewport:
        """What is seen on the way to `end`."""
        if self._from is None:
            return end
        share = float(self._animation.currentValue())
        begin = self._from.begin + int((end.begin - self._from.begin) * share)
        until = self._from.until + int((end.until - self._from.until) * share)
        return Viewport(begin, max(begin + 1, until), end.width)
