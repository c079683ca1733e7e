"""Sampling: everything the server sent, and a reply that a person types. Nothing leaves without approval."""

from typing import Any
from uuid import uuid4

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QScrollArea,
    QStackedWidget,
    QWidget,
)

from wireglass.protocol.schema import UNSET
from wireglass_app.controls import Button, Elided, Label, Rule, Segments, column, row, surface, tool_button
from wireglass_app.forms.form import SchemaForm
from wireglass_app.forms.json_field import JsonEdit, explain_json
from wireglass_app.inbox.base import QuestionView
from wireglass_app.payloads.base import pick
from wireglass_app.plain import count, visible
from wireglass_app.questions import Question
from wireglass_app.theme import theme

__all__ = ["MessagesView", "ReplyEditor", "SamplingView"]

_MESSAGES = 60
_STOPS = ("endTurn", "stopSequence", "maxTokens", "toolUse")


class SamplingView(QuestionView):
    """Left what the server sends, right the reply."""

    accept_text = "Approve and send"
    decline_text = "Refuse"

    def __init__(self, question: Question) -> None:
        super().__init__(question)
        self.reply = ReplyEditor(question.params)
        left = QWidget()
        left.setLayout(column(MessagesView(question.params), _Wishes(question.params), gap=0))
        left.layout().setStretch(0, 1)  # type: ignore[union-attr]  # set in the line above
        left.setMinimumWidth(theme().px(300))
        surface(self.reply, "panel", edge="left")
        self.setLayout(row(surface(left, "panel"), self.reply, gap=0))
        self.layout().setStretch(0, 1)  # type: ignore[union-attr]  # as above
        self.layout().setStretch(1, 1)  # type: ignore[union-attr]

    def accept(self) -> bool:
        problem = self.reply.problem()
        if problem:
            self.wanted.emit(f"Not sent yet. {problem}")
            self.reply.begin()
            return False
        self.question.answer(self.reply.result())
        return True

    def decline(self) -> None:
        self.question.refuse()

    def begin(self) -> None:
        self.reply.begin()

    def draft_text(self) -> str:
        return self.reply.text.toPlainText()


class MessagesView(QWidget):
    """The system prompt and the messages, each with its role."""

    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__()
        listed = params.get("messages")
        messages = listed if isinstance(listed, list) else []
        offered = params.get("tools")
        tools = offered if isinstance(offered, list) else []
        facts = [f"{count(len(messages))} message{'' if len(messages) == 1 else 's'}"]
        if tools:
            facts.append(f"{count(len(tools))} tool{'' if len(tools) == 1 else 's'} offered")
        head = QWidget()
        head.setLayout(
            row(
                Label("The server sends", type="strong"),
                Label(" · ".join(facts), "muted", "small"),
                None,
                margins=(14, 7, 14, 7),
            )
        )
        lines = column(gap=0)
        if isinstance(params.get("systemPrompt"), str):
            lines.addWidget(_Turn("system", [{"type": "text", "text": params["systemPrompt"]}]))
        for message in messages[-_MESSAGES:]:
            lines.addWidget(_turn(message))
        if len(messages) > _MESSAGES:
            lines.insertWidget(
                0, Label(f"{count(len(messages) - _MESSAGES)} earlier messages: see the frame", "muted", "small")
            )
        lines.addStretch(1)
        page = QWidget()
        page.setLayout(lines)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(surface(page, "panel"))
        scroll.setAccessibleName("Messages of the server")
        self.setLayout(column(surface(head, "panel", edge="bottom"), scroll, gap=0))


def _turn(message: Any) -> QWidget:
    facts: dict[str, Any] = message if isinstance(message, dict) else {"content": message}
    content = facts.get("content")
    return _Turn(str(facts.get("role", "no role")), content if isinstance(content, list) else [content])


class _Turn(QFrame):
    def __init__(self, role: str, blocks: list[Any]) -> None:
        super().__init__()
        tone = {"system": "muted", "user": "info", "assistant": "human"}.get(role, "bad")
        views = [pick(block) for block in blocks[:20]]
        for view in views:
            if view.grows:
                view.setMinimumHeight(theme().px(160))
        self.setLayout(
            column(Label(visible(role, 20), tone, "caption-strong"), *views, Rule(), gap=4, margins=(14, 8, 14, 0))
        )


