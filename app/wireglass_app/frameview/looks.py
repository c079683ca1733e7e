"""Two looks at a frame beside its text: as a tree, and where its call's time went."""

from typing import Any

from PySide6.QtWidgets import QStackedWidget, QTreeView, QWidget

from wireglass.recording.entries import Entry
from wireglass.recording.events import SessionEvent
from wireglass.recording.phases import with_wire
from wireglass_app.charts.waterfall import WaterfallView
from wireglass_app.controls import Empty, Label, column, left_to_right
from wireglass_app.models.json_tree import JsonTreeModel
from wireglass_app.payloads.json_text import split_pointer
from wireglass_app.plain import counted, duration
from wireglass_app.theme import theme

__all__ = ["FrameTiming", "FrameTree"]


class FrameTree(QTreeView):
    """The message as a tree; its parts are made when they are unfolded."""

    def __init__(self) -> None:
        super().__init__()
        left_to_right(self)
        self._nodes = JsonTreeModel(None, self)
        self.setModel(self._nodes)
        self.setAccessibleName("Frame as a tree")
        self.setUniformRowHeights(True)
        self.header().resizeSection(0, theme().px(260))
        self.header().setStretchLastSection(True)

    def show_value(self, value: Any) -> None:
        """Another message; the parts under its first level are unfolded."""
        self._nodes.set_value(value)
        for at in range(min(6, self._nodes.rowCount())):
            self.expand(self._nodes.index(at, 0))

    def show_pointer(self, pointer: str) -> None:
        """Selects the value at a JSON Pointer, or its nearest parent that is there."""
        tokens = split_pointer(pointer)
        while tokens:
            index = self._nodes.find(tokens)
            if index.isValid():
                self.setCurrentIndex(index)
                self.scrollTo(index)
                return
            tokens = tokens[:-1]


class FrameTiming(QWidget):
    """The call of a frame as a waterfall: the wire's phases, and the server's own spans when it reports them."""

    def __init__(self) -> None:
        super().__init__()
        self.words = Label("", "secondary", "small", wrap=True)
        self.words.setContentsMargins(14, 8, 14, 6)
        self.waterfall = WaterfallView()
        self.waterfall.setAccessibleName("Waterfall of this frame's call")
        self.empty = Empty("clock", "No time to tell", "")
        chart = QWidget()
        chart.setLayout(column(self.words, self.waterfall, gap=0))
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(chart)
        self._chart = chart
        self.setLayout(column(self._stack))

    def show_entry(self, entry: Entry, http: SessionEvent | None) -> None:
        """`http` is the exchange that carried the request, where it is known. Raises LookupError when it is gone."""
        exchange = entry.exchange
        if exchange is None:
            self._say("Nothing answers a notification, so only its moment is known: see the Time column.")
            return
        spans = with_wire(exchange, exchange.spans, http)
        if not spans:
            self._say("The request has no answer yet.")
            return
        took, queued = exchange.answered_after_ns or 0, exchange.queued_for_ns
        parts = [f"Answered after {duration(took / 1e6)}"]
        parts += [f"queued for {duration(queued / 1e6)} before it was sent"] if queued >= 50_000 else []
        rounds = exchange.rounds
        if len(rounds) > 1:
            parts.append(f"round {rounds.index(exchange) + 1} of {len(rounds)}")
        if exchange.progress:
            number = len(exchange.progress)
            parts.append(counted(number, "progress notification"))
        told = "" if exchange.spans else ". The server does not report its chain: these are the wire's own times"
        self.words.setText(", ".join(parts) + told + ".")
        self.waterfall.show_spans(spans)
        self._stack.setCurrentWidget(self._chart)

    def _say(self, words: str) -> None:
        self.empty.text.setText(words)
        self._stack.setCurrentWidget(self.empty)
