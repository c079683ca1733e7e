"""Runs callbacks that may be slow one after another, without holding up whoever announces them."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable

__all__ = ["Serial"]

logger = logging.getLogger("wireglass.session")


class Serial:
    """A queue of awaitables and at most one task that works through it. Belongs to one session."""

    def __init__(self) -> None:
        self._waiting: deque[Awaitable[object]] = deque()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_idle(self) -> bool:
        """Whether all that was added has run."""
        return self._task is None

    def add(self, work: Awaitable[object]) -> None:
        """Runs `work` after everything added before it."""
        self._waiting.append(work)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        try:
            while self._waiting:
                try:
                    await self._waiting.popleft()
                except Exception:
                    # A listener's fault must not end the session; it is the listener's author who reads this.
                    logger.exception("A listener failed")
        finally:
            self._task = None

    async def drain(self) -> None:
        """Waits until all that was added so far has run. At once when called from within one of them."""
        if self._task is not None and self._task is not asyncio.current_task():
            await asyncio.wait([self._task])

    async def aclose(self) -> None:
        """Cancels what is running and drops the rest."""
        for work in self._waiting:
            close = getattr(work, "close", None)
            if close is not None:
                close()
        self._waiting.clear()
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
            await asyncio.wait([self._task])
