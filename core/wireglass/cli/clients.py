"""`wireglass clients`: which programs are there, where their files are, which servers they list; and undo."""

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

from wireglass.errors import ConfigError

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", choices=("list", "undo", "history", "known"), default="list")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--project", type=Path, help="also read this project's files")
    parser.add_argument("--reach", action="store_true", help="also see whether remote servers take a connection")
    parser.add_argument("--act", metavar="ID", help="undo: this act instead of the last one")


def run(options: argparse.Namespace) -> int:
    act = {"list": _list, "undo": _undo, "history": _history, "known": _known}[options.what]
    return act(options)


def _list(options: argparse.Namespace) -> int:
    from wireglass.install.reach import unreachable
    from wireglass.targets.check import machine_warnings, remote_urls
    from wireglass.targets.inventory import survey, this_machine

    machine = this_machine(options.project)
    found = [host for host in survey(machine) if host.installed or host.files]
    problems = asyncio.run(unreachable(remote_urls(found))) if options.reach else {}
    warnings = machine_warnings(found, machine, problems)
    if options.json:
        print(
            json.dumps(
                {"hosts": [_as_json(host) for host in found], "warnings": [_said(w) for w in warnings]}, indent=2
            )
        )
        return 0
    for host in found:
        print(host.target.name)
        for listed in host.files:
            print(f"  {listed.config.path}")
            for name, entry in listed.entries.items():
                print(f"    {name}{'' if host.target.enabled(entry) else ' (off)'}")
            if listed.problem:
                print(f"    {listed.problem}")
    if not found:
        print("No program that uses MCP servers was found.")
    for warning in warnings:
        where = ", ".join(dict.fromkeys(config.target.name for config in warning.configs))
        who = f"{warning.server} ({where})" if warning.server else where
        print(f"{warning.level}: {who}: {warning.text} {warning.next_step}".rstrip())
    return 0


def _undo(options: argparse.Namespace) -> int:
    from wireglass.targets.edit import undo
    from wireglass.targets.inventory import this_machine
    from wireglass.targets.journal import Journal, default_folder

    journal = Journal(default_folder())
    act = journal.find(options.act) if options.act else journal.last()
    if act is None:
        raise ConfigError("There is nothing to undo.", next_step="`wireglass clients history` lists what was written.")
    results = undo(act, journal, this_machine(options.project))
    for result in results:
        print(f"{result.path}: {result.how}{'. ' + result.reason if result.reason else ''}")
    return 0 if all(result.how != "not possible" for result in results) else 1


def _history(options: argparse.Namespace) -> int:
    from wireglass.targets.journal import Journal, default_folder

    acts = Journal(default_folder()).acts()
    if options.json:
        rows = [
            {"id": a.id, "time": a.time, "label": a.label, "state": a.state, "files": [f.path for f in a.files]}
            for a in acts
        ]
        print(json.dumps(rows, indent=2))
        return 0
    for act in acts:
        print(f"{act.id}  {act.state:<11}  {act.label}")
        for written in act.files:
            print(f"    {written.path}")
    return 0


def _known(options: argparse.Namespace) -> int:
    from wireglass.targets.hosts import TARGETS

    rows = [{"id": t.id, "name": t.name, "ways": list(t.ways)} for t in TARGETS]
    if options.json:
        print(json.dumps(rows, indent=2))
        return 0
    for target in TARGETS:
        print(f"{target.id:<24}{target.name}")
    return 0


def _as_json(host: Any) -> dict[str, Any]:
    files = [
        {
            "path": str(listed.config.path),
            "scope": listed.config.facts.scope,
            "servers": {
                name: {"enabled": host.target.enabled(entry), "kind": _kind(host.target.server(name, entry))}
                for name, entry in listed.entries.items()
            },
            "problem": listed.problem or None,
        }
        for listed in host.files
    ]
    return {"id": host.target.id, "name": host.target.name, "installed": host.installed, "files": files}


def _kind(server: object) -> str | None:
    from wireglass.targets.servers import RemoteServer

    if server is None:
        return None
    return server.transport if isinstance(server, RemoteServer) else "stdio"


def _said(warning: Any) -> dict[str, Any]:
    return {
        "kind": warning.kind,
        "level": warning.level,
        "server": warning.server,
        "text": warning.text,
        "next_step": warning.next_step,
        "files": [str(config.path) for config in warning.configs],
    }
