"""Gemini CLI: refuses the whole file over one unknown key or a trailing comma."""

from collections.abc import Callable

from wireglass.targets.base import Command, Shape, Target
from wireglass.targets.servers import Server, StdioServer

__all__ = ["TARGET", "gemini_command"]


def gemini_command(program: str) -> Callable[[Server, str], Command | None]:
    """`PROGRAM mcp add`, the same in both."""

    def command(server: Server, scope: str) -> Command | None:
        if scope not in ("user", "project"):
            return None
        start = (program, "mcp", "add", "-s", scope)
        if isinstance(server, StdioServer):
            env = [part for name, value in server.env.items() for part in ("-e", f"{name}={value}")]
            return Command((*start, *env, server.name, server.command, *server.args))
        headers = [part for name, value in server.headers.items() for part in ("-H", f"{name}: {value}")]
        return Command((*start, "-t", server.transport, *headers, server.name, server.url))

    return command


TARGET = Target(
    "gemini-cli",
    Shape(url="httpUrl", sse_url="url", sse_type="sse", cwd="cwd"),
    commands=gemini_command("gemini"),
    ways=("file", "command"),
)
