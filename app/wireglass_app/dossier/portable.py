"""Where a copied program finds its server: beside itself rather than at a path of this machine. Pure.

A server that was started from a file is looked for in the folders around the copied program; the place it had here is
tried last. Who runs it elsewhere may say its folder in a variable.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path, PurePath

from wireglass_app.calls import Target

__all__ = ["FOLDER_VARIABLE", "Place", "expression", "home", "place_of"]

FOLDER_VARIABLE = "SERVER_FOLDER"
_EMBEDDED = "wireglass.compat"
_SCRIPTS = frozenset({".py", ".pyw", ".js", ".mjs", ".cjs", ".ts", ".mts", ".rb", ".php", ".jar", ".sh", ".exe"})
_WORDS = f"# Its folder: {FOLDER_VARIABLE} says it, else one around this file, or where it was when this was copied."


@dataclass(frozen=True, slots=True)
class Place:
    """A server's file below a folder."""

    folder: PurePath
    file: str
    """Relative to the folder, with "/"."""

    def lines(self, home: PurePath) -> list[str]:
        """Statements that end with `FOLDER`, the folder as it is where they run. They need `os` and `Path`."""
        inside = self.folder.is_relative_to(home)
        here = f"~/{self.folder.relative_to(home).as_posix()}" if inside else str(self.folder)
        return [
            f"SERVER = {self.file!r}",
            _WORDS,
            "HERE = Path(__file__).resolve()",
            f'PLACES = [os.environ.get("{FOLDER_VARIABLE}", HERE.parent), *HERE.parents, {here!r}]',
            "FOLDERS = [Path(place).expanduser().resolve() for place in PLACES]",
            "FOLDER = next((folder for folder in FOLDERS if (folder / SERVER).is_file()), None)",
            f'assert FOLDER, f"Set {FOLDER_VARIABLE} to the folder that holds {{SERVER}}."',
        ]


def place_of(target: Target) -> Place | None:
    """The file that a command runs, below its working folder or its own; None where it names no file by its path."""
    for word in (target.spec, *target.args):
        path = PurePath(_file_of(word))
        if path.is_absolute() and path.suffix.lower() in _SCRIPTS:
            folder = PurePath(target.cwd) if target.cwd and path.is_relative_to(target.cwd) else path.parent
            return Place(folder, path.relative_to(folder).as_posix())
    return None


def expression(word: str, target: Target, place: Place | None, python: str = sys.executable) -> str:
    """A word of the command as Python: below the folder, or the Python that runs the copied program."""
    if word == target.command and (word == python or _EMBEDDED in target.args):
        return "sys.executable"
    if word == target.command and target.spec and PurePath(word).stem == "uv":
        return "'uv'"
    path = PurePath(_file_of(word))
    if place is None or not path.is_absolute() or not path.is_relative_to(place.folder):
        return repr(word)
    if path == place.folder:
        return "str(FOLDER)"
    name = word[len(str(path)) :]
    below = path.relative_to(place.folder).as_posix()
    where = "SERVER" if below == place.file else repr(below)
    return f"f'{{FOLDER / SERVER}}{name}'" if name and where == "SERVER" else f"str(FOLDER / {where}){_more(name)}"


def _more(name: str) -> str:
    return f" + {name!r}" if name else ""


def _file_of(word: str) -> str:
    """FILE of FILE:NAME."""
    head, colon, name = word.rpartition(":")
    return head if colon and name.isidentifier() and len(head) > 1 and os.sep in head else word


def home() -> PurePath:
    """Of the user, for paths to be written with "~"."""
    return Path.home()
