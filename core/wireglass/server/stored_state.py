"""Session state in a key-value store: it outlives the process, and every worker with the same store sees it.

Each value is an entry of its own, so that workers which set different keys at once never undo one another. A list of
the keys stands beside them, for `get_state` calls that are not awaited: those see what was there when the request
began. What was set is written before the request is answered, or when `set_state` is awaited.
"""

import asyncio
import hashlib
import logging
import os
import sys
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast
from weakref import WeakValueDictionary

from pydantic_core import PydanticSerializationError, from_json, to_json

from wireglass.errors import StateUnavailable

__all__ = ["KEEP_SECONDS", "StateStore", "StoredState", "default_state_store", "is_shared", "state_store_of"]

log = logging.getLogger("wireglass.storage")

KEEP_SECONDS: Final = 30 * 24 * 3600.0
"""How long a value stays in the store after it was last set."""
_COLLECTION: Final = "wireglass-state"
_REMEMBERED: Final = 10_000
_GONE: Final = object()


def state_store_of(given: Any, server: str) -> "StateStore | None":
    """The state store of a server: of a store, of one in words ("redis://host", "disk:/path"), or None.

    A store in words is encrypted when the environment has a key for it (`WIREGLASS_STORAGE_KEY`).
    """
    if isinstance(given, str):
        from wireglass.storage.keychain import KEY_VARIABLES, Secrets, storage_key
        from wireglass.storage.stores import open_store

        given = open_store(given)
        if any(os.environ.get(name) for name in KEY_VARIABLES):
            from wireglass.storage.encryption import FernetEncryptionWrapper

            given = FernetEncryptionWrapper(given, fernet=storage_key(Secrets()))
    return None if given is None else StateStore(given, server)


def default_state_store(
    server: str, *, platform: str = sys.platform, folder: Path | None = None
) -> "StateStore | None":
    """Where a server that names no store keeps state: in this process on Linux (None), elsewhere on disk, encrypted.

    Without a keychain or the disk store's driver: in this process.
    """
    if platform not in ("darwin", "win32"):
        return None
    from wireglass.storage.stores import MissingDriver, default_store

    try:
        store = default_store(server, platform=platform, folder=folder)
    except MissingDriver as error:
        log.warning("State of sessions will not survive a restart: %s", error)
        return None
    return StateStore(store, server) if is_shared(store) else None


def is_shared(store: Any) -> bool:
    """Whether other processes see what is in a store: one in memory, wrapped or not, they do not."""
    while hasattr(store, "key_value"):
        store = store.key_value
    return not any(kind.__name__ in ("MemoryStore", "NullStore", "SimpleStore") for kind in type(store).__mro__)


class StateStore:
    """All state of one server, by owner. Servers of different names may share a store."""

    def __init__(self, store: Any, server: str) -> None:
        self.store = store
        """The key-value store itself."""
        self._server = server
        self._owners: WeakValueDictionary[str, _Owner] = WeakValueDictionary()
        self._named: OrderedDict[str, set[str]] = OrderedDict()
        """Keys that this process wrote, by owner: put back into a list that another worker wrote at the same time."""

    def view(self, owner: str) -> "StoredState":
        """What one call sees of its owner's state; not loaded yet."""
        known = self._owners.get(owner)
        if known is None:
            known = self._owners[owner] = _Owner(self, owner)
        return StoredState(self, known)

    async def load(self, owner: str) -> dict[str, Any]:
        """Everything that is kept for an owner. Raises StateUnavailable."""
        try:
            listed = _names_in(await self.store.get(self._key(owner), collection=_COLLECTION))
            names = sorted(listed | self._named.get(owner, set()))
            if not names:
                return {}
            keys = [self._key(owner, name) for name in names]
            entries = await self.store.get_many(keys, collection=_COLLECTION)
            found = {name: entry["value"] for name, entry in zip(names, entries, strict=True) if _is_of(name, entry)}
            if not found.keys() <= listed:
                await self._list(owner, set(found))
        except Exception as error:  # boundary: drivers raise what they like
            raise StateUnavailable("read") from error
        return found

    async def read(self, owner: str, name: str, default: Any = None) -> Any:
        """One value as it is now. Raises StateUnavailable."""
        try:
            entry = await self.store.get(self._key(owner, name), collection=_COLLECTION)
        except Exception as error:  # boundary: as above
            raise StateUnavailable("read") from error
        return entry["value"] if _is_of(name, entry) else default

    async def write(self, owner: str, changes: Mapping[str, Any]) -> None:
        """Sets and deletes; when it returns the store has it. Raises StateUnavailable."""
        kept = {name: value for name, value in changes.items() if value is not _GONE}
        gone = [self._key(owner, name) for name, value in changes.items() if value is _GONE]
        try:
            for name, value in kept.items():
                entry = {"name": name, "value": value}
                await self.store.put(self._key(owner, name), entry, collection=_COLLECTION, ttl=KEEP_SECONDS)
            if not self._named.get(owner, set()) >= kept.keys():
                await self._list(owner, set(kept))
            if gone:
                await self.store.delete_many(gone, collection=_COLLECTION)
        except Exception as error:  # boundary: as above
            raise StateUnavailable("written") from error

    async def forget(self, owner: str) -> None:
        """Deletes what is kept for an owner: its session was ended by its client. Raises StateUnavailable."""
        names = [*await self.load(owner)]
        self._named.pop(owner, None)
        try:
            keys = [self._key(owner), *(self._key(owner, name) for name in names)]
            await self.store.delete_many(keys, collection=_COLLECTION)
        except Exception as error:  # boundary: as above
            raise StateUnavailable("deleted") from error

    async def _list(self, owner: str, names: set[str]) -> None:
        key = self._key(owner)
        listed = _names_in(await self.store.get(key, collection=_COLLECTION))
        await self.store.put(key, {"names": sorted(listed | names)}, collection=_COLLECTION, ttl=KEEP_SECONDS)
        mine = self._named.pop(owner, set())
        self._named[owner] = mine | names
        if len(self._named) > _REMEMBERED:
            self._named.popitem(last=False)

    def _key(self, owner: str, name: str | None = None) -> str:
        """Hashed: an owner may be a session id, which is a secret, and keys are not encrypted."""
        text = to_json([self._server, owner] if name is None else [self._server, owner, name])
        return hashlib.sha256(text).hexdigest()


