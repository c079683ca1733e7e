"""What is wrong, or will go wrong, with the entries of a machine's hosts: warnings with a next step each."""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath
from typing import Any, Literal
from urllib.parse import urlsplit

from wireglass.targets.base import Target
from wireglass.targets.facts import Machine, facts_of, host_ids
from wireglass.targets.inventory import ConfigFile, Found
from wireglass.targets.servers import RemoteServer, Server, StdioServer, looks_secret

__all__ = ["EntryWarning", "differing", "entry_warnings", "machine_warnings", "remote_urls"]

Kind = Literal[
    "unreadable", "no server", "missing command", "missing file", "relative path", "secret", "bad url",
    "unreachable", "unknown key", "name", "duplicate", "differs",
]  # fmt: skip


@dataclass(frozen=True)
class EntryWarning:
    """One finding about one server, in one or several files."""

    kind: Kind
    level: Literal["error", "warning"]
    server: str
    text: str
    next_step: str
    configs: tuple[ConfigFile, ...]
    about: tuple[str, ...] = ()
    """The keys or variables that it is about."""


def machine_warnings(
    found: Iterable[Found], machine: Machine, unreachable: Mapping[str, str] | None = None
) -> list[EntryWarning]:
    """Every warning for every entry of the hosts, errors first; `unreachable` says by URL why it cannot be reached."""
    hosts = list(found)
    warnings: list[EntryWarning] = []
    for host in hosts:
        for listed in host.files:
            if listed.problem:
                warnings.append(EntryWarning("unreadable", "error", "", listed.problem, "", (listed.config,)))
            for name, entry in listed.entries.items():
                warnings += entry_warnings(listed.config, name, entry, machine)
        warnings += _duplicates(host)
    warnings += differing(hosts)
    warnings += _unreachable(hosts, unreachable or {})
    return sorted(warnings, key=lambda one: (one.level != "error", one.kind != "unreadable"))


def entry_warnings(config: ConfigFile, name: str, entry: Mapping[str, Any], machine: Machine) -> list[EntryWarning]:
    """The warnings for one entry."""
    target = config.target
    server = target.server(name, entry, file=config.facts.id)
    if server is None:
        text = f"{target.name} finds neither a command nor a URL in it."
        return [EntryWarning("no server", "error", name, text, "Complete the entry, or remove it.", (config,))]
    found = _remote(server, target) if isinstance(server, RemoteServer) else _stdio(server, target, machine)
    found += _secrets(server, target)
    found += _keys(target, entry)
    if problem := target.name_problem(name):
        found.append(("name", "warning", problem, "Rename it.", ()))
    return [EntryWarning(kind, level, name, text, step, (config,), about) for kind, level, text, step, about in found]


def remote_urls(found: Iterable[Found]) -> list[str]:
    """The URLs of the servers that are switched on, for a look whether they can be reached."""
    return list(dict.fromkeys(url for url, _, _ in _remote_places(found)))


def differing(found: Iterable[Found]) -> list[EntryWarning]:
    """Servers of one name that are not the same server in every host."""
    seen: dict[str, list[tuple[ConfigFile, Server]]] = {}
    for host in found:
        for listed in host.files:
            for name, entry in listed.entries.items():
                server = host.target.server(name, entry, file=listed.config.facts.id)
                if server is not None:
                    seen.setdefault(name, []).append((listed.config, server))
    warnings: list[EntryWarning] = []
    for name, places in seen.items():
        if len({_essence(server) for _, server in places}) > 1:
            files = tuple(config for config, _ in places)
            text = f"It is not the same in {len(places)} places."
            warnings.append(EntryWarning("differs", "warning", name, text, "Compare, then copy one to all.", files))
    return warnings


_Finding = tuple[Kind, Literal["error", "warning"], str, str, tuple[str, ...]]


def _stdio(server: StdioServer, target: Target, machine: Machine) -> list[_Finding]:
    if "${" in server.command or "{env:" in server.command:
        return []
    found: list[_Finding] = []
    path = machine.path(server.command)
    bare = "/" not in server.command and "\\" not in server.command
    gui = "terminal" not in target.facts.kind
    if path.is_absolute() and not Path(server.command).exists():
        found.append(
            ("missing command", "error", f"{server.command} is missing.", "Find it, or change the command.", ())
        )
    elif bare and not shutil.which(server.command, path=machine.env.get("PATH")):
        found.append(("missing command", "error", f"{server.command} is not on the PATH.", "Write its full path.", ()))
    elif bare and gui and machine.platform == "macos":
        text = f"{target.name} is started with a short PATH that may not hold {server.command}."
        found.append(("relative path", "warning", text, "Write its full path.", ()))
    elif not bare and not path.is_absolute() and not server.cwd:
        text = f"{server.command} is relative, and {target.name} starts it in a folder of its own choice."
        found.append(("relative path", "error", text, "Write its full path.", ()))
    for arg in server.args:
        found += _script(arg, server, machine)
    return found


def _script(arg: str, server: StdioServer, machine: Machine) -> list[_Finding]:
    if PurePath(arg).suffix not in (".py", ".js", ".mjs", ".cjs", ".ts") or arg.startswith("-") or "${" in arg:
        return []
    path = machine.path(arg)
    if path.is_absolute():
        missing = f"{arg} is missing."
        return (
            [] if Path(arg).exists() else [("missing file", "error", missing, "Find it, or change the path.", (arg,))]
        )
    if server.cwd or "--directory" in server.args or "://" in arg:
        return []
    text = f"{arg} is relative to a folder that the host chooses."
    return [("relative path", "warning", text, "Write its full path.", (arg,))]


