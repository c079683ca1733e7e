"""Visual Studio Code, and what its sister editions share: JSONC under `servers`, links with the whole entry."""

from typing import Any

from wireglass.targets.base import Command, Shape, Target
from wireglass.targets.links import compact, percent
from wireglass.targets.servers import Server, StdioServer

__all__ = ["SHAPE", "TARGET", "vscode_like"]


def vscode_like(host: str, *, scheme: str, program: str) -> Target:
    """The target of one edition of the editor."""

    def link(server: Server, entry: dict[str, Any]) -> str:
        return f"{scheme}:mcp/install?{percent(compact({'name': server.name, **entry}))}"

    def command(server: Server, scope: str) -> Command | None:
        if scope != "user":
            return None
        entry = SHAPE.stdio(server) if isinstance(server, StdioServer) else SHAPE.remote(server)
        return Command((program, "--add-mcp", compact({"name": server.name, **entry})))

    return Target(host, SHAPE, link=link, commands=command, ways=("file", "link", "command"))


SHAPE = Shape(stdio_type="stdio", http_type="http", sse_type="sse", cwd="cwd")
TARGET = vscode_like("vscode", scheme="vscode", program="code")
