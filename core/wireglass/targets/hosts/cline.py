"""Cline: the flat form is read by every version; entries in the nested form are kept as they are."""

from wireglass.targets.base import Command, Shape, Target
from wireglass.targets.servers import Server, StdioServer

__all__ = ["TARGET"]


def _command(server: Server, scope: str) -> Command | None:
    start = ("cline", "mcp", "add", "--yes")
    if scope != "user":
        return None
    if isinstance(server, StdioServer):
        note = "Cline's command has no option for variables." if server.env else ""
        return Command((*start, server.name, "--", server.command, *server.args), note)
    headers = [part for name, value in server.headers.items() for part in ("--header", f"{name}: {value}")]
    return Command((*start, "--transport", server.transport, *headers, server.name, server.url))


TARGET = Target(
    "cline",
    Shape(http_type="streamableHttp", sse_type="sse", cwd="cwd", last={"disabled": False}, off=("disabled", True)),
    commands=_command,
    old_file_without="{home}/.cline",
    ways=("file", "command"),
)
