"""`wireglass install`: a server into other programs' configurations, shown first, undone with one command."""

import argparse
import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

from wireglass.errors import ConfigError, LaunchError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireglass.targets.base import Target
    from wireglass.targets.edit import FileEdit
    from wireglass.targets.entry import Fitted
    from wireglass.targets.facts import Machine
    from wireglass.targets.inventory import ConfigFile
    from wireglass.targets.servers import Server

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("server", help="FILE, FILE:NAME, a fastmcp.json, or a URL")
    parser.add_argument(
        "--client", action="append", metavar="ID", help="which program; again for more (claude-desktop)"
    )
    parser.add_argument("--name", help="the entry's name (the server's own name)")
    parser.add_argument("--env", action="append", default=[], metavar="K=V", help="a variable; K alone: by reference")
    parser.add_argument("--env-file", type=Path, metavar="FILE", help="variables from a .env file")
    parser.add_argument("--header", action="append", default=[], metavar="'NAME: VALUE'", help="for a URL")
    parser.add_argument("--with", action="append", default=[], dest="packages", metavar="PKG", help="a package uv adds")
    parser.add_argument("--python", help="the interpreter that runs the file")
    parser.add_argument("--project", type=Path, metavar="DIR", help="the project whose environment or scope is used")
    parser.add_argument("--scope", choices=("user", "project", "local"), default="user")
    parser.add_argument("--bridge", choices=("wireglass", "mcp-remote"), default="wireglass", help="for a URL")
    parser.add_argument("--dry-run", action="store_true", help="show what would be written, and stop")
    parser.add_argument("--no-trial", action="store_true", help="do not start the server once before writing")
    _add_other_ways(parser.add_argument_group("instead of writing files").add_argument)
    parser.add_argument("arguments", nargs="*", help="arguments for the server file, after --")


def _add_other_ways(add: "Callable[..., object]") -> None:
    add("--link", action="store_true", help="print install links")
    add("--open", action="store_true", help="open the link, or the bundle: the program then asks its user")
    add("--command", action="store_true", help="print the programs' own commands")
    add("--run", action="store_true", help="run the programs' own commands, then look into their files")
    add("--print", action="store_const", const="host", dest="show", help="print the entry as the program wants it")
    add("--mcp-json", action="store_const", const="mcp-json", dest="show", help="print it as FastMCP's mcp-json does")
    add("--bundle", type=Path, metavar="FILE", help="write an .mcpb bundle for Claude Desktop")


def run(options: argparse.Namespace) -> int:
    from wireglass.install.source import server_from
    from wireglass.targets.inventory import this_machine

    server = server_from(options.server, _wishes(options))
    machine = this_machine(options.project or (Path.cwd() if options.scope != "user" else None))
    targets = [_target(name) for name in options.client or ["claude-desktop"]]
    if options.bundle or options.link or options.command or options.run or options.open or options.show:
        from wireglass.cli.install_ways import other_way

        return other_way(options, server, targets, machine)
    return _write(options, server, targets, machine)


def _write(options: argparse.Namespace, server: "Server", targets: "list[Target]", machine: "Machine") -> int:
    from wireglass.install.source import leans_on_us
    from wireglass.targets.check import entry_warnings
    from wireglass.targets.edit import apply, set_entry
    from wireglass.targets.journal import Journal, default_folder

    journal = Journal(default_folder())
    plans: list[tuple[ConfigFile, Fitted, FileEdit]] = []
    for target in targets:
        for config in _files(target, machine, options.scope):
            fit = _fit(server, target, config, machine, options.bridge)
            edit = set_entry(config, server.name, fit.entry, extra=fit.extra, journal=journal)
            plans.append((config, fit, edit))
    for config, fit, edit in plans:
        _show(config, fit, edit)
        for warning in entry_warnings(config, server.name, fit.entry, machine):
            print(f"  {warning.level}: {warning.text} {warning.next_step}")
    if leans_on_us(server):
        print(
            "note: the file does not start itself, so the entry starts it through Wireglass, "
            "which must stay where it is. "
            'To be free of that, end the file with: if __name__ == "__main__": mcp.run()'
        )
    if options.dry_run:
        return 0
    if not options.no_trial:
        _try(plans, machine)
    names = ", ".join(dict.fromkeys(config.target.name for config, _, _ in plans))
    outcome = apply([edit for _, _, edit in plans], journal, label=f"Install {server.name} into {names}")
    if outcome.act is None:
        print("Everything was there already; nothing was written.")
        return 0
    for path in outcome.written:
        print(f"Written: {path}")
    _afterwards(plans, machine)
    print("`wireglass clients undo` takes it back.")
    return 0


