"""A line under a large content that is still being read: how much of it there is, and a way to stop. See design,
section 6."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from wireglass_app.controls import Button, Elided, row, surface
from wireglass_app.waiting import PATIENCE_MS

__all__ = ["Preparing"]

_REFRESH_MS = 200


class Preparing(QWidget):
    """Hidden while nothing is read, and for the first 300 ms. Who makes it gives it a parent, and does the reading."""

    cancelled = Signal()
    """Stop: say with `stopped` what there is."""
    wanted = Signal()
    """All of it after all."""
    turned = Signal()
    """It is shown now, or hidden."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hide()
        surface(self, "sunken", "top")
        self._told: Callable[[], str] = str
        self.words = Elided("", "muted", "small")
        self.cancel = Button("Cancel", "link", name="Stop reading this content", clicked=self.cancelled.emit)
        self.rest = Button("Read all of it", "link", clicked=self.wanted.emit)
        line = row(self.words, self.rest, self.cancel, margins=(12, 2, 12, 2))
        line.setStretchFactor(self.words, 1)
        self.setLayout(line)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._reveal)
        self._refresh = QTimer(self, interval=_REFRESH_MS)
        self._refresh.timeout.connect(self._tell)

    def begin(self, told: Callable[[], str]) -> None:
        """Something is read from now on; `told` says how much of it there is."""
        self.end()
        self._told = told
        self.rest.hide()
        self.cancel.show()
        self._patience.start()

    def end(self) -> None:
        """All of it is there, or it could not be read."""
        self._patience.stop()
        self._refresh.stop()
        if self.isHidden():
            return
        focused = self.isAncestorOf(QApplication.focusWidget() or self)
        self.hide()
        self.turned.emit()
        if focused and (around := self.parentWidget()) is not None:
            around.setFocus(Qt.FocusReason.OtherFocusReason)

    def stopped(self, text: str, *, again: bool = True) -> None:
        """Nothing more comes; `text` says what there is, and with `again` one can have the rest."""
        self._patience.stop()
        self._refresh.stop()
        self.words.setText(text)
        focused = self.cancel.hasFocus()
        self.rest.setVisible(again)
        self.cancel.hide()
        if self.isHidden():
            self.show()
            self.turned.emit()
        if focused and (next_ := self.rest if again else self.parentWidget()) is not None:
            next_.setFocus(Qt.FocusReason.OtherFocusReason)

    def _reveal(self) -> None:
        self._tell()
        self._refresh.start()
        self.show()
        self.turned.emit()

    def _tell(self) -> None:
        self.words.setText(self._told())
