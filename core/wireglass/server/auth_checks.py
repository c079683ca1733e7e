"""Ready-made authorization checks for `auth=` of components, and the smallest verifier of tokens: a table of them."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from wireglass.server.gate import AuthContext

__all__ = ["AccessToken", "AuthCheck", "StaticTokenVerifier", "require_roles", "require_scopes", "restrict_tag"]

AuthCheck = Callable[[AuthContext], Any]
"""Gets who asks and for what; returns or awaits to whether the caller may see and use it."""


class AccessToken(BaseModel):
    """A verified token."""

    model_config = ConfigDict(extra="allow")

    token: str
    client_id: str
    scopes: list[str] = Field(default_factory=list[str])
    expires_at: int | None = None
    resource: str | None = None
    subject: str | None = None
    claims: dict[str, Any] = Field(default_factory=dict[str, Any])


def require_scopes(*scopes: str) -> AuthCheck:
    """The token has all of these scopes."""

    def check(context: AuthContext) -> bool:
        return _has(context, scopes)

    return check


def require_roles(*roles: str, claim: str = "roles") -> AuthCheck:
    """The token's claim of roles has all of these."""

    def check(context: AuthContext) -> bool:
        claims: Mapping[str, Any] = getattr(context.token, "claims", None) or {}
        held = claims.get(claim) or ()
        return set(roles) <= ({held} if isinstance(held, str) else set(held))

    return check


def restrict_tag(tag: str, *, scopes: Sequence[str]) -> AuthCheck:
    """Components with this tag need these scopes; others need none."""

    def check(context: AuthContext) -> bool:
        return tag not in context.component.tags or _has(context, scopes)

    return check


def _has(context: AuthContext, scopes: Sequence[str]) -> bool:
    return context.token is not None and set(scopes) <= set(getattr(context.token, "scopes", None) or ())


class StaticTokenVerifier:
    """Knows tokens by heart: `FastMCP(auth=StaticTokenVerifier({"secret": {"client_id": "ci", "scopes": ["read"]}}))`.

    For tests and development; the tokens stand in the program. Other members of an entry become the token's claims.
    """

    def __init__(self, tokens: Mapping[str, Mapping[str, Any]], required_scopes: Sequence[str] | None = None) -> None:
        self.tokens = {token: dict(facts) for token, facts in tokens.items()}
        self.required_scopes = list(required_scopes or ())

    async def verify_token(self, token: str) -> AccessToken | None:
        """The token's facts; None for one that is unknown or has expired."""
        facts = self.tokens.get(token)
        if facts is None:
            return None
        expires: Any = facts.get("expires_at")
        if expires is not None and expires < time.time():
            return None
        return AccessToken(
            token=token,
            client_id=str(facts.get("client_id", "")),
            scopes=list(facts.get("scopes") or ()),
            expires_at=None if expires is None else int(expires),
            subject=facts.get("sub"),
            claims=facts,
        )
