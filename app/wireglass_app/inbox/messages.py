"""What a server sends to a model: every message with its role, the loop's turns, wishes and limits.

Texts can be edited before a model sees them. The server never learns of that, so edits are marked, and only drafts use
them; a reply that people type is an answer to what the server sent.
"""

import json
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QPlainTextEdit, QProgressBar, QScrollArea, QWidget

from wireglass_app.controls import Button, Chip, Elided, Label, Rule, column, row, surface, tool_button
from wireglass_app.payloads.base import pick
from wireglass_app.plain import count, visible
from wireglass_app.theme import theme
from wireglass_app.turns import gradually

__all__ = ["MessagesView", "Wishes"]

_MESSAGES, _PARTS = 60, 120
"""Messages that are shown at most, and blocks of them together."""
_BLOCKS, _AT_ONCE = 20, 4
"""Blocks of a message that are shown, and blocks in all that are built before the window has its turn."""


class MessagesView(QWidget):
    """The system prompt and the messages. `params` gives them as edited."""

    edited = Signal()

    def __init__(self, params: dict[str, Any], title: str = "The server sends") -> None:
        super().__init__()
        self._params = params
        self._title = title
        listed = params.get("messages")
        self._messages: list[Any] = listed if isinstance(listed, list) else []
        self.turns: list[_Turn] = []
        self._frozen = False
        lines = column(gap=0)
        shown = _last(self._messages)
        hidden = len(self._messages) - len(shown)
        if isinstance(params.get("systemPrompt"), str):
            lines.addWidget(self._add_turn("system", [{"type": "text", "text": params["systemPrompt"]}], -1))
        if hidden > 0:
            lines.addWidget(Label(f"{count(hidden)} earlier messages: see the frame", "muted", "small"))
        turns = column(gap=0)
        lines.addLayout(turns)
        lines.addStretch(1)
        page = QWidget()
        page.setLayout(lines)
        most = max((len(blocks) for _, _, blocks in shown), default=1)
        gradually(
            page,
            shown,
            lambda one: turns.addWidget(self._add_turn(one[1], one[2], one[0])),
            at_once=_AT_ONCE // max(1, most),
        )
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(surface(page, "panel"))
        scroll.setAccessibleName("Messages of the server")
        self.setLayout(column(surface(self._head(), "panel", edge="bottom"), scroll, gap=0))

    def _head(self) -> QWidget:
        offered = self._params.get("tools")
        tools = offered if isinstance(offered, list) else []
        facts = [_plural(len(self._messages), "message")]
        if tools:
            facts.append(f"{_plural(len(tools), 'tool')} offered")
        copy = tool_button("copy", "Copy the request as JSON", clicked=self._copy)
        head = QWidget()
        words = Elided(" · ".join(facts), "muted", "small")
        head.setLayout(row(Label(self._title, type="strong"), words, None, copy, margins=(14, 4, 14, 4)))
        return head

    def _add_turn(self, role: str, blocks: list[Any], at: int) -> "_Turn":
        turn = _Turn(role, blocks, at)
        turn.edited.connect(self.edited)
        turn.edit.setEnabled(not self._frozen)
        self.turns.append(turn)
        return turn

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(json.dumps(self._params, ensure_ascii=False, indent=2))

    @property
    def changed(self) -> bool:
        """Whether any message is edited."""
        return any(turn.text is not None for turn in self.turns)

    def params(self) -> dict[str, Any]:
        """The request with the edited texts in place of the server's."""
        made = dict(self._params)
        messages = list(self._messages)
        for turn in self.turns:
            if turn.text is None:
                continue
            if turn.at < 0:
                made["systemPrompt"] = turn.text
            else:
                messages[turn.at] = {**messages[turn.at], "content": turn.content()}
        made["messages"] = messages
        return made

    def freeze(self) -> None:
        """No more edits; everything stays readable."""
        self._frozen = True
        for turn in self.turns:
            turn.edit.setEnabled(False)


def _last(messages: list[Any]) -> list[tuple[int, str, list[Any]]]:
    """The end of a conversation, as much as is shown: place, role and blocks of each message. At least one."""
    found: list[tuple[int, str, list[Any]]] = []
    parts = 0
    for at in range(len(messages) - 1, max(-1, len(messages) - 1 - _MESSAGES), -1):
        role, blocks = _parts(messages[at])
        parts += min(len(blocks), _BLOCKS)
        if found and parts > _PARTS:
            break
        found.append((at, role, blocks))
    return found[::-1]


def _parts(message: Any) -> tuple[str, list[Any]]:
    """Role and content blocks of a message as a server sent it."""
    facts: dict[str, Any] = message if isinstance(message, dict) else {"content": message}
    content = facts.get("content")
    return str(facts.get("role", "no role")), content if isinstance(content, list) else [content]


def _plural(number: int, word: str) -> str:
    return f"{count(number)} {word}{'' if number == 1 else 's'}"


