"""TRAE: a command must not contain blanks."""

from typing import Any

from wireglass.targets.base import Shape, Target
from wireglass.targets.links import base64_json, percent
from wireglass.targets.servers import Server, StdioServer

__all__ = ["TARGET"]


def _link(server: Server, entry: dict[str, Any]) -> str:
    kind = "stdio" if isinstance(server, StdioServer) else server.transport
    return f"trae://trae.ai-ide/mcp-import?type={kind}&name={percent(server.name)}&config={base64_json(entry)}"


TARGET = Target("trae", Shape(), link=_link, ways=("file", "link"))
