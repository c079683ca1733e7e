"""Resources and templates as they appear in their lists (server/resources, every revision)."""

from typing import Any

from pydantic import Field

from wireglass.protocol.content import Annotations, WireIcon
from wireglass.protocol.model import WireModel

__all__ = ["Resource", "ResourceTemplate"]


class _Listed(WireModel):
    name: str
    title: str | None = None
    description: str | None = None
    mime_type: str | None = None
    annotations: Annotations | None = None
    icons: list[WireIcon] | None = None
    meta: dict[str, Any] | None = Field(default=None, alias="_meta")


class Resource(_Listed):
    """One resource."""

    uri: str
    size: int | None = None


class ResourceTemplate(_Listed):
    """A family of resources: an RFC 6570 template."""

    uri_template: str