class _Wishes(QWidget):
    """Model preferences and limits. Advice of the server; nothing here is checked."""

    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__()
        wanted = params.get("modelPreferences")
        wishes: dict[str, Any] = wanted if isinstance(wanted, dict) else {}
        grid = QGridLayout(self)
        grid.setContentsMargins(14, 10, 14, 10)
        grid.setHorizontalSpacing(12)
        for at, (name, key) in enumerate(
            (("Intelligence", "intelligencePriority"), ("Speed", "speedPriority"), ("Cost", "costPriority"))
        ):
            grid.addWidget(Label(name, "muted", "small"), at, 0)
            self._add_bar(grid, at, name, wishes.get(key))
        for at, (name, text) in enumerate(_limits(params, wishes)):
            grid.addWidget(Label(name, "muted", "small"), at, 3)
            grid.addWidget(Elided(text, type="mono"), at, 4)
        grid.setColumnStretch(4, 1)
        surface(self, "sunken", edge="top")

    def _add_bar(self, grid: QGridLayout, at: int, name: str, wish: Any) -> None:
        known = isinstance(wish, int | float) and not isinstance(wish, bool)
        if known:
            bar = QProgressBar()
            bar.setRange(0, 100)
            bar.setValue(round(max(0.0, min(1.0, float(wish))) * 100))
            bar.setFixedWidth(theme().px(86))
            bar.setAccessibleName(f"{name} {wish}")
            grid.addWidget(bar, at, 1)
        grid.addWidget(Label(f"{wish}" if known else "not said", "primary" if known else "muted", "mono"), at, 2)


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
            found.append((name, visible(params[key], 200)))
    return found


class ReplyEditor(QWidget):
    """A `CreateMessageResult`: text, tool calls, model and stop reason; or the whole as JSON."""

    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__()
        offered = params.get("tools")
        self._tools = [tool for tool in offered if isinstance(tool, dict)] if isinstance(offered, list) else []
        self.text = QPlainTextEdit()
        self.text.setPlaceholderText("Type what the model would say")
        self.text.setAccessibleName("Your reply")
        self.text.setTabChangesFocus(True)
        self.text.setMinimumHeight(theme().px(110))
        self.model = QLineEdit("human")
        self.model.setProperty("type", "mono")
        self.model.setAccessibleName("Model name to report")
        self.stop = QComboBox()
        self.stop.addItems(_STOPS)
        self.stop.setEditable(True)
        self.stop.setAccessibleName("Stop reason to report")
        self.calls: list[_ToolCall] = []
        self._call_lines = column(gap=8)
        self.json = JsonEdit("Your reply as JSON")
        self._fault = Label("", "bad", "caption", wrap=True)
        self.looks = Segments([("type", "Type"), ("json", "JSON")], "Reply as")
        self.looks.chosen.connect(self._show)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._typed_page())
        page = QWidget()
        page.setLayout(column(self.json, self._fault, margins=(14, 10, 14, 10)))
        self._stack.addWidget(page)
        head = QWidget()
        head.setLayout(row(Label("Your reply", type="strong"), None, self.looks, margins=(14, 4, 14, 4)))
        self.setLayout(column(surface(head, "panel", edge="bottom"), self._stack, gap=0))

    def _typed_page(self) -> QWidget:
        add = Button("Add tool call", icon="tools", clicked=self._add_call)
        add.setEnabled(bool(self._tools))
        add.setToolTip("" if self._tools else "The server offers no tools")
        names = row(
            column(
                row(Label("model", type="medium"), Label("*", "bad"), None, Label("string", "muted", "mono-small")),
                self.model,
                gap=4,
            ),
            column(
                row(Label("stopReason", type="medium"), None, Label("enum", "muted", "mono-small")), self.stop, gap=4
            ),
            gap=12,
        )
        inner = QWidget()
        inner.setLayout(
            column(self.text, names, self._call_lines, row(add, None), None, gap=10, margins=(14, 12, 14, 12))
        )
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(surface(inner, "panel"))
        return scroll

    def begin(self) -> None:
        """Focus where typing starts."""
        (self.json if self.looks.current() == "json" else self.text).setFocus()

    def _add_call(self) -> None:
        made = _ToolCall(self._tools)
        made.gone.connect(lambda: self._drop_call(made))
        self.calls.append(made)
        self._call_lines.addWidget(made)
        self.stop.setCurrentText("toolUse")
        made.picker.setFocus()

    def _drop_call(self, made: "_ToolCall") -> None:
        self.calls.remove(made)
        self._call_lines.removeWidget(made)
        made.deleteLater()
        if not self.calls:
            self.stop.setCurrentText("endTurn")

    def _show(self, look: str) -> None:
        if look == "json" and self._stack.currentIndex() == 0:
            self.json.set_json(self._typed())
        self._stack.setCurrentIndex(1 if look == "json" else 0)
        self.looks.set_current(look)

    def _typed(self) -> dict[str, Any]:
        text = self.text.toPlainText()
        blocks: list[dict[str, Any]] = [{"type": "text", "text": text}] if text or not self.calls else []
        blocks += [made.block() for made in self.calls]
        content: Any = blocks if self.calls else blocks[0]
        return {
            "role": "assistant",
            "content": content,
            "model": self.model.text(),
            "stopReason": self.stop.currentText(),
        }

    def result(self) -> dict[str, Any]:
        """What is sent. Ask `problem` first."""
        return self.json.parsed() if self.looks.current() == "json" else self._typed()

    def problem(self) -> str:
        """What keeps the reply from being sent; empty when nothing does."""
        if self.looks.current() == "json":
            return self._json_problem()
        if not self.text.toPlainText().strip() and not self.calls:
            return "Type a reply first, or refuse."
        if not self.model.text().strip():
            return "The model name is needed; any name will do."
        return next((made.problem() for made in self.calls if made.problem()), "")

    def _json_problem(self) -> str:
        problem = ""
        try:
            value = self.json.parsed()
        except ValueError as error:
            problem = explain_json(self.json.toPlainText(), error)
            self.json.mark_fault(error)
        else:
            self.json.mark_fault(None)
            missing = [key for key in ("role", "content", "model") if not isinstance(value, dict) or key not in value]
            problem = f"The reply needs {', '.join(missing)}." if missing else ""
        self._fault.setText(problem)
        return problem


