"""Signing in without a person: client credentials, an enterprise's identity provider, a workload's own token. Pure.

Sources: RFC 6749 section 4.4, RFC 7523, RFC 8693, draft-ietf-oauth-identity-assertion-authz-grant, and the MCP
extensions for client credentials, enterprise-managed authorization and workload identity.
"""

from dataclasses import dataclass, field
from typing import Final

from wireglass.auth.discovery import Discovered, discover
from wireglass.auth.flow import SignedIn, Wish, choose_scopes, resource_of
from wireglass.auth.steps import Fetch, Fetched, Flow, Sign, StepLog
from wireglass.auth.tokens import RegisteredClient, choose_method, read_token, refused, request_token
from wireglass.errors import SignInError

__all__ = ["IdentityProvider", "client_credentials", "enterprise", "workload"]

JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ID_JAG: Final = "urn:ietf:params:oauth:token-type:id-jag"
ID_TOKEN: Final = "urn:ietf:params:oauth:token-type:id_token"


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """Where an enterprise's people are signed in, and who we are there."""

    token_endpoint: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    issuer: str = ""


def client_credentials(wish: Wish, log: StepLog) -> Flow[SignedIn]:
    """The client itself is who signs in (RFC 6749 section 4.4)."""
    found = yield from discover(wish.server_url, wish.challenge, log, issuer=wish.client.issuer)
    client = _given(wish, found)
    with log.step("token") as step:
        signed = yield from _grant(wish, found, client, {"grant_type": "client_credentials"})
        step.say(f"for {signed.token.resource}, by client credentials")
    return signed


def enterprise(wish: Wish, log: StepLog, provider: IdentityProvider) -> Flow[SignedIn]:
    """The identity provider vouches for a person at the MCP server's authorization server (ID-JAG)."""
    found = yield from discover(wish.server_url, wish.challenge, log, issuer=wish.client.issuer)
    client = _given(wish, found)
    with log.step("identity") as step:
        assertion = yield from _exchange(wish, found, provider)
        step.say(f"{provider.issuer or provider.token_endpoint} vouches for you")
    with log.step("token") as step:
        signed = yield from _grant(wish, found, client, {"grant_type": JWT_BEARER, "assertion": assertion})
        step.say(f"for {signed.token.resource}, by your enterprise's identity provider")
    return signed


def workload(wish: Wish, log: StepLog) -> Flow[SignedIn]:
    """A workload's identity token is the grant (RFC 7523 section 2.1). Tried once: no other grant follows."""
    found = yield from discover(wish.server_url, wish.challenge, log, issuer=wish.client.issuer)
    client = RegisteredClient(wish.client.client_id, found.server.issuer, "none")
    with log.step("token") as step:
        assertion: str = yield Sign(found.server.issuer)
        signed = yield from _grant(wish, found, client, {"grant_type": JWT_BEARER, "assertion": assertion})
        step.say(f"for {signed.token.resource}, by workload identity")
    return signed


def _given(wish: Wish, found: Discovered) -> RegisteredClient:
    given = wish.client
    method = given.method or choose_method(found.server, secret=bool(given.client_secret), key=given.has_key)
    return RegisteredClient(given.client_id, found.server.issuer, method, given.client_secret)


def _grant(wish: Wish, found: Discovered, client: RegisteredClient, fields: dict[str, str]) -> Flow[SignedIn]:
    scopes, resource = choose_scopes(wish, found), resource_of(wish, found)
    scopes = tuple(one for one in scopes if one != "offline_access")  # nobody who could be offline
    form = {**fields, "resource": resource}
    if scopes:
        form["scope"] = " ".join(scopes)
    body = yield from request_token(found.server, client, form)
    token = read_token(
        body, issuer=found.server.issuer, resource=resource, asked=scopes, now=wish.now(), dpop=wish.dpop
    )
    return SignedIn(token, client, found.server)


def _exchange(wish: Wish, found: Discovered, provider: IdentityProvider) -> Flow[str]:
    """An identity token for an assertion that only this authorization server takes (RFC 8693)."""
    id_token: str = yield Sign(provider.issuer)
    form = {
        "grant_type": TOKEN_EXCHANGE,
        "requested_token_type": ID_JAG,
        "subject_token": id_token,
        "subject_token_type": ID_TOKEN,
        "audience": found.server.issuer,
        "resource": resource_of(wish, found),
        "client_id": provider.client_id,
    }
    if provider.client_secret:
        form["client_secret"] = provider.client_secret
    if scopes := choose_scopes(wish, found):
        form["scope"] = " ".join(one for one in scopes if one != "offline_access")
    request = Fetch.form(provider.token_endpoint, form)
    answer: Fetched = yield Fetch(request.method, request.url, request.headers, request.body)  # no proof: not a token
    body = answer.json()
    if answer.status >= 300 or body is None:
        raise refused("identity", "The identity provider does not vouch for you", answer)
    assertion = body.get("access_token")
    if not isinstance(assertion, str) or body.get("issued_token_type") != ID_JAG:
        raise SignInError(
            "identity",
            "The identity provider answered with something else than an identity assertion.",
            next_step="It must support the token type id-jag. Ask whoever runs it.",
        )
    return assertion
