"""Sessions of the handshake eras, and parked calls, over two workers behind a round robin."""

import asyncio
from collections.abc import AsyncIterator
from itertools import cycle
from typing import Any

import httpx
import pytest

from asgi_wire import AsgiWire
from wireglass import Client, Context, FastMCP
from wireglass.client.transports import StreamableHttpTransport
from wireglass.errors import HttpStatusError, McpError
from wireglass.server.sealing import Seal
from wireglass.server.shared_sessions import SharedSessions
from wireglass.server.stored_state import StateStore, is_shared
from wireglass.storage import stores
from wireglass.storage.encryption import FernetEncryptionWrapper

pytestmark = pytest.mark.anyio
URL = "http://127.0.0.1/mcp"
KEY = b"k" * 32


class Worker:
    """One process's server and app."""

    def __init__(self, name: str, store: Any, *, idle: float = 60) -> None:
        self.name = name
        self.gate = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.begun = asyncio.Event()
        self.mcp = mcp = FastMCP("shop", storage=store, request_state_security=Seal([KEY]))

        @mcp.tool
        async def who() -> str:
            return name

        @mcp.tool
        async def count(ctx: Context) -> int:
            seen = (await ctx.get_state("n") or 0) + 1
            await ctx.set_state("n", seen)
            return seen

        @mcp.tool
        async def ask(ctx: Context) -> str:
            first = await ctx.elicit("First name?", str)
            last = await ctx.elicit("Last name?", str)
            return f"{first.data} {last.data}, asked by {name}"

        @mcp.tool
        async def wait() -> str:
            self.begun.set()
            try:
                await self.gate.wait()
            except asyncio.CancelledError:
                self.cancelled.set()
                raise
            return "done"

        @mcp.tool
        async def hide(ctx: Context) -> str:
            await ctx.disable_components(names={"wait"})
            return name

        @mcp.tool
        async def show(ctx: Context) -> str:
            await ctx.reset_visibility()
            return name

        @mcp.tool
        async def facts(ctx: Context) -> str:
            scope = ctx.require_scope()
            return "|".join([scope.version, (scope.client_info or {})["name"], str(scope.log_level), ctx.session_id])

        self.app = mcp.http_app(session_idle_timeout=idle)

    @property
    def sessions(self) -> Any:
        """The sessions of its endpoint."""
        endpoint = next(route for route in self.app.routes if route.path == "/mcp").endpoint
        return endpoint._endpoint._sessions


class Turns(httpx.AsyncBaseTransport):
    """Each request goes to the next worker."""

    def __init__(self, workers: list[Worker]) -> None:
        self.workers = workers
        self.wires = cycle([AsgiWire(worker.app) for worker in workers])
        self.sent: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request.method)
        return await next(self.wires).handle_async_request(request)

    def client(self, **options: Any) -> Client:
        def factory(**more: Any) -> httpx.AsyncClient:
            return httpx.AsyncClient(transport=self, **more)

        return Client(StreamableHttpTransport(URL, httpx_client_factory=factory), timeout=60, **options)


@pytest.fixture
async def turns() -> AsyncIterator[Turns]:
    store = stores.MemoryStore()
    workers = [Worker(name, store) for name in ("one", "two")]
    async with workers[0].app.lifespan(None), workers[1].app.lifespan(None):  # type: ignore[attr-defined]
        yield Turns(workers)


HANDSHAKE = ["2025-11-25", "2025-06-18", "2025-03-26"]


@pytest.mark.parametrize("mode", HANDSHAKE)
async def test_a_session_goes_on_with_every_worker(turns: Turns, mode: str) -> None:
    async with turns.client(mode=mode, client_info={"name": "Ada's", "version": "1"}) as client:
        await client.set_logging_level("warning")
        answered = {(await client.call_tool("who", {})).content[0].text for _ in range(6)}
        assert answered == {"one", "two"}
        facts = {(await client.call_tool("facts", {})).content[0].text for _ in range(4)}
        assert len(facts) == 1, "every worker knows the same of the session"
        assert facts.pop().startswith(f"{mode}|Ada's|warning|")
        assert [(await client.call_tool("count", {})).content[0].text for _ in range(4)] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("mode", ["2026-07-28", "2025-11-25", "2025-06-18"])
