"""What menus offer: servers to import, apps to install into, and what can be done with a cell beside its file."""

import json
from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QMenu

from wireglass.targets.draft import Draft
from wireglass.targets.matrix import Column
from wireglass.targets.servers import RemoteServer, Server
from wireglass_app.configs.offers import OtherWays, command_line, offers
from wireglass_app.plain import visible

__all__ = ["add_ways", "as_pasted", "fill_import", "fill_install"]


def fill_import(menu: QMenu, draft: Draft, connect: Callable[[str, Column], None]) -> None:
    """Every server that an app lists, to be opened here."""
    for name in draft.names:
        found = next(iter(draft.listed_in(name)), None)
        if found is not None:
            menu.addAction(visible(name, 60).replace("&", "&&"), lambda n=name, f=found: connect(n, f))
    if menu.isEmpty():
        menu.addAction("No app lists a server").setEnabled(False)


def fill_install(menu: QMenu, draft: Draft, name: str, install: Callable[[str, Column], None]) -> None:
    """Every app that does not have the server yet."""
    for one in draft.columns:
        action = menu.addAction(one.target.name, lambda c=one: install(name, c))
        action.setEnabled(draft.entry(name, one) is None)


def as_pasted(name: str, server: Server) -> str:
    """The server as the JSON that people paste to open one."""
    if isinstance(server, RemoteServer):
        entry: dict[str, Any] = {"url": server.url, "headers": dict(server.headers), "type": server.transport}
    else:
        entry = {"command": server.command, "args": list(server.args), "env": dict(server.env)}
        entry |= {"cwd": server.cwd} if server.cwd else {}
    return json.dumps({"mcpServers": {name: entry}})


def add_ways(menu: QMenu, draft: Draft, ways: OtherWays, name: str, found: Column, copy: Callable[[str], None]) -> None:
    """Adds what this host takes for this server. Links and commands carry no secrets."""
    host = found.target.name
    can = offers(draft, name, found)
    if can.entry:
        menu.addAction("Copy entry as JSON", lambda: copy(can.entry))
    if can.link:
        menu.addAction("Copy install link (no secrets)", lambda: copy(can.link))
        menu.addAction(f"Ask {host} by its install link", lambda: ways.open_link(name, found))
    if (command := can.command) is not None:
        menu.addAction("Copy its own command (no secrets)", lambda: copy(command_line(command)))
        run = menu.addAction(f"Run {host}'s own command", lambda: ways.run_command(name, found))
        run.setToolTip(command_line(command))
