"""JWTs by which a client proves who it is (RFC 7523), signed with joserfc."""

import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from wireglass.errors import SignInError

__all__ = ["AssertionProvider", "SignedJWTParameters", "static_assertion_provider"]

AssertionProvider = Callable[[str], Awaitable[str]]
"""Makes an assertion for an audience."""


@dataclass(kw_only=True)
class SignedJWTParameters:
    """What a client's assertions say. `signing_key` is a private key in PEM."""

    issuer: str
    subject: str
    signing_key: str = field(repr=False)
    signing_algorithm: str = "RS256"
    lifetime_seconds: int = 300
    additional_claims: dict[str, Any] | None = None

    def create_assertion_provider(self) -> AssertionProvider:
        """Signs a fresh assertion each time it is asked."""

        async def provide(audience: str) -> str:
            return self.signed(audience)

        return provide

    def signed(self, audience: str) -> str:
        """One assertion. Raises SignInError when the key cannot sign."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import ECKey, OKPKey, RSAKey

        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": audience,
            "iat": now,
            "exp": now + self.lifetime_seconds,
            "jti": secrets.token_urlsafe(16),
            **(self.additional_claims or {}),
        }
        algorithm = self.signing_algorithm
        kind: Any = {"E": ECKey, "R": RSAKey, "P": RSAKey}.get(algorithm[:1], RSAKey)
        if algorithm.startswith("Ed"):
            kind = OKPKey
        try:
            key = kind.import_key(self.signing_key)
            header = {"alg": algorithm, "typ": "JWT"}
            return jwt.encode(header, claims, key, algorithms=[algorithm])
        except (JoseError, ValueError, TypeError) as error:
            raise SignInError(
                "token",
                f"The client's key cannot sign with {algorithm}: {type(error).__name__}.",
                next_step="Give a private key in PEM that fits the algorithm.",
            ) from error


def static_assertion_provider(token: str) -> AssertionProvider:
    """Always the same assertion: one that a platform issues, such as a workload's identity token."""

    async def provide(audience: str) -> str:
        return token

    return provide
