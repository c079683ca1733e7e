"""Editors for single values that are typed or ticked: text, numbers, yes or no."""

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from PySide6.QtCore import QDate, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCalendarWidget,
    QCheckBox,
    QFileDialog,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QToolButton,
    QWidgetAction,
)

from wireglass.protocol.schema import UNSET, Node
from wireglass_app.controls import Label, column, restyle, row
from wireglass_app.forms.editor import Editor, Place
from wireglass_app.forms.scalars import parse_scalar, scalar_text, stepped
from wireglass_app.plain import size, visible
from wireglass_app.theme import set_icon, theme

__all__ = ["CheckEditor", "LineEditor", "NumberEditor", "TextEditor"]

_MONO_FORMATS = (
    "date",
    "date-time",
    "time",
    "email",
    "uri",
    "uri-reference",
    "uuid",
    "hostname",
    "ipv4",
    "ipv6",
    "byte",
)
_LARGEST_FILE = 1_000_000
"""Bytes of a file that a field takes as base64."""


class _Entry(QLineEdit):
    """A line that tells its editor about the arrow keys."""

    def __init__(self, stepped_by: Callable[[int], None] | None = None) -> None:
        super().__init__()
        self._stepped_by = stepped_by

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps: dict[int, int] = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        plain = not event.modifiers() & (Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier)
        if self._stepped_by is not None and plain and event.key() in steps:
            self._stepped_by(steps[event.key()])
        else:
            super().keyPressEvent(event)


