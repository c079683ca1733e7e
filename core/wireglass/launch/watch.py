"""Which files a server consists of, and waiting until one of them changes."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from wireglass.errors import LaunchError
from wireglass.launch.source import ImportUse, package_root, read_source

__all__ = ["changes", "server_files"]

_LIMIT = 2000
"""More files than this are not one server; the rest is left unwatched."""


def server_files(path: Path) -> frozenset[Path]:
    """The file and the modules that it imports, directly or not, from its own folder or package root."""
    path = path.absolute()
    roots = tuple(dict.fromkeys((package_root(path), path.parent)))
    found: set[Path] = set()
    waiting = [path]
    while waiting and len(found) < _LIMIT:
        current = waiting.pop()
        if current in found:
            continue
        found.add(current)
        try:
            source = read_source(current)
        except LaunchError:
            continue
        for use in source.imports:
            waiting += _files_of(use, current, roots)
    return frozenset(found)


async def changes(path: Path) -> AsyncIterator[frozenset[Path]]:
    """Yields the changed files of the server each time some were saved; saves within 50 ms come together.

    The list of files is read anew after each change, because an edit may add an import. Cancel the iteration to stop.
    """
    from watchfiles import awatch

    while True:
        files = server_files(path)
        folders = {file.parent for file in files}
        async for batch in awatch(*folders, debounce=400, step=50, recursive=False):
            changed = frozenset(Path(name) for _, name in batch) & files
            if changed:
                yield changed
                break


def _files_of(use: ImportUse, importer: Path, roots: tuple[Path, ...]) -> Iterator[Path]:
    if use.origin != "local":
        return
    level = len(use.module) - len(use.module.lstrip("."))
    dotted = use.module[level:]
    parts = dotted.split(".") if dotted else []
    bases = (importer.parents[level - 1],) if level else roots
    for base in bases:
        folder = base
        for part in parts:
            yield from _module_files(folder / part)
            folder = folder / part
        for name in use.names:
            yield from _module_files(folder / name)


def _module_files(stem: Path) -> Iterator[Path]:
    for candidate in (stem.with_name(f"{stem.name}.py"), stem / "__init__.py"):
        if candidate.is_file():
            yield candidate
