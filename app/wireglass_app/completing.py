"""Qt's list of completions stands in a window of its own: it goes when its field has moved, or lost the focus."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QCompleter, QWidget
from shiboken6 import isValid

__all__ = ["close_with_window"]

_NOT_LEFT = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
"""The list itself opens, or another program is in front."""


def close_with_window(completer: QCompleter) -> None:
    """Closes the list when the window of its field is moved or resized: it would stay where the field was. And when a
    key gives the focus to something else, as Ctrl+K does to the palette: it would stand over that."""
    _Watch(completer)


class _Watch(QObject):
    """Looks at field and window only while the list is open."""

    def __init__(self, completer: QCompleter) -> None:
        super().__init__(completer)
        self._completer = completer
        self._field: QWidget | None = None
        self._window: QWidget | None = None
        popup = completer.popup()
        assert popup is not None
        self._popup: QWidget = popup
        popup.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self._popup:
            if kind == QEvent.Type.Show:
                self._look_at(self._completer.widget())
            elif kind == QEvent.Type.Hide:
                self._look_at(None)
        elif watched is self._field:
            if isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() not in _NOT_LEFT:
                self._close()
        elif kind in (QEvent.Type.Move, QEvent.Type.Resize):
            self._close()
        return False

    def _close(self) -> None:
        if isValid(self._popup):
            self._popup.hide()
        else:  # it may go before the completer does, with a window that is torn down
            self._look_at(None)

    def _look_at(self, field: QWidget | None) -> None:
        for one in (self._field, self._window):
            if one is not None and isValid(one):
                one.removeEventFilter(self)
        self._field, self._window = field, None if field is None else field.window()
        for one in (self._field, self._window):
            if one is not None:
                one.installEventFilter(self)
