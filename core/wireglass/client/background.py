"""Calls that go on in the background, as FastMCP 2.x has them: `task = await client.call_tool(..., task=True)`.

The call runs to its end whatever the server makes of it: a task of either era, or an answer at once.
"""

import asyncio
import inspect
import os
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from wireglass.client.following import watcher
from wireglass.errors import McpError, TransportClosed
from wireglass.protocol.messages import JsonObject
from wireglass.protocol.model import WireModel

if TYPE_CHECKING:
    from wireglass.client.calls import TypedCalls

__all__ = ["BackgroundCall", "PromptTask", "ResourceTask", "TaskState", "ToolTask", "begin"]

T = TypeVar("T")
_ENDED = ("completed", "failed", "cancelled")


class TaskState(WireModel):
    """How a task stands. Times are ISO 8601, `ttl` and `poll_interval` milliseconds."""

    task_id: str
    status: str
    status_message: str | None = None
    created_at: str | None = None
    last_updated_at: str | None = None
    ttl: int | None = None
    poll_interval: int | None = None


class BackgroundCall(Generic[T]):
    """One such call. Awaiting it gives the call's result."""

    def __init__(self, client: "TypedCalls", work: Coroutine[Any, Any, T]) -> None:
        self._client = client
        self._state: TaskState | None = None
        self._callbacks: list[Callable[[TaskState], Any]] = []
        self._changed = asyncio.Event()
        self._told: set[asyncio.Future[Any]] = set()
        context = copy_context()
        context.run(watcher.set, self._heard)
        self._runner = asyncio.get_running_loop().create_task(work, context=context)
        self._runner.add_done_callback(self._over)
        self._own_id = f"immediate-{os.urandom(8).hex()}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.task_id!r})"

    def __await__(self) -> Generator[Any, None, T]:
        return self.result().__await__()

    @property
    def task_id(self) -> str:
        """The server's id of the task; one of our own when the server answered at once."""
        return self._own_id if self._state is None else self._state.task_id

    @property
    def returned_immediately(self) -> bool:
        """Whether the server answered at once instead of making a task of it."""
        return self._state is None and self._runner.done()

    def on_status_change(self, callback: Callable[[TaskState], Any]) -> None:
        """Calls back, or awaits, with each new state; with the last one when there will be no other."""
        self._callbacks.append(callback)
        if self._state is not None and self._runner.done():
            self._tell(self._state, callback)

    async def result(self) -> T:
        """Waits for the end and returns what the call returns. Raises what the call raises."""
        return await asyncio.shield(self._runner)

    async def status(self) -> TaskState:
        """How it stands, asked now. Raises RuntimeError outside of the client's context."""
        self._check_open()
        if self._state is None or self._state.status in _ENDED:
            return self._last()
        try:
            raw = await self._client.request("tasks/get", {"taskId": self.task_id})
        except McpError:
            if self._runner.done():
                return self._last()
            raise
        return _state_of(raw)

    async def wait(self, *, state: str | None = None, timeout: float = 300.0) -> TaskState:
        """Waits until the task stands so, or has ended, at most so many seconds. Raises TimeoutError, RuntimeError."""
        self._check_open()
        async with asyncio.timeout(timeout):
            while True:
                now = self._last()
                if now.status == state or now.status in _ENDED:
                    return now
                self._changed.clear()
                await self._changed.wait()

    async def cancel(self) -> None:
        """Asks the server to stop it. Raises RuntimeError outside of the client's context."""
        self._check_open()
        if self._state is not None and not self._runner.done():
            await self._client.request("tasks/cancel", {"taskId": self.task_id})

    def _check_open(self) -> None:
        try:
            reachable = self.returned_immediately or self._client.session.is_open
        except TransportClosed:
            reachable = False
        if not reachable:
            raise RuntimeError("A task cannot be asked for outside of the client context that it belongs to.")

    async def _begun(self) -> None:
        """Waits until there is a task, or the answer."""
        waiting = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait({self._runner, waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()

    def _heard(self, state: JsonObject) -> None:
        before = self._state
        self._state = _state_of({**(before.wire() if before else {}), **state})
        self._changed.set()
        if before is None or before.status != self._state.status:
            self._tell(self._state)

    def _over(self, runner: "asyncio.Task[T]") -> None:
        failed = runner.cancelled() or runner.exception() is not None  # looked at, so that nobody warns of it
        if self._state is not None:
            told = self._state.status
            ended = told if told == "cancelled" else ("failed" if failed else "completed")
            if told != ended:  # a tool's error is a failure here, though the task itself came to its end
                self._state = self._state.model_copy(update={"status": ended})
                self._tell(self._state)
        self._changed.set()

    def _tell(self, state: TaskState, *only: Callable[[TaskState], Any]) -> None:
        for callback in only or self._callbacks:
            answer = callback(state)
            if inspect.isawaitable(answer):
                told = asyncio.ensure_future(answer)
                self._told.add(told)
                told.add_done_callback(self._told.discard)

    def _last(self) -> TaskState:
        if self._state is not None:
            return self._state
        if not self._runner.done():
            return TaskState(task_id=self._own_id, status="working")
        failed = self._runner.cancelled() or self._runner.exception() is not None
        return TaskState(task_id=self._own_id, status="failed" if failed else "completed")


class ToolTask(BackgroundCall[T]):
    """A tool call in the background."""


class ResourceTask(BackgroundCall[T]):
    """A resource read in the background."""


class PromptTask(BackgroundCall[T]):
    """A prompt rendered in the background."""


B = TypeVar("B", bound="BackgroundCall[Any]")


async def begin(
    kind: Callable[["TypedCalls", Coroutine[Any, Any, Any]], B], client: "TypedCalls", work: Awaitable[Any]
) -> B:
    """Starts a call; returns when the server has made a task of it, or answered."""

    async def running() -> Any:
        return await work

    call = kind(client, running())
    await call._begun()
    return call


def _state_of(raw: JsonObject) -> TaskState:
    """Of a task of either era."""
    members = dict(raw)
    for ours, theirs in (("ttl", "ttlMs"), ("pollInterval", "pollIntervalMs")):
        if theirs in members:
            members[ours] = members.pop(theirs)
    known = ("taskId", "status", "statusMessage", "createdAt", "lastUpdatedAt", "ttl", "pollInterval")
    return TaskState.model_validate({name: members[name] for name in known if name in members})
