"""What the official suites lack, with a server of the runtime, over each transport and in the eras that have it."""

import asyncio
import random
from typing import Any

import pytest
from places import MODES
from pydantic_core import to_json

from ear import Ear
from wireglass import Client, InputBroker
from wireglass.client.inputs import InputRequest
from wireglass.errors import McpError, TransportClosed
from wireglass.protocol.messages import Frame

pytestmark = pytest.mark.anyio
TRACE = {
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "tracestate": "a=1",
    "baggage": "b=2",
}
ERAS = pytest.mark.parametrize("mode", ["stateless", "2025-11-25"])


class Desk:
    """Answers questions with a list of contents, and remembers them."""

    def __init__(self, *contents: dict[str, Any]) -> None:
        self.broker = InputBroker(self.asked)
        self.contents = list(contents)
        self.requests: list[InputRequest] = []
        self.new = asyncio.Event()

    def asked(self, request: InputRequest) -> None:
        self.requests.append(request)
        self.new.set()
        content = self.contents.pop(0) if self.contents else None
        request.answer({"action": "accept"} | ({"content": content} if content else {}))


@ERAS
async def test_a_subscription_brings_updates_until_it_is_given_up(connect_runtime: Any, mode: str) -> None:
    ear = Ear()
    async with connect_runtime(mode=mode, message_handler=ear) as client:
        await client.subscribe_resource("x://counter")
        await client.call_tool("touch")
        assert (await ear.until("notifications/resources/updated"))["uri"] == "x://counter"
        await client.unsubscribe_resource("x://counter")
        ear.heard.clear()
        await client.call_tool("touch")
        await client.ping()
        assert not [method for method, _ in ear.heard if method == "notifications/resources/updated"]


@pytest.mark.parametrize("mode", MODES)
async def test_a_changed_list_is_announced_and_read_again(connect_runtime: Any, mode: str) -> None:
    """Whoever changes it: a coroutine, a function in a thread, a decorator."""
    ear = Ear()
    async with connect_runtime(mode=mode, message_handler=ear) as client:
        for tool in ("add_tool", "add_tool_in_a_thread", "decorate"):
            before = len(await client.list_tools())
            ear.heard.clear()
            await client.call_tool(tool)
            await ear.until("notifications/tools/list_changed")
            assert len(await client.list_tools()) == before + 1, tool
        await client.call_tool("add_others")
        await ear.until("notifications/resources/list_changed")
        await ear.until("notifications/prompts/list_changed")


@ERAS
@pytest.mark.parametrize("ask", [False, True])
async def test_a_call_as_a_task_looks_like_any_other(connect_runtime: Any, mode: str, ask: bool) -> None:
    states: list[str] = []
    desk = Desk({"value": "Ada"})
    options: dict[str, Any] = {"inputs": desk.broker, "on_task": lambda task: states.append(task["status"])}
    async with connect_runtime(mode=mode, **options) as client, asyncio.timeout(20):
        answer = await client.call_tool("work", {"ask": ask}, task=True)
    assert answer.text == ("True Ada" if ask else "True nobody")
    assert states
    assert len(desk.requests) == ask


async def test_a_task_of_2025_11_25_is_listed_cancelled_and_then_over(connect_runtime: Any) -> None:
    """`tasks/get`, `tasks/list`, `tasks/cancel`, `tasks/result` by hand; a task that has ended cannot be cancelled."""
    async with connect_runtime(mode="2025-11-25") as client, asyncio.timeout(20):
        begun = []
        for _ in range(3):
            params = {"name": "hang_as_task", "arguments": {}, "task": {"ttl": 60_000}}
            reply = await client.session.request("tools/call", params)
            assert reply["task"]["status"] == "working"
            begun.append(reply["task"]["taskId"])
        listed = await client.session.request("tasks/list")
        assert {task["taskId"] for task in listed["tasks"]} >= {*begun}
        waiting = asyncio.ensure_future(client.session.request("tasks/result", {"taskId": begun[0]}))
        await client.ping()
        assert not waiting.done(), "the result is waited for"
        cancelled = await client.session.request("tasks/cancel", {"taskId": begun[0]})
        assert (cancelled["taskId"], cancelled["status"]) == (begun[0], "cancelled")
        with pytest.raises(McpError):
            await waiting
        for method, id in (("tasks/cancel", begun[0]), ("tasks/get", "made up"), ("tasks/result", "made up")):
            with pytest.raises(McpError) as error:
                await client.session.request(method, {"taskId": id})
            assert error.value.code == -32602
        assert (await client.session.request("tasks/get", {"taskId": begun[1]}))["status"] == "working"


async def test_a_task_of_the_extension_is_cancelled_and_then_over(connect_runtime: Any) -> None:
    """The answers to cancels are bare, and a second cancel is fine; other servers' tasks are unknown."""
    async with connect_runtime(mode="stateless") as client, asyncio.timeout(20):
        reply = await client.session.request("tools/call", {"name": "hang_as_task", "arguments": {}})
        named = {"taskId": reply["taskId"]}
        assert (reply["resultType"], reply["status"]) == ("task", "working")
        for _ in range(2):
            answer = await client.session.request("tasks/cancel", dict(named))
            assert answer["resultType"] == "complete"
            assert "status" not in answer
        while (await client.session.request("tasks/get", dict(named)))["status"] != "cancelled":
            pass
        with pytest.raises(McpError) as error:
            await client.session.request("tasks/get", {"taskId": "made up"})
        assert error.value.code == -32602


