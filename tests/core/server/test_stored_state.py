"""State of sessions in a store: over restarts, for all workers, for nobody else."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from wireglass import Context, FastMCP
from wireglass.errors import StateUnavailable
from wireglass.server.stored_state import StateStore, default_state_store
from wireglass.session.scope import SessionFacts
from wireglass.session.server_end import answer_one
from wireglass.storage import stores
from wireglass.storage.encryption import FernetEncryptionWrapper
from wireglass.wire.base import HttpContext

pytestmark = pytest.mark.anyio
STATELESS = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


class Worker:
    """A server as one worker process has it; all that workers share is the store."""

    def __init__(self, store: Any, **options: Any) -> None:
        self.mcp = mcp = FastMCP("shop", session_state_store=store, **options)

        @mcp.tool
        async def put(key: str, value: Any, ctx: Context) -> str:
            await ctx.set_state(key, value)
            return "kept"

        @mcp.tool
        async def put_and_go(key: str, value: Any, ctx: Context) -> str:
            ctx.set_state(key, value)  # not awaited, as code of older dialects has it
            return "kept"

        @mcp.tool
        async def get(key: str, ctx: Context) -> str:
            return json.dumps([await ctx.get_state(key), ctx.fastmcp_context.get_state(key)])

        @mcp.tool
        def get_in_thread(key: str, ctx: Context) -> str:
            return json.dumps(ctx.fastmcp_context.get_state(key))

        @mcp.tool
        async def drop(key: str, ctx: Context) -> str:
            await ctx.delete_state(key)
            return "gone"

        @mcp.tool
        async def basket(handle: str, item: str | None, ctx: Context) -> str:
            await ctx.use_state(handle)
            if item is not None:
                await ctx.set_state("item", item)
            return json.dumps(await ctx.get_state("item"))

        @mcp.tool
        async def fail(ctx: Context) -> str:
            ctx.set_state("before", 1)
            raise ValueError("after setting")

        @mcp.tool
        async def put_object(ctx: Context) -> str:
            await ctx.set_state("object", object())
            return "kept"

        @mcp.tool
        async def put_object_here(ctx: Context) -> Any:
            await ctx.set_state("object", object(), serializable=False)
            return type(await ctx.get_state("object")).__name__

    async def call(
        self, name: str, session: str | None = None, principal: str | None = None, /, **arguments: Any
    ) -> Any:
        """`tools/call` of a handshake session, or without one in the stateless era; the structured result."""
        params: dict[str, Any] = {"name": name, "arguments": arguments}
        if session is None:
            params["_meta"] = STATELESS
        reply = await answer_one(
            self.mcp._handle,
            {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params},
            http=HttpContext(principal=principal),
            version=None if session is None else "2025-11-25",
            session=None if session is None else SessionFacts(session, "streamable-http"),
        )
        assert reply is not None
        if "error" in reply:
            return reply["error"]["message"]
        text = reply["result"]["content"][0]["text"]
        return json.loads(text) if text[0] in '["{n' else text


async def test_what_one_worker_sets_every_worker_has() -> None:
    store = stores.MemoryStore()
    one, two = Worker(store), Worker(store)
    await one.call("put", "s1", key="who", value={"name": "Ada"})
    assert await two.call("get", "s1", key="who") == [{"name": "Ada"}] * 2
    assert await two.call("get_in_thread", "s1", key="who") == {"name": "Ada"}
    await two.call("drop", "s1", key="who")
    assert await one.call("get", "s1", key="who") == [None, None]


async def test_a_restart_keeps_it(tmp_path: Path) -> None:
    key = Fernet.generate_key()

    def sealed() -> Any:
        return FernetEncryptionWrapper(stores.DiskStore(path=tmp_path / "d"), fernet=key)

    await Worker(sealed()).call("put", "s1", key="n", value=7)
    assert await Worker(sealed()).call("get", "s1", key="n") == [7, 7]


async def test_a_store_in_words_and_the_general_storage_do_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIREGLASS_STORAGE", f"disk:{tmp_path / 'd'}")
    await Worker(None).call("put", "s1", key="n", value=1)
    monkeypatch.delenv("WIREGLASS_STORAGE")
    assert await Worker(None, storage=stores.DiskStore(path=tmp_path / "d")).call("get", "s1", key="n") == [1, 1]
    assert Worker(None).mcp.state_store is None


async def test_setting_without_awaiting_is_kept_before_the_answer_goes_out() -> None:
    store = stores.MemoryStore()
    await Worker(store).call("put_and_go", "s1", key="n", value=1)
    assert await Worker(store).call("get", "s1", key="n") == [1, 1]
    assert "after setting" in await Worker(store).call("fail", "s1")
    assert await Worker(store).call("get", "s1", key="before") == [1, 1]


@pytest.mark.parametrize("dialect", ["R", "2"])
async def test_files_of_older_dialects_keep_their_state_without_a_word_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dialect: str
) -> None:
    """Their `get_state` is not awaited: of dialect R on `context.fastmcp_context`, of dialect 2 on the context."""
    monkeypatch.setenv("WIREGLASS_DIALECT", dialect)

    class Older(Worker):
        def __init__(self) -> None:
            super().__init__(None, storage=stores.DiskStore(path=tmp_path / "d"))

            @self.mcp.tool
            async def set_config(key: str, value: str, context: Context) -> str:
                where = context.fastmcp_context if dialect == "R" else context
                where.set_state(key, value)
                return where.get_state(key)

            @self.mcp.tool
            def get_config(key: str, context: Context) -> str:
                where = context.fastmcp_context if dialect == "R" else context
                return str(where.get_state(key))

            @self.mcp.tool
            async def set_object(context: Context) -> str:
                where = context.fastmcp_context if dialect == "R" else context
                where.set_state("client", object(), **({"serializable": False} if dialect == "R" else {}))
                return type(where.get_state("client")).__name__

    assert await Older().call("set_config", "s1", key="unit", value="metre") == "metre"
    assert await Older().call("get_config", "s1", key="unit") == "metre"
    assert await Older().call("get_config", "s2", key="unit") == "None"
    assert await Older().call("set_object", "s1") == "object"


async def test_sessions_principals_and_servers_see_only_their_own() -> None:
    store = stores.MemoryStore()
    worker = Worker(store)
    await worker.call("put", "s1", key="n", value=1)
    assert await worker.call("get", "s2", key="n") == [None, None]
    await worker.call("put", None, "ada", key="n", value=2)
    assert await worker.call("get", None, "ada", key="n") == [2, 2]
    assert await worker.call("get", None, "eve", key="n") == [None, None]
    assert await worker.call("get", None, None, key="n") == [None, None], "nobody in particular has no state"
    other = FastMCP("another", storage=store)
    assert await other.state_store.read("session:s1", "n") is None  # type: ignore[union-attr]


@pytest.mark.parametrize("stored", [True, False])
async def test_a_handle_joins_calls_of_the_stateless_era(stored: bool) -> None:
    worker = Worker(stores.MemoryStore() if stored else None)
    handle = Context.new_state_handle()
    assert await worker.call("basket", None, None, handle=handle, item="lamp") == "lamp"
    assert await worker.call("basket", None, None, handle=handle, item=None) == "lamp"
    assert await worker.call("basket", None, None, handle=Context.new_state_handle(), item=None) is None
    assert await worker.call("basket", None, "eve", handle=handle, item=None) is None, "not another principal's"
    assert "1 to 512 characters" in await worker.call("basket", None, None, handle="", item=None)


@pytest.mark.parametrize("stored", [True, False])
async def test_state_of_the_server_is_everybodys(stored: bool) -> None:
    store = stores.MemoryStore() if stored else None
    one = Worker(store)
    two = Worker(store) if stored else one
    for worker in {id(one): one, id(two): two}.values():

        @worker.mcp.tool
        async def visit(ctx: Context) -> str:
            seen = await ctx.get_state("visits", 0, scope="server") + 1
            await ctx.set_state("visits", seen, scope="server")
            assert await ctx.get_state("visits") is None, "another drawer"
            return str(seen)

        @worker.mcp.tool
        async def reset(ctx: Context) -> str:
            await ctx.delete_state("visits", scope="server")
            return str(await ctx.fastmcp_context.get_state("visits", 0, scope="server"))

    counts = [await one.call("visit", "s1"), await two.call("visit", "s2"), await one.call("visit", None, "ada")]
    assert counts == ["1", "2", "3"]
    assert await two.call("reset", "s2") == "0"
    assert await one.call("visit", "s1") == "1"


async def test_workers_that_set_different_keys_at_once_undo_nothing() -> None:
    store = stores.MemoryStore()
    workers = [Worker(store) for _ in range(4)]
    sets = [worker.call("put", "s1", key=f"k{n}", value=n) for n, worker in enumerate(workers * 5)]
    await asyncio.gather(*sets)
    for n in range(20):
        assert (await workers[0].call("get", "s1", key=f"k{n}"))[0] == n


async def test_a_key_that_another_workers_list_dropped_is_listed_again() -> None:
    """Two workers that name their first keys at the same moment write the list over one another."""
    store = stores.MemoryStore()
    one, two = StateStore(store, "shop"), StateStore(store, "shop")
    await one.write("o", {"a": 1})
    await store.put(one._key("o"), {"names": ["b"]}, collection="wireglass-state")
    await two.write("o", {"b": 2})
    assert await two.load("o") == {"b": 2}
    assert await one.load("o") == {"a": 1, "b": 2}
    assert await two.load("o") == {"a": 1, "b": 2}


async def test_values_without_a_json_form_are_refused_or_kept_for_the_call() -> None:
    worker = Worker(stores.MemoryStore())
    refusal = await worker.call("put_object", "s1")
    assert "serializable=False" in refusal
    assert "object" in refusal
    assert await worker.call("put_object_here", "s1") == "object"
    assert await worker.call("get", "s1", key="object") == [None, None]


class Broken(stores.MemoryStore):  # type: ignore[misc]  # made at run time
    """A store whose server went away."""

    down = False

    async def get(self, key: str, *, collection: str | None = None) -> Any:
        if self.down:
            raise ConnectionError("refused")
        return await super().get(key, collection=collection)

    async def put(self, key: str, value: Any, *, collection: str | None = None, ttl: Any = None) -> None:
        if self.down:
            raise ConnectionError("refused")
        await super().put(key, value, collection=collection, ttl=ttl)


async def test_a_store_that_is_down_fails_those_who_need_it_and_nobody_else() -> None:
    store = Broken()
    worker = Worker(store)

    @worker.mcp.tool
    async def plain() -> str:
        return "fine"

    store.down = True
    assert await worker.call("plain", "s1") == "fine"
    assert "its store does not answer" in await worker.call("get", "s1", key="n")
    assert "its store does not answer" in await worker.call("put", "s1", key="n", value=1)
    assert "its store does not answer" in await worker.call("put_and_go", "s1", key="n", value=1), "not acknowledged"
    store.down = False
    assert await worker.call("put", "s1", key="n", value=2) == "kept"
    assert await Worker(store).call("get", "s1", key="n") == [2, 2]


async def test_a_foreign_entry_is_not_served(caplog: pytest.LogCaptureFixture) -> None:
    store = stores.MemoryStore()
    worker = Worker(store)
    await worker.call("put", "s1", key="n", value=1)
    assert worker.mcp.state_store is not None
    await store.put(worker.mcp.state_store._key("session:s1", "n"), {"x": 1}, collection="wireglass-state")
    assert await worker.call("get", "s1", key="n") == [None, None]
    assert "is skipped" in caplog.text


async def test_forgetting_an_owner_takes_everything() -> None:
    store = stores.MemoryStore()
    kept = StateStore(store, "shop")
    await kept.write("o", {"a": 1, "b": 2})
    await kept.forget("o")
    assert await StateStore(store, "shop").load("o") == {}
    assert await kept.read("o", "a") is None


async def test_a_mounted_server_uses_the_store_of_the_one_around_it() -> None:
    store = stores.MemoryStore()
    inner = Worker(None)
    for _ in range(2):
        outer = FastMCP("outer", storage=store)
        outer.mount(inner.mcp, "in")
        inner.outer = outer  # type: ignore[attr-defined]
    worker = Worker(store)
    worker.mcp = outer
    await worker.call("in_put", "s1", key="n", value=3)
    assert await worker.call("in_get", "s1", key="n") == [3, 3]
    assert await StateStore(store, "outer").read("session:s1", "n") == 3


async def test_state_unavailable_says_what_to_do() -> None:
    assert StateUnavailable("read").next_step


async def test_a_store_in_words_is_encrypted_when_there_is_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIREGLASS_STORAGE", f"disk:{tmp_path / 'd'}")
    monkeypatch.setenv("WIREGLASS_STORAGE_KEY", Fernet.generate_key().decode())
    await Worker(None).call("put", "s1", key="secret", value="planted")
    assert await Worker(None).call("get", "s1", key="secret") == ["planted", "planted"]
    assert b"planted" not in written_in(tmp_path)


def written_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


class Keychain:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))

    def set_password(self, service: str, name: str, value: str) -> None:
        self.kept[service, name] = value


@pytest.mark.parametrize("platform", ["darwin", "win32"])
async def test_the_platforms_default_is_an_encrypted_disk_store_except_on_linux(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    keychain = Keychain()
    monkeypatch.setattr("wireglass.storage.keychain.Secrets._find", lambda self: keychain)
    assert default_state_store("shop", platform="linux") is None
    for _ in range(2):
        made = default_state_store("shop", platform=platform, folder=tmp_path)
        assert made is not None
        await made.write("session:1", {"who": "planted"})
        assert await made.load("session:1") == {"who": "planted"}
    assert b"planted" not in written_in(tmp_path)


async def test_without_a_keychain_the_default_is_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(self: Any) -> None:
        self.problem = "There is no keychain."

    monkeypatch.setattr("wireglass.storage.keychain.Secrets._find", locked)
    assert default_state_store("shop", platform="darwin", folder=tmp_path) is None
