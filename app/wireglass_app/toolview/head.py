"""The head over form and result: what the tool is, its runs, and the buttons that run, stop and copy."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from wireglass_app.calls import Call
from wireglass_app.controls import Button, Chip, Elided, Label, Notice, column, row, surface
from wireglass_app.dossier.runbars import RunBars
from wireglass_app.given_icon import GivenIcon, carried_icon
from wireglass_app.layouts import clear
from wireglass_app.models.catalogue import CHANGE_TONES, ItemRow
from wireglass_app.plain import DESCRIPTION_LIMIT, counted, hidden_count, visible
from wireglass_app.theme import theme
from wireglass_app.toolview.hints import hidden_words, hint, title_of

__all__ = ["ToolHead"]

_NARROW = 560
"""Below it the head shows title and buttons alone."""
_HEIGHT, _PADDING = 76, 32
"""Only text and controls grow with the zoom."""
_HINTS = (
    ("readOnlyHint", "read-only", "plain", "eye"),
    ("destructiveHint", "destructive", "bad", "bin"),
    ("idempotentHint", "idempotent", "plain", "repeat"),
    ("openWorldHint", "open world", "plain", "globe"),
)


class ToolHead(QWidget):
    """What only marks the tool gives way before title and buttons are cut."""

    def __init__(self, menu: QMenu, run: Callable[[], Any], stop: Callable[[], Any]) -> None:
        super().__init__()
        surface(self, "panel", "bottom")
        self.title = Elided("", type="title")
        self.name = Elided("", "secondary", "mono")
        self.chips = row(gap=6)
        self.marks = QWidget()
        self.marks.setLayout(row(self.name, self.chips, gap=8))
        self.description = Elided("", "secondary")
        self.runs_label = Label("", "muted", "caption")
        self.bars = RunBars()
        self.copy = Button("Copy as", name="Copy this call as")
        self.copy.setProperty("menu", "true")
        self.copy.setMenu(menu)
        self.run = Button("Run", "primary", icon="play", key="Ctrl+Return", clicked=run)
        self.stop = Button("Stop", icon="stop", key="Ctrl+.", clicked=stop)
        self.stop.hide()
        self.watched = Chip("watched", "info")
        self.watched.hide()
        self.hidden_chip = Button("", "ghost", icon="warning", clicked=self.reveal_hidden)
        self.hidden_chip.hide()
        self.hidden = Notice("warn", "", icon="warning")
        self.hidden.hide()
        self._icon: GivenIcon | None = None
        self._top = row(
            *(self.title, self.marks, self.watched, self.hidden_chip, None, self.copy, self.stop, self.run), gap=8
        )
        below = row(self.description, self.runs_label, self.bars, gap=8)
        below.setStretchFactor(self.description, 1)
        self._head = head = QWidget()
        head.setLayout(column(self._top, below, gap=3, margins=(14, 9, 14, 6)))
        theme().changed.connect(self._sized)
        self._sized()
        self.setLayout(column(head, row(self.hidden, margins=(14, 0, 14, 8)), gap=0))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # the result has the room
        self._holds_hidden(False)

    def _sized(self) -> None:
        self._head.setFixedHeight(_PADDING + theme().px(_HEIGHT - _PADDING))

    def show_tool(self, one: ItemRow) -> None:
        """Another tool, or the same one as it is declared now."""
        tool = one.raw
        title = visible(title_of(tool, one.name))
        self.title.setText(title)
        self.name.setText(one.shown)
        self.name.setVisible(title != one.shown)
        self.description.setText(" ".join(_description(tool).split())[:DESCRIPTION_LIMIT])
        self._show_icon(tool)
        self._show_chips(one)
        self._show_hidden(one)
        self.run.setAccessibleName(f"Run {one.shown}")

    def _show_icon(self, tool: Mapping[str, Any]) -> None:
        if self._icon is not None:
            self._top.removeWidget(self._icon)
            self._icon.hide()
            self._icon.deleteLater()
            self._icon = None
        if carried_icon(tool) is not None:
            self._icon = GivenIcon(tool, "tools", 24)
            self._top.insertWidget(0, self._icon)

    def _show_chips(self, one: ItemRow) -> None:
        clear(self.chips)
        for key, text, kind, icon in _HINTS:
            if hint(one.raw, key):
                self.chips.addWidget(Chip(text, kind, icon=icon))
        if one.change:
            self.chips.addWidget(Chip(one.change, CHANGE_TONES.get(one.change, "info")))
        if one.group and one.group not in ("Other", "Gone"):
            self.chips.addWidget(Chip(one.group.lower(), "outline"))

    def _show_hidden(self, one: ItemRow) -> None:
        """Signs that nobody sees may still be read by a model: they are counted, and named on request."""
        name, description = one.name[:DESCRIPTION_LIMIT], _description(one.raw)[:DESCRIPTION_LIMIT]
        number = hidden_count(name) + hidden_count(description)
        self.hidden_chip.setText(counted(number, "hidden character"))
        self.hidden_chip.setAccessibleName(f"Show {self.hidden_chip.text().strip()}")
        self.hidden_chip.setVisible(number > 0)
        self.hidden.text.setText(hidden_words(name, description))
        self._holds_hidden(False)

    def reveal_hidden(self) -> None:
        """Shows or hides the list of hidden characters."""
        self._holds_hidden(self.hidden.isHidden())

    def _holds_hidden(self, shown: bool) -> None:
        self.hidden.setVisible(shown)
        margins = self.layout().itemAt(1).layout()  # type: ignore[union-attr]  # set in the constructor
        if margins is not None:
            margins.setContentsMargins(14, 0, 14, 8 if shown else 0)

    def show_runs(self, runs: Sequence[Call], call: Call | None, words: str = "") -> None:
        """The bars of the last runs; `words` in place of their number."""
        self.bars.set_runs(runs, call)
        number = counted(len(runs), "run") if runs else ""
        self.runs_label.setText(words or number)

    def show_busy(self, busy: bool) -> None:
        """Stop stands where Run stood: the focus stays there too."""
        shown, hidden = (self.stop, self.run) if busy else (self.run, self.stop)
        focused = hidden.hasFocus()
        shown.show()
        if focused:
            shown.setFocus()
        hidden.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.marks.setVisible(self.width() >= theme().px(_NARROW))


def _description(tool: Any) -> str:
    """As much of it as can matter here: a server may tell a megabyte."""
    return str(tool.get("description") or "")[: 4 * DESCRIPTION_LIMIT]
