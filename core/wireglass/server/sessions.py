"""State under a name the caller carries: a user's own, or a handle that one tool gives out and others take.

The stateless era has no session that the connection keeps (2026-07-28). `session: UserSession` is the signed-in user's
state; `session_id: SessionId` is a handle from `create_session`, which `SessionProvider` offers.
"""

from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

from wireglass.errors import ToolError
from wireglass.server.context import Context, get_context
from wireglass.server.injection import Dependency
from wireglass.server.providers.local import LocalProvider
from wireglass.server.state import owner_of_handle

if TYPE_CHECKING:
    from wireglass.server.app import FastMCP

__all__ = [
    "SESSION_ID_DESCRIPTION",
    "InvalidSession",
    "Session",
    "SessionId",
    "SessionProvider",
    "UserSession",
    "current_principal",
    "get_session",
    "session_id_parameter_names",
]

SESSION_ID_DESCRIPTION = (
    "Session identifier. Create a session once, then pass the same identifier with every call that belongs to it."
)
_MARK = "\x00created"
"""A handle's own entry: it was given out, even if nothing was kept under it yet."""


class InvalidSession(ToolError):
    """A session id that was never given out to this caller, or whose session has ended."""


class _SessionIdArgument:
    """Marks a parameter that takes a session id, and says so to models."""

    def describe(self, own: str | None) -> str:
        """The author's words, then what the argument is."""
        if own is None or SESSION_ID_DESCRIPTION in own:
            return own or SESSION_ID_DESCRIPTION
        return f"{own}\n\n{SESSION_ID_DESCRIPTION}"


SessionId = Annotated[str, _SessionIdArgument()]
"""Annotation of a parameter that takes a session id."""


class Session:
    """Values kept under one owner, in the server's store or in this process. Values are JSON."""

    def __init__(self, server: "FastMCP", owner: str, id: str | None = None) -> None:
        self._server = server
        self._owner = owner
        self._id = id

    @property
    def id(self) -> str | None:
        """The session id, None for a user's own session."""
        return self._id

    async def get(self, key: str, default: Any = None) -> Any:
        """One value. Raises StateUnavailable when the store does not answer."""
        store = self._server.state_store
        if store is not None:
            return await store.read(self._owner, key, default)
        return self._server.vault.of(self._owner).get(key, default)

    async def set(self, key: str, value: Any) -> None:
        """Sets one value. Raises StateUnavailable."""
        store = self._server.state_store
        if store is not None:
            await store.write(self._owner, {key: value})
        else:
            self._server.vault.of(self._owner)[key] = value

    async def delete(self, key: str) -> None:
        """Forgets one value; one that is not there is no error. Raises StateUnavailable."""
        await self._keep(lambda name: name != key)

    async def clear(self) -> None:
        """Forgets all values; the session stays. Raises StateUnavailable."""
        await self._keep(lambda name: name == _MARK)

    async def _keep(self, wanted: Any) -> None:
        store = self._server.state_store
        if store is None:
            values = self._server.vault.of(self._owner)
            for name in [name for name in values if not wanted(name)]:
                del values[name]
            return
        kept = {name: value for name, value in (await store.load(self._owner)).items() if wanted(name)}
        await store.forget(self._owner)
        if kept:
            await store.write(self._owner, kept)

    async def exists(self) -> bool:
        """Whether its id was given out and its session has not ended."""
        return await self.get(_MARK) is True

    async def create(self) -> None:
        """From here on its id is good."""
        await self.set(_MARK, True)

    async def end(self) -> None:
        """Forgets everything, the id too."""
        await self._keep(lambda _name: False)


class UserSession(Session):
    """The signed-in user's own state, for a parameter `session: UserSession`; absent from the schema.

    Without a user the call fails; `session: UserSession | None = None` gets None instead.
    """

    @staticmethod
    def parameter_dependency(optional: bool) -> Dependency:
        """How a parameter of this type is filled."""
        return _CurrentUserSession(optional)


class _CurrentUserSession(Dependency):
    def __init__(self, optional: bool) -> None:
        self._optional = optional

    async def __aenter__(self) -> UserSession | None:
        principal = current_principal()
        if principal is None:
            if self._optional:
                return None
            raise InvalidSession("This needs a signed-in user, and the request carries no token.")
        return UserSession(get_context().fastmcp, f"user:{principal}")


def current_principal() -> str | None:
    """Who calls, as the access token says; None without one."""
    try:
        scope = get_context().scope
    except RuntimeError:
        return None
    return None if scope is None else scope.principal


async def get_session(session_id: str) -> Session:
    """The session that `create_session` gave this id to. Raises InvalidSession for any other id."""
    session = _session(get_context().fastmcp, session_id)
    if not await session.exists():
        raise InvalidSession("There is no such session. Create one first, and pass the identifier you were given.")
    return session


def _session(server: "FastMCP", session_id: str) -> Session:
    try:
        return Session(server, owner_of_handle(current_principal(), session_id), session_id)
    except ValueError as error:
        raise InvalidSession(str(error)) from error


class SessionProvider(LocalProvider):
    """The tools `create_session` and `end_session`: `mcp.add_provider(SessionProvider())`."""

    def __init__(self) -> None:
        super().__init__()
        self.tool(_create_session, name="create_session")
        self.tool(_end_session, name="end_session")

    def __repr__(self) -> str:
        return "SessionProvider()"


async def _create_session(ctx: Context) -> str:
    """Creates a session and returns its identifier."""
    session_id = str(uuid4())
    await _session(ctx.fastmcp, session_id).create()
    return session_id


async def _end_session(session_id: SessionId) -> str:
    """Ends a session: everything kept under it is forgotten and its identifier is no longer good."""
    await (await get_session(session_id)).end()
    return "The session has ended."


def session_id_parameter_names(fn: Any) -> tuple[str, ...]:
    """The parameters of a function that take a session id and that a caller can fill in."""
    from wireglass.server.functions import plan_function

    plan = plan_function(fn, name="probe")
    return tuple(a.name for a in plan.arguments if any(isinstance(m, _SessionIdArgument) for m in _metadata(a)))


def _metadata(argument: Any) -> tuple[Any, ...]:
    return getattr(argument.annotation, "__metadata__", ())