async def test_a_question_as_a_task_is_fetched_when_it_is_answered(connect_runtime: Any) -> None:
    """2025-11-25: the client keeps the question as a task of its own, and the server asks for the result."""
    desk = Desk({"value": "Ada"})
    frames: list[Frame] = []
    async with connect_runtime(mode="2025-11-25", inputs=desk.broker, tap=frames.append) as client, asyncio.timeout(20):
        assert (await client.call_tool("ask_as_task")).text == "Ada"
    asked = [f.message["method"] for f in frames if f.sender == "server" and "method" in (f.message or {})]
    assert asked[0] == "elicitation/create"
    assert "tasks/result" in asked


@pytest.mark.parametrize("mode", MODES)
async def test_roots_are_asked_for_each_time_and_changes_are_told(connect_runtime: Any, mode: str) -> None:
    frames: list[Frame] = []
    roots = ["file:///a"]
    async with connect_runtime(mode=mode, roots=lambda _: roots, tap=frames.append) as client, asyncio.timeout(20):
        assert (await client.call_tool("folders")).text == '["file:///a"]'
        roots.append("file:///b")
        await client.send_roots_list_changed()
        assert (await client.call_tool("folders")).text == '["file:///a","file:///b"]'
    told = [f for f in frames if (f.message or {}).get("method") == "notifications/roots/list_changed"]
    assert len(told) == (0 if mode == "stateless" else 1), "the stateless era has no such notification"


@ERAS
async def test_a_page_to_visit_is_asked_for_with_its_address(connect_runtime: Any, mode: str) -> None:
    desk = Desk()
    async with connect_runtime(mode=mode, inputs=desk.broker) as client, asyncio.timeout(20):
        assert (await client.call_tool("page")).text == "accept"
    assert [(request.kind, request.params["url"]) for request in desk.requests] == [
        ("elicitation", "https://pay.example/1")
    ]


async def test_a_call_that_wants_a_page_visited_first_is_repeated_when_the_server_says_so(connect_runtime: Any) -> None:
    """-32042 and `notifications/elicitation/complete` (2025-11-25 only)."""
    desk = Desk()
    async with connect_runtime(mode="2025-11-25", inputs=desk.broker) as client, asyncio.timeout(20):
        calling = asyncio.ensure_future(client.call_tool("page_first"))
        await desk.new.wait()
        await client.call_tool("paid_now")
        assert (await calling).text == "paid"


@ERAS
async def test_questions_follow_one_another(connect_runtime: Any, mode: str) -> None:
    desk = Desk({"value": "one"}, {"value": "two"})
    async with connect_runtime(mode=mode, inputs=desk.broker) as client, asyncio.timeout(20):
        assert (await client.call_tool("twice")).text == "one two"
    assert [request.params["message"] for request in desk.requests] == ["First?", "Second?"]


@pytest.mark.parametrize("mode", ["stateless", "2025-11-25", "2024-11-05"])
async def test_trace_context_and_foreign_metadata_arrive_untouched(connect_runtime: Any, mode: str) -> None:
    sent = {**TRACE, "com.example/x": {"deep": [1, None, "\u00e4"]}}
    async with connect_runtime(mode=mode) as client, asyncio.timeout(20):
        raw = await client.call_tool_mcp("meta", meta=sent)
    assert raw["content"][0]["text"] == to_json(sent).decode()


@ERAS
async def test_cancelling_at_any_moment_leaves_a_session_that_works(connect_runtime: Any, mode: str) -> None:
    """The cancel may cross the answer on its way."""
    turns = random.Random(7)
    async with connect_runtime(mode=mode) as client, asyncio.timeout(60):
        for _ in range(40):
            calling = asyncio.ensure_future(client.call_tool("meta"))
            for _ in range(turns.randrange(25)):
                await asyncio.sleep(0)
            calling.cancel()
            await asyncio.wait([calling])
        assert (await client.call_tool("meta", meta={"traceparent": "x"})).text == '{"traceparent":"x"}'
        assert client.session.connection.in_flight() == ()


@ERAS
async def test_closing_ends_the_calls_in_flight_at_once(connect_runtime: Any, mode: str) -> None:
    async with connect_runtime(mode=mode) as client, asyncio.timeout(20):
        sent = asyncio.Event()
        calling = asyncio.ensure_future(client.call_tool("hang", on_sent=lambda _: sent.set()))
        await sent.wait()
        await client.close()
        with pytest.raises((TransportClosed, McpError)):
            await calling


async def test_a_batch_is_answered_in_full(connect_runtime: Any, transport: str) -> None:
    """2025-03-26 is the only revision with batches; receiving them is a MUST there."""
    frames: list[Frame] = []
    answered = asyncio.Event()

    def tap(frame: Frame) -> None:
        frames.append(frame)
        if {"b1", "b2"} <= ids():
            answered.set()

    def ids() -> set[Any]:
        found: set[Any] = set()
        for frame in frames:
            if frame.sender == "server":
                parts = frame.message if isinstance(frame.message, list) else [frame.message]
                found.update(part.get("id") for part in parts if isinstance(part, dict))
        return found

    async with connect_runtime(mode="2025-03-26", tap=tap) as client, asyncio.timeout(20):
        batch = [
            {"jsonrpc": "2.0", "id": "b1", "method": "ping"},
            {"jsonrpc": "2.0", "method": "notifications/roots/list_changed"},
            {"jsonrpc": "2.0", "id": "b2", "method": "tools/call", "params": {"name": "meta", "arguments": {}}},
        ]
        await client.session.send_raw(to_json(batch).decode())
        await answered.wait()
        assert await client.ping()


async def test_reconnecting_gives_a_fresh_session(connect_runtime: Any) -> None:
    async with connect_runtime(mode="2025-11-25") as client, asyncio.timeout(20):
        before: Client = client.session
        await client.reconnect()
        assert client.session is not before
        assert (await client.call_tool("touch")).text == "touched"
