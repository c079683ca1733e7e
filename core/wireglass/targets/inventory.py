"""Which hosts this machine has, where their files are and which servers they list. Reads only."""

import glob
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wireglass.errors import ConfigError
from wireglass.targets.base import Target
from wireglass.targets.disk import read_file
from wireglass.targets.document import Document, Place, load
from wireglass.targets.facts import Candidate, FileFacts, Machine, Platform, Scope
from wireglass.targets.hosts import TARGETS

__all__ = ["ConfigFile", "Found", "Listed", "config_files", "files_to_write", "find_program", "survey", "this_machine"]

_USUAL_FOLDERS = (
    "~/.local/bin",
    "/opt/homebrew/bin",
    "/usr/local/bin",
    "~/.cargo/bin",
    "~/.bun/bin",
    "~/.npm-global/bin",
)


@dataclass(frozen=True)
class ConfigFile:
    """One file of one host on one machine; it need not exist."""

    target: Target
    facts: FileFacts
    path: Path
    machine: Machine

    @property
    def exists(self) -> bool:
        """Whether anything is there; a link that leads nowhere counts."""
        return self.path.exists() or self.path.is_symlink()

    def content(self) -> bytes | None:
        """The bytes, or None when there is no file. Raises FileProblem."""
        return read_file(self.path)

    def document(self, content: bytes | None) -> Document:
        """The content as a document of this host; a new file starts as the host wants it. Raises DocumentError."""
        if content is None:
            content = (self.facts.new_text or ("{}\n" if self.facts.grammar.language == "json" else "")).encode()
        return load(content, self.facts.grammar)

    def place(self, document: Document) -> Place:
        """Where the servers are in this text: a host's newer form where the file uses it."""
        newer = self.facts.newer_place_in(self.machine)
        return newer if newer is not None and document.holds(newer) else self.facts.place_in(self.machine)

    def entries(self, document: Document) -> dict[str, dict[str, Any]]:
        """The servers in it that are the user's, not the host's own."""
        found = document.entries(self.place(document))
        return {name: one for name, one in found.items() if not self.target.foreign(one)}


@dataclass(frozen=True)
class Listed:
    """One file that was read: its servers, or why it could not be read."""

    config: ConfigFile
    entries: Mapping[str, dict[str, Any]]
    problem: str = ""


@dataclass(frozen=True)
class Found:
    """One host: whether there is a sign of it, and its files that exist."""

    target: Target
    installed: bool
    files: tuple[Listed, ...]


def this_machine(project: Path | None = None, env: Mapping[str, str] | None = None) -> Machine:
    """The machine we run on; `project` is made absolute."""
    platforms: dict[str, Platform] = {"darwin": "macos", "win32": "windows"}
    values = dict(os.environ if env is None else env)
    home = values.get("USERPROFILE" if os.name == "nt" else "HOME") or str(Path.home())
    folder = str(project.absolute()) if project is not None else None
    return Machine(platforms.get(sys.platform, "linux"), home, values, folder, _read_small)


def config_files(target: Target, machine: Machine, scopes: Iterable[Scope] = ("user",)) -> list[ConfigFile]:
    """One file for every row of the host's table in these scopes: the one that exists, else the one to be made."""
    wanted = frozenset(scopes)
    chosen = [(facts, _choose(facts.candidates(machine))) for facts in target.facts.files if facts.scope in wanted]
    return [ConfigFile(target, facts, path, machine) for facts, path in chosen if path is not None]


def files_to_write(target: Target, machine: Machine, scope: Scope = "user") -> list[ConfigFile]:
    """Where a new entry goes: every current file that exists, else the one whose folder exists, else the last."""
    files = config_files(target, machine, (scope,))
    current = [file for file in files if not file.facts.old]
    existing = [file for file in current if file.exists]
    if winners := [file for file in existing if file.facts.wins]:
        return winners[:1]
    if existing:
        return existing
    current = [file for file in current if not file.facts.wins]
    old = [file for file in files if file.facts.old and file.exists]
    if old and target.old_file_without and not Path(machine.expand(target.old_file_without) or "").exists():
        return old[:1]
    prepared = [file for file in current if file.path.parent.is_dir()]
    return (prepared or current[-1:])[:1]


def survey(machine: Machine, targets: Iterable[Target] = TARGETS) -> list[Found]:
    """Every host with its existing files read; hosts without any sign are included with `installed` False."""
    scopes: tuple[Scope, ...] = ("user", "local", "project") if machine.project else ("user",)
    return [_found(target, machine, scopes) for target in targets]


def find_program(name: str, machine: Machine) -> str | None:
    """An executable on PATH or in the usual folders, which programs started from a desktop lack."""
    folders = [folder.replace("~", machine.home, 1) for folder in _USUAL_FOLDERS]
    path = os.pathsep.join([machine.env.get("PATH", ""), *folders])
    return shutil.which(name, path=path)


def _found(target: Target, machine: Machine, scopes: tuple[Scope, ...]) -> Found:
    listed = tuple(_listed(file) for file in config_files(target, machine, scopes) if file.exists)
    signs = [machine.expand(sign) for sign in target.facts.signs.get(machine.platform, ())]
    installed = (
        any(file.config.facts.scope == "user" for file in listed)
        or any(_there(sign) for sign in signs if sign)
        or any(machine.env.get(name) for name in target.facts.sign_env)
        or any(find_program(name, machine) for name in target.facts.executables)
    )
    return Found(target, installed, listed)


def _listed(config: ConfigFile) -> Listed:
    try:
        return Listed(config, config.entries(config.document(config.content())))
    except ConfigError as error:
        return Listed(config, {}, f"{error.message} {error.next_step}".strip())


def _choose(candidates: tuple[Candidate, ...]) -> Path | None:
    for candidate in candidates:
        found = _matches(candidate.path.as_posix())
        if found:
            return found[0]
    return next((Path(candidate.path.as_posix()) for candidate in candidates if not candidate.only_existing), None)


def _matches(path: str) -> list[Path]:
    """Existing files for a path or pattern, newest first: several app packages may have left theirs."""
    if "*" not in path:
        return [Path(path)] if os.path.lexists(path) else []
    return sorted(map(Path, glob.glob(path)), key=lambda found: found.stat().st_mtime, reverse=True)


def _there(sign: str) -> bool:
    return bool(glob.glob(sign)) if "*" in sign else Path(sign).exists()


def _read_small(path: str) -> str | None:
    try:
        with Path(path).open(encoding="utf-8") as file:
            return file.read(4096)
    except (OSError, UnicodeDecodeError):
        return None
