"""What a resource holds when it is read: parts of text or bytes, from whatever a function returned."""

import base64
from typing import Any, cast

from pydantic import BaseModel, ConfigDict

from wireglass.protocol.content import BlobResourceContents, TextResourceContents
from wireglass.protocol.listings import ReadResourceResult
from wireglass.server.results import to_text

__all__ = ["InputRequiredResourceResult", "ResourceContent", "ResourceResult", "from_protocol_contents"]


class ResourceContent(BaseModel):
    """One part of what a resource holds: text, bytes, or anything that becomes JSON."""

    model_config = ConfigDict(defer_build=True)

    content: str | bytes
    mime_type: str | None = None
    meta: dict[str, Any] | None = None

    def __init__(self, content: Any, mime_type: str | None = None, meta: dict[str, Any] | None = None) -> None:
        if not isinstance(content, (str, bytes)):
            content = to_text(content)
            mime_type = mime_type or "application/json"
        mime_type = mime_type or ("text/plain" if isinstance(content, str) else "application/octet-stream")
        super().__init__(content=content, mime_type=mime_type, meta=meta)

    def wire(self, uri: str, mime_type: str | None = None) -> dict[str, Any]:
        """The protocol's contents object."""
        made: dict[str, Any] = {"uri": uri}
        default = "text/plain" if isinstance(self.content, str) else "application/octet-stream"
        made["mimeType"] = self.mime_type or mime_type or default
        if isinstance(self.content, str):
            made["text"] = self.content
        else:
            made["blob"] = base64.b64encode(self.content).decode("ascii")
        if self.meta:
            made["_meta"] = self.meta
        return made

    def to_mcp_resource_contents(self, uri: Any) -> TextResourceContents | BlobResourceContents:
        """The protocol's model."""
        kind = TextResourceContents if isinstance(self.content, str) else BlobResourceContents
        return kind.model_validate(self.wire(str(uri)))


class ResourceResult(BaseModel):
    """What a read returns: one or more parts, and `_meta`. Raises TypeError for anything else."""

    model_config = ConfigDict(defer_build=True)

    contents: list[ResourceContent]
    meta: dict[str, Any] | None = None

    def __init__(self, contents: Any, meta: dict[str, Any] | None = None) -> None:
        if isinstance(contents, (str, bytes)):
            kind = "text/plain" if isinstance(contents, str) else "application/octet-stream"
            contents = [ResourceContent(contents, mime_type=kind)]
        if not isinstance(contents, list):
            raise TypeError(f"contents must be str, bytes, or list[ResourceContent], not {type(contents).__name__}.")
        for item in cast("list[Any]", contents):
            if not isinstance(item, ResourceContent):
                raise TypeError(
                    f"contents must hold ResourceContent, not {type(item).__name__}. "
                    "Wrap it: ResourceContent(content, mime_type=...)."
                )
        super().__init__(contents=contents, meta=meta)

    def wire(self, uri: str, mime_type: str | None = None) -> dict[str, Any]:
        """The members of the protocol's result."""
        result: dict[str, Any] = {"contents": [part.wire(uri, mime_type) for part in self.contents]}
        if self.meta:
            result["_meta"] = self.meta
        return result

    def to_mcp_result(self, uri: Any) -> ReadResourceResult:
        """The protocol's model."""
        return ReadResourceResult.model_validate(self.wire(str(uri)))


class InputRequiredResourceResult(ResourceResult):
    """A round that asks the client for input instead of finishing."""

    input_required: Any = None

    def __init__(self, input_required: Any) -> None:
        super().__init__([])
        self.input_required = input_required


def from_protocol_contents(raw: Any) -> ResourceResult | None:
    """Contents in the protocol's own models: `ReadResourceContents` of the 1.x SDK, or (lists of) resource contents."""
    items = cast("list[Any]", raw) if isinstance(raw, (list, tuple)) else [raw]
    parts: list[ResourceContent] = []
    for item in items:
        kind = getattr(item, "mime_type", None) or getattr(item, "mimeType", None)
        if type(item).__name__ == "ReadResourceContents":
            parts.append(ResourceContent(item.content, mime_type=kind, meta=getattr(item, "meta", None)))
        elif isinstance(item, BaseModel) and hasattr(item, "uri") and isinstance(getattr(item, "text", None), str):
            parts.append(ResourceContent(item.text, mime_type=kind))  # pyright: ignore[reportAttributeAccessIssue]
        elif isinstance(item, BaseModel) and hasattr(item, "uri") and isinstance(getattr(item, "blob", None), str):
            data = base64.b64decode(item.blob)  # pyright: ignore[reportAttributeAccessIssue]
            parts.append(ResourceContent(data, mime_type=kind))
        else:
            return None
    return ResourceResult(parts) if parts else None
