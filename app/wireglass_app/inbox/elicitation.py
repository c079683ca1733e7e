"""Form mode of elicitation: the form, why it is asked, and what will be sent."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from wireglass.protocol.elicitation_schema import elicitation_plan
from wireglass.protocol.schema import UNSET, defaults
from wireglass_app.controls import Button, Elided, Label, Notice, column, row, surface
from wireglass_app.forms.form import SchemaForm
from wireglass_app.inbox.base import QuestionView
from wireglass_app.inbox.two_panes import TwoPanes
from wireglass_app.kept_drafts import without_secrets
from wireglass_app.payloads.code import CodeView
from wireglass_app.payloads.json_text import compact, format_lines
from wireglass_app.plain import visible
from wireglass_app.questions import Question
from wireglass_app.theme import theme

_RIGHT, _BOTH = 310, 590
"""Design pixels: the width of the right side, and from where both sides are shown."""

__all__ = ["ElicitationView", "WhyAsked", "make_form"]


def make_form(question: Question) -> tuple[SchemaForm, str]:
    """The form for a question, and why its schema is outside of what elicitation allows (then JSON is shown first)."""
    plan = elicitation_plan(question.schema)
    reason = plan if isinstance(plan, str) else ""
    form = SchemaForm(question.schema, name="Your answer", header=bool(reason), footer=False, elicited=True)
    if reason:
        form.set_mode("json")
    return form, reason


class ElicitationView(QuestionView):
    """The server's form. Nothing is sent until it is accepted, and only when it is valid."""

    can_dismiss = True

    def __init__(self, question: Question) -> None:
        super().__init__(question)
        self.form, reason = make_form(question)
        self.form.checked.connect(self._show_preview)
        self.form.changed.connect(self.edited)
        parts: list[Any] = []
        if reason:
            words = f"This form goes beyond what elicitation allows: {reason}. You can still answer it as JSON."
            parts.append(Notice("warn", words, icon="warning"))
        if not question.schema.get("properties"):
            words = QWidget()
            label = Label("The server asks only for yes or no. Accept means yes.", "secondary", wrap=True)
            words.setLayout(column(label, None, margins=(14, 8, 14, 0)))
            parts.append(words)
            self.form.hide()
        parts += [self.form, _Secrets()] if question.schema.get("properties") else [self.form]
        left = QWidget()
        left.setLayout(column(*parts, gap=8, margins=(0, 4, 0, 12)))
        left.layout().setStretch(len(parts) - 2, 1)  # type: ignore[union-attr]  # set in the line above
        self.preview = CodeView(numbers=False, name="Will be sent")
        self.preview.setMinimumHeight(theme().px(84))
        self._verdict = Elided("", "bad", "caption-strong")
        self._verdict.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._head = Label("Will be sent", type="small-strong")
        head = row(self._head, self._verdict)
        head.setStretch(1, 1)
        framed = surface(QFrame(), "card")
        framed.setLayout(column(self.preview, margins=(4, 4, 4, 4)))
        right = QWidget()
        right.setLayout(
            column(WhyAsked(question), 4, head, framed, 2, self._next_time(), gap=6, margins=(14, 12, 14, 12))
        )
        right.layout().setStretch(3, 1)  # type: ignore[union-attr]  # as above
        surface(right, "sunken").setMinimumWidth(theme().px(290))
        right.setMaximumWidth(theme().px(_RIGHT))
        self.panes = TwoPanes(surface(left, "panel"), right, ("Your answer", "Why, and what is sent"), least=_BOTH)
        self.panes.set_shares(1, 0)
        self.setLayout(column(self.panes, gap=0))
        self._show_preview()

    def _next_time(self) -> QWidget:
        box = QWidget()
        who = visible(self.question.tool or self.question.session.name, 60)
        words = Label(f"Answer this form with the same values when {who} asks again.", "secondary", "small", wrap=True)
        self.make_rule = Button("Make a rule…", clicked=self.rule_wanted.emit)
        self.show_request = Button("Request JSON", "ghost", clicked=self._toggle_request)
        self.show_request.setCheckable(True)
        buttons = row(self.make_rule, self.show_request, None)
        box.setLayout(column(Label("Next time", type="small-strong"), words, buttons, gap=6))
        return box

    def _toggle_request(self) -> None:
        if self.show_request.isChecked():
            self._head.setText("The request")
            self._verdict.setText("")
            self.preview.set_json(self.question.params)
        else:
            self._show_preview()

    def _content(self) -> dict[str, Any]:
        value = self.form.value()
        return value if isinstance(value, dict) else {}

    def _show_preview(self) -> None:
        if self.show_request.isChecked():
            return
        if not self.question.open and self.question.outcome is not None:
            self._head.setText("What was sent")
            self._verdict.setText("")
            self.preview.set_json(self.question.outcome)
            return
        self._head.setText("Will be sent")
        answer = {"action": "accept", "content": self._content()}
        self.preview.set_json(answer)
        verdicts = self.form.verdicts
        if not verdicts:
            self._verdict.setText("")
            return
        first = verdicts[0]
        words = (
            f"{first.path or '/'} is missing" if first.keyword == "required" else f"{first.path} fails {first.keyword}"
        )
        self._verdict.setText(words)
        if first.keyword != "required":
            self.preview.show_pointer("/content" + first.path)

    def accept(self) -> bool:
        if not self.form.is_valid():
            self.form.reveal_problems()
            first = self.form.fault or (self.form.verdicts[0].message if self.form.verdicts else "")
            self.wanted.emit(f"Not sent yet. {first}")
            return False
        self.question.accept(self._content())
        return True

    def begin(self) -> None:
        self.panes.show_pane("left")
        if not self.form.focus_first_empty():
            self.form.setFocus()

    def toggle_json(self) -> None:
        self.form.toggle_mode()

    def freeze(self) -> None:
        super().freeze()
        self._show_preview()

    def draft(self) -> Any:
        value = self.form.value()
        if not isinstance(value, dict):
            return None
        kept = without_secrets(value, self.question.schema)
        return kept if kept != defaults(self.form.node) else None

    def rule_content(self) -> Any:
        return without_secrets(self._content(), self.question.schema)

    def restore(self, draft: Any) -> None:
        if isinstance(draft, dict):
            known = defaults(self.form.node)
            self.form.set_value({**(known if isinstance(known, dict) else {}), **draft})

    def draft_text(self) -> str:
        value = self.form.value()
        return "" if value is UNSET else "\n".join(format_lines(value))