async def test_questions_of_a_call_are_answered_through_either_worker(turns: Turns, mode: str) -> None:
    """Stateless era: the sealed state lets the other worker run the call again with the answers so far. Handshake
    eras: the answer is left for the worker that asked."""
    names = iter(["Ada", "Lovelace"] * 6)

    async def answer(message: str, response_type: Any, params: Any, context: Any) -> Any:
        return {"value": next(names)}

    async with turns.client(mode=mode, elicitation_handler=answer) as client:
        for _ in range(3):
            assert (await client.call_tool("ask", {})).data.startswith("Ada Lovelace, asked by ")


async def test_what_a_session_switches_off_is_off_on_every_worker(turns: Turns) -> None:
    async with turns.client(mode="2025-11-25") as client, turns.client(mode="2025-11-25") as other:
        await client.call_tool("hide", {})
        for _ in range(4):
            assert "wait" not in [tool.name for tool in await client.list_tools()]
        assert "wait" in [tool.name for tool in await other.list_tools()]
        await client.call_tool("show", {})
        for _ in range(4):
            assert "wait" in [tool.name for tool in await client.list_tools()]


async def test_a_cancel_reaches_the_worker_that_works(turns: Turns) -> None:
    async with turns.client(mode="2025-11-25") as client:
        for _ in range(2):  # whichever worker's turn it is
            call = asyncio.create_task(client.call_tool("wait", {}))
            begun = [asyncio.create_task(worker.begun.wait()) for worker in turns.workers]
            await asyncio.wait(begun, timeout=60, return_when=asyncio.FIRST_COMPLETED)
            busy = next(worker for worker in turns.workers if worker.begun.is_set())
            call.cancel()
            await asyncio.wait([call])
            await asyncio.wait_for(busy.cancelled.wait(), 30)
            for task in begun:
                task.cancel()
            busy.begun.clear()
            busy.cancelled.clear()
            await client.ping()


async def test_an_ended_session_is_over_everywhere_and_its_state_gone(turns: Turns) -> None:
    wire = turns.wires
    async with turns.client(mode="2025-11-25") as client:
        await client.call_tool("count", {})
        await client.call_tool("count", {})
        id = (await client.call_tool("facts", {})).data.split("|")[3]
    headers = {
        "accept": "application/json, text/event-stream",
        "content-type": "application/json",
        "mcp-session-id": id,
        "host": "127.0.0.1",
    }
    ping = {"jsonrpc": "2.0", "id": 9, "method": "ping"}
    for _ in range(2):
        async with httpx.AsyncClient(transport=next(wire)) as http:
            assert (await http.post(URL, json=ping, headers=headers)).status_code == 404
    store = turns.workers[0].mcp.state_store
    assert store is not None
    assert await store.load(f"session:{id}") == {}


class Watched(stores.MemoryStore):  # type: ignore[misc]  # made at run time
    """Forgets nothing by time, and tells when a session is saved again."""

    def __init__(self) -> None:
        super().__init__()
        self.saves = 0
        self.saved = asyncio.Event()

    async def put(self, key: str, value: Any, *, collection: str | None = None, ttl: Any = None) -> None:
        await super().put(key, value, collection=collection)
        if collection == "wireglass-sessions":
            self.saves += 1
            self.saved.set()


async def test_a_long_call_keeps_its_session_known_to_all_workers() -> None:
    store = Watched()
    worker = Worker("one", store, idle=0.05)
    async with worker.app.lifespan(None), Turns([worker]).client(mode="2025-11-25") as client:  # type: ignore[attr-defined]
        call = asyncio.create_task(client.call_tool("wait", {}))
        await asyncio.wait_for(worker.begun.wait(), 20)
        for _ in range(3):
            store.saved.clear()
            await asyncio.wait_for(store.saved.wait(), 20)
        worker.gate.set()
        assert (await call).data == "done"


