"""Processes that share a token renew it one after the other: a refresh token that rotates is good for one use."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from pathlib import Path

from wireglass.file_locks import hold_nowait

__all__ = ["turn"]

_PATIENCE_SECONDS = 30.0
_LOOK_SECONDS = 0.05


def _folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path("wireglass") / "locks"


@asynccontextmanager
async def turn(name: str) -> AsyncGenerator[None, None]:
    """Waits until no other process of this user on this machine is at it, half a minute at most. Goes on all the same
    where no file can be held: the worst is then what the lock is against."""
    path = _folder() / f"{sha256(name.encode()).hexdigest()[:32]}.lock"
    held = None
    with suppress(OSError, TimeoutError):
        path.parent.mkdir(parents=True, exist_ok=True)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while (held := hold_nowait(path)) is None:  # noqa: ASYNC110 - the other is another process
                await asyncio.sleep(_LOOK_SECONDS)
    try:
        yield
    finally:
        if held is not None:
            held.close()
