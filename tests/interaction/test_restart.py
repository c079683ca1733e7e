"""A server that is started again while a call waits for its user, over each transport and in both eras."""

import asyncio
import os
import signal
import sys
from typing import Any

import pytest
from places import SLOW, Home

from wireglass import InputBroker
from wireglass.client.inputs import InputRequest
from wireglass.errors import McpError, WireglassError

pytestmark = pytest.mark.anyio
TWICE: dict[str, Any] = {"name": "twice", "arguments": {}}


def over(*names: str) -> pytest.MarkDecorator:
    """The test's transports."""
    return pytest.mark.parametrize(
        "transport", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in names]
    )


def answers(asked: dict[str, Any], value: str) -> dict[str, Any]:
    """The retry of a round in which each question is answered with `value`."""
    accepted = {"action": "accept", "content": {"value": value}}
    return {
        **TWICE,
        "inputResponses": dict.fromkeys(asked["inputRequests"], accepted),
        "requestState": asked["requestState"],
    }


@over("memory", "stdio", "http", "socket")
async def test_each_round_of_a_call_may_meet_another_process(transport: str) -> None:
    """Architecture, "await ctx.elicit() in the stateless era": replayed with the answers that travel in the state."""
    broker = InputBroker(lambda request: None)
    async with asyncio.timeout(60), Home(transport) as home:
        async with home.client(mode="stateless", inputs=broker) as client:
            first = await client.session.request("tools/call", TWICE)
            assert [one["params"]["message"] for one in first["inputRequests"].values()] == ["First?"]
        await home.restart()
        async with home.client(mode="stateless", inputs=broker) as client:
            second = await client.session.request("tools/call", answers(first, "one"))
            assert [one["params"]["message"] for one in second["inputRequests"].values()] == ["Second?"]
        await home.restart()
        async with home.client(mode="stateless", inputs=broker) as client:
            done = await client.session.request("tools/call", answers(second, "two"))
            assert done["content"][0]["text"] == "one two"
            for spoilt in ("x" + second["requestState"], second["requestState"][:-8]):
                with pytest.raises(McpError) as error:
                    await client.session.request("tools/call", {**answers(second, "two"), "requestState": spoilt})
                assert error.value.code == -32602


@over("http", "socket")
async def test_a_client_does_not_notice_a_restart_while_its_user_thinks(transport: str) -> None:
    """No connection is open between the rounds, so there is nothing to lose."""
    asked: asyncio.Queue[InputRequest] = asyncio.Queue()
    broker = InputBroker(asked.put_nowait)
    async with asyncio.timeout(60), Home(transport) as home, home.client(mode="stateless", inputs=broker) as client:
        calling = asyncio.ensure_future(client.call_tool("twice"))
        for value in ("one", "two"):
            request = await asked.get()
            await home.restart()
            request.answer({"action": "accept", "content": {"value": value}})
        assert (await calling).text == "one two"


@over("stdio", "http", "sse", "socket")
@pytest.mark.parametrize("version", ["2025-11-25", "2025-06-18"])
async def test_in_the_handshake_eras_the_question_is_withdrawn_and_the_call_fails(transport: str, version: str) -> None:
    """The session is gone and the call with it. What it had done is unknown, so it is not run again by itself."""
    if transport == "stdio" and sys.platform == "win32":
        pytest.skip("signals of POSIX")
    asked: asyncio.Queue[InputRequest] = asyncio.Queue()
    broker = InputBroker(asked.put_nowait)
    async with asyncio.timeout(60), Home(transport) as home, home.client(mode=version, inputs=broker) as client:
        calling = asyncio.ensure_future(client.call_tool("twice"))
        request = await asked.get()
        ended = asyncio.Event()
        request.on_end(lambda _: ended.set())
        if transport == "stdio":
            os.kill(client.session.transport.pid, signal.SIGKILL)  # type: ignore[attr-defined]  # a stdio transport
        await home.restart()
        with pytest.raises(WireglassError):
            await calling
        await ended.wait()
        assert request.withdrawn
        assert asked.empty(), "the call was not begun again"
        if transport in ("stdio", "sse"):
            await client.reconnect()
        assert (await client.call_tool("touch")).text == "touched"


@over("http", "sse", "socket")
async def test_a_session_that_was_idle_is_opened_again_by_the_next_call(transport: str) -> None:
    """Nothing was under way: over Streamable HTTP the client begins a new session (404), over HTTP+SSE it says so."""
    async with asyncio.timeout(60), Home(transport) as home, home.client(mode="2025-11-25") as client:
        assert (await client.call_tool("touch")).text == "touched"
        await home.restart()
        if transport == "sse":
            with pytest.raises(WireglassError):
                await client.call_tool("touch")
            await client.reconnect()
        assert (await client.call_tool("touch")).text == "touched"


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("mode", ["stateless", "2025-06-18"])
@pytest.mark.parametrize("asked", [True, False])
async def test_a_server_that_crashed_is_started_again_by_the_next_call_if_the_client_is_to(
    mode: str, asked: bool
) -> None:
    """Our choice: only when asked, as a process has state; and never for the call that was under way."""
    async with (
        asyncio.timeout(60),
        Home("stdio") as home,
        home.client(mode=mode, reconnect=asked, inputs=InputBroker(lambda request: None)) as client,
    ):
        calling = asyncio.ensure_future(client.call_tool("twice"))
        assert (await client.call_tool("touch")).text == "touched"
        for _ in range(2):
            os.kill(client.session.transport.pid, signal.SIGKILL)  # type: ignore[attr-defined]  # a stdio transport
            while client.is_connected():  # noqa: ASYNC110 - bounded above
                await asyncio.sleep(0.01)
            if not asked:
                with pytest.raises(WireglassError):
                    await client.call_tool("touch")
                break
            # All at once: one new process serves them.
            seen = await asyncio.gather(*(client.call_tool("touch") for _ in range(4)))
            assert [one.text for one in seen] == ["touched"] * 4
        calling.cancel()
        with pytest.raises((WireglassError, asyncio.CancelledError)):
            await calling
