"""Follows tasks to their end, so that a call that became one looks like any other call.

Two shapes: the experimental tasks of 2025-11-25 (asked for by the client, `tasks/result` brings the result) and the
extension `io.modelcontextprotocol/tasks` of 2026-07-28 (decided by the server, `tasks/get` brings everything).
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

from wireglass.client.inputs import InputBroker
from wireglass.client.rounds import questions
from wireglass.errors import McpError, ProtocolError, ToolError, WireglassError
from wireglass.protocol.messages import JsonObject, RequestId, as_object

__all__ = [
    "TaskEnded",
    "TaskNews",
    "finish_extension_task",
    "finish_handshake_task",
    "is_extension_task",
    "poll_seconds",
]

Ask = Callable[[str, JsonObject], Awaitable[JsonObject]]
"""Sends a request and returns its result."""
OnStatus = Callable[[JsonObject], object]
Wait = Callable[[str, float], Awaitable[None]]
"""Waits for news of a task, at most so many seconds."""

_DEFAULT_POLL_SECONDS: Final = 1.0
_SHORTEST_POLL_SECONDS: Final = 0.02
_LONGEST_POLL_SECONDS: Final = 60.0
_BRINGS: Final = {"completed": "result", "failed": "error", "input_required": "inputRequests"}
"""Statuses, and what `tasks/get` brings with each."""
_TERMINAL: Final = ("completed", "failed", "cancelled")


async def _patience(id: str, seconds: float) -> None:
    await asyncio.sleep(seconds)


class TaskNews:
    """What a server says of its tasks unasked (`notifications/tasks/status` of 2025-11-25, `notifications/tasks` of the
    extension). It only shortens the wait: nobody may rely on being told, so the state is always asked for."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Event] = {}

    def heard(self, method: str, params: JsonObject) -> None:
        """Takes note of a notification. Tasks that nobody waits for are ignored."""
        if method in ("notifications/tasks/status", "notifications/tasks"):
            event = self._waiting.get(str(params.get("taskId")))
            if event is not None:
                event.set()

    async def wait(self, id: str, seconds: float) -> None:
        """Waits that long, or until there is news of the task."""
        event = self._waiting.setdefault(id, asyncio.Event())
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting.pop(id, None)


class TaskEnded(ToolError):
    """A task that ended without a result: cancelled or vanished. `task` is its last known state."""

    def __init__(self, message: str, task: JsonObject) -> None:
        super().__init__(message)
        self.task = task


def is_extension_task(result: JsonObject) -> bool:
    """Whether a result stands for a task of the extension."""
    return result.get("resultType") == "task" and isinstance(result.get("taskId"), str)


def poll_seconds(task: JsonObject) -> float:
    """How long to wait before asking again."""
    for member in ("pollIntervalMs", "pollInterval"):
        value = task.get(member)
        if isinstance(value, int | float):
            return min(max(value / 1000, _SHORTEST_POLL_SECONDS), _LONGEST_POLL_SECONDS)
    return _DEFAULT_POLL_SECONDS


async def finish_extension_task(
    task: JsonObject,
    ask: Ask,
    broker: InputBroker,
    *,
    server: str = "",
    on_status: OnStatus | None = None,
    call: JsonObject | None = None,
    wait: Wait = _patience,
    origin: Callable[[], RequestId | None] = lambda: None,
) -> JsonObject:
    """Waits for a task of the extension and returns its result; its questions are answered on the way.

    `call` are the params of the request that became the task, `origin` gives its id.
    Raises McpError for a failed task, TaskEnded for a cancelled one. Cancelling the wait cancels the task.
    """
    id = task["taskId"]
    answered: set[str] = set()
    try:
        if _BRINGS.get(str(task.get("status")), "status") not in task:  # the reply to the call says the status only
            task = {**task, **await ask("tasks/get", {"taskId": id})}
        while True:
            if on_status is not None:
                on_status(task)
            status = task.get("status")
            if status == "completed":
                return _completed(task)
            if status == "failed":
                raise _failed(as_object(task.get("error")))
            if status == "cancelled":
                raise TaskEnded("The task was cancelled by the server.", task)
            if status == "input_required":
                await _answer(task, answered, ask, broker, server, call, origin())
            await wait(id, poll_seconds(task))
            task = {**task, **await ask("tasks/get", {"taskId": id})}
    except asyncio.CancelledError:
        await _cancel(id, ask)
        raise


async def _answer(
    task: JsonObject,
    answered: set[str],
    ask: Ask,
    broker: InputBroker,
    server: str,
    call: JsonObject | None,
    origin: RequestId | None,
) -> None:
    """Answers what has not been answered yet: a key may still be listed until the server has seen the answer."""
    asked = {key: value for key, value in as_object(task.get("inputRequests")).items() if key not in answered}
    if not asked:
        return
    requests = questions(asked, broker, server=server, round=len(answered) + 1, origin=origin, call=call)
    answers = await broker.ask_all(list(requests.values()))
    answered.update(requests)
    responses = dict(zip(requests, answers, strict=True))
    await ask("tasks/update", {"taskId": task["taskId"], "inputResponses": responses})


def _completed(task: JsonObject) -> JsonObject:
    result = task.get("result")
    if not isinstance(result, dict):
        raise ProtocolError("The task is completed but brings no result.", next_step="Look at the frame.")
    return as_object(result)


def _failed(error: JsonObject) -> McpError:
    code = error.get("code")
    return McpError(
        code if type(code) is int else -32603, str(error.get("message", "The task failed.")), error.get("data")
    )


async def finish_handshake_task(
    task: JsonObject, ask: Ask, *, on_status: OnStatus | None = None, wait: Wait = _patience
) -> JsonObject:
    """Waits for a task of 2025-11-25 and returns what the call would have returned.

    Raises McpError as the call would have, TaskEnded for a cancelled task. Cancelling the wait cancels the task.
    """
    id = str(task.get("taskId"))
    try:
        while True:
            if on_status is not None:
                on_status(task)
            status = task.get("status")
            if status == "cancelled":
                raise TaskEnded("The task was cancelled by the server.", task)
            if status in _TERMINAL or status == "input_required":
                # Blocks until the task is through; the server's questions come meanwhile as requests.
                return await ask("tasks/result", {"taskId": id})
            await wait(id, poll_seconds(task))
            task = await ask("tasks/get", {"taskId": id})
    except asyncio.CancelledError:
        await _cancel(id, ask)
        raise


async def _cancel(id: Any, ask: Ask) -> None:
    with contextlib.suppress(WireglassError, TimeoutError):
        async with asyncio.timeout(1.0):
            await ask("tasks/cancel", {"taskId": id})
