"""Work runs on the runtime thread, cancellation crosses, batches keep their order, and nothing is left behind."""

import asyncio
import threading
from time import perf_counter
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal
from shiboken6 import delete

from wireglass_app.bridge import Bridge


def test_work_runs_on_the_runtime_thread_and_its_errors_come_back(loop) -> None:
    async def scene() -> None:
        bridge = Bridge()

        async def where(value: int) -> tuple[str, int]:
            await asyncio.sleep(0)
            return threading.current_thread().name, value

        async def fails() -> None:
            raise LookupError("no such thing")

        assert await bridge.run(where, 7) == ("wireglass-runtime", 7)
        with pytest.raises(LookupError, match="no such thing"):
            await bridge.run(fails)
        await bridge.close()

    loop.run(scene())


def test_cancelling_the_await_cancels_the_work(loop) -> None:
    async def scene() -> None:
        bridge = Bridge()
        cancelled = threading.Event()
        begun = threading.Event()

        async def waits() -> None:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()

        task = asyncio.ensure_future(bridge.run(waits))
        await bridge.run(asyncio.to_thread, begun.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await bridge.run(asyncio.to_thread, cancelled.wait, 30)
        await bridge.close()

    loop.run(scene())


def test_items_reach_the_qt_thread_in_order_and_in_batches(loop) -> None:
    async def scene() -> None:
        bridge = Bridge()
        got: list[Any] = []
        batches = 0
        all_there = asyncio.Event()

        def sink(items: list[Any]) -> None:
            nonlocal batches
            assert threading.current_thread() is threading.main_thread()
            got.extend(items)
            batches += 1
            if len(got) == 5000:
                all_there.set()

        put = bridge.channel(sink, bridge)

        async def flood() -> None:
            for number in range(5000):
                put(number)

        await bridge.run(flood)
        await all_there.wait()
        assert got == list(range(5000))
        assert batches < 1000
        await bridge.close()

    loop.run(scene())


def test_items_that_make_much_work_come_a_few_at_a_time(loop) -> None:
    """A flood of questions, each of which half the window takes notice of, was handed over 200 at once."""

    async def scene() -> None:
        bridge = Bridge()
        sizes: list[int] = []
        all_there = asyncio.Event()

        def sink(items: list[Any]) -> None:
            sizes.append(len(items))
            until = perf_counter() + 0.01 * len(items)
            while perf_counter() < until:
                pass
            if sum(sizes) == 40:
                all_there.set()

        put = bridge.channel(sink, bridge)

        async def flood() -> None:
            for number in range(40):
                put(number)

        await bridge.run(flood)
        await all_there.wait()
        assert sizes[0] <= 16
        assert set(sizes[1:]) == {1}
        await bridge.close()

    loop.run(scene())


def test_close_ends_both_sides(loop) -> None:
    async def scene() -> None:
        before = set(threading.enumerate())
        bridge = Bridge()
        ended: list[str] = []

        async def forever(name: str) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(name)

        bridge.spawn(forever("qt"), bridge)
        bridge.spawn(bridge.run(forever, "runtime"), bridge)
        await bridge.run(asyncio.sleep, 0)
        await bridge.close()
        assert sorted(ended) == ["qt", "runtime"]
        assert not any(t.name == "wireglass-runtime" for t in set(threading.enumerate()) - before)

    loop.run(scene())


def test_a_failed_task_is_told(loop, caplog) -> None:
    async def scene() -> None:
        bridge = Bridge()
        told: list[BaseException] = []
        bridge.fault.connect(told.append)

        async def fails() -> None:
            raise ZeroDivisionError

        task = bridge.spawn(fails(), bridge)
        await asyncio.wait([task])
        await asyncio.sleep(0)
        assert [type(problem) for problem in told] == [ZeroDivisionError]
        await bridge.close()

    loop.run(scene())


class View(QObject):
    """Something with a signal, which raises once it is deleted."""

    told = Signal(str)

    async def waits(self, asked: asyncio.Event, after: list[str]) -> None:
        try:
            await asked.wait()
            after.append("went on")
            self.told.emit("an answer")
        finally:
            after.append("cleaned up")


@pytest.mark.parametrize("which", [0, 1], ids=["the owner", "another owner"])
@pytest.mark.parametrize("answered", [False, True], ids=["while it waits", "as the answer comes"])
def test_work_ends_with_the_first_of_its_owners_that_is_deleted(loop, which: int, answered: bool) -> None:
    """Once a view is gone nothing of its work runs but what cleans up, also when the answer has come already."""

    async def scene() -> None:
        bridge = Bridge()
        faults: list[object] = []
        bridge.fault.connect(faults.append)
        view, other, asked, after = View(), View(), asyncio.Event(), list[str]()
        task = bridge.spawn(view.waits(asked, after), view, other)
        await asyncio.sleep(0)
        if answered:
            asked.set()
        delete((view, other)[which])
        await asyncio.wait([task])
        await asyncio.sleep(0)
        assert task.cancelled()
        assert (after, faults) == (["cleaned up"], [])
        await bridge.close()

    loop.run(scene())


def test_work_of_an_owner_that_is_gone_already_never_begins(loop) -> None:
    async def scene() -> None:
        bridge = Bridge()
        view, after = View(), list[str]()
        delete(view)
        task = bridge.spawn(view.waits(asyncio.Event(), after), view)
        await asyncio.wait([task])
        assert (task.cancelled(), after) == (True, [])
        await bridge.close()

    loop.run(scene())


def test_what_ends_with_its_owner_ends_on_the_runtime_thread_too(loop) -> None:
    async def scene() -> None:
        bridge = Bridge()
        view, begun, ended = View(), threading.Event(), threading.Event()

        async def forever() -> None:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        bridge.spawn(bridge.run(forever), view)
        assert await bridge.run(asyncio.to_thread, begun.wait, 5)
        delete(view)
        assert await bridge.run(asyncio.to_thread, ended.wait, 5)
        await bridge.close()

    loop.run(scene())


def test_what_is_queued_for_an_object_goes_nowhere_once_it_is_deleted(loop) -> None:
    async def scene() -> None:
        bridge = Bridge()
        faults: list[object] = []
        bridge.fault.connect(faults.append)
        view, heard = View(), list[str]()
        view.told.connect(heard.append)
        put = bridge.channel(lambda items: [view.told.emit(one) for one in items], view)
        put("before")
        await bridge.settled()
        put("too late")
        delete(view)
        put("later still")
        await bridge.settled()
        assert (heard, faults) == (["before"], [])
        await bridge.close()

    loop.run(scene())


def test_a_task_that_ended_leaves_nothing_at_its_owner(loop) -> None:
    """A session has thousands of calls: each would leave a connection behind."""

    async def scene() -> None:
        bridge, view = Bridge(), View()

        async def nothing() -> None:
            pass

        await bridge.spawn(nothing(), view)
        await asyncio.sleep(0)
        before = view.receivers("2destroyed(QObject*)")
        await asyncio.wait([bridge.spawn(nothing(), view) for _ in range(20)])
        await asyncio.sleep(0)
        assert view.receivers("2destroyed(QObject*)") == before
        await bridge.close()

    loop.run(scene())
