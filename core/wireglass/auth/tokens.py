"""Tokens and clients: how a client names itself at the token endpoint, and what comes back (RFC 6749). Pure."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal
from urllib.parse import quote_plus

from wireglass.auth.metadata import AuthorizationServer
from wireglass.auth.steps import Fetch, Fetched, Flow, Sign, StepName
from wireglass.errors import SignInError
from wireglass.protocol.messages import JsonObject

__all__ = [
    "ASSERTION_TYPE",
    "AuthMethod",
    "RegisteredClient",
    "Token",
    "authenticated",
    "choose_method",
    "method_of",
    "read_token",
    "refused",
    "request_token",
    "union",
]

AuthMethod = Literal["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]
METHODS: Final[tuple[AuthMethod, ...]] = ("none", "client_secret_basic", "client_secret_post", "private_key_jwt")
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_EARLY_SECONDS: Final = 30.0
"""A token counts as expired this much early: a request takes time, and clocks differ."""


def union(*scopes: Iterable[str]) -> tuple[str, ...]:
    """All scopes once, in the order in which they were first named."""
    return tuple(dict.fromkeys(one for group in scopes for one in group))


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """Who we are for one issuer. Never used with another (2026-07-28), except a metadata document's URL."""

    client_id: str
    issuer: str = ""
    method: AuthMethod = "none"
    client_secret: str = field(default="", repr=False)
    expires_at: float = 0
    """When the secret ends, seconds since the epoch; 0 for never."""
    redirect_uris: tuple[str, ...] = ()
    kind: Literal["given", "document", "registered"] = "given"

    def to_json(self) -> JsonObject:
        """For the keyring."""
        return asdict(self)

    @staticmethod
    def from_json(value: JsonObject) -> "RegisteredClient | None":
        """What was kept, or None when it cannot be read."""
        members: Any = {**value, "redirect_uris": tuple(value.get("redirect_uris", ()))}
        try:
            return RegisteredClient(**members)
        except TypeError:
            return None


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and what is known of it. `expires_at` is in seconds since the epoch, None when unknown."""

    access_token: str = field(repr=False)
    issuer: str
    resource: str
    token_type: str = "Bearer"
    expires_at: float | None = None
    refresh_token: str = field(default="", repr=False)
    scopes: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    """The scopes that were requested; a step-up asks for these too."""

    def expired(self, now: float) -> bool:
        """Whether it should not be sent any more."""
        return self.expires_at is not None and now >= self.expires_at - _EARLY_SECONDS

    def to_json(self) -> JsonObject:
        """For the keyring."""
        return asdict(self)

    @staticmethod
    def from_json(value: JsonObject) -> "Token | None":
        """What was kept, or None when it cannot be read."""
        members: Any = {**value, **{name: tuple(value.get(name, ())) for name in ("scopes", "asked")}}
        try:
            return Token(**members)
        except TypeError:
            return None

    def renewed(self, other: "Token") -> "Token":
        """`other`, with our refresh token and scopes where it brought none (RFC 6749 section 6)."""
        return replace(
            other,
            refresh_token=other.refresh_token or self.refresh_token,
            scopes=other.scopes or self.scopes,
            asked=union(self.asked, other.asked),
        )


def choose_method(server: AuthorizationServer, *, secret: bool, key: bool = False) -> AuthMethod:
    """How to authenticate at the token endpoint: what the server supports of what we can do.

    Raises SignInError when it supports nothing that we can.
    """
    offered = server.token_auth_methods if server.token_auth_methods is not None else ("client_secret_basic",)
    ours: tuple[AuthMethod, ...] = ("none",)
    if key:
        ours = ("private_key_jwt",)
    elif secret:
        ours = ("client_secret_basic", "client_secret_post")
    for method in ours:
        if method in offered:
            return method
    if server.token_auth_methods is None:
        return ours[0]
    raise SignInError(
        "client",
        f"{server.issuer} takes {', '.join(offered) or 'no way'} to name a client, and we have {' or '.join(ours)}.",
        next_step="Give credentials of a kind that it takes.",
    )


def method_of(value: Any) -> AuthMethod | None:
    """A method by its name, if we know it."""
    return value if value in METHODS else None


def authenticated(
    server: AuthorizationServer, client: RegisteredClient, fields: dict[str, str]
) -> Flow[tuple[dict[str, str], dict[str, str]]]:
    """The form and headers of a request in which the client names itself (RFC 6749 section 2.3)."""
    # Servers of the Python SDK look for the id in the form even when the header has it; others do not mind.
    form, headers = {**fields, "client_id": client.client_id}, dict[str, str]()
    match client.method:
        case "client_secret_basic":
            pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
            headers["authorization"] = "Basic " + b64encode(pair.encode()).decode("ascii")
        case "client_secret_post":
            form["client_secret"] = client.client_secret
        case "private_key_jwt":
            # The issuer, not the endpoint: an audience that only this server accepts (draft-ietf-oauth-rfc7523bis).
            assertion: str = yield Sign(server.issuer)
            form |= {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
        case "none":
            pass
    return form, headers


def request_token(
    server: AuthorizationServer, client: RegisteredClient, fields: dict[str, str], *, step: StepName = "token"
) -> Flow[JsonObject]:
    """One token request. Returns the answer's JSON; raises SignInError with the server's error code."""
    form, headers = yield from authenticated(server, client, fields)
    answer: Fetched = yield Fetch.form(server.token_endpoint, form, headers)
    body = answer.json()
    if answer.status >= 300 or body is None:
        raise refused(step, "The token request was refused", answer)
    return body


def refused(step: StepName, what: str, answer: Fetched) -> SignInError:
    """The error for an answer that is no success; quotes the server's own words, cut short."""
    body = answer.json() or {}
    code, words = str(body.get("error", ""))[:80], str(body.get("error_description", ""))[:400]
    said = f"{code}: {words}" if code and words else code or words or f"HTTP status {answer.status}"
    return SignInError(
        step, f"{what}. The server says: {said.rstrip('.')}.", next_step=_REMEDIES.get(code, ""), code=code
    )


