"""The experimental tasks of 2025-11-25: the client asks for one with `params.task`, `tasks/result` brings the result
and carries the questions of the running function."""

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, cast

from wireglass.errors import INTERNAL_ERROR, INVALID_PARAMS, METHOD_NOT_FOUND, McpError, TransportError
from wireglass.protocol.versions import LATEST_HANDSHAKE
from wireglass.server.pages import page
from wireglass.server.task_run import TaskRun, TaskScope
from wireglass.session.scope import RequestScope, SessionFacts

if TYPE_CHECKING:
    from wireglass.server.components import TaskConfig
    from wireglass.server.context import Context
    from wireglass.server.tasks import Tasks, Work

__all__ = ["HANDSHAKE_CAPABILITY", "HandshakeTasks"]

HANDSHAKE_CAPABILITY: dict[str, Any] = {"list": {}, "cancel": {}, "requests": {"tools": {"call": {}}}}
RELATED_TASK = "io.modelcontextprotocol/related-task"
_CANCEL_SECONDS = 1.0
"""How long a function may take to stop. Its task is cancelled after that whatever it does."""


class _Line:
    """How a task reaches its client: the `tasks/result` requests that wait for it."""

    def __init__(self, session: SessionFacts) -> None:
        self.session = session
        self.told = "working"
        """The status that the client knows."""
        self._waiting: list[RequestScope] = []
        self._came = asyncio.Event()

    def open(self, scope: RequestScope) -> None:
        self._waiting.append(scope)
        self._came.set()

    def close(self, scope: RequestScope) -> None:
        if scope in self._waiting:
            self._waiting.remove(scope)
        if not self._waiting:
            self._came.clear()

    async def current(self) -> RequestScope:
        await self._came.wait()
        return self._waiting[-1]


class _HandshakeScope(TaskScope):
    """The request that a task came from. Its questions wait for a `tasks/result` to travel on."""

    def __init__(self, scope: RequestScope, task: TaskRun, line: _Line) -> None:
        super().__init__(scope, task)
        self._line = line

    async def notify(self, method: str, params: dict[str, Any] | None = None) -> None:
        """Sends what the function says on the way; it belongs to no request any more, but to the task."""
        await self._scope.session.notify(method, _related(params or {}, self._task))

    async def request(
        self, method: str, params: dict[str, Any] | None = None, *, timeout: float | None = None
    ) -> dict[str, Any]:
        """Asks the client. Raises McpError, RequestTimeout."""
        related = _related(params or {}, self._task)
        with self._task.waiting():
            while True:
                scope = await self._line.current()
                try:
                    return await scope.request(method, related, timeout=timeout)
                except TransportError:  # that request is gone; the client comes back with another one
                    self._line.close(scope)


