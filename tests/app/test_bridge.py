"""Work runs on the runtime thread, cancellation crosses, batches keep their order, and nothing is left behind."""

import asyncio
import threading
from typing import Any

import pytest

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
        await bridge.run(asyncio.to_thread, begun.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await bridge.run(asyncio.to_thread, cancelled.wait, 5)
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

        put = bridge.channel(sink)

        async def flood() -> None:
            for number in range(5000):
                put(number)

        await bridge.run(flood)
        await all_there.wait()
        assert got == list(range(5000))
        assert batches <= 50
        await bridge.close()

    loop.run(scene())


def test_close_ends_both_sides(loop) -> None:
    async def scene() -> None:
        bridge = Bridge()
        ended: list[str] = []

        async def forever(name: str) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(name)

        bridge.spawn(forever("qt"))
        bridge.spawn(bridge.run(forever, "runtime"))
        await bridge.run(asyncio.sleep, 0)
        await bridge.close()
        assert sorted(ended) == ["qt", "runtime"]
        assert not any(t.name == "wireglass-runtime" for t in threading.enumerate())

    loop.run(scene())


def test_a_failed_task_is_told(loop, caplog) -> None:
    async def scene() -> None:
        bridge = Bridge()
        told: list[BaseException] = []
        bridge.fault.connect(told.append)

        async def fails() -> None:
            raise ZeroDivisionError

        task = bridge.spawn(fails())
        await asyncio.wait([task])
        await asyncio.sleep(0)
        assert [type(problem) for problem in told] == [ZeroDivisionError]
        await bridge.close()

    loop.run(scene())
