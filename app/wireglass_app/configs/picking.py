"""Files that a person picks for Client configs. Nothing waits: what is picked comes later, or never.

A dialog of Qt's own is a child of the window, never of a view: it may ask back in a loop of its own, and a view that is
built anew meanwhile would take it away from under its own feet.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

__all__ = ["pick_file", "pick_new_file"]


def pick_file(parent: QWidget, title: str, then: Callable[[str], None]) -> QFileDialog:
    """Asks for a file that exists; `then` gets its path, unless the person thinks better of it."""
    picker = QFileDialog(parent.window(), title)
    picker.setFileMode(QFileDialog.FileMode.ExistingFile)
    return _ask(picker, then)


def pick_new_file(parent: QWidget, title: str, name: str, kinds: str, then: Callable[[str], None]) -> QFileDialog:
    """Asks where to write a file that is called `name` at first; `kinds` is a filter of Qt's."""
    picker = QFileDialog(parent.window(), title, name, kinds)
    picker.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    return _ask(picker, then)


def _ask(picker: QFileDialog, then: Callable[[str], None]) -> QFileDialog:
    picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    picker.fileSelected.connect(then)
    picker.open()
    return picker
