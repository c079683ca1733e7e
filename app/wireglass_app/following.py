"""Live rows under a reader's eyes: they come at most ten times a second, and stand still while one has scrolled up."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QAbstractItemView

from wireglass_app.controls import Button
from wireglass_app.plain import count
from wireglass_app.theme import theme

__all__ = ["Follow", "Seldom"]

_PAUSE_MS = 100
_EDGE = 10


class Seldom(QObject):
    """Does its work when it is asked: the first time at once, then at most ten times a second, and never too seldom."""

    def __init__(self, work: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._work = work
        self._again = False
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._over)

    def ask(self, *_facts: object) -> None:
        """There is something new."""
        if self._pause.isActive():
            self._again = True
            return
        self._pause.start()
        self._work()

    def now(self) -> None:
        """Does what it was asked for and has not done yet."""
        if self._again:
            self._again = False
            self._work()

    def _over(self) -> None:
        if self._again:
            self._again = False
            self.ask()


class Follow(Button):
    """ "214 new, follow", over the lower end of a view that somebody has scrolled up; nothing moves to make room."""

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__("", clicked=self._to_end)
        self.setParent(view)
        self.hide()
        self._view = view
        self._unseen = 0
        bar = view.verticalScrollBar()
        for moved in (bar.valueChanged, bar.rangeChanged):
            moved.connect(lambda *_range: self._scrolled())
        view.viewport().installEventFilter(self)  # the view itself hears of a size before its viewport has it

    @contextmanager
    def arriving(self) -> Generator[None]:
        """Around a change of the model: at its end the view goes along, elsewhere it stays and the new are counted."""
        follows, before = self._at_end(), self._view.model().rowCount()
        yield
        if follows:
            self._view.scrollToBottom()
            return
        self._unseen += max(0, self._view.model().rowCount() - before)
        if self._unseen:
            self.setText(f"{count(self._unseen)} new, follow")
            self.setAccessibleName(self.text())
            self.show()
            self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show) and not self.isHidden():
            self._place()
        return False

    def _at_end(self) -> bool:
        """Or as good as there: some pixels, or one row."""
        bar = self._view.verticalScrollBar()
        by_pixel = self._view.verticalScrollMode() == QAbstractItemView.ScrollMode.ScrollPerPixel
        return bar.value() >= bar.maximum() - (4 if by_pixel else 1)

    def _scrolled(self) -> None:
        if self._at_end() and self._unseen:
            self._unseen = 0
            self.hide()

    def _to_end(self) -> None:
        self._view.scrollToBottom()
        self._view.setFocus()

    def _place(self) -> None:
        self.resize(self.sizeHint())
        area, edge = self._view.viewport().geometry(), theme().px(_EDGE)
        left = area.left() + (area.width() - self.width()) // 2
        self.move(left, area.bottom() - self.height() - edge)
        self.raise_()
