"""The broker: questions are answered once, by code or by people, or withdrawn."""

import asyncio
from typing import Any

import pytest

from loop_clock import LoopClock
from wireglass import Client, FastMCP, InputBroker, InputRequest
from wireglass.client.capabilities import client_capabilities
from wireglass.client.handlers import elicitation_responder, roots_responder, sampling_responder
from wireglass.errors import McpError, RequestTimeout, TransportClosed
from wireglass.server.context import Context

pytestmark = pytest.mark.anyio


def question(broker: InputBroker, kind: Any = "elicitation", **params: Any) -> InputRequest:
    return InputRequest(broker.new_id(), kind, params, server="s")


async def test_nobody_there_means_the_question_is_refused() -> None:
    broker = InputBroker()
    with pytest.raises(McpError) as error:
        await broker.ask(question(broker))
    assert error.value.code == -32601
    assert broker.open == ()


async def test_the_first_answer_counts() -> None:
    broker = InputBroker(lambda request: request.answer({"action": "accept"}))
    request = question(broker)
    assert await broker.ask(request) == {"action": "accept"}
    request.refuse()
    request.withdraw()
    assert not request.withdrawn


async def test_a_responder_may_leave_a_question_to_whoever_watches() -> None:
    seen: list[InputRequest] = []

    def watch(request: InputRequest) -> None:
        seen.append(request)
        request.refuse(action="cancel")

    async def not_mine(request: InputRequest) -> None:
        return None

    broker = InputBroker(watch)
    broker.respond("elicitation", not_mine)
    assert await broker.ask(question(broker)) == {"action": "cancel"}
    assert len(seen) == 1


async def test_one_refusal_withdraws_the_others_of_its_group() -> None:
    asked: list[InputRequest] = []

    def watch(request: InputRequest) -> None:
        asked.append(request)
        if request.kind == "sampling":
            request.refuse("no model")

    broker = InputBroker(watch)
    pair = [question(broker), question(broker, "sampling")]
    with pytest.raises(McpError, match="no model"):
        await broker.ask_all(pair)
    assert pair[0].withdrawn
    assert broker.open == ()


async def test_a_failing_handler_becomes_an_error_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(request: InputRequest) -> Any:
        raise RuntimeError("secret")

    broker = InputBroker()
    broker.respond("roots", broken)
    with pytest.raises(McpError) as error:
        await broker.ask(question(broker, "roots"))
    assert "secret" not in error.value.message


async def test_withdrawing_everything_ends_every_wait() -> None:
    """Not as a cancellation: nobody cancelled the calls that wait, their connection is gone."""
    arrived: asyncio.Queue[InputRequest] = asyncio.Queue()
    broker = InputBroker(arrived.put_nowait)
    waits = [asyncio.ensure_future(broker.ask(question(broker))) for _ in range(3)]
    asked = [await arrived.get() for _ in range(3)]
    broker.withdraw_all()
    results = await asyncio.gather(*waits, return_exceptions=True)
    assert all(isinstance(result, TransportClosed) for result in results)
    assert all(request.withdrawn for request in asked)


SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}, "s": {"type": "string"}}, "required": ["n"]}


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"n": 1}, {"action": "accept", "content": {"n": 1}}),
        ({"action": "decline"}, {"action": "decline"}),
        ({"action": "accept", "content": {"n": 2}}, {"action": "accept", "content": {"n": 2}}),
        (None, {"action": "accept", "content": {}}),
    ],
)
async def test_elicitation_handlers_may_answer_in_several_forms(given: Any, answer: Any) -> None:
    broker = InputBroker()
    respond = elicitation_responder(lambda message, kind, params, context: given)
    assert await respond(question(broker, message="m", requestedSchema=SCHEMA)) == answer


async def test_an_elicitation_handler_gets_a_type_to_fill() -> None:
    async def fill(message: str, kind: Any, params: Any, context: Any) -> Any:
        return kind(n=5)

    broker = InputBroker()
    answer = await elicitation_responder(fill)(question(broker, message="m", requestedSchema=SCHEMA))
    assert answer == {"action": "accept", "content": {"n": 5}}


