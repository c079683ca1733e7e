"""The response cache: once for many, never for another, never an error."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from wireglass import FastMCP
from wireglass.errors import ToolError
from wireglass.middleware.base import MiddlewareContext
from wireglass.middleware.caching import ResponseCachingMiddleware
from wireglass.storage import stores
from wireglass.testing import create_test_client
from wireglass.tracing import Trace, span

pytestmark = pytest.mark.anyio


class Counting:
    """A server that counts what it really does."""

    def __init__(self, cache: ResponseCachingMiddleware) -> None:
        self.runs: list[Any] = []
        self.cache = cache
        mcp = self.mcp = FastMCP("counting", middleware=[cache])
        runs = self.runs

        @mcp.tool
        def add(a: int, b: int = 0) -> int:
            runs.append((a, b))
            return a + b

        @mcp.tool
        def bad() -> str:
            runs.append("bad")
            raise ToolError("no")

        @mcp.tool(annotations={"destructiveHint": True})
        def wipe() -> str:
            runs.append("wipe")
            return "wiped"

        @mcp.resource("data://{key}", mime_type="application/octet-stream")
        def data(key: str) -> bytes:
            runs.append(key)
            return b"\x00" + key.encode()

        @mcp.prompt
        def ask(topic: str) -> str:
            runs.append(topic)
            return f"About {topic}?"


async def test_the_second_answer_comes_from_the_cache_and_is_the_same() -> None:
    server = Counting(ResponseCachingMiddleware(ttl_seconds=300))
    async with create_test_client(server.mcp) as client:
        tools = [await client.call_tool("add", arguments) for arguments in ({"a": 1, "b": 2}, {"b": 2, "a": 1})]
        reads = [await client.read_resource("data://k") for _ in range(2)]
        prompts = [await client.get_prompt("ask", {"topic": "t"}) for _ in range(2)]
    assert server.runs == [(1, 2), "k", "t"]
    assert tools[0].data == tools[1].data == 3
    assert tools[0].structured_content == tools[1].structured_content
    assert reads[0] == reads[1]
    assert prompts[0].messages == prompts[1].messages
    assert server.cache.statistics()["tools/call"] == {"hit": 1, "miss": 1, "shared": 0}


async def test_other_arguments_are_another_entry() -> None:
    server = Counting(ResponseCachingMiddleware())
    async with create_test_client(server.mcp) as client:
        for a in (1, 2, 1):
            await client.call_tool("add", {"a": a})
    assert server.runs == [(1, 0), (2, 0)]


async def test_errors_and_what_changes_things_are_not_kept() -> None:
    server = Counting(ResponseCachingMiddleware())
    async with create_test_client(server.mcp) as client:
        for _ in range(2):
            await client.call_tool("bad", raise_on_error=False)
            await client.call_tool("wipe")
    assert server.runs == ["bad", "wipe", "bad", "wipe"]


async def test_switches_and_settings_of_both_dialects() -> None:
    off = Counting(ResponseCachingMiddleware(ttl_seconds=60, cache_tools=False, cache_prompts=False))
    chosen = Counting(
        ResponseCachingMiddleware(
            call_tool_settings={"included_tools": ["wipe"], "ttl": 60}, read_resource_settings={"enabled": False}
        )
    )
    for server in (off, chosen):
        async with create_test_client(server.mcp) as client:
            for _ in range(2):
                await client.call_tool("add", {"a": 1})
                await client.call_tool("wipe")
                await client.read_resource("data://k")
    assert off.runs.count((1, 0)) == 2
    assert off.runs.count("k") == 1
    assert chosen.runs == [(1, 0), "wipe", "k", (1, 0), "k"]


async def test_a_hundred_identical_calls_run_the_tool_once() -> None:
    cache = ResponseCachingMiddleware()
    mcp = FastMCP("s", middleware=[cache])
    runs: list[int] = []
    begun, waiting = asyncio.Event(), asyncio.Event()

    @mcp.tool
    async def slow(a: int) -> int:
        runs.append(a)
        begun.set()
        await waiting.wait()
        return a

    async with create_test_client(mcp) as client:
        calls = [asyncio.create_task(client.call_tool("slow", {"a": 7})) for _ in range(100)]
        await begun.wait()
        for _ in range(50):
            await asyncio.sleep(0)
        waiting.set()
        results = await asyncio.gather(*calls)
    assert runs == [7]
    assert {result.data for result in results} == {7}


async def test_a_cancelled_leader_does_not_take_the_others_along() -> None:
    cache = ResponseCachingMiddleware()
    mcp = FastMCP("s", middleware=[cache])
    runs: list[int] = []
    begun, waiting = asyncio.Event(), asyncio.Event()

    @mcp.tool
    async def slow() -> int:
        runs.append(1)
        begun.set()
        await waiting.wait()
        return len(runs)

    leader = asyncio.create_task(mcp.call_tool("slow"))
    await begun.wait()
    follower = asyncio.create_task(mcp.call_tool("slow"))
    await asyncio.sleep(0)
    leader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leader
    waiting.set()
    assert (await follower).structured_content == {"result": 2}


async def answer_for(cache: ResponseCachingMiddleware, client: str, subject: str, value: str) -> str:
    """What a caller gets whose own call would return `value`."""

    class Result:
        def wire(self) -> dict[str, Any]:
            return {"content": [{"type": "text", "text": value}]}

    async def call_next(context: MiddlewareContext[Any]) -> Any:
        return Result()

    token = SimpleNamespace(client_id=client, claims={"sub": subject, "iss": "i"})
    caller = SimpleNamespace(scope=SimpleNamespace(access_token=token, principal=None), fastmcp=None)
    message = SimpleNamespace(name="a", arguments={})
    context = MiddlewareContext[Any](message=message, method="tools/call", fastmcp_context=caller)
    result = await cache(context, call_next)
    return (result if isinstance(result, dict) else result.wire())["content"][0]["text"]


async def test_a_principal_never_sees_an_entry_of_another() -> None:
    cache = ResponseCachingMiddleware()
    assert await answer_for(cache, "app", "alice", "for alice") == "for alice"
    assert await answer_for(cache, "app", "bob", "for bob") == "for bob"
    assert await answer_for(cache, "other app", "alice", "elsewhere") == "elsewhere"
    assert await answer_for(cache, "app", "alice", "again") == "for alice"


async def test_versions_of_a_component_have_entries_of_their_own() -> None:
    mcp = FastMCP("s", middleware=[ResponseCachingMiddleware()])
    mcp.tool(lambda: "one", name="t", version="1.0")
    mcp.tool(lambda: "two", name="t", version="2.0")
    async with create_test_client(mcp) as client:
        for _ in range(2):
            assert (await client.call_tool("t")).content[0].text == "two"
            assert (await client.call_tool("t", version="1.0")).content[0].text == "one"


async def test_a_persistent_store_keeps_entries_over_a_restart(tmp_path: Path) -> None:
    for _ in range(2):
        server = Counting(ResponseCachingMiddleware(ttl_seconds=60, storage=stores.DiskStore(path=tmp_path)))
        async with create_test_client(server.mcp) as client:
            assert (await client.call_tool("add", {"a": 1})).data == 1
    assert server.runs == []


async def test_a_change_of_the_server_empties_the_cache() -> None:
    server = Counting(ResponseCachingMiddleware(list_tools_settings={"ttl": 60}))
    async with create_test_client(server.mcp) as client:
        await client.call_tool("add", {"a": 1})
        before = len(await server.mcp.list_tools())
        server.mcp.tool(lambda: "new", name="new")
        assert len(await server.mcp.list_tools()) == before + 1
        await client.call_tool("add", {"a": 1})
    assert server.runs == [(1, 0), (1, 0)]


async def test_lists_are_kept_only_when_asked_for() -> None:
    asked = Counting(ResponseCachingMiddleware(list_tools_settings={}, list_prompts_settings={"enabled": False}))
    for _ in range(3):
        await asked.mcp.list_tools()
        await asked.mcp.list_prompts()
    assert asked.cache.statistics() == {"tools/list": {"hit": 2, "miss": 1, "shared": 0}}


async def test_what_is_too_large_is_not_kept() -> None:
    server = Counting(ResponseCachingMiddleware(max_item_size=10))
    async with create_test_client(server.mcp) as client:
        for _ in range(2):
            await client.call_tool("add", {"a": 1})
    assert len(server.runs) == 2


async def test_entries_end_with_their_time() -> None:
    kept = stores.MemoryStore()
    server = Counting(ResponseCachingMiddleware(ttl_seconds=77, storage=kept))
    async with create_test_client(server.mcp) as client:
        await client.call_tool("add", {"a": 1})
    (key,) = await kept.keys(collection="wireglass-cache-tools-call")
    _, ttl = await kept.ttl(key, collection="wireglass-cache-tools-call")
    assert ttl is not None
    assert 70 < ttl <= 77


async def test_a_failing_store_fails_no_request() -> None:
    class Down:
        async def get(self, *args: Any, **options: Any) -> Any:
            raise ConnectionError("down")

        put = get

    server = Counting(ResponseCachingMiddleware(cache_storage=Down()))
    async with create_test_client(server.mcp) as client:
        assert (await client.call_tool("add", {"a": 4})).data == 4


async def test_the_timeline_hears_of_hits_and_misses() -> None:
    server = Counting(ResponseCachingMiddleware())
    outcomes: list[list[Any]] = []
    for _ in range(2):
        with Trace() as trace, span("chain", "middleware"):
            await server.mcp.call_tool("add", {"a": 1})
        outcomes.append([one.facts["cache"] for one in trace.spans() if "cache" in one.facts])
        assert "cache look-up" in [one.name for one in trace.spans()]
    assert outcomes == [["miss"], ["hit"]]


def test_contradictions_are_refused() -> None:
    with pytest.raises(ValueError, match="same"):
        ResponseCachingMiddleware(storage=object(), cache_storage=object())
    with pytest.raises(ValueError, match="more than 0"):
        ResponseCachingMiddleware(ttl_seconds=0)
