"""goose: YAML with its own key names; built-in extensions live in the same map."""

from pathlib import PurePath
from typing import Any

from wireglass.targets.base import Shape, Target
from wireglass.targets.links import percent
from wireglass.targets.servers import RemoteServer, Server, StdioServer

__all__ = ["TARGET"]


def _is_builtin(entry: dict[str, Any]) -> bool:
    return entry.get("type") in ("builtin", "platform") or entry.get("bundled") is True


def _link(server: Server, entry: dict[str, Any]) -> str | None:
    about = f"timeout=300&id={percent(server.name)}&name={percent(server.name)}&description={percent(server.name)}"
    if isinstance(server, RemoteServer):
        kind = "" if server.transport == "sse" else "&type=streamable_http"
        return f"goose://extension?url={percent(server.url)}{kind}&{about}"
    if PurePath(server.command).stem not in _ALLOWED:
        return None
    args = "".join(f"&arg={percent(arg)}" for arg in server.args)
    return f"goose://extension?cmd={percent(PurePath(server.command).stem)}{args}&{about}"


_ALLOWED = ("jbang", "npx", "uvx", "goosed", "docker")
"""The only programs that a goose link may start."""


class _GooseShape(Shape):
    """`envs` is always there."""

    def stdio(self, server: StdioServer) -> dict[str, Any]:
        entry = super().stdio(server)
        return {"description": "", **entry, "envs": dict(server.env), **self.last}

    def remote(self, server: RemoteServer) -> dict[str, Any]:
        return {"description": "", **super().remote(server), "envs": {}, **self.last}


TARGET = Target(
    "goose",
    _GooseShape(
        command="cmd",
        env="envs",
        url="uri",
        stdio_type="stdio",
        http_type="streamable_http",
        sse_type="sse",
        last={"env_keys": [], "enabled": True, "timeout": 300},
        off=("enabled", False),
    ),
    named="name",
    foreign=_is_builtin,
    link=_link,
    ways=("file", "link"),
)
