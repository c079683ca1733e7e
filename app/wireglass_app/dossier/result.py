"""What a finished call came to, as the first tab shows it: its value, what its schema forbids, contents beside it."""

import json
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QWidget

from wireglass_app.calls import Call
from wireglass_app.controls import Fold, column, surface
from wireglass_app.dossier.loglist import LogList
from wireglass_app.dossier.violations import Violations
from wireglass_app.dossier.words import blocks_of, structured
from wireglass_app.payloads.base import PayloadView, pick_value
from wireglass_app.payloads.cards import ContentPane
from wireglass_app.payloads.code import CodeView
from wireglass_app.plain import count, counted
from wireglass_app.shrinking import Shrinking
from wireglass_app.theme import theme

__all__ = ["ResultPage"]

_BLOCKS_BESIDE = 3
"""Content blocks shown below a structured value; all of them are in the Content tab."""
_LOGS_BELOW = 3
_ALL, _TABLE = 420, 300
"""Design pixels of value and blocks together, roughly, and what a table may take of them."""
_LEAST_SAID = 100
"""Design pixels for what a schema forbids, at least, in a low pane."""
_ANY_HEIGHT = 16_777_215
"""Qt's own word for no bound."""
_LONG_TEXT = 200_000
"""Characters of a text that are not worth parsing on the Qt thread to see whether it says the value again."""


class ResultPage(QWidget):
    """Shows one finished call; `view` is the view of its value, None when it has none."""

    report_wanted = Signal()
    """What its schema forbids is to be copied."""

    def __init__(self, render: Callable[[Call], QWidget] | None = None) -> None:
        """`render` makes the view of a call's result; without it, it is the structured result of a tool."""
        super().__init__()
        self.view: QWidget | None = None
        self._render = render
        self._logs: _LastLogs | None = None
        self._folded: dict[str, bool] = {}
        """Parts that the user folded stay so with the next result."""
        self._lines = column(gap=0)
        self.setLayout(self._lines)

    def fill(self, call: Call) -> None:
        """Builds the views of another call, or of the same one after it was judged."""
        while self._lines.count():
            item = self._lines.takeAt(0)
            if item is not None and (old := item.widget()) is not None:
                _retire(old)
        self._logs = None
        if self._render is not None:
            self.view = self._render(call)
            self._lines.addWidget(self.view, 1)
            return
        value = structured(call.result)
        if value is None:
            self.view = None
            return
        self.view = view = pick_value(value)
        if call.verdicts:
            self._lines.addWidget(self._violations(call, view))
        blocks = blocks_of(call)
        twin = not blocks or _same_as_text(value, blocks)
        self._lines.addWidget(view if twin else self._above(view, blocks), 1)
        self.show_logs(call)

    def _violations(self, call: Call, view: PayloadView) -> QWidget:
        found = Violations(call)
        found.go.connect(view.go_to)
        found.report.connect(self.report_wanted)
        return Shrinking(column(found, gap=0), least=_LEAST_SAID)

    def show_logs(self, call: Call) -> None:
        """The last log lines below the value; some arrive after it."""
        if not call.logs or self.view is None or self._render is not None:
            return
        if self._logs is None:
            self._logs = _LastLogs()
            self._lines.addWidget(self._fold("logs", self._logs.fold, self._logs))
        self._logs.show_call(call)

    def _fold(self, key: str, fold: Fold, whole: QWidget) -> QWidget:
        def told(opened: bool) -> None:
            self._folded[key] = not opened

        fold.head.setChecked(not self._folded.get(key, False))
        fold.toggled.connect(told)
        return whole

    def _above(self, view: QWidget, blocks: list[Any]) -> QSplitter:
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(view)
        pane = ContentPane(beside=True)
        pane.setMinimumHeight(theme().px(60))
        pane.set_blocks(blocks[:_BLOCKS_BESIDE])
        fold = Fold(f"Content · {counted(len(blocks), 'block')}", pane, indent=8)
        fold.layout().setStretch(1, 1)  # type: ignore[union-attr]  # every fold has one
        below = surface(QWidget(), "panel")
        below.setLayout(column(fold, gap=0, margins=(0, 4, 0, 0)))

        def follow(opened: bool) -> None:
            below.setMaximumHeight(_ANY_HEIGHT if opened else fold.head.sizeHint().height() + theme().px(8))

        splitter.addWidget(self._fold("content", fold, below))
        fold.toggled.connect(follow)
        follow(fold.head.isChecked())
        needed = getattr(view, "whole_height", 0)  # a low table leaves the rest to the blocks
        splitter.setSizes([needed, theme().px(_ALL) - needed] if 0 < needed < theme().px(_TABLE) else [500, 240])
        return splitter


class _LastLogs(QWidget):
    """The end of what the server logged during the call; all of it is in the Logs tab."""

    def __init__(self) -> None:
        super().__init__()
        surface(self, "panel", "top")
        self.lines = LogList("Last logs during this call")
        self.lines.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.fold = Fold("Logs during this call", self.lines, indent=8)
        self.setLayout(column(self.fold, gap=0, margins=(0, 4, 0, 4)))

    def show_call(self, call: Call) -> None:
        """Shows its last lines."""
        number, shown = len(call.logs), call.logs[-_LOGS_BELOW:]
        part = f"last {len(shown)} of {count(number)}" if number > len(shown) else count(number)
        self.fold.head.setText(f"Logs during this call · {part}")
        self.lines.zero_ns = call.started_ns
        self.lines.set_lines(list(shown))
        self.lines.setFixedHeight(len(shown) * self.lines.sizeHintForRow(0) + 4)


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
