"""Signing in with a person's permission: the authorization code grant with PKCE, as a generator. Pure.

Sources: MCP authorization pages of 2025-03-26 to 2026-07-28, RFC 6749, 7636 (PKCE), 7591 (registration), 8707
(resource), 9207 (iss), Client ID Metadata Documents.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from wireglass.auth.addresses import resource_identifier
from wireglass.auth.challenges import Challenge
from wireglass.auth.discovery import Discovered, discover
from wireglass.auth.metadata import AuthorizationServer
from wireglass.auth.steps import Answer, Ask, Fetch, Fetched, FetchFailed, Flow, Keep, Listen, Recall, StepLog
from wireglass.auth.tokens import (
    AuthMethod,
    RegisteredClient,
    Token,
    authenticated,
    choose_method,
    method_of,
    read_token,
    refused,
    request_token,
    union,
)
from wireglass.errors import SignInError
from wireglass.protocol.messages import JsonObject

__all__ = ["ClientSettings", "SignedIn", "Wish", "choose_scopes", "refresh", "revoke", "sign_in"]

_STALE: Final = ("invalid_client", "unauthorized_client")


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """Who the client is, as its user configured it."""

    name: str = "Wireglass"
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    method: AuthMethod | None = None
    """How to authenticate with them; None lets the authorization server's metadata decide."""
    document_url: str = ""
    """Our Client ID Metadata Document, used where the authorization server takes one."""
    issuer: str = ""
    """Whom the given credentials belong to; they go to nobody else."""
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Further members of the registration."""
    has_key: bool = False
    """Whether it authenticates with signed JWTs."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for, and why now."""

    server_url: str
    challenge: Challenge | None
    client: ClientSettings
    scopes: tuple[str, ...] = ()
    """What the user configured; comes before what the server names."""
    earlier: Token | None = None
    """What we had; its scopes are asked for again at the same issuer."""
    dpop: bool = False
    now: Callable[[], float] = field(default=lambda: 0.0)
    fresh: Callable[[], str] = field(default=lambda: "")
    """A new random text of at least 256 bits, for state and verifier."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A token, and what is needed to renew it."""

    token: Token
    client: RegisteredClient
    server: AuthorizationServer


def sign_in(wish: Wish, log: StepLog) -> Flow[SignedIn]:
    """The whole way from a refusal to a token. Raises SignInError."""
    found = yield from discover(wish.server_url, wish.challenge, log, issuer=wish.client.issuer)
    scopes = choose_scopes(wish, found)
    try:
        return (yield from _with_client(wish, found, scopes, log, remembered=True))
    except SignInError as error:
        if error.code not in _STALE or wish.client.client_id:
            raise
        # The server has forgotten a registration that we kept: register anew, once.
        yield Keep(found.server.issuer, None)
        return (yield from _with_client(wish, found, scopes, log, remembered=False))


def resource_of(wish: Wish, found: Discovered) -> str:
    """The `resource` parameter (RFC 8707): as published, to the letter."""
    return found.resource.resource if found.resource is not None else resource_identifier(wish.server_url)


def choose_scopes(wish: Wish, found: Discovered) -> tuple[str, ...]:
    """What to ask for: as configured, else as challenged, else all that the server knows, else nothing.

    A step-up keeps what was asked before. `offline_access` is added where the authorization server lists it, because
    without it some give no refresh token.
    """
    challenged = wish.challenge.scopes if wish.challenge is not None else ()
    listed = found.resource.scopes_supported if found.resource is not None else ()
    scopes = union(wish.scopes, challenged) if wish.scopes else challenged or listed
    if wish.earlier is not None and wish.earlier.issuer == found.server.issuer:
        scopes = union(wish.earlier.asked, scopes)
    if scopes and "offline_access" in found.server.scopes_supported:
        scopes = union(scopes, ("offline_access",))
    return scopes


def _with_client(
    wish: Wish, found: Discovered, scopes: tuple[str, ...], log: StepLog, *, remembered: bool
) -> Flow[SignedIn]:
    server = found.server
    if not server.authorization_endpoint:
        raise SignInError(
            "server",
            f"{server.issuer} has no page where a person could give permission.",
            next_step="It serves programs only: use client credentials.",
        )
    with log.step("client") as step:
        client, redirect_uri = yield from _identify(wish, server, scopes, remembered=remembered)
        step.say(_client_words(client))
    resource = resource_of(wish, found)
    verifier = wish.fresh()
    with log.step("permission", human=True) as step:
        step.say(f"{urlsplit(server.issuer).hostname} asks you to allow {_scope_words(scopes)}")
        code = yield from _permission(wish, server, client, redirect_uri, resource, scopes, verifier)
        step.say("allowed; state and issuer match")
    with log.step("token") as step:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
            "resource": resource,
        }
        body = yield from request_token(server, client, fields)
        token = read_token(body, issuer=server.issuer, resource=resource, asked=scopes, now=wish.now(), dpop=wish.dpop)
        step.say(f"for {resource}, {_scope_words(token.scopes)}")
    return SignedIn(token, client, server)