class _Owner:
    """What calls of one owner in this process have set and the store does not have yet."""

    def __init__(self, store: StateStore, owner: str) -> None:
        self.name = owner
        self.pending: dict[str, Any] = {}
        self._store = store
        self._turn = asyncio.Lock()

    async def flush(self) -> None:
        async with self._turn:
            while self.pending:
                batch = dict(self.pending)
                await self._store.write(self.name, batch)
                for name, value in batch.items():
                    if self.pending.get(name) is value:  # else it was set again meanwhile
                        del self.pending[name]


class StoredState:
    """What one call sees: its own values, what was just set, what was in the store. The form of `StateView`."""

    def __init__(self, store: StateStore, owner: _Owner) -> None:
        self._store = store
        self._owner = owner
        self._own: dict[str, Any] = {}
        self._loaded: dict[str, Any] | None = None
        self._failure: StateUnavailable | None = None

    def beside(self, owner: str) -> "StoredState":
        """The state of another owner in the same store."""
        return self._store.view(owner)

    async def load(self) -> None:
        """Reads everything, for the calls that do not wait. A store that fails is only an error for who asks it."""
        try:
            self._loaded = await self._store.load(self._owner.name)
        except StateUnavailable as error:
            self._failure = error

    @property
    def loaded(self) -> bool:
        """Whether the store answered."""
        return self._loaded is not None

    def has(self, key: str) -> bool:
        """Whether `key` is set, as of the beginning of the request. Raises StateUnavailable."""
        if key in self._own:
            return True
        if key in self._owner.pending:
            return self._owner.pending[key] is not _GONE
        return key in self._at_start()

    def get(self, key: str, default: Any = None) -> Any:
        """The value of `key`, as of the beginning of the request. Raises StateUnavailable."""
        if key in self._own:
            return self._own[key]
        value = self._owner.pending[key] if key in self._owner.pending else self._at_start().get(key, default)
        return default if value is _GONE else value

    def _at_start(self) -> dict[str, Any]:
        if self._failure is not None:
            raise self._failure
        if self._loaded is None:
            raise RuntimeError("The state was not loaded for this request: write `await ctx.get_state(...)`.")
        return self._loaded

    async def fetch(self, key: str, default: Any = None) -> Any:
        """The value of `key` as it is now, whichever worker set it. Raises StateUnavailable."""
        if key in self._own or key in self._owner.pending:
            return self.get(key, default)
        return await self._store.read(self._owner.name, key, default)

    def set(self, key: str, value: Any, *, local: bool = False) -> None:
        """Sets `key`; `local` keeps it for this call. Raises TypeError for a value that JSON cannot hold."""
        if local:
            self._own[key] = value
            return
        self._own.pop(key, None)
        self._owner.pending[key] = plain = _plain(key, value)
        if self._loaded is not None:
            self._loaded[key] = plain

    def delete(self, key: str) -> None:
        """Forgets `key`."""
        self._own.pop(key, None)
        self._owner.pending[key] = _GONE
        if self._loaded is not None:
            self._loaded.pop(key, None)

    async def flush(self) -> None:
        """Writes what was set; then no crash of this process loses it. Raises StateUnavailable."""
        if self._owner.pending:
            await self._owner.flush()


def _plain(key: str, value: Any) -> Any:
    try:
        return from_json(to_json(value))
    except (PydanticSerializationError, ValueError) as error:
        raise TypeError(
            f"The state {key!r} is a {type(value).__name__}, which cannot be stored. "
            f"Write set_state({key!r}, value, serializable=False) to keep it for this call only."
        ) from error


def _names_in(entry: Any) -> set[str]:
    names: Any = cast("dict[str, Any]", entry).get("names") if isinstance(entry, dict) else None
    return {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()


def _is_of(name: str, entry: Any) -> bool:
    """Whether an entry is what we wrote; anything else is reported and not served."""
    if entry is None:
        return False
    if isinstance(entry, dict) and entry.get("name") == name and "value" in entry:
        return True
    log.warning("An entry of the session state is not what was written there and is skipped.")
    return False
