"""Where the same server differs between hosts: two of its entries in words that are the same for every host."""

import difflib
import json
from typing import Any

from wireglass.targets.draft import Draft
from wireglass.targets.matrix import Column
from wireglass.targets.references import neutral
from wireglass.targets.servers import RemoteServer, Server
from wireglass_app.configs.difference import Comparison
from wireglass_app.plain import visible

__all__ = ["compared"]


def compared(draft: Draft, name: str, first: Column | None = None) -> Comparison | None:
    """The entry of one host beside the next one that is not the same; None when all are."""
    holders = draft.listed_in(name)
    if first is None or first not in holders:
        first = next(iter(holders), None)
    if first is None:
        return None
    mine = _words(draft.server(name, first))
    other = next((one for one in holders if one is not first and _words(draft.server(name, one)) != mine), None)
    if other is None:
        return None
    theirs = _words(draft.server(name, other))
    lines = tuple(difflib.unified_diff(mine, theirs, n=1000, lineterm=""))[2:]
    return Comparison(f"{visible(name, 60)} in both apps", first.target.name, other.target.name, lines)


def _words(server: Server | None) -> list[str]:
    if server is None:
        return ["neither a command nor a URL"]
    facts: dict[str, Any]
    if isinstance(server, RemoteServer):
        facts = {"url": server.url, "headers": {key: neutral(value) for key, value in server.headers.items()}}
    else:
        env = {key: neutral(server.env[key]) for key in sorted(server.env)}
        facts = {"command": server.command, "args": list(server.args), "env": env}
        facts |= {"cwd": server.cwd} if server.cwd else {}
    return json.dumps(facts, ensure_ascii=False, indent=2).splitlines()
