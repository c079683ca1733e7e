"""The foot of a form: the verdict in words, how much is sent, and the exact JSON on one line."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QTextLayout
from PySide6.QtWidgets import QWidget

from wireglass.protocol.schema import UNSET
from wireglass.schema_check import Verdict
from wireglass_app.controls import Button, Elided, Label, column, restyle, row, surface
from wireglass_app.payloads.highlight import json_stretches, reveal, utf16
from wireglass_app.payloads.json_text import compact
from wireglass_app.plain import count, size
from wireglass_app.theme import set_icon, theme

__all__ = ["FormFooter", "JsonLine"]


class JsonLine(QWidget):
    """A value as JSON on one coloured line that ends where the room ends."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self.setFont(theme().font("mono-small"))
        self.setMinimumHeight(theme().px(18))

    def set_json(self, text: str) -> None:
        """`text` is compact JSON."""
        self._text = reveal(text[:2_000])
        self.setAccessibleName(f"Will be sent: {self._text[:400]}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, theme().px(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.setFont(theme().font("mono-small"))
        text = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        layout = QTextLayout(text, self.font())
        ranges: list[QTextLayout.FormatRange] = []
        for start, length, kind in json_stretches(text):
            piece = QTextLayout.FormatRange()
            piece.start = utf16(text, start)
            piece.length = utf16(text, start + length) - piece.start
            piece.format.setForeground(theme().color(f"syn.{kind}"))
            ranges.append(piece)
        layout.setFormats(ranges)
        layout.beginLayout()
        layout.createLine()
        layout.endLayout()
        painter.setPen(theme().color("text.primary"))
        layout.draw(painter, self.rect().topLeft().toPointF())


class FormFooter(QWidget):
    """The verdict in words, how much is sent, and the exact JSON."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = Label()
        self.verdict = Label("", "ok", "small-strong")
        self.facts = Elided("", "muted", "small")
        self.jump = Button("Go to the field", "link")
        self.line = JsonLine()
        top = row(self._icon, self.verdict, self.facts, self.jump, gap=6)
        top.setStretch(2, 1)
        self.setLayout(column(top, self.line, gap=4, margins=(14, 8, 14, 8)))
        surface(self, "sunken", edge="top")

    def show_state(self, value: Any, fault: str, verdicts: Sequence[Verdict], counts: tuple[int, int] | None) -> None:
        """`fault` is why the typed JSON is none; `counts` are the fields sent and the fields there are."""
        tone, icon, words = _verdict_words(fault, verdicts)
        set_icon(self._icon, icon, f"{tone}.text", 14)
        self.verdict.setText(words)
        restyle(self.verdict, tone=tone)
        text = "" if value is UNSET else compact(value)
        sent = f"{count(counts[0])} of {count(counts[1])} fields sent · " if counts else ""
        self.facts.setText(sent + size(len(text.encode("utf-8", "surrogatepass"))))
        self.jump.setVisible(bool(verdicts or fault) and not _is_unusable(verdicts))
        self.line.set_json(text)


def _is_unusable(verdicts: Sequence[Verdict]) -> bool:
    return any(one.keyword == "schema" for one in verdicts)


def _verdict_words(fault: str, verdicts: Sequence[Verdict]) -> tuple[str, str, str]:
    if fault:
        return "warn", "warning", "Not JSON yet"
    if _is_unusable(verdicts):
        return "warn", "warning", "The schema cannot be used"
    if not verdicts:
        return "ok", "check-circle", "Arguments are valid"
    missing = [one for one in verdicts if one.keyword == "required"]
    if len(missing) == len(verdicts):
        fields = "1 field is" if len(missing) == 1 else f"{count(len(missing))} fields are"
        return "warn", "warning", f"{fields} still needed"
    problems = "1 problem" if len(verdicts) == 1 else f"{count(len(verdicts))} problems"
    return "bad", "cross-circle", problems
