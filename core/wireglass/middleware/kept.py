"""Kept answers in a store, each with the epoch of the components it was made with.

A change of a server's components begins a new epoch, which stands in the store too: what any worker kept before counts
for none of them any more. A store that fails never fails a request.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import uuid4

from pydantic_core import to_json

from wireglass.tracing import span

__all__ = ["Kept", "KeptAnswers", "key_of"]

log = logging.getLogger("wireglass.caching")

MOST_ENTRIES: Final = 1000
"""Of the memory store that is used when none is given, for each kind."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a look-up found."""

    epoch: str
    """In which an answer that is made now may be kept."""
    answer: dict[str, Any] | None = None
    seconds: float = 0.0
    """How long it still counts."""


class KeptAnswers:
    """The answers of one server. Without a store: in memory."""

    def __init__(self, store: Any, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._shared = store is not None
        self._clock = clock
        self._epoch = ""
        self._server: str | None = None
        self._changed = False
        self._telling: set[asyncio.Task[None]] = set()

    def use(self, store: Any) -> None:
        """Takes the server's own store, unless one was given before."""
        if self._store is None and store is not None:
            self._store, self._shared = store, True

    def change(self) -> None:
        """Begins a new epoch. Before the first look-up it does not: then the server is only being put together."""
        if self._server is None:
            return
        self._epoch = uuid4().hex
        if not self._shared:
            return
        self._changed = True
        try:
            task = asyncio.get_running_loop().create_task(self._tell())
        except RuntimeError:  # in a thread: the next request of this process tells
            return
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self) -> None:
        """Lets the other workers know. What fails is tried again with the next request."""
        while self._changed and self._server is not None:
            self._changed = False
            try:
                await self._store.put(_epoch_key(self._server), {"epoch": self._epoch}, collection=_collection("epoch"))
            except Exception as error:  # boundary: drivers raise what they like
                self._changed = True
                log.warning("Other workers cannot be told of a change: %s", type(error).__name__)
                return

    async def look_up(self, server: str, method: str, key: str) -> Kept:
        """The answer under `key`, if one counts."""
        self._server = server
        if self._changed:
            await self._tell()
        try:
            with span("cache look-up", "storage"):
                entry = await self._read(method, key)
        except Exception as error:  # boundary: a cache that fails must not fail the request
            log.warning("The cache cannot be read: %s", type(error).__name__)
            return Kept(self._epoch)
        if entry is None:
            return Kept(self._epoch)
        answer, until = entry.get("answer"), entry.get("until")
        if not isinstance(answer, dict) or not isinstance(until, int | float):
            log.warning("An entry of the cache is not what was written there and is skipped.")
            return Kept(self._epoch)
        left = until - self._clock()
        if entry.get("epoch") != self._epoch or left <= 0:
            return Kept(self._epoch)
        return Kept(self._epoch, cast("dict[str, Any]", answer), left)

    async def _read(self, method: str, key: str) -> dict[str, Any] | None:
        store, collection = self._opened(), _collection(method)
        if not self._shared:
            return await store.get(key, collection=collection)
        entry, epoch = await asyncio.gather(
            store.get(key, collection=collection),
            store.get(_epoch_key(self._server or ""), collection=_collection("epoch")),
        )
        if not self._changed:  # else ours is newer
            self._epoch = epoch.get("epoch", "") if isinstance(epoch, dict) else ""
        return entry

    async def keep(self, found: Kept, method: str, key: str, answer: dict[str, Any], seconds: float) -> None:
        """Keeps an answer that was made after `found` was looked up. A store that fails is only logged."""
        entry = {"epoch": found.epoch, "until": self._clock() + seconds, "answer": answer}
        try:
            with span("cache write", "storage"):
                await self._opened().put(key, entry, collection=_collection(method), ttl=seconds)
        except Exception as error:  # boundary: as above
            log.warning("The cache cannot be written: %s", type(error).__name__)

    def _opened(self) -> Any:
        if self._store is None:
            from wireglass.storage import stores

            self._store = stores.MemoryStore(max_entries=MOST_ENTRIES)
        return self._store


def key_of(parts: Sequence[Any]) -> str:
    """Hashed, since encryption wrappers cover values only."""
    return hashlib.sha256(to_json(list(parts), fallback=str, inf_nan_mode="constants")).hexdigest()


def _epoch_key(server: str) -> str:
    return key_of(["epoch", server])


def _collection(method: str) -> str:
    return f"wireglass-cache-{method.replace('/', '-')}"
