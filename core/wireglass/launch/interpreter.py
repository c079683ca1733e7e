"""Who runs a server file: the project's own Python, uv, the embedded runtime, or what the user names."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from wireglass.errors import LaunchError
from wireglass.launch.find import ServerFinding
from wireglass.launch.packages import Environment, environment_of, own_environment
from wireglass.resources import resource_path

__all__ = ["EMULATED", "Interpreter", "InterpreterKind", "choose", "embedded", "options"]

InterpreterKind = Literal["project", "uv", "embedded", "explicit"]

EMULATED = frozenset({"fastmcp", "fastmcp_tasks", "mcp", "mcp_types", "key_value", "wireglass"})
"""Packages that the embedded runtime answers for."""

_VENV_NAMES = (".venv", "venv")
_SERVER_PACKAGES = ("fastmcp", "mcp")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One way to run a file. `command` is what comes before the file and its arguments."""

    kind: InterpreterKind
    command: tuple[str, ...]
    label: str
    """"Project environment", "uv", "Wireglass runtime", "Chosen interpreter"."""
    detail: str
    """The folder or origin, for the small print beside the label."""
    why: str
    """One sentence: why this one is offered."""
    python: str = ""
    """Its version, "3.12", or empty when unknown."""
    packages: tuple[tuple[str, str], ...] = ()
    """Server packages found there with their versions: (("fastmcp", "3.2.0"),)."""
    missing: tuple[str, ...] = ()
    """Packages that the file imports and that this interpreter does not have. Empty for uv, which installs them."""
    project: Path | None = None
    """uv only: the folder whose pyproject.toml it uses; None when the file's own script block is used."""

    @property
    def summary(self) -> str:
        """ "Python 3.12 · fastmcp 3.2.0", or what is missing."""
        parts = [f"Python {self.python}"] if self.python else []
        parts += [f"{name} {version}".strip() for name, version in self.packages]
        if self.missing:
            parts.append(f"{', '.join(self.missing)} would be missing")
        return " · ".join(parts)


def choose(
    finding: ServerFinding,
    *,
    python: str | Path | None = None,
    kind: InterpreterKind | None = None,
    uv: str | None = None,
) -> Interpreter:
    """The interpreter to preselect: what the user named, else the first option that has all the imports, else the one
    that misses fewest. Raises LaunchError when what was asked for is not there."""
    if python is not None:
        return explicit(finding, python)
    offered = options(finding, uv=uv)
    if kind is not None:
        offered = [option for option in offered if option.kind == kind]
        if not offered:
            raise LaunchError(
                f"{finding.path.name} has no {kind} interpreter.",
                next_step="Make a .venv beside it, install uv, or name a Python with --python.",
            )
    return min(offered, key=lambda option: len(option.missing))


def options(finding: ServerFinding, *, uv: str | None = None) -> list[Interpreter]:
    """Every way to run the file, the preferred first. `uv` is its path; None looks for it."""
    uv = uv or shutil.which("uv")
    found: list[Interpreter] = []
    if _is_bundled(finding):
        return [embedded(finding)]
    if finding.script is not None and uv:
        found.append(_uv_script(uv))
    found += list(_project_environments(finding))[:1]
    root = _uv_project(finding) if uv and finding.script is None else None
    if uv and root is not None and _is_kept_by_uv(root):
        found.append(_uv_in_project(uv, root))
    found.append(embedded(finding))
    if uv and root is not None and not _is_kept_by_uv(root):
        found.append(_uv_in_project(uv, root))
    return found


def explicit(finding: ServerFinding, python: str | Path) -> Interpreter:
    """The interpreter at a path, a virtual environment's folder, or a command on PATH."""
    given = str(python)
    found = Path(given).expanduser()
    if found.is_dir():
        inside = _python_in(found)
        if inside is None:
            raise LaunchError(f"There is no Python in {found}.", next_step="Name a python or a virtual environment.")
        found = inside
    elif not found.is_file():
        on_path = shutil.which(given)
        if on_path is None:
            raise LaunchError(f"There is no interpreter {given}.", next_step="Check the path, or leave out --python.")
        found = Path(on_path)
    environment = environment_of(found.absolute())
    return _from_environment(finding, environment, "explicit", "Chosen interpreter", str(found), "You named it.")