class LineEditor(Editor):
    """One line of text. Never filled in, and filled in with nothing, are two things."""

    def __init__(self, node: Node, place: Place) -> None:
        super().__init__(node, place)
        self._touched = False
        self.line = self._make_line()
        self.line.setAccessibleName(place.name)
        if node.format in _MONO_FORMATS or node.kind != "string":
            self.line.setProperty("type", "mono")
        if node.write_only or node.format == "password":
            self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.setLayout(row(self.line))
        self.setFocusProxy(self.line)
        self.line.textEdited.connect(self._edited)
        self._look()

    def _make_line(self) -> QLineEdit:
        line = _Entry()
        self._add_format_action(line)
        return line

    def value(self) -> Any:
        return self.line.text() if self._touched else UNSET

    def set_value(self, value: Any) -> None:
        self._touched = value is not UNSET
        text = scalar_text(value)
        if text != self.line.text():
            self.line.setText(text)
            self.line.setCursorPosition(0)
        self._look()

    def takes(self, value: Any) -> bool:
        return value is UNSET or (isinstance(value, str) and not any(sign in value for sign in "\r\n\u2028\u2029"))

    def _edited(self) -> None:
        self._touched = True
        self._look()
        self.changed.emit()

    def _replace(self, text: str) -> None:
        self.line.setText(text)
        self._edited()

    def _look(self) -> None:
        example = next((scalar_text(value) for value in self.node.examples), "")
        empty = "empty text" if self._touched else f"for example {example}" if example else "not set"
        self.line.setPlaceholderText(visible(empty, 60))
        if self.line.property("state") != "error" or not self._touched:
            restyle(self.line, state="" if self._touched else "unset")

    def mark(self, state: str) -> None:
        super().mark(state or ("" if self._touched else "unset"))

    def _add_format_action(self, line: QLineEdit) -> None:
        offers: dict[str, tuple[str, str, Callable[[], None]]] = {
            "date": ("clock", "Pick a date", self._pick_date),
            "date-time": ("clock", "Now", lambda: self._replace(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))),
            "uuid": ("wand", "New UUID", lambda: self._replace(str(uuid4()))),
            "byte": ("file", "Take a file's bytes", self._pick_file),
        }
        encoded = self.node.constraints.get("contentEncoding") == "base64"
        offer = offers.get("byte" if encoded else self.node.format)
        if offer is None:
            return
        icon, name, call = offer
        action = line.addAction(theme().icon(icon), QLineEdit.ActionPosition.TrailingPosition)
        set_icon(action, icon)
        action.setToolTip(name)
        for button in line.findChildren(QToolButton):
            button.setAccessibleName(f"{name} for {self.place.name}")
        action.triggered.connect(lambda _checked=False: call())

    def _pick_file(self) -> None:
        dialog = QFileDialog(self.window(), f"A file for {self.place.name}")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._file_picked)
        dialog.open()

    def _file_picked(self, path: str) -> None:
        self.take_file(Path(path))

    def take_file(self, file: Path) -> None:
        """The bytes of a file as base64; what is too long for a field, or cannot be read, is said in its place."""
        try:
            with file.open("rb") as opened:
                data = opened.read(_LARGEST_FILE + 1)
        except OSError as error:
            self.line.setPlaceholderText(visible(f"{file.name} cannot be read: {error.strerror}", 120))
            return
        if len(data) > _LARGEST_FILE:
            self.line.setPlaceholderText(visible(f"{file.name} is larger than {size(_LARGEST_FILE)}", 120))
            return
        self._replace(b64encode(data).decode("ascii"))

    def _pick_date(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        calendar = QCalendarWidget(menu)
        date = QDate.fromString(self.line.text(), Qt.DateFormat.ISODate)
        calendar.setSelectedDate(date if date.isValid() else QDate.currentDate())
        holder = QWidgetAction(menu)
        holder.setDefaultWidget(calendar)
        menu.addAction(holder)
        calendar.activated.connect(lambda day: (self._replace(day.toString(Qt.DateFormat.ISODate)), menu.close()))
        calendar.clicked.connect(lambda day: (self._replace(day.toString(Qt.DateFormat.ISODate)), menu.close()))
        menu.popup(self.line.mapToGlobal(self.line.rect().bottomLeft()))
        calendar.setFocus()


class NumberEditor(LineEditor):
    """A number as text, so that big integers stay exact. Arrow keys step it."""

    def _make_line(self) -> QLineEdit:
        return _Entry(self._step)

    def value(self) -> Any:
        return parse_scalar(self.node, self.line.text())

    def takes(self, value: Any) -> bool:
        if value is UNSET:
            return True
        return parse_scalar(self.node, scalar_text(value)) == value and not isinstance(value, bool | list | dict)

    def _edited(self) -> None:
        self._touched = bool(self.line.text().strip())
        self._look()
        self.changed.emit()

    def _step(self, by: int) -> None:
        text = stepped(self.node, self.line.text(), by)
        if text != self.line.text():
            self._replace(text)


class TextEditor(Editor):
    """Text of several lines."""

    def __init__(self, node: Node, place: Place) -> None:
        super().__init__(node, place)
        self._touched = False
        self._quiet = False
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(place.name)
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(theme().px(74))
        self._limit = node.constraints.get("maxLength")
        self.count = Label("", "muted", "caption")
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setLayout(column(self.text, self.count, gap=2))
        self.count.setHidden(self._limit is None)  # shown before it has a parent it would be a window of its own
        self.setFocusProxy(self.text)
        self.text.textChanged.connect(self._edited)
        self._look()

    def value(self) -> Any:
        return self.text.toPlainText() if self._touched else UNSET

    def set_value(self, value: Any) -> None:
        self._touched = value is not UNSET
        text = scalar_text(value)
        if text != self.text.toPlainText():
            self._quiet = True
            self.text.setPlainText(text)
            self._quiet = False
        self._look()

    def takes(self, value: Any) -> bool:
        return value is UNSET or (isinstance(value, str) and "\r" not in value)

    def _edited(self) -> None:
        if self._quiet:
            return
        self._touched = True
        self._look()
        self.changed.emit()

    def _look(self) -> None:
        self.text.setPlaceholderText("empty text" if self._touched else "not set")
        if self._limit is not None:
            self.count.setText(f"{len(self.text.toPlainText())} / {self._limit}")
        restyle(self.text, state="" if self._touched else "unset")

    def mark(self, state: str) -> None:
        super().mark(state or ("" if self._touched else "unset"))


class CheckEditor(Editor):
    """Yes or no. Until it is answered the box is half filled."""

    def __init__(self, node: Node, place: Place) -> None:
        super().__init__(node, place)
        self.box = QCheckBox()
        self.box.setAccessibleName(place.name)
        self.setLayout(row(self.box, None))
        self.setFocusProxy(self.box)
        self.box.clicked.connect(self._clicked)
        self._look()

    def value(self) -> Any:
        state = self.box.checkState()
        return UNSET if state == Qt.CheckState.PartiallyChecked else state == Qt.CheckState.Checked

    def set_value(self, value: Any) -> None:
        states = {True: Qt.CheckState.Checked, False: Qt.CheckState.Unchecked}
        self.box.setCheckState(Qt.CheckState.PartiallyChecked if value is UNSET else states[value])
        self._look()

    def takes(self, value: Any) -> bool:
        return value is UNSET or isinstance(value, bool)

    def _clicked(self) -> None:
        if self.box.checkState() == Qt.CheckState.PartiallyChecked:
            self.box.setCheckState(Qt.CheckState.Checked)
        self._look()
        self.changed.emit()

    def _look(self) -> None:
        if self.value() is not UNSET:
            self.box.setTristate(False)  # without it a half filled box counts as ticked
        self.box.setText({True: "true", False: "false", UNSET: "not set"}[self.value()])

    def mark(self, state: str) -> None:
        """A box has no error look: whatever it says is valid or missing."""
