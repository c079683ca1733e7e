"""Plain text: wrapped while it is short, line by line when it is long. Text that is JSON can be looked at as JSON."""

from collections.abc import Iterator
from typing import Any

from pydantic_core import from_json
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QStackedWidget, QWidget

from wireglass.protocol.piecewise import load
from wireglass_app.background import Job
from wireglass_app.controls import Button, column
from wireglass_app.payloads.base import PayloadView
from wireglass_app.payloads.code import CodeView
from wireglass_app.payloads.highlight import reveal
from wireglass_app.payloads.json import JsonView
from wireglass_app.plain import size
from wireglass_app.theme import theme

__all__ = ["TextView", "WrappedText", "as_json"]

_WRAPPED = 60_000
_PARSED = 1_000_000
_TALLEST, _LEAST = 420, 140
"""Design pixels of a text that takes the height it needs, and what it gives way down to."""


def as_json(text: str) -> Any:
    """The object or array that `text` is, or None; also for what is too long to be read at once."""
    if len(text) > _PARSED or text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        value = from_json(text)
    except ValueError:
        return None
    return value if isinstance(value, dict | list) and value else None


def _maybe_large(text: str) -> bool:
    return len(text) > _PARSED and text[:1_000].lstrip()[:1] in ("{", "[")


def _read(text: str) -> Iterator[Any]:
    yield load(text)


class WrappedText(QPlainTextEdit):
    """Read-only text that takes the height it needs, up to a bound."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setStyleSheet("QPlainTextEdit { border: none; padding: 0; background: transparent; }")
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setAccessibleName(name)
        self.document().setDocumentMargin(0)  # flush with what stands above it
        self.setPlainText(reveal(text.replace("\r\n", "\n")))
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # the lines are wrapped
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """A bar only where it stays: while a layout still looks for the right height of a few lines it would come and
        go, and take width away from the text, whose height depends on it."""
        policies = Qt.ScrollBarPolicy
        tall = self._needed() > min(theme().px(_TALLEST), max(self.height(), theme().px(_LEAST)))
        self.setVerticalScrollBarPolicy(policies.ScrollBarAsNeeded if tall else policies.ScrollBarAlwaysOff)
        self.updateGeometry()

    def _needed(self) -> int:
        return int(self.document().size().height()) * self.fontMetrics().lineSpacing() + 10

    def sizeHint(self) -> QSize:
        return QSize(300, min(theme().px(_TALLEST), self._needed()))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, min(self.sizeHint().height(), theme().px(_LEAST)))


class TextView(PayloadView):
    """Text as it came. `language` colours long text and code."""

    kind = "text"

    def __init__(self, text: str, language: str = "text", name: str = "Text") -> None:
        super().__init__()
        self.text = text
        self.facts = size(len(text.encode("utf-8", "surrogatepass")))
        self._stack = QStackedWidget()
        self._plain = self._make_plain(text, language, name)
        self._stack.addWidget(self._plain)
        self._json: QWidget | None = None
        self._value = as_json(text)
        self._toggle = Button("Show as JSON", "link", clicked=self._switch)
        if self._value is None:
            self._toggle.hide()  # and not shown here: before it has a parent it would be a window of its own
        self._said_to_be_json = language == "json"
        self._job = Job(_read(text), self, self._parsed, on_error=lambda _no_json: None) if _maybe_large(text) else None
        self.setLayout(column(self._stack))
        self.grows = not isinstance(self._plain, WrappedText)

    def _make_plain(self, text: str, language: str, name: str) -> QWidget:
        if language == "text" and len(text) <= _WRAPPED and text.count("\n") < 2_000:
            return WrappedText(text, name)
        code = CodeView(name=name)
        code.set_text(text, language)
        return code

    def _switch(self) -> None:
        if self._json is None:
            self._json = JsonView(self._value)
            self._json.setMinimumHeight(theme().px(220))
            self._stack.addWidget(self._json)
        plain = self._stack.currentWidget() is not self._plain
        self._stack.setCurrentWidget(self._plain if plain else self._json)
        self._toggle.setText("Show as JSON" if plain else "Show as text")

    def _parsed(self, value: Any) -> None:
        """Large JSON was read in a thread; it is shown as such where it was said to be JSON."""
        if isinstance(value, dict | list) and value:
            self._value = value
            if self._toggle.parentWidget() is not None:
                self._toggle.show()
            if self._said_to_be_json:
                self._switch()

    def actions(self) -> list[QWidget]:
        return [self._toggle] if self._value is not None or self._job is not None else []

    def copy_text(self) -> str:
        return self.text
