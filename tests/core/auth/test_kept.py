"""Where tokens are kept: the keychain in pieces, memory while it is locked, a key-value store."""

from typing import Any

import pytest
from key_value.aio.stores.memory import MemoryStore

from wireglass.auth.kept import KeychainTokens, MemoryTokens, StoredTokens, TokenStore, token_store
from wireglass.storage.keychain import Secrets, on_secret

pytestmark = pytest.mark.anyio


class Backend:
    """A keychain; `locked` makes it refuse."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.locked = False

    def _check(self) -> None:
        if self.locked:
            raise RuntimeError("the collection is locked")

    def get_password(self, service: str, name: str) -> str | None:
        self._check()
        return self.kept.get(name)

    def set_password(self, service: str, name: str, value: str) -> None:
        self._check()
        assert len(value.encode("utf-16-le")) <= 2560, "more than Windows takes"
        self.kept[name] = value

    def delete_password(self, service: str, name: str) -> None:
        self._check()
        del self.kept[name]


def stores() -> list[TokenStore]:
    return [MemoryTokens(), StoredTokens(MemoryStore()), KeychainTokens(Secrets(backend=Backend()))]


@pytest.mark.parametrize("store", stores(), ids=lambda store: type(store).__name__)
async def test_every_store_keeps_replaces_and_forgets(store: TokenStore) -> None:
    long: dict[str, Any] = {"token": {"access_token": "ü" * 5000}}
    assert await store.read("a") is None
    await store.write("a", long)
    assert await store.read("a") == long
    await store.write("a", {"token": {}})
    assert await store.read("a") == {"token": {}}
    await store.remove("a")
    await store.remove("a")
    assert await store.read("a") is None


async def test_a_shorter_value_leaves_nothing_of_a_longer_one() -> None:
    backend = Backend()
    store = KeychainTokens(Secrets(backend=backend))
    await store.write("a", {"x": "y" * 5000})
    await store.write("a", {"x": "y"})
    assert set(backend.kept) == {"a"}


async def test_a_locked_keychain_keeps_until_the_end_and_says_so() -> None:
    """Design, section 8: "The keychain is locked"."""
    backend = Backend()
    backend.locked = True
    store = KeychainTokens(Secrets(backend=backend))
    await store.write("a", {"x": 1})
    assert await store.read("a") == {"x": 1}
    assert "is locked" in store.problem


async def test_what_is_kept_is_masked_from_then_on() -> None:
    heard: list[str] = []
    stop = on_secret(heard.append)
    try:
        await KeychainTokens(Secrets(backend=Backend())).write("a", {"token": {"refresh_token": "only-here-once"}})
    finally:
        stop()
    assert "only-here-once" in heard


def test_anything_else_is_no_store() -> None:
    with pytest.raises(ValueError, match="token_storage"):
        token_store(3)
