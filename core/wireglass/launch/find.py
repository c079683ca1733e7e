"""Finds the server object in a file by reading it. Nothing is imported and nothing runs."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from wireglass.errors import LaunchError
from wireglass.launch.dialect import Dialect, DialectFinding, detect_dialect, project_folder
from wireglass.launch.source import (
    Binding,
    ImportUse,
    ScriptBlock,
    SelfRun,
    SourceFile,
    module_name,
    package_root,
    read_source,
)

__all__ = ["CONVENTIONAL_NAMES", "Problem", "ServerFinding", "find_server", "split_spec"]

CONVENTIONAL_NAMES = ("mcp", "server", "app")
"""Looked for in this order when no name is given."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the reader of the trust prompt should know. An "error" means: running it cannot work."""

    level: Literal["error", "warning"]
    text: str
    next_step: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class ServerFinding:
    """What reading a server file tells. `name` is None when no server object was found; `problems` says why."""

    path: Path
    """Absolute."""
    name: str | None
    line: int | None
    declaration: str
    """The line that makes the object, as written; empty when there is none."""
    explicit_name: bool
    """The name was given as FILE:NAME."""
    bindings: tuple[Binding, ...]
    """Every name that may be a server object, also those inside functions."""
    imports: tuple[ImportUse, ...]
    dialect: Dialect
    dialect_why: str
    problems: tuple[Problem, ...]
    script: ScriptBlock | None
    """The PEP 723 block."""
    self_run: SelfRun
    """What running the file as a script does."""
    module: str | None
    """The dotted name when the file is inside a package, else None."""
    import_root: Path
    """The folder that `module` is imported from; the file's own folder when it stands alone."""
    project: Path | None
    """The nearest folder upward with a project file."""

    @property
    def folder(self) -> Path:
        """What trust is given to: the project's folder, or the file's."""
        return self.project or self.path.parent

    @property
    def spec(self) -> str:
        """FILE, or FILE:NAME when the name was given."""
        return f"{self.path}:{self.name}" if self.explicit_name else str(self.path)

    @property
    def packages(self) -> tuple[str, ...]:
        """Top-level packages it needs that are neither in the standard library nor its own, first use first."""
        needed = (use.name for use in self.imports if use.origin == "package" and not use.optional)
        return tuple(dict.fromkeys(needed))

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems with which it cannot run."""
        return tuple(problem for problem in self.problems if problem.level == "error")

    @property
    def runnable(self) -> bool:
        """False when a problem is an error."""
        return not self.errors

    @property
    def choices(self) -> tuple[str, ...]:
        """The server objects at module level, when none of them is the one to run as long as nobody says which."""
        if self.name is not None or self.explicit_name:
            return ()
        servers = (one.name for one in self.bindings if one.kind == "server" and one.function is None)
        return tuple(dict.fromkeys(servers))


def split_spec(spec: str | Path) -> tuple[Path, str | None]:
    """`FILE` or `FILE:NAME` to (path, name). A drive letter is not a name."""
    text = str(spec)
    if Path(text).exists():
        return Path(text), None
    found = re.fullmatch(r"(.+):([A-Za-z_]\w*)", text)
    if found and not (len(found[1]) == 1 and found[1].isalpha()):
        return Path(found[1]), found[2]
    return Path(text), None


def find_server(spec: str | Path) -> ServerFinding:
    """Reads `FILE` or `FILE:NAME`. Raises LaunchError when there is no such file; everything else is in `problems`."""
    path, wanted = split_spec(spec)
    path = path.expanduser().absolute()
    if path.is_dir():
        raise LaunchError(f"{path} is a folder.", next_step="Name the server's file, for example server.py.")
    if not path.is_file():
        raise LaunchError(
            f"There is no file {path}.", next_step="Check the path; a server object is named as FILE:NAME."
        )
    source = read_source(path)
    binding, problems = _choose(source, wanted)
    dialect = detect_dialect(source) if source.error is None else DialectFinding("4", "The file cannot be parsed.")
    return ServerFinding(
        path=path,
        name=binding.name if binding else None,
        line=binding.line if binding else None,
        declaration=binding.text if binding else "",
        explicit_name=wanted is not None,
        bindings=source.bindings,
        imports=source.imports,
        dialect=dialect.dialect,
        dialect_why=dialect.why,
        problems=tuple(problems),
        script=source.script,
        self_run=source.self_run,
        module=module_name(path),
        import_root=package_root(path),
        project=project_folder(path),
    )


def _choose(source: SourceFile, wanted: str | None) -> tuple[Binding | None, list[Problem]]:
    if source.error is not None:
        return None, [
            Problem(
                "error",
                f"Line {source.error.lineno or 1} is not valid Python: {source.error.msg}.",
                "Correct the line, then open the file again.",
                source.error.lineno,
            )
        ]
    top = [binding for binding in source.bindings if binding.function is None]
    if wanted is not None:
        named = [binding for binding in top if binding.name == wanted]
        return (named[-1], []) if named else (None, [_no_such_name(source, wanted, top)])
    servers = [binding for binding in top if binding.kind == "server"]
    for candidates in (servers, [b for b in top if b.kind != "other" and not _is_other_framework(b)]):
        for name in CONVENTIONAL_NAMES:
            named = [binding for binding in candidates if binding.name == name]
            if named:
                return named[-1], []
    names = list(dict.fromkeys(binding.name for binding in servers))
    if len(names) == 1:
        return servers[-1], []
    if names:
        listed = ", ".join(names)
        several = Problem(
            "error",
            f"The file has several server objects: {listed}.",
            f"Name the one to run, for example {source.path.name}:{names[0]}.",
            servers[0].line,
        )
        return None, [_or_by_itself(source, several)]
    return None, [_or_by_itself(source, _not_found(source))]


def _or_by_itself(source: SourceFile, problem: Problem) -> Problem:
    """No obstacle for a file that serves stdio when it is run, as `python FILE` would."""
    if source.self_run not in {"stdio", "unknown"} or not _is_about_mcp(source):
        return problem
    return Problem("warning", f"{problem.text} It serves itself, so it is run as `python` would.", "", problem.line)


def _is_about_mcp(source: SourceFile) -> bool:
    return any(use.name in {"fastmcp", "mcp", "wireglass"} for use in source.imports)


def _no_such_name(source: SourceFile, wanted: str, top: list[Binding]) -> Problem:
    inside = next((b for b in source.bindings if b.name == wanted and b.function is not None), None)
    if inside is not None:
        return _inside_function(source, inside)
    known = ", ".join(dict.fromkeys(b.name for b in top if b.kind == "server")) or "none"
    return Problem(
        "error",
        f"{source.path.name} has nothing called {wanted} at module level (server objects there: {known}).",
        f"Correct the name after the colon, or add `{wanted} = ...` at module level.",
    )


def _not_found(source: SourceFile) -> Problem:
    inside = next((b for b in source.bindings if b.kind == "server" and b.function is not None), None)
    if inside is not None:
        return _inside_function(source, inside)
    expected = ", ".join(CONVENTIONAL_NAMES)
    if _is_about_mcp(source):
        return Problem(
            "error",
            f"No server object found at module level in {source.path.name} (looked for {expected}, any FastMCP).",
            'Add `mcp = FastMCP("name")` at module level, or name the object as FILE:NAME.',
        )
    return Problem(
        "error",
        f"{source.path.name} does not look like an MCP server: it imports neither fastmcp nor mcp.",
        "Open the file that makes the FastMCP object, or connect with a command line instead.",
    )


def _inside_function(source: SourceFile, binding: Binding) -> Problem:
    if binding.function == "__main__ block":
        where, export = 'inside the `if __name__ == "__main__"` block', binding.text
    else:
        where, export = f"inside the function {binding.function}", f"mcp = {binding.function}()"
    return Problem(
        "error",
        f"The server object is made {where}, so nothing that imports {source.path.name} can see it.",
        f"Add this line at module level: {export}",
        binding.line,
    )


_OTHER_FRAMEWORKS = re.compile(
    r"=\s*(?:await\s+)?(?:\w+\.)*(FastAPI|Starlette|Flask|Typer|Quart|Sanic|Celery|http_app|sse_app)\("
)


def _is_other_framework(binding: Binding) -> bool:
    return bool(_OTHER_FRAMEWORKS.search(binding.text))
