"""Reads the hosts' files off the Qt thread, again when one of them changes, and looks whether remote servers answer."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from wireglass.install.reach import unreachable
from wireglass.targets.check import remote_urls
from wireglass.targets.facts import Machine
from wireglass.targets.inventory import Found, survey
from wireglass.targets.matrix import Column
from wireglass_app.bridge import Bridge

__all__ = ["Watching"]

_SETTLE_MS = 300
"""Programs write in several steps; the files are read again when they have been quiet for so long."""
_FRESH_S = 60.0
"""How long the answer about a URL counts."""

Reach = Callable[[Sequence[str]], Coroutine[Any, Any, dict[str, str]]]


class Watching(QObject):
    """`found(list of Found)` after each survey, `reached(dict)` with the URLs that cannot be reached and why."""

    found = Signal(object)
    reached = Signal(dict)

    def __init__(self, bridge: Bridge, parent: QObject, *, reach: Reach = unreachable) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._reach = reach
        self._machine: Machine | None = None
        self._known: dict[str, tuple[float, str]] = {}
        self._asking: set[str] = set()
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._again)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(lambda _path: self._settle.start())
        self._watcher.directoryChanged.connect(lambda _path: self._settle.start())

    def read(self, machine: Machine) -> None:
        """Surveys the machine."""
        self._machine = machine
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # shown before the loop runs, as in a test of one widget
            self.found.emit(survey(machine))
            return
        self._bridge.spawn(self._read(machine), self)

    def watch(self, columns: Sequence[Column]) -> None:
        """These hosts' files, and the folders where new ones would appear."""
        files = [str(listed.config.path) for one in columns for listed in one.files]
        folders = [str(one.primary.path.parent) for one in columns if one.primary]
        wanted = {path for path in (*files, *folders) if Path(path).exists()}
        watched = {*self._watcher.files(), *self._watcher.directories()}
        if gone := sorted(watched - wanted):
            self._watcher.removePaths(gone)
        if new := sorted(wanted - watched):
            self._watcher.addPaths(new)

    def look(self, hosts: Sequence[Found]) -> None:
        """Sees whether the remote servers take a connection, unless that was seen a moment ago."""
        now, urls = time.monotonic(), remote_urls(hosts)
        old = [url for url in urls if url not in self._known or now - self._known[url][0] > _FRESH_S]
        wanted = [url for url in old if url not in self._asking]
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            wanted = []
        if wanted:
            self._asking.update(wanted)
            self._bridge.spawn(self._ask(wanted), self)
        self._tell(urls)

    async def _read(self, machine: Machine) -> None:
        self.found.emit(await self._bridge.compute(survey, machine))

    async def _ask(self, urls: list[str]) -> None:
        try:
            problems = await self._bridge.run(self._reach, urls)
        finally:
            self._asking.difference_update(urls)
        now = time.monotonic()
        self._known |= {url: (now, problems.get(url, "")) for url in urls}
        self._tell(list(self._known))

    def _tell(self, urls: Sequence[str]) -> None:
        self.reached.emit({url: self._known[url][1] for url in urls if self._known.get(url, (0, ""))[1]})

    def _again(self) -> None:
        if self._machine is not None:
            self.read(self._machine)
