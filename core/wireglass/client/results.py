"""What the typed calls return: results with snake_case members that keep everything the server sent."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import Field, ValidationError, field_validator

from wireglass.protocol.content import (
    BlobResourceContents,
    ResourceContents,
    TextResourceContents,
    parse_block,
    parse_resource_contents,
)
from wireglass.protocol.messages import JsonObject, as_object
from wireglass.protocol.model import WireModel
from wireglass.protocol.prompts import PromptMessage

__all__ = ["CallToolResult", "Completion", "GetPromptResult", "read_call_result", "read_contents"]


@dataclass(slots=True)
class CallToolResult:
    """The result of a tool call.

    `data` is the structured content as Python values: typed by the tool's output schema where it has one, unwrapped
    where the server had to wrap a plain value, None without structured content.
    """

    content: list[Any]
    structured_content: Any = None
    meta: JsonObject | None = None
    data: Any = None
    is_error: bool = False
    raw: JsonObject = field(default_factory=dict[str, Any], repr=False)
    """The result as it was received."""

    @property
    def structuredContent(self) -> Any:
        """`structured_content` in the wire's spelling."""
        return self.structured_content

    @property
    def isError(self) -> bool:
        """`is_error` in the wire's spelling."""
        return self.is_error

    @property
    def text(self) -> str:
        """All text blocks, joined by newlines."""
        return "\n".join(block.text for block in self.content if getattr(block, "type", None) == "text")


class GetPromptResult(WireModel):
    """A rendered prompt."""

    messages: list[PromptMessage] = Field(default_factory=list[PromptMessage])
    description: str | None = None
    meta: dict[str, Any] | None = Field(default=None, alias="_meta")

    @field_validator("messages", mode="before")
    @classmethod
    def _readable(cls, value: Any) -> Any:
        return value if isinstance(value, list) else []


class Completion(WireModel):
    """Suggestions for an argument's value."""

    values: list[str] = Field(default_factory=list[str])
    total: int | None = None
    has_more: bool | None = None


def read_call_result(raw: JsonObject, data: Any = None) -> CallToolResult:
    """The result of `tools/call`; blocks we do not know stay readable as `UnknownContent`."""
    blocks = raw.get("content")
    return CallToolResult(
        content=[parse_block(block) for block in blocks] if isinstance(blocks, list) else [],
        structured_content=raw.get("structuredContent"),
        meta=as_object(raw.get("_meta")) or None,
        data=data,
        is_error=raw.get("isError") is True,
        raw=raw,
    )


def read_contents(raw: JsonObject) -> list[TextResourceContents | BlobResourceContents | ResourceContents]:
    """The parts of a resource. A malformed part is kept with whatever members it has."""
    found: list[TextResourceContents | BlobResourceContents | ResourceContents] = []
    parts = raw.get("contents")
    for part in parts if isinstance(parts, list) else []:
        try:
            found.append(parse_resource_contents(part))
        except ValidationError:
            found.append(ResourceContents.model_construct(**as_object(part)))
    return found
