"""Lifespans: once for each server, whoever needs it; left in reverse, also after errors and cancels."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from wireglass import Client, Context, FastMCP
from wireglass.middleware.base import Middleware
from wireglass.server.lifespans import combine_lifespans, lifespan

pytestmark = pytest.mark.anyio
HEADERS = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
PING = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25"}}
PING["params"] |= {"capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}  # type: ignore[operator]


class Diary:
    """What happened, and lifespans that write it down."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def lifespan(self, name: str, **yielded: Any) -> Any:
        @asynccontextmanager
        async def run(_server: Any) -> AsyncIterator[dict[str, Any]]:
            self.lines.append(f"{name} in")
            try:
                yield {"name": name, **yielded}
            finally:
                self.lines.append(f"{name} out")

        return run


async def post(app: Any, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
        return await client.post(path, json=PING, headers=HEADERS)


async def test_it_runs_once_however_many_clients_come() -> None:
    diary = Diary()
    mcp = FastMCP("s", lifespan=diary.lifespan("s"))
    async with Client(mcp) as one, Client(mcp, mode="2025-11-25") as two:
        await asyncio.gather(one.list_tools(), two.list_tools())
        assert diary.lines == ["s in"]
    assert diary.lines == ["s in", "s out"]
    async with Client(mcp):
        pass
    assert diary.lines == ["s in", "s out"] * 2, "and again when it is needed again"


async def test_mounted_servers_have_theirs_inside_and_only_once() -> None:
    diary = Diary()
    deep, inner = FastMCP("deep", lifespan=diary.lifespan("deep")), FastMCP("inner", lifespan=diary.lifespan("inner"))
    outer = FastMCP("outer", lifespan=diary.lifespan("outer"))
    inner.mount(deep, "d")
    outer.mount(inner, "i")
    outer.mount(deep, "again")

    @deep.tool
    def whose(ctx: Context) -> str:
        return ctx.lifespan_context["name"]

    async with Client(outer) as client:
        assert (await client.call_tool("i_d_whose")).data == "deep"
        assert (await client.call_tool("again_whose")).data == "deep"
    assert sorted(diary.lines[:3]) == ["deep in", "inner in", "outer in"]
    assert sorted(diary.lines[3:]) == ["deep out", "inner out", "outer out"]
    assert (diary.lines[0], diary.lines[-1]) == ("outer in", "outer out")


async def test_several_are_one_entered_in_order_and_left_in_reverse() -> None:
    diary = Diary()
    both = combine_lifespans(diary.lifespan("db", db=1), diary.lifespan("api", api=2))
    mcp = FastMCP("s", lifespan=both)

    @mcp.tool
    def known(ctx: Context) -> list[str]:
        return sorted(ctx.lifespan_context)

    async with Client(mcp) as client:
        assert (await client.call_tool("known")).data == ["api", "db", "name"]
    assert diary.lines == ["db in", "api in", "api out", "db out"]


async def test_decorated_ones_join_with_a_bar() -> None:
    lines: list[str] = []

    @lifespan
    async def one(_server: Any) -> AsyncIterator[dict[str, int]]:
        lines.append("one")
        yield {"a": 1}

    @lifespan
    async def two(_server: Any) -> AsyncIterator[dict[str, int]]:
        lines.append("two")
        yield {"b": 2}

    mcp = FastMCP("s", lifespan=one | two)
    async with mcp.lifespan() as yielded:
        assert yielded == {"a": 1, "b": 2}
    assert lines == ["one", "two"]
    with pytest.raises(TypeError, match="@lifespan"):
        one | combine_lifespans()  # type: ignore[operator]


async def test_tools_and_middleware_have_what_it_yields() -> None:
    seen: list[str] = []

    class Looks(Middleware):
        async def on_request(self, context: Any, call_next: Any) -> Any:
            seen.append(context.fastmcp_context.lifespan_context["name"])
            return await call_next(context)

    mcp = FastMCP("s", lifespan=Diary().lifespan("s"), middleware=[Looks()])

    @mcp.tool
    def name(ctx: Context) -> str:
        return ctx.fastmcp_context.lifespan_context["name"]

    async with Client(mcp) as client:
        assert (await client.call_tool("name")).data == "s"
    assert set(seen) == {"s"}


async def test_one_that_fails_to_begin_says_so_and_leaves_what_was_begun() -> None:
    diary = Diary()

    @asynccontextmanager
    async def broken(_server: Any) -> AsyncIterator[None]:
        raise ConnectionError("no database")
        yield

    mcp = FastMCP("s", lifespan=combine_lifespans(diary.lifespan("cache"), broken))
    with pytest.raises(ConnectionError, match="no database"):
        async with mcp.lifespan():
            pass
    assert diary.lines == ["cache in", "cache out"]
    assert not mcp.is_running


async def test_errors_and_cancels_inside_still_leave_it() -> None:
    diary = Diary()
    mcp = FastMCP("s", lifespan=diary.lifespan("s"))
    with pytest.raises(ZeroDivisionError):
        async with mcp.lifespan():
            raise ZeroDivisionError
    running = asyncio.Event()

    async def serve() -> None:
        async with mcp.lifespan():
            running.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(serve())
    await running.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert diary.lines == ["s in", "s out"] * 2


@pytest.mark.parametrize("given", ["mcp", "app"])
async def test_a_parent_app_that_passes_it_on_runs_it_once(given: str) -> None:
    diary = Diary()
    mcp = FastMCP("s", lifespan=diary.lifespan("s"))
    inner = mcp.http_app(path="/mcp")
    passed: Any = mcp.lifespan if given == "mcp" else inner.lifespan  # type: ignore[attr-defined]
    outer = Starlette(routes=[Mount("/tools", app=inner)], lifespan=passed)
    async with outer.router.lifespan_context(outer):
        assert (await post(outer, "/tools/mcp")).status_code == 200
    assert diary.lines == ["s in", "s out"]


async def test_a_parent_app_that_forgets_it_is_told_what_to_write(caplog: pytest.LogCaptureFixture) -> None:
    """Issue 9: the second case fails loudly."""
    diary = Diary()
    mcp = FastMCP("shop", lifespan=diary.lifespan("shop"))
    outer = Starlette(routes=[Mount("/tools", app=mcp.http_app(path="/mcp"))])
    async with outer.router.lifespan_context(outer):
        refused = await post(outer, "/tools/mcp")
    assert refused.status_code == 500
    assert "app = FastAPI(lifespan=mcp.lifespan)" in refused.json()["error"]["message"]
    assert "'shop' does not run" in caplog.text
    assert diary.lines == []


async def test_inside_fastapi(caplog: pytest.LogCaptureFixture) -> None:
    fastapi = pytest.importorskip("fastapi")
    mcp = FastMCP("s", lifespan=Diary().lifespan("s"))
    app = fastapi.FastAPI(lifespan=mcp.lifespan)
    app.mount("/ai", mcp.http_app(path="/mcp"))
    async with app.router.lifespan_context(app):
        assert (await post(app, "/ai/mcp")).status_code == 200
