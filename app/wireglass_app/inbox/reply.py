"""A `CreateMessageResult` in the making: text, pictures, tool calls, model and stop reason; or the whole as JSON."""

import base64
from pathlib import Path
from typing import Any
from uuid import uuid4

from PySide6.QtCore import QMimeDatabase, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QStackedWidget,
    QWidget,
)

from wireglass.protocol.schema import UNSET
from wireglass_app.controls import Button, Elided, Label, column, row, surface, tool_button
from wireglass_app.forms.flow import FlowLayout
from wireglass_app.forms.form import SchemaForm
from wireglass_app.forms.json_field import JsonEdit, explain_json
from wireglass_app.payloads.base import pick
from wireglass_app.plain import count, size, visible
from wireglass_app.theme import theme

__all__ = ["ReplyEditor"]

_STOPS = ("endTurn", "stopSequence", "maxTokens", "toolUse")
_LARGEST_IMAGE = 20_000_000
_SIGNS_PER_TOKEN = 4
"""A rough average of Latin text; only shown as "about"."""


class ReplyEditor(QWidget):
    """What people type, or change of what a model drafted. `top` is the place of what fills it in."""

    changed = Signal()

    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__()
        offered = params.get("tools")
        self._tools = [tool for tool in offered if isinstance(tool, dict)] if isinstance(offered, list) else []
        limit = params.get("maxTokens")
        self._most = limit if isinstance(limit, int) and not isinstance(limit, bool) else None
        self.text = QPlainTextEdit()
        self.text.setPlaceholderText("Type what the model would say")
        self.text.setAccessibleName("Your reply")
        self.text.setTabChangesFocus(True)
        self.text.setMinimumHeight(theme().px(110))
        self.text.textChanged.connect(self._typed_text)
        self.facts = Elided("", "muted", "caption")
        self.below = row(self.facts)
        """The line under the text; others may add to it."""
        self.below.setStretch(0, 1)
        self.model = QLineEdit("human")
        self.model.setProperty("type", "mono")
        self.model.setAccessibleName("Model name to report")
        self.model.textChanged.connect(self.changed)
        self.stop = QComboBox()
        self.stop.addItems(_STOPS)
        self.stop.setEditable(True)
        self.stop.setAccessibleName("Stop reason to report")
        edit = self.stop.lineEdit()
        if edit is not None:
            edit.setAccessibleName("Stop reason to report")
        self.stop.currentTextChanged.connect(self.changed)
        self.calls: list[_ToolCall] = []
        self.images: list[_Picture] = []
        self._parts = column(gap=8)
        self.json = JsonEdit("Your reply as JSON")
        self.json.textChanged.connect(self.changed)
        self._fault = Label("", "bad", "caption", wrap=True)
        self.top = column(gap=8)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._typed_page())
        self._stack.addWidget(self._json_page())
        self.setLayout(column(self._stack, gap=0))
        self._typed_text()

    def _typed_page(self) -> QWidget:
        add = Button("Add tool call", icon="tools", clicked=self.add_call)
        add.setEnabled(bool(self._tools))
        add.setToolTip("" if self._tools else "The server offers no tools")
        self.as_json = Button("Edit as JSON", "ghost", clicked=self.toggle_json)
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
        self.more = FlowLayout(gap=4)
        """The buttons; others may add to them."""
        image = Button("Add image…", "ghost", clicked=self._pick_image)
        for button in (add, image, self.as_json):
            self.more.addWidget(button)
        page = column(gap=10, margins=(14, 10, 14, 12))
        page.addLayout(self.top)
        page.addWidget(self.text)
        page.addLayout(self.below)
        for lines in (names, self._parts, self.more):
            page.addLayout(lines)
        page.addStretch(1)
        page.setStretch(1, 1)
        inner.setLayout(page)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(surface(inner, "panel"))
        return scroll

    def _json_page(self) -> QWidget:
        page = QWidget()
        back = Button("Edit as text", "ghost", clicked=self.toggle_json)
        page.setLayout(column(self.json, self._fault, row(back, None), margins=(14, 10, 14, 10)))
        return page

    @property
    def is_json(self) -> bool:
        """Whether the JSON is shown, which then is what is sent."""
        return self._stack.currentIndex() == 1

    def begin(self) -> None:
        """Focus where typing starts."""
        (self.json if self.is_json else self.text).setFocus()

    def toggle_json(self) -> None:
        """The other form of the same reply. JSON that says more than the fields can hold stays JSON."""
        if not self.is_json:
            self.json.set_json(self._typed())
            self._stack.setCurrentIndex(1)
        elif not self._json_problem() and self.set_result(self.json.parsed()):
            self._stack.setCurrentIndex(0)
        elif not self._fault.text():
            self._fault.setText("The fields cannot hold all of this, so it stays JSON.")
        self.begin()

    # parts

    def add_call(self, block: dict[str, Any] | None = None) -> None:
        """One more tool call, empty or as a model drafted it."""
        made = _ToolCall(self._tools, block)
        made.gone.connect(lambda: self._drop(made))
        made.changed.connect(self.changed)
        self.calls.append(made)
        self._parts.addWidget(made)
        self.stop.setCurrentText("toolUse")
        if block is None:
            made.picker.setFocus()

    def _pick_image(self) -> None:
        dialog = QFileDialog(self.window(), "Add image", "", "Images (*.png *.jpg *.jpeg *.gif *.webp)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._image_picked)
        dialog.open()

    def _image_picked(self, path: str) -> None:
        self.add_image(Path(path))

    def add_image(self, file: Path) -> None:
        """Adds a picture from the disk; a reason is shown when it cannot be read."""
        try:
            with file.open("rb") as opened:
                data = opened.read(_LARGEST_IMAGE + 1)  # no more, however large the file is
        except OSError as error:
            self.facts.setText(f"{file.name} cannot be read: {error.strerror}")
            return
        kind = QMimeDatabase().mimeTypeForData(data[:4096]).name()  # by content: a name proves nothing
        if not kind.startswith("image/") or len(data) > _LARGEST_IMAGE:
            self.facts.setText(f"{file.name} is no image of at most {size(_LARGEST_IMAGE)}.")
            return
        self._add_picture({"type": "image", "data": base64.b64encode(data).decode("ascii"), "mimeType": kind})

    def _add_picture(self, block: dict[str, Any]) -> None:
        made = _Picture(block)
        made.gone.connect(lambda: self._drop(made))
        self.images.append(made)
        self._parts.addWidget(made)
        self.changed.emit()

    def _drop(self, part: "_ToolCall | _Picture") -> None:
        if isinstance(part, _ToolCall):
            self.calls.remove(part)
            if not self.calls:
                self.stop.setCurrentText("endTurn")
        else:
            self.images.remove(part)
        self._parts.removeWidget(part)
        part.deleteLater()
        self.changed.emit()

    # the reply

    def set_result(self, result: Any) -> bool:
        """Fills the fields from a result. False, and nothing changed, when they cannot hold all of it."""
        if not isinstance(result, dict) or not set(result) <= {"role", "content", "model", "stopReason"}:
            return False
        content = result.get("content")
        blocks: list[Any] = content if isinstance(content, list) else [content]
        if result.get("role") != "assistant" or not all(self._can_hold(block) for block in blocks):
            return False
        for part in (*self.calls, *self.images):
            self._drop(part)
        texts = [str(block["text"]) for block in blocks if block["type"] == "text"]
        self.text.setPlainText("\n".join(texts))
        for block in blocks:
            if block["type"] == "tool_use":
                self.add_call(block)
            elif block["type"] == "image":
                self._add_picture(block)
        self.model.setText(str(result.get("model", "")))
        self.stop.setCurrentText(str(result.get("stopReason", "endTurn")))
        return True

    def _can_hold(self, block: Any) -> bool:
        if not isinstance(block, dict):
            return False
        match block.get("type"):
            case "text":
                return set(block) <= {"type", "text"} and isinstance(block.get("text"), str)
            case "image":
                return set(block) <= {"type", "data", "mimeType"}
            case "tool_use":
                known = any(tool.get("name") == block.get("name") for tool in self._tools)
                return known and set(block) <= {"type", "id", "name", "input"}
            case _:
                return False

    def show_result(self, result: dict[str, Any]) -> None:
        """Takes a whole reply, as fields where they can hold it, else as JSON."""
        if self.set_result(result):
            self._stack.setCurrentIndex(0)
        else:
            self.json.set_json(result)
            self._stack.setCurrentIndex(1)

    def _typed(self) -> dict[str, Any]:
        text = self.text.toPlainText()
        rest = [made.block for made in self.images] + [made.block() for made in self.calls]
        blocks: list[dict[str, Any]] = [{"type": "text", "text": text}] if text or not rest else []
        blocks += rest
        content: Any = blocks if self.calls or len(blocks) > 1 else blocks[0]
        return {
            "role": "assistant",
            "content": content,
            "model": self.model.text(),
            "stopReason": self.stop.currentText(),
        }

    def result(self) -> dict[str, Any]:
        """What is sent. Ask `problem` first."""
        return self.json.parsed() if self.is_json else self._typed()

    def problem(self) -> str:
        """What keeps the reply from being sent; empty when nothing does."""
        if self.is_json:
            return self._json_problem()
        if not self.text.toPlainText().strip() and not self.calls and not self.images:
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

    def _typed_text(self) -> None:
        signs = len(self.text.toPlainText())
        about = f"about {count(-(-signs // _SIGNS_PER_TOKEN))}"
        self.facts.setText(f"{about} of {count(self._most)} tokens" if self._most else f"{about} tokens")
        self.changed.emit()


class _Picture(QFrame):
    """An image block."""

    gone = Signal()

    def __init__(self, block: dict[str, Any]) -> None:
        super().__init__()
        self.block = block
        view = pick(block)
        view.setFixedHeight(theme().px(150))
        close = tool_button("close", "Remove this image", clicked=self.gone.emit)
        head = row(Label(f"image · {visible(block.get('mimeType', ''), 40)}", type="small-strong"), None, close)
        self.setLayout(column(head, view, gap=4, margins=(8, 8, 8, 8)))
        surface(self, "well")


class _ToolCall(QFrame):
    """One `tool_use` block: a tool of the offered ones, and its input as a form."""

    gone = Signal()
    changed = Signal()

    def __init__(self, tools: list[dict[str, Any]], block: dict[str, Any] | None = None) -> None:
        super().__init__()
        self._tools = tools
        self._id = str((block or {}).get("id") or f"call-{uuid4().hex[:12]}")
        self.picker = QComboBox()
        self.picker.setAccessibleName("Tool to call")
        self.picker.addItems([visible(tool.get("name", ""), 80) for tool in tools])
        self.picker.currentIndexChanged.connect(self._pick)
        close = tool_button("close", "Remove this tool call", clicked=self.gone.emit)
        self._lines = column(
            row(Label("tool_use", type="small-strong"), self.picker, None, close), gap=4, margins=(8, 8, 8, 8)
        )
        self.setLayout(self._lines)
        surface(self, "well")
        self.form: SchemaForm | None = None
        at = next((i for i, tool in enumerate(tools) if block and tool.get("name") == block.get("name")), 0)
        self.picker.blockSignals(True)
        self.picker.setCurrentIndex(at)
        self.picker.blockSignals(False)
        self._pick(at)
        if block is not None and self.form is not None:
            self.form.set_value(block.get("input", {}))

    def _pick(self, index: int) -> None:
        if self.form is not None:
            self._lines.removeWidget(self.form)
            self.form.deleteLater()
        schema = self._tools[index].get("inputSchema")
        self.form = SchemaForm(
            schema if isinstance(schema, dict) else {"type": "object"}, name="Input", header=False, footer=False
        )
        self.form.setMinimumHeight(theme().px(140))
        self.form.changed.connect(self.changed)
        self._lines.addWidget(self.form)
        self.changed.emit()

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
