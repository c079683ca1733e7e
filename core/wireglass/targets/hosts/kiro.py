"""Kiro: plain JSON in its link, not base64."""

from typing import Any

from wireglass.targets.base import Shape, Target
from wireglass.targets.links import compact, percent
from wireglass.targets.servers import Server

__all__ = ["TARGET"]


def _link(server: Server, entry: dict[str, Any]) -> str:
    return f"kiro://kiro.mcp/add?name={percent(server.name)}&config={percent(compact(entry))}"


TARGET = Target("kiro", Shape(off=("disabled", True)), link=_link, ways=("file", "link"))