class _Turn(QFrame):
    """One message. `text` is the edited text of its first text block, or None."""

    edited = Signal()

    def __init__(self, role: str, blocks: list[Any], at: int) -> None:
        super().__init__()
        self.at = at
        self.text: str | None = None
        self._blocks = blocks
        self._texts = [i for i, block in enumerate(blocks) if isinstance(block, dict) and block.get("type") == "text"]
        tone = {"system": "muted", "user": "info", "assistant": "human"}.get(role, "bad")
        self._mark = Chip("edited, for drafts only", "human")
        self._mark.hide()
        self.edit = tool_button("edit", f"Edit this {visible(role, 20)} message for drafts", clicked=self._begin)
        if not self._texts:
            self.edit.hide()
        head = row(Label(visible(role, 20), tone, "caption-strong"), self._mark, None, self.edit, gap=6)
        self._views = QWidget()
        views = [pick(block) for block in blocks[:_BLOCKS]]
        for view in views:
            if view.grows:
                view.setMinimumHeight(theme().px(160))
        self._views.setLayout(column(*views, gap=4))
        self._field = QPlainTextEdit()
        self._field.setAccessibleName(f"Text of the {visible(role, 20)} message, for drafts")
        self._field.setTabChangesFocus(True)
        self._field.setMinimumHeight(theme().px(110))
        self._field.textChanged.connect(self._typed)
        self._undo = Button("Back to the server's text", "link", clicked=self._restore)
        self._editor = QWidget()
        self._editor.setLayout(column(self._field, row(self._undo, None), gap=4))
        self._editor.hide()
        self.setLayout(column(head, self._views, self._editor, Rule(), gap=4, margins=(14, 6, 14, 0)))

    def _original(self) -> str:
        return str(self._blocks[self._texts[0]].get("text", ""))

    def _begin(self) -> None:
        self._views.hide()
        self._editor.show()
        if self.text is None:
            self._field.setPlainText(self._original())
        self._field.setFocus()

    def _typed(self) -> None:
        text = self._field.toPlainText()
        self.text = text if text != self._original() else None
        self._mark.setVisible(self.text is not None)
        self.edited.emit()

    def _restore(self) -> None:
        self._field.setPlainText(self._original())
        self._editor.hide()
        self._views.show()
        self.edit.setFocus()

    def content(self) -> list[Any]:
        """The blocks with the edited text."""
        blocks = list(self._blocks)
        blocks[self._texts[0]] = {**blocks[self._texts[0]], "text": self.text}
        return blocks


class Wishes(QWidget):
    """Model preferences and limits. Advice of the server; nothing here is checked."""

    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__()
        wanted = params.get("modelPreferences")
        wishes: dict[str, Any] = wanted if isinstance(wanted, dict) else {}
        grid = QGridLayout(self)
        grid.setContentsMargins(14, 10, 14, 10)
        grid.setHorizontalSpacing(8)
        for at, (name, key) in enumerate(
            (("Intelligence", "intelligencePriority"), ("Speed", "speedPriority"), ("Cost", "costPriority"))
        ):
            grid.addWidget(Label(name, "muted", "small"), at, 0)
            self._add_bar(grid, at, name, wishes.get(key))
        for at, (name, text) in enumerate(_limits(params, wishes)):
            said = Label(name, "muted", "small")
            said.setContentsMargins(14, 0, 0, 0)
            grid.addWidget(said, at, 3)
            grid.addWidget(Elided(text, type="mono"), at, 4)
        grid.setColumnStretch(4, 1)
        surface(self, "sunken", edge="top")

    def _add_bar(self, grid: QGridLayout, at: int, name: str, wish: Any) -> None:
        known = isinstance(wish, int | float) and not isinstance(wish, bool)
        if known:
            bar = QProgressBar()
            bar.setProperty("tone", "human")
            bar.setRange(0, 100)
            bar.setValue(round(max(0.0, min(1.0, float(wish))) * 100))
            bar.setMinimumWidth(theme().px(24))
            bar.setMaximumWidth(theme().px(86))
            bar.setAccessibleName(f"{name} {wish}")
            grid.addWidget(bar, at, 1)
        grid.addWidget(Label(f"{wish}" if known else "not said", "primary" if known else "muted", "mono"), at, 2)


def _words(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _limits(params: dict[str, Any], wishes: dict[str, Any]) -> list[tuple[str, str]]:
    hints = wishes.get("hints")
    names = [str(hint.get("name", "")) for hint in hints if isinstance(hint, dict)] if isinstance(hints, list) else []
    found = [
        ("Model hints", visible(", ".join(names), 200) or "none"),
        ("Max tokens", visible(params.get("maxTokens", "not said"), 40)),
        ("Temperature", visible(params.get("temperature", "not said"), 40)),
    ]
    for name, key in (("Stop at", "stopSequences"), ("Context", "includeContext"), ("Tool choice", "toolChoice")):
        if params.get(key):
            found.append((name, visible(_words(params[key]), 200)))
    return found
