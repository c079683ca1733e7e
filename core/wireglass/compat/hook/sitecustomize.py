"""Switches the aliases on in Python processes that a server file starts with the same interpreter.

Found through PYTHONPATH, which `wireglass.compat` extends in the process that runs the file. Does nothing in another
interpreter, and hands over to the sitecustomize that it hides. Standard library only.
"""

import os
import sys
from importlib.abc import MetaPathFinder
from typing import Any

_HERE = os.path.dirname(os.path.abspath(__file__))
_ROOTS = {"fastmcp", "fastmcp_tasks", "mcp", "mcp_types", "key_value"}


class _Awaiting(MetaPathFinder):
    """Costs nothing until one of our trees is imported; then puts the real finder in its place."""

    def __init__(self, first: bool) -> None:
        self.first = first

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname.partition(".")[0] not in _ROOTS:
            return None
        sys.meta_path.remove(self)
        from wireglass.compat.finder import install

        finder = install(os.environ.get("WIREGLASS_DIALECT", "4"), first=self.first)
        return finder.find_spec(fullname, path, target)


def _switch_on() -> None:
    mode = os.environ.get("WIREGLASS_COMPAT", "")
    if mode not in {"on", "first"} or os.environ.get("WIREGLASS_COMPAT_PREFIX") != sys.prefix:
        return
    home = os.environ.get("WIREGLASS_COMPAT_HOME", "")
    if home and home not in sys.path:
        sys.path.append(home)
    finder = _Awaiting(mode == "first")
    if mode == "first":
        sys.meta_path.insert(0, finder)
    else:
        sys.meta_path.append(finder)


def _hand_over() -> None:
    """Runs the sitecustomize that would have been found without this one."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    rest = [entry for entry in sys.path if os.path.abspath(entry or ".") != _HERE]
    spec = PathFinder.find_spec("sitecustomize", rest)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(module_from_spec(spec))


_switch_on()
_hand_over()