def _scope_words(scopes: tuple[str, ...]) -> str:
    if not scopes:
        return "its default scopes"
    return f"{len(scopes)} scope{'s' if len(scopes) > 1 else ''}: {' '.join(scopes)}"


def _client_words(client: RegisteredClient) -> str:
    how = {
        "given": "with the client id you gave",
        "document": "by its metadata document",
        "registered": "as a native app",
    }
    return f"{how[client.kind]}, redirect to this machine only"


# Who we are


def _identify(
    wish: Wish, server: AuthorizationServer, scopes: tuple[str, ...], *, remembered: bool
) -> Flow[tuple[RegisteredClient, str]]:
    """Pre-registered, else by metadata document, else registered now (2025-11-25, client registration)."""
    given = wish.client
    if given.client_id:
        redirect_uri: str = yield Listen()
        method = given.method or choose_method(server, secret=bool(given.client_secret), key=given.has_key)
        return RegisteredClient(given.client_id, server.issuer, method, given.client_secret), redirect_uri
    if given.document_url and server.takes_documents:
        redirect_uri = yield Listen()
        return RegisteredClient(given.document_url, server.issuer, "none", kind="document"), redirect_uri
    if remembered and (kept := (yield from _remembered(wish, server))):
        redirect_uri = yield Listen(kept.redirect_uris)
        if redirect_uri in kept.redirect_uris:
            return kept, redirect_uri
    redirect_uri = yield Listen()
    return (yield from _register(wish, server, redirect_uri, scopes)), redirect_uri


def _remembered(wish: Wish, server: AuthorizationServer) -> Flow[RegisteredClient | None]:
    kept: JsonObject | None = yield Recall(server.issuer)
    client = RegisteredClient.from_json(kept) if kept is not None else None
    if client is None or client.issuer != server.issuer or (client.expires_at and client.expires_at <= wish.now()):
        return None
    return client


