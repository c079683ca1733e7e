"""LM Studio: Cursor's notation, and a link."""

from typing import Any

from wireglass.targets.base import Shape, Target
from wireglass.targets.links import base64_json, percent
from wireglass.targets.servers import Server

__all__ = ["TARGET"]


def _link(server: Server, entry: dict[str, Any]) -> str:
    return f"lmstudio://add_mcp?name={percent(server.name)}&config={base64_json(entry)}"


TARGET = Target("lm-studio", Shape(), link=_link, ways=("file", "link"))
