"""What a Python file says about itself, read as text: imports, bindings, how it runs. Nothing is executed here."""

import ast
import re
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from wireglass.errors import LaunchError

__all__ = ["Binding", "ImportUse", "ScriptBlock", "SelfRun", "SourceFile", "read_source"]

SelfRun = Literal["stdio", "http", "unknown", "no"]
"""How the file behaves as a script: serves stdio, serves HTTP, does something we cannot tell, or nothing."""

SERVER_MODULES = frozenset({"fastmcp", "mcp", "wireglass"})
_FACTORIES = frozenset({"as_proxy", "from_openapi", "from_fastapi", "from_client"})
_SCRIPT_BLOCK = re.compile(r"(?m)^# /// script\s*$\n(?P<body>(?:^#(?:| .*)$\n)+?)^# ///\s*$")


@dataclass(frozen=True, slots=True)
class ImportUse:
    """One top-level package that the file imports."""

    name: str
    """The first part of the module's name; empty for a relative import."""
    module: str
    """The module as written, with leading dots."""
    line: int
    origin: Literal["stdlib", "local", "package"]
    names: tuple[str, ...] = ()
    """What `from module import ...` takes."""
    optional: bool = False
    """Inside `try`, or under `if TYPE_CHECKING`: its absence does not stop the file."""
    lazy: bool = False
    """Inside a function: needed when that function runs."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A name that the file binds to something that may be a server object."""

    name: str
    line: int
    text: str
    """The first line of the statement, as written."""
    kind: Literal["server", "call", "import", "other"]
    """A FastMCP constructor, another call, an import from elsewhere, or anything else."""
    function: str | None = None
    """The function that it is local to, or None at module level."""


@dataclass(frozen=True, slots=True)
class ScriptBlock:
    """The `# /// script` block of PEP 723."""

    dependencies: tuple[str, ...]
    requires_python: str | None
    text: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A parsed file. `error` is set, and the lists are empty, when it is not valid Python."""

    path: Path
    text: str
    imports: tuple[ImportUse, ...] = ()
    bindings: tuple[Binding, ...] = ()
    script: ScriptBlock | None = None
    self_run: SelfRun = "no"
    names_used: frozenset[str] = frozenset()
    """Every attribute, keyword and imported name that occurs, and `FastMCP(name=` for the constructor's keywords; what
    the dialect is told by."""
    error: SyntaxError | None = None


def read_source(path: Path) -> SourceFile:
    """Reads and parses one file. Raises LaunchError when it cannot be read; a syntax error is data."""
    try:
        with tokenize.open(path) as file:  # honours the coding line, as Python does
            text = file.read()
    except (OSError, SyntaxError, UnicodeDecodeError) as problem:
        raise LaunchError(
            f"{path} cannot be read: {problem}", next_step="Check the path and the permissions."
        ) from problem
    try:
        tree = ast.parse(text, filename=str(path))
    except (SyntaxError, ValueError) as problem:
        error = problem if isinstance(problem, SyntaxError) else SyntaxError(str(problem))
        return SourceFile(path, text, script=_script_block(text), error=error)
    reader = _Reader(path, text)
    reader.read(tree.body, function=None, optional=False)
    return SourceFile(
        path,
        text,
        tuple(reader.imports),
        tuple(reader.bindings),
        _script_block(text),
        _self_run(tree),
        frozenset(_names(tree)),
    )


class _Reader:
    """Walks statements, keeping track of the function and the `try` they are in."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.lines = text.splitlines()
        self.imports: list[ImportUse] = []
        self.bindings: list[Binding] = []
        self.classes: set[str] = {"FastMCP"}
        """Names that stand for the FastMCP class: aliases of the import and subclasses."""

    def read(self, body: list[ast.stmt], *, function: str | None, optional: bool) -> None:
        for node in body:
            self._statement(node, function, optional)

    def _statement(self, node: ast.stmt, function: str | None, optional: bool) -> None:
        match node:
            case ast.Import():
                for alias in node.names:
                    self._import(alias.name, (), node.lineno, function, optional)
            case ast.ImportFrom():
                self._import_from(node, function, optional)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if isinstance(target, ast.Name):
                        self._bind(target.id, node, value, function)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self._bind(name, node, value, function)
            case ast.Return(value=ast.Call() as value) if function is not None and self._kind(value) == "server":
                self._bind("return", node, value, function)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.read(node.body, function=function or node.name, optional=optional)
            case ast.ClassDef():
                if any(_dotted(base).rpartition(".")[2] in self.classes for base in node.bases):
                    self.classes.add(node.name)
                self.read(node.body, function=function or node.name, optional=optional)
            case ast.Try() | ast.TryStar():
                self.read(node.body, function=function, optional=optional or bool(node.handlers))
                for handler in node.handlers:
                    self.read(handler.body, function=function, optional=True)
                self.read(node.orelse + node.finalbody, function=function, optional=optional)
            case ast.If():
                typing_only = "TYPE_CHECKING" in ast.unparse(node.test)
                inner = "__main__ block" if _is_main_test(node.test) else function
                self.read(node.body, function=inner, optional=optional or typing_only)
                self.read(node.orelse, function=function, optional=optional)
            case ast.With() | ast.AsyncWith() | ast.For() | ast.While():
                self.read(node.body, function=function, optional=optional)
            case _:
                pass

    def _import_from(self, node: ast.ImportFrom, function: str | None, optional: bool) -> None:
        module = "." * node.level + (node.module or "")
        names = tuple(alias.name for alias in node.names)
        self._import(module, names, node.lineno, function, optional)
        own = module.lstrip(".").partition(".")[0] not in SERVER_MODULES or bool(node.level)
        for alias in node.names:
            bound = alias.asname or alias.name
            if alias.name == "FastMCP":
                self.classes.add(bound)
            elif own and function is None:
                self.bindings.append(Binding(bound, node.lineno, self._line(node), "import"))

    def _import(self, module: str, names: tuple[str, ...], line: int, function: str | None, optional: bool) -> None:
        root = "" if module.startswith(".") else module.partition(".")[0]
        lazy = function is not None
        self.imports.append(ImportUse(root, module, line, _origin(root, self.path), names, optional, lazy))

    def _bind(self, name: str, node: ast.stmt, value: ast.expr, function: str | None) -> None:
        self.bindings.append(Binding(name, node.lineno, self._line(node), self._kind(value), function))

    def _kind(self, value: ast.expr) -> Literal["server", "call", "other"]:
        if isinstance(value, ast.Await):
            value = value.value
        if not isinstance(value, ast.Call):
            return "other"
        called = _dotted(value.func)
        owner, _, last = called.rpartition(".")
        if last in self.classes or (last in _FACTORIES and owner.rpartition(".")[2] in self.classes):
            return "server"
        return "call"

    def _line(self, node: ast.stmt) -> str:
        return self.lines[node.lineno - 1].strip() if node.lineno <= len(self.lines) else ""


