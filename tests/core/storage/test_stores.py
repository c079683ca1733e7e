"""Stores by name, in the spellings of server authors; nothing loads before it is used."""

import builtins
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from wireglass.storage import stores
from wireglass.storage.stores import MissingDriver, default_store, open_store

pytestmark = pytest.mark.anyio


def options(name: str, *args: Any, **given: Any) -> dict[str, Any]:
    return stores._options(name, stores._BACKENDS[name], args, given)


async def test_memory_and_disk_keep_values_by_collection(tmp_path: Path) -> None:
    for store in (stores.MemoryStore(max_entries=5), stores.DiskStore(path=tmp_path / "d")):
        await store.put("k", {"a": 1}, collection="c", ttl=60)
        assert await store.get("k", collection="c") == {"a": 1}
        assert await store.get("k", collection="other") is None
        value, ttl = await store.ttl("k", collection="c")
        assert value == {"a": 1}
        assert ttl is not None
        assert await store.delete("k", collection="c")
        assert await store.get("k", collection="c") is None


async def test_a_disk_store_keeps_values_over_a_restart(tmp_path: Path) -> None:
    await stores.DiskStore(tmp_path / "d").put("k", {"a": 1})
    assert await stores.DiskStore(directory=tmp_path / "d").get("k") == {"a": 1}


async def test_rocksdb_from_its_wheel(tmp_path: Path) -> None:
    pytest.importorskip("rocksdict")
    async with stores.RocksDBStore(path=tmp_path / "r") as store:
        await store.put("k", {"a": [1]})
        assert await store.get("k") == {"a": [1]}


@pytest.mark.parametrize(
    ("name", "driver", "given"),
    [
        ("DynamoDBStore", "aiobotocore", {"table": "t", "region": "eu-west-1", "endpoint_url": "http://127.0.0.1:9"}),
        ("MongoDBStore", "pymongo", {"host": "127.0.0.1", "port": 9, "database": "d"}),
        ("ElasticsearchStore", "elasticsearch", {"hosts": ["http://127.0.0.1:9"]}),
        ("ValkeyStore", "glide", {"host": "127.0.0.1", "port": "9"}),
    ],
)
async def test_stores_whose_server_is_not_at_hand_are_made(name: str, driver: str, given: dict[str, Any]) -> None:
    """Our spellings reach the driver; `tests/peers/test_every_store.py` runs them against servers."""
    pytest.importorskip(driver)
    assert type(getattr(stores, name)(**given)).__name__ == name


@pytest.mark.parametrize(
    ("name", "args", "given", "expected"),
    [
        ("DiskStore", (), {"path": "/p"}, {"directory": "/p"}),
        (
            "RedisStore",
            (),
            {"host": "h", "port": "6380", "password": ""},
            {"host": "h", "port": 6380, "password": None},
        ),
        ("RedisStore", (), {"host": None, "port": 6379}, {"port": 6379}),
        ("RedisStore", ("redis://h",), {}, {"url": "redis://h"}),
        ("DynamoDBStore", (), {"table": "t", "region": "r"}, {"table_name": "t", "region_name": "r"}),
        ("MongoDBStore", (), {"host": "h", "database": "d"}, {"db_name": "d", "url": "mongodb://h:27017"}),
        ("MongoDBStore", ("mongodb://x",), {}, {"db_name": "wireglass", "url": "mongodb://x"}),
        ("ElasticsearchStore", (), {"hosts": ["http://h"]}, {"index_prefix": "wireglass", "url": "http://h"}),
        ("MemcachedStore", (), {"port": "11211"}, {"port": 11211}),
        ("RocksDBStore", (), {"directory": "/p"}, {"path": "/p"}),
    ],
)
def test_spellings(name: str, args: tuple[Any, ...], given: dict[str, Any], expected: dict[str, Any]) -> None:
    assert options(name, *args, **given) == expected


def test_contradicting_spellings_are_refused() -> None:
    with pytest.raises(TypeError, match="both path and directory"):
        stores.DiskStore(path="/a", directory="/b")
    with pytest.raises(TypeError, match="by name"):
        stores.RedisStore("a", "b")


@pytest.mark.parametrize("name", [name for name in stores._BACKENDS if name != "MemoryStore"])
def test_a_missing_driver_names_the_extra(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = stores._BACKENDS[name]
    imported = builtins.__import__

    def refuse(module: str, *args: Any, **options: Any) -> Any:
        raise ImportError(module)

    monkeypatch.setattr(stores, "import_module", refuse)
    stores._store_class.cache_clear()
    try:
        made = getattr(stores, name)
        with pytest.raises(MissingDriver, match=rf"wireglass\[{backend.extra}\]") as caught:
            made(path="x")
        assert isinstance(caught.value, ImportError)
    finally:
        stores._store_class.cache_clear()
    assert builtins.__import__ is imported


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError):
        _ = stores.NoSuchStore


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("memory", "MemoryStore"),
        ("redis://localhost:1/0", "RedisStore"),
        ("memcached://localhost:1", "MemcachedStore"),
    ],
)
async def test_stores_from_text(spelled: str, name: str) -> None:
    assert type(open_store(spelled)).__name__ == name


async def test_disk_from_text_and_nonsense(tmp_path: Path) -> None:
    store = open_store(f"disk:{tmp_path / 'd'}")
    await store.put("k", {"a": 1})
    with pytest.raises(ValueError, match="names no store"):
        open_store("floppy:/a")


async def test_the_default_is_memory_on_linux_and_an_encrypted_disk_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WIREGLASS_STORAGE_KEY", raising=False)
    monkeypatch.delenv("STORAGE_ENCRYPTION_KEY", raising=False)
    assert type(default_store("My Server", platform="linux")).__name__ == "MemoryStore"
    kept: dict[str, str] = {}

    class Chain:
        def get_password(self, service: str, name: str) -> str | None:
            return kept.get(name)

        def set_password(self, service: str, name: str, value: str) -> None:
            kept[name] = value

    from wireglass.storage import keychain

    monkeypatch.setattr(keychain.Secrets, "_find", lambda self: Chain())
    store = default_store("My Server!", platform="darwin", folder=tmp_path)
    await store.put("k", {"a": "planted"})
    again = default_store("My Server!", platform="darwin", folder=tmp_path)
    assert await again.get("k") == {"a": "planted"}
    assert "storage-key" in kept
    assert b"planted" not in everything_below(tmp_path)


def everything_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_without_a_keychain_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from wireglass.storage import keychain

    def none(self: Any) -> None:
        self.problem = "none"

    monkeypatch.setattr(keychain.Secrets, "_find", none)
    assert type(default_store("s", platform="win32", folder=tmp_path)).__name__ == "MemoryStore"
    assert list(tmp_path.iterdir()) == []


def test_importing_the_module_loads_no_driver() -> None:
    code = (
        "import sys, wireglass.storage.stores, wireglass.storage.keychain;"
        "heavy = {'key_value', 'redis', 'cryptography', 'keyring'};"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