class _ToolCall(QFrame):
    """One `tool_use` block: a tool of the offered ones, and its input as a form."""

    gone = Signal()

    def __init__(self, tools: list[dict[str, Any]]) -> None:
        super().__init__()
        self._tools = tools
        self._id = f"call-{uuid4().hex[:12]}"
        self.picker = QComboBox()
        self.picker.setAccessibleName("Tool to call")
        self.picker.addItems([visible(tool.get("name", ""), 80) for tool in tools])
        self.picker.currentIndexChanged.connect(self._pick)
        head = row(
            Label("tool_use", type="small-strong"),
            self.picker,
            None,
            tool_button("close", "Remove this tool call", clicked=self.gone.emit),
        )
        self._lines = column(head, gap=4, margins=(8, 8, 8, 8))
        self.setLayout(self._lines)
        surface(self, "well")
        self.form: SchemaForm | None = None
        self._pick(0)

    def _pick(self, index: int) -> None:
        if self.form is not None:
            self._lines.removeWidget(self.form)
            self.form.deleteLater()
        schema = self._tools[index].get("inputSchema")
        self.form = SchemaForm(
            schema if isinstance(schema, dict) else {"type": "object"}, name="Input", header=False, footer=False
        )
        self.form.setMinimumHeight(theme().px(140))
        self._lines.addWidget(self.form)

    def block(self) -> dict[str, Any]:
        assert self.form is not None
        value = self.form.value()
        name = str(self._tools[self.picker.currentIndex()].get("name", ""))
        return {"type": "tool_use", "id": self._id, "name": name, "input": {} if value is UNSET else value}

    def problem(self) -> str:
        assert self.form is not None
        if self.form.is_valid():
            return ""
        self.form.reveal_problems()
        first = self.form.fault or self.form.verdicts[0].message
        return f"Input of {visible(self.picker.currentText(), 60)}: {first}"
