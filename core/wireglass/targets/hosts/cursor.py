"""Cursor: the Claude form plus `type`; installs by link too."""

from typing import Any

from wireglass.targets.base import Shape, Target
from wireglass.targets.links import base64_json, percent
from wireglass.targets.servers import Server

__all__ = ["TARGET"]


def _link(server: Server, entry: dict[str, Any]) -> str:
    return f"cursor://anysphere.cursor-deeplink/mcp/install?name={percent(server.name)}&config={base64_json(entry)}"


TARGET = Target("cursor", Shape(stdio_type="stdio", cwd="cwd"), link=_link, ways=("file", "link"))
