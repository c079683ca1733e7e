"""What a client can do with a server, over each transport and in each era."""

import asyncio
from typing import Any

import pytest

from loop_clock import LoopClock
from wireglass import InputBroker
from wireglass.errors import McpError, RequestTimeout, ToolError, TransportClosed
from wireglass.protocol.messages import Frame

pytestmark = pytest.mark.anyio


async def test_facts_say_what_was_settled_and_why(connect: Any, mode: str) -> None:
    async with connect() as client:
        facts = client.facts
        assert facts.version == ("2026-07-28" if mode == "stateless" else mode)
        assert facts.stateless == (mode == "stateless")
        assert facts.server_info == {"name": "subject", "version": "1"}
        assert facts.instructions == "Be kind."
        assert facts.path
        assert facts.why


async def test_auto_mode_prefers_the_stateless_era(connect: Any, transport: str) -> None:
    if transport == "sse":
        pytest.skip("HTTP+SSE is a transport of the handshake eras")
    async with connect(mode="auto") as client:
        assert client.facts.version == "2026-07-28"


@pytest.mark.parametrize("version", ["2025-06-18", "2025-03-26", "2024-11-05"])
async def test_older_versions_can_be_forced(connect: Any, version: str) -> None:
    async with connect(mode=version) as client:
        assert client.facts.version == version
        assert len(await client.list_tools()) == 11


async def test_lists_follow_every_page_also_after_an_empty_cursor(connect: Any) -> None:
    async with connect() as client:
        assert len(await client.list_tools()) == 11
        assert [r.uri for r in await client.list_resources()] == [f"x://{i}" for i in range(5)]


async def test_a_malformed_list_entry_is_skipped_and_noted(connect: Any) -> None:
    async with connect() as client:
        assert [p.name for p in await client.list_prompts()] == ["p"]
        assert [(method, entry) for method, entry, _ in client.skipped] == [("prompts/list", {"no": "name"})]


async def test_tools_resources_prompts_and_completion(connect: Any) -> None:
    async with connect() as client:
        assert (await client.call_tool("echo", {"a": [1, None]})).text == '{"a":[1,null]}'
        assert (await client.read_resource("x://1"))[0].text == "here"
        prompt = await client.get_prompt("p", {"n": 5, "s": "t"})
        assert prompt.messages[0].content.text == "{'n': '5', 's': 't'}"
        ref = {"type": "ref/prompt", "name": "p"}
        assert (await client.complete(ref, {"name": "n", "value": "a"})).values == ["a!"]
        assert await client.ping()


async def test_an_error_result_raises_unless_told_otherwise(connect: Any) -> None:
    async with connect() as client:
        with pytest.raises(ToolError, match="no"):
            await client.call_tool("fail")
        assert (await client.call_tool("fail", raise_on_error=False)).is_error
        with pytest.raises(McpError):
            await client.call_tool("no such tool")


async def test_progress_reaches_the_handler_in_order(connect: Any) -> None:
    seen: list[tuple[float, float | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        seen.append((progress, total))

    async with connect() as client:
        await client.call_tool("count", {"to": 100}, progress_handler=hear)
    assert seen == [(i, 100) for i in range(100)]


async def test_log_messages_reach_the_handler(connect: Any) -> None:
    heard: list[Any] = []

    async def hear(message: Any) -> None:
        heard.append((message.level, message.data))

    async with connect(log_handler=hear) as client:
        await client.call_tool("log")
        await client.session._heard.drain()
    assert heard == [("info", "hello")]


async def _cancelled_once(client: Any) -> None:
    """Asks until the server has noticed: over HTTP the cancel and the question travel on different connections."""
    async with asyncio.timeout(30):
        while (text := (await client.call_tool("cancelled")).text) == "0":
            pass
    assert text == "1"


async def test_cancelling_a_call_stops_the_handler(connect: Any) -> None:
    async with connect() as client:
        sent = asyncio.Event()
        call = asyncio.create_task(client.call_tool("wait", on_sent=lambda _: sent.set()))
        await sent.wait()
        await client.ping()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await _cancelled_once(client)


async def test_a_timeout_cancels_and_the_session_lives_on(connect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connect() as client:
        sent, clock = asyncio.Event(), LoopClock(monkeypatch)
        call = asyncio.create_task(client.call_tool("wait", timeout=50, on_sent=lambda _: sent.set()))
        await sent.wait()
        await client.ping()
        await clock.forward(51)
        with pytest.raises(RequestTimeout):
            await call
        await _cancelled_once(client)


async def test_an_elicitation_is_answered_by_the_handler_in_both_eras(connect: Any, mode: str) -> None:
    async def answer(message: str, response_type: Any, params: Any, context: Any) -> Any:
        assert message == "Name?"
        return response_type(name="Ada")

    async with connect(elicitation_handler=answer) as client:
        result = await client.call_tool("ask")
        assert result.text == '{"action":"accept","content":{"name":"Ada"}}'
        if mode == "stateless":
            assert result.structured_content == {"state": "s-1"}


async def test_an_elicitation_can_be_answered_later_by_whoever_watches(connect: Any) -> None:
    asked: asyncio.Queue[Any] = asyncio.Queue()
    async with connect(inputs=InputBroker(asked.put_nowait)) as client:
        call = asyncio.create_task(client.call_tool("ask"))
        request = await asked.get()
        assert (request.kind, request.server, request.params["message"]) == ("elicitation", "subject", "Name?")
        request.refuse()
        assert (await call).text == '{"action":"decline"}'

        call = asyncio.create_task(client.call_tool("ask"))
        request = await asked.get()
        ended = asyncio.Event()
        request.on_end(lambda _: ended.set())
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(ended.wait(), 30)
        assert request.withdrawn
        assert client.inputs.open == ()


async def test_sampling_and_roots_are_answered_in_both_eras(connect: Any) -> None:
    async with connect(sampling_handler=lambda messages, params, context: "4", roots=["file:///a"]) as client:
        assert '"text":"4"' in (await client.call_tool("sample")).text
        assert (await client.call_tool("roots")).text == '{"roots":[{"uri":"file:///a"}]}'


async def test_a_large_result_arrives_whole(connect: Any) -> None:
    async with connect() as client:
        assert len((await client.call_tool("big", {"size": 3_000_000})).text) == 3_000_000


async def test_many_calls_at_once_get_their_own_answers(connect: Any) -> None:
    async with connect() as client:
        results = await asyncio.gather(*(client.call_tool("echo", {"n": n}) for n in range(200)))
        assert [r.text for r in results] == [f'{{"n":{n}}}' for n in range(200)]


async def test_raw_frames_may_be_anything_and_the_session_survives_them(connect: Any) -> None:
    frames: list[Frame] = []
    async with connect(tap=frames.append) as client:
        for text in ("not json", "[]", "17", '{"jsonrpc":"2.0"}', '{"jsonrpc":"2.0","id":null,"method":"x"}'):
            await client.session.send_raw(text)
        assert await client.session.send_raw('{"jsonrpc":"2.0","id":"mine","method":"nope"}') == "mine"
        assert (await client.call_tool("echo", {})).text == "{}"
    assert any(f.sender == "server" and (f.message or {}).get("id") == "mine" for f in frames)


async def test_the_death_of_the_server_fails_the_call_at_once(connect: Any, transport: str) -> None:
    if transport != "stdio":
        pytest.skip("the server shares our process")
    async with connect() as client:
        with pytest.raises(TransportClosed) as closed:
            await client.call_tool("crash")
        assert closed.value.exit_status == 7
