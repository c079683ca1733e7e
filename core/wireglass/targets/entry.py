"""A server fitted to one host: its working folder, its secrets and, where the host speaks no HTTP, a bridge. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any, Literal

from wireglass.targets.base import NotSupported, Shape, Target
from wireglass.targets.document import Add, Change, Place
from wireglass.targets.facts import Platform
from wireglass.targets.references import filled, in_words_of, neutral, referred
from wireglass.targets.servers import RemoteServer, Server, StdioServer, looks_secret

__all__ = ["Bridge", "Fitted", "fitted", "mcp_remote", "merged", "own_bridge", "referring"]

Bridge = Callable[[RemoteServer], StdioServer]

_CHANGE_FOLDER = 'cd "$0" && exec "$@"'


@dataclass(frozen=True)
class Fitted:
    """What goes into one host's file for one server."""

    server: Server
    """The server as the host will start it: with the bridge, with the working folder."""
    entry: dict[str, Any]
    extra: tuple[tuple[Place, Change], ...] = ()
    """Changes beside the entry: the questions behind `${input:NAME}`."""
    notes: tuple[str, ...] = field(default_factory=tuple[str, ...])


def fitted(
    server: Server, target: Target, *, file: str = "user", platform: Platform = "linux", bridge: Bridge | None = None
) -> Fitted:
    """The entry for this host. Raises NotSupported when it has no remote servers and no bridge is given."""
    notes: list[str] = []
    if target.id == "crush":
        server = _without_commands(server)
    if isinstance(server, RemoteServer):
        try:
            return _with_header_references(server, target, file)
        except NotSupported as problem:
            if bridge is None:
                raise
            notes.append(f"{problem} The entry starts one.")
            server = bridge(server)
    if server.cwd and not target.shape_of(file).cwd:
        server = _in_folder(server, platform) if server.needs_cwd else replace(server, cwd=None)
    return _with_references(server, target, file, notes)


def mcp_remote(server: RemoteServer) -> StdioServer:
    """The bridge that most people know, from npm. Header values travel in variables: blanks in arguments break it."""
    args, env = ["-y", "mcp-remote", server.url], dict[str, str]()
    for name, value in server.headers.items():
        variable = re.sub(r"\W", "_", name).upper()
        args += ["--header", f"{name}:${{{variable}}}"]
        env[variable] = filled(value, server.variables)
    if server.transport == "sse":
        args = [*args, "--transport", "sse-only"] if server.headers else args
    return StdioServer(server.name, "npx", tuple(args), env)


