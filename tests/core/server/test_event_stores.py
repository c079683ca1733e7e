"""Event stores for resumable streams: in a key-value store, and those written for the SDK."""

from typing import Any

import pytest

from wireglass import FastMCP
from wireglass.server.event_stores import EventMessage, EventStore, adapted
from wireglass.storage.stores import MemoryStore

pytestmark = pytest.mark.anyio


async def test_what_came_after_an_event_is_found_by_any_process() -> None:
    store = MemoryStore()
    one, two = EventStore(store), EventStore(store)
    ids = [await one.append("s-1", text) for text in (b"", b'{"a":1}', b'{"a":2}')]
    await one.append("other", b"{}")
    found = await two.after(ids[0])
    assert found is not None
    assert (found[0], [(event.id, event.data) for event in found[1]]) == (
        "s-1",
        [(ids[1], b'{"a":1}'), (ids[2], b'{"a":2}')],
    )
    assert await two.after(ids[2]) == ("s-1", [])
    assert await two.append("s-1", b"{}") == "s-1-3"
    for unknown in ("s-1-9", "nobody-0", "no number", "s-1-²"):
        assert await two.after(unknown) is None
    await two.forget("s-1")
    assert await one.after(ids[0]) is None


async def test_old_events_go_and_leave_no_gap() -> None:
    events = EventStore(max_events_per_stream=2)
    ids = [await events.append("s", b"{}") for _ in range(4)]
    assert await events.after(ids[0]) is None
    assert await events.after(ids[1]) is None
    found = await events.after(ids[2])
    assert found is not None
    assert [event.id for event in found[1]] == [ids[3]]


async def test_it_has_the_sdks_methods_too() -> None:
    events = EventStore()
    first = await events.store_event("s", None)
    await events.store_event("s", {"jsonrpc": "2.0", "method": "a"})
    sent: list[EventMessage] = []

    async def send(event: EventMessage) -> None:
        sent.append(event)

    assert await events.replay_events_after(first, send) == "s"
    assert [event.message["method"] for event in sent] == ["a"]
    assert await events.replay_events_after("unknown-7", send) is None


async def test_a_store_written_for_the_sdk_serves_our_endpoint() -> None:
    class Plain:
        """As the SDK's documentation has it: a list."""

        def __init__(self) -> None:
            self.kept: list[tuple[str, Any]] = []

        async def store_event(self, stream_id: str, message: Any) -> str:
            self.kept.append((stream_id, message))
            return str(len(self.kept) - 1)

        async def replay_events_after(self, last_event_id: str, send_callback: Any) -> str | None:
            if not last_event_id.isdecimal() or int(last_event_id) >= len(self.kept):
                return None
            stream, _ = self.kept[int(last_event_id)]
            for at, (own, message) in enumerate(self.kept):
                if at > int(last_event_id) and own == stream and message is not None:
                    await send_callback(EventMessage(message, str(at)))
            return stream

    store = adapted(Plain())
    first = await store.append("s", b"")
    await store.append("s", b'{"a":1}')
    assert await store.after("nothing") is None
    stream, events = await store.after(first)
    assert (stream, [(event.id, event.data) for event in events]) == ("s", [("1", b'{"a":1}')])
    await store.forget("s")
    FastMCP("app").http_app(event_store=Plain())
    with pytest.raises(TypeError, match="event store"):
        FastMCP("app").http_app(event_store=object())
