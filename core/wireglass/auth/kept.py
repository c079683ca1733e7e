"""Where tokens and registrations are kept: the system's keychain, a key-value store, or memory.

A token is kept per server and says for which issuer and resource it is; a registration is kept per issuer.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Protocol, cast

from pydantic_core import from_json, to_json

from wireglass.auth.turns import turn
from wireglass.protocol.messages import JsonObject, is_object
from wireglass.storage.keychain import Secrets, tell_secret

__all__ = ["KeychainTokens", "MemoryTokens", "StoredTokens", "TokenStore", "token_store"]

_PIECE = 1000
"""Characters in one entry: the credential store of Windows takes 2,560 bytes, and UTF-16 doubles them."""
_SECRET_MEMBERS = ("access_token", "refresh_token", "client_secret", "d")


class TokenStore(Protocol):
    """JSON objects by name."""

    @property
    def problem(self) -> str:
        """Why nothing outlives this process, a sentence; or empty."""
        ...

    def turn(self, name: str) -> AbstractAsyncContextManager[None]:
        """Around the renewal of what has this name, so that processes that share it do so one after the other."""
        ...

    async def read(self, name: str) -> JsonObject | None:
        """The value, or None."""
        ...

    async def write(self, name: str, value: JsonObject) -> None:
        """Keeps a value in the place of an earlier one."""
        ...

    async def remove(self, name: str) -> None:
        """Forgets a value; one that is not there is fine."""
        ...


class MemoryTokens:
    """Keeps until the process ends."""

    problem = ""

    def turn(self, name: str) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    def __init__(self) -> None:
        self._kept: dict[str, JsonObject] = {}

    async def read(self, name: str) -> JsonObject | None:
        return self._kept.get(name)

    async def write(self, name: str, value: JsonObject) -> None:
        self._kept[name] = value

    async def remove(self, name: str) -> None:
        self._kept.pop(name, None)


class KeychainTokens:
    """Keeps in the keychain, through `Secrets`; in memory when that is locked. Long values are kept in pieces."""

    def __init__(self, secrets: Secrets | Callable[[], Secrets] | None = None) -> None:
        """A function is called in a thread, when the keychain is first needed."""
        self._secrets = secrets if isinstance(secrets, Secrets) else None
        self._make = Secrets if secrets is None or isinstance(secrets, Secrets) else secrets
        self._gate = asyncio.Lock()

    @property
    def problem(self) -> str:
        """What the keychain says; empty before it was asked."""
        return self._secrets.problem if self._secrets is not None else ""

    def turn(self, name: str) -> AbstractAsyncContextManager[None]:
        return turn(name)

    async def read(self, name: str) -> JsonObject | None:
        async with self._gate:
            text = await asyncio.to_thread(self._read, name)
        try:
            found: Any = from_json(text) if text else None
        except ValueError:
            return None
        if not is_object(found):
            return None
        _mask(found)
        return found

    async def write(self, name: str, value: JsonObject) -> None:
        _mask(value)
        async with self._gate:
            await asyncio.to_thread(self._write, name, to_json(value).decode())

    async def remove(self, name: str) -> None:
        async with self._gate:
            await asyncio.to_thread(self._remove, name)

    # In a thread: a keychain may ask its user for a password

    def _open(self) -> Secrets:
        if self._secrets is None:
            self._secrets = self._make()
        return self._secrets

    def _read(self, name: str) -> str:
        secrets = self._open()
        head = secrets.get(name) or ""
        count, mark, text = head.partition("|")
        if not mark or not count.isdecimal():
            return ""
        return text + "".join(secrets.get(f"{name}#{piece}") or "" for piece in range(1, int(count)))

    def _write(self, name: str, text: str) -> None:
        self._remove(name)
        pieces = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)] or [""]
        for number, piece in enumerate(pieces[1:], 1):
            self._open().set(f"{name}#{number}", piece)
        self._open().set(name, f"{len(pieces)}|{pieces[0]}")

    def _remove(self, name: str) -> None:
        secrets = self._open()
        count = (secrets.get(name) or "").partition("|")[0]
        secrets.delete(name)
        for piece in range(1, int(count) if count.isdecimal() else 1):
            secrets.delete(f"{name}#{piece}")


class StoredTokens:
    """Keeps in a py-key-value store. Wrap it with encryption when it is on disk."""

    collection = "wireglass-oauth"
    problem = ""

    def __init__(self, store: Any) -> None:
        self._store = store

    def turn(self, name: str) -> AbstractAsyncContextManager[None]:
        """On one machine: these stores have nothing that processes on several could wait for."""
        return turn(name)

    async def read(self, name: str) -> JsonObject | None:
        found = await self._store.get(key=name, collection=self.collection)
        if found is None:
            return None
        _mask(found)
        return dict(found)

    async def write(self, name: str, value: JsonObject) -> None:
        _mask(value)
        await self._store.put(key=name, value=value, collection=self.collection)

    async def remove(self, name: str) -> None:
        await self._store.delete(key=name, collection=self.collection)


def _mask(value: Any) -> None:
    """Has the secrets inside masked wherever text is recorded."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name in _SECRET_MEMBERS and isinstance(part, str):
                tell_secret(part)
            else:
                _mask(part)


def token_store(given: Any) -> TokenStore:
    """The store for what users give: one of ours, `Secrets` or what makes one, a py-key-value store, "memory", or None
    for the keychain.

    Raises ValueError for anything else.
    """
    if given is None:
        return KeychainTokens()
    if given == "memory":
        return MemoryTokens()
    if isinstance(given, Secrets):
        return KeychainTokens(given)
    if hasattr(given, "read") and hasattr(given, "write") and hasattr(given, "remove"):
        return given
    if callable(given):
        return KeychainTokens(cast("Callable[[], Secrets]", given))
    if hasattr(given, "get") and hasattr(given, "put") and hasattr(given, "delete"):
        return StoredTokens(given)
    raise ValueError(f"token_storage is a key-value store, Secrets, 'memory' or None; not {type(given).__name__}.")