class _Secrets(QWidget):
    def __init__(self) -> None:
        super().__init__()
        words = "A form is never the place for a password, card number or key. If a server asks for one here, decline."
        notice = Notice("warn", words, icon="shield", quiet=True)
        self.setLayout(column(notice, margins=(14, 0, 14, 0)))


class WhyAsked(QWidget):
    """Which call made the server ask, with its arguments, the round and the era."""

    def __init__(self, question: Question) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        grid.addWidget(Label("Why you are asked", type="small-strong"), 0, 0, 1, 2)
        for at, (name, text, mono) in enumerate(_reasons(question), start=1):
            grid.addWidget(Label(name, "muted", "small"), at, 0)
            grid.addWidget(Elided(text, type="mono" if mono else "small"), at, 1)


def _reasons(question: Question) -> list[tuple[str, str, bool]]:
    call, request, session = question.call, question.request, question.session
    found: list[tuple[str, str, bool]] = []
    if call is not None:
        tool = call.method == "tools/call"
        found.append(("Tool" if tool else "Call", visible(call.name, 100), True))
        arguments = call.params.get("arguments")
        if question.guessed:
            found.append(("", "a guess: several calls run, and this era does not say which one asks", False))
        if arguments:
            found.append(("Arguments", visible(compact(arguments), 400), True))
    else:
        found.append(("Call", "none of yours, as far as the server says", False))
    rounds, most = getattr(request, "round", 1), getattr(request, "rounds", 0)
    rounds_words = "one request, no rounds in this era"
    if most:
        rounds_words = f"{rounds} of at most {most} · retry with answer"
    elif session.stateless and not session.recorded:
        rounds_words = "asked by a task, no rounds"
    found.append(("Round", rounds_words, False))
    version = getattr(session.facts, "version", "") or ""
    how = "input_required" if session.stateless else "a request of the server"
    found.append(("Era", f"{version} · {how}", False))
    found.append(("Server", visible(session.target.summary, 120), False))
    return found
