"""Colours inside the filter field: keys, words between, verdicts, and a wavy line under what cannot be read."""

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QInputMethodEvent, QTextCharFormat
from PySide6.QtWidgets import QLineEdit

from wireglass.recording.filter_grammar import FilterError, tokens
from wireglass_app.theme import theme

__all__ = ["colour"]

_JOINING = ("and", "or", "not")
_BAD_VALUES = ("fail", "error", "tool error")


def colour(line: QLineEdit, fault: FilterError | None, keys: Mapping[str, str]) -> None:
    """Colours the text of a field. A line edit takes formats only as an input method gives them, so that is how."""
    attributes = []
    cursor, text = line.cursorPosition(), line.text()

    def mark(start: int, end: int, token: str) -> None:
        form = QTextCharFormat()
        form.setForeground(theme().color(token))
        put(start, end, form)

    def put(start: int, end: int, form: QTextCharFormat) -> None:
        kind = QInputMethodEvent.AttributeType.TextFormat
        attributes.append(QInputMethodEvent.Attribute(kind, start - cursor, end - start, form))

    for piece in tokens(text):
        if piece.kind in _JOINING or piece.kind in ("open", "close"):
            mark(piece.start, piece.end, "text.muted")
        elif piece.kind == "term":
            colon = piece.start + text[piece.start : piece.end].index(":") + 1
            mark(piece.start, colon, "syn.key" if piece.key in keys else "bad.text")
            if piece.value.lower() in _BAD_VALUES:
                mark(colon, piece.end, "bad.text")
    if fault is not None and fault.end > fault.start:
        form = QTextCharFormat()
        form.setForeground(theme().color("bad.text"))
        form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        form.setUnderlineColor(theme().color("bad.text"))
        put(fault.start, fault.end, form)
    QCoreApplication.sendEvent(line, QInputMethodEvent("", attributes))
