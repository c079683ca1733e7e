"""A form takes the place of one whose schema is no longer the server's: what was being typed goes on where it was."""

from dataclasses import dataclass
from typing import cast

from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from wireglass_app.forms.form import SchemaForm
from wireglass_app.forms.rows import FieldRow
from wireglass_app.payloads.json_text import escape_token

__all__ = ["Predecessor"]


@dataclass(frozen=True, slots=True)
class Predecessor:
    """What a form leaves to its successor, beside its values."""

    place: str | None
    """The JSON Pointer of the field that has the focus, empty for none of them; None when the form has not got it."""
    column: int
    """Where in the text of that field the next letter goes."""
    json: str | None
    """What is typed as JSON, complete or not; None when the fields are shown."""

    @classmethod
    def of(cls, form: SchemaForm) -> "Predecessor":
        """Asked while the form is still in sight."""
        text = form.json_edit.toPlainText() if form.mode == "json" else None
        return cls(_place_of(form), _column(form.window().focusWidget()), text)

    def pass_on(self, form: SchemaForm) -> None:
        """To a form that is in sight now, and has the values already."""
        if self.json is not None:
            form.set_mode("json")
            if form.json_edit.toPlainText() != self.json:
                form.json_edit.setPlainText(self.json)
        if self.place is None:
            return
        same = form.focus_place(self.place)
        if not same:
            form.focus_first_empty()
        if same or form.mode == "json":
            _set_column(form.window().focusWidget(), self.column)


def _place_of(form: SchemaForm) -> str | None:
    one = cast("QWidget | None", form.window().focusWidget())
    if one is None or not form.isAncestorOf(one):
        return None
    names: list[str] = []
    while one is not None and one is not form:
        if isinstance(one, FieldRow):
            names.insert(0, one.name)
        one = one.parentWidget()
    return "".join(f"/{escape_token(name)}" for name in names)


def _column(field: QWidget | None) -> int:
    if isinstance(field, QLineEdit):
        return field.cursorPosition()
    return field.textCursor().position() if isinstance(field, QPlainTextEdit) else 0


def _set_column(field: QWidget | None, column: int) -> None:
    if isinstance(field, QLineEdit):
        field.setCursorPosition(column)
    elif isinstance(field, QPlainTextEdit):
        cursor = field.textCursor()
        cursor.setPosition(min(column, len(field.toPlainText())))
        field.setTextCursor(cursor)
