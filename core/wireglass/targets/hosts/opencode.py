"""OpenCode, and the form it shares with Kilo Code: program and arguments in one list."""

from wireglass.targets.base import Command, Shape, Target
from wireglass.targets.servers import Server, StdioServer

__all__ = ["SHAPE", "TARGET"]

SHAPE = Shape(
    args=None,
    env="environment",
    cwd="cwd",
    stdio_type="local",
    http_type="remote",
    sse_type="remote",
    last={"enabled": True},
    off=("enabled", False),
)


def _command(server: Server, scope: str) -> Command | None:
    if scope != "user":
        return None
    start = ("opencode", "mcp", "add", server.name)
    if isinstance(server, StdioServer):
        env = [part for name, value in server.env.items() for part in ("--env", f"{name}={value}")]
        return Command((*start, *env, "--", server.command, *server.args))
    headers = [part for name, value in server.headers.items() for part in ("--header", f"{name}={value}")]
    return Command((*start, "--url", server.url, *headers))


TARGET = Target("opencode", SHAPE, commands=_command, ways=("file", "command"))
