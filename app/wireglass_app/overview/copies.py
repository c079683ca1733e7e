"""A connection as something to paste elsewhere. Pure. Values of variables and headers stay here: they may be secret."""

import json
from typing import Any

from wireglass_app.calls import Target

__all__ = ["connection_as_json"]


def connection_as_json(target: Target) -> str:
    """An `mcpServers` entry. Variables and headers are named; their values are for whoever pastes it to fill in."""
    entry: dict[str, Any]
    if target.kind == "stdio":
        entry = {"command": target.command, "args": list(target.args)}
        entry |= {"cwd": target.cwd} if target.cwd else {}
        entry |= {"env": {name: f"${{{name}}}" for name, _ in target.added}} if target.added else {}
    else:
        entry = {"type": target.kind, "url": target.url}
        entry |= {"headers": {name: "…" for name, _ in target.headers}} if target.headers else {}
    return json.dumps({"mcpServers": {target.name: entry}}, indent=2, ensure_ascii=False)
