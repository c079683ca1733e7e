"""`fastmcp.utilities.async_utils`: many awaits at once, and whether a callable is one to await."""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Iterable
from typing import Any, Literal, TypeVar, overload

__all__ = ["gather", "is_coroutine_function"]

T = TypeVar("T")


def is_coroutine_function(fn: Any) -> bool:
    """Whether calling it gives a coroutine, seen through `functools.partial`."""
    while isinstance(fn, functools.partial):
        fn = fn.func
    return inspect.iscoroutinefunction(fn) or inspect.iscoroutinefunction(getattr(fn, "__call__", None))  # noqa: B004


@overload
async def gather(awaitables: Iterable[Awaitable[T]], *, return_exceptions: Literal[False] = False) -> list[T]: ...
@overload
async def gather(
    awaitables: Iterable[Awaitable[T]], *, return_exceptions: Literal[True]
) -> list[T | BaseException]: ...
async def gather(awaitables: Iterable[Awaitable[T]], *, return_exceptions: bool = False) -> list[Any]:
    """Their results in order. The first failure ends the others and is raised in a group, unless exceptions are
    wanted as results; a cancelled one cancels the caller."""
    work = list(awaitables)
    cancelled: asyncio.CancelledError | None = None

    async def one(awaitable: Awaitable[T]) -> T | BaseException:
        nonlocal cancelled
        try:
            return await awaitable
        except asyncio.CancelledError as error:
            if task_of_group_ends():
                raise
            if return_exceptions:
                return error
            cancelled = error
            raise _Stop from error
        except Exception as error:
            if return_exceptions:
                return error
            raise

    ending = asyncio.current_task()
    before = ending.cancelling() if ending is not None else 0

    def task_of_group_ends() -> bool:
        """Whether the cancel came from outside: from our caller, or because another one failed."""
        own = asyncio.current_task()
        outside = ending is not None and ending.cancelling() > before
        return outside or (own is not None and own.cancelling() > 0)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(awaitable)) for awaitable in work]
    except BaseExceptionGroup as failures:
        if cancelled is not None and failures.subgroup(_Stop) is not None:
            raise cancelled from None
        raise
    return [task.result() for task in tasks]


class _Stop(Exception):
    """One of them was cancelled from within."""
