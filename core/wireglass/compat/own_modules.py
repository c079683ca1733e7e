"""Modules of the server's own folder are run as they were saved last.

Python keeps compiled code by the second of the last change and the size: a module that is saved twice in a second with
as many characters would run its older text after a reload.
"""

import os
import sys
from collections.abc import Callable, Iterable
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.abc import PathEntryFinder

__all__ = ["trust_settled_code"]

_NS = 1_000_000_000
_roots: set[str] = set()


class _Loader(SourceFileLoader):
    """Takes compiled code only when it was kept well after the second of the last change."""

    def get_data(self, path: str) -> bytes:
        """As ever. Raises OSError for compiled code too young to tell one save from the next: Python compiles anew then
        and keeps that."""
        if path.endswith(tuple(BYTECODE_SUFFIXES)) and not _settled(self.path, path):
            raise OSError(f"{path} may be of another save in the same second")
        return super().get_data(path)


def trust_settled_code(roots: Iterable[str]) -> None:
    """From now on modules below these folders are imported so; those of an environment in them are not."""
    _roots.update(map(os.path.abspath, roots))
    if _hook not in sys.path_hooks:
        sys.path_hooks.insert(0, _hook)
    for entry in [one for one in sys.path_importer_cache if _own(one)]:
        del sys.path_importer_cache[entry]


def _settled(source: str, compiled: str) -> bool:
    """Whether the code was kept when no save could fall into the same second any more: a second after its end, so that
    what was read before the end is kept by then."""
    return os.stat(compiled).st_mtime_ns >= (os.stat(source).st_mtime_ns // _NS + 2) * _NS


_find: "Callable[[str], PathEntryFinder]" = FileFinder.path_hook(
    (ExtensionFileLoader, EXTENSION_SUFFIXES),
    (_Loader, SOURCE_SUFFIXES),
    (SourcelessFileLoader, BYTECODE_SUFFIXES),
)


def _hook(path: str) -> "PathEntryFinder":
    if not _own(path):
        raise ImportError(f"{path} is not the server's own")
    return _find(path)


def _own(path: str) -> bool:
    """A root, or a package below one: its folders have names of modules, unlike `.venv` and `site-packages`."""
    path = os.path.abspath(path)
    return any(
        path == root or (path.startswith(root + os.sep) and all(map(str.isidentifier, _below(root, path))))
        for root in _roots
    )


def _below(root: str, path: str) -> list[str]:
    return path[len(root) + 1 :].split(os.sep)