async def test_a_session_that_another_worker_ended_is_not_brought_back_by_a_long_call() -> None:
    store = Watched()
    worker = Worker("one", store, idle=0.05)
    async with worker.app.lifespan(None), Turns([worker]).client(mode="2025-11-25") as client:  # type: ignore[attr-defined]
        call = asyncio.create_task(client.call_tool("wait", {}))
        await asyncio.wait_for(worker.begun.wait(), 20)
        (id,) = worker.sessions._sessions
        await SharedSessions(StateStore(store, "shop"), "shop").end(id)
        await asyncio.wait_for(worker.cancelled.wait(), 20)
        assert await SharedSessions(StateStore(store, "shop"), "shop").find(id) is None
        call.cancel()


async def test_a_restart_of_both_workers_loses_no_session() -> None:
    store = stores.MemoryStore()
    first, second = Worker("first", store), Worker("second", store)
    turns = Turns([first])
    running = first.app.lifespan(None)  # type: ignore[attr-defined]
    await running.__aenter__()
    client = turns.client(mode="2025-11-25")
    async with second.app.lifespan(None), client:  # type: ignore[attr-defined]
        assert (await client.call_tool("count", {})).data == 1
        await running.__aexit__(None, None, None)
        turns.wires = cycle([AsgiWire(second.app)])
        assert (await client.call_tool("count", {})).data == 2
        assert (await client.call_tool("who", {})).data == "second"


class Away(stores.MemoryStore):  # type: ignore[misc]  # made at run time
    """A store whose server goes away."""

    away = False

    async def get(self, key: str, *, collection: str | None = None) -> Any:
        if self.away:
            raise ConnectionError("refused")
        return await super().get(key, collection=collection)

    async def put(self, key: str, value: Any, *, collection: str | None = None, ttl: Any = None) -> None:
        if self.away:
            raise ConnectionError("refused")
        await super().put(key, value, collection=collection, ttl=ttl)


async def test_without_the_store_clients_are_told_to_come_back_later() -> None:
    """A session that cannot be looked up is not a lost one: 503, and the client keeps its session."""
    store = Away()
    worker = Worker("one", store)
    turns = Turns([worker])
    async with worker.app.lifespan(None), turns.client(mode="2025-11-25") as client:  # type: ignore[attr-defined]
        store.away = True
        with pytest.raises(McpError, match="Try again later"):
            await client.call_tool("who", {})
        with pytest.raises((HttpStatusError, McpError)):
            async with turns.client(mode="2025-11-25"):
                pass
        store.away = False
        assert (await client.call_tool("who", {})).data == "one"


async def test_a_store_in_memory_is_not_shared_by_processes(tmp_path: Any) -> None:
    from cryptography.fernet import Fernet

    assert is_shared(stores.DiskStore(path=tmp_path / "d"))
    sealed = FernetEncryptionWrapper(stores.MemoryStore(), fernet=Fernet.generate_key())
    assert not is_shared(sealed)
    assert not is_shared(stores.MemoryStore())


async def test_workers_that_share_sessions_number_their_questions_apart() -> None:
    """Two workers may ask the client of one session at a time. Alone, a server counts from 1."""
    asked: dict[str, list[Any]] = {"shared": [], "alone": []}

    async def answer(message: str, response_type: Any, params: Any, context: Any) -> Any:
        return {"value": "Ada"}

    for kind, store in (("shared", stores.MemoryStore()), ("alone", None)):
        frames: list[Any] = []
        for _ in range(2):
            worker = Worker("one", store)
            turns = Turns([worker])
            async with worker.app.lifespan(None):  # type: ignore[attr-defined]
                options = {"mode": "2025-11-25", "elicitation_handler": answer, "tap": frames.append}
                async with turns.client(**options) as client:
                    await client.call_tool("ask", {})
        sent = [frame.message for frame in frames if frame.sender == "server" and frame.message]
        asked[kind] = [message["id"] for message in sent if message.get("method") == "elicitation/create"]
    assert asked["alone"] == [1, 2, 1, 2]
    assert len(set(asked["shared"])) == 4
