"""States of parked calls work once, on whichever worker ("Security" of MRTR, 2026-07-28: one-time use needs memory).

A state that goes out leaves a ticket in the store that the workers share; whoever takes the state takes the ticket, by
deleting it. Stores tell who deleted an entry (Redis, Valkey, MongoDB, DynamoDB, PostgreSQL, Memcached, Elasticsearch
and disk do so atomically), so of two workers that get the same state at once one goes on and the other refuses.
"""

import hashlib
from typing import Any, Final

from pydantic_core import to_json

from wireglass.errors import StateUnavailable
from wireglass.server.sealing import LIFETIME_SECONDS
from wireglass.server.stored_state import StateStore, is_shared

__all__ = ["Tickets", "tickets_of"]

_COLLECTION: Final = "wireglass-parked"


class Tickets:
    """The tickets of one server's states. `seconds` is how long a state lives."""

    def __init__(self, store: Any, server: str, seconds: float) -> None:
        self._store = store
        self._server = server
        self._seconds = seconds

    async def issue(self, call: str, round: int) -> None:
        """A state of this round may be used. Raises StateUnavailable."""
        try:
            await self._store.put(self._key(call, round), {"round": round}, collection=_COLLECTION, ttl=self._seconds)
        except Exception as error:  # boundary: drivers raise what they like
            raise StateUnavailable("written") from error

    async def take(self, call: str, round: int) -> bool:
        """Uses the state of this round up. False: it was used before, or is too old. Raises StateUnavailable."""
        try:
            return bool(await self._store.delete(self._key(call, round), collection=_COLLECTION))
        except Exception as error:  # boundary: as above
            raise StateUnavailable("deleted") from error

    def _key(self, call: str, round: int) -> str:
        return hashlib.sha256(to_json([self._server, call, round])).hexdigest()


def tickets_of(state: StateStore | None, server: str) -> Tickets | None:
    """The tickets of a server; None without a store that other processes see."""
    if state is None or not is_shared(state.store):
        return None
    return Tickets(state.store, server, LIFETIME_SECONDS)