def _remote(server: RemoteServer, target: Target) -> list[_Finding]:
    if target.shape.url is None:
        text = f"{target.name} reads no remote servers from its file and may drop the entry."
        return [("unknown key", "error", text, "Start a bridge instead: `wireglass bridge URL`.", ())]
    parts = urlsplit(server.url)
    if parts.scheme in ("unix", "pipe") or "${" in server.url or "{env:" in server.url:
        return []
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return [("bad url", "error", f"{server.url} is not a URL that a server can have.", "Correct the URL.", ())]
    local = parts.hostname in ("localhost", "127.0.0.1", "::1") or parts.hostname.endswith(".localhost")
    if parts.scheme == "http" and not local:
        return [("bad url", "warning", "It is reached without encryption.", "Use https if the server has it.", ())]
    return []


def _secrets(server: Server, target: Target) -> list[_Finding]:
    values = server.headers if isinstance(server, RemoteServer) else server.env
    names = [name for name, value in values.items() if looks_secret(name, value)]
    if not names:
        return []
    listed = ", ".join(names)
    reference = target.reference(names[0])
    step = f"Use {reference}." if reference else f"{target.name} has no way to refer to a secret that is known."
    if target.id in ("codex", "goose"):
        step = f"{target.name} can take it from its own environment or key store by name."
    return [("secret", "warning", f"{listed} is kept in plain text.", step, tuple(names))]


def _keys(target: Target, entry: Mapping[str, Any]) -> list[_Finding]:
    known = target.known_keys(entry)
    unknown = sorted(set(entry) - known - {"name"}) if known else []
    behaviour = target.facts.unknown_keys
    if behaviour == "ignored":
        own = target.facts.stdio_keys | target.facts.remote_keys | _own_keys(target)
        unknown = [key for key in unknown if key in _meant_elsewhere() and key not in own]
    if not unknown or behaviour == "unknown":
        return []
    listed = ", ".join(unknown)
    if behaviour == "ignored":
        return [
            (
                "unknown key",
                "warning",
                f"{target.name} ignores {listed}.",
                "Remove it, it has no effect here.",
                tuple(unknown),
            )
        ]
    if behaviour == "rejected":
        return [
            (
                "unknown key",
                "error",
                f"{target.name} rejects the whole file over {listed}.",
                "Remove the key.",
                tuple(unknown),
            )
        ]
    return [("unknown key", "warning", f"{target.name} marks {listed} as an error.", "Remove the key.", tuple(unknown))]


@cache
def _meant_elsewhere() -> frozenset[str]:
    """Keys that change what some other host does; notes that people leave for themselves are not among them."""
    words = frozenset({"type", "transport", "source", "name", "description", "metadata", "icon", "key", "remote"})
    known = (facts.stdio_keys | facts.remote_keys for facts in map(facts_of, host_ids()))
    return frozenset[str]().union(*known) - words


def _own_keys(target: Target) -> frozenset[str]:
    shape = target.shape
    off = {shape.off[0]} if shape.off else set[str]()
    return frozenset({shape.command, shape.env, *shape.first, *shape.last, shape.headers[0], *off})


def _unreachable(found: Iterable[Found], problems: Mapping[str, str]) -> list[EntryWarning]:
    step = "Check the URL, the network, and whether the server runs."
    grouped: dict[tuple[str, str], list[ConfigFile]] = {}
    for url, name, config in _remote_places(found):
        if url in problems:
            grouped.setdefault((name, problems[url]), []).append(config)
    return [
        EntryWarning("unreachable", "warning", name, text, step, tuple(files))
        for (name, text), files in grouped.items()
    ]


def _remote_places(found: Iterable[Found]) -> Iterator[tuple[str, str, ConfigFile]]:
    """URL, name and file of every remote server that is switched on, also of those behind a bridge."""
    for host in found:
        for listed in host.files:
            for name, entry in listed.entries.items():
                server = host.target.server(name, entry, file=listed.config.facts.id)
                url = server.url if isinstance(server, RemoteServer) else _bridged(server) if server else None
                if url and host.target.enabled(entry):
                    yield url, name, listed.config


def _duplicates(host: Found) -> list[EntryWarning]:
    """The same server under two names in one host: its tools would be there twice."""
    by_essence: dict[object, list[tuple[str, ConfigFile]]] = {}
    for listed in host.files:
        for name, entry in listed.entries.items():
            server = host.target.server(name, entry, file=listed.config.facts.id)
            if server is not None and host.target.enabled(entry):
                by_essence.setdefault(_essence(server), []).append((name, listed.config))
    warnings: list[EntryWarning] = []
    for places in by_essence.values():
        names = sorted({name for name, _ in places})
        if len(names) > 1:
            text = f"{', '.join(names[1:])} is the same server in {host.target.name}."
            files = tuple(config for _, config in places)
            warnings.append(EntryWarning("duplicate", "warning", names[0], text, "Remove one of them.", files))
    return warnings


def _bridged(server: StdioServer) -> str | None:
    """The URL that a stdio bridge leads to: mcp-remote's, or ours."""
    for word in ("mcp-remote", "bridge"):
        at = next((i for i, arg in enumerate(server.args) if arg.split("@")[0] == word), None)
        if at is not None and server.args[at + 1 : at + 2] and server.args[at + 1].startswith(("http://", "https://")):
            return server.args[at + 1]
    return None


def _essence(server: Server) -> object:
    """What makes two entries the same server; names and ways to refer to a secret do not."""
    if isinstance(server, RemoteServer):
        return ("url", server.url.rstrip("/"))
    if bridged := _bridged(server):
        return ("url", bridged.rstrip("/"))
    env = tuple(
        sorted((key, value if "$" not in value and "{env:" not in value else "") for key, value in server.env.items())
    )
    return ("command", os.path.basename(server.command), server.args, env)
