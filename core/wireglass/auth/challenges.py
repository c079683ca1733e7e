"""Reads `WWW-Authenticate`: which credentials a server wants (RFC 9110 section 11.6.1). Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

__all__ = ["Challenge", "bearer_challenge", "challenges", "wants_password"]

_TOKEN = r"[\w!#$%&'*+.^`|~-]+"
_PARAM = re.compile(rf'({_TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))')
_SCHEME = re.compile(rf"({_TOKEN})(?=[\s,]|\Z)")
_BETWEEN = re.compile(r"[\s,]+")
_ESCAPED = re.compile(r"\\(.)")
_LONGEST = 16_384


@dataclass(frozen=True, slots=True)
class Challenge:
    """One scheme with its parameters; names in lower case, the values unquoted."""

    scheme: str = "Bearer"
    params: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that the operation needs, as the server names them."""
        return tuple(dict.fromkeys(self.params.get("scope", "").split()))

    @property
    def error(self) -> str:
        """The error code (RFC 6750 section 3.1), or empty."""
        return self.params.get("error", "")

    @property
    def resource_metadata(self) -> str:
        """Where the server's metadata is (RFC 9728 section 5.1), or empty."""
        return self.params.get("resource_metadata", "")


def challenges(headers: Iterable[str]) -> tuple[Challenge, ...]:
    """Every challenge of the given header values, in order. What cannot be read is passed over."""
    found: list[Challenge] = []
    for header in headers:
        found += _of(header[:_LONGEST])
    return tuple(found)


def _of(text: str) -> list[Challenge]:
    found: list[tuple[str, dict[str, str]]] = []
    at = 0
    while at < len(text):
        if between := _BETWEEN.match(text, at):
            at = between.end()
        elif found and (param := _PARAM.match(text, at)):
            quoted, plain = param[2], param[3]
            value = plain if quoted is None else _ESCAPED.sub(r"\1", quoted)
            found[-1][1].setdefault(param[1].lower(), value)
            at = param.end()
        elif scheme := _SCHEME.match(text, at):
            found.append((scheme[1], {}))
            at = scheme.end()
        else:
            at += 1
    return [Challenge(scheme, params) for scheme, params in found]


def bearer_challenge(headers: Iterable[str]) -> Challenge | None:
    """The challenge that an OAuth client can meet: DPoP before Bearer, as the stronger one; or None.

    Parameters that only the other one carries are taken over, because servers write them once.
    """
    known = [one for one in challenges(headers) if one.scheme.lower() in ("bearer", "dpop")]
    if not known:
        return None
    best = next((one for one in known if one.scheme.lower() == "dpop"), known[0])
    merged: dict[str, str] = {}
    for one in [best, *known]:
        for name, value in one.params.items():
            merged.setdefault(name, value)
    return Challenge(best.scheme, merged)


def wants_password(headers: Iterable[str]) -> bool:
    """Whether a user name and a password are asked for (RFC 7617), and no token would do."""
    schemes = {one.scheme.lower() for one in challenges(headers)}
    return "basic" in schemes and not schemes & {"bearer", "dpop"}
