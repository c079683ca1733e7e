"""Claude Code: `type` is required, and its own command is safer while sessions run."""

from wireglass.targets.base import Command, Shape, Target
from wireglass.targets.servers import Server, StdioServer

__all__ = ["TARGET"]


def _command(server: Server, scope: str) -> Command:
    start = ("claude", "mcp", "add", "--scope", scope)
    if isinstance(server, StdioServer):
        env = [part for name, value in server.env.items() for part in ("-e", f"{name}={value}")]
        return Command((*start, server.name, *env, "--", server.command, *server.args))
    headers = [part for name, value in server.headers.items() for part in ("--header", f"{name}: {value}")]
    return Command((*start, "--transport", server.transport, server.name, server.url, *headers))


TARGET = Target(
    "claude-code",
    Shape(stdio_type="stdio", http_type="http", sse_type="sse"),
    commands=_command,
    ways=("file", "command"),
)
