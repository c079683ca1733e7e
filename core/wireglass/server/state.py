"""State that outlives a call: the session's, the principal's in the stateless era, a handle's, else the call's own.

Kept in this process. With a store, `stored_state` keeps it instead.
"""

import time
from collections import OrderedDict
from collections.abc import Generator
from typing import Any

from wireglass.session.scope import RequestScope

__all__ = ["Done", "StateVault", "StateView", "owner_of", "owner_of_handle", "owner_of_session"]

_BOUND = 10_000
_LIFETIME = 24 * 3600.0
"""Seconds since the last use after which state of a principal is dropped (handshake sessions drop theirs at once)."""


class Done:
    """An awaitable whose work is already done: `set_state(...)` and `await set_state(...)` are the same."""

    __slots__ = ("_value",)

    def __init__(self, value: Any = None) -> None:
        self._value = value

    def __await__(self) -> Generator[None, None, Any]:
        return self._value
        yield  # never reached; makes this a generator


def owner_of(scope: RequestScope) -> str | None:
    """Whose state a request may see where no connection holds it: an HTTP session's, else a principal's; else None."""
    if not scope.stateless and scope.session.id is not None:
        return owner_of_session(scope.session.id)
    return None if scope.principal is None else f"principal:{scope.principal}"


def owner_of_session(id: str) -> str:
    """The owner of an HTTP session's state."""
    return f"session:{id}"


def owner_of_handle(principal: str | None, handle: str) -> str:
    """Whose state a handle names: of two principals with the same handle, each has its own.

    Raises ValueError for a handle that is empty or longer than 512 characters.
    """
    if not 0 < len(handle) <= 512:
        raise ValueError("A state handle has 1 to 512 characters.")
    return f"handle:{principal!r}:{handle}"


class StateVault:
    """State of owners without a connection. Bounded in number and time."""

    def __init__(self) -> None:
        self._owners: OrderedDict[str, tuple[float, dict[str, Any]]] = OrderedDict()

    def of(self, owner: str) -> dict[str, Any]:
        """The mutable state of one owner."""
        now = time.monotonic()
        _, state = self._owners.pop(owner, (now, {}))
        self._owners[owner] = (now, state)
        while self._owners:
            first = next(iter(self._owners))
            if len(self._owners) <= _BOUND and now - self._owners[first][0] < _LIFETIME:
                break
            if first == owner:
                break
            del self._owners[first]
        return state


class StateView:
    """What one call sees: its own values first, then the shared ones."""

    def __init__(self, shared: dict[str, Any] | None) -> None:
        self._own: dict[str, Any] = {}
        self._shared = shared

    def get(self, key: str, default: Any = None) -> Any:
        """The value of `key`."""
        if key in self._own:
            return self._own[key]
        return default if self._shared is None else self._shared.get(key, default)

    def has(self, key: str) -> bool:
        """Whether `key` was set."""
        return key in self._own or (self._shared is not None and key in self._shared)

    def set(self, key: str, value: Any, *, local: bool = False) -> None:
        """Sets `key`; `local` keeps it for this call."""
        if local or self._shared is None:
            self._own[key] = value
        else:
            self._own.pop(key, None)
            self._shared[key] = value

    def delete(self, key: str) -> None:
        """Forgets `key`."""
        self._own.pop(key, None)
        if self._shared is not None:
            self._shared.pop(key, None)
