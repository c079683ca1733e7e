"""What a person wants to change in many hosts' files, before anything is written: servers by hosts, and the plans.

It holds wishes only; every plan reads the files again, so a change by another program is never planned over.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from wireglass.errors import ConfigError
from wireglass.targets.base import NotSupported, Shape, Target
from wireglass.targets.check import EntryWarning, differing, machine_warnings
from wireglass.targets.disk import FileProblem
from wireglass.targets.document import Add, Change, Place, Remove, Update
from wireglass.targets.edit import FileEdit, plan
from wireglass.targets.entry import Bridge, Fitted, fitted
from wireglass.targets.facts import Machine
from wireglass.targets.inventory import ConfigFile, Found, Listed, files_to_write
from wireglass.targets.journal import Journal
from wireglass.targets.servers import Server

__all__ = ["Cell", "Column", "Draft"]

_ABSENT = object()


@dataclass(frozen=True)
class Column:
    """One host: its files that were read, and the one that new entries go to."""

    target: Target
    files: tuple[Listed, ...]
    primary: ConfigFile | None

    @property
    def count(self) -> int:
        """Entries in its files."""
        return sum(len(listed.entries) for listed in self.files)

    @property
    def problem(self) -> str:
        """Why one of its files cannot be read, or empty."""
        return next((listed.problem for listed in self.files if listed.problem), "")


@dataclass(frozen=True)
class Cell:
    """One server in one host, as it is and as it will be."""

    state: Literal["absent", "on", "off"]
    pending: Literal["", "add", "edit", "remove"] = ""
    differs: bool = False
    problem: str = ""

    @property
    def text(self) -> str:
        """For people who hear it."""
        parts = [{"absent": "not there", "on": "on", "off": "off"}[self.state]]
        wished = {"": "", "add": "will be added", "edit": "will be edited", "remove": "will be removed"}[self.pending]
        parts += [wished, "differs between hosts" if self.differs else "", self.problem]
        return ", ".join(filter(None, parts))


class Draft:
    """Wishes for entries, on top of what the hosts' files say."""

    def __init__(self, machine: Machine, journal: Journal, *, bridge: Bridge | None = None) -> None:
        self.machine = machine
        self.journal = journal
        self.columns: list[Column] = []
        self.names: list[str] = []
        self.warnings: list[EntryWarning] = []
        self.notes: dict[str, tuple[str, ...]] = {}
        """What fitting a server to hosts had to say, by server."""
        self._bridge = bridge
        self._offers: dict[str, Server] = {}
        self._wishes: dict[tuple[str, str, Path], dict[str, dict[str, Any] | None]] = {}
        self._extra: dict[tuple[str, str, Path], list[tuple[Place, Change]]] = {}
        self._differing: frozenset[str] = frozenset()
        self._broken: dict[tuple[str, Path], str] = {}

    # What is there

    def load(self, found: Iterable[Found]) -> None:
        """Takes what a survey found; wishes stay."""
        hosts = [host for host in found if (host.installed or host.files) and host.target.facts.files]
        self.columns = [self._column(host) for host in hosts]
        self.warnings = [one for one in machine_warnings(hosts, self.machine) if one.kind != "name"]
        self._differing = frozenset(one.server for one in differing(hosts))
        self._broken = {
            (one.server, config.path): one.text
            for one in self.warnings
            if one.level == "error"
            for config in one.configs
        }
        self._list_names()

    def offer(self, server: Server) -> str:
        """Adds a row for a server that may be in no file yet, and returns the row's name."""
        self._offers[server.name] = server
        self._list_names()
        return server.name

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
            if name in listed.entries or self._wishes.get(_key(listed.config), {}).get(name) is not None:
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
            return Cell("absent")
        pending = "" if old == new else "add" if old is None else "remove" if new is None else "edit"
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
        self._wish(name, column, _merged(base, new, column.target.shape_of(config.facts.id)))
        return ""

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
        self.notes.clear()
        self._list_names()

    @property
    def is_dirty(self) -> bool:
        """Whether anything is wished."""
        return any(self._wishes.values())

    def edits(self) -> tuple[list[FileEdit], list[ConfigError]]:
        """The plan of every file that would change, and why others cannot."""
        plans: list[FileEdit] = []
        problems: list[ConfigError] = []
        for key, wishes in self._wishes.items():
            config = self._config(key)
            if config is None or not wishes:
                continue
            try:
                edit = self._planned(config, wishes, self._extra.get(key, []))
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

    def _planned(
        self, config: ConfigFile, wishes: Mapping[str, dict[str, Any] | None], extra: list[tuple[Place, Change]]
    ) -> FileEdit:
        document = config.document(config.content())
        entries = document.entries(config.place(document))
        changes: list[Change] = []
        for name, wish in wishes.items():
            old = entries.get(name)
            if wish is None:
                changes += [Remove(name)] if old is not None else []
            elif old is None:
                changes.append(Add(name, wish))
            else:
                changes.append(Update(name, wish, drop=tuple(key for key in old if key not in wish)))
        wanted = [one for one in extra if one[1].name not in document.entries(one[0])]
        return plan(config, changes, extra=wanted, journal=self.journal)

    def _column(self, host: Found) -> Column:
        user = tuple(listed for listed in host.files if listed.config.facts.scope == "user")
        writable = files_to_write(host.target, self.machine)
        return Column(host.target, user, writable[0] if writable else None)

    def _current(self, name: str, column: Column) -> dict[str, Any] | None:
        return next((listed.entries[name] for listed in column.files if name in listed.entries), None)

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
        self._take(name, column, config, fit, fit.entry if base is None else _merged(base, fit.entry, shape))
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
        listed = [name for column in self.columns for one in column.files for name in one.entries]
        wished = [name for wishes in self._wishes.values() for name, wish in wishes.items() if wish is not None]
        self.names = list(dict.fromkeys((*self._offers, *listed, *wished)))


def _key(config: ConfigFile | None) -> tuple[str, str, Path]:
    return (config.target.id, config.facts.id, config.path) if config else ("", "", Path())


def _merged(base: Mapping[str, Any], new: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    """The new server in the old entry's order, with the keys that do not describe a server as they were."""
    described = {shape.command, shape.args, shape.env, shape.cwd, shape.url, shape.sse_url, shape.type_key}
    described |= {shape.headers[0], "url", "serverUrl", "httpUrl"}
    kept = {key: value for key, value in base.items() if key not in described or key in new}
    fixed = {*shape.first, *shape.last, *(shape.remote_last or ())}
    fresh = {key: value for key, value in new.items() if key in described or key not in kept or key not in fixed}
    return {key: fresh.get(key, value) for key, value in kept.items()} | fresh
