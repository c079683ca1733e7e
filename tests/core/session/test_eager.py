"""Tasks that begin at once are tasks like any other: `current_task()`, time-outs, scopes and cancels work inside."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from wireglass.session import eager

pytestmark = pytest.mark.anyio

seen = contextvars.ContextVar("seen", default="outside")


async def from_a_callback(make: Callable[[], Coroutine[Any, Any, Any]]) -> tuple[asyncio.Task[Any], bool]:
    """The task, and whether it was over when `begin` returned, as a callback that reads a pipe begins it."""
    loop = asyncio.get_running_loop()
    begun: asyncio.Future[tuple[asyncio.Task[Any], bool]] = loop.create_future()

    def callback() -> None:
        task = eager.begin(loop, make())
        begun.set_result((task, task.done()))

    loop.call_soon(callback)
    return await asyncio.wait_for(begun, 30)


async def task_of_ours() -> Any:
    return asyncio.current_task()


async def timeout() -> str:
    try:
        async with asyncio.timeout(0.01):
            await asyncio.Event().wait()
    except TimeoutError:
        return "late"
    return "never"


async def scope() -> str:
    with anyio.move_on_after(0.01) as limit:
        await anyio.sleep_forever()
    return "late" if limit.cancelled_caught else "never"


async def cancel_scope_without_a_wait() -> str:
    with anyio.CancelScope() as limit:
        limit.cancel()
        await anyio.lowlevel.checkpoint()
        return "never"
    return "left"


async def task_group() -> list[str]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(asyncio.sleep(0, each)) for each in "ab"]
    return [task.result() for task in tasks]


async def group_of_anyio() -> list[str]:
    heard: list[str] = []

    async def say(word: str) -> None:
        heard.append(word)

    async with anyio.create_task_group() as group:
        group.start_soon(say, "a")
        group.start_soon(say, "b")
    return sorted(heard)


async def in_a_thread() -> str:
    return await anyio.to_thread.run_sync(lambda: "thread")


async def test_what_never_waits_is_over_at_once_and_was_a_task() -> None:
    task, over = await from_a_callback(task_of_ours)
    assert over
    assert await task is task


@pytest.mark.parametrize(
    ("work", "result"),
    [
        (timeout, "late"),
        (scope, "late"),
        (cancel_scope_without_a_wait, "left"),
        (task_group, ["a", "b"]),
        (group_of_anyio, ["a", "b"]),
        (in_a_thread, "thread"),
    ],
)
async def test_what_waits_goes_on_as_a_task(work: Callable[[], Coroutine[Any, Any, Any]], result: Any) -> None:
    task, over = await from_a_callback(work)
    assert not over
    assert await asyncio.wait_for(task, 30) == result


async def test_it_is_cancelled_where_it_waits() -> None:
    left: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            left.append("cleaned up")

    task, _ = await from_a_callback(work)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert left == ["cleaned up"]


async def test_an_exception_before_the_first_wait_belongs_to_the_task() -> None:
    async def work() -> None:
        raise ValueError("of the work")

    task, over = await from_a_callback(work)
    assert over
    with pytest.raises(ValueError, match="of the work"):
        await task


async def test_context_variables_stay_inside() -> None:
    async def work() -> str:
        seen.set("inside")
        await asyncio.sleep(0)
        return seen.get()

    task, _ = await from_a_callback(work)
    assert seen.get() == "outside"
    assert await task == "inside"


async def test_afterwards_nobody_is_the_current_task() -> None:
    loop = asyncio.get_running_loop()
    after: asyncio.Future[Any] = loop.create_future()

    def callback() -> None:
        for work in (task_of_ours, lambda: asyncio.sleep(0)):
            eager.begin(loop, work())
        after.set_result(asyncio.current_task(loop))

    loop.call_soon(callback)
    assert await asyncio.wait_for(after, 30) is None


async def test_inside_another_task_it_still_runs() -> None:
    mine = asyncio.current_task()
    task = eager.begin(asyncio.get_running_loop(), task_of_ours())
    assert asyncio.current_task() is mine
    assert await asyncio.wait_for(task, 30) is task


async def test_a_task_factory_of_the_host_is_asked() -> None:
    loop = asyncio.get_running_loop()
    made: list[Awaitable[Any]] = []

    def factory(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> Any:
        made.append(asyncio.Task(work, loop=loop, **options))
        return made[-1]

    loop.set_task_factory(factory)
    try:
        task, _ = await from_a_callback(task_of_ours)
        assert await asyncio.wait_for(task, 30) is task
    finally:
        loop.set_task_factory(None)
    assert task in made


async def test_a_loop_in_debug_mode_does_the_same() -> None:
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    try:
        task, over = await from_a_callback(task_of_ours)
    finally:
        loop.set_debug(False)
    assert over
    assert await task is task
