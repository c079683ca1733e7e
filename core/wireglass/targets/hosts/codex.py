"""Codex: TOML; `headers` is ignored there, and a wrong entry keeps the program from starting."""

from wireglass.targets.base import Command, Shape, Target
from wireglass.targets.servers import Server, StdioServer

__all__ = ["TARGET"]


def _command(server: Server, scope: str) -> Command | None:
    if scope != "user":
        return None
    start = ("codex", "mcp", "add", server.name)
    note = "It rewrites every server's table and drops their comments; editing the file keeps them."
    if isinstance(server, StdioServer):
        env = [part for name, value in server.env.items() for part in ("--env", f"{name}={value}")]
        return Command((*start, *env, "--", server.command, *server.args), note)
    return Command((*start, "--url", server.url), note)


TARGET = Target(
    "codex",
    Shape(cwd="cwd", headers=("http_headers",), sse=False, off=("enabled", False)),
    commands=_command,
    ways=("file", "command"),
)
