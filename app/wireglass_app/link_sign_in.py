"""The runtime-thread half of signing in to one server: asks by events, takes what the window says. Knows no Qt."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wireglass_app.calls import Target

if TYPE_CHECKING:
    from wireglass.auth.permission import Permission
    from wireglass.auth.signin import OAuth
    from wireglass.auth.steps import SignInStep

__all__ = ["Asking", "LinkSignIn", "Signing", "TokenFacts"]


@dataclass(frozen=True, slots=True)
class Asking:
    """A page waits to be opened by a person."""

    url: str
    issuer: str
    scopes: tuple[str, ...]
    redirect_uri: str
    seconds: float
    """How long the answer is waited for."""


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What may be shown of a token at any time: nothing of its value."""

    issuer: str
    audience: tuple[str, ...]
    resource: str
    scopes: tuple[str, ...]
    expires_at: float | None
    """Seconds since the epoch."""
    renewable: bool
    kind: str
    """"Bearer" or "DPoP"."""
    kept: str
    """Where, in words."""
    header: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    """Names of the members of a JWT; their values are fetched while somebody looks."""
    length: int = 0


@dataclass(frozen=True, slots=True)
class Signing:
    """How a sign-in stands: a step that began, changed or ended; a page that waits (None: no more); a token."""

    step: "SignInStep | None" = None
    asking: Asking | None = None
    asks: bool = False
    token: TokenFacts | None = None
    has_token: bool = False


class LinkSignIn:
    """Makes the `auth` of a client and keeps it for as long as the connection lives."""

    def __init__(self, target: Target, emit: Callable[[Any], None], store: Callable[[], Any]) -> None:
        """`store` gives the `Secrets` that keep tokens; it is asked in a worker thread."""
        self._target, self._emit, self._store = target, emit, store
        self._auth: OAuth | None = None

    def auth(self) -> Any:
        """For `Client(auth=...)`; None where nobody signs in: stdio, by the user's wish, or with a token of theirs."""
        target = self._target
        own = any(name.lower() == "authorization" for name, _ in target.headers)
        if target.kind == "stdio" or target.sign_in == "none" or own:
            return None
        from wireglass.auth.signin import OAuth

        self._auth = OAuth(
            target.url,
            scopes=target.scopes,
            token_storage=self._store,
            client_id=target.client_id or None,
            client_secret=target.client_secret or None,
            on_authorize=self._authorize,
            on_step=self._step,
        )
        return self._auth

    async def known(self) -> None:
        """Tells of the token in use, if there is one."""
        auth = self._auth
        if auth is not None and auth.token is not None:
            self._emit(Signing(token=self._facts(auth), has_token=True))

    async def paste(self, address: str) -> bool:
        """The address that a browser ended at. False when it is no answer to the page that waits."""
        permission = self._auth.permission if self._auth is not None else None
        return permission is not None and permission.paste(address)

    async def stop(self) -> None:
        """Nobody will open the page."""
        permission = self._auth.permission if self._auth is not None else None
        if permission is not None:
            permission.cancel()

    async def again(self) -> None:
        """A new sign-in, with the connection as it is. Raises SignInError."""
        if self._auth is not None:
            await self._auth.sign_in()
            await self.known()

    async def save(self) -> None:
        """Tries the keychain again, after it was locked."""
        if self._auth is not None:
            await self._auth.save_again()
            await self.known()

    async def sign_out(self) -> None:
        """Forgets the token, and has it revoked where that is offered."""
        if self._auth is not None:
            await self._auth.sign_out()
            self._emit(Signing(token=None, has_token=True))

    async def reveal(self) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """The token's text, and the header and claims of a JWT; for as long as somebody looks."""
        from wireglass.auth.token_facts import decode

        token = self._auth.token if self._auth is not None else None
        if token is None:
            return "", {}, {}
        decoded = decode(token.access_token)
        return token.access_token, decoded.header if decoded else {}, decoded.claims if decoded else {}

    def _authorize(self, permission: "Permission") -> None:
        asking = Asking(
            permission.url, permission.issuer, permission.scopes, permission.redirect_uri, permission.seconds
        )
        self._emit(Signing(asking=asking, asks=True))

    def _step(self, step: "SignInStep") -> None:
        over = step.name == "permission" and step.ended_ns is not None
        self._emit(Signing(step=step, asks=over))
        if step.name in ("token", "renewal") and step.state == "ok":
            # The token is set right after the step that got it.
            asyncio.get_running_loop().call_soon(self._tell_token)

    def _tell_token(self) -> None:
        auth = self._auth
        if auth is not None and auth.token is not None:
            self._emit(Signing(token=self._facts(auth), has_token=True))

    @staticmethod
    def _facts(auth: "OAuth") -> TokenFacts:
        from wireglass.auth.token_facts import audience_of, decode

        token = auth.token
        assert token is not None
        decoded = decode(token.access_token)
        return TokenFacts(
            issuer=token.issuer,
            audience=audience_of(token.access_token),
            resource=token.resource,
            scopes=token.scopes,
            expires_at=token.expires_at,
            renewable=bool(token.refresh_token),
            kind=token.token_type,
            kept=auth.storage_problem or "the keychain, for this issuer and server",
            header=tuple(decoded.header) if decoded else (),
            claims=tuple(decoded.claims) if decoded else (),
            length=len(token.access_token),
        )
