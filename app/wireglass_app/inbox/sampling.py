"""Sampling: everything the server sent, and a reply that a person types, or edits, and approves before it leaves."""

from typing import Any

from PySide6.QtWidgets import QCheckBox, QFrame, QWidget

from wireglass.client.rules import Rule, exactly
from wireglass_app.controls import Button, Label, Segments, column, row, surface
from wireglass_app.inbox.base import QuestionView, Tools
from wireglass_app.inbox.drafting import Canned, ModelDraft, changed_words
from wireglass_app.inbox.messages import MessagesView, Wishes
from wireglass_app.inbox.reply import ReplyEditor
from wireglass_app.inbox.two_panes import TwoPanes
from wireglass_app.payloads.json_text import format_lines
from wireglass_app.plain import counted, visible
from wireglass_app.questions import Question

__all__ = ["SamplingView"]

_BOTH = 620
"""Design pixels from which both sides are shown."""
_WAYS = [("type", "Type"), ("model", "Model"), ("canned", "Canned")]


class SamplingView(QuestionView):
    """Left what the server sends, right the reply."""

    accept_text = "Approve and send"
    decline_text = "Refuse"

    def __init__(self, question: Question, tools: Tools) -> None:
        super().__init__(question)
        self._tools = tools
        self._drafted: str | None = None
        """The text of the model, for telling what people changed of it."""
        self.messages = MessagesView(question.params)
        self.reply = ReplyEditor(question.params)
        self.model = ModelDraft(question.session.draft, tools, self.messages.params)
        self.canned = Canned(tools, self._complete_reply)
        self.make_rule = Button("Make a rule…", clicked=self.rule_wanted.emit)
        self.next_time = self._make_next_time()
        self.ways = Segments(_WAYS, "Reply by")
        self.ways.chosen.connect(self._show_way)
        self._own: Any = None
        """What was typed before a model's draft took its place."""
        self.put_back = Button("Put back what you typed", "link", clicked=self._put_back)
        self._show_changes = Button("show", "link", name="Show what the model wrote", clicked=self._compare)
        self._model_text = Label("", "muted", "small", wrap=True)
        self._model_text.hide()
        self.trust = self._make_trust()
        for part in (self.model, self.canned):
            self.reply.top.addWidget(part)
        self.setLayout(self._lay_out())
        self._listen()
        self._show_way("model" if tools.answers.endpoints.chosen is not None else "type")

    def _lay_out(self) -> Any:
        left = QWidget()
        left.setLayout(column(self.messages, Wishes(self.question.params), gap=0))
        left.layout().setStretch(0, 1)  # type: ignore[union-attr]  # set in the line above
        head = QWidget()
        head.setLayout(row(Label("Your reply", type="strong"), None, self.ways, margins=(14, 4, 14, 4)))
        self.reply.below.addWidget(self.put_back)
        self.reply.below.addWidget(self._show_changes)
        self.put_back.hide()
        self._model_text.setContentsMargins(14, 0, 14, 4)
        right = QWidget()
        told = (self._model_text, self.next_time, self.trust)
        right.setLayout(column(surface(head, "panel", edge="bottom"), self.reply, *told, gap=0))
        right.layout().setStretch(1, 1)  # type: ignore[union-attr]  # as above
        names = ("The server sends", "Your reply")
        self.panes = TwoPanes(surface(left, "panel"), surface(right, "panel"), names, least=_BOTH, first="right")
        self.panes.set_shares(1, 1)
        return column(self.panes, gap=0)

    def _make_next_time(self) -> QWidget:
        who = visible(self.question.tool or self.question.session.name, 60)
        words = Label(f"Give this reply whenever {who} asks again.", "secondary", "small", wrap=True)
        line = row(words, self.make_rule)
        line.setStretch(0, 1)
        holder = QWidget()
        holder.setLayout(column(Label("Next time", type="small-strong"), line, gap=4, margins=(14, 4, 14, 12)))
        return holder

    def _make_trust(self) -> QWidget:
        self.without_asking = QCheckBox("Send drafts from this model without asking")
        question = self.question
        where = f"for {visible(question.tool, 40)} " if question.tool else ""
        words = (
            f"Only {where}on {visible(question.session.name, 40)}, until you disconnect. "
            "Each one is still listed under Answered."
        )
        card = QFrame()
        card.setLayout(
            column(self.without_asking, Label(words, "muted", "small", wrap=True), gap=2, margins=(12, 8, 12, 8))
        )
        surface(card, "card")
        holder = QWidget()
        holder.setLayout(column(card, margins=(14, 4, 14, 10)))
        return holder

    def _listen(self) -> None:
        self.model.began.connect(self._clear)
        self.model.piece.connect(self._append)
        self.model.done.connect(self._take_draft)
        self.model.ended.connect(self._changed)
        self.canned.used.connect(self._take_canned)
        self.reply.changed.connect(self._changed)

    # the three ways

    def _show_way(self, way: str) -> None:
        self.ways.set_current(way)
        self.model.setVisible(way == "model")
        self.canned.setVisible(way == "canned")
        by_model = way == "model" and self._tools.answers.endpoints.chosen is not None
        self.trust.setVisible(by_model)
        self.next_time.setVisible(not by_model)
        self._changed()

    def ask_model(self) -> None:
        """Ctrl+D: asks the model, or stops it."""
        if self.question.open:
            self._show_way("model")
            self.model.toggle()

    def _clear(self) -> None:
        self._keep_own()
        self._drafted = None
        self.reply.text.clear()
        self.reply.text.setReadOnly(True)

    def _keep_own(self) -> None:
        if self._drafted is None or self._edited_draft():
            self._own = self.draft() or self._own
        self.put_back.setVisible(self._own is not None)

    def _put_back(self) -> None:
        """What a person typed is never lost to a draft."""
        own, self._own = self._own, None
        self.model.stop()
        self._drafted = None
        self.put_back.hide()
        self.reply.text.setReadOnly(False)
        self.restore(own)
        self._show_way("type")
        self.reply.begin()

    def _append(self, text: str) -> None:
        self.reply.text.setPlainText(self.reply.text.toPlainText() + text)

    def _take_draft(self, result: dict[str, Any]) -> None:
        self.reply.text.setReadOnly(False)
        if not self.question.open:
            return
        self.reply.show_result(result)
        self._drafted = self.reply.text.toPlainText()
        self._changed()
        self._tools.announce("The model's draft is here. Nothing is sent until you approve it.")

    def _take_canned(self, result: dict[str, Any]) -> None:
        self._keep_own()
        self._drafted = None
        self.reply.show_result(result)
        self._changed()

    def _changed(self) -> None:
        if not self.model.running:
            self.reply.text.setReadOnly(False)
        if self._drafted is not None:
            number = changed_words(self._drafted, self.reply.text.toPlainText())
            words = f"You changed {counted(number, 'word')}" if number else ""
            limit = self.reply.facts.whole().split(" · ")[0]
            self.reply.facts.setText(" · ".join(part for part in (limit, self.model.took(), words) if part))
        self._show_changes.setVisible(bool(self._edited_draft()))
        if not self._edited_draft():
            self._model_text.hide()
        self.edited.emit()

    def _edited_draft(self) -> bool:
        return self._drafted is not None and self._drafted != self.reply.text.toPlainText()

    def _compare(self) -> None:
        self._model_text.setText(f"The model wrote: {visible(self._drafted or '', 4_000, lines=True)}")
        self._model_text.setVisible(not self._model_text.isVisible())

    def _complete_reply(self) -> dict[str, Any] | None:
        return None if self.reply.problem() else self.reply.result()

    # answering

    def accept(self) -> bool:
        if self.model.running:
            self.wanted.emit("The model is still writing. Wait, or stop it and edit what is there.")
            return False
        problem = self.reply.problem()
        if problem:
            self.wanted.emit(f"Not sent yet. {problem}")
            self.reply.begin()
            return False
        if self._drafted is not None:
            self.question.notes.append("edited by you" if self._edited_draft() else "drafted by a model")
        result = self.reply.result()
        if self.without_asking.isChecked() and self.ways.current() == "model":
            self._make_rule()
        self.question.answer(result)
        return True

    def _make_rule(self) -> None:
        question = self.question
        name = f"drafts for {question.tool or question.session.name}"
        rule = Rule(
            name,
            "model",
            server=exactly(question.session.name),
            tool=exactly(question.tool),
            kind="sampling",
            until="disconnect",
        )
        self._tools.answers.rules.add(rule, question.session.connection)

    def decline(self) -> None:
        self.model.stop()
        self.question.refuse()

    def begin(self) -> None:
        self.panes.show_pane("right")
        self.reply.begin()

    def toggle_json(self) -> None:
        self.reply.toggle_json()

    def rule_content(self) -> Any:
        """Text alone as text, anything more as the whole reply."""
        if self.reply.problem():
            return None
        result = self.reply.result()
        content = result.get("content")
        plain = isinstance(content, dict) and set(content) == {"type", "text"} and content["type"] == "text"
        return content["text"] if plain and isinstance(content, dict) else result

    def draft(self) -> Any:
        if self.model.running or (
            not self.reply.text.toPlainText() and not self.reply.calls and not self.reply.is_json
        ):
            return None
        problem = self.reply.is_json and self.reply.problem()
        return {"json": self.reply.json.toPlainText()} if problem else {"result": self.reply.result()}

    def restore(self, draft: Any) -> None:
        if isinstance(draft, dict) and isinstance(draft.get("result"), dict):
            self.reply.show_result(draft["result"])
        elif isinstance(draft, dict) and isinstance(draft.get("json"), str):
            self.reply.toggle_json()
            self.reply.json.setPlainText(draft["json"])

    def draft_text(self) -> str:
        if self.reply.is_json:
            return self.reply.json.toPlainText()
        return self.reply.text.toPlainText() or (
            "\n".join(format_lines(self.reply.result())) if self.reply.calls else ""
        )

    def freeze(self) -> None:
        self.model.stop()
        super().freeze()
