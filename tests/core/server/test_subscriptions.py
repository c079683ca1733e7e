"""Who hears of changes when somebody does not listen: nobody waits for a slow client, and nothing piles up."""

import asyncio
from typing import Any

import pytest

from wireglass import FastMCP
from wireglass.errors import INVALID_PARAMS, McpError
from wireglass.protocol.versions import META_SUBSCRIPTION_ID
from wireglass.server import subscriptions as subscriptions_module
from wireglass.server.subscriptions import Subscriptions
from wireglass.session.scope import Scope, SessionFacts

pytestmark = pytest.mark.anyio
V = "2026-07-28"


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slow ones stay slow: the tests need not wait long for them."""
    monkeypatch.setattr(subscriptions_module, "_PATIENCE_SECONDS", 0.05)


class Ear:
    """A client that hears, or has stopped reading."""

    def __init__(self, id: str, *, stateless: bool = True) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.reads = asyncio.Event()
        self.reads.set()
        self.new = asyncio.Condition()
        self.facts = SessionFacts(id, notify=self.notify)
        self.scope = Scope("subscriptions/listen", {}, id, {}, V, stateless, None, {}, None, self.facts, self.notify)

    async def notify(self, method: str, params: dict[str, Any] | None) -> None:
        await self.reads.wait()
        async with self.new:
            self.heard.append((method, params or {}))
            self.new.notify_all()

    async def until(self, count: int) -> list[tuple[str, dict[str, Any]]]:
        async with asyncio.timeout(30), self.new:
            await self.new.wait_for(lambda: len(self.heard) >= count)
        return self.heard


async def listening(subscriptions: Subscriptions, ear: Ear, **wanted: Any) -> "asyncio.Task[Any]":
    task = asyncio.create_task(subscriptions.listen(ear.scope, wanted))
    await ear.until(1)
    return task


async def test_a_client_that_does_not_read_holds_up_nobody_and_hears_once_of_what_waited() -> None:
    subscriptions, slow, quick = Subscriptions(), Ear("slow"), Ear("quick")
    uris = ["x://1", "x://2"]
    tasks = [
        await listening(subscriptions, ear, toolsListChanged=True, resourceSubscriptions=uris) for ear in (slow, quick)
    ]
    slow.reads.clear()
    for number in range(200):
        subscriptions.list_changed("tool")
        await quick.until(2 + number)
    async with asyncio.timeout(30):
        for _ in range(3):
            for uri in uris:
                await subscriptions.resource_updated(uri)
    assert len(quick.heard) == 1 + 200 + 6
    slow.reads.set()
    heard = await slow.until(5)
    await asyncio.sleep(0)
    # The acknowledgement, the one that was on its way, and each kind of news once more.
    assert [params.get("uri") or method.split("/")[1] for method, params in heard] == [
        "subscriptions", "tools", "tools", "x://1", "x://2",
    ]  # fmt: skip
    assert all(params["_meta"][META_SUBSCRIPTION_ID] == "slow" for _, params in heard)
    subscriptions.end_all()
    async with asyncio.timeout(30):
        await asyncio.gather(*tasks)


async def test_a_session_that_does_not_read_holds_up_nobody_either() -> None:
    subscriptions, slow, quick = Subscriptions(), Ear("slow", stateless=False), Ear("quick", stateless=False)
    for ear in (slow, quick):
        subscriptions.subscribe(ear.scope, "x://1")
    slow.reads.clear()
    subscriptions.list_changed("prompt")
    async with asyncio.timeout(30):
        await subscriptions.resource_updated("x://1")
    assert [method for method, _ in await quick.until(2)] == [
        "notifications/prompts/list_changed",
        "notifications/resources/updated",
    ]
    for close in slow.facts.closed:
        close()
    slow.reads.set()
    await asyncio.sleep(0)
    assert slow.heard == []  # it is gone


async def test_a_quick_client_has_heard_of_an_update_when_the_call_is_answered() -> None:
    subscriptions, ear = Subscriptions(), Ear("quick")
    task = await listening(subscriptions, ear, resourceSubscriptions=["x://1"])
    await subscriptions.resource_updated("x://1")
    assert [method for method, _ in ear.heard][1:] == ["notifications/resources/updated"]
    task.cancel()
    await asyncio.wait([task])


async def test_a_task_is_told_as_it_stands_when_it_is_told() -> None:
    subscriptions, ear = Subscriptions(), Ear("slow")
    now = {"status": "working"}
    task = asyncio.create_task(subscriptions.listen(ear.scope, {}, {"t1": lambda: dict(now)}))
    await ear.until(2)
    ear.reads.clear()
    for status in ("working", "input_required", "completed"):
        now["status"] = status
        subscriptions.task_changed("t1", lambda: dict(now))
    ear.reads.set()
    heard = await ear.until(3)
    assert heard[-1][1]["status"] == "completed"
    task.cancel()
    await asyncio.wait([task])


async def test_a_client_whose_connection_broke_disturbs_nobody() -> None:
    subscriptions, broken, quick = Subscriptions(), Ear("broken"), Ear("quick")
    tasks = [await listening(subscriptions, ear, toolsListChanged=True) for ear in (broken, quick)]

    async def fail(method: str, params: Any) -> None:
        raise ConnectionError

    broken.scope.notify_now = fail
    for number in range(3):
        subscriptions.list_changed("tool")
        await quick.until(2 + number)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"notifications": None},
        {"notifications": []},
        {"notifications": {"resourceSubscriptions": "x://1"}},
        {"notifications": {"resourceSubscriptions": [1]}},
        {"notifications": {"taskIds": {}}},
    ],
)
async def test_a_filter_that_cannot_be_read_is_refused(connect: Any, params: dict[str, Any]) -> None:
    async with connect(FastMCP("s"), V) as line:
        with pytest.raises(McpError) as error:
            await line.ask("subscriptions/listen", params)
        assert error.value.code == INVALID_PARAMS
