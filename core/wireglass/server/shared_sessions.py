"""HTTP sessions of the handshake eras for many workers: what each must know of a session, and letters between them.

A request may reach any worker. The one that has not seen its session takes it up from the store; an answer to a
question that another worker asked, or the cancel of its request, is left there for it as a letter.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from wireglass.protocol.messages import JsonObject, RequestId
from wireglass.server.state import owner_of_session
from wireglass.server.stored_state import StateStore

__all__ = ["SharedSessions"]

_COLLECTION: Final = "wireglass-sessions"
_LETTER_SECONDS: Final = 600.0
_LONGEST_SECONDS: Final = 30 * 24 * 3600.0


class SharedSessions:
    """The `Directory` (see `wireglass.wire.serving`) of one server's endpoint, in a key-value store."""

    def __init__(self, state: StateStore, server: str) -> None:
        self._store = state.store
        self._state = state
        self._server = server

    async def find(self, id: str) -> JsonObject | None:
        """What is known of a session, or None: it never was, or it has ended."""
        found: Any = await self._store.get(self._key(id), collection=_COLLECTION)
        return found if isinstance(found, dict) and "version" in found else None

    async def save(self, id: str, known: JsonObject, seconds: float | None) -> None:
        """Keeps what is known of a session, for so long if nobody uses it."""
        await self._store.put(self._key(id), known, collection=_COLLECTION, ttl=seconds or _LONGEST_SECONDS)

    async def end(self, id: str) -> None:
        """From now on no worker knows the session, and its state is gone."""
        await self._state.forget(owner_of_session(id))
        await self._store.delete(self._key(id), collection=_COLLECTION)

    async def leave(self, id: str, about: RequestId, message: JsonObject) -> None:
        """Leaves a letter for the worker that waits for news of a request."""
        key = self._key(id, about)
        await self._store.put(key, {"message": message}, collection=_COLLECTION, ttl=_LETTER_SECONDS)

    async def collect(self, id: str, about: Sequence[RequestId]) -> list[JsonObject]:
        """Takes the letters about these requests."""
        keys = [self._key(id, one) for one in about]
        letters = await self._store.get_many(keys, collection=_COLLECTION)
        found = {key: letter for key, letter in zip(keys, letters, strict=True) if letter is not None}
        if found:
            await self._store.delete_many(list(found), collection=_COLLECTION)
        return [letter["message"] for letter in found.values() if isinstance(letter.get("message"), dict)]

    def _key(self, *parts: RequestId) -> str:
        """Hashed: a session id is a secret, and keys are not encrypted."""
        return hashlib.sha256(repr((self._server, *parts)).encode()).hexdigest()