def _register(
    wish: Wish, server: AuthorizationServer, redirect_uri: str, scopes: tuple[str, ...]
) -> Flow[RegisteredClient]:
    """Dynamic client registration (RFC 7591)."""
    if not server.registration_endpoint:
        raise SignInError(
            "client",
            f"{server.issuer} does not register clients by itself.",
            next_step="Register Wireglass there by hand, and give its client id (and secret) when you connect.",
        )
    wanted = _wanted_method(server)
    request: JsonObject = {
        "client_name": wish.client.name,
        "redirect_uris": [redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": wanted,
        "application_type": "native",
    }
    if scopes:
        request["scope"] = " ".join(scopes)
    request |= dict(wish.client.metadata)
    answer: Fetched = yield Fetch.json(server.registration_endpoint, request)
    if answer.status == 404:
        raise SignInError(
            "client",
            f"{server.issuer} has no page to register at (HTTP 404).",
            next_step="Perhaps nobody can sign in there: give a token in the header Authorization, or a client id.",
        )
    body = answer.json()
    if answer.status not in (200, 201) or body is None or not isinstance(body.get("client_id"), str):
        raise refused("client", f"{server.issuer} did not register us", answer)
    secret, ends = body.get("client_secret"), body.get("client_secret_expires_at")
    client = RegisteredClient(
        client_id=body["client_id"],
        issuer=server.issuer,
        method=method_of(body.get("token_endpoint_auth_method"))
        or method_of(request["token_endpoint_auth_method"])
        or wanted,
        client_secret=secret if isinstance(secret, str) else "",
        expires_at=float(ends) if isinstance(ends, int | float) else 0,
        redirect_uris=(redirect_uri,),
        kind="registered",
    )
    if client.method in ("client_secret_basic", "client_secret_post") and not client.client_secret:
        raise SignInError(
            "client",
            f"{server.issuer} registered us for {client.method} and gave no secret.",
            next_step="Tell whoever runs the authorization server.",
        )
    yield Keep(server.issuer, client.to_json())
    return client


def _wanted_method(server: AuthorizationServer) -> AuthMethod:
    """A program on a desk keeps no secret, so none where that is taken (RFC 8252 section 8.4)."""
    offered = server.token_auth_methods
    if offered is None:
        return "client_secret_basic" if server.url else "none"
    for method in ("none", "client_secret_basic", "client_secret_post"):
        if method in offered:
            return method
    raise SignInError(
        "client",
        f"{server.issuer} takes only {', '.join(offered)}, which a program cannot register for by itself.",
        next_step="Register Wireglass there by hand, and give its credentials when you connect.",
    )


# The permission


def challenge_of(verifier: str) -> str:
    """The S256 code challenge (RFC 7636 section 4.2)."""
    return urlsafe_b64encode(sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")


def _permission(
    wish: Wish,
    server: AuthorizationServer,
    client: RegisteredClient,
    redirect_uri: str,
    resource: str,
    scopes: tuple[str, ...],
    verifier: str,
) -> Flow[str]:
    state = wish.fresh()
    fields = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
        "resource": resource,
    }
    if scopes:
        fields["scope"] = " ".join(scopes)
    if "offline_access" in scopes:
        fields["prompt"] = "consent"  # OpenID Connect Core section 11: ignored without it
    joint = "&" if urlsplit(server.authorization_endpoint).query else "?"
    url = f"{server.authorization_endpoint}{joint}{urlencode(fields)}"
    answer: Answer = yield Ask(url, state, server.issuer, scopes, redirect_uri)
    check_answer(answer, state, server)
    return answer.code


def check_answer(answer: Answer, state: str, server: AuthorizationServer) -> None:
    """State, then issuer, then the rest: of an answer that is not ours nothing is believed or shown.

    RFC 9207 section 2.4: plain string comparison. Raises SignInError.
    """
    if not state or answer.state != state:
        raise SignInError(
            "permission",
            "The answer does not belong to this sign-in: its state differs.",
            next_step="Sign in again. If it happens again, another program may be interfering.",
        )
    if (answer.iss is None and server.iss_supported) or (answer.iss is not None and answer.iss != server.issuer):
        said = "names no issuer, though the server announced it" if answer.iss is None else "names another issuer"
        raise SignInError(
            "permission",
            f"The answer {said}. Expected was {server.issuer}.",
            next_step="Nothing was sent. Tell whoever runs the authorization server (RFC 9207).",
        )
    if answer.error:
        words = answer.error_description[:400]
        said = f"{answer.error[:80]}: {words}" if words else answer.error[:80]
        denied = answer.error == "access_denied"
        raise SignInError(
            "permission",
            "Permission was refused." if denied else f"The authorization server refused: {said.rstrip('.')}.",
            next_step="Try again and allow it." if denied else "Tell the server's author what it says.",
            code=answer.error[:80],
        )
    if not answer.code:
        raise SignInError("permission", "The answer holds no code.", next_step="Sign in again.")


# Afterwards


def refresh(
    server: AuthorizationServer, client: RegisteredClient, token: Token, log: StepLog, now: Callable[[], float]
) -> Flow[Token]:
    """A new token for the refresh token (RFC 6749 section 6). Raises SignInError; `invalid_grant` means sign in."""
    with log.step("renewal") as step:
        fields = {"grant_type": "refresh_token", "refresh_token": token.refresh_token, "resource": token.resource}
        body = yield from request_token(server, client, fields, step="renewal")
        fresh = read_token(
            body,
            issuer=token.issuer,
            resource=token.resource,
            asked=token.asked,
            now=now(),
            dpop=token.token_type == "DPoP",
        )
        renewed = token.renewed(fresh if isinstance(body.get("scope"), str) else replace(fresh, scopes=()))
        step.say(f"by {urlsplit(token.issuer).hostname}, without asking you")
    return renewed


def revoke(server: AuthorizationServer, client: RegisteredClient, token: Token) -> Flow[None]:
    """Has the token ended before its time (RFC 7009). Raises SignInError when the server cannot be asked."""
    value, hint = token.access_token, "access_token"
    if token.refresh_token:
        value, hint = token.refresh_token, "refresh_token"
    form, headers = yield from authenticated(server, client, {"token": value, "token_type_hint": hint})
    try:
        yield Fetch.form(server.revocation_endpoint, form, headers)
    except FetchFailed as failed:
        raise SignInError("token", failed.reason) from failed
