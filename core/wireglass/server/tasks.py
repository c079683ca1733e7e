"""The extension `io.modelcontextprotocol/tasks` (2026-07-28; `handshake_tasks` has those of 2025-11-25): tool calls
that are answered with a task and asked for later. Tasks run in this process and end with it; with a store, every
worker can be asked for them (`shared_tasks`).

The server decides per call: a tool with a task configuration becomes a task for clients that declared the extension.
What a function asks by returning an `InputRequiredResult` at once travels in ordinary rounds before there is a task;
what it asks later, or with `ctx.elicit()` and its like, is asked inside the task.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from wireglass.errors import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    MISSING_CLIENT_CAPABILITY,
    McpError,
)
from wireglass.protocol.fitting import fit_result
from wireglass.protocol.versions import LATEST_HANDSHAKE, TASKS_EXTENSION, is_stateless
from wireglass.server.components import TaskConfig
from wireglass.session.scope import RequestScope

if TYPE_CHECKING:
    from wireglass.server.app import FastMCP
    from wireglass.server.context import Context
    from wireglass.server.handshake_tasks import HandshakeTasks
    from wireglass.server.shared_tasks import SharedTasks
    from wireglass.server.task_run import TaskRun

__all__ = ["GRACE_SECONDS", "KEEP_SECONDS", "MAX_PER_PRINCIPAL", "MAX_TASKS", "Tasks", "tasks_capability"]

log = logging.getLogger("wireglass.server")

GRACE_SECONDS = 0.2
"""How long a call may take to ask for input first. Only a function that returns its questions later than this asks
them inside the task; either way they are asked."""
KEEP_SECONDS = 900.0
"""`ttlMs` of every task. What still works then is kept until it ends, and as long again."""
MAX_TASKS = 5000
MAX_PER_PRINCIPAL = 1000
Work = Callable[[], Awaitable[dict[str, Any]]]


class Tasks:
    """The tasks of one server."""

    def __init__(self, server: FastMCP, clock: Callable[[], float] = time.time) -> None:
        self._server = server
        self.clock = clock
        """Seconds since 1970."""
        self._tasks: dict[str, TaskRun] = {}
        self._runners: set[asyncio.Task[dict[str, Any] | None]] = set()
        self._offered: bool | None = None
        self._others: SharedTasks | None = None

    @cached_property
    def handshake(self) -> HandshakeTasks:
        """Those of 2025-11-25."""
        from wireglass.server.handshake_tasks import HandshakeTasks

        return HandshakeTasks(self)

    @property
    def _shared(self) -> SharedTasks | None:
        """Where other workers learn of our tasks: the server's store, if it has one."""
        store = self._server.state_store
        if self._others is None and store is not None:
            from wireglass.server.shared_tasks import SharedTasks

            self._others = SharedTasks(store, self._server.name, KEEP_SECONDS, self.clock)
        return self._others

    # What is offered

    def offered(self) -> bool:
        """Whether any tool of this server, or of one mounted in it, may run as a task."""
        if self._offered is None:
            self._offered = any(provider.offers_tasks() for provider in self._server.providers)
        return self._offered

    def components_changed(self) -> None:
        """Looks again when it is next asked what is offered."""
        self._offered = None

    # Calls

    async def call(
        self, context: Context, config: Callable[[], Awaitable[TaskConfig | None]], work: Work
    ) -> dict[str, Any]:
        """The reply to a `tools/call`: its result, a round of questions, or a task.

        Raises McpError -32021 when the tool only runs as a task and the client did not declare the extension, and
        what `work` raises.
        """
        parking, scope = self._server.parking, context.require_scope()
        wanted = await config() if scope.version >= LATEST_HANDSHAKE and self.offered() else None
        if wanted is not None and not scope.stateless:
            return await self.handshake.call(context, wanted, work)
        if wanted is None or not wanted.supports_tasks():
            return await parking.run(context, work)
        if wanted.mode == "required":
            _require_declared(scope)
        if not _declares(scope) or parking.read_round(context)[0]:
            return await parking.run(context, work)  # one that is parked goes on as it began
        if not self.has_room(scope.principal):
            if wanted.mode != "required":
                return await parking.run(context, work)
            raise McpError(INTERNAL_ERROR, "The server keeps too many tasks already. Try again later.")
        return await self._begin(context, wanted, work)

    def has_room(self, principal: str | None) -> bool:
        """Whether one more may begin."""
        self._expire()
        if len(self._tasks) >= MAX_TASKS:
            return False
        return principal is None or sum(t.principal == principal for t in self._tasks.values()) < MAX_PER_PRINCIPAL

    async def _begin(self, context: Context, config: TaskConfig, work: Work) -> dict[str, Any]:
        from wireglass.server.task_run import TaskScope

        scope = context.require_scope()
        task = self.make(scope, config)
        context.scope = cast("RequestScope", TaskScope(scope, task))
        context.asking = task.ask
        context.task = task
        runner = self.start(task, context, work)
        await self._grace(task, runner)
        if runner.done() and not runner.cancelled():
            early = runner.result()  # raises the error that comes instead of a task
            if early is not None:
                return early
            if config.at_once and task.ended == "completed":
                return task.outcome
            if config.at_once and task.ended == "failed":
                raise McpError(task.outcome["code"], task.outcome["message"], task.outcome.get("data"))
        self.keep(task)
        if self._shared is not None:
            await self._shared.publish(task)
        return {"resultType": "task", **task.summary()}

    def make(self, scope: RequestScope, config: TaskConfig) -> TaskRun:
        """A task of this caller that nobody knows of yet."""
        from wireglass.server.task_run import TaskRun

        return TaskRun(
            id=secrets.token_urlsafe(24),
            principal=scope.principal,
            clock=self.clock,
            ttl_ms=int(KEEP_SECONDS * 1000),
            poll_ms=max(1, int(config.poll_interval.total_seconds() * 1000)),
            changed=self._tell,
        )

    def start(self, task: TaskRun, context: Context, work: Work) -> asyncio.Task[dict[str, Any] | None]:
        """Begins the work."""
        runner = asyncio.get_running_loop().create_task(self._run(task, context, work))
        task.runner = runner
        self._runners.add(runner)
        runner.add_done_callback(self._runners.discard)
        return runner

    def keep(self, task: TaskRun) -> None:
        """From now on the client may ask for it."""
        task.given = True
        self._tasks[task.id] = task

    async def _grace(self, task: TaskRun, runner: asyncio.Task[Any]) -> None:
        """Waits for the end, the first question or the end of patience. Cancelled before that, there is no task yet,
        and the call ends like any other."""
        spoke = asyncio.get_running_loop().create_task(task.spoke.wait())
        try:
            await asyncio.wait({runner, spoke}, timeout=GRACE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            runner.cancel()
            raise
        finally:
            spoke.cancel()

    async def _run(self, task: TaskRun, context: Context, work: Work) -> dict[str, Any] | None:
        """Works until the task has ended; returns the questions of a function that asks before there is a task."""
        try:
            while True:
                result = await work()
                if result.get("resultType") != "input_required":
                    break
                if not task.given:
                    return result
                await self._ask_inside(task, context, result)
        except asyncio.CancelledError:
            task.end("cancelled")
            raise
        except McpError as error:
            if error.code == MISSING_CLIENT_CAPABILITY and not task.given:
                raise
            task.end("failed", _error(error))
        except Exception:  # boundary: nothing of ours or the author's leaves in another form
            log.exception("Error in task")
            task.end("failed", _error(McpError(INTERNAL_ERROR, "Internal error. The server's log says more.")))
        else:
            version = context.require_scope().version
            task.end("completed", fit_result("tools/call", {"resultType": "complete", **result}, version))
        return None

    async def _ask_inside(self, task: TaskRun, context: Context, result: dict[str, Any]) -> None:
        """A round that comes when the task is given already: its questions become the task's."""
        state = result.get("requestState")  # opened now: it expires, and people take their time
        opened = self._server.parking.seal.open(context.require_scope(), state) if state is not None else {}
        requests = cast("dict[str, Any]", result.get("inputRequests") or {})
        if requests:
            from wireglass.server.parking import read_responses

            context.input_responses = read_responses(await task.ask_all(requests))
        else:
            await asyncio.sleep(task.poll_ms / 1000)  # "call me again": as a polling client would
        context.request_state = opened.get("explicit")

    def _tell(self, task: TaskRun) -> None:
        self.handshake.tell(task)
        if self._others is not None:
            self._others.note(task)
        self._server.subscriptions.task_changed(task.id, task.state)

    # Methods

    async def get(self, context: Context) -> dict[str, Any]:
        """`tasks/get`. Raises McpError."""
        if not context.require_scope().stateless:
            return await self.handshake.get(context.require_scope())
        task = await self._find(context.require_scope())
        return task if isinstance(task, dict) else task.state()

    async def update(self, context: Context, params: dict[str, Any]) -> dict[str, Any]:
        """`tasks/update`. Raises McpError."""
        task = await self._find(context.require_scope())
        responses = params.get("inputResponses")
        if not isinstance(responses, dict):
            raise McpError(INVALID_PARAMS, "Invalid request parameters: `inputResponses` must be an object.")
        if not isinstance(task, dict):
            task.answer(cast("dict[str, Any]", responses))
        elif self._shared is not None:
            await self._shared.answer(task["taskId"], task, cast("dict[str, Any]", responses))
        return {}

    async def cancel(self, context: Context) -> dict[str, Any]:
        """`tasks/cancel`: asks the function to stop; how it ends is up to it. Raises McpError."""
        if not context.require_scope().stateless:
            return await self.handshake.cancel(context.require_scope())
        task = await self._find(context.require_scope())
        if isinstance(task, dict):
            if self._shared is not None:
                await self._shared.cancel(task["taskId"])
        elif task.runner is not None:
            task.runner.cancel()
        return {}

    async def _find(self, scope: RequestScope) -> TaskRun | dict[str, Any]:
        """The caller's task: ours, or how one of another worker stands. Raises McpError."""
        if not scope.stateless or not (self._tasks or self.offered()):
            raise McpError(METHOD_NOT_FOUND, f"Method not found: {scope.method}")
        _require_declared(scope)
        id = scope.params.get("taskId")
        if self._shared is not None and isinstance(id, str) and id not in self._tasks:
            elsewhere = await self._shared.find(id, scope.principal)
            if elsewhere is not None:
                return elsewhere
        return self.named(scope)

    def named(self, scope: RequestScope) -> TaskRun:
        """The caller's task that a request names. Raises McpError -32602."""
        id = scope.params.get("taskId")
        if not isinstance(id, str):
            raise McpError(INVALID_PARAMS, "Invalid request parameters: `taskId` must be a string.")
        task = self.own(scope, id)
        if task is None:
            raise McpError(INVALID_PARAMS, f"Unknown task: {id!r}. It never existed, is not yours, or has expired.")
        return task

    def knows(self, id: str) -> bool:
        """Whether there is such a task, whoever owns it."""
        return id in self._tasks

    def own(self, scope: RequestScope, id: str) -> TaskRun | None:
        """A task of this caller, or None."""
        self._expire()
        task = self._tasks.get(id)
        return task if task is not None and task.principal == scope.principal else None

    def states(self, scope: RequestScope, ids: Any) -> dict[str, Callable[[], dict[str, Any]]]:
        """Of the ids that a client wants to hear of, those of its own tasks, and how each stands."""
        if not isinstance(ids, list) or not scope.stateless or not _declares(scope):
            return {}
        named = [id for id in cast("list[Any]", ids) if isinstance(id, str)]
        found = {id: self.own(scope, id) for id in named}
        return {id: task.state for id, task in found.items() if task is not None}

    # Ends

    def _expire(self) -> None:
        """Forgets what ended and is old enough; what waits for an answer all that time is cancelled."""
        now = self.clock()
        for task in list(self._tasks.values()):
            if now - task.created_at < KEEP_SECONDS:
                break  # they are in the order they began
            if task.status == "input_required" and now - task.updated_at >= KEEP_SECONDS:
                assert task.runner is not None
                task.runner.cancel()
            if task.ended is not None and now - task.updated_at >= KEEP_SECONDS:
                del self._tasks[task.id]

    async def aclose(self) -> None:
        """Ends every task: the server stops."""
        runners = list(self._runners)
        self._tasks.clear()
        for runner in runners:
            runner.cancel()
        await asyncio.gather(*runners, return_exceptions=True)
        if self._others is not None:
            await self._others.aclose()
            self._others = None  # its loop may be another one when the server runs again
        await self.handshake.aclose()


def tasks_capability(version: str) -> dict[str, Any]:
    """How a server says in its capabilities that it has tasks."""
    if is_stateless(version):
        return {"extensions": {TASKS_EXTENSION: {}}}
    from wireglass.server.handshake_tasks import HANDSHAKE_CAPABILITY

    return {"tasks": HANDSHAKE_CAPABILITY} if version == LATEST_HANDSHAKE else {}


def _declares(scope: RequestScope) -> bool:
    extensions = scope.client_capabilities.get("extensions")
    return isinstance(extensions, dict) and isinstance(cast("dict[str, Any]", extensions).get(TASKS_EXTENSION), dict)


def _require_declared(scope: RequestScope) -> None:
    if not _declares(scope):
        data = {"requiredCapabilities": {"extensions": {TASKS_EXTENSION: {}}}}
        raise McpError(MISSING_CLIENT_CAPABILITY, f"This needs a client that supports {TASKS_EXTENSION}.", data)


def _error(error: McpError) -> dict[str, Any]:
    members: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.data is not None:
        members["data"] = error.data
    return members
