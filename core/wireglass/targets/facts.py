"""What is known about each host, from one table in the resources, and where its files are on a given machine.

Nothing here looks at the disk: platform, home and environment are arguments.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Any, Literal

from wireglass.resources import resource_path
from wireglass.targets.document import Grammar, Place

__all__ = ["Candidate", "Facts", "FileFacts", "Machine", "Platform", "Scope", "facts_of", "host_ids"]

Platform = Literal["macos", "windows", "linux"]
Scope = Literal["user", "project", "local"]

_PLACEHOLDER = re.compile(r"\{([^{}]+(?:\{[^{}]+\}[^{}]*)?)\}")
_FOLDERS = frozenset({"home", "appdata", "localappdata", "xdg_config", "xdg_data", "appsupport", "project"})


def _unread(path: str) -> str | None:
    return None


@dataclass(frozen=True)
class Machine:
    """Where paths are looked up. `read` gives the text of a small pointer file, or None."""

    platform: Platform
    home: str
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    project: str | None = None
    read: Callable[[str], str | None] = _unread

    def path(self, text: str) -> PurePath:
        """A path in the machine's own notation, which need not be this one's."""
        return PureWindowsPath(text) if self.platform == "windows" else PurePosixPath(text)

    def folder(self, name: str) -> str | None:
        """The value of a placeholder such as `{appdata}`, or of the environment variable of that name."""
        if name == "home":
            return self.home
        if name == "project":
            return self.project
        if name == "appdata":
            return self.env.get("APPDATA") or f"{self.home}/AppData/Roaming"
        if name == "localappdata":
            return self.env.get("LOCALAPPDATA") or f"{self.home}/AppData/Local"
        if name in ("xdg_config", "xdg_data"):
            return self._xdg(name)
        if name == "appsupport":
            own = {"macos": f"{self.home}/Library/Application Support", "windows": self.folder("appdata")}
            return own.get(self.platform) or self.folder("xdg_config")
        if name.startswith("pointer:"):
            pointer = self.expand(name.removeprefix("pointer:"))
            text = self.read(pointer) if pointer else None
            return text.strip() or None if text else None
        return self.env.get(name) or None

    def expand(self, template: str) -> str | None:
        """The template with every placeholder filled in, or None when one of them has no value here."""
        values = {name: self.folder(name) for name in _PLACEHOLDER.findall(template)}
        if any(value is None for value in values.values()):
            return None
        return _PLACEHOLDER.sub(lambda found: str(values[found.group(1)]), template)

    def _xdg(self, name: str) -> str:
        variable, default = (
            ("XDG_CONFIG_HOME", ".config") if name == "xdg_config" else ("XDG_DATA_HOME", ".local/share")
        )
        value = self.env.get(variable, "")
        return value if value and self.path(value).is_absolute() else f"{self.home}/{default}"


@dataclass(frozen=True)
class Candidate:
    """One place where a file may be. `only_existing`: never create it; the path may hold a `*`."""

    path: PurePath
    only_existing: bool = False


@dataclass(frozen=True)
class FileFacts:
    """One of a host's files: its scope, its candidates on each system, its grammar and where the servers are in it."""

    id: str
    scope: Scope
    label: str
    grammar: Grammar
    place: Place
    old: bool
    """The host used to keep servers here: they are read, new ones are written elsewhere."""
    note: str
    new_text: str
    """What a new file starts with."""
    _paths: Mapping[str, tuple[str, ...]]
    _newer: tuple[str, ...] = ()
    wins: bool = False
    """Where it exists, new servers go to it alone; it is never made."""

    def candidates(self, machine: Machine) -> tuple[Candidate, ...]:
        """Where the file may be, best first. A variable of the host that is set leaves only its own place."""
        found: list[Candidate] = []
        for template in self._paths.get(machine.platform, ()):
            only_existing = template.startswith("?") or "*" in template
            path = machine.expand(template.removeprefix("?"))
            if path is None:
                continue
            found.append(Candidate(machine.path(path), only_existing))
            if set(_PLACEHOLDER.findall(template)) - _FOLDERS:
                break
        return tuple(found)

    def variables(self, platform: Platform = "linux") -> frozenset[str]:
        """The host's own variables that move the file, `$XDG_CONFIG_HOME` and its like not counted."""
        names = {name for path in self._paths.get(platform, ()) for name in _PLACEHOLDER.findall(path)}
        return frozenset(name for name in names - _FOLDERS if not name.startswith("pointer:"))

    def place_in(self, machine: Machine) -> Place:
        """Where the servers are in the data, with the project's path filled in."""
        return Place(tuple(machine.expand(key) or key for key in self.place.path), self.place.list_key)

    def newer_place_in(self, machine: Machine) -> Place | None:
        """Where newer versions of the host may keep them instead, or None."""
        return Place(tuple(machine.expand(key) or key for key in self._newer)) if self._newer else None


