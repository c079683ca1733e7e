"""GitHub Copilot CLI: `tools` says which tools may be used."""

from wireglass.targets.base import Command, Shape, Target
from wireglass.targets.servers import Server, StdioServer

__all__ = ["TARGET"]


def _command(server: Server, scope: str) -> Command | None:
    if scope != "user":
        return None
    start = ("copilot", "mcp", "add")
    if isinstance(server, StdioServer):
        env = [part for name, value in server.env.items() for part in ("--env", f"{name}={value}")]
        return Command((*start, server.name, *env, "--", server.command, *server.args))
    headers = [part for name, value in server.headers.items() for part in ("--header", f"{name}: {value}")]
    return Command((*start, "--transport", server.transport, *headers, server.name, server.url))


TARGET = Target(
    "copilot-cli",
    Shape(stdio_type="stdio", http_type="http", sse_type="sse", last={"tools": ["*"]}),
    commands=_command,
    ways=("file", "command"),
)
