"""Tools as they appear in `tools/list`, and the result of `tools/call` (server/tools, every revision)."""

from typing import Any

from pydantic import Field, field_validator

from wireglass.protocol.content import WireIcon, parse_block
from wireglass.protocol.messages import is_object
from wireglass.protocol.model import WireModel
from wireglass.protocol.tool_facts import ToolAnnotations, ToolExecution

__all__ = ["CallToolResult", "Tool", "ToolAnnotations", "ToolExecution"]


class Tool(WireModel):
    """One tool. Schemas stay plain JSON: no keyword is lost."""

    name: str
    title: str | None = None
    description: str | None = None
    input_schema: dict[str, Any] = Field(default_factory=lambda: {"type": "object"})
    output_schema: dict[str, Any] | None = None
    annotations: ToolAnnotations | None = None
    icons: list[WireIcon] | None = None
    execution: ToolExecution | None = None
    meta: dict[str, Any] | None = Field(default=None, alias="_meta")


class CallToolResult(WireModel):
    """The protocol's result of `tools/call`, for authors who return it as it is."""

    content: list[Any] = Field(default_factory=list[Any])
    structured_content: Any = None
    is_error: bool | None = None
    meta: dict[str, Any] | None = Field(default=None, alias="_meta")

    @field_validator("content", mode="before")
    @classmethod
    def _as_blocks(cls, value: Any) -> Any:
        return [parse_block(item) if is_object(item) else item for item in value] if isinstance(value, list) else value
