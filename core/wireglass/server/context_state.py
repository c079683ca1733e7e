"""The state that `Context` gives access to: the session's, a handle's, the server's, or the call's own."""

from collections.abc import Awaitable, Generator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from wireglass.server.state import Done, StateView
from wireglass.server.stored_state import StoredState

if TYPE_CHECKING:
    from wireglass.server.app import FastMCP
    from wireglass.server.context import Context
    from wireglass.session.scope import RequestScope

__all__ = ["StateAccess"]


_RULES = "wireglass:visibility"
"""The key of what a session switched on and off, among its other state."""


class StateAccess:
    """What a context does with state."""

    _fastmcp: "FastMCP"
    _state: StateView | StoredState | None
    scope: "RequestScope | None"
    parent: "Context | None"

    @property
    def state(self) -> StateView | StoredState:
        """The values that `get_state` and `set_state` work on."""
        if self._state is None:
            self._state = self._fastmcp.state_of(self.scope)
        return self._state

    def require_scope(self) -> "RequestScope":
        """The request on the wire. Raises RuntimeError for calls made in Python."""
        if self.scope is None:
            raise RuntimeError(
                "This needs a client: the call was made in Python, so there is no request. "
                "Use a Client, for example wireglass.testing.create_test_client(server)."
            )
        return self.scope

    async def load_state(self) -> None:
        """Reads what a store has, so that nobody needs to wait for it during the call."""
        state = self.state
        if isinstance(state, StoredState):
            await state.load()
            if self._has_session and state.loaded:
                self._take_rules(state.get(_RULES) or [])

    @property
    def _has_session(self) -> bool:
        return self.scope is not None and not self.scope.stateless and self.scope.session.id is not None

    async def keep_rules(self) -> None:
        """Lets other workers know what this session switched on and off. Raises StateUnavailable."""
        outermost: StateAccess = self
        while outermost.parent is not None:
            outermost = outermost.parent
        if not self._has_session or self.scope is None:
            return
        state = outermost._fastmcp.state_of(self.scope)  # the session's, also after `use_state`
        if isinstance(state, StoredState):
            rules: list[Any] = self.scope.session.attributes.get("wireglass.visibility") or []
            state.set(_RULES, [rule.row() for rule in rules])
            await state.flush()

    def _take_rules(self, rows: list[dict[str, Any]]) -> None:
        assert self.scope is not None
        attributes = self.scope.session.attributes
        if rows or attributes.get("wireglass.visibility"):
            from wireglass.server.transforms.selection import Visibility

            attributes["wireglass.visibility"] = [Visibility.of_row(row) for row in rows]

    async def flush_state(self) -> None:
        """Writes what was set; then no crash of this process loses it. Raises StateUnavailable."""
        if isinstance(self._state, StoredState):
            await self._state.flush()

    @staticmethod
    def new_state_handle() -> str:
        """A handle that nobody can guess: give it to the client, and take it back as an argument of later calls."""
        import secrets

        return secrets.token_urlsafe(24)

    async def use_state(self, handle: str) -> None:
        """From here on, state is that of `handle`: how calls of the stateless era belong together.

        Of two principals with the same handle each has its own. Where callers prove nothing about themselves, whoever
        knows the handle has the state, so use one of `new_state_handle()`. Raises ValueError for a bad
        handle, RuntimeError for calls made in Python, StateUnavailable.
        """
        await self.flush_state()
        if self.scope is None:
            raise RuntimeError("This needs a client: the call was made in Python, so there is nobody to have state.")
        self._state = self._fastmcp.state_of(self.scope, handle)
        if isinstance(self._state, StoredState):
            await self._state.load()

    @property
    def _token(self) -> Any:
        return self.scope.access_token if self.scope is not None else None

    def _find_state(self, key: str, default: Any) -> Any:
        if self.state.has(key):
            return self.state.get(key)
        return _token_fact(self._token, key, default)

    def _server_state(self) -> StateView | StoredState:
        state = self.state
        owner = f"server:{self._fastmcp.name}"
        if isinstance(state, StoredState):
            return state.beside(owner)
        store = self._fastmcp.state_store
        return store.view(owner) if store is not None else StateView(self._fastmcp.own_state)

    def get_state(self, key: str, default: Any = None, *, scope: Literal["session", "server"] = "session") -> Any:
        """The value of `key` in this session's state; awaitable (in files of the 2.x dialect: the value itself).

        Without a value, `user_id` is the token's subject, and other names are its claims. `scope="server"` is the state
        that all callers of this server share, and always awaitable.
        """
        if scope == "server":
            shared = self._server_state()
            return shared.fetch(key, default) if isinstance(shared, StoredState) else Done(shared.get(key, default))
        if self._fastmcp.sync_state:
            return self._find_state(key, default)
        if isinstance(self.state, StoredState):
            return self._fetch_state(self.state, key, default)
        return Done(self._find_state(key, default))

    async def _fetch_state(self, state: StoredState, key: str, default: Any) -> Any:
        fact = _token_fact(self._token, key, default)
        return await state.fetch(key, fact)

    def set_state(
        self, key: str, value: Any, *, serializable: bool = True, scope: Literal["session", "server"] = "session"
    ) -> Awaitable[None]:
        """Sets `key` at once; the result may be awaited. `serializable=False` keeps it for this call only.

        `scope="server"` sets it for all callers of this server; with a store, that form is to be awaited.

        With a store: it has the value once the result was awaited, at the latest before the request is answered; and
        TypeError is raised for a value that JSON cannot hold (files of the 2.x dialect, whose state never outlived a
        call, keep it for the call).
        """
        if scope == "server":
            shared = self._server_state()
            shared.set(key, value)
            return _Flush(shared) if isinstance(shared, StoredState) else Done()
        try:
            self.state.set(key, value, local=not serializable)
        except TypeError:
            if not self._fastmcp.sync_state:
                raise
            self.state.set(key, value, local=True)
        return self._kept()

    def _kept(self) -> Awaitable[None]:
        return _Flush(self.state) if isinstance(self.state, StoredState) else Done()

    def delete_state(self, key: str, *, scope: Literal["session", "server"] = "session") -> Awaitable[None]:
        """Forgets `key` at once; the result may be awaited. `scope` as for `set_state`."""
        if scope == "server":
            shared = self._server_state()
            shared.delete(key)
            return _Flush(shared) if isinstance(shared, StoredState) else Done()
        self.state.delete(key)
        return self._kept()


class _Flush:
    """What `set_state` returns with a store: awaiting it writes; not awaiting it is no mistake."""

    __slots__ = ("_state",)

    def __init__(self, state: StoredState) -> None:
        self._state = state

    def __await__(self) -> Generator[Any, None, None]:
        return self._state.flush().__await__()


def _token_fact(token: Any, key: str, default: Any) -> Any:
    if token is None:
        return default
    claims: Mapping[str, Any] = getattr(token, "claims", None) or {}
    if key == "user_id":
        return claims.get("user_id") or getattr(token, "subject", None) or claims.get("sub") or default
    return claims.get(key, default)
