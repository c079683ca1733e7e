"""Keeps results as long as the server allows (`ttlMs`, `cacheScope`; "Caching" of 2026-07-28). One per connection.

A connection speaks for one user, so private and public results are kept alike; nothing is shared between clients.
"""

from collections.abc import Callable
from time import monotonic
from typing import Any, Final

from wireglass.client.expiring import Expiring
from wireglass.protocol.messages import JsonObject
from wireglass.protocol.methods import METHODS

__all__ = ["Catalogue"]

_ENTRIES: Final = 512
_CHANGES: Final = {
    "notifications/tools/list_changed": ("tools/list",),
    "notifications/prompts/list_changed": ("prompts/list",),
    "notifications/resources/list_changed": ("resources/list", "resources/templates/list", "skills/list", "skills/get"),
}
"""Which lists a notification makes stale."""


class Catalogue:
    """Results by method and the params that matter: the cursor, the URI."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._kept = Expiring[tuple[str, Any], JsonObject](_ENTRIES, clock)
        self.generation = 0
        """Rises with each change the server announces; results asked for before it are not kept."""

    def get(self, method: str, params: JsonObject) -> JsonObject | None:
        """A fresh result, or None."""
        return self._kept.get((method, _matters(params)))

    def keep(self, method: str, params: JsonObject, result: JsonObject, *, generation: int) -> None:
        """Keeps a complete result for its `ttlMs`, if it has one. `generation` is that of when it was asked for."""
        ttl = result.get("ttlMs")
        row = METHODS.get(method)
        if row is None or not row.cacheable or result.get("resultType") != "complete":
            return
        if not isinstance(ttl, int | float) or ttl <= 0 or generation != self.generation:
            return
        self._kept.keep((method, _matters(params)), result, ttl / 1000)

    def heard(self, method: str, params: JsonObject) -> None:
        """A notification: forgets what it makes stale."""
        stale = _CHANGES.get(method)
        if stale is not None:
            self.generation += 1
            self._kept.forget(lambda key: key[0] in stale)
        elif method == "notifications/resources/updated":
            self.generation += 1
            self._kept.forget(lambda key: key == ("resources/read", (None, params.get("uri"))))

    def clear(self) -> None:
        """Forgets everything."""
        self.generation += 1
        self._kept.forget(lambda _key: True)


def _matters(params: JsonObject) -> Any:
    return params.get("cursor"), params.get("uri")