async def test_sampling_and_roots_handlers() -> None:
    broker = InputBroker()
    asked = question(
        broker, "sampling", messages=[{"role": "user", "content": {"type": "text", "text": "hi"}}], maxTokens=5
    )
    respond = sampling_responder(lambda messages, params, context: f"{messages[0].content.text} {params.maxTokens}")
    assert await respond(asked) == {
        "role": "assistant",
        "content": {"type": "text", "text": "hi 5"},
        "model": "unknown",
        "stopReason": "endTurn",
    }
    roots = await roots_responder(lambda: ["file:///x", {"uri": "file:///y", "name": "y"}])(question(broker, "roots"))
    assert roots == {"roots": [{"uri": "file:///x"}, {"uri": "file:///y", "name": "y"}]}


@pytest.mark.parametrize(
    ("version", "capabilities"),
    [
        ("2024-11-05", {"roots": {"listChanged": True}, "sampling": {}}),
        ("2025-06-18", {"roots": {"listChanged": True}, "sampling": {}, "elicitation": {}}),
        (
            "2025-11-25",
            {
                "roots": {"listChanged": True},
                "sampling": {"tools": {}, "context": {}},
                "elicitation": {"form": {}, "url": {}},
                "tasks": {
                    "list": {},
                    "cancel": {},
                    "requests": {"elicitation": {"create": {}}, "sampling": {"createMessage": {}}},
                },
            },
        ),
        (
            "2026-07-28",
            {
                "roots": {},
                "sampling": {"tools": {}, "context": {}},
                "elicitation": {"form": {}, "url": {}},
                "extensions": {"io.modelcontextprotocol/tasks": {}},
            },
        ),
    ],
)
async def test_capabilities_have_the_form_of_their_version(version: str, capabilities: Any) -> None:
    assert client_capabilities(version, InputBroker(lambda _: None)) == capabilities
    assert client_capabilities(version, InputBroker(), extensions={}) == {}


async def test_the_time_people_take_is_not_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Design, Inbox: the wait has no limit unless the call's own time-out says so."""
    server, clock = FastMCP("slow human"), LoopClock(monkeypatch)

    @server.tool
    async def ask(ctx: Context) -> str:
        return (await ctx.elicit("Sure?", response_type=None)).action

    async def person(request: InputRequest) -> None:
        await clock.forward(80)  # the subject of this test is a wait longer than the time-out
        request.answer({"action": "accept", "content": {}})

    broker = InputBroker(person)
    async with Client(server, inputs=broker, mode="handshake", timeout=50) as client:
        assert (await client.call_tool("ask", {})).data == "accept"
        with pytest.raises(RequestTimeout):
            await client.call_tool("ask", {}, timeout=30)


async def test_code_that_answers_is_held_to_the_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    server, clock = FastMCP("hanging handler"), LoopClock(monkeypatch)

    @server.tool
    async def ask(ctx: Context) -> str:
        return (await ctx.elicit("Sure?", response_type=None)).action

    async def never(*_facts: Any) -> Any:
        await clock.forward(31)
        await asyncio.Event().wait()

    async with Client(server, elicitation_handler=never, mode="handshake", timeout=30) as client:
        with pytest.raises(RequestTimeout):
            await client.call_tool("ask", {})


async def test_a_question_knows_its_call_and_its_group() -> None:
    server = FastMCP("facts")

    @server.tool
    async def ask(ctx: Context, seats: int) -> str:
        return (await ctx.elicit("Sure?", response_type=None)).action

    seen: list[InputRequest] = []

    def person(request: InputRequest) -> None:
        seen.append(request)
        request.answer({"action": "accept", "content": {}})

    for mode in ("handshake", "stateless"):
        async with Client(server, inputs=InputBroker(person), mode=mode) as client:
            await client.call_tool("ask", {"seats": 3})
            assert client._calls == {}
    assert [(one.tool, one.arguments, one.group_size) for one in seen] == [("ask", {"seats": 3}, 1)] * 2
    assert [one.rounds for one in seen] == [0, 10]
