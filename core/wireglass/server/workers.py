"""Threads that run blocking functions of server authors, so that the event loop never waits for them.

The threads are daemons: a tool that never returns must not keep the process from ending.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Mapping
from queue import SimpleQueue
from typing import Any, TypeVar

__all__ = ["run_in_worker"]

T = TypeVar("T")

_BOUND = 64
"""Blocking calls that run at once; more wait in line. A thread costs some 50 kB, a starved server costs more."""


class _Pool:
    def __init__(self) -> None:
        self._jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._lock = threading.Lock()
        self._free = 0
        """Idle threads less waiting jobs; negative when work waits in line."""
        self._threads = 0

    def submit(self, job: Callable[[], None]) -> None:
        with self._lock:
            self._free -= 1
            if self._free < 0 and self._threads < _BOUND:
                self._threads += 1
                self._free += 1
                threading.Thread(target=self._work, name=f"wireglass-worker-{self._threads}", daemon=True).start()
        self._jobs.put(job)

    def _work(self) -> None:
        while True:
            self._jobs.get()()
            with self._lock:
                self._free += 1


_pool = _Pool()


async def run_in_worker(fn: Callable[..., T], /, *args: Any, kwargs: Mapping[str, Any] | None = None) -> T:
    """Calls `fn` in a worker thread with the caller's context variables and returns what it returns.

    When the caller is cancelled the thread is left to finish by itself and its result is dropped.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    context = contextvars.copy_context()
    named = dict(kwargs or {})

    def deliver(outcome: Any, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(outcome)
        else:
            future.set_exception(error)

    def job() -> None:
        outcome: Any = None
        error: BaseException | None = None
        try:
            outcome = context.run(fn, *args, **named)
        except StopIteration as stop:  # cannot travel through a future
            error = RuntimeError(f"The function raised StopIteration({stop.value!r}).")
            error.__cause__ = stop
        except BaseException as raised:  # boundary of the thread: whatever happened belongs to the caller
            error = raised
        try:
            loop.call_soon_threadsafe(deliver, outcome, error)
        except RuntimeError:  # the loop is closed; nobody waits any more
            pass

    _pool.submit(job)
    return await future