def embedded(finding: ServerFinding) -> Interpreter:
    """Our own interpreter, where `fastmcp` and its relatives are ours."""
    environment = own_environment()
    missing = tuple(name for name in finding.packages if name not in EMULATED and not environment.has(name))
    return Interpreter(
        kind="embedded",
        command=_own_command(),
        label="Wireglass runtime",
        detail="built in",
        why="No install needed: fastmcp and mcp are answered by the runtime inside Wireglass.",
        python=environment.version,
        packages=(("wireglass", environment.version_of("wireglass") or ""),),
        missing=missing,
    )


def _own_command() -> tuple[str, ...]:
    if getattr(sys, "frozen", False):  # a frozen build answers to -m itself; it is no Python
        return (sys.executable, "-m", "wireglass.compat")
    # -P: the folder we happen to start in must not shadow the standard library while we load.
    return (sys.executable, "-P", "-m", "wireglass.compat")


def _project_environments(finding: ServerFinding) -> Iterator[Interpreter]:
    for folder in (finding.path.parent, *finding.path.parent.parents):
        for name in _VENV_NAMES:
            python = _python_in(folder / name) if (folder / name / "pyvenv.cfg").is_file() else None
            if python is not None:
                made_by = " by uv" if (folder / "uv.lock").is_file() else ""
                where = "beside the file" if folder == finding.path.parent else f"in {folder}"
                yield _from_environment(
                    finding,
                    environment_of(python),
                    "project",
                    "Project environment",
                    f"{name}{made_by}",
                    f"{name} is the nearest virtual environment, {where}.",
                )
        if (folder / ".git").exists():
            return


def _from_environment(
    finding: ServerFinding, environment: Environment, kind: InterpreterKind, label: str, detail: str, why: str
) -> Interpreter:
    found = tuple((name, environment.version_of(name) or "") for name in _SERVER_PACKAGES if environment.has(name))
    return Interpreter(
        kind=kind,
        command=(str(environment.python),),
        label=label,
        detail=detail,
        why=why,
        python=environment.version,
        packages=found,
        missing=tuple(name for name in finding.packages if not environment.has(name)),
    )


def _python_in(venv: Path) -> Path | None:
    for relative in ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe"):
        if (venv / relative).is_file():
            return venv / relative
    return None


def _uv_script(uv: str) -> Interpreter:
    return Interpreter(
        kind="uv",
        command=(uv, "run"),
        label="uv",
        detail="script block",
        why="The file lists its packages in a script block; uv installs them, from the network if needed.",
    )


def _uv_project(finding: ServerFinding) -> Path | None:
    """The project folder that uv would use: a pyproject.toml with a [project] table."""
    folder = finding.project
    if folder is None:
        return None
    try:
        data = _project_facts(folder)
    except (OSError, ValueError):
        return None
    return folder if isinstance(data.get("project"), dict) else None


def _is_kept_by_uv(root: Path) -> bool:
    """Whether its authors use uv: any pyproject.toml would do for uv, but making an environment asks the network."""
    if (root / "uv.lock").is_file():
        return True
    return "uv" in _project_facts(root).get("tool", {})


def _project_facts(folder: Path) -> dict[str, Any]:
    """Its `pyproject.toml`. Raises OSError or ValueError."""
    import tomllib  # late: patterns of half a megabyte, for the few who have such a file

    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))


def _is_bundled(finding: ServerFinding) -> bool:
    """One of our own examples: written for the embedded runtime, whatever project Wireglass itself lies in."""
    return finding.path.resolve().is_relative_to(resource_path("servers").resolve())


def _uv_in_project(uv: str, root: Path) -> Interpreter:
    lock = " and uv.lock" if (root / "uv.lock").is_file() else ""
    return Interpreter(
        kind="uv",
        command=(uv, "run"),
        label="uv",
        detail="project",
        why=f"uv makes the environment from pyproject.toml{lock} first, from the network if needed.",
        project=root,
    )
