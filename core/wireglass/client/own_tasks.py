"""Tasks that servers of 2025-11-25 make of their questions: `sampling/createMessage` and `elicitation/create` with
`params.task` are answered with a task at once, and with the person's answer when the server asks for it.

Only that revision has them; in the stateless era questions travel inside results.
"""

import asyncio
import logging
import os
import time
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from wireglass.client.inputs import InputBroker, InputKind
from wireglass.errors import INTERNAL_ERROR, INVALID_PARAMS, METHOD_NOT_FOUND, McpError, WireglassError
from wireglass.protocol.messages import JsonObject, as_object, is_object
from wireglass.protocol.versions import META_RELATED_TASK

__all__ = ["MAX_TASKS", "OwnTasks"]

logger = logging.getLogger("wireglass.client")

MAX_TASKS: Final = 100
"""Tasks that one server may leave with us; a server that keeps asking gets errors, not our memory."""
_POLL_MS: Final = 1000
_DEFAULT_TTL_MS: Final = 15 * 60 * 1000
_LONGEST_TTL_MS: Final = 24 * 60 * 60 * 1000
_AUGMENTED: Final[dict[InputKind, str]] = {"elicitation": "create", "sampling": "createMessage"}
"""Kinds of question that may become a task, and how the capability names their methods."""


@dataclass(eq=False)
class _Task:
    id: str
    work: Coroutine[Any, Any, JsonObject]
    """Brings the answer."""
    ttl_ms: int
    created: float
    updated: float
    status: Literal["working", "completed", "failed", "cancelled"] = "working"
    result: JsonObject = field(default_factory=dict[str, Any])
    error: McpError | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    runner: asyncio.Task[None] | None = None

    def wire(self) -> JsonObject:
        members: JsonObject = {
            "taskId": self.id,
            "status": self.status,
            "createdAt": _iso(self.created),
            "lastUpdatedAt": _iso(self.updated),
            "ttl": self.ttl_ms,
            "pollInterval": _POLL_MS,
        }
        return members if self.error is None else {**members, "statusMessage": self.error.message}


class OwnTasks:
    """The tasks of one connection. `tell` sends a notification to the server."""

    def __init__(
        self,
        tell: Callable[[str, JsonObject], Awaitable[None]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._tell = tell
        self._clock = clock
        """Seconds since 1970."""
        self._tasks: dict[str, _Task] = {}

    @staticmethod
    def capability(broker: InputBroker) -> JsonObject | None:
        """`capabilities.tasks` for what `broker` can answer, or None."""
        requests = {kind: {verb: {}} for kind, verb in _AUGMENTED.items() if broker.handles(kind)}
        return {"list": {}, "cancel": {}, "requests": requests} if requests else None

    def begin(self, work: Coroutine[Any, Any, JsonObject], wanted: object) -> JsonObject:
        """Starts what brings the answer and returns the `CreateTaskResult`. Raises McpError when it cannot be kept."""
        self._expire()
        try:
            if not is_object(wanted):
                raise McpError(INVALID_PARAMS, "`task` is an object.")
            if len(self._tasks) >= MAX_TASKS:
                raise McpError(INTERNAL_ERROR, f"{MAX_TASKS} of your tasks are kept already.")
        except McpError:
            work.close()
            raise
        asked, now = wanted.get("ttl"), self._clock()
        ttl = min(asked, _LONGEST_TTL_MS) if type(asked) is int and asked > 0 else _DEFAULT_TTL_MS
        task = self._tasks[id] = _Task(id := urlsafe_b64encode(os.urandom(18)).decode(), work, ttl, now, now)
        task.runner = asyncio.get_running_loop().create_task(self._run(task))
        return {"task": task.wire()}

    async def _run(self, task: _Task) -> None:
        try:
            task.result = await task.work
        except McpError as error:
            self._end(task, "failed", error)
        except WireglassError as error:  # withdrawn with the connection
            self._end(task, "failed", McpError(INTERNAL_ERROR, error.message))
        else:
            self._end(task, "completed")
        await self._tell_of(task)

    def _end(
        self, task: _Task, status: Literal["completed", "failed", "cancelled"], error: McpError | None = None
    ) -> None:
        task.status, task.error, task.updated = status, error, self._clock()
        task.ended.set()

    async def _tell_of(self, task: _Task) -> None:
        try:
            await self._tell("notifications/tasks/status", task.wire())
        except WireglassError:
            logger.debug("The server could not be told of the end of task %s", task.id)

    # What the server asks of them

    async def answer(self, method: str, params: JsonObject) -> JsonObject:
        """The result of `tasks/get`, `tasks/result`, `tasks/list` or `tasks/cancel`. Raises McpError."""
        self._expire()
        match method:
            case "tasks/get":
                return self._named(params).wire()
            case "tasks/result":
                return await self._result(self._named(params))
            case "tasks/cancel":
                return await self._cancel(self._named(params))
            case "tasks/list":
                if params.get("cursor") is not None:
                    raise McpError(INVALID_PARAMS, "There is one page of tasks, and no cursor was given for another.")
                return {"tasks": [task.wire() for task in self._tasks.values()]}
            case _:
                raise McpError(METHOD_NOT_FOUND, f"This client does not answer {method}.")

    def _named(self, params: JsonObject) -> _Task:
        task = self._tasks.get(str(params.get("taskId")))
        if task is None:
            raise McpError(INVALID_PARAMS, f"Unknown task: {params.get('taskId')!r}. It never existed or has expired.")
        return task

    async def _result(self, task: _Task) -> JsonObject:
        await task.ended.wait()
        if task.error is not None:
            raise task.error
        if task.status == "cancelled":
            raise McpError(INVALID_PARAMS, f"Task {task.id!r} was cancelled: it has no result.")
        return {**task.result, "_meta": {**as_object(task.result.get("_meta")), META_RELATED_TASK: {"taskId": task.id}}}

    async def _cancel(self, task: _Task) -> JsonObject:
        if task.ended.is_set() or task.runner is None:
            raise McpError(INVALID_PARAMS, f"Cannot cancel task {task.id!r}: it is already {task.status}.")
        task.runner.cancel()
        await asyncio.wait([task.runner])  # it may not even have begun
        task.work.close()
        if not task.ended.is_set():
            self._end(task, "cancelled")
            await self._tell_of(task)
        return task.wire()

    # Ends

    def _expire(self) -> None:
        """Forgets what has ended and is old enough."""
        now = self._clock()
        for task in list(self._tasks.values()):
            if task.ended.is_set() and now - task.created >= task.ttl_ms / 1000:
                del self._tasks[task.id]

    async def aclose(self) -> None:
        """The connection is gone: nobody will ask for the answers."""
        tasks = list(self._tasks.values())
        self._tasks.clear()
        runners = [task.runner for task in tasks if task.runner is not None and not task.runner.done()]
        for runner in runners:
            runner.cancel()
        await asyncio.gather(*runners, return_exceptions=True)
        for task in tasks:
            task.work.close()  # for those that had not begun


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
