"""JSON typed by hand: for one field that no other editor fits, or for the whole value of a form."""

import json
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QSyntaxHighlighter, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QToolTip

from wireglass.protocol.schema import UNSET, Node
from wireglass_app.controls import Label, column, restyle
from wireglass_app.forms.editor import Editor, Place
from wireglass_app.forms.json_help import JsonHelp
from wireglass_app.payloads import json_text
from wireglass_app.payloads.highlight import json_stretches
from wireglass_app.plain import tip
from wireglass_app.theme import theme

__all__ = ["JsonEdit", "JsonEditor", "explain_json"]


def explain_json(text: str, error: ValueError) -> str:
    """What keeps `text` from being JSON, where, in words."""
    if isinstance(error, json.JSONDecodeError):
        return f"Not JSON yet: line {error.lineno}, column {error.colno}: {error.msg[:1].lower()}{error.msg[1:]}"
    return f"Not JSON yet: {error}"


class _Colours(QSyntaxHighlighter):
    def highlightBlock(self, text: str) -> None:
        if len(text) > 5_000:
            return
        for start, length, kind in json_stretches(text):
            ink = QTextCharFormat()
            ink.setForeground(QColor(theme().color(f"syn.{kind}")))
            self.setFormat(start, length, ink)


class JsonEdit(QPlainTextEdit):
    """A text field for JSON with colours, two-space indents and the place of the first fault marked."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setProperty("type", "mono")
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)
        self._colours = _Colours(self.document())
        self.help: JsonHelp | None = None
        """Completion and verdicts from a schema, when there is one."""
        theme().changed.connect(self._colours.rehighlight)

    def set_json(self, value: Any) -> None:
        """Shows `value` indented, or nothing for UNSET. Keeps the text when it already says the same."""
        text = "" if value is UNSET else "\n".join(json_text.format_lines(value))
        if text != self.toPlainText():
            self.setPlainText(text)

    def parsed(self) -> Any:
        """The value, with integers of any size exact; UNSET for nothing. Raises ValueError."""
        text = self.toPlainText()
        return UNSET if not text.strip() else json_text.exact_numbers(text)

    def mark_fault(self, error: ValueError | None) -> None:
        """Underlines the line where `error` is, or nothing."""
        restyle(self, state="error" if error is not None else "")
        if self.help is not None:
            self.help.forget()
        if not isinstance(error, json.JSONDecodeError):
            self.setExtraSelections([])
            return
        mark = QTextEdit.ExtraSelection()
        mark.cursor = QTextCursor(self.document())  # type: ignore[attr-defined]  # the stubs leave out the members
        mark.cursor.setPosition(min(error.pos, len(self.toPlainText())))  # type: ignore[attr-defined]
        mark.format.setBackground(theme().color("bad.bg"))  # type: ignore[attr-defined]
        mark.format.setProperty(QTextCharFormat.Property.FullWidthSelection, True)  # type: ignore[attr-defined]
        self.setExtraSelections([mark])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.help is not None and self.help.take_key(event):
            return
        self._press(event)
        if self.help is not None:
            self.help.typed(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self.help is not None:
            found = self.help.words_at(self.cursorForPosition(event.pos()).position())
            QToolTip.showText(event.globalPos(), tip(found), self)
            return True
        return super().event(event)

    def _press(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            event.ignore()
        elif enter:
            self._break_line()
        else:
            super().keyPressEvent(event)

    def _break_line(self) -> None:
        cursor = self.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        indent = len(before) - len(before.lstrip(" "))
        deeper = 2 if before.rstrip().endswith(("{", "[")) else 0
        cursor.insertText("\n" + " " * (indent + deeper))
        self.setTextCursor(cursor)


class JsonEditor(Editor):
    """One node as JSON, with the reason why it has no field of its own."""

    def __init__(self, node: Node, place: Place, reason: str = "") -> None:
        super().__init__(node, place)
        self._last: Any = UNSET
        self._quiet = False
        self._fault = ""
        self.edit = JsonEdit(f"{place.name}, as JSON")
        self.edit.setFixedHeight(theme().px(92))
        self.edit.setPlaceholderText("any JSON value")
        self.edit.help = JsonHelp(self.edit, node)
        self.reason = Label(f"As JSON, because {reason}." if reason else "", "muted", "caption", wrap=True)
        if not reason:
            self.reason.hide()
        self.setLayout(column(self.edit, self.reason, gap=3))
        self.setFocusProxy(self.edit)
        self.edit.textChanged.connect(self._edited)

    def value(self) -> Any:
        return self._last

    def set_value(self, value: Any) -> None:
        if value is not UNSET and self._last is not UNSET and value == self._last and type(value) is type(self._last):
            return
        self._last = value
        self._quiet = True
        self.edit.set_json(value)
        self._quiet = False
        self._fault = ""
        self.edit.mark_fault(None)

    @property
    def fault(self) -> str:
        """Why the text is not JSON, or empty. The last value that was stays the value."""
        return self._fault

    def show_findings(self, findings: Sequence[Any]) -> list[str]:
        return [self._fault] if self._fault else super().show_findings(findings)

    def mark(self, state: str) -> None:
        if not self._fault:
            super().mark("error" if state == "error" else "")

    def _edited(self) -> None:
        if self._quiet:
            return
        try:
            self._last, self._fault = self.edit.parsed(), ""
            self.edit.mark_fault(None)
        except ValueError as error:
            self._fault = explain_json(self.edit.toPlainText(), error)
            self.edit.mark_fault(error)
        self.changed.emit()
