"""From a server's refusal to the authorization server that can help, in the specification's order. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from wireglass.auth.addresses import authorization_server_urls, is_secure, may_fetch, origin, protected_resource_urls
from wireglass.auth.challenges import Challenge
from wireglass.auth.metadata import (
    AuthorizationServer,
    ProtectedResource,
    assumed_server,
    read_resource,
    read_server,
)
from wireglass.auth.steps import Fetch, Fetched, FetchFailed, Flow, StepLog
from wireglass.errors import SignInError
from wireglass.protocol.messages import JsonObject

__all__ = ["Discovered", "discover", "find_server"]


@dataclass(frozen=True, slots=True)
class Discovered:
    """Who protects the server. `resource` is None for servers of 2025-03-26, which are their own issuer."""

    resource: ProtectedResource | None
    server: AuthorizationServer


def discover(server_url: str, challenge: Challenge | None, log: StepLog, *, issuer: str = "") -> Flow[Discovered]:
    """Finds the authorization server. `issuer` chooses among several, and must be one of them. Raises SignInError."""
    if not is_secure(server_url):
        raise SignInError(
            "challenge",
            f"{server_url} is not encrypted, and a token would be readable on the way.",
            next_step="Use https://. Plain http is taken only on this machine.",
        )
    with log.step("resource") as step:
        resource = yield from _find_resource(server_url, challenge)
        if resource is None:
            step.say("no resource metadata: the server is its own issuer (2025-03-26)")
        else:
            step.say(f"issuer {', '.join(resource.authorization_servers)}")
    with log.step("server") as step:
        if resource is None:
            server = yield from _find_unnamed(server_url)
        else:
            server = yield from _find_named(_chosen(resource, issuer), server_url)
        _check_pkce(server, strict=resource is not None)
        step.say(_words(server))
    return Discovered(resource, server)


def _chosen(resource: ProtectedResource, issuer: str) -> tuple[str, ...]:
    if not issuer:
        return resource.authorization_servers
    if issuer not in resource.authorization_servers:
        raise SignInError(
            "server",
            f"The server does not trust {issuer}; it names {', '.join(resource.authorization_servers)}.",
            next_step="The credentials you gave belong to another authorization server. They were not sent.",
        )
    return (issuer,)


def _find_resource(server_url: str, challenge: Challenge | None) -> Flow[ProtectedResource | None]:
    named = challenge.resource_metadata if challenge is not None else ""
    if named and not may_fetch(named, server_url):
        raise SignInError(
            "resource",
            f"The server points to metadata at an address that is not safe to ask: {named}.",
            next_step="It must be https, and on this machine only if the server is. Tell the server's author.",
        )
    found = yield from _first_document(protected_resource_urls(server_url, named))
    return None if found is None else read_resource(found[1], server_url, found[0])


def find_server(issuer: str, server_url: str, *, unnamed: bool = False) -> Flow[AuthorizationServer | None]:
    """The metadata of one issuer, or None when it publishes none. Raises SignInError for what must not be used."""
    urls = [url for url in authorization_server_urls(issuer) if may_fetch(url, server_url)]
    found = yield from _first_document(urls)
    return None if found is None else read_server(found[1], issuer, found[0], unnamed=unnamed)


def _first_document(urls: Iterable[str]) -> Flow[tuple[str, JsonObject] | None]:
    """The first of these addresses that has a JSON object, and the object. Raises FetchFailed when none has, and one
    of them could not be asked."""
    problem: FetchFailed | None = None
    for url in urls:
        try:
            answer: Fetched = yield Fetch.metadata(url)
        except FetchFailed as failed:
            problem = failed
            continue
        if answer.status == 200 and (document := answer.json()) is not None:
            return url, document
    if problem is not None:
        raise problem
    return None


def _find_named(issuers: tuple[str, ...], server_url: str) -> Flow[AuthorizationServer]:
    for issuer in issuers:
        server = yield from find_server(issuer, server_url)
        if server is not None:
            return server
    tried = "; ".join(url for issuer in issuers for url in authorization_server_urls(issuer))
    raise SignInError(
        "server",
        f"{issuers[0]} publishes no metadata. Asked: {tried}.",
        next_step="Tell whoever runs it: RFC 8414 or OpenID Connect discovery is required.",
    )


def _find_unnamed(server_url: str) -> Flow[AuthorizationServer]:
    """2025-03-26: the server's origin is the issuer, with default endpoints when it publishes nothing."""
    try:
        server = yield from find_server(origin(server_url), server_url, unnamed=True)
    except FetchFailed:
        server = None
    return server or assumed_server(server_url)


def _check_pkce(server: AuthorizationServer, *, strict: bool) -> None:
    """Without PKCE whoever catches the code gets the token. From 2025-06-18 on the document has to offer S256."""
    if not server.authorization_endpoint:
        return
    offered = server.pkce_methods
    if (offered is None and strict) or (offered is not None and "S256" not in offered):
        raise SignInError(
            "server",
            f"{server.issuer} does not offer PKCE with S256"
            + (f", only {', '.join(offered)}." if offered else " (code_challenge_methods_supported)."),
            next_step="The specification forbids to go on. Tell whoever runs the authorization server.",
        )


def _words(server: AuthorizationServer) -> str:
    if not server.url:
        return f"no metadata; default addresses at {server.issuer}"
    parts = [
        "PKCE S256 offered" if server.pkce_methods else "",
        "iss parameter supported" if server.iss_supported else "",
    ]
    return ", ".join(part for part in parts if part) or server.issuer
