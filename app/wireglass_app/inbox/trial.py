"""A try-out of sampling: a prompt's messages at the left, a reply that a model drafts or you type at the right.

Nothing goes to a server. A reply can be added to the conversation, with your next message, and asked on.
"""

import json
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QSpinBox, QWidget

from wireglass_app.controls import Button, Chip, Elided, Label, Segments, column, row, surface
from wireglass_app.inbox.base import Tools
from wireglass_app.inbox.drafting import Canned, Drafter, ModelDraft
from wireglass_app.inbox.messages import MessagesView
from wireglass_app.inbox.reply import ReplyEditor
from wireglass_app.inbox.two_panes import TwoPanes
from wireglass_app.plain import visible

__all__ = ["SamplingTrial", "as_sampling"]

_BOTH = 620
_TOKENS = 1000
_WAYS = [("type", "Type"), ("model", "Model"), ("canned", "Canned")]


def as_sampling(messages: Sequence[Any]) -> list[dict[str, Any]]:
    """A prompt's messages as sampling takes them (`SamplingMessage`): resources become text, or a note of what they
    were, since a model gets text, pictures and sound alone."""
    found: list[dict[str, Any]] = []
    for message in messages:
        facts: dict[str, Any] = message if isinstance(message, dict) else {"content": message}
        content = facts.get("content")
        blocks = [_block(one) for one in (content if isinstance(content, list) else [content])]
        role = "assistant" if facts.get("role") == "assistant" else "user"
        found.append({"role": role, "content": blocks[0] if len(blocks) == 1 else blocks})
    return found


def _block(block: Any) -> dict[str, Any]:
    facts: dict[str, Any] = block if isinstance(block, dict) else {}
    kind = facts.get("type")
    if kind in ("text", "image", "audio"):
        return facts
    if kind == "resource" and isinstance(facts.get("resource"), dict):
        resource = facts["resource"]
        text = resource.get("text")
        where = str(resource.get("uri") or "")
        mime = str(resource.get("mimeType") or "")
        if isinstance(text, str):
            return {"type": "text", "text": f"{where}\n\n{text}".strip()}
        if isinstance(resource.get("blob"), str) and mime.startswith(("image/", "audio/")):
            return {"type": mime.split("/")[0], "data": resource["blob"], "mimeType": mime}
        return {"type": "text", "text": f"[{where}: {mime or 'bytes'}]"}
    if kind == "resource_link":
        return {"type": "text", "text": f"[{facts.get('name') or 'resource'}: {facts.get('uri')}]"}
    return {"type": "text", "text": json.dumps(block, ensure_ascii=False)}


