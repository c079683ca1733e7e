"""The listen stream of the stateless era: whichever way it ends, it is opened again and what was kept is forgotten."""

import asyncio
from typing import Any

import pytest
from stub import Stub

from wireglass import Client
from wireglass.client import listening as listening_module
from wireglass.protocol import versions
from wireglass.session import RequestScope

pytestmark = pytest.mark.anyio
LIST = {"tools": [], "ttlMs": 60_000, "cacheScope": "private"}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for the next attempt."""
    monkeypatch.setattr(listening_module, "_BACK_OFF_SECONDS", (0.01,))
    monkeypatch.setattr(listening_module, "_RESULT_SECONDS", 0.01)


class Broadcaster:
    """A server whose listen streams end when it is told, in the way it is told."""

    def __init__(self) -> None:
        self.opened: asyncio.Queue[RequestScope] = asyncio.Queue()
        self.end: asyncio.Queue[str] = asyncio.Queue()
        self.server = Stub({"subscriptions/listen": self.listen, "tools/list": LIST}, tools={"listChanged": True})

    async def listen(self, scope: RequestScope) -> dict[str, Any]:
        meta = {versions.META_SUBSCRIPTION_ID: scope.request_id}
        wanted = scope.params["notifications"]
        await scope.notify("notifications/subscriptions/acknowledged", {"notifications": wanted, "_meta": meta})
        self.opened.put_nowait(scope)
        way = await self.end.get()
        if way in ("cancel", "both"):
            await scope.notify("notifications/cancelled", {"requestId": scope.request_id, "_meta": meta})
        if way == "error":
            raise RuntimeError("as planned")
        if way == "cancel":
            await asyncio.Event().wait()
        return {"_meta": meta}


@pytest.mark.parametrize("way", ["result", "cancel", "both", "error"])
async def test_a_stream_that_ends_is_opened_again_and_lists_are_read_again(way: str) -> None:
    """The subscriptions page says that the server sends a result, the cancellation page a cancel: either counts."""
    here = Broadcaster()
    async with asyncio.timeout(20), Client(here.server, message_handler=lambda message: None) as client:
        first = await here.opened.get()
        await client.list_tools()
        await client.list_tools()
        assert here.server.count("tools/list") == 1, "it is kept for its ttlMs"
        here.end.put_nowait(way)
        second = await here.opened.get()
        assert second.request_id != first.request_id
        assert second.params["notifications"] == {"toolsListChanged": True}
        await client.list_tools()
        assert here.server.count("tools/list") == 2


async def test_what_changed_while_no_stream_was_open_is_not_served_from_before() -> None:
    """A list read between the drop and the acknowledgement may be older than a change that nobody announced."""
    here = Broadcaster()
    async with asyncio.timeout(20), Client(here.server, message_handler=lambda message: None) as client:
        await here.opened.get()
        here.end.put_nowait("result")
        scope = await here.opened.get()
        assert client._listening is not None
        stream = client._listening._stream
        assert stream is not None
        while stream.again:  # noqa: ASYNC110  # the acknowledgement is on its way to us
            await asyncio.sleep(0)
        await client.list_tools()
        stream.again = True
        client._listening.heard(
            "notifications/subscriptions/acknowledged",
            {"notifications": {}, "_meta": {versions.META_SUBSCRIPTION_ID: scope.request_id}},
        )
        await client.list_tools()
        assert here.server.count("tools/list") == 2


async def test_a_cancel_of_another_request_ends_nothing() -> None:
    here = Broadcaster()
    async with asyncio.timeout(20), Client(here.server, message_handler=lambda message: None) as client:
        scope = await here.opened.get()
        await scope.notify("notifications/cancelled", {"requestId": "another"})
        await client.list_tools()
        assert client._listening is not None
        assert client._listening.accepted == {"toolsListChanged": True}
        assert here.opened.empty()
