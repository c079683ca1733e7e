"""Begins a task at once, up to its first wait, instead of in the loop's next turn.

Most requests never wait: their answer is then written in the very callback that read the request, and a lone call
costs one turn of the loop instead of four. The task is a real one from its first line on, so `current_task()`,
`asyncio.timeout`, task groups and cancel scopes of the code inside work as ever.
"""

import asyncio
import sys
from collections import deque
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["begin"]

T = TypeVar("T")

if sys.version_info >= (3, 12):

    def begin(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """The task of `work`, run up to its first wait or to its end. With a task factory of the host it begins when
        that one lets it."""
        if loop.get_task_factory() is not None:
            return loop.create_task(work)
        return asyncio.Task(work, loop=loop, eager_start=True)

else:

    def begin(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """The task of `work`, run up to its first wait or to its end. Inside another task, with a task factory of the
        host, or on a loop that is not asyncio's own, it begins in the loop's next turn."""
        if loop.get_task_factory() is not None:
            return loop.create_task(work)
        task = asyncio.Task(work, loop=loop)
        # 3.11 has no `eager_start`. What it would do: run here the very step that the new task has just put into the
        # loop's queue. Python 3.11 gets no changes any more; any other loop has no such queue, and keeps the step.
        ready: Any = getattr(loop, "_ready", None)
        if type(ready) is deque and asyncio.current_task(loop) is None:
            step: Any = ready.pop()
            if getattr(getattr(step, "_callback", None), "__self__", None) is task:
                step._run()
            else:
                ready.append(step)
        return task
