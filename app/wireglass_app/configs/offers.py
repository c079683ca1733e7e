"""What can be done with one server in one host beside writing its file: copy, open a link, run a command, bundle."""

import getpass
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject

from wireglass.errors import WireglassError
from wireglass.install.bundle import build_bundle, script_of
from wireglass.install.official import run_own_command
from wireglass.targets.base import Command, NotSupported
from wireglass.targets.draft import Draft
from wireglass.targets.links import has_secrets, without_secrets
from wireglass.targets.matrix import Column
from wireglass.targets.servers import Server, StdioServer
from wireglass.targets.shell import command_text, open_link
from wireglass_app.bridge import Bridge
from wireglass_app.plain import visible

__all__ = ["Offers", "OtherWays", "command_line", "offers"]


@dataclass(frozen=True)
class Offers:
    """What this host takes for this server; secrets are in none of them but the entry itself."""

    entry: str
    """The entry under its name, as JSON; empty when no file has it."""
    link: str
    command: Command | None
    has_secrets: bool = False
    """Whether the entry holds values that the others leave out."""


def offers(draft: Draft, name: str, column: Column) -> Offers:
    """Everything that can be offered for one cell of the table."""
    server, entry = draft.server(name, column), draft.entry(name, column)
    if server is None:
        return Offers("", "", None)
    plain, target = without_secrets(server), column.target
    try:
        link = target.link(plain, target.entry(plain)) if target.link else None
    except NotSupported:
        link = target.link(plain, {}) if target.link else None
    command = target.commands(plain, "user") if target.commands else None
    text = json.dumps({name: entry}, ensure_ascii=False, indent=2) if entry is not None else ""
    return Offers(text, link or "", command, has_secrets(server))


class OtherWays:
    """Opens links, runs the hosts' own commands, builds bundles. `done()`: the files are to be read again.
    What runs ends with `owner`."""

    def __init__(
        self,
        draft: Draft,
        bridge: Bridge,
        announce: Callable[[str], None],
        done: Callable[[], None],
        owner: QObject,
        *,
        opened: Callable[[str], None] = open_link,
    ) -> None:
        self._draft = draft
        self._bridge = bridge
        self._announce = announce
        self._done = done
        self._owner = owner
        self._opened = opened

    def open_link(self, name: str, column: Column) -> None:
        """The host then asks its user; until its file shows the server it is only asked."""
        try:
            self._opened(offers(self._draft, name, column).link)
        except WireglassError as problem:
            self._announce(f"{problem.message} {problem.next_step}".strip())
            return
        self._asked(name, column)

    def run_command(self, name: str, column: Column) -> None:
        """Runs the host's own command off the Qt thread."""
        command = offers(self._draft, name, column).command
        if command is not None:
            self._announce(f"Running {command_text(command.argv[:3])}…")
            self._bridge.spawn(self._run(command, name, column), self._owner)

    def bundle(self, server: Server, path: Path) -> None:
        """Builds an `.mcpb` bundle and hands it to the system, which opens it with Claude Desktop."""
        script = script_of(server) if isinstance(server, StdioServer) else None
        if script is None or not isinstance(server, StdioServer):
            self._announce("A bundle holds a server file; this server has none on this machine.")
            return
        try:
            build_bundle(server, script, path, author=getpass.getuser())
            self._opened(str(path))
        except WireglassError as problem:
            self._announce(f"{problem.message} {problem.next_step}".strip())
            return
        self._announce(f"{path.name} was written. Claude Desktop was asked to install it.")

    async def _run(self, command: Command, name: str, column: Column) -> None:
        machine = self._draft.machine
        try:
            ran = await self._bridge.compute(run_own_command, command, column.target, name, machine)
        except WireglassError as problem:
            self._announce(f"{problem.message} {problem.next_step}".strip())
            return
        if ran.file is None:
            self._asked(name, column)
            return
        self._announce(f"{column.target.name} lists {visible(name, 60)} now: {ran.file.name}")
        self._done()

    def _asked(self, name: str, column: Column) -> None:
        self._draft.asked(name, column)
        self._announce(
            f"{column.target.name} was asked to install {visible(name, 60)}. It shows here once it is there."
        )
        self._done()


def command_line(command: Command) -> str:
    """To be pasted into a shell of this system."""
    return command_text(command.argv, windows=os.name == "nt")
