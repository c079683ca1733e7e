"""Cherry Studio: no file, a link that carries the Claude form."""

from typing import Any

from wireglass.targets.base import Shape, Target
from wireglass.targets.links import base64_json
from wireglass.targets.servers import Server

__all__ = ["TARGET"]


def _link(server: Server, entry: dict[str, Any]) -> str:
    return f"cherrystudio://mcp/install?servers={base64_json({'mcpServers': {server.name: entry}})}"


TARGET = Target(
    "cherry-studio",
    Shape(stdio_type="stdio", url="baseUrl", http_type="streamableHttp", sse_type="sse"),
    link=_link,
    ways=("link",),
)
