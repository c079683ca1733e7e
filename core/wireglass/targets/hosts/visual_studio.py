"""Visual Studio: VS Code's form, its own link."""

from typing import Any

from wireglass.targets.base import Shape, Target
from wireglass.targets.links import compact, percent
from wireglass.targets.servers import Server

__all__ = ["TARGET"]


def _link(server: Server, entry: dict[str, Any]) -> str:
    return f"vsweb+mcp:/install?{percent(compact({'name': server.name, **entry}))}"


TARGET = Target(
    "visual-studio", Shape(stdio_type="stdio", http_type="http", sse_type="sse"), link=_link, ways=("file", "link")
)
