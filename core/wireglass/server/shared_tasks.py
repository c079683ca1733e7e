"""Tasks for many workers: how each stands is in the store, and what reaches another worker than its own is left there.

The function runs in the worker that took the call. Any other worker answers `tasks/get` from the store, and leaves
answers and cancels as letters, which the first one collects. A task whose worker is heard of no more has failed.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable
from typing import Any, Final, cast

from wireglass.errors import INTERNAL_ERROR, StateUnavailable
from wireglass.server.stored_state import StateStore
from wireglass.server.task_run import TaskRun, check_answers

__all__ = ["GONE_SECONDS", "LOOK_SECONDS", "SharedTasks"]

log = logging.getLogger("wireglass.storage")

LOOK_SECONDS: Final = 0.25
"""How often a worker looks for letters while one of its tasks runs."""
BEAT_SECONDS: Final = 10.0
"""How often it says that it is still there."""
GONE_SECONDS: Final = 60.0
"""After so long a silence a worker counts as gone; clocks of machines differ by less."""
_COLLECTION: Final = "wireglass-tasks"
_ENDED: Final = ("completed", "failed", "cancelled")


class SharedTasks:
    """The tasks of one server in a key-value store."""

    def __init__(
        self, state: StateStore, server: str, keep_seconds: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = state.store
        self._server = server
        self._keep_seconds = keep_seconds
        self._clock = clock
        self._open: dict[str, TaskRun] = {}
        """Tasks of this worker that have not ended, or whose end is not in the store yet."""
        self._written: dict[str, float] = {}
        self._changed: set[str] = set()
        self._news = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    # The worker that runs the task

    async def publish(self, task: TaskRun) -> None:
        """From now on other workers know of it. A store that is away is noted: the task runs on without."""
        self._open[task.id] = task
        await self._write(task)
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.get_running_loop().create_task(self._keep())

    def note(self, task: TaskRun) -> None:
        """Something changed; written soon."""
        if task.id in self._open:
            self._changed.add(task.id)
            self._news.set()

    async def aclose(self) -> None:
        """Writes how its tasks ended."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        for task in list(self._open.values()):
            await self._write(task)
        self._open.clear()

    async def _keep(self) -> None:
        while self._open:
            try:
                await asyncio.wait_for(self._news.wait(), LOOK_SECONDS)
            except TimeoutError:
                pass
            self._news.clear()
            await self._write_news()
            await self._collect()

    async def _write_news(self) -> None:
        now = self._clock()
        changed, self._changed = self._changed, set()
        for task in list(self._open.values()):
            if task.id in changed or now - self._written.get(task.id, 0.0) >= BEAT_SECONDS:
                await self._write(task)
            if task.ended is not None and task.id not in self._changed:
                self._open.pop(task.id, None)
                self._written.pop(task.id, None)

    async def _write(self, task: TaskRun) -> None:
        record = {"principal": task.principal, "state": task.state(), "seen": self._clock()}
        self._written[task.id] = self._clock()
        try:
            await self._store.put(
                self._key(task.id), record, collection=_COLLECTION, ttl=self._keep_seconds + GONE_SECONDS
            )
        except Exception:  # boundary: drivers raise what they like
            log.warning("The state of a task could not be written: other workers do not know it.", exc_info=True)

    async def _collect(self) -> None:
        wanted: list[tuple[TaskRun, str | None]] = []
        for task in self._open.values():
            if task.ended is None:
                wanted += [(task, None), *((task, key) for key in task.open_questions())]
        keys = [self._key(task.id, "cancel" if key is None else f"answer {key}") for task, key in wanted]
        if not keys:
            return
        try:
            letters = await self._store.get_many(keys, collection=_COLLECTION)
            found = [key for key, letter in zip(keys, letters, strict=True) if letter is not None]
            if found:
                await self._store.delete_many(found, collection=_COLLECTION)
        except Exception:  # boundary: as above
            log.warning("Letters for tasks could not be read.", exc_info=True)
            return
        for (task, key), letter in zip(wanted, letters, strict=True):
            if letter is not None and key is None and task.runner is not None:
                task.runner.cancel()
            elif letter is not None and key is not None:
                task.answer({key: letter["answer"]})

    # Any other worker

    async def find(self, id: str, principal: str | None) -> dict[str, Any] | None:
        """How a caller's task stands, or None. Raises StateUnavailable."""
        try:
            record: Any = await self._store.get(self._key(id), collection=_COLLECTION)
        except Exception as error:  # boundary: drivers raise what they like
            raise StateUnavailable("read") from error
        if not isinstance(record, dict) or cast("dict[str, Any]", record).get("principal") != principal:
            return None
        state = cast("dict[str, Any]", record["state"])
        if state["status"] not in _ENDED and self._clock() - record["seen"] > GONE_SECONDS:
            gone = {"code": INTERNAL_ERROR, "message": "The worker that ran this task is gone."}
            kept = {name: value for name, value in state.items() if name != "inputRequests"}
            return {**kept, "status": "failed", "error": gone}
        return state

    async def answer(self, id: str, state: dict[str, Any], responses: dict[str, Any]) -> None:
        """Leaves answers for the worker that runs the task; keys that are not open are ignored.

        Raises McpError -32602 for an answer of a wrong form, and then leaves none; StateUnavailable.
        """
        asked = cast("dict[str, Any]", state.get("inputRequests") or {})
        taken = {key: responses[key] for key in asked if key in responses}
        check_answers({key: asked[key]["method"] for key in taken}, taken)
        for key, answer in taken.items():
            await self._leave(id, f"answer {key}", {"answer": answer})

    async def cancel(self, id: str) -> None:
        """Asks the worker that runs the task to stop it."""
        await self._leave(id, "cancel", {"cancel": True})

    async def _leave(self, id: str, about: str, letter: dict[str, Any]) -> None:
        try:
            await self._store.put(self._key(id, about), letter, collection=_COLLECTION, ttl=self._keep_seconds)
        except Exception as error:  # boundary: as above
            raise StateUnavailable("written") from error

    def _key(self, *parts: str) -> str:
        """Hashed: a task's id is a secret, and keys are not encrypted."""
        return hashlib.sha256(repr((self._server, *parts)).encode()).hexdigest()
