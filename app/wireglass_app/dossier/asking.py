"""A question of the server, answered in the result pane: the same form engine as everywhere, no modal dialog."""

from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from wireglass.protocol.schema import UNSET
from wireglass_app.calls import Call
from wireglass_app.controls import Button, Label, Notice, column, key_text, row, surface
from wireglass_app.forms.form import SchemaForm
from wireglass_app.inbox.guard import Guard
from wireglass_app.kept_drafts import without_secrets
from wireglass_app.plain import DESCRIPTION_LIMIT, visible
from wireglass_app.questions import Question
from wireglass_app.shrinking import Shrinking

__all__ = ["FEW_FIELDS", "Asking"]

FEW_FIELDS = 4
"""Longer forms are answered in the Inbox, where there is room for them."""
_LEAST, _MOST = 64, 232
"""Pixels of the design for what the server says: two lines of it at least."""


class Asking(QWidget):
    """Shows one question. `inbox` when the user wants the Inbox."""

    inbox = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.question: Question | None = None
        self.form: SchemaForm | None = None
        self.guard = Guard()
        """Closed while a key or click may still have been meant for what was here before the question."""
        self._answering: Call | None = None
        self.setAccessibleName("Question of the server")
        self.message = Notice("human", "")
        rest = QWidget()  # takes the room when there is no form
        rest.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.place = column(rest, gap=0)
        self.hint = Label("", "secondary", wrap=True)
        self.fault = Label("", "bad", "small", wrap=True)
        self._complain("")
        self.also = Button("Also in Inbox", "ghost", key="Ctrl+I", clicked=self._to_inbox)
        self.dismiss = Button("Dismiss", "ghost", clicked=lambda: self._end("cancel"))
        self.decline = Button("Decline", clicked=lambda: self._end("decline"))
        self.accept = Button("Accept", "primary", key="Ctrl+Return", clicked=self._accept)
        foot = surface(QWidget(), "sunken", "top")
        foot.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.message.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        foot.setLayout(row(self.also, None, self.dismiss, self.decline, self.accept, margins=(14, 9, 14, 9)))
        words = Shrinking(
            column(self.message, self.hint, None, gap=10, margins=(14, 12, 14, 0)), least=_LEAST, most=_MOST
        )
        lines = column(words, self.place, row(self.fault, margins=(14, 0, 14, 0)), foot, gap=8)
        lines.setStretch(1, 1)
        self.setLayout(lines)

    def show_question(self, question: Question) -> None:
        """Builds the form for a question; showing the same one again keeps what was typed."""
        if question is self.question:
            return
        self.guard.close()
        self.question = question
        text = question.message or {"sampling": "The server asks for a message of a model."}.get(question.kind, "")
        self.message.text.setText(visible(text, DESCRIPTION_LIMIT, lines=True))
        self._drop_form()
        inline = question.kind == "elicitation" and not question.is_url and _fields(question) <= FEW_FIELDS
        if inline:
            self.form = SchemaForm(question.schema, name="Answer", header=False, footer=False, elicited=True)
            self.place.insertWidget(0, self.form, 1)
            self.form.setVisible(_fields(question) > 0)
            self.form.checked.connect(self._checked)
            self._restore(question, self.form)
            self.form.changed.connect(self._keep)
        self.hint.setText(_hint(question, inline))
        self.hint.setVisible(bool(self.hint.text()))
        self._complain("")
        for button in (self.accept, self.decline, self.dismiss):
            button.setVisible(inline)
        self.also.setText("Also in Inbox" if inline else "Answer in Inbox")
        if inline and question.call is not None and question.call is self._answering and self._stayed():
            self._focus_form()

    def _stayed(self) -> bool:
        """Whether somebody who answered the call's last question has not gone anywhere else since."""
        focus = cast("QWidget | None", self.window().focusWidget())
        pages = self.parentWidget() or self
        return focus is None or pages.isAncestorOf(focus)

    def _restore(self, question: Question, form: SchemaForm) -> None:
        """What was typed for this question earlier, here, in the Inbox, or before a crash."""
        draft = question.session.answers.kept.get(question)
        if isinstance(draft, dict):
            known = form.value()
            form.set_value({**(known if isinstance(known, dict) else {}), **draft})

    def _keep(self) -> None:
        if self.question is not None and self.form is not None and self.question.open:
            value = self.form.value()
            kept = without_secrets(value, self.question.schema) if isinstance(value, dict) else None
            self.question.session.answers.kept.keep(self.question, kept)

    def forget(self) -> None:
        """No question any more."""
        self.question = None
        self._drop_form()

    def enter(self) -> None:
        """Ctrl+Enter: moves the focus in first; from inside the form it accepts."""
        focus: QWidget | None = QApplication.focusWidget()
        inside = focus is not None and self.isAncestorOf(focus)
        if self.form is None:
            self._to_inbox()
        elif inside:
            self._accept()
        else:
            self._focus_form()

    def _focus_form(self) -> None:
        if self.form is None or not self.form.focus_first_empty():
            self.accept.setFocus(Qt.FocusReason.OtherFocusReason)

    def _accept(self) -> None:
        if self.question is None or self.form is None or not self.guard.open:
            return
        if not self.form.is_valid():
            self.form.reveal_problems()
            self._complain("Not sent yet: correct the marked fields first.")
            return
        value = self.form.value()
        self._answering = self.question.call
        self.question.accept({} if value is UNSET else value)

    def _end(self, how: str) -> None:
        if self.question is not None and self.guard.open:
            self._answering = self.question.call
            (self.question.decline if how == "decline" else self.question.cancel)()

    def _to_inbox(self) -> None:
        if self.question is not None:
            self.inbox.emit(self.question)

    def _checked(self) -> None:
        if self.form is not None and not self.form.verdicts:
            self._complain("")

    def _complain(self, words: str) -> None:
        self.fault.setText(words)
        self.fault.setHidden(not words)

    def _drop_form(self) -> None:
        if self.form is not None:
            self.place.removeWidget(self.form)
            self.form.deleteLater()
            self.form = None


def _fields(question: Question) -> int:
    members = question.schema.get("properties")
    return len(members) if isinstance(members, dict) else 0


def _hint(question: Question, inline: bool) -> str:
    if inline:
        return "" if _fields(question) else "Yes or no: nothing to fill in."
    if question.is_url:
        return f"It wants you to visit a page. Nothing is opened before you agree in the Inbox ({key_text('Ctrl+I')})."
    if question.kind == "sampling":
        return f"It wants a message, written by you or by a model. Answer in the Inbox ({key_text('Ctrl+I')})."
    return f"The form has {_fields(question)} fields; answer it in the Inbox ({key_text('Ctrl+I')})."
