"""The arguments of a command as chips, each one editable in its place."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

from wireglass_app.buttons import ToolButton
from wireglass_app.controls import column
from wireglass_app.forms.flow import FlowLayout
from wireglass_app.forms.frame import FieldFrame
from wireglass_app.plain import tip, visible
from wireglass_app.theme import theme

__all__ = ["ArgumentChips"]

_SHOWN = 48
"""Characters of a chip; the whole argument is in its tooltip and in the field while it is edited."""


class ArgumentChips(QWidget):
    """Enter adds what was typed; a press on a chip edits it; Backspace in the empty field takes the one before back.

    Left and Right at the ends of the field move it between the chips. Text with line ends pastes as several arguments.
    """

    edited = Signal()

    def __init__(self, name: str = "Arguments", one: str = "argument", hint: str = "Add an argument") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._one = one
        self._values: list[str] = []
        self._at = 0
        """How many chips stand before the field."""
        self._chips: list[_Chip] = []
        self._read_only = False
        self._frame = FieldFrame()
        self._flow = FlowLayout()
        self._flow.setContentsMargins(6, 4, 6, 4)
        self._frame.setLayout(self._flow)
        self.line = _Line()
        self.line.setAccessibleName(f"{one.capitalize()}, Enter adds it")
        self.line.setPlaceholderText(hint)
        self.line.setProperty("plain", "true")
        self._flow.addWidget(self.line)
        self.setLayout(column(self._frame))
        self.setFocusProxy(self.line)
        self.line.textEdited.connect(lambda _text: self.edited.emit())
        self.line.committed.connect(self.commit)
        self.line.erased.connect(self._take_back)
        self.line.moved.connect(self._step)
        self.line.pasted.connect(self._paste)
        theme().changed.connect(self._sized)
        self._sized()

    def values(self) -> tuple[str, ...]:
        """The arguments, with what is being typed in its place."""
        pending = [self.line.text()] if self.line.text() else []
        return (*self._values[: self._at], *pending, *self._values[self._at :])

    def set_values(self, values: Sequence[str]) -> None:
        """Other arguments; nothing happens when these are shown already."""
        if self.values() == tuple(values):
            return
        self.line.clear()
        self._values = list(values)
        self._at = len(self._values)
        self._rebuild()

    def set_read_only(self, read_only: bool) -> None:
        """Whether it is only looked at."""
        self._read_only = read_only
        self.line.setVisible(not read_only)
        for chip in self._chips:
            chip.setEnabled(not read_only)

    def commit(self) -> None:
        """What was typed becomes a chip."""
        if self.line.text():
            self._values.insert(self._at, self.line.text())
            self._at += 1
            self.line.clear()
            self._rebuild()

    def _sized(self) -> None:
        self.line.setFont(theme().font("mono"))
        hint = self.line.fontMetrics().horizontalAdvance(self.line.placeholderText())
        self.line.setMinimumWidth(max(theme().px(150), hint + theme().px(16)))
        self.updateGeometry()

    def _edit(self, index: int) -> None:
        before = self._at
        had_text = bool(self.line.text())
        self.commit()
        if had_text and index >= before:
            index += 1
        self.line.setText(self._values.pop(index))
        self._at = index
        self._rebuild()
        self.line.setFocus()
        self.line.selectAll()

    def _remove(self, index: int) -> None:
        del self._values[index]
        self._at -= self._at > index
        self._rebuild()
        self.line.setFocus()
        self.edited.emit()

    def _take_back(self) -> None:
        if self._at > 0:
            self._at -= 1
            self.line.setText(self._values.pop(self._at))
            self._rebuild()

    def _step(self, by: int) -> None:
        self.commit()
        self._at = max(0, min(len(self._values), self._at + by))
        self._flow.move_to(self.line, self._at)
        self.line.setFocus()

    def _paste(self, lines: list[str]) -> None:
        self.commit()
        self._values[self._at : self._at] = lines
        self._at += len(lines)
        self._rebuild()
        self.edited.emit()

    def _rebuild(self) -> None:
        self._flow.drop(self._chips)
        self._chips = []
        for index, value in enumerate(self._values):
            chip = _Chip(value, self._one)
            chip.setEnabled(not self._read_only)
            chip.clicked.connect(lambda _checked=False, at=index: self._edit(at))
            chip.removed.connect(lambda at=index: self._remove(at))
            self._chips.append(chip)
            self._flow.addWidget(chip)
        self._flow.move_to(self.line, self._at)
        self.updateGeometry()


class _Chip(ToolButton):
    """One argument. Pressing it edits it, Delete takes it out."""

    removed = Signal()

    def __init__(self, text: str, one: str) -> None:
        super().__init__()
        shown = visible(text, _SHOWN)
        self.setText(shown.replace("&", "&&") or '""')
        self.setProperty("pill", "filled")
        self.setProperty("type", "mono-small")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(f"{one.capitalize()} {visible(text, 200) or 'without text'}, press to edit")
        self.setToolTip(tip(visible(text, 2000)) if len(text) > _SHOWN else "")
        self.setMinimumHeight(24)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class _Line(QLineEdit):
    committed = Signal()
    erased = Signal()
    moved = Signal(int)
    pasted = Signal(list)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key, at = event.key(), self.cursorPosition()
        selected = self.hasSelectedText()
        if (
            event.matches(QKeySequence.StandardKey.Paste)
            and len(lines := _lines(QGuiApplication.clipboard().mimeData())) > 1
        ):
            self.pasted.emit(lines)
        elif plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.text():
            self.committed.emit()
        elif key == Qt.Key.Key_Backspace and not self.text():
            self.erased.emit()
        elif plain and key == Qt.Key.Key_Left and at == 0 and not selected:
            self.moved.emit(-1)
        elif plain and key == Qt.Key.Key_Right and at == len(self.text()) and not selected:
            self.moved.emit(1)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.committed.emit()


def _lines(data: QMimeData | Any) -> list[str]:
    return [line for line in data.text().splitlines() if line] if data is not None and data.hasText() else []
