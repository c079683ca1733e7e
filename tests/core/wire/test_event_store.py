"""The event store in memory: order, bounds and what counts as resumable."""

import pytest

from wireglass.wire.event_store import MemoryEventStore, StoredEvent

pytestmark = pytest.mark.anyio


async def test_events_after_an_id_come_back_in_order_and_only_of_its_stream() -> None:
    store = MemoryEventStore()
    first = await store.append("s.1", b"")
    await store.append("s.2", b"other")
    second = await store.append("s.1", b"a")
    third = await store.append("s.1", b"b")
    assert await store.after(first) == ("s.1", [StoredEvent(second, b"a"), StoredEvent(third, b"b")])
    assert await store.after(third) == ("s.1", [])


@pytest.mark.parametrize("id", ["", "s-1", "t-0", "s-x", "s-²", "s--1", "0"])
async def test_unknown_ids_cannot_be_resumed(id: str) -> None:
    store = MemoryEventStore()
    await store.append("s", b"a")
    assert await store.after(id) is None


async def test_a_gap_is_not_a_resume() -> None:
    """Better to say that something is lost than to leave it out."""
    store = MemoryEventStore(per_stream=2)
    ids = [await store.append("s", b"%d" % number) for number in range(4)]
    assert await store.after(ids[0]) is None
    assert await store.after(ids[1]) == ("s", [StoredEvent(ids[2], b"2"), StoredEvent(ids[3], b"3")])


async def test_memory_is_bounded_over_all_streams() -> None:
    store = MemoryEventStore(total_bytes=100)
    first = await store.append("old", b"x" * 30)
    await store.append("old", b"x" * 30)
    new = await store.append("new", b"x" * 90)
    assert await store.after(first) is None
    assert await store.after(new) == ("new", [])
    assert store._bytes == 90


async def test_an_event_that_fits_nowhere_keeps_the_numbers_going() -> None:
    store = MemoryEventStore(total_bytes=10)
    first = await store.append("s", b"x" * 11)
    assert await store.append("s", b"y") != first


async def test_a_forgotten_stream_is_gone() -> None:
    store = MemoryEventStore()
    id = await store.append("s", b"abc")
    await store.forget("s")
    await store.forget("s")
    assert await store.after(id) is None
    assert store._bytes == 0