class HandshakeTasks:
    """The methods of this era on the tasks of one server."""

    def __init__(self, tasks: "Tasks") -> None:
        self._tasks = tasks
        self._lines: dict[str, _Line] = {}
        self._telling: set[asyncio.Task[None]] = set()

    def tell(self, task: TaskRun) -> None:
        """Sends `notifications/tasks/status` when the status of a task of this era is another one."""
        line = self._lines.get(task.id)
        if line is None or line.told == task.status:
            return
        line.told = task.status
        telling = asyncio.get_running_loop().create_task(self._send(line.session, _wire(task)))
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)

    @staticmethod
    async def _send(session: SessionFacts, state: dict[str, Any]) -> None:
        with contextlib.suppress(TransportError):  # a client that is gone need not know
            await session.notify("notifications/tasks/status", state)

    async def aclose(self) -> None:
        """Ends what is being told: the server stops."""
        for telling in list(self._telling):
            telling.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)

    async def call(self, context: "Context", config: "TaskConfig", work: "Work") -> dict[str, Any]:
        """The reply to a `tools/call`. Raises McpError: -32601 when the tool is not to be called this way."""
        scope = context.require_scope()
        asked = scope.params.get("task")
        if asked is None:
            if config.mode == "required":
                raise McpError(METHOD_NOT_FOUND, "This tool only runs as a task: call it with `task`.")
            return await work()
        if not isinstance(asked, dict):
            raise McpError(INVALID_PARAMS, "Invalid request parameters: `task` must be an object.")
        if not config.supports_tasks():
            raise McpError(METHOD_NOT_FOUND, "This tool does not run as a task: call it without `task`.")
        if not self._tasks.has_room(scope.principal):
            raise McpError(INTERNAL_ERROR, "The server keeps too many tasks already. Try again later.")
        task = self._tasks.make(scope, config)
        line = _Line(scope.session)
        self._lines = {id: old for id, old in self._lines.items() if self._tasks.knows(id)} | {task.id: line}
        context.scope = cast("RequestScope", _HandshakeScope(scope, task, line))
        context.task = task
        self._tasks.keep(task)
        self._tasks.start(task, context, work)
        return {"task": _wire(task)}

    async def get(self, scope: RequestScope) -> dict[str, Any]:
        """`tasks/get`. Raises McpError."""
        return _wire(self._find(scope)[0])

    async def result(self, scope: RequestScope) -> dict[str, Any]:
        """`tasks/result`: waits for the end; then what the call would have returned, or raised."""
        task, line = self._find(scope)
        if task.ended is None:
            line.open(scope)
            try:
                await task.finished.wait()
            finally:
                line.close(scope)
        match task.ended:
            case "completed":
                return _related(task.outcome, task)
            case "failed":
                raise McpError(task.outcome["code"], task.outcome["message"], task.outcome.get("data"))
            case _:
                raise McpError(INVALID_PARAMS, f"Task {task.id!r} was cancelled: it has no result.")

    async def list(self, scope: RequestScope, page_size: int | None) -> dict[str, Any]:
        """`tasks/list`: those of this session. Raises McpError for a bad cursor."""
        self._check(scope)
        cursor = scope.params.get("cursor")
        if cursor is not None and not isinstance(cursor, str):
            raise McpError(INVALID_PARAMS, "Invalid request parameters: `cursor` must be a string.")
        ids = [id for id, line in self._lines.items() if line.session is scope.session]
        own = [task for task in (self._tasks.own(scope, id) for id in ids) if task is not None]
        items, following = page(own, cursor, page_size)
        result: dict[str, Any] = {"tasks": [_wire(task) for task in items]}
        return result if following is None else {**result, "nextCursor": following}

    async def cancel(self, scope: RequestScope) -> dict[str, Any]:
        """`tasks/cancel`. Raises McpError -32602 for a task that has ended."""
        task, _ = self._find(scope)
        if task.ended is not None:
            raise McpError(INVALID_PARAMS, f"Cannot cancel task {task.id!r}: it is already {task.ended}.")
        assert task.runner is not None
        task.runner.cancel()
        await asyncio.wait({task.runner}, timeout=_CANCEL_SECONDS)
        task.end("cancelled")
        return _wire(task)

    def _check(self, scope: RequestScope) -> None:
        if scope.version != LATEST_HANDSHAKE or not (self._lines or self._tasks.offered()):
            raise McpError(METHOD_NOT_FOUND, f"Method not found: {scope.method}")

    def _find(self, scope: RequestScope) -> tuple[TaskRun, _Line]:
        self._check(scope)
        task = self._tasks.named(scope)
        line = self._lines.get(task.id)
        if line is None:
            raise McpError(INVALID_PARAMS, f"Task {task.id!r} belongs to the tasks extension of another version.")
        return task, line


def _related(members: dict[str, Any], task: TaskRun) -> dict[str, Any]:
    """A result or parameters that say which task they belong to."""
    return {**members, "_meta": {**(members.get("_meta") or {}), RELATED_TASK: {"taskId": task.id}}}


def _wire(task: TaskRun) -> dict[str, Any]:
    """The task in the names of this era."""
    members = task.summary()
    members["ttl"], members["pollInterval"] = members.pop("ttlMs"), members.pop("pollIntervalMs")
    return members