_REMEDIES: Final = {
    "invalid_client": "The client's registration is not known any more, or its secret is wrong. Sign in again.",
    "invalid_grant": "The permission has ended or was used before. Sign in again.",
    "invalid_scope": "Ask for fewer scopes, or for those that the server names.",
    "unauthorized_client": "This client may not sign in this way. Use other credentials, or ask who runs it.",
    "unsupported_grant_type": "The authorization server does not offer this way to sign in.",
    "invalid_target": "It does not know this MCP server. Tell the server's author.",
    "access_denied": "Permission was refused. Try again and allow it.",
    "invalid_request": "Tell the server's author what it says.",
}


def read_token(
    body: JsonObject, *, issuer: str, resource: str, asked: tuple[str, ...], now: float, dpop: bool = False
) -> Token:
    """The token in an answer (RFC 6749 section 5.1). Raises SignInError when there is none that can be used."""
    text, kind = body.get("access_token"), body.get("token_type")
    if not isinstance(text, str) or not text:
        raise SignInError("token", "The answer holds no access token.", next_step="Tell whoever runs the server.")
    kind = kind if isinstance(kind, str) and kind else "Bearer"
    if kind.lower() not in ("bearer", "dpop") or (dpop and kind.lower() != "dpop"):
        wanted = "DPoP" if dpop else "Bearer"
        raise SignInError(
            "token",
            f"The token is of type {kind[:40]}, wanted was {wanted}.",
            next_step="Tell whoever runs the server.",
        )
    lifetime, scope, refresh = body.get("expires_in"), body.get("scope"), body.get("refresh_token")
    try:
        seconds = float(lifetime) if isinstance(lifetime, int | float | str) else None
    except ValueError:
        seconds = None
    return Token(
        access_token=text,
        issuer=issuer,
        resource=resource,
        token_type="DPoP" if kind.lower() == "dpop" else "Bearer",
        expires_at=None if seconds is None else now + seconds,
        refresh_token=refresh if isinstance(refresh, str) else "",
        scopes=union(scope.split()) if isinstance(scope, str) else asked,
        asked=asked,
    )
