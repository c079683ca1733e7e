"""What a finished call came to, as the first tab shows it: its value, what its schema forbids, contents beside it."""

import json
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QSplitter, QWidget

from wireglass_app.calls import Call
from wireglass_app.controls import Label, column, row, surface
from wireglass_app.dossier.loglist import LogList
from wireglass_app.dossier.problem import Violations
from wireglass_app.dossier.words import blocks_of, structured
from wireglass_app.payloads.base import pick_value
from wireglass_app.payloads.cards import ContentPane
from wireglass_app.payloads.code import CodeView
from wireglass_app.plain import count, counted

__all__ = ["ResultPage", "Turns"]

_BLOCKS_BESIDE = 3
"""Content blocks shown below a structured value; all of them are in the Content tab."""
_LOGS_BELOW = 3
_LONG_TEXT = 200_000
"""Characters of a text that are not worth parsing on the Qt thread to see whether it says the value again."""


class ResultPage(QWidget):
    """Shows one finished call; `view` is the view of its value, None when it has none."""

    def __init__(self, render: Callable[[Call], QWidget] | None = None) -> None:
        """`render` makes the view of a call's result; without it, it is the structured result of a tool."""
        super().__init__()
        self.view: QWidget | None = None
        self._render = render
        self._lines = column(gap=0)
        self.setLayout(self._lines)

    def fill(self, call: Call) -> None:
        """Builds the views of another call, or of the same one after it was judged."""
        while self._lines.count():
            item = self._lines.takeAt(0)
            if item is not None and (old := item.widget()) is not None:
                _retire(old)
        if self._render is not None:
            self.view = self._render(call)
            self._lines.addWidget(self.view, 1)
            return
        value = structured(call.result)
        self.view = None if value is None else pick_value(value)
        if self.view is None:
            return
        if call.verdicts:
            self._lines.addWidget(Violations(call))
        blocks = blocks_of(call)
        twin = not blocks or _same_as_text(value, blocks)
        self._lines.addWidget(self.view if twin else _above(self.view, blocks), 1)
        if call.logs:
            self._lines.addWidget(_LastLogs(call))


class Turns(QObject):
    """Does jobs one a turn of the event loop, so that no turn is long."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs: list[Callable[[], None]] = []

    @property
    def busy(self) -> bool:
        """Whether a job still waits."""
        return bool(self._jobs)

    def add(self, job: Callable[[], None]) -> None:
        """Does `job` after those that wait already."""
        self._jobs.append(job)
        if len(self._jobs) == 1:
            QTimer.singleShot(0, self, self._next)

    def clear(self) -> None:
        """Forgets what waits."""
        self._jobs.clear()

    def _next(self) -> None:
        if self._jobs:
            self._jobs.pop(0)()
        if self._jobs:
            QTimer.singleShot(0, self, self._next)


class _LastLogs(QWidget):
    """The end of what the server logged during the call; all of it is in the Logs tab."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        surface(self, "panel", "top")
        number, shown = len(call.logs), call.logs[-_LOGS_BELOW:]
        part = f"last {len(shown)} of {count(number)}" if number > len(shown) else count(number)
        lines = LogList("Last logs during this call")
        lines.zero_ns = call.started_ns
        lines.set_lines(list(shown))
        lines.setFixedHeight(len(shown) * lines.sizeHintForRow(0) + 4)
        lines.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        title = Label(f"Logs during this call · {part}", "secondary", "small-strong")
        self.setLayout(column(row(title, margins=(14, 0, 14, 0)), lines, gap=2, margins=(0, 6, 0, 4)))


def _above(view: QWidget, blocks: list[Any]) -> QSplitter:
    splitter = QSplitter(Qt.Orientation.Vertical)
    splitter.setHandleWidth(1)
    splitter.addWidget(view)
    pane = ContentPane()
    pane.set_blocks(blocks[:_BLOCKS_BESIDE])
    number = counted(len(blocks), "block")
    title = Label(f"Content · {number}", "secondary", "small-strong")
    below = surface(QWidget(), "panel")
    below.setLayout(column(row(title, margins=(14, 0, 14, 0)), pane, gap=0, margins=(0, 8, 0, 0)))
    splitter.addWidget(below)
    splitter.setSizes([500, 240])
    return splitter


def _same_as_text(value: Any, blocks: list[Any]) -> bool:
    """The text twin that the specification asks for says nothing new."""
    if len(blocks) != 1 or not isinstance(blocks[0], dict) or blocks[0].get("type") != "text":
        return False
    text = str(blocks[0].get("text", ""))
    if value == {"result": text}:
        return True
    if len(text) > _LONG_TEXT:
        return True  # it stays in Content
    try:
        twin = json.loads(text)
    except ValueError:
        return False
    return twin == value or (isinstance(value, dict) and value == {"result": twin})


def _retire(old: QWidget) -> None:
    """Large texts are laid out by a job in the background; it must stop before its view is gone."""
    for text in old.findChildren(CodeView):
        text.clear()
    old.deleteLater()
