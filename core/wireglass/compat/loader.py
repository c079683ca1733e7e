"""Runs a user's file: as `__main__`, or as a module whose server object is served."""

import asyncio
import importlib
import importlib.util
import inspect
import io
import os
import sys
from collections.abc import Awaitable
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from wireglass.compat.own_modules import trust_settled_code
from wireglass.errors import LaunchError
from wireglass.launch.find import CONVENTIONAL_NAMES, find_server
from wireglass.launch.source import module_name, package_root

__all__ = ["load_object", "load_server", "prepare_path", "run_as_main"]


def prepare_path(path: Path) -> None:
    """Puts the folder to import the file from, the file's folder and the working folder in front of `sys.path`."""
    own = [str(package_root(path)), str(path.parent)]
    trust_settled_code(own)
    front = [*own, os.getcwd()]
    sys.path[:] = [*dict.fromkeys(front), *(entry for entry in sys.path if entry not in {*front, ""})]


def run_as_main(path: Path, arguments: list[str]) -> None:
    """Executes the file as Python would: `__name__` is `__main__`, relative imports work inside a package."""
    prepare_path(path)
    sys.argv[:] = [str(path), *arguments]
    module = ModuleType("__main__")
    dotted = module_name(path)
    if dotted is not None:
        module.__package__ = dotted.rpartition(".")[0]
        importlib.import_module(module.__package__)
        module.__spec__ = importlib.util.spec_from_file_location(dotted, path)
    module.__file__ = str(path)
    module.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = module
    exec(_compile(path), module.__dict__)


def load_server(path: Path, name: str | None, arguments: list[str], *, factories: bool = False) -> Any:
    """Imports the file and returns its server object. Raises LaunchError when there is none.

    With `factories`, `name` may be a function that makes one: a `fastmcp.json` may say so.
    """
    prepare_path(path)
    sys.argv[:] = [str(path), *arguments]
    module = import_file(path)
    if factories and name is not None:
        made = _made_by(getattr(module, name, None))
        if made is not None:
            return _checked(made, path, name)
    return load_object(module, path, name)


def _made_by(factory: Any) -> Any:
    """What a function without arguments returns, awaited if need be; None for anything but a function."""
    if not inspect.isroutine(factory):
        return None
    made = factory()
    return asyncio.run(_awaited(made)) if inspect.isawaitable(made) else made


async def _awaited(value: Awaitable[Any]) -> Any:
    return await value


def import_file(path: Path) -> ModuleType:
    """Imports the file as part of its package, or under its own name when it stands alone."""
    dotted = module_name(path)
    if dotted is not None:
        return importlib.import_module(dotted)
    # `json.py` beside a server must not become everyone's json; such a file gets a name of its own.
    taken = path.stem in sys.stdlib_module_names or path.stem in sys.modules
    name = f"wireglass_user_{path.stem}" if taken else path.stem
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None:
        raise LaunchError(f"{path} is not a Python file.", next_step="Name a file that ends in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        # Not by the loader: it keeps compiled code by the second of the last change and the size, and would take an
        # older text for this one when a file is saved twice in a second.
        exec(_compile(path), module.__dict__)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def load_object(module: ModuleType, path: Path, name: str | None) -> Any:
    """The named object, else `mcp`, `server` or `app`, else the only server object of the module."""
    if name is not None:
        if not hasattr(module, name):
            raise _no_object(path, name)
        return _checked(getattr(module, name), path, name)
    for candidate in CONVENTIONAL_NAMES:
        if is_server(getattr(module, candidate, None)):
            return getattr(module, candidate)
    servers = {id(value): value for value in vars(module).values() if is_server(value)}
    if len(servers) == 1:
        return next(iter(servers.values()))
    raise _no_object(path, None)


def is_server(value: object) -> bool:
    """True for an object that can serve: ours, or another runtime's with the same ways to run."""
    return not inspect.isclass(value) and not inspect.ismodule(value) and hasattr(type(value), "run_async")


def _checked(value: Any, path: Path, name: str) -> Any:
    if is_server(value):
        return value
    if callable(value):
        raise LaunchError(
            f"{name} in {path.name} is a function, not a server object.",
            next_step=f"Add this line at module level: mcp = {name}()",
        )
    raise LaunchError(
        f"{name} in {path.name} is a {type(value).__name__}, not a server object.", next_step="Name a FastMCP object."
    )


def _no_object(path: Path, name: str | None) -> LaunchError:
    """The static reading knows functions that make one, and the line that would export it."""
    finding = find_server(f"{path}:{name}" if name else path)
    for problem in finding.problems:
        return LaunchError(problem.text, next_step=problem.next_step)
    expected = ", ".join(CONVENTIONAL_NAMES)
    return LaunchError(
        f"No server object found at module level in {path.name} (looked for {expected}).",
        next_step='Add `mcp = FastMCP("name")` at module level, or name the object as FILE:NAME.',
    )


def _compile(path: Path) -> CodeType:
    with io.open_code(str(path)) as file:
        return compile(file.read(), str(path), "exec", dont_inherit=True)
