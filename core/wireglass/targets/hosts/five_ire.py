"""5ire: newer versions keep servers in a database, so the link comes first."""

import base64
from typing import Any

from wireglass.targets.base import Shape, Target
from wireglass.targets.links import compact
from wireglass.targets.servers import Server

__all__ = ["TARGET"]


def _link(server: Server, entry: dict[str, Any]) -> str:
    text = compact({"name": server.name, **entry}).encode()
    return f"app.5ire://install-tool#{base64.b64encode(text).decode()}"


TARGET = Target(
    "5ire",
    Shape(
        stdio_type="local",
        http_type="remote",
        sse_type="remote",
        last={"isActive": True},
        off=("isActive", False),
    ),
    named="key",
    link=_link,
    ways=("link", "file"),
)
