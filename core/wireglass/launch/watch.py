"""Which files a server consists of, and waiting until one of them changes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from wireglass.errors import LaunchError
from wireglass.launch.source import ImportUse, package_root, read_source

__all__ = ["changes", "server_files"]

Stamp = tuple[int, int] | None
_LOOK_MS = 1000
"""The longest time between two looks at the files themselves."""
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

    A save that happens while the caller is busy with the one before is yielded next. The list of files is read anew
    after each change, because an edit may add an import. Cancel the iteration to stop.
    """
    seen = await asyncio.to_thread(_stamps, path)
    while True:
        await _news(seen)
        now = await asyncio.to_thread(_stamps, path)
        changed = frozenset(file for file in {*seen, *now} if seen.get(file) != now.get(file))
        saved = changed & seen.keys()  # a file that only joined, by a new import, is no save of its own
        seen = now
        if saved:
            yield changed


async def _news(seen: dict[Path, Stamp]) -> None:
    """Waits until a file is not as it was. Looks by itself too: a save may come before the system starts to tell."""
    from watchfiles import awatch

    folders = {file.parent for file in seen}
    notices = awatch(*folders, debounce=400, step=50, recursive=False, rust_timeout=_LOOK_MS, yield_on_timeout=True)
    try:
        while all(_stamp(file) == stamp for file, stamp in seen.items()):
            await anext(notices)
    finally:
        await notices.aclose()


def _stamps(path: Path) -> dict[Path, Stamp]:
    return {file: _stamp(file) for file in server_files(path)}


def _stamp(file: Path) -> Stamp:
    """When it was written last and its size; None while it is not there."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


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