def _files(target: "Target", machine: "Machine", scope: str) -> "list[ConfigFile]":
    from wireglass.targets.inventory import files_to_write, survey

    if not target.facts.files:
        raise ConfigError(
            f"{target.name} keeps its servers in no file.",
            next_step="Use --link, or paste the entry into its settings.",
        )
    files = files_to_write(target, machine, scope)  # type: ignore[arg-type]  # argparse checked the scope
    if not files:
        raise ConfigError(
            f"{target.name} has no {scope} file on this system.", next_step="`wireglass clients known` lists programs."
        )
    if scope == "user" and not survey(machine, [target])[0].installed:
        raise ConfigError(
            f"{target.name} was not found on this machine.",
            next_step=f"Install it and start it once; its file would be {files[0].path}.",
        )
    return files


def _fit(server: "Server", target: "Target", config: "ConfigFile", machine: "Machine", bridge: str) -> "Fitted":
    from wireglass.install.source import own_command
    from wireglass.targets.entry import fitted, mcp_remote, own_bridge

    chosen = mcp_remote if bridge == "mcp-remote" else own_bridge(*own_command())
    return fitted(server, target, file=config.facts.id, platform=machine.platform, bridge=chosen)


def _show(config: "ConfigFile", fit: "Fitted", edit: "FileEdit") -> None:
    from wireglass.targets.servers import hide_secrets

    print(f"{config.target.name}: {config.path}")
    for note in (*fit.notes, *edit.notes):
        print(f"  note: {note}")
    for line in edit.diff():
        print(f"  {hide_secrets(line)}")


def _try(plans: "list[tuple[ConfigFile, Fitted, FileEdit]]", machine: "Machine") -> None:
    from wireglass.install.trial import host_environment, try_out

    done: set[object] = set()
    for config, fit, _ in plans:
        key = repr((fit.server, host_environment(config.target, machine)))
        if key in done:
            continue
        done.add(key)
        trial = asyncio.run(try_out(fit.server, config.target, machine))
        if not trial.answered:
            output = f"\n{trial.output}" if trial.output else ""
            raise LaunchError(
                f"Started as {config.target.name} would start it, the server did not answer: {trial.text}{output}",
                next_step="Nothing was written. Correct it, or use --no-trial to write all the same.",
            )
        print(f"Started as {config.target.name} would start it: {trial.text}.")


def _afterwards(plans: "list[tuple[ConfigFile, Fitted, FileEdit]]", machine: "Machine") -> None:
    from wireglass.install.desktop import is_running

    for target in dict.fromkeys(config.target.id for config, _, _ in plans):
        facts = _target(target).facts
        if facts.id == "claude-desktop" and is_running(machine):
            print("Claude Desktop is running and may write its file again: quit it fully, then run this once more.")
        elif facts.restart == "app":
            print(f"Restart {facts.name} to pick it up.")
        elif facts.restart in ("session", "refresh"):
            print(f"{facts.name}: {facts.reload}.")


def _wishes(options: argparse.Namespace):
    from wireglass.install.source import Wishes, read_env_file
    from wireglass.targets.references import referred

    headers = _headers(options)
    env = read_env_file(options.env_file) if options.env_file else {}
    secret: set[str] = set()
    for pair in options.env:
        name, equals, value = pair.partition("=")
        if not equals:
            if name not in os.environ:
                raise ConfigError(f"The variable {name} is not set here.", next_step=f"Set it, or write {name}=VALUE.")
            secret.add(name)
        env[name] = value if equals else os.environ[name]
    return Wishes(
        name=options.name,
        env=env,
        secret_env=frozenset(secret),
        packages=tuple(options.packages),
        python=options.python,
        project=options.project.absolute() if options.project else None,
        arguments=tuple(options.arguments),
        headers=headers,
        variables={name: os.environ[name] for value in headers.values() for name in referred(value)},
    )


def _headers(options: argparse.Namespace) -> dict[str, str]:
    """References to variables in capitals stay; each host gets them in its own way."""
    from wireglass.install.bridge import filled_header
    from wireglass.targets.references import referred

    headers: dict[str, str] = {}
    for text in options.header:
        name, value = filled_header(text, os.environ)  # says which variable is not set
        raw = text.partition(":")[2].strip()
        headers[name] = raw if referred(raw) else value
    return headers


def _target(name: str) -> "Target":
    import difflib

    from wireglass.targets.hosts import TARGETS, target_of

    try:
        return target_of(name)
    except KeyError:
        close = difflib.get_close_matches(name, [target.id for target in TARGETS], n=1)
        step = f"Did you mean {close[0]}?" if close else "`wireglass clients known` lists them."
        raise ConfigError(f"There is no program called {name}.", next_step=step) from None
