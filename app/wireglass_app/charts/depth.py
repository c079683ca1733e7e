"""One call in depth: what it was, where its time went as a waterfall, and findings in words."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from wireglass.protocol.messages import Span
from wireglass.recording.insights import CallTime, Finding
from wireglass_app.charts.waterfall import WaterfallView
from wireglass_app.controls import Button, Chip, Elided, Empty, IconLabel, Label, Rule, column, row, surface
from wireglass_app.headline import HeadLine
from wireglass_app.models.timeline import Rounds, TimelineModel
from wireglass_app.plain import count, duration, visible

__all__ = ["CallDepth", "PhasesOf"]

PhasesOf = Callable[[int, Sequence[Span]], Sequence[Span]]
"""The key of a call and the spans that its server told -> the waterfall."""

_MOST_FINDINGS = 3
_NOT_TOLD = "This server does not report its middleware chain; these are the wire's own times."


class CallDepth(QWidget):
    """`opened` carries the key of the call whose dossier is wanted, `shown_calls` those that a finding is about."""

    opened = Signal(int)
    shown_calls = Signal(object)

    def __init__(self, model: TimelineModel, phases_of: PhasesOf) -> None:
        super().__init__()
        self._model = model
        self._phases_of = phases_of
        self._key: int | None = None
        surface(self, "panel")
        self.waterfall = WaterfallView()
        self.name = Elided("", type="strong")
        self.round = Label("", "secondary", "small")
        self.outcome = Chip("")
        self.work = Label("", type="strong")
        self.waited = Label("", "human", "small")
        self.open_call = Button("Open call", name="Open the selected call", clicked=self._open)
        self.open_call.set_key("Return")
        facts = (self.round, self.outcome, self.work, self.waited)
        head = HeadLine(self.name, facts, (self.open_call,), margins=(14, 8, 14, 8))
        self.not_told = Label(_NOT_TOLD, "muted", "small", wrap=True)
        self.not_told.setContentsMargins(14, 6, 14, 6)
        self.empty = Empty("bars", "No call is selected", "Select one above to see where its time went.")
        told = QWidget()
        told.setLayout(column(self.waterfall, self.not_told, gap=0))
        self._chain = QStackedWidget()
        self._chain.addWidget(told)
        self._chain.addWidget(self.empty)
        self.findings = [_FindingCard() for _ in range(_MOST_FINDINGS)]
        for card in self.findings:
            card.show_calls.connect(self.shown_calls)
        cards = column(*self.findings, gap=8, margins=(14, 0, 14, 10))
        lines = column(head, Rule(), self._chain, cards, gap=0)
        lines.setStretch(2, 1)
        self.setLayout(lines)
        self.show_call(None)

    def show_call(self, key: int | None) -> None:
        """Another call, or the same as it goes on."""
        self._key = key if key is not None and key in self._model.calls else None
        call = None if self._key is None else self._model.calls[self._key]
        self.open_call.setEnabled(call is not None)
        self.name.setText("No call selected" if call is None else visible(call.name))
        for part in (self.outcome, self.work):
            part.setVisible(call is not None)
        self.waited.hide()
        self.round.hide()
        self._chain.setCurrentIndex(1 if call is None else 0)
        if call is not None:
            self._show_facts(call)
            self.waterfall.show_spans(tuple(self._phases_of(call.key, call.spans)))
            self.not_told.setVisible(not call.spans and call.end_ns is not None)

    def _show_facts(self, call: CallTime) -> None:
        rounds = self._model.rounds_of(call.key)
        kind, text = self._outcome(call, rounds)
        self.outcome.setText(text)
        self.outcome.set_kind(kind)
        work = call.work_ns
        self.work.setText("" if work is None else f"{duration(work / 1e6)} work")
        waited = rounds.waited_ns + call.human_ns
        self.waited.setVisible(waited > 0)
        self.waited.setText(f"{duration(waited / 1e6)} waiting for you, not counted")
        self.round.setVisible(rounds.count > 1)
        self.round.setText(f"round {rounds.number} of {rounds.count}")

    def _outcome(self, call: CallTime, rounds: Rounds) -> tuple[str, str]:
        if call.end_ns is None:
            return ("warn", "No answer recorded") if self._model.is_over else ("info", "Running")
        if call.failed:
            return "bad", self._model.fault_of(call.key)
        if rounds.asked:
            going_on = rounds.number == rounds.count and not self._model.is_over
            return ("human", "Waiting for you") if going_on else ("plain", "Asked you")
        return "ok", "Complete"

    def show_findings(self, found: Sequence[Finding]) -> None:
        """At most three, the selected call's first."""
        for number, card in enumerate(self.findings):
            card.setVisible(number < len(found))
            if number < len(found):
                card.show_finding(found[number])

    def _open(self) -> None:
        if self._key is not None:
            self.opened.emit(self._key)


class _FindingCard(QWidget):
    """A title, a sentence or two, and a button that shows the calls it is about."""

    show_calls = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        surface(self, "warn")
        self._calls: tuple[int, ...] = ()
        self.title = Label("", type="strong", wrap=True)
        self.text = Label("", "secondary", wrap=True).selectable()
        self.button = Button("", clicked=lambda: self.show_calls.emit(self._calls))
        words = column(self.title, self.text, gap=2)
        line = row(IconLabel("warning", "warn.text"), words, self.button, gap=10, margins=(12, 8, 12, 8))
        line.setStretch(1, 1)
        self.setLayout(line)

    def show_finding(self, finding: Finding) -> None:
        self._calls = finding.calls
        self.title.setText(finding.title)
        self.text.setText(finding.text)
        self.setAccessibleName(f"{finding.title}. {finding.text}")
        self.button.setVisible(len(finding.calls) > 1)
        self.button.setText(f"Show the {count(len(finding.calls))}")
        self.button.setAccessibleName(f"Show the {count(len(finding.calls))} calls of: {finding.title}")
