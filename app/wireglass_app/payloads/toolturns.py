"""The turns of a tool loop in sampling: what the model asked a tool for, and what came back."""

from typing import Any

from wireglass_app.controls import Label, column
from wireglass_app.payloads.base import PayloadView, pick
from wireglass_app.payloads.code import CodeView
from wireglass_app.payloads.json_text import compact, count_nodes
from wireglass_app.plain import visible
from wireglass_app.theme import theme

__all__ = ["ToolResultView", "ToolUseView"]

_ROWS = 12


class ToolUseView(PayloadView):
    """A `tool_use` block: name and input."""

    kind = "tool_use"
    grows = False

    def __init__(self, block: dict[str, Any]) -> None:
        super().__init__()
        self._block = block
        self.facts = visible(block["name"], 80)
        code = CodeView(numbers=False, name=f"Input of {self.facts}")
        code.set_json(block.get("input"))
        code.setFixedHeight(theme().px(19) * min(_ROWS, count_nodes(block.get("input"), _ROWS) + 2))
        self.setLayout(column(Label(self.facts, type="mono-strong"), code, gap=4))

    def copy_text(self) -> str:
        return compact(self._block)


class ToolResultView(PayloadView):
    """A `tool_result` block: the blocks that the tool returned."""

    kind = "tool_result"
    grows = False

    def __init__(self, block: dict[str, Any]) -> None:
        super().__init__()
        self._block = block
        failed = block.get("isError") is True
        self.facts = ("failed · " if failed else "") + f"for {visible(block['toolUseId'], 60)}"
        content = block.get("content")
        blocks = content if isinstance(content, list) else []
        self.setLayout(column(*[pick(one) for one in blocks[:10]], gap=6))

    def copy_text(self) -> str:
        return compact(self._block)
