"""Servers that this machine already knows: entries of other apps' config files, and those opened here before.

Reads only; nothing is started from here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from wireglass.targets.inventory import Found
from wireglass.targets.servers import RemoteServer, StdioServer
from wireglass.wire.masking import MASK
from wireglass_app.calls import Target, url_without_secrets

__all__ = ["KnownServer", "known_servers", "recent_entry", "recent_target", "unfinished_values"]

_SAME_FIELDS = (
    "kind",
    "command",
    "args",
    "cwd",
    "url",
    "mode",
    "trust",
    "ca_file",
    "client_cert",
    "client_key",
    "proxy",
    "sign_in",
    "client_id",
)


_SAME_NUMBERS = ("timeout", "start_timeout", "rounds")


@dataclass(frozen=True, slots=True)
class KnownServer:
    """One server, and which apps list it."""

    target: Target
    apps: tuple[str, ...]
    file: str
    """The first file that lists it."""


def known_servers(found: Iterable[Found]) -> list[KnownServer]:
    """Every entry of every app that stands for a server, the same one listed once, in the order of the files."""
    servers: dict[tuple[Any, ...], KnownServer] = {}
    for host in found:
        for listed in host.files:
            for name, entry in listed.entries.items():
                server = host.target.server(name, entry, file=listed.config.facts.id)
                if server is None or not host.target.enabled(entry):
                    continue
                target = _target(server)
                key = (target.name, target.command, target.args, target.url)
                known = servers.get(key)
                if known is None:
                    servers[key] = KnownServer(target, (host.target.name,), str(listed.config.path))
                elif host.target.name not in known.apps:
                    servers[key] = KnownServer(known.target, (*known.apps, host.target.name), known.file)
    return list(servers.values())


def _target(server: StdioServer | RemoteServer) -> Target:
    if isinstance(server, RemoteServer):
        return Target(server.name, server.transport, url=server.url, headers=tuple(server.headers.items()))
    return Target(
        server.name,
        "stdio",
        command=server.command,
        args=server.args,
        added=tuple(server.env.items()),
        cwd=server.cwd,
    )


def unfinished_values(target: Target) -> bool:
    """Whether something in it only the other app can fill in, such as `${input:key}`."""
    texts: Sequence[str] = (target.command, *target.args, target.url, target.cwd or "")
    values = [value for _, value in (*target.added, *target.headers)]
    return any(mark in text for text in (*texts, *values) for mark in ("${", "{env:", "{file:"))


def recent_entry(target: Target) -> dict[str, Any]:
    """What is remembered of a server to open it again. Values of variables and headers are not: only their names; nor
    are passwords and tokens in a URL."""
    return {
        "key": target.key,
        "name": target.name,
        "spec": target.spec,
        **{name: getattr(target, name) for name in (*_SAME_FIELDS, *_SAME_NUMBERS)},
        "any_version": target.any_version,
        "url": url_without_secrets(target.url),
        "proxy": url_without_secrets(target.proxy),
        "args": list(target.args),
        "scopes": list(target.scopes),
        "variables": [name for name, _ in target.added],
        "headers": [name for name, _ in target.headers],
    }


def recent_target(entry: Any) -> tuple[Target, bool] | None:
    """The server of an entry, and whether values have to be given again. None when the entry cannot be read."""
    if not isinstance(entry, dict) or entry.get("kind") not in ("stdio", "http", "sse"):
        return None
    variables, headers = _texts(entry.get("variables")), _texts(entry.get("headers"))
    fields = {name: entry[name] for name in _SAME_FIELDS if isinstance(entry.get(name), str) and name != "kind"}
    target = Target(
        str(entry.get("name", "")),
        entry["kind"],
        args=_texts(entry.get("args")),
        scopes=_texts(entry.get("scopes")),
        added=tuple((name, "") for name in variables),
        headers=tuple((name, "") for name in headers),
        spec=str(entry.get("spec", "")),
        any_version=entry.get("any_version") is True,
        **fields,
    )
    numbers = {name: entry[name] for name in _SAME_NUMBERS if _is_amount(entry.get(name))}
    target = replace(target, **numbers)
    if not (target.spec or target.command or target.url):
        return None
    return target, bool(variables or headers or MASK in target.url + target.proxy)


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