def own_bridge(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Bridge:
    """Our own `wireglass bridge URL`; `command` and its variables are how this machine starts `wireglass`."""

    def bridge(server: RemoteServer) -> StdioServer:
        args, env = [*command[1:], "bridge", server.url], dict(environment or {})
        secret: set[str] = set()
        if server.transport == "sse":
            args += ["--transport", "sse"]
        for name, value in server.headers.items():
            if names := referred(value):
                args += ["--header", f"{name}: {neutral(value)}"]
                env |= {each: server.variables.get(each, f"${{{each}}}") for each in names}
                secret |= {each for each in names if each in server.variables}
                continue
            variable = f"WIREGLASS_{re.sub(r'[^A-Za-z0-9]', '_', name).upper()}"
            args += ["--header", f"{name}: ${{{variable}}}"]
            env[variable] = value
        return StdioServer(server.name, command[0], tuple(args), env, secret_env=frozenset(secret))

    return bridge


def _without_commands(server: Server) -> Server:
    """For a host that expands values as a shell does: `$(...)` that came from elsewhere is text, not a command."""

    def text(value: str) -> str:
        return value.replace("$(", "\\$(")

    if isinstance(server, RemoteServer):
        headers = {name: text(value) for name, value in server.headers.items()}
        return replace(server, url=text(server.url), headers=headers)
    env = {name: text(value) for name, value in server.env.items()}
    return replace(server, command=text(server.command), args=tuple(map(text, server.args)), env=env)


def _in_folder(server: StdioServer, platform: Platform) -> StdioServer:
    """The same command, started in its folder although the host has no key for that."""
    folder = str(server.cwd)
    if PurePath(server.command).stem == "uv" and server.args[:1] == ("run",):
        if "--directory" in server.args:
            return replace(server, cwd=None)
        return replace(server, args=("run", "--directory", folder, *server.args[1:]), cwd=None)
    if platform == "windows":
        line = ("/c", "cd", "/d", folder, "&&", server.command, *server.args)
        return replace(server, command="cmd", args=line, cwd=None)
    return replace(
        server, command="/bin/sh", args=("-c", _CHANGE_FOLDER, folder, server.command, *server.args), cwd=None
    )


def _with_references(server: StdioServer, target: Target, file: str, notes: list[str]) -> Fitted:
    """Values that must not be written become references, or stay with a warning where the host reads literally."""
    named = {
        name for name, value in server.env.items() if referred(value) == (name,) and neutral(value) == f"${{{name}}}"
    }
    secret = sorted((server.secret_env & server.env.keys()) | named)
    style = _style(target)
    if style == "none":
        notes += _literal_notes(target, sorted(server.secret_env & server.env.keys()), server.env)
        return Fitted(server, target.entry(server, file=file), notes=tuple(notes))
    if style == "names":
        kept = {name: value for name, value in server.env.items() if name not in secret}
        entry = target.entry(replace(server, env=kept), file=file)
        if not secret:
            return Fitted(server, entry, notes=tuple(notes))
        key = "env_keys" if target.id == "goose" else "env_vars"
        notes.append(f"{target.name} takes {', '.join(secret)} from its own environment or key store.")
        return Fitted(server, entry | {key: secret}, notes=tuple(notes))
    written = {name: in_words_of(target, value) for name, value in server.env.items()}
    written |= {name: str(target.reference(name)) for name in secret}
    entry = target.entry(replace(server, env=written), file=file)
    asked = sorted({*secret, *(each for value in server.env.values() for each in referred(value))})
    return _asking(Fitted(server, entry, notes=tuple(notes)), target, asked)


def _with_header_references(server: RemoteServer, target: Target, file: str) -> Fitted:
    """A remote server whose headers refer to variables: each host's own way, else their values. Raises NotSupported."""
    names = sorted({each for value in server.headers.values() for each in referred(value)})
    if not names:
        return Fitted(server, target.entry(server, file=file))
    if target.id == "codex":
        return _codex_headers(server, target, file, names)
    if target.facts.reference is None:
        headers = {name: filled(value, server.variables) for name, value in server.headers.items()}
        notes = _literal_notes(target, [each for each in names if each in server.variables], headers)
        return Fitted(server, target.entry(replace(server, headers=headers), file=file), notes=tuple(notes))
    headers = {name: in_words_of(target, value) for name, value in server.headers.items()}
    return _asking(Fitted(server, target.entry(replace(server, headers=headers), file=file)), target, names)


def _codex_headers(server: RemoteServer, target: Target, file: str, names: list[str]) -> Fitted:
    """Codex names the variable beside the header; one that is only a part of a value must be written out."""
    plain: dict[str, str] = {}
    named: dict[str, str] = {}
    bearer: dict[str, Any] = {}
    for name, value in server.headers.items():
        text = neutral(value)
        if name.lower() == "authorization" and (found := re.fullmatch(r"Bearer \$\{(\w+)\}", text)):
            bearer = {"bearer_token_env_var": found.group(1)}
        elif found := re.fullmatch(r"\$\{(\w+)\}", text):
            named[name] = found.group(1)
        else:
            plain[name] = filled(text, server.variables)
    entry = target.entry(replace(server, headers=plain), file=file) | bearer
    entry |= {"env_http_headers": named} if named else {}
    note = f"{target.name} takes {', '.join(names)} from its own environment when it starts."
    return Fitted(server, entry, notes=(note,))


def _asking(fit: Fitted, target: Target, names: Sequence[str]) -> Fitted:
    """The same with the questions behind `${input:NAME}`, and a word about where the values come from."""
    if not names:
        return fit
    if target.facts.inputs is None:
        note = f"{target.name} takes {', '.join(names)} from its own environment when it starts."
        return replace(fit, notes=(*fit.notes, note))
    place = Place(target.facts.inputs, "id")
    extra = tuple((place, Add(name, _question(fit.server, name))) for name in names)
    note = f"{target.name} asks once for {', '.join(names)} and keeps the value in its secret storage."
    return replace(fit, extra=extra, notes=(*fit.notes, note))


def _literal_notes(target: Target, secret: Sequence[str], values: Mapping[str, str]) -> list[str]:
    notes: list[str] = []
    if secret:
        notes.append(
            f"{target.name} cannot read {', '.join(secret)} from elsewhere: the value is written in plain text."
        )
    left = sorted({each for value in values.values() for each in referred(value)})
    if left:
        notes.append(
            f"{target.name} may not fill in the reference to {', '.join(left)}: write the value if it does not."
        )
    return notes


def _style(target: Target) -> Literal["reference", "names", "none"]:
    if target.id in ("codex", "goose"):
        return "names"
    return "reference" if target.facts.reference else "none"


def _question(server: Server, name: str) -> Mapping[str, Any]:
    return {"type": "promptString", "description": f"{name} for {server.name}", "password": True}


def merged(base: Mapping[str, Any], new: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    """The new server in the old entry's order, with the keys that do not describe a server as they were."""
    described = {shape.command, shape.args, shape.env, shape.cwd, shape.url, shape.sse_url, shape.type_key}
    described |= {shape.headers[0], "url", "serverUrl", "httpUrl"}
    kept = {key: value for key, value in base.items() if key not in described or key in new}
    fixed = {*shape.first, *shape.last, *(shape.remote_last or ())}
    fresh = {key: value for key, value in new.items() if key in described or key not in kept or key not in fixed}
    return {key: fresh.get(key, value) for key, value in kept.items()} | fresh


def referring(server: Server) -> tuple[Server, list[str]]:
    """The server with references where its values look secret, and the variables that must hold those values."""
    if isinstance(server, StdioServer):
        names = sorted(key for key, value in server.env.items() if looks_secret(key, value))
        return replace(server, secret_env=frozenset(names)), names
    found = [key for key, value in server.headers.items() if looks_secret(key, value)]
    variables = {key: re.sub(r"\W", "_", f"{server.name}_{key}").upper() for key in found}
    headers = {key: f"${{{variables[key]}}}" if key in found else value for key, value in server.headers.items()}
    return replace(server, headers=headers), sorted(variables.values())
