"""A question inside the result pane of its call: short forms are answered there, longer ones point to the Inbox."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from wireglass_app.controls import Button, IconLabel, Label, Notice, column, row, surface
from wireglass_app.forms.form import SchemaForm
from wireglass_app.inbox.elicitation import make_form
from wireglass_app.inbox.guard import Guard
from wireglass_app.inbox.words import age_text, kind_word, title_of
from wireglass_app.plain import DESCRIPTION_LIMIT, visible
from wireglass_app.questions import Question

__all__ = ["InlineQuestion", "fits_inline"]

_FIELDS = 4


def fits_inline(question: Question) -> bool:
    """Whether the form is short enough to be answered beside the call."""
    properties = question.schema.get("properties", {})
    form = question.kind == "elicitation" and not question.is_url
    return form and isinstance(properties, dict) and len(properties) <= _FIELDS


class InlineQuestion(QWidget):
    """Waits in the result pane. `begin` moves the focus in; only then does Ctrl+Enter answer."""

    inbox_wanted = Signal(object)
    """The user wants to answer this question in the Inbox."""
    answered = Signal()

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question
        self.guard = Guard()
        self.form: SchemaForm | None = None
        self._age = Label("", "human", "strong")
        self._note = Label("", "bad", "small", wrap=True)
        self._note.hide()
        head = row(IconLabel("person", "human.text"), Label("Waiting for you", type="strong"), self._age, None)
        lines = column(
            head,
            Notice("human", visible(question.message or title_of(question), DESCRIPTION_LIMIT, lines=True)),
            gap=10,
            margins=(14, 12, 14, 12),
        )
        if fits_inline(question):
            self.form, _reason = make_form(question)
            lines.addWidget(self.form, 1)
        else:
            words = {"URL": "It asks you to visit a page.", "sampling": "It asks for a model's reply."}
            lines.addWidget(Label(words.get(kind_word(question), "It is a longer form."), "secondary"))
            lines.addStretch(1)
        lines.addWidget(self._note)
        body = QWidget()
        body.setLayout(lines)
        surface(body, "panel")
        self.setLayout(column(body, self._footer(), gap=0))
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._show_age)
        self._timer.start()
        question.changed.connect(self._ended)
        self._show_age()

    def _footer(self) -> QWidget:
        bar = QWidget()
        self._inbox = Button(
            "Also in Inbox" if self.form else "Answer in Inbox",
            "ghost" if self.form else "primary",
            key="Ctrl+I",
            clicked=self._to_inbox,
        )
        self._decline = Button("Decline", clicked=self.decline)
        self._accept = Button("Accept", "primary", key="Ctrl+Return", clicked=self.accept)
        items = [self._inbox, None, self._decline, self._accept] if self.form else [None, self._inbox]
        bar.setLayout(row(*items, margins=(14, 8, 14, 8)))
        return surface(bar, "sunken", edge="top")

    def _to_inbox(self) -> None:
        self.inbox_wanted.emit(self.question)

    def _show_age(self) -> None:
        self._age.setText(age_text(self.question.seconds))

    def run_primary(self) -> None:
        """Ctrl+Enter: outside of the form it only moves the focus in; inside it answers."""
        if self.form is None:
            self._to_inbox()
        elif not self.isAncestorOf(self.window().focusWidget() or self.window()):
            self.begin()
        elif self.guard.open:
            self.accept()

    def begin(self) -> None:
        """Focus into the first empty field, by the user's act."""
        if self.form is None:
            self._inbox.setFocus()
        elif not self.form.focus_first_empty():
            self._accept.setFocus()

    def accept(self) -> None:
        """Sends the form if it is valid; else says what is missing."""
        if self.form is None or not self.question.waiting:
            return
        if not self.form.is_valid():
            self.form.reveal_problems()
            self._say(self.form.fault or self.form.verdicts[0].message)
            return
        value = self.form.value()
        self.question.accept(value if isinstance(value, dict) else {})

    def decline(self) -> None:
        """Says no."""
        self.question.decline()

    def _say(self, text: str) -> None:
        self._note.setText(visible(text, 400))
        self._note.setVisible(bool(text))

    def _ended(self) -> None:
        if self.question.waiting:
            return
        self._timer.stop()
        self.setEnabled(False)
        if self.question.state in ("withdrawn", "gone"):
            self._say("The question was taken back before you answered.")
        self.answered.emit()
