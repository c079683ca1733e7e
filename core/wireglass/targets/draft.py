"""What a person wants to change in many hosts' files, before anything is written: servers by hosts, and the plans.

It holds wishes only; every plan reads the files again, so a change by another program is never planned over.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from wireglass.errors import ConfigError
from wireglass.targets.base import NotSupported
from wireglass.targets.check import EntryWarning, differing, machine_warnings
from wireglass.targets.disk import FileProblem
from wireglass.targets.document import Change, Place
from wireglass.targets.edit import FileEdit
from wireglass.targets.entry import Bridge, Fitted, fitted, merged, referring
from wireglass.targets.facts import Machine
from wireglass.targets.inventory import ConfigFile, Found, Listed, files_to_write
from wireglass.targets.journal import Journal
from wireglass.targets.matrix import Cell, Column
from wireglass.targets.planning import planned
from wireglass.targets.servers import Server

__all__ = ["Draft"]

_ABSENT = object()


class Draft:
    """Wishes for entries, on top of what the hosts' files say."""

    def __init__(self, machine: Machine, journal: Journal, *, bridge: Bridge | None = None) -> None:
        self.machine = machine
        self.journal = journal
        self.scope: Literal["user", "project"] = "user"
        """Whose files: the person's own, or those of the machine's project."""
        self.columns: list[Column] = []
        self.names: list[str] = []
        self.warnings: list[EntryWarning] = []
        self.notes: dict[str, tuple[str, ...]] = {}
        """What fitting a server to hosts had to say, by server."""
        self._bridge = bridge
        self._offers: dict[str, Server] = {}
        self._wishes: dict[tuple[str, str, Path], dict[str, dict[str, Any] | None]] = {}
        self._extra: dict[tuple[str, str, Path], list[tuple[Place, Change]]] = {}
        self._renames: dict[tuple[str, str, Path], dict[str, str]] = {}
        """By file, the new name of an entry and its name in the file."""
        self._aliases: dict[str, str] = {}
        self._asked: set[tuple[str, str]] = set()
        self._unreachable: dict[str, str] = {}
        self._hosts: list[Found] = []
        self._differing: frozenset[str] = frozenset()
        self._broken: dict[tuple[str, Path], str] = {}

    # What is there

    def load(self, found: Iterable[Found]) -> None:
        """Takes what a survey found; wishes stay."""
        hosts = [host for host in found if (host.installed or host.files) and self._has_files(host)]
        self.columns = [self._column(host) for host in hosts]
        hosts = [Found(one.target, one.installed, self._listed(one)) for one in hosts]
        self._hosts = hosts
        self._asked -= {(name, one.target.id) for one in self.columns for f in one.files for name in f.entries}
        self._differing = frozenset(one.server for one in differing(hosts))
        self._judge()
        self._list_names()

    @property
    def hosts(self) -> tuple[Found, ...]:
        """What the last survey found, hosts without any sign left out."""
        return tuple(self._hosts)

    def note_unreachable(self, problems: Mapping[str, str]) -> None:
        """Takes why remote servers cannot be reached, by URL."""
        if self._unreachable != problems:
            self._unreachable = dict(problems)
            self._judge()

    def _judge(self) -> None:
        found = machine_warnings(self._hosts, self.machine, self._unreachable)
        self.warnings = [one for one in found if one.kind != "name"]
        self._broken = {
            (one.server, config.path): one.text
            for one in self.warnings
            if one.level == "error"
            for config in one.configs
        }

    def offer(self, server: Server) -> str:
        """Adds a row for a server that may be in no file yet, and returns the row's name."""
        name = self._aliases.get(server.name, server.name)
        self._offers[name] = replace(server, name=name)
        self._list_names()
        return name

    def shown_name(self, name: str) -> str:
        """The name of an offered server's row: another one when it was renamed here."""
        return self._aliases.get(name, name)

    def withdraw(self, name: str) -> None:
        """Takes an offered row away unless a file or a wish has it."""
        self._offers.pop(name, None)
        self._list_names()

    def listed_in(self, name: str) -> list[Column]:
        """The hosts that have the server, or will have it."""
        return [column for column in self.columns if self.entry(name, column) is not None]

    def holder(self, name: str, column: Column) -> ConfigFile | None:
        """The file of this host that has the entry, else the one that it would go to."""
        for listed in column.files:
            if name in self._shown(listed) or self._wishes.get(_key(listed.config), {}).get(name) is not None:
                return listed.config
        return column.primary

    def entry(self, name: str, column: Column) -> dict[str, Any] | None:
        """The entry as it will be, or None."""
        config = self.holder(name, column)
        wished = self._wishes.get(_key(config), {}).get(name, _ABSENT) if config else _ABSENT
        return self._current(name, column) if wished is _ABSENT else wished  # type: ignore[return-value]  # the sentinel

    def cell(self, name: str, column: Column) -> Cell:
        """How the server stands in this host."""
        config, old, new = self.holder(name, column), self._current(name, column), self.entry(name, column)
        shown = new if new is not None else old
        if shown is None:
            asked = "asked" if (name, column.target.id) in self._asked else ""
            return Cell("absent", asked, problem=column.problem if self._is_broken(column) else "")
        renamed = name in self._renames.get(_key(config), {})
        pending = (
            ("edit" if renamed else "") if old == new else "add" if old is None else "remove" if new is None else "edit"
        )
        state: Literal["on", "off"] = "on" if column.target.enabled(shown) else "off"
        problem = self._broken.get((name, config.path), "") if config and old == new else ""
        return Cell(state, pending, name in self._differing and not pending, problem)

    def server(self, name: str, column: Column | None = None) -> Server | None:
        """The server as this host has it, else as it is open in the workbench, else as any host has it."""
        if column is not None and (entry := self.entry(name, column)) is not None:
            config = self.holder(name, column)
            return column.target.server(name, entry, file=config.facts.id if config else "user")
        if name in self._offers:
            return self._offers[name]
        return next((found for one in self.listed_in(name) if (found := self.server(name, one)) is not None), None)

    # What is wished

    def toggle(self, name: str, column: Column) -> str:
        """Adds the server, switches it off or on, or removes it where the host has no switch. Returns what was done."""
        entry = self.entry(name, column)
        if entry is None and self._is_broken(column):
            return column.problem
        if entry is None:
            if self._current(name, column) is not None:
                self._forget(name, column)
                return "stays"
            return self.add(name, column)
        change = column.target.switched(name, entry, on=not column.target.enabled(entry))
        if change is None or self._current(name, column) is None:
            self.remove(name, column)
            return "will be removed"
        kept = {key: value for key, value in entry.items() if key not in change.drop}
        self._wish(name, column, kept | dict(change.values))
        return "will be switched " + ("on" if column.target.enabled(entry) is False else "off")

    def add(self, name: str, column: Column) -> str:
        """Wishes the server into this host as it is elsewhere. Returns what was done, or why it cannot be."""
        server, config = self.server(name), column.primary
        if server is None or config is None:
            return "There is nothing to copy from."
        try:
            fit = self._fit(server, config)
        except NotSupported as problem:
            return str(problem)
        self._take(name, column, config, fit, fit.entry)
        return "will be added"

    def remove(self, name: str, column: Column) -> None:
        """Wishes the entry away."""
        if self._current(name, column) is None:
            self._forget(name, column)
        else:
            self._wish(name, column, None)

    def set_entry(self, name: str, column: Column, entry: Mapping[str, Any]) -> None:
        """Wishes exactly this entry."""
        self._wish(name, column, dict(entry))

    def set_server(self, name: str, column: Column, server: Server) -> str:
        """Brings the entry to this server and keeps every key that does not describe a server. Returns a problem."""
        config, base = self.holder(name, column), self.entry(name, column)
        if config is None or base is None:
            return "There is no entry to edit."
        try:
            new = column.target.entry(server, file=config.facts.id)
        except NotSupported as problem:
            return str(problem)
        self._wish(name, column, merged(base, new, column.target.shape_of(config.facts.id)))
        return ""

    def rename(self, name: str, to: str) -> str:
        """Gives the server another name in every host that has it. Returns why that cannot be, or nothing."""
        to = to.strip()
        if not to or to == name:
            return ""
        if to in self.names:
            return f'There is a server called "{to}" already.'
        if not self.listed_in(name) and name not in self._offers:
            return "It will be removed, so there is nothing to rename."
        for column in self.listed_in(name):
            self._rename_in(column, name, to)
        if name in self._offers:
            first = next((old for old, new in self._aliases.items() if new == name), name)
            self._aliases[first] = to
            self._offers[to] = replace(self._offers.pop(name), name=to)
        self._list_names()
        return ""

    def refer(self, name: str, column: Column) -> str:
        """Puts references where values look secret. Returns in words which variables must be set now."""
        server = self.server(name, column)
        if server is None:
            return ""
        server, names = referring(server)
        self._bring(name, column, server)
        return f"{column.target.name} takes {', '.join(names)} from its environment: set it there." if names else ""

    def drop_keys(self, name: str, column: Column, keys: Iterable[str]) -> None:
        """Takes keys out of an entry that its host does not know."""
        entry, gone = self.entry(name, column), frozenset(keys)
        if entry is not None:
            self._wish(name, column, {key: value for key, value in entry.items() if key not in gone})

    def asked(self, name: str, column: Column) -> None:
        """The host was asked by link or command; this is forgotten as soon as its file shows the server."""
        self._asked.add((name, column.target.id))

    def copy_to_all(self, name: str, source: Column) -> list[str]:
        """Brings every host that can have it to the server of one host. Returns the names of those that cannot."""
        server = self.server(name, source)
        left: list[str] = []
        if server is None:
            return [column.target.name for column in self.columns]
        self._offers[name] = server
        for column in self.columns:
            if column is source:
                continue
            if not self._bring(name, column, server):
                left.append(column.target.name)
        return left

    def discard(self) -> None:
        """Forgets every wish."""
        self._wishes.clear()
        self._extra.clear()
        self._renames.clear()
        self._aliases.clear()
        self.notes.clear()
        self._list_names()

    @property
    def is_dirty(self) -> bool:
        """Whether anything is wished."""
        return any(self._wishes.values()) or any(self._renames.values())

    def edits(self) -> tuple[list[FileEdit], list[ConfigError]]:
        """The plan of every file that would change, and why others cannot."""
        plans: list[FileEdit] = []
        problems: list[ConfigError] = []
        for key in dict.fromkeys((*self._wishes, *self._renames)):
            config = self._config(key)
            if config is None or not (self._wishes.get(key) or self._renames.get(key)):
                continue
            try:
                edit = self._planned(config, key)
            except FileProblem as problem:
                problems.append(problem)
                continue
            except ConfigError as problem:
                problems.append(FileProblem(config.path, problem.message, next_step=problem.next_step))
                continue
            if not edit.is_empty:
                plans.append(edit)
        return plans, problems

    # Inside

    def _planned(self, config: ConfigFile, key: tuple[str, str, Path]) -> FileEdit:
        renames, wishes = self._renames.get(key, {}), self._wishes.get(key, {})
        return planned(config, renames, wishes, self._extra.get(key, []), self.journal)

    def _is_broken(self, column: Column) -> bool:
        """Whether the file that new entries go to cannot be read as it is."""
        return any(one.problem and column.primary and one.config.path == column.primary.path for one in column.files)

    def _rename_in(self, column: Column, name: str, to: str) -> None:
        config, entry = self.holder(name, column), self.entry(name, column)
        if config is None or entry is None:
            return
        key, there = _key(config), self._current(name, column) is not None
        wishes = self._wishes.get(key, {})
        if name in wishes:
            wishes[to] = wishes.pop(name)
        if there:
            renames = self._renames.setdefault(key, {})
            old = renames.pop(name, name)
            if old != to:
                renames[to] = old
        inner = column.target.named
        if inner and config.facts.place.list_key is None and entry.get(inner) == name:
            self._wish(to, column, entry | {inner: to})

    def _shown(self, listed: Listed) -> Mapping[str, dict[str, Any]]:
        """The entries of a file under the names that they will have."""
        new_name = {old: new for new, old in self._renames.get(_key(listed.config), {}).items()}
        return {new_name.get(name, name): entry for name, entry in listed.entries.items()}

    def _has_files(self, host: Found) -> bool:
        return any(file.scope == self.scope for file in host.target.facts.files)

    def _column(self, host: Found) -> Column:
        writable = files_to_write(host.target, self.machine, self.scope)
        return Column(host.target, self._listed(host), writable[0] if writable else None)

    def _listed(self, host: Found) -> tuple[Listed, ...]:
        wanted = ("user",) if self.scope == "user" else ("project", "local")
        return tuple(listed for listed in host.files if listed.config.facts.scope in wanted)

    def _current(self, name: str, column: Column) -> dict[str, Any] | None:
        shown = (self._shown(listed) for listed in column.files)
        return next((entries[name] for entries in shown if name in entries), None)

    def _wish(self, name: str, column: Column, entry: dict[str, Any] | None) -> None:
        config = self.holder(name, column)
        if config is None:
            return
        if entry == self._current(name, column):
            self._forget(name, column)
            return
        self._wishes.setdefault(_key(config), {})[name] = entry
        self._list_names()

    def _forget(self, name: str, column: Column) -> None:
        config = self.holder(name, column)
        if config is not None:
            self._wishes.get(_key(config), {}).pop(name, None)
        self._list_names()

    def _fit(self, server: Server, config: ConfigFile) -> Fitted:
        platform = self.machine.platform
        return fitted(server, config.target, file=config.facts.id, platform=platform, bridge=self._bridge)

    def _bring(self, name: str, column: Column, server: Server) -> bool:
        """Adds the server, or brings the entry that is there to it; False where this host cannot have it."""
        config, base = self.holder(name, column), self.entry(name, column)
        if config is None:
            return False
        try:
            fit = self._fit(server, config)
        except NotSupported:
            return False
        shape = column.target.shape_of(config.facts.id)
        self._take(name, column, config, fit, fit.entry if base is None else merged(base, fit.entry, shape))
        return True

    def _take(self, name: str, column: Column, config: ConfigFile, fit: Fitted, entry: dict[str, Any]) -> None:
        self._note(name, fit)
        self._wish(name, column, entry)
        self._extra.setdefault(_key(config), []).extend(fit.extra)

    def _note(self, name: str, fit: Fitted) -> None:
        self.notes[name] = tuple(dict.fromkeys((*self.notes.get(name, ()), *fit.notes)))

    def _config(self, key: tuple[str, str, Path]) -> ConfigFile | None:
        configs: Callable[[Column], Iterable[ConfigFile]] = lambda column: (  # noqa: E731
            *(listed.config for listed in column.files),
            *([column.primary] if column.primary else []),
        )
        return next((one for column in self.columns for one in configs(column) if _key(one) == key), None)

    def _list_names(self) -> None:
        listed = [name for column in self.columns for one in column.files for name in self._shown(one)]
        wished = [name for wishes in self._wishes.values() for name, wish in wishes.items() if wish is not None]
        self.names = list(dict.fromkeys((*self._offers, *listed, *wished)))


def _key(config: ConfigFile | None) -> tuple[str, str, Path]:
    return (config.target.id, config.facts.id, config.path) if config else ("", "", Path())
