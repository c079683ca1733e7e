"""Servers by hosts, as they are and as they will be: what a table of them shows. Pure data."""

from dataclasses import dataclass
from typing import Literal

from wireglass.targets.base import Target
from wireglass.targets.inventory import ConfigFile, Listed

__all__ = ["Cell", "Column"]

_PENDING = {
    "": "",
    "add": "will be added",
    "edit": "will be edited",
    "remove": "will be removed",
    "asked": "asked, not seen in its file yet",
}


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
    pending: Literal["", "add", "edit", "remove", "asked"] = ""
    """"asked": the host was asked by link or command, and its file does not show the server yet."""
    differs: bool = False
    problem: str = ""

    @property
    def text(self) -> str:
        """For people who hear it."""
        parts = [{"absent": "not there", "on": "on", "off": "off"}[self.state]]
        parts += [_PENDING[self.pending], "differs between hosts" if self.differs else "", self.problem]
        return ", ".join(filter(None, parts))
