"""Loads FILE[:NAME] in the interpreter that runs this script and serves the object over stdio.

Used for files that do not serve stdio when run as scripts. It imports nothing of Wireglass: the interpreter is the
user's, and only their packages are there.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import importlib.util
import inspect
import os
import re
import sys
from types import ModuleType
from typing import Any

NAMES = ("mcp", "server", "app")


def split(spec: str) -> tuple[str, str | None]:
    """FILE or FILE:NAME to (path, name or None)."""
    found = re.match(r"(.{2,}):([A-Za-z_]\w*)$", spec)
    if found and not os.path.exists(spec):
        return found.group(1), found.group(2)
    return spec, None


def load(path: str) -> ModuleType:
    """Imports the file, as part of its package when it is inside one."""
    path = os.path.abspath(path)
    root = folder = os.path.dirname(path)
    while os.path.isfile(os.path.join(root, "__init__.py")):
        root = os.path.dirname(root)
    own = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [root, folder, os.getcwd(), *(entry for entry in sys.path if os.path.abspath(entry or ".") != own)]
    if root != folder:
        parts = os.path.relpath(os.path.splitext(path)[0], root).split(os.sep)
        return importlib.import_module(".".join(parts))
    name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None:
        sys.exit(f"{path} is not a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    # Not by the loader: it may take compiled code of a save in the same second for this text.
    with open(path, "rb") as file:
        exec(compile(file.read(), path, "exec", dont_inherit=True), module.__dict__)
    return module


def pick(module: ModuleType, name: str | None) -> Any:
    """The object to serve. Exits with a sentence when there is none."""
    if name is not None:
        found = getattr(module, name, None)
        if found is None:
            sys.exit(f"{module.__file__} has nothing called {name} at module level.")
        return asyncio.run(made_by(found)) if inspect.isroutine(found) else found
    for candidate in NAMES:
        found = getattr(module, candidate, None)
        if is_server(found):
            return found
    servers = [value for value in vars(module).values() if is_server(value)]
    if len(servers) == 1:
        return servers[0]
    sys.exit(f"No server object found at module level in {module.__file__} (looked for {', '.join(NAMES)}).")


async def made_by(factory: Any) -> Any:
    """What a function without arguments returns, awaited if need be."""
    made = factory()
    return await made if inspect.isawaitable(made) else made


def is_server(value: object) -> bool:
    """True for an object with FastMCP's ways to serve stdio."""
    return hasattr(value, "run_stdio_async") and not inspect.isclass(value)


def main() -> None:
    """Serves what SPEC names; arguments after it are the file's own."""
    parser = argparse.ArgumentParser(prog="serve.py")
    parser.add_argument("--transport", default="stdio")
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    parser.add_argument("--path")
    parser.add_argument("spec", metavar="FILE[:NAME]")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    path, name = split(options.spec)
    sys.argv = [os.path.abspath(path), *options.arguments]
    server = pick(load(path), name)
    given = {key: getattr(options, key) for key in ("host", "port", "path") if getattr(options, key) is not None}
    if options.transport != "stdio" and "host" not in inspect.signature(server.run).parameters:
        _settle(server, given)  # the 1.x SDK takes them as settings, not as arguments
        given = {}
    server.run(transport=options.transport, **given)


def _settle(server: Any, given: dict[str, Any]) -> None:
    settings = getattr(server, "settings", None)
    for key, value in given.items():
        setattr(settings, "streamable_http_path" if key == "path" else key, value)


if __name__ == "__main__":
    main()
