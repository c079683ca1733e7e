"""What an interpreter has installed, read from its folders. Nothing is run: a `.venv` may hold anything."""

import ast
import os
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["Environment", "environment_of", "own_environment"]

_LIBRARY = re.compile(r"^(?:python|pypy)(\d+\.\d+)$")
_MAPPING = re.compile(r"MAPPING[^=]*=\s*(\{.*?\})", re.DOTALL)
_SUFFIXES = (".py", ".pyd", ".so")


@dataclass(frozen=True, slots=True)
class Environment:
    """The folders that an interpreter imports from, as far as its files tell."""

    python: Path
    version: str
    """"3.12", or empty when the folders do not tell."""
    folders: tuple[Path, ...]
    """site-packages and what their .pth files add."""
    mapped: frozenset[str] = frozenset()
    """Packages that an editable install maps to another place."""

    def has(self, module: str) -> bool:
        """True when `module` (top-level name) is there."""
        return module in self.mapped or any(_holds(folder, module) for folder in self.folders)

    def version_of(self, distribution: str) -> str | None:
        """The installed version of a distribution, from its dist-info folder."""
        wanted = _normal(distribution)
        for folder in self.folders:
            for name in _listing(folder):
                if name.endswith(".dist-info"):
                    project, _, version = name.removesuffix(".dist-info").rpartition("-")
                    if _normal(project) == wanted:
                        return version
        return None


def environment_of(python: Path) -> Environment:
    """The environment of an interpreter's path (`.venv/bin/python`, `/usr/bin/python3`), found without running it."""
    for prefix in _prefixes(python):
        config = _read_config(prefix / "pyvenv.cfg")
        folders = list(_site_folders(prefix))
        if not config and not folders:
            continue
        version = ".".join(config.get("version", config.get("version_info", "")).split(".")[:2])
        if config.get("include-system-site-packages", "").lower() == "true" and "home" in config:
            folders += _site_folders(Path(config["home"]).parent)
        return _environment(python, version or _version_from(folders), folders)
    return Environment(python, "", ())


@cache
def own_environment() -> Environment:
    """Our own interpreter's environment: the paths it really uses, without the working folder."""
    known = {Path(path).resolve() for path in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))}
    folders = [Path(entry) for entry in sys.path if entry and Path(entry).resolve() in known]
    return _environment(Path(sys.executable), f"{sys.version_info[0]}.{sys.version_info[1]}", folders or list(known))


def _environment(python: Path, version: str, folders: list[Path]) -> Environment:
    extra: list[Path] = []
    mapped: set[str] = set()
    for folder in folders:
        extra += _pth_folders(folder)
        mapped |= _editable_names(folder)
    return Environment(python, version, tuple(dict.fromkeys([*folders, *extra])), frozenset(mapped))


def _prefixes(python: Path) -> Iterator[Path]:
    """Where the interpreter's `lib` may be: beside its folder first, then beside what the link points to."""
    yield python.parent.parent
    yield python.parent
    try:
        real = python.resolve()
    except OSError:
        return
    yield real.parent.parent
    yield real.parent


def _read_config(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _site_folders(prefix: Path) -> Iterator[Path]:
    windows = prefix / "Lib" / "site-packages"
    if windows.is_dir():
        yield windows
    for library in (prefix / "lib", prefix / "lib64", prefix / "local" / "lib"):
        if library.is_symlink():
            continue
        for name in _listing(library):
            if _LIBRARY.match(name):
                yield from (
                    f for f in (library / name / "site-packages", library / name / "dist-packages") if f.is_dir()
                )
        debian = library / "python3" / "dist-packages"
        if debian.is_dir():
            yield debian


def _version_from(folders: Iterable[Path]) -> str:
    for folder in folders:
        if found := _LIBRARY.match(folder.parent.name):
            return found[1]
    return ""


def _pth_folders(folder: Path) -> list[Path]:
    """Folders that .pth files add. Lines that start with `import` are code: they are not followed."""
    found: list[Path] = []
    for name in _listing(folder):
        if name.endswith(".pth"):
            for line in _lines(folder / name):
                if line and not line.startswith(("#", "import ", "import\t")):
                    target = folder / line
                    if target.is_dir():
                        found.append(target)
    return found


def _editable_names(folder: Path) -> set[str]:
    """Top-level names that setuptools' generated editable finders map, taken from their literal table."""
    names: set[str] = set()
    for name in _listing(folder):
        if not (name.startswith("__editable__") and name.endswith("_finder.py")):
            continue
        if found := _MAPPING.search("\n".join(_lines(folder / name))):
            try:
                names |= {str(key).partition(".")[0] for key in ast.literal_eval(found[1])}
            except (ValueError, SyntaxError):
                continue
    return names


def _holds(folder: Path, module: str) -> bool:
    if (folder / module).is_dir():
        return True
    listing = _listing(folder)
    return any(name.startswith(f"{module}.") and name.endswith(_SUFFIXES) for name in listing)


def _listing(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(sorted(os.listdir(folder)))
    except OSError:
        return ()


def _lines(path: Path) -> list[str]:
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return []


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
