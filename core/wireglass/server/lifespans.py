"""A server's lifespan: entered once however many connections, apps and parents need it, and left with the last."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from wireglass.server.injection import Scope
from wireglass.tracing import span

if TYPE_CHECKING:
    from wireglass.server.app import FastMCP

__all__ = ["Lifespan", "LifespanRunner", "combine_lifespans", "lifespan"]

LifespanFunction = Callable[[Any], AbstractAsyncContextManager[Any]]


class Lifespan:
    """A lifespan that can be joined with others: `db_lifespan | cache_lifespan`; what they yield is merged."""

    def __init__(self, *functions: LifespanFunction) -> None:
        self._functions = functions

    @asynccontextmanager
    async def __call__(self, server: Any) -> AsyncGenerator[Any, None]:
        async with AsyncExitStack() as stack:
            merged: Any = None
            for function in self._functions:
                yielded = await stack.enter_async_context(function(server))
                both = isinstance(merged, dict) and isinstance(yielded, dict)
                merged = {**merged, **yielded} if both else yielded if yielded is not None else merged
            yield merged

    def __or__(self, other: "Lifespan | LifespanFunction") -> "Lifespan":
        if not isinstance(other, Lifespan):
            if not callable(other):
                return NotImplemented
            raise TypeError(
                "Compose lifespans that are decorated with @lifespan: write `@lifespan` above the other one."
            )
        return Lifespan(*self._functions, *other._functions)


def lifespan(function: Callable[[Any], AsyncGenerator[Any, None]]) -> Lifespan:
    """Decorates an async generator function as a lifespan that can be joined with `|`."""
    return Lifespan(asynccontextmanager(function))


def combine_lifespans(*functions: LifespanFunction) -> LifespanFunction:
    """One lifespan of several, for the parent app as well; entered in order, left in reverse."""

    @asynccontextmanager
    async def combined(app: Any) -> AsyncGenerator[Any, None]:
        async with Lifespan(*functions)(app) as merged:
            yield merged if merged is not None else {}

    return combined


class LifespanRunner:
    """Counts who needs the server running. A task of its own enters and leaves, since task groups must be left by the
    task that entered them."""

    def __init__(self, server: "FastMCP") -> None:
        self._server = server
        self._users = 0
        self._owner: asyncio.Task[None] | None = None
        self._stop: asyncio.Event | None = None
        self._ready: asyncio.Future[None] | None = None
        self.result: Any = None
        self.shared: Scope | None = None

    @property
    def running(self) -> bool:
        """Whether it is entered."""
        return self._users > 0

    @asynccontextmanager
    async def hold(self, *, mounted: bool = False) -> AsyncGenerator[Any, None]:
        """Keeps the server running; yields what its lifespan yielded. Raises what the lifespan raises.

        Where it is only mounted in another, that one's extensions count, not its own.
        """
        if self._owner is not None and self._owner.get_loop() is not asyncio.get_running_loop():
            self._forget()  # left over from a loop that is gone
        self._users += 1
        try:
            if self._owner is None:
                self._start(mounted)
            if self._ready is not None and self._ready.done():
                await self._ready
            elif self._ready is not None:
                with span("wait for the lifespan", "dependency"):
                    await asyncio.shield(self._ready)
            yield self.result
        finally:
            self._users -= 1
            if self._users == 0:
                await self._end()

    def _start(self, mounted: bool) -> None:
        loop = asyncio.get_running_loop()
        self._stop, self._ready = asyncio.Event(), loop.create_future()
        self._ready.add_done_callback(lambda future: future.cancelled() or future.exception())
        self._owner = loop.create_task(self._live(self._stop, self._ready, mounted))

    async def _live(self, stop: asyncio.Event, ready: asyncio.Future[None], mounted: bool) -> None:
        try:
            async with AsyncExitStack() as stack:
                self.result = await stack.enter_async_context(self._server.user_lifespan(self._server))
                self.shared = Scope(await stack.enter_async_context(AsyncExitStack()))
                for extension in () if mounted else self._server.extensions:
                    await stack.enter_async_context(extension.lifespan())
                for provider in self._server.providers:
                    await stack.enter_async_context(provider.lifespan())
                stack.push_async_callback(self._server.parking.aclose)
                stack.push_async_callback(self._server.tasks.aclose)
                ready.set_result(None)
                await stop.wait()
                self._server.subscriptions.end_all()
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)

    async def _end(self) -> None:
        owner, stop = self._owner, self._stop
        self._forget()
        if owner is None or stop is None:
            return
        stop.set()
        await owner

    def _forget(self) -> None:
        self._owner = self._stop = self._ready = None
        self.result = self.shared = None
