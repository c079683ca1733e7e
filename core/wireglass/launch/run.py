"""The exact child process for a finding and an interpreter: what the trust prompt shows and what is started."""

import shlex
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wireglass.launch.environment import child_environment
from wireglass.launch.find import ServerFinding
from wireglass.launch.interpreter import Interpreter

__all__ = ["ChildCommand", "child_command", "serve_script", "serving_command"]

_SERVE = Path(__file__).parent / "probe" / "serve.py"


def serve_script() -> Path:
    """The file that loads an object in somebody else's interpreter and serves it (`probe/serve.py`)."""
    return _SERVE


@dataclass(frozen=True, slots=True)
class ChildCommand:
    """A process to start. `env` is the whole environment, nothing is inherited beside it."""

    command: str
    args: tuple[str, ...]
    env: dict[str, str]
    cwd: Path

    @property
    def line(self) -> tuple[str, ...]:
        """Command and arguments in one tuple."""
        return (self.command, *self.args)

    @property
    def text(self) -> str:
        """The command line as one would type it in this system's shell."""
        return subprocess.list2cmdline(self.line) if sys.platform == "win32" else shlex.join(self.line)

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables it gets, for the trust prompt."""
        return tuple(self.env)


def child_command(
    finding: ServerFinding,
    interpreter: Interpreter,
    *,
    arguments: Sequence[str] = (),
    variables: Iterable[str] = (),
    added: Mapping[str, str] | None = None,
    dialect: str | None = None,
    over_installed: bool = False,
    environ: Mapping[str, str] | None = None,
) -> ChildCommand:
    """How `interpreter` runs the file over stdio.

    `arguments` go to the file. `variables` are names of our own variables that the user lets through, `added` are
    variables with values. `dialect` and `over_installed` (our runtime even where fastmcp is installed) matter to the
    embedded runtime only. `environ` stands for our environment (default: the real one).
    """
    extra = dict(added or {})
    cwd = finding.folder
    if interpreter.kind == "embedded":
        words = ["--dialect", dialect] if dialect else []
        words += ["--runtime", "embedded"] if over_installed else []
        words += [] if _as_script(finding) else ["--object"]
        target: tuple[str, ...] = (*words, finding.spec)
        extra = _reach_ourselves() | extra
    elif not _as_script(finding):
        target = (str(_SERVE), finding.spec)
    elif finding.module is not None:
        target, cwd = ("-m", finding.module), finding.import_root
    else:
        target = (str(finding.path),)
    line = (*_prefix(finding, interpreter, target), *target, *arguments)
    env = child_environment(variables, extra, environ=environ)
    return ChildCommand(line[0], tuple(line[1:]), env, cwd)


def serving_command(
    finding: ServerFinding,
    interpreter: Interpreter,
    *,
    serve: Sequence[str],
    arguments: Sequence[str] = (),
) -> ChildCommand:
    """How an interpreter other than ours loads the object and serves it; `serve` are options of `probe/serve.py`."""
    target = (str(_SERVE), *serve, finding.spec)
    line = (*_prefix(finding, interpreter, target), *target, *arguments)
    return ChildCommand(line[0], tuple(line[1:]), child_environment(), finding.folder)


def _as_script(finding: ServerFinding) -> bool:
    """Run the file itself when that serves stdio; otherwise its object is loaded and served."""
    return not finding.explicit_name and finding.self_run in {"stdio", "unknown"}


def _prefix(finding: ServerFinding, interpreter: Interpreter, target: tuple[str, ...]) -> tuple[str, ...]:
    if interpreter.kind != "uv":
        return interpreter.command
    if interpreter.project is not None:
        return (*interpreter.command, "--directory", str(interpreter.project), "python")
    if target == (str(finding.path),):
        return (*interpreter.command, "--script")
    script = finding.script
    dependencies = script.dependencies if script else ()
    version = ("--python", script.requires_python) if script and script.requires_python else ()
    with_options = (option for dependency in dependencies for option in ("--with", dependency))
    return (*interpreter.command, "--no-project", *version, *with_options, "python")


def _reach_ourselves() -> dict[str, str]:
    """PYTHONPATH for the child when we run from a checkout, where its Python would not find us."""
    if getattr(sys, "frozen", False):
        return {}
    home = Path(__file__).resolve().parents[2]
    installed = {Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")}
    return {} if home in installed else {"PYTHONPATH": str(home)}