class SamplingTrial(QWidget):
    """`closed` when the user goes back."""

    closed = Signal()

    def __init__(self, name: str, messages: Sequence[Any], tools: Tools, draft: Drafter) -> None:
        """`name` is of the prompt; its `messages` are as the server gave them."""
        super().__init__()
        self.setAccessibleName("Sampling test")
        self._tools = tools
        self._conversation = as_sampling(messages)
        self.system = QLineEdit()
        self.system.setAccessibleName("System prompt of the test")
        self.system.setPlaceholderText("System prompt, if you want one")
        self.tokens = QSpinBox()
        self.tokens.setRange(1, 1_000_000)
        self.tokens.setValue(_TOKENS)
        self.tokens.setAccessibleName("Most tokens of the reply")
        self.next = QLineEdit()
        self.next.setAccessibleName("Your next message")
        self.next.setPlaceholderText("Your next message, added after the reply")
        self.reply = ReplyEditor({"maxTokens": _TOKENS})
        self.model = ModelDraft(draft, tools, self.params)
        self.canned = Canned(tools, lambda: None if self.reply.problem() else self.reply.result())
        self.ways = Segments(_WAYS, "Reply by")
        self.messages = self._made_messages()
        self._left = column(self.messages, self._wishes(), gap=0)
        self._left.setStretch(0, 1)
        self._lay_out(name)
        self._listen()
        self._show_way("model" if tools.answers.endpoints.chosen is not None else "type")

    # parts

    def _made_messages(self) -> MessagesView:
        return MessagesView({"messages": self._conversation}, "The conversation")

    def _wishes(self) -> QWidget:
        box = surface(QWidget(), "sunken", edge="top")
        tokens = Label("Max tokens", "muted", "small")
        tokens.setBuddy(self.tokens)
        line = row(self.system, tokens, self.tokens)
        line.setStretch(0, 1)
        box.setLayout(column(line, self.next, gap=6, margins=(14, 8, 14, 10)))
        return box

    def _lay_out(self, name: str) -> None:
        left, right = QWidget(), QWidget()
        left.setLayout(self._left)
        head = QWidget()
        head.setLayout(row(Label("The reply", type="strong"), None, self.ways, margins=(14, 4, 14, 4)))
        for part in (self.model, self.canned):
            self.reply.top.addWidget(part)
        lines = column(surface(head, "panel", edge="bottom"), self.reply, gap=0)
        lines.setStretch(1, 1)
        right.setLayout(lines)
        names = ("The conversation", "The reply")
        self.panes = TwoPanes(surface(left, "panel"), surface(right, "panel"), names, least=_BOTH, first="right")
        self.panes.set_shares(1, 1)
        self.back = Button("Back to the prompt", icon="back", clicked=self.leave)
        self.copy = Button("Copy reply", "ghost", clicked=self._copy)
        self.add = Button("Add to the conversation", "primary", key="Ctrl+Return", clicked=self.enter)
        self.note = Elided("Nothing goes to the server: this only tries how a model answers.", "muted", "small")
        top = surface(QWidget(), "panel", "bottom")
        title = Elided(visible(name, 120), "secondary", "mono")
        top_line = row(Label("Sampling test", type="title"), Chip("try-out", "plain"), title, self.back)
        top_line.setStretch(2, 1)
        top_line.setContentsMargins(14, 9, 14, 9)
        top.setLayout(top_line)
        foot = surface(QWidget(), "sunken", "top")
        foot_line = row(self.note, self.copy, self.add, margins=(14, 9, 14, 9))
        foot_line.setStretch(0, 1)
        foot.setLayout(foot_line)
        whole = column(top, self.panes, foot, gap=0)
        whole.setStretch(1, 1)
        self.setLayout(whole)

    def _listen(self) -> None:
        self.ways.chosen.connect(self._show_way)
        self.model.began.connect(self._clear)
        self.model.piece.connect(self._append)
        self.model.done.connect(self._take)
        self.model.ended.connect(lambda: self.reply.text.setReadOnly(False))
        self.canned.used.connect(self._take)
        key = QShortcut(QKeySequence("Esc"), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        key.setAutoRepeat(False)
        key.activated.connect(self.leave)

    def _show_way(self, way: str) -> None:
        self.ways.set_current(way)
        self.model.setVisible(way == "model")
        self.canned.setVisible(way == "canned")

    # the conversation

    def params(self) -> dict[str, Any]:
        """`sampling/createMessage` as a model is asked: the conversation with what was edited in it."""
        made: dict[str, Any] = {**self.messages.params(), "maxTokens": self.tokens.value()}
        system = self.system.text().strip()
        return made | ({"systemPrompt": system} if system else {})

    def enter(self) -> bool:
        """Adds the reply, and the next message if one is typed. False when the reply is not complete."""
        problem = "The model is still writing." if self.model.running else self.reply.problem()
        if problem:
            self._tools.announce(f"Not added. {problem}")
            self.reply.begin()
            return False
        result = self.reply.result()
        said = self.next.text().strip()
        turns = [{"role": "assistant", "content": result["content"]}]
        turns += [{"role": "user", "content": {"type": "text", "text": said}}] if said else []
        self._conversation = [*self.messages.params()["messages"], *turns]
        self.next.clear()
        self._clear()
        self.reply.text.setReadOnly(False)
        self._show_conversation()
        self._tools.announce("Added. Draft again to go on." if said else "The reply is part of the conversation.")
        return True

    def _show_conversation(self) -> None:
        old, self.messages = self.messages, self._made_messages()
        self._left.replaceWidget(old, self.messages)
        old.hide()
        old.deleteLater()

    def draft(self) -> None:
        """Ctrl+D: asks the model, or stops it."""
        self._show_way("model")
        self.model.toggle()

    def _clear(self) -> None:
        self.reply.show_result({"role": "assistant", "content": [], "model": "human", "stopReason": "endTurn"})
        self.reply.text.setReadOnly(self.model.running)

    def _append(self, text: str) -> None:
        self.reply.text.setPlainText(self.reply.text.toPlainText() + text)

    def _take(self, result: dict[str, Any]) -> None:
        self.reply.text.setReadOnly(False)
        self.reply.show_result(result)
        words = self.model.took()
        self.note.setText(f"The model's reply, {words}." if words else "A canned reply.")
        self._tools.announce("The reply is here.")

    def _copy(self) -> None:
        if self.reply.problem():
            self._tools.announce("There is no reply to copy yet.")
            return
        content = self.reply.result()["content"]
        blocks = content if isinstance(content, list) else [content]
        texts = [str(one.get("text") or json.dumps(one, ensure_ascii=False)) for one in blocks]
        QGuiApplication.clipboard().setText("\n\n".join(texts))
        self._tools.announce("The reply is on the clipboard.")

    def begin(self) -> None:
        """The focus where one starts: the button that asks the model, or the reply."""
        drafting = self.ways.current() == "model" and self.model.ask.isVisibleTo(self)
        self.model.ask.setFocus() if drafting else self.reply.begin()

    def leave(self) -> None:
        """Back to the prompt; a draft that runs is stopped."""
        self.model.stop()
        self.closed.emit()
