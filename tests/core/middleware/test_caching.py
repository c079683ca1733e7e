"""The response cache: once for many, never for another, never an error."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from wireglass import Context, FastMCP
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


@pytest.mark.parametrize("in_words", [True, False])
async def test_without_a_store_of_its_own_it_uses_the_servers(tmp_path: Path, in_words: bool) -> None:
    runs: list[int] = []
    for _ in range(2):
        folder = tmp_path / "d"
        storage = f"disk:{folder}" if in_words else stores.DiskStore(path=folder)
        mcp = FastMCP("s", middleware=[ResponseCachingMiddleware()], storage=storage)
        mcp.tool(lambda: runs.append(1) or len(runs), name="count")
        async with create_test_client(mcp) as client:
            assert (await client.call_tool("count")).content[0].text == "1"
    assert runs == [1]


async def test_a_change_of_the_server_empties_the_cache() -> None:
    server = Counting(ResponseCachingMiddleware(list_tools_settings={"ttl": 60}))
    async with create_test_client(server.mcp) as client:
        await client.call_tool("add", {"a": 1})
        before = len(await server.mcp.list_tools())
        server.mcp.tool(lambda: "new", name="new")
        assert len(await server.mcp.list_tools()) == before + 1
        await client.call_tool("add", {"a": 1})
    assert server.runs == [(1, 0), (1, 0)]


def shared(store: Any) -> Counting:
    return Counting(ResponseCachingMiddleware(ttl_seconds=60, storage=store))


async def test_a_change_in_one_worker_empties_the_cache_for_all() -> None:
    """Issue 9: invalidation across processes; here two servers that share nothing but a store."""
    store = stores.MemoryStore()
    one, two = shared(store), shared(store)
    for server in (one, two):
        assert (await server.mcp.call_tool("add", {"a": 1})).structured_content == {"result": 1}
    assert (one.runs, two.runs) == ([(1, 0)], [])
    one.mcp.tool(lambda: "new", name="new")
    await one.mcp.call_tool("add", {"a": 2})  # whatever this process does next, the others know by then
    await two.mcp.call_tool("add", {"a": 1})
    assert two.runs == [(1, 0)], "what was kept before the change is not served"
    await one.mcp.call_tool("add", {"a": 1})
    assert one.runs == [(1, 0), (2, 0)], "but what the other worker kept since is"


async def test_a_change_tells_the_other_workers_even_if_this_one_gets_no_request() -> None:
    store = stores.MemoryStore()
    one, two = shared(store), shared(store)
    await one.mcp.call_tool("add", {"a": 1})
    one.mcp.tool(lambda: "new", name="new")
    await asyncio.gather(*one.cache._answers._telling)
    await two.mcp.call_tool("add", {"a": 1})
    assert two.runs == [(1, 0)]


async def test_an_answer_that_was_under_way_during_a_change_is_not_kept() -> None:
    store = stores.MemoryStore()
    runs: list[str] = []
    begun, waiting = asyncio.Event(), asyncio.Event()
    mcp = FastMCP("s", middleware=[ResponseCachingMiddleware(storage=store)])

    @mcp.tool
    async def slow() -> str:
        runs.append("slow")
        begun.set()
        await waiting.wait()
        return "old"

    call = asyncio.create_task(mcp.call_tool("slow"))
    await begun.wait()
    mcp.tool(lambda: "new", name="new")
    waiting.set()
    await call
    await mcp.call_tool("slow")
    assert runs == ["slow", "slow"]


async def test_a_change_that_cannot_be_told_is_told_later() -> None:
    class Halting(stores.MemoryStore):  # type: ignore[misc]  # made at run time
        down = False

        async def put(self, *args: Any, **options: Any) -> None:
            if self.down:
                raise ConnectionError("down")
            await super().put(*args, **options)

    store = Halting()
    one, two = shared(store), shared(store)
    await one.mcp.call_tool("add", {"a": 1})
    store.down = True
    one.mcp.tool(lambda: "new", name="new")
    await one.mcp.call_tool("add", {"a": 1})
    assert one.runs == [(1, 0)] * 2, "this worker knows"
    store.down = False
    await one.mcp.call_tool("add", {"a": 5})
    await two.mcp.call_tool("add", {"a": 1})
    assert two.runs == [(1, 0)]


async def test_components_that_a_lifespan_registers_are_no_change() -> None:
    """Else a persistent cache would be emptied by each restart."""
    store = stores.MemoryStore()
    runs: list[int] = []
    for _ in range(2):

        @asynccontextmanager
        async def lifespan(server: Any) -> AsyncIterator[None]:
            server.tool(lambda: runs.append(1) or "t", name="t")
            yield

        mcp = FastMCP("s", middleware=[ResponseCachingMiddleware(storage=store)], lifespan=lifespan)
        async with create_test_client(mcp) as client:
            await client.call_tool("t")
    assert runs == [1]


async def test_a_foreign_entry_is_reported_and_not_served(caplog: pytest.LogCaptureFixture) -> None:
    store = stores.MemoryStore()
    server = shared(store)
    await server.mcp.call_tool("add", {"a": 1})
    (key,) = await store.keys(collection="wireglass-cache-tools-call")
    await store.put(key, {"content": "planted"}, collection="wireglass-cache-tools-call")
    assert (await server.mcp.call_tool("add", {"a": 1})).structured_content == {"result": 1}
    assert len(server.runs) == 2
    assert "is skipped" in caplog.text


async def test_a_session_that_switched_components_gets_no_answers_of_others() -> None:
    mcp = FastMCP("s", middleware=[ResponseCachingMiddleware(list_tools_settings={"ttl": 60})])

    @mcp.tool
    async def hide(ctx: Context) -> str:
        await ctx.disable_components(names={"secret"})
        return "hidden"

    @mcp.tool(annotations={"readOnlyHint": False})
    def secret() -> str:
        return "s"

    async with create_test_client(mcp, mode="2025-11-25") as one, create_test_client(mcp, mode="2025-11-25") as two:
        await one.call_tool("hide")
        assert [tool.name for tool in await one.list_tools()] == ["hide"]
        assert [tool.name for tool in await two.list_tools()] == ["hide", "secret"]
        assert [tool.name for tool in await one.list_tools()] == ["hide"]


async def test_results_say_how_long_their_entry_still_counts() -> None:
    """ "Caching", 2026-07-28: `ttlMs` and `cacheScope`; older versions have neither."""
    clock = [1000.0]
    cache = ResponseCachingMiddleware(ttl_seconds=60, list_tools_settings={"ttl": 30})
    cache._answers._clock = lambda: clock[0]
    server = Counting(cache)

    async with create_test_client(server.mcp, mode="2026-07-28") as client:
        first = await client.request("resources/read", {"uri": "data://k"})
        clock[0] += 20
        second = await client.request("resources/read", {"uri": "data://k"})
        assert (first["ttlMs"], second["ttlMs"]) == (60_000, 40_000)
        assert first["cacheScope"] == "private"
        assert 29_000 < (await client.request("tools/list", {}))["ttlMs"] <= 30_000
        assert (await client.request("prompts/list", {}))["ttlMs"] == 0, "what is not cached says what the server says"
    async with create_test_client(server.mcp, mode="2025-11-25") as client:
        assert "ttlMs" not in await client.request("resources/read", {"uri": "data://k"})


async def test_what_a_resource_reads_does_not_decide_for_the_resource() -> None:
    server = Counting(ResponseCachingMiddleware(ttl_seconds=60, read_resource_settings={"ttl": 60}))
    server.cache._kinds["resources/read"] = SimpleNamespace(
        covers=lambda uri: uri == "data://k", seconds=60, included=None
    )

    @server.mcp.resource("all://data")
    async def outer(ctx: Context) -> str:
        return str(await ctx.read_resource("data://k"))

    async with create_test_client(server.mcp, mode="2026-07-28") as client:
        assert (await client.request("resources/read", {"uri": "all://data"}))["ttlMs"] == 0


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
        with Trace("call") as trace, span("chain", "middleware"):
            await server.mcp.call_tool("add", {"a": 1})
        outcomes.append([one.facts["cache"] for one in trace.spans() if "cache" in one.facts])
        assert "cache look-up" in [one.name for one in trace.spans()]
    assert outcomes == [["miss"], ["hit"]]


def test_contradictions_are_refused() -> None:
    with pytest.raises(ValueError, match="same"):
        ResponseCachingMiddleware(storage=object(), cache_storage=object())
    with pytest.raises(ValueError, match="more than 0"):
        ResponseCachingMiddleware(ttl_seconds=0)
