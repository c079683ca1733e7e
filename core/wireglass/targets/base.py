"""Target: one host application, how it writes a server, and how it is told about one. Pure.

A host's own file gives a `Shape` (names of the keys) and what no shape can say; everything else is in the facts table.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from wireglass.targets.document import Update
from wireglass.targets.facts import Facts, facts_of
from wireglass.targets.servers import RemoteServer, Server, StdioServer

__all__ = ["Command", "NotSupported", "Shape", "Target"]

JSON = dict[str, Any]


class NotSupported(Exception):
    """This host's file cannot hold this kind of server; the text says what to do instead."""


@dataclass(frozen=True)
class Command:
    """The host's own command for the same act, as an argument list that needs no shell."""

    argv: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Shape:
    """The keys of an entry. None for a key means that the host has no such key."""

    command: str = "command"
    args: str | None = "args"
    """None: program and arguments are one list under `command`."""
    env: str = "env"
    cwd: str | None = None
    type_key: str = "type"
    stdio_type: str | None = None
    url: str | None = "url"
    """None: the file cannot hold remote servers."""
    sse_url: str | None = None
    """Where the two transports have different keys."""
    http_type: str | None = None
    sse_type: str | None = None
    sse: bool = True
    headers: tuple[str, ...] = ("headers",)
    first: Mapping[str, Any] = field(default_factory=dict[str, Any])
    last: Mapping[str, Any] = field(default_factory=dict[str, Any])
    remote_first: Mapping[str, Any] | None = None
    remote_last: Mapping[str, Any] | None = None
    off: tuple[str, bool] | None = None
    """The key that switches an entry off, and its value then."""

    def stdio(self, server: StdioServer) -> JSON:
        """The entry of a server that is a command."""
        entry: JSON = dict(self.first)
        if self.stdio_type is not None:
            entry[self.type_key] = self.stdio_type
        if self.args is None:
            entry[self.command] = [server.command, *server.args]
        else:
            entry |= {self.command: server.command, self.args: list(server.args)}
        if server.cwd and self.cwd:
            entry[self.cwd] = server.cwd
        if server.env:
            entry[self.env] = dict(server.env)
        return entry | dict(self.last)

    def remote(self, server: RemoteServer) -> JSON:
        """The entry of a server behind a URL."""
        is_sse = server.transport == "sse"
        entry: JSON = dict(self.first if self.remote_first is None else self.remote_first)
        kind = self.sse_type if is_sse else self.http_type
        if kind is not None:
            entry[self.type_key] = kind
        entry[str(self.sse_url if is_sse and self.sse_url else self.url)] = server.url
        if server.headers:
            node = entry
            for key in self.headers[:-1]:
                node = node.setdefault(key, {})
            node[self.headers[-1]] = dict(server.headers)
        return entry | dict(self.last if self.remote_last is None else self.remote_last)


