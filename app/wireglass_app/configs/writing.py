"""Writes the plans: each server that is new or changed is started once first, as its host will start it."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from wireglass.errors import WireglassError
from wireglass.install.trial import Trial, host_environment, try_out
from wireglass.targets.base import Target
from wireglass.targets.edit import FileEdit, apply, undo
from wireglass.targets.facts import Machine
from wireglass.targets.journal import Journal
from wireglass.targets.servers import Server
from wireglass_app.bridge import Bridge
from wireglass_app.plain import visible

__all__ = ["TryOut", "Writing", "to_try"]

TryOut = Callable[[Server, Target, Machine], Coroutine[Any, Any, Trial]]


def to_try(edits: Sequence[FileEdit]) -> list[tuple[str, Server, Target]]:
    """The servers that an edit adds or changes, with their host; those that are switched off are left out."""
    found: list[tuple[str, Server, Target]] = []
    for edit in edits:
        target, file = edit.config.target, edit.config.facts.id
        place = edit.config.place(edit.config.document(edit.after)).path
        for change in edit.changes:
            if change.after is None or change.place != place or not target.enabled(change.after):
                continue
            server = target.server(change.name, change.after, file=file)
            before = target.server(change.name, change.before, file=file) if change.before is not None else None
            if server is not None and server != before:
                found.append((change.name, server, target))
    return found


class Writing(QObject):
    """One act at a time. `trying(str)`, then `refused(str)`, `written(list of FileEdit)` or `failed(str)`."""

    trying = Signal(str)
    tried = Signal(str, object)
    """A server's name and its `Trial`."""
    refused = Signal(str)
    written = Signal(object)
    failed = Signal(str)
    stopped = Signal()

    def __init__(self, bridge: Bridge, journal: Journal, parent: QObject, *, try_out: TryOut = try_out) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._journal = journal
        self._try_out = try_out
        self._task: asyncio.Task[Any] | None = None
        self._answers: dict[str, Trial] = {}

    @property
    def is_busy(self) -> bool:
        """Whether servers are being started."""
        return self._task is not None and not self._task.done()

    def start(self, edits: Sequence[FileEdit], machine: Machine, *, anyway: bool = False) -> None:
        """Tries what must be tried, then writes; `anyway` writes at once."""
        if self.is_busy:
            return
        wanted = [one for one in to_try(edits) if _key(*one[1:], machine) not in self._answers]
        if anyway or not wanted:
            self._write(edits)
            return
        names = ", ".join(dict.fromkeys(visible(name, 40) for name, _, _ in wanted))
        hosts = ", ".join(dict.fromkeys(target.name for _, _, target in wanted))
        self.trying.emit(f"Starting {names} once, as {hosts} would…")
        self._run(self._all_tried(wanted, machine), lambda problem: self._finish(problem, list(edits)))

    def try_one(self, name: str, server: Server, target: Target, machine: Machine) -> None:
        """Starts one server once, to see; nothing is written."""
        self._answers.pop(_key(server, target, machine), None)
        self._run(self._all_tried([(name, server, target)], machine), lambda _problem: None)

    def stop(self) -> None:
        """Stops the servers that are being tried; nothing is written."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            self.stopped.emit()

    def undo_last(self, machine: Machine) -> str:
        """Takes the last write back. Returns what was done, in words."""
        act = self._journal.last()
        if act is None:
            return "There is nothing to undo."
        results = undo(act, self._journal, machine)
        failed = [f"{one.path.name}: {one.reason}" for one in results if one.how == "not possible"]
        return "; ".join(failed) or f"Undone: {act.label}."

    def _run(self, work: Coroutine[Any, Any, str], done: Callable[[str], None]) -> None:
        async def whole() -> None:
            done(await work)

        try:
            asyncio.get_running_loop()
        except RuntimeError:  # before the loop runs, as in a test of one widget
            done(asyncio.run(work))
            return
        self._task = self._bridge.spawn(whole(), self)

    async def _all_tried(self, wanted: Sequence[tuple[str, Server, Target]], machine: Machine) -> str:
        """Why the first that does not answer does not, or an empty text."""
        for name, server, target in wanted:
            trial: Trial = await self._bridge.run(self._try_out, server, target, machine)
            if trial.answered:
                self._answers[_key(server, target, machine)] = trial
            self.tried.emit(name, trial)
            if not trial.answered:
                return f"{visible(name, 40)} in {target.name} would not start: {trial.text}"
        return ""

    def _finish(self, problem: str, edits: Sequence[FileEdit]) -> None:
        if problem:
            self.refused.emit(problem)
        else:
            self._write(edits)

    def _write(self, edits: Sequence[FileEdit]) -> None:
        names = ", ".join(dict.fromkeys(edit.config.target.name for edit in edits))
        self._answers.clear()
        try:
            apply(edits, self._journal, label=f"Client configs: {names}")
        except WireglassError as problem:
            self.failed.emit(f"{problem.message} {problem.next_step}".strip())
            return
        self.written.emit(list(edits))


def _key(server: Server, target: Target, machine: Machine) -> str:
    return repr((server, host_environment(target, machine)))
