"""The runtime thread, where sessions and transports live, and the one way between it and the Qt thread.

Qt side: `await bridge.run(work, …)` runs a coroutine function on the runtime thread; cancelling the await cancels the
work there. Runtime side: `bridge.channel(sink, owner)` gives a function that may be called from any thread; what it is
given reaches `sink` on the Qt thread in lists, at most every 33 ms, in the order of all channels together.

Whatever comes back later belongs to the objects that it touches: what is spawned ends with them, and what is queued for
them goes nowhere once they are gone.
"""

import asyncio
import gc
import logging
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from time import perf_counter
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from shiboken6 import isValid

__all__ = ["Bridge"]

T = TypeVar("T")
Sink = Callable[[list[Any]], None]

_log = logging.getLogger(__name__)
_BATCH_MS = 33
_BUDGET_S = 0.008
"""A drain stops after this long, so that a flood of frames never holds up a paint."""
_FIRST, _MOST = 16, 200
"""Items that are handed over between two looks at the clock: fewer where each makes much work, as a question does."""
_YOUNG = 2000
"""New containers after which garbage is looked for."""
_LONG_S = 0.015
"""A search for garbage that takes longer would be felt."""


class Bridge(QObject):
    """Owns the runtime thread and the Qt-side tasks. `close` leaves no thread and no task behind."""

    fault = Signal(object)
    """An exception that no caller awaited: something of ours is wrong."""
    _wake = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue: deque[tuple[_Address, Any]] = deque()
        self._armed = False
        self._chunk = _FIRST
        self._tasks: set[asyncio.Task[Any]] = set()
        self._started: Future[asyncio.AbstractEventLoop] = Future()
        self._ended: Future[None] = Future()
        self._stop: asyncio.Event | None = None
        self._timer = QTimer(self, singleShot=True, interval=_BATCH_MS)
        self._timer.timeout.connect(self._drain)
        self._wake.connect(self._timer.start, Qt.ConnectionType.QueuedConnection)
        self._collector = QTimer(self, interval=250)
        self._collector.timeout.connect(_collect)
        self._collector.start()
        _hold_garbage(1)
        self._thread = threading.Thread(target=self._main, name="wireglass-runtime", daemon=True)
        self._thread.start()
        self._loop = self._started.result(10)

    async def run(self, work: Callable[..., Coroutine[Any, Any, T]], *args: Any, **kwargs: Any) -> T:
        """Runs `work(*args, **kwargs)` on the runtime thread and returns or raises what it does."""

        async def call() -> T:
            return await work(*args, **kwargs)

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(call(), self._loop))

    async def compute(self, function: Callable[..., T], *args: Any) -> T:
        """Runs a plain function that reads files or computes on a worker thread of the runtime."""

        async def work() -> T:
            return await asyncio.to_thread(function, *args)

        return await self.run(work)

    def call_soon(self, function: Callable[..., Any], *args: Any) -> None:
        """Calls a plain function on the runtime thread; nothing comes back."""
        self._loop.call_soon_threadsafe(function, *args)

    def spawn(self, work: Coroutine[Any, Any, Any], owner: QObject, *others: QObject) -> asyncio.Task[Any]:
        """Starts a Qt-side coroutine that nobody awaits. Its failure becomes `fault`; `close` cancels it.

        The owners are all that it touches after a wait. When the first of them is deleted, the work is cancelled: no
        line of it runs any more but those that clean up, and these ask `isValid` before they touch an owner.
        """
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended_task)
        for one in (owner, *others):
            if isValid(one):
                _end_with(one, task)
            else:
                task.cancel()
        return task

    def channel(self, sink: Sink, owner: QObject) -> Callable[[Any], None]:
        """A thread-safe function that queues one item for `sink`, until `owner` is deleted."""
        address = _Address(sink, owner)

        def put(item: Any) -> None:
            self._queue.append((address, item))
            if not self._armed:
                self._armed = True
                self._wake.emit()

        return put

    async def settled(self) -> None:
        """Returns on the Qt thread when all that was queued before has reached its sink."""
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.channel(lambda _marks: None if reached.done() else reached.set_result(None), self)(None)
        await reached

    async def close(self) -> None:
        """Cancels what still runs on both sides and waits until the thread has ended."""
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._signal_stop()
        await asyncio.wrap_future(self._ended)
        self._thread.join()
        self._rest()

    def close_now(self, seconds: float = 5.0) -> None:
        """The same where no Qt loop runs; waits up to `seconds`."""
        self._signal_stop()
        self._thread.join(seconds)
        self._rest()

    def _rest(self) -> None:
        self._timer.stop()
        if self._collector.isActive():
            self._collector.stop()
            _hold_garbage(-1)

    # the runtime thread

    def _main(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as problem:
            if not self._started.done():
                self._started.set_exception(problem)
            _log.exception("The runtime thread ended early")
        finally:
            self._ended.set_result(None)

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        self._started.set_result(asyncio.get_running_loop())
        await self._stop.wait()  # asyncio.run then cancels and awaits every task that is left

    def _signal_stop(self) -> None:
        if self._stop is not None and not self._ended.done():
            try:
                self._loop.call_soon_threadsafe(self._stop.set)
            except RuntimeError:
                pass  # the loop closed between the question and the call

    # the Qt thread

    def _drain(self) -> None:
        self._armed = False
        began = perf_counter()
        until = began + _BUDGET_S
        while self._queue and began < until:
            number = min(len(self._queue), self._chunk)
            self._deliver(number)
            now = perf_counter()
            took, began = now - began, now
            if took > _BUDGET_S:
                self._chunk = max(1, int(number * _BUDGET_S / took))
            elif took < _BUDGET_S / 4 and number == self._chunk:
                self._chunk = min(_MOST, 2 * self._chunk)
        if self._queue and not self._armed:
            self._armed = True
            self._timer.start()

    def _deliver(self, number: int) -> None:
        batches: list[tuple[_Address, list[Any]]] = []
        for _ in range(number):
            address, item = self._queue.popleft()
            if not batches or batches[-1][0] is not address:
                batches.append((address, []))
            batches[-1][1].append(item)
        for address, items in batches:
            try:
                if isValid(address.owner):
                    address.sink(items)
            except Exception as problem:  # boundary: one broken view must not stop the others
                _log.exception("A view failed to take a batch")
                self.fault.emit(problem)

    def _ended_task(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            _log.error("A task failed", exc_info=problem)
            self.fault.emit(problem)


class _Address:
    """Where queued items go; the same one for all items of a channel."""

    __slots__ = ("owner", "sink")

    def __init__(self, sink: Sink, owner: QObject) -> None:
        self.sink, self.owner = sink, owner


def _end_with(owner: QObject, task: asyncio.Task[Any]) -> None:
    """`destroyed` is told before anything else can run, so the task never goes on without its owner."""
    link = owner.destroyed.connect(lambda _gone: task.cancel())
    task.add_done_callback(lambda _task: QObject.disconnect(link))


_holders = 0
_collected = True
"""Whether garbage was looked for by itself before the first runtime thread."""


def _hold_garbage(change: int) -> None:
    """Automatic collection runs on whichever thread allocates, and would there destroy Qt objects that belong to the
    Qt thread. While a runtime thread lives, only the Qt thread collects."""
    global _holders, _collected
    if not _holders:
        _collected = gc.isenabled()
    _holders += change
    if _holders:
        gc.disable()
    elif _collected:
        gc.enable()


def _collect() -> None:
    young, middle, old = gc.get_count()
    if young <= _YOUNG:
        return
    generation = 2 if old > 20 else 1 if middle > 10 else 0
    began = perf_counter()
    gc.collect(generation)
    if generation == 2 and perf_counter() - began > _LONG_S:
        gc.freeze()  # what a long session keeps is not looked through again: half a million frames take 0.4 s
