"""Client and server sessions over the in-memory pair: answers, errors, progress, cancels, time-outs, the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from loop_clock import LoopClock
from wireglass.errors import INTERNAL_ERROR, METHOD_NOT_FOUND, McpError, RequestTimeout, TransportClosed
from wireglass.protocol import versions
from wireglass.protocol.messages import Frame
from wireglass.session import ClientSession, Handler, RequestScope, ServerSession, answer_one
from wireglass.wire.base import Received
from wireglass.wire.memory import memory_pair

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def joined(
    handler: Handler, *, version: str = versions.LATEST_STATELESS, **options: Any
) -> AsyncIterator[tuple[ClientSession, list[Frame]]]:
    frames: list[Frame] = []
    client_end, server_end = memory_pair(frames.append)
    server = ServerSession(handler, server_end)
    serving = asyncio.create_task(server.run())
    client = ClientSession(client_end, **options)
    await client.start()
    client.settle(version)
    if not versions.is_stateless(version):
        await client.request("initialize", {"protocolVersion": version, "capabilities": {}, "clientInfo": {}})
    try:
        yield client, frames
    finally:
        await client.aclose()
        await serving


async def echo(scope: RequestScope) -> dict[str, Any]:
    if scope.method == "initialize":
        return {"protocolVersion": versions.negotiate(scope.params["protocolVersion"]), "capabilities": {}}
    return {"method": scope.method, "version": scope.version, "stateless": scope.stateless}


@pytest.mark.parametrize("version", versions.ALL_VERSIONS)
async def test_a_request_is_served_in_the_version_it_speaks(version: str) -> None:
    async with joined(echo, version=version) as (client, _):
        result = await client.request("tools/list", {})
        assert result == {
            "method": "tools/list",
            "version": version,
            "stateless": version == versions.LATEST_STATELESS,
        }


async def test_an_error_of_the_handler_keeps_its_code_and_any_other_exception_hides_its_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def failing(scope: RequestScope) -> dict[str, Any]:
        if scope.params.get("own"):
            raise McpError(-5, "mine", {"a": 1})
        raise RuntimeError("secret")

    async with joined(failing) as (client, _):
        with pytest.raises(McpError) as own:
            await client.request("tools/call", {"own": True})
        assert (own.value.code, own.value.message, own.value.data) == (-5, "mine", {"a": 1})
        with pytest.raises(McpError) as internal:
            await client.request("tools/call", {})
        assert internal.value.code == INTERNAL_ERROR
        assert "secret" not in internal.value.message


async def test_progress_arrives_in_order_and_before_the_result() -> None:
    async def counting(scope: RequestScope) -> dict[str, Any]:
        token = scope.meta["progressToken"]
        for step in range(5):
            await scope.notify("notifications/progress", {"progressToken": token, "progress": step})
        return {}

    seen: list[float] = []

    async def slow_listener(params: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        seen.append(params["progress"])

    async with joined(counting) as (client, _):
        await client.request("tools/call", {}, on_progress=slow_listener)
    assert seen == [0, 1, 2, 3, 4]


async def test_cancelling_the_await_cancels_the_handler_and_nothing_is_answered() -> None:
    started, stopped = asyncio.Event(), asyncio.Event()

    async def endless(scope: RequestScope) -> dict[str, Any]:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return {}

    async with joined(endless) as (client, frames):
        call = asyncio.create_task(client.request("tools/call", {}))
        await started.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(stopped.wait(), 30)
        cancels = [f.message for f in frames if f.message.get("method") == "notifications/cancelled"]
        assert [c["params"]["requestId"] for c in cancels] == [1]
    assert [f for f in frames if f.sender == "server"] == []


async def test_progress_extends_a_timeout_and_silence_cancels_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = LoopClock(monkeypatch)
    steps: asyncio.Queue[int] = asyncio.Queue()

    async def slow(scope: RequestScope) -> dict[str, Any]:
        while True:
            params = {"progressToken": scope.meta["progressToken"], "progress": await steps.get()}
            await scope.notify("notifications/progress", params)

    async with joined(slow) as (client, frames):
        call = asyncio.create_task(client.request("tools/call", {}, timeout=100, on_progress=lambda _: None))
        await clock.forward(0)
        for step in range(5):
            await clock.forward(60)
            steps.put_nowait(step)
            await clock.forward(0)
        assert not call.done()
        await clock.forward(101)
        with pytest.raises(RequestTimeout):
            await call
        assert any(f.message.get("method") == "notifications/cancelled" for f in frames)


async def test_a_maximum_holds_whatever_the_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = LoopClock(monkeypatch)
    steps: asyncio.Queue[int] = asyncio.Queue()

    async def slow(scope: RequestScope) -> dict[str, Any]:
        while True:
            params = {"progressToken": scope.meta["progressToken"], "progress": await steps.get()}
            await scope.notify("notifications/progress", params)

    async with joined(slow) as (client, _):
        call = asyncio.create_task(client.request("tools/call", {}, timeout=100, max_timeout=250))
        await clock.forward(0)
        for step in range(4):
            await clock.forward(60)
            steps.put_nowait(step)
            await clock.forward(0)
        assert not call.done()
        await clock.forward(20)
        with pytest.raises(RequestTimeout):
            await call


async def test_pending_requests_fail_at_once_when_the_peer_goes_away() -> None:
    client_end, server_end = memory_pair()
    client = ClientSession(client_end)
    await client.start()
    call = asyncio.create_task(client.request("ping"))
    await asyncio.sleep(0)
    await server_end.aclose()
    with pytest.raises(TransportClosed):
        await call
    with pytest.raises(TransportClosed):
        await client.request("ping")
    await client.aclose()


async def test_a_server_of_the_handshake_era_may_ask_back_on_the_same_request() -> None:
    async def asking(scope: RequestScope) -> dict[str, Any]:
        if scope.method == "initialize":
            return await echo(scope)
        return {"roots": (await scope.request("roots/list"))["roots"]}

    async def answer(method: str, params: dict[str, Any], id: Any) -> dict[str, Any]:
        assert method == "roots/list"
        return {"roots": [{"uri": "file:///x"}]}

    async with joined(asking, version="2025-11-25", on_request=answer) as (client, _):
        assert await client.request("tools/call", {}) == {"roots": [{"uri": "file:///x"}]}


async def test_requests_before_initialize_are_refused_and_the_session_lives_on() -> None:
    client_end, server_end = memory_pair()
    serving = asyncio.create_task(ServerSession(echo, server_end).run())
    client = ClientSession(client_end)
    await client.start()
    with pytest.raises(McpError):
        await client.request("tools/list")
    await client.request("initialize", {"protocolVersion": "2025-06-18"})
    assert (await client.request("tools/list"))["version"] == "2025-06-18"
    await client.aclose()
    await serving


async def test_answer_one_serves_a_single_stateless_request() -> None:
    message = {
        "jsonrpc": "2.0",
        "id": "a",
        "method": "tools/list",
        "params": {
            "_meta": {versions.META_PROTOCOL_VERSION: "2026-07-28", versions.META_CLIENT_CAPABILITIES: {}},
        },
    }
    answer = await answer_one(echo, message)
    assert answer == {
        "jsonrpc": "2.0",
        "id": "a",
        "result": {"method": "tools/list", "version": "2026-07-28", "stateless": True},
    }


async def test_answer_one_demands_the_metadata_of_the_stateless_era() -> None:
    answer = await answer_one(echo, {"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    assert answer is not None
    assert answer["error"]["code"] == -32602
    meta = {versions.META_PROTOCOL_VERSION: "2026-07-28", versions.META_CLIENT_CAPABILITIES: {}}
    answer = await answer_one(echo, {"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"_meta": meta}})
    assert answer is not None
    assert answer["error"]["code"] == METHOD_NOT_FOUND


async def test_a_flood_of_requests_is_refused_and_what_is_in_hand_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wireglass.session.peer.MAX_IN_HAND", 3)
    go = asyncio.Event()

    async def waiting(scope: RequestScope) -> dict[str, Any]:
        await go.wait()
        return {}

    async with joined(waiting) as (client, _):
        calls = [asyncio.create_task(client.request("tools/call", {})) for _ in range(5)]
        done, _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        assert all(isinstance(call.exception(), McpError) for call in done)
        go.set()
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert [result for result in results if result == {}] == [{}, {}, {}]


async def test_what_the_client_told_before_a_request_is_heard_before_it() -> None:
    order: list[str] = []

    async def answer(scope: RequestScope) -> dict[str, Any]:
        order.append(scope.method)
        return await echo(scope)

    async def hear(scope: RequestScope) -> None:
        order.append(scope.method)

    server = ServerSession(answer, memory_pair()[1], on_notification=hear)
    await server.start()
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    opening = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {}}

    def arrive() -> None:
        for message in (
            {"id": 1, "method": "initialize", "params": opening},
            {"method": "notifications/initialized"},
            {"id": 2, "method": "tools/list"},
        ):
            server._arrived(Received({"jsonrpc": "2.0", **message}))
        loop.call_soon(loop.call_soon, done.set)

    loop.call_soon(arrive)
    await asyncio.wait_for(done.wait(), 30)
    assert order == ["initialize", "notifications/initialized", "tools/list"]
    await server.aclose()
