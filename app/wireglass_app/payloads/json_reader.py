"""The chosen value of a tree or a table in full: both show one line of it. Copying gives the value, not the line."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QWidget

from wireglass_app.controls import Elided, column, row, surface, tool_button
from wireglass_app.payloads.code import CodeView
from wireglass_app.payloads.json_text import compact, count_nodes, format_lines
from wireglass_app.plain import size, visible
from wireglass_app.theme import theme

__all__ = ["ValueReader", "add_copying", "only_text", "value_text", "worth_reading"]

_LINE, _CELL = 60, 30
"""Letters of a text that a row of a tree, or a cell of a table, shows whole."""
_PRETTY, _COUNTED = 5_000, 200_000


def only_text(value: Any) -> str | None:
    """The text that a value is, be it alone or wrapped as FastMCP wraps what a tool returns; else None."""
    if isinstance(value, dict) and set(value) == {"result"}:
        value = value["result"]
    return value if isinstance(value, str) else None


def worth_reading(value: Any, *, of_table: bool) -> bool:
    """Whether a row shows only a part of a value. A tree opens what has members."""
    if isinstance(value, str):
        return len(value) > (_CELL if of_table else _LINE) or "\n" in value
    return of_table and isinstance(value, dict | list) and bool(value)


def value_text(value: Any) -> str:
    """What Copy gives: a text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    return "\n".join(format_lines(value)) if count_nodes(value, _COUNTED) <= _PRETTY else compact(value)


def add_copying(view: QAbstractItemView, value: Callable[[], Any], path: Callable[[], str]) -> None:
    """Ctrl+C copies the chosen value in full; the menu copies its path too."""

    copier = _Copier(view, lambda: _put(value_text(value())))
    copy = QAction("Copy value", view)
    copy.triggered.connect(lambda: copier.copy())
    where = QAction("Copy path", view)
    where.triggered.connect(lambda: _put(path() or "/"))
    view.addActions([copy, where])
    view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
    view.installEventFilter(copier)


class _Copier(QObject):
    """Takes Ctrl+C before the view does, which would copy the line that it shows."""

    def __init__(self, view: QAbstractItemView, copy: Callable[[], None]) -> None:
        super().__init__(view)
        self.copy = copy

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        if not event.matches(QKeySequence.StandardKey.Copy):
            return False
        self.copy()
        return True


def _put(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


class ValueReader(QWidget):
    """Stands below what it reads from; hidden while there is nothing to read."""

    def __init__(self) -> None:
        super().__init__()
        self._value: Any = None
        self.path = Elided("", "secondary", "mono-small", middle=True)
        self.facts = Elided("", "muted", "small")
        copy = tool_button("copy", "Copy this value", clicked=self._copy)
        close = tool_button("close", "Close the value", clicked=self.hide)
        head = row(self.path, self.facts, copy, close, gap=6, margins=(14, 4, 10, 0))
        head.setStretch(0, 1)
        self.code = CodeView(numbers=False, name="Chosen value in full")
        self.setLayout(column(head, self.code, gap=2))
        surface(self, "sunken", "top")
        self.setFixedHeight(theme().px(170))

    def read(self, pointer: str, value: Any) -> None:
        """Shows a value, and where it stands."""
        self._value = value
        self.path.setText(visible(pointer, 200))
        if isinstance(value, str):
            self.facts.setText(f"text · {size(len(value.encode('utf-8', 'surrogatepass')))}")
            self.code.set_text(value)
        else:
            self.facts.setText("")
            self.code.set_json(value)
        self.show()

    def _copy(self) -> None:
        _put(value_text(self._value))
