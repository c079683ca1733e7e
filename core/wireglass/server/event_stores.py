"""Where events of resumable HTTP streams wait: in a key-value store, or in an event store written for the SDK.

`http_app(event_store=...)` takes either; without one they wait in the process (`wireglass.wire.event_store`).
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json, to_json

from wireglass.wire.event_store import StoredEvent

__all__ = ["EventEntry", "EventMessage", "EventStore", "StreamEventList", "adapted"]

_COLLECTION = "wireglass-events"


@dataclass(frozen=True)
class EventMessage:
    """A message that is sent again, and its event's id."""

    message: Any
    event_id: str | None = None


class EventEntry(BaseModel):
    """An event as FastMCP keeps it."""

    event_id: str
    stream_id: str
    message: dict[str, Any] | None = None


class StreamEventList(BaseModel):
    """The events of a stream as FastMCP keeps them."""

    event_ids: list[str]


class EventStore:
    """Events in a key-value store (default: in memory), so that another worker, or the next process, can resume.

    Of each stream the last `max_events_per_stream` are kept, for `ttl` seconds (None: for ever).
    """

    def __init__(self, storage: Any = None, max_events_per_stream: int = 100, ttl: float | None = 3600) -> None:
        if storage is None:
            from wireglass.storage.stores import MemoryStore

            storage = MemoryStore()
        self._store = storage
        self._most = max_events_per_stream
        self._ttl = ttl

    # As our own endpoint uses it

    async def append(self, stream: str, data: bytes) -> str:
        """Keeps an event and returns its id: the stream's name, a dash and a number."""
        number = await self._next(stream)
        await self._put(_key(stream, number), {"data": data.decode()})
        await self._put(_key(stream), {"next": number + 1})
        if number >= self._most:
            await self._store.delete(_key(stream, number - self._most), collection=_COLLECTION)
        return f"{stream}-{number}"

    async def after(self, event_id: str) -> tuple[str, list[StoredEvent]] | None:
        """The stream of an event and what came on it afterwards; None when the event is unknown or too old."""
        stream, dash, text = event_id.rpartition("-")
        if not dash or not text.isascii() or not text.isdecimal():
            return None
        last, following = int(text), await self._next(stream)
        if not following - self._most <= last < following:
            return None
        numbers = list(range(last + 1, following))
        keys = [_key(stream, last), *(_key(stream, number) for number in numbers)]
        entries = await self._store.get_many(keys, collection=_COLLECTION)
        if any(entry is None for entry in entries):
            return None  # some of them are too old: a gap is no resumption
        kept = zip(numbers, entries[1:], strict=True)
        return stream, [StoredEvent(f"{stream}-{number}", entry["data"].encode()) for number, entry in kept]

    async def forget(self, stream: str) -> None:
        """Drops a stream."""
        following = await self._next(stream)
        keys = [_key(stream, number) for number in range(max(0, following - self._most), following)]
        await self._store.delete_many([_key(stream), *keys], collection=_COLLECTION)

    async def _next(self, stream: str) -> int:
        entry: Any = await self._store.get(_key(stream), collection=_COLLECTION)
        return int(entry["next"]) if isinstance(entry, dict) else 0

    async def _put(self, key: str, value: dict[str, Any]) -> None:
        await self._store.put(key, value, collection=_COLLECTION, ttl=self._ttl)

    # As the SDK uses it

    async def store_event(self, stream_id: str, message: Any) -> str:
        """Keeps a message; None is the event that only opens a stream."""
        return await self.append(stream_id, b"" if message is None else _as_bytes(message))

    async def replay_events_after(
        self, last_event_id: str, send_callback: Callable[[EventMessage], Awaitable[None]]
    ) -> str | None:
        """Sends what came after an event; returns the stream, or None when the event is unknown."""
        found = await self.after(last_event_id)
        if found is None:
            return None
        stream, events = found
        for event in events:
            if event.data:
                await send_callback(EventMessage(from_json(event.data), event.id))
        return stream


class _Adapted:
    """An event store with the SDK's two methods, for our endpoint."""

    def __init__(self, store: Any) -> None:
        self._store = store

    async def append(self, stream: str, data: bytes) -> str:
        return str(await self._store.store_event(stream, from_json(data) if data else None))

    async def after(self, event_id: str) -> tuple[str, list[StoredEvent]] | None:
        found: list[StoredEvent] = []

        async def take(event: Any) -> None:
            found.append(StoredEvent(str(event.event_id or event_id), _as_bytes(event.message)))

        stream = await self._store.replay_events_after(event_id, take)
        return None if stream is None else (str(stream), found)

    async def forget(self, stream: str) -> None:
        """The SDK's stores drop events by themselves."""


def adapted(store: Any) -> Any:
    """`store` as our endpoint uses it. Raises TypeError for what is no event store."""
    if store is None or hasattr(store, "append"):
        return store
    if hasattr(store, "store_event") and hasattr(store, "replay_events_after"):
        return _Adapted(store)
    raise TypeError(f"{type(store).__name__} is no event store: it needs store_event and replay_events_after.")


def _as_bytes(message: Any) -> bytes:
    root = getattr(message, "root", message)
    if isinstance(root, BaseModel):
        return root.model_dump_json(by_alias=True, exclude_none=True).encode()
    return to_json(root)


def _key(stream: str, number: int | None = None) -> str:
    """Hashed: streams are named after sessions, whose ids are secrets, and keys are not encrypted."""
    return hashlib.sha256(repr((stream, number)).encode()).hexdigest()