@dataclass(frozen=True)
class Target:
    """One host. `shapes` overrides the shape for single files of the host, by file id."""

    id: str
    shape: Shape
    shapes: Mapping[str, Shape] = field(default_factory=dict[str, Shape])
    foreign: Callable[[JSON], bool] = lambda entry: False
    """Entries under the same key that belong to the host itself."""
    link: Callable[[Server, JSON], str | None] | None = None
    """The host's install link for a server, given its entry."""
    commands: Callable[[Server, str], Command | None] | None = None
    """The host's own command, given a scope."""
    named: str | None = None
    """A key inside the entry that repeats the name."""
    old_file_without: str | None = None
    """A path template: while nothing is there, the host still reads the file that is marked as old."""
    ways: tuple[Literal["file", "link", "command", "bundle", "copy"], ...] = ("file",)
    """Ways to install, best first."""

    @cached_property
    def facts(self) -> Facts:
        return facts_of(self.id)

    @property
    def name(self) -> str:
        return self.facts.name

    def shape_of(self, file: str) -> Shape:
        return self.shapes.get(file, self.shape)

    def entry(self, server: Server, *, file: str = "user") -> JSON:
        """What this host's file must hold for the server. Raises NotSupported with the way around."""
        shape = self.shape_of(file)
        if isinstance(server, StdioServer):
            return self._named(server.name, shape.stdio(server))
        if shape.url is None:
            raise NotSupported(f"{self.name} reads no remote servers from its file; a bridge over stdio works.")
        if server.transport == "sse" and not shape.sse:
            raise NotSupported(f"{self.name} does not speak the old HTTP+SSE transport; a bridge over stdio works.")
        return self._named(server.name, shape.remote(server))

    def server(self, name: str, entry: Mapping[str, Any], *, file: str = "user") -> Server | None:
        """The server an entry stands for, or None when it is neither a command nor a URL."""
        shape = self.shape_of(file)
        entry = {**entry, **entry["transport"]} if isinstance(entry.get("transport"), dict) else entry
        for key in (shape.url, shape.sse_url, "url", "httpUrl", "serverUrl", "uri", "baseUrl"):
            if key is not None and isinstance(entry.get(key), str):
                return self._remote(name, key, entry, shape)
        command = entry.get(shape.command, entry.get("command"))
        if isinstance(command, dict):  # Zed's oldest form
            entry, command = {**entry, "args": command.get("args"), "env": command.get("env")}, command.get("path")
        if isinstance(command, list):
            command, args = str(command[0]) if command else "", command[1:]
        else:
            args = entry.get(shape.args or "args") or []
        if not isinstance(command, str) or not command:
            return None
        env = entry.get(shape.env) or {}
        cwd = entry.get(shape.cwd) if shape.cwd else None
        pairs = {str(key): str(value) for key, value in env.items()} if isinstance(env, dict) else {}
        return StdioServer(name, command, tuple(map(str, args)), pairs, cwd if isinstance(cwd, str) else None)

    def enabled(self, entry: Mapping[str, Any]) -> bool:
        """Whether the entry is switched on, as far as the file says."""
        return self.shape.off is None or entry.get(self.shape.off[0]) is not self.shape.off[1]

    def switched(self, name: str, entry: Mapping[str, Any], *, on: bool) -> Update | None:
        """The change that switches an entry on or off, or None when this host keeps that elsewhere."""
        if self.shape.off is None:
            return None
        key, value = self.shape.off
        if on and key in entry and key not in self.shape.last:
            return Update(name, {}, drop=(key,))
        return Update(name, {key: value is not on})

    def known_keys(self, entry: Mapping[str, Any]) -> frozenset[str]:
        """The keys that the host knows for an entry of this kind; empty when nobody has listed them."""
        is_remote = any(key in entry for key in ("url", "httpUrl", "serverUrl", "uri", "baseUrl"))
        return self.facts.remote_keys if is_remote else self.facts.stdio_keys

    def name_problem(self, name: str) -> str | None:
        """Why the host may not take this name, or None."""
        if name in self.facts.reserved_names:
            return f'{self.name} keeps the name "{name}" for itself.'
        rule = self.facts.name_rule
        if rule and not re.fullmatch(rule, name):
            return f'{self.name}\'s own command refuses the name "{name}"; letters, digits, - and _ always work.'
        return None

    def reference(self, variable: str) -> str | None:
        """How a value refers to an environment variable here, or None when the host reads values literally."""
        return self.facts.reference.replace("NAME", variable) if self.facts.reference else None

    def _named(self, name: str, entry: JSON) -> JSON:
        return {self.named: name} | entry if self.named else entry

    def _remote(self, name: str, key: str, entry: Mapping[str, Any], shape: Shape) -> RemoteServer:
        kind = str(entry.get(shape.type_key, entry.get("type", entry.get("transport", ""))))
        is_sse = kind == "sse" or (not kind and shape.sse_url == key and shape.sse_url != shape.url)
        headers: Any = entry
        for part in shape.headers:
            headers = headers.get(part) if isinstance(headers, dict) else None
        headers = headers if isinstance(headers, dict) else entry.get("headers")
        pairs = {str(k): str(v) for k, v in headers.items()} if isinstance(headers, dict) else {}
        return RemoteServer(name, str(entry[key]), "sse" if is_sse else "http", pairs)
