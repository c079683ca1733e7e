"""Content blocks and what hangs on them: annotations, icons, resource contents (server/tools, every revision).

Readers keep members they do not know; `parse_block` never refuses a block, however new its type is.
"""

from typing import Any, Literal, cast

from pydantic import Field, ValidationError

from wireglass.protocol.messages import JsonObject
from wireglass.protocol.model import WireModel

__all__ = [
    "Annotations",
    "AudioContent",
    "BlobResourceContents",
    "ContentBlock",
    "EmbeddedResource",
    "ImageContent",
    "ResourceContents",
    "ResourceLink",
    "TextContent",
    "TextResourceContents",
    "ToolResultContent",
    "ToolUseContent",
    "UnknownContent",
    "WireIcon",
    "parse_block",
    "parse_resource_contents",
]


class Annotations(WireModel):
    """Hints for whoever shows a block or resource."""

    audience: list[Literal["user", "assistant"]] | None = None
    priority: float | None = None
    last_modified: str | None = None


class WireIcon(WireModel):
    """An icon as servers send it (2025-11-25). `wireglass.Icon` is what authors write."""

    src: str
    mime_type: str | None = None
    sizes: list[str] | None = None
    theme: str | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WireIcon) and self.wire() == other.wire()

    __hash__ = None  # pyright: ignore[reportAssignmentType] - mutable


class _Block(WireModel):
    annotations: Annotations | None = None
    meta: dict[str, Any] | None = Field(default=None, alias="_meta")


class TextContent(_Block):
    """Text."""

    type: Literal["text"] = "text"
    text: str


class ImageContent(_Block):
    """An image: base64 in the standard alphabet."""

    type: Literal["image"] = "image"
    data: str
    mime_type: str


class AudioContent(_Block):
    """Sound (2025-03-26): base64 in the standard alphabet."""

    type: Literal["audio"] = "audio"
    data: str
    mime_type: str


class ResourceContents(WireModel):
    """Part of what a resource holds."""

    uri: str
    mime_type: str | None = None
    meta: dict[str, Any] | None = Field(default=None, alias="_meta")


class TextResourceContents(ResourceContents):
    """A part that is text."""

    text: str


class BlobResourceContents(ResourceContents):
    """A part that is bytes, as base64."""

    blob: str


class EmbeddedResource(_Block):
    """A resource inside a result or message."""

    type: Literal["resource"] = "resource"
    resource: TextResourceContents | BlobResourceContents


class ResourceLink(_Block):
    """A resource that the client may read (2025-06-18)."""

    type: Literal["resource_link"] = "resource_link"
    uri: str
    name: str
    title: str | None = None
    description: str | None = None
    mime_type: str | None = None
    size: int | None = None
    icons: list[WireIcon] | None = None


class ToolUseContent(_Block):
    """A model asks for a tool, in sampling (2025-11-25)."""

    type: Literal["tool_use"] = "tool_use"
    id: str
    name: str
    input: dict[str, Any]


class ToolResultContent(_Block):
    """The answer to a `tool_use`."""

    type: Literal["tool_result"] = "tool_result"
    tool_use_id: str
    content: list[Any] = Field(default_factory=list[Any])
    structured_content: Any = None
    is_error: bool | None = None


class UnknownContent(_Block):
    """A block whose type, or whose shape, we do not know; every member is kept."""

    type: Any = None


ContentBlock = TextContent | ImageContent | AudioContent | EmbeddedResource | ResourceLink

_BLOCKS: dict[str, type[_Block]] = {
    "text": TextContent,
    "image": ImageContent,
    "audio": AudioContent,
    "resource": EmbeddedResource,
    "resource_link": ResourceLink,
    "tool_use": ToolUseContent,
    "tool_result": ToolResultContent,
}


def parse_block(data: Any) -> Any:
    """The model of one content block; `UnknownContent` when it fits none."""
    kind = _BLOCKS.get(str(cast("JsonObject", data).get("type"))) if isinstance(data, dict) else None
    if kind is not None:
        try:
            return kind.model_validate(data)
        except ValidationError:
            pass
    return UnknownContent.model_validate(data if isinstance(data, dict) else {"value": data})


def parse_resource_contents(data: Any) -> TextResourceContents | BlobResourceContents:
    """The model of one member of `contents`. Raises pydantic.ValidationError."""
    if isinstance(data, dict) and "blob" in data:
        return BlobResourceContents.model_validate(data)
    return TextResourceContents.model_validate(data)
