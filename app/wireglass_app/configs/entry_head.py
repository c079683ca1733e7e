"""The line above an entry: its name, which can be changed here, where it stands, and form or JSON."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from wireglass_app.controls import Elided, Segments, row, tool_button
from wireglass_app.theme import theme

__all__ = ["EntryHead"]


class EntryHead(QWidget):
    """`renamed(str)` when Enter or leaving the field has settled another name; Esc keeps the old one."""

    renamed = Signal(str)
    copy_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title = Elided("", type="strong")
        self.where = Elided("", "secondary", "small")
        self.name = _NameField()
        self.name.setAccessibleName("New name of the server")
        self.name.hide()
        self.name.settled.connect(self._settled)
        self.rename_button = tool_button("edit", "Rename in every app", key="F2", clicked=self.start)
        self.copy_button = tool_button("copy", "Copy this entry to all apps", clicked=self.copy_wanted.emit)
        self.choice = Segments((("form", "Form"), ("json", "JSON")), "How the entry is edited")
        items = (self.title, self.name, self.where, self.rename_button, self.copy_button, self.choice)
        line = row(*items, margins=(14, 0, 12, 0))
        line.setStretch(1, 1)
        line.setStretch(2, 1)
        self.setLayout(line)
        theme().changed.connect(self._sized)
        self._sized()

    def show_entry(self, name: str, where: str, *, there: bool, known: bool = True) -> None:
        """Another entry; `there`: a file has it or will have it; `known`: there is one at all."""
        self.title.setText(name)
        self.where.setText(where)
        self.choice.setEnabled(there)
        self.copy_button.setEnabled(there)
        self.rename_button.setEnabled(known)
        if not self.name.isHidden() and self.name.first != name:
            self._show_field(False)

    def _sized(self) -> None:
        self.setFixedHeight(theme().px(36))

    def start(self) -> None:
        """Lets the name be typed over."""
        if not self.rename_button.isEnabled():
            return
        self.name.first = self.title.whole()
        self.name.setText(self.name.first)
        self._show_field(True)
        self.name.setFocus()
        self.name.selectAll()

    def _settled(self, text: str) -> None:
        if self.name.isHidden():
            return
        had_focus = self.name.hasFocus()
        self._show_field(False)
        if had_focus:
            self.rename_button.setFocus()
        if text.strip() and text.strip() != self.name.first:
            self.renamed.emit(text.strip())

    def _show_field(self, shown: bool) -> None:
        self.name.setVisible(shown)
        self.title.setVisible(not shown)


class _NameField(QLineEdit):
    settled = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.first = ""
        self.editingFinished.connect(lambda: self.settled.emit(self.text()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.settled.emit(self.first)
        else:
            super().keyPressEvent(event)
