"""What menus offer: servers to import, apps to install into, and what can be done with a cell beside its file."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMenu

from wireglass.targets.draft import Draft
from wireglass.targets.matrix import Column
from wireglass.targets.servers import RemoteServer, Server
from wireglass_app.configs.compare import compared
from wireglass_app.configs.difference import Comparison
from wireglass_app.configs.offers import OtherWays, command_line, offers
from wireglass_app.plain import tip, visible

__all__ = ["CellActs", "add_ways", "as_pasted", "fill_cell", "fill_import", "fill_install"]


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


@dataclass(frozen=True)
class CellActs:
    """What the view does when an entry of the menu is chosen."""

    copy_to_all: Callable[[], None]
    rename: Callable[[], None]
    remove: Callable[[], None]
    compare: Callable[[Comparison], None]
    connect: Callable[[str, Column], None]


def fill_cell(menu: QMenu, draft: Draft, ways: OtherWays, name: str, found: Column | None, acts: CellActs) -> None:
    """Everything that can be done with one server in one host."""
    if found is not None and draft.entry(name, found) is not None:
        menu.addAction("Copy to all apps", acts.copy_to_all)
        menu.addAction("Rename…", acts.rename)
        if (difference := compared(draft, name, found)) is not None:
            menu.addAction(f"Compare with {difference.right}", lambda: acts.compare(difference))
        menu.addAction("Connect in Wireglass", lambda: acts.connect(name, found))
    if found is not None:
        add_ways(menu, draft, ways, name, found, QGuiApplication.clipboard().setText)
    menu.addAction("Remove", acts.remove)
    if found is not None and (config := draft.holder(name, found)) is not None:
        folder = QUrl.fromLocalFile(str(config.path.parent))
        menu.addAction("Show file in its folder", lambda: QDesktopServices.openUrl(folder))


def add_ways(menu: QMenu, draft: Draft, ways: OtherWays, name: str, found: Column, copy: Callable[[str], None]) -> None:
    """Adds what this host takes for this server. Links and commands carry no secrets."""
    host = found.target.name
    can = offers(draft, name, found)
    if can.entry:
        secrets = " (with its secrets)" if can.has_secrets else ""
        menu.addAction(f"Copy entry as JSON{secrets}", lambda: copy(can.entry))
    if can.link:
        menu.addAction("Copy install link (no secrets)", lambda: copy(can.link))
        menu.addAction(f"Ask {host} by its install link", lambda: ways.open_link(name, found))
    if (command := can.command) is not None:
        menu.addAction("Copy its own command (no secrets)", lambda: copy(command_line(command)))
        run = menu.addAction(f"Run {host}'s own command", lambda: ways.run_command(name, found))
        run.setToolTip(tip(command_line(command)))
