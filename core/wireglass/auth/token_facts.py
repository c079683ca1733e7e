"""What an access token tells of itself when it is a JWT, for people who inspect it. Verifies nothing. Pure."""

from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json

from wireglass.protocol.messages import JsonObject, is_object

__all__ = ["Decoded", "audience_of", "decode"]


@dataclass(frozen=True, slots=True)
class Decoded:
    """The readable parts of a JWT."""

    header: JsonObject = field(repr=False)
    claims: JsonObject = field(repr=False)


def decode(token: str) -> Decoded | None:
    """Header and claims, or None for a token that is opaque, as most may be (RFC 6749 section 1.4)."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    header, claims = _part(parts[0]), _part(parts[1])
    return Decoded(header, claims) if header is not None and claims is not None else None


def _part(text: str) -> JsonObject | None:
    try:
        found: Any = from_json(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return None
    return found if is_object(found) else None


def audience_of(token: str) -> tuple[str, ...]:
    """For whom the token says it is; empty when it does not say."""
    decoded = decode(token)
    found = decoded.claims.get("aud") if decoded is not None else None
    if isinstance(found, str):
        return (found,)
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()