@dataclass(frozen=True)
class Facts:
    """One row of the table."""

    id: str
    name: str
    vendor: str
    kind: str
    tier: int
    files: tuple[FileFacts, ...]
    signs: Mapping[str, tuple[str, ...]]
    """Paths per system whose existence says that the host is installed."""
    executables: tuple[str, ...]
    sign_env: tuple[str, ...]
    stdio_keys: frozenset[str]
    remote_keys: frozenset[str]
    unknown_keys: Literal["rejected", "flagged", "ignored", "unknown"]
    rewrites: str
    """What the host does to its own files, or empty."""
    reference: str | None
    """How a value refers to a variable called NAME, or None when the host reads values literally."""
    inputs: tuple[str, ...] | None
    """Where the questions behind `${input:NAME}` are listed."""
    restart: Literal["app", "session", "refresh", "none", "unknown"]
    reload: str
    name_rule: str | None
    reserved_names: frozenset[str]
    logs: Mapping[str, str]
    notes: tuple[str, ...]


@cache
def _table() -> dict[str, Facts]:
    rows = json.loads(resource_path("targets", "hosts.json").read_bytes())["hosts"]
    return {row["id"]: _facts(row) for row in rows}


def facts_of(host: str) -> Facts:
    """The row of a host. Raises KeyError for an id that is not in the table."""
    return _table()[host]


def host_ids() -> tuple[str, ...]:
    """Every id in the table, in its order."""
    return tuple(_table())


def _facts(row: dict[str, Any]) -> Facts:
    detect = row["detect"]
    return Facts(
        id=row["id"],
        name=row["name"],
        vendor=row["vendor"],
        kind=row["kind"],
        tier=row["tier"],
        files=tuple(_file(row, each) for each in row["files"]),
        signs={system: tuple(detect.get(system, ())) for system in ("macos", "windows", "linux")},
        executables=tuple(detect.get("executables", ())),
        sign_env=tuple(detect.get("env", ())),
        stdio_keys=frozenset(row.get("stdio_keys", ())),
        remote_keys=frozenset(row.get("remote_keys", ())),
        unknown_keys=row.get("unknown_keys", "unknown"),
        rewrites=row.get("rewrites", ""),
        reference=row.get("reference"),
        inputs=tuple(row["inputs"]) if "inputs" in row else None,
        restart=row["restart"],
        reload=row.get("reload", ""),
        name_rule=row.get("name_rule"),
        reserved_names=frozenset(row.get("reserved_names", ())),
        logs=row.get("logs", {}),
        notes=tuple(row.get("notes", ())),
    )


def _file(host: dict[str, Any], row: dict[str, Any]) -> FileFacts:
    paths = row["paths"]
    if isinstance(paths, list):
        paths = dict.fromkeys(("macos", "windows", "linux"), paths)
    grammar = {**host["format"], **row.get("format", {})}
    return FileFacts(
        id=row["id"],
        scope=row["scope"],
        label=row.get("label", ""),
        grammar=Grammar(**grammar, reader=host["name"]),
        place=Place(tuple(row.get("path", host["path"])), host.get("list_key")),
        old=row.get("old", False),
        note=row.get("note", ""),
        new_text=row.get("new_text", ""),
        _paths={system: tuple(each) for system, each in paths.items()},
        _newer=tuple(host.get("newer_path", ())),
        wins=row.get("wins", False),
    )
