"""Raycast: no file, a link for stdio servers."""

from typing import Any

from wireglass.targets.base import Shape, Target
from wireglass.targets.links import compact, percent
from wireglass.targets.servers import Server, StdioServer

__all__ = ["TARGET"]


def _link(server: Server, entry: dict[str, Any]) -> str | None:
    if not isinstance(server, StdioServer):
        return None
    return f"raycast://mcp/install?{percent(compact({'name': server.name, **entry}))}"


TARGET = Target("raycast", Shape(stdio_type="stdio", url=None), link=_link, ways=("link",))
