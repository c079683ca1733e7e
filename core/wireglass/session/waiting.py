"""One request of ours: who waits for its answer, until when, and who hears of its progress."""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable

from wireglass.errors import ProtocolError, RequestTimeout, TransportError
from wireglass.protocol.messages import JsonObject
from wireglass.session.serial import Serial

__all__ = ["Progressed", "Waiting"]

logger = logging.getLogger("wireglass.session")

Progressed = Callable[[JsonObject], Awaitable[object] | None]
"""Gets the params of each progress notification; may be async, then the calls run one after another."""


class Waiting:
    """The wait for one answer. Times are seconds on the loop's clock."""

    __slots__ = (
        "deadline",
        "future",
        "held",
        "held_since",
        "last_call",
        "method",
        "on_progress",
        "patient",
        "seconds",
        "timer",
        "when_progressed",
    )

    def __init__(self, method: str, on_progress: Progressed | None, *, patient: bool) -> None:
        self.method = method
        self.future: asyncio.Future[JsonObject] = asyncio.get_running_loop().create_future()
        self.on_progress = on_progress
        self.when_progressed: Serial | None = None
        self.seconds = 0.0
        self.deadline = 0.0
        self.last_call: float | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.patient = patient
        """Whether the time people take for the peer's questions does not count."""
        self.held = 0
        self.held_since = 0.0

    def arm(self, timeout: float, max_timeout: float | None) -> None:
        """Gives up after `timeout` seconds without progress, and after `max_timeout` in any case."""
        loop = asyncio.get_running_loop()
        self.seconds = timeout
        self.deadline = loop.time() + timeout
        self.last_call = None if max_timeout is None else loop.time() + max_timeout
        self.timer = loop.call_later(timeout, self._expire)

    def _expire(self) -> None:
        if self.held:
            return  # the timer is set again when the hold ends
        loop = asyncio.get_running_loop()
        due = self.deadline if self.last_call is None else min(self.deadline, self.last_call)
        if loop.time() < due:
            self.timer = loop.call_at(due, self._expire)
        elif not self.future.done():
            self.future.set_exception(RequestTimeout(self.method, self.seconds))

    def hold(self) -> None:
        """Its time stands still until `release`; holds nest."""
        self.held_since = self.held_since if self.held else asyncio.get_running_loop().time()
        self.held += 1

    def release(self) -> None:
        """Ends one hold."""
        self.held -= 1
        if self.timer is not None and not self.held and not self.future.done():
            loop = asyncio.get_running_loop()
            self.deadline += loop.time() - self.held_since
            self.timer.cancel()
            self.timer = loop.call_at(self.deadline, self._expire)

    def settle(self, result: JsonObject) -> None:
        """The answer is here."""
        if not self.future.done():
            self.future.set_result(result)

    def fail(self, error: ProtocolError | TransportError) -> None:
        """There is no answer, or it is an error."""
        if not self.future.done():
            self.future.set_exception(error)

    def progressed(self, params: JsonObject) -> None:
        """Starts its time again and tells who listens. Never raises: a listener's fault is the listener's."""
        if self.timer is not None:
            self.deadline = asyncio.get_running_loop().time() + self.seconds
        if self.on_progress is None:
            return
        try:
            outcome = self.on_progress(params)
        except Exception:
            logger.exception("A progress listener failed")
            return
        if inspect.isawaitable(outcome):
            self.when_progressed = self.when_progressed or Serial()
            self.when_progressed.add(outcome)

    def close(self) -> None:
        """Nobody waits any more."""
        if self.future.done() and not self.future.cancelled():
            self.future.exception()  # sending may have failed first; then nobody asks for this one
        if self.timer is not None:
            self.timer.cancel()