def _origin(root: str, path: Path) -> Literal["stdlib", "local", "package"]:
    if not root:
        return "local"
    if root in sys.stdlib_module_names:
        return "stdlib"
    for folder in (path.parent, package_root(path), Path.cwd()):
        if (folder / f"{root}.py").is_file() or (folder / root / "__init__.py").is_file():
            return "local"
    # A folder without __init__.py is a namespace package, but only when it holds Python; `docs/` is not one.
    spaces = (path.parent / root, package_root(path) / root)
    return "local" if any(space.is_dir() and any(space.glob("*.py")) for space in spaces) else "package"


def package_root(path: Path) -> Path:
    """The folder to import from: above the outermost package that holds the file, or the file's own folder."""
    folder = path.parent
    while (folder / "__init__.py").is_file() and folder.parent != folder:
        folder = folder.parent
    return folder


def module_name(path: Path) -> str | None:
    """The dotted name of a file inside a package (`shop.server`), or None for a file that stands alone."""
    root = package_root(path)
    if root == path.parent:
        return None
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _dotted(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{_dotted(value)}.{attr}"
        case ast.Subscript(value=value):  # FastMCP[State](...)
            return _dotted(value)
        case _:
            return ""


def _is_main_test(test: ast.expr) -> bool:
    text = ast.unparse(test)
    return "__name__" in text and "__main__" in text


def _self_run(tree: ast.Module) -> SelfRun:
    """A `.run(...)` outside functions counts at once; inside them only if a `__main__` block can reach it."""
    guarded = any(isinstance(node, ast.If) and _is_main_test(node.test) for node in tree.body)
    outside = [
        stmt for stmt in tree.body if not isinstance(stmt, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    runs = [call for stmt in (tree.body if guarded else outside) for call in _run_calls(stmt)]
    if not runs:
        return "unknown" if guarded else "no"
    transports = {_transport(call) for call in runs}
    if transports == {"stdio"}:
        return "stdio"
    return "http" if "stdio" not in transports and "unknown" not in transports else "unknown"


def _run_calls(node: ast.AST) -> Iterator[ast.Call]:
    for inner in ast.walk(node):
        if not (isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute)):
            continue
        owner = _dotted(inner.func.value).rpartition(".")[2]
        name = inner.func.attr
        if (name == "run" and owner not in {"asyncio", "anyio", "uvicorn", "subprocess", "trio"}) or (
            name.startswith("run_") and name.endswith("async")
        ):
            yield inner


def _transport(call: ast.Call) -> str:
    name = _dotted(call.func).rpartition(".")[2]
    if name == "run_stdio_async":
        return "stdio"
    if name in {"run_http_async", "run_sse_async", "run_streamable_http_async"}:
        return "http"
    given = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "transport"), None)
    if given is None:
        return "unknown" if any(k.arg is None for k in call.keywords) else "stdio"
    if isinstance(given, ast.Constant):
        return "stdio" if given.value in {"stdio", None} else "http"
    return "unknown"


def _names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) | ast.keyword(arg=str(name)) | ast.alias(name=name):
                yield name
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}:{alias.name}" for alias in names)
                yield f"{module}:"
            case ast.Call(func=ast.Name(id="FastMCP") | ast.Attribute(attr="FastMCP"), keywords=keywords):
                yield from (f"FastMCP({word.arg}=" for word in keywords if word.arg is not None)
            case _:
                pass


def _script_block(text: str) -> ScriptBlock | None:
    found = _SCRIPT_BLOCK.search(text)
    if found is None:
        return None
    import tomllib  # late: patterns of half a megabyte, for the few who have such a file

    toml = "".join(line[2:] if line.startswith("# ") else line[1:] for line in found["body"].splitlines(keepends=True))
    try:
        data: dict[str, Any] = tomllib.loads(toml)
    except tomllib.TOMLDecodeError:
        return None
    listed = data.get("dependencies", [])
    dependencies = tuple(str(item) for item in listed) if isinstance(listed, list) else ()
    requires = data.get("requires-python")
    return ScriptBlock(dependencies, requires if isinstance(requires, str) else None, toml)
