"""Suggestions of a server below a text field (`completion/complete`): asked for while typing, shown when they come."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QStringListModel, QTimer, Signal
from PySide6.QtWidgets import QCompleter, QLineEdit

from wireglass_app.completing import close_with_window
from wireglass_app.plain import visible
from wireglass_app.theme import theme

__all__ = ["Suggestions"]

_WAIT_MS = 150


class Suggestions(QObject):
    """`wanted(text)` a moment after the user typed; `offer` shows what came for a text that still stands there."""

    wanted = Signal(str)

    def __init__(self, line: QLineEdit) -> None:
        super().__init__(line)
        self._line = line
        self._model = QStringListModel(self)
        self._completer = QCompleter(self._model, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        popup = self._completer.popup()
        assert popup is not None
        popup.setAccessibleName(f"Suggestions for {line.accessibleName()}")
        line.setCompleter(self._completer)
        close_with_window(self._completer)
        self._timer = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._timer.timeout.connect(lambda: self.wanted.emit(self._line.text()))
        line.textEdited.connect(lambda _text: self._timer.start())

    @property
    def offered(self) -> list[str]:
        """What is suggested now."""
        return self._model.stringList()

    def offer(self, text: str, values: Sequence[str]) -> None:
        """Shows suggestions for `text`; those that come too late are dropped."""
        if self._line.text() != text:
            return
        self._model.setStringList([visible(value) for value in values])
        if values and self._line.hasFocus():
            theme().dress(self._completer.popup())
            self._completer.complete()
