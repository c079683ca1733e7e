"""The ways of `wireglass install` that write no file of another program: links, own commands, bundles, text."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wireglass.errors import ConfigError

if TYPE_CHECKING:
    from wireglass.targets.base import Command, Target
    from wireglass.targets.facts import Machine
    from wireglass.targets.servers import Server

__all__ = ["other_way"]


def other_way(options: argparse.Namespace, server: "Server", targets: "list[Target]", machine: "Machine") -> int:
    """Does the one that the options name. Raises ConfigError and LaunchError with a next step."""
    from wireglass.targets.links import has_secrets, without_secrets

    if options.bundle:
        return _bundle(options, server)
    if options.show:
        return _print(options, server, targets)
    if has_secrets(server):
        print("Secrets are left out: links and commands end up in histories and logs.", file=sys.stderr)
    plain = without_secrets(server)
    for target in targets:
        if options.link or options.open:
            _link(plain, target, opens=options.open)
        else:
            _command(plain, target, options, machine)
    return 0


def _link(server: "Server", target: "Target", *, opens: bool) -> None:
    from wireglass.targets.base import NotSupported
    from wireglass.targets.shell import open_link

    try:
        entry = target.entry(server)
    except NotSupported:
        entry = {}
    link = target.link(server, entry) if target.link else None
    print(link or f"{target.name} has no install link for this server.")
    if link and opens:
        open_link(link)
        print(f"{target.name} was asked to install it; `wireglass clients` shows it once it is there.")


def _command(server: "Server", target: "Target", options: argparse.Namespace, machine: "Machine") -> None:
    from wireglass.targets.shell import command_text

    command = target.commands(server, options.scope) if target.commands else None
    if command is None:
        print(f"{target.name} has no command for this.")
        return
    print(command_text(command.argv, windows=os.name == "nt"))
    if command.note:
        print(command.note, file=sys.stderr)
    if options.run:
        _run(command, target, server.name, machine)


def _run(command: "Command", target: "Target", name: str, machine: "Machine") -> None:
    from wireglass.install.official import run_own_command

    ran = run_own_command(command, target, name, machine)
    if ran.file is None:
        print(f"{target.name} was asked to install it; `wireglass clients` shows it once it is there.")
    else:
        print(f"{target.name} lists it now: {ran.file}")


def _print(options: argparse.Namespace, server: "Server", targets: "list[Target]") -> int:
    from wireglass.install.source import own_command
    from wireglass.targets.entry import fitted, mcp_remote, own_bridge
    from wireglass.targets.hosts import target_of
    from wireglass.targets.servers import StdioServer

    if options.show == "mcp-json":
        plain = "claude-desktop" if isinstance(server, StdioServer) else "generic-mcp-json"
        entry = fitted(server, target_of(plain)).entry  # command, args, env and nothing else
        print(json.dumps({server.name: entry}, ensure_ascii=False, indent=2))
        return 0
    chosen = mcp_remote if options.bridge == "mcp-remote" else own_bridge(*own_command())
    for target in targets:
        value: object = {server.name: fitted(server, target, bridge=chosen).entry}
        keys = target.facts.files[0].place.path if target.facts.files else ("mcpServers",)
        for key in reversed(keys):
            value = {key: value}
        print(json.dumps(value, ensure_ascii=False, indent=2))
    return 0


def _bundle(options: argparse.Namespace, server: "Server") -> int:
    from getpass import getuser

    from wireglass.install.bundle import build_bundle
    from wireglass.launch.find import split_spec
    from wireglass.targets.servers import StdioServer
    from wireglass.targets.shell import open_link

    if not isinstance(server, StdioServer):
        raise ConfigError("A bundle holds a server file, not a URL.", next_step="Leave out --bundle.")
    path: Path = build_bundle(server, split_spec(options.server)[0].absolute(), options.bundle, author=getuser())
    print(f"Written: {path}")
    if options.open:
        open_link(str(path.absolute()))
        print("Claude Desktop was asked to install it; it shows what the bundle may do before it does.")
    else:
        print("Open it with Claude Desktop to install it.")
    return 0
