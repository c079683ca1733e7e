"""A loop whose clock a test moves on: time-outs of any length end at once, and none of them by accident."""

import asyncio

import pytest

__all__ = ["LoopClock"]


class LoopClock:
    """Moves the running loop's clock forward without waiting. Bounds of the test's own move along: give none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._loop = asyncio.get_running_loop()
        self._ahead = 0.0
        real = self._loop.time
        monkeypatch.setattr(self._loop, "time", lambda: real() + self._ahead)

    async def forward(self, seconds: float) -> None:
        """Lets so much time pass, and what was due by then happen."""
        self._ahead += seconds
        for _ in range(10):
            await asyncio.sleep(0)
