"""The two metadata documents: of a protected resource (RFC 9728) and of an authorization server (RFC 8414, OIDC). Pure.

URLs stay the texts that they are: whatever normalises them breaks the exact comparisons that the specifications want.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from wireglass.auth.addresses import covers, is_secure, may_fetch, origin
from wireglass.errors import SignInError
from wireglass.protocol.messages import JsonObject

__all__ = ["AuthorizationServer", "ProtectedResource", "assumed_server", "read_resource", "read_server"]


@dataclass(frozen=True, slots=True)
class ProtectedResource:
    """What a server says of itself."""

    resource: str
    """Its identifier, exactly as published."""
    authorization_servers: tuple[str, ...]
    scopes_supported: tuple[str, ...] = ()
    dpop_required: bool = False
    url: str = ""
    """Where the document was."""


@dataclass(frozen=True, slots=True)
class AuthorizationServer:
    """What an authorization server says of itself; `url` is empty when it said nothing (2025-03-26)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    registration_endpoint: str = ""
    revocation_endpoint: str = ""
    scopes_supported: tuple[str, ...] = ()
    token_auth_methods: tuple[str, ...] | None = None
    """None when the document does not say; then `client_secret_basic` is meant (RFC 8414 section 2)."""
    signing_algs: tuple[str, ...] = ()
    pkce_methods: tuple[str, ...] | None = None
    takes_documents: bool = False
    """Client ID Metadata Documents."""
    iss_supported: bool = False
    """It sends `iss` with each authorization response (RFC 9207)."""
    dpop_algs: tuple[str, ...] = ()
    url: str = ""
    document: JsonObject = field(default_factory=dict[str, Any], repr=False)


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""


def _texts(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = document.get(name)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def read_resource(document: JsonObject, server_url: str, url: str) -> ProtectedResource:
    """Checks a resource's document. Raises SignInError when it speaks for another server or names no issuer.

    RFC 9728 section 3.3: a document for something else must not be used.
    """
    resource = _text(document, "resource")
    if not resource:
        raise SignInError(
            "resource",
            f"The server's metadata names no resource ({url}).",
            next_step="Tell the server's author: `resource` is required (RFC 9728).",
        )
    if not covers(resource, server_url):
        raise SignInError(
            "resource",
            f"The metadata is for another server. It names {resource}, this server is {server_url}.",
            next_step="Do not sign in here; a token could reach someone else. Check the address, ask the author.",
        )
    issuers = tuple(one for one in _texts(document, "authorization_servers") if may_fetch(one, server_url))
    if not issuers:
        named = ", ".join(_texts(document, "authorization_servers"))
        raise SignInError(
            "resource",
            f"None of its authorization servers can be used: {named}." if named else "It names no one who may sign in.",
            next_step="They must be https addresses; on this machine only for a server on this machine.",
        )
    return ProtectedResource(
        resource=resource,
        authorization_servers=issuers,
        scopes_supported=_texts(document, "scopes_supported"),
        dpop_required=document.get("dpop_bound_access_tokens_required") is True,
        url=url,
    )


_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "registration_endpoint", "revocation_endpoint")


def read_server(document: JsonObject, issuer: str, url: str, *, unnamed: bool = False) -> AuthorizationServer:
    """Checks an authorization server's document. Raises SignInError.

    `unnamed` (2025-03-26): nobody named the issuer, it is the server's origin. A slash at its end is no difference
    then, because both spellings have the same well-known address (RFC 8414 section 3.1).
    """
    found = _text(document, "issuer")
    same = found == issuer or (unnamed and found.rstrip("/") == issuer.rstrip("/"))
    if not same:
        raise SignInError(
            "server",
            f"The metadata is of another authorization server: it says {found or 'nothing'}, asked was {issuer}.",
            next_step="The two must be equal to the letter (RFC 8414). Do not sign in; tell the server's author.",
        )
    for name in _ENDPOINTS:
        address = _text(document, name)
        if address and not (is_secure(address) and may_fetch(address, issuer)):
            raise SignInError(
                "server",
                f"Its {name} is not a safe address: {address}.",
                next_step="It must use https. Tell whoever runs the authorization server.",
            )
    if not _text(document, "token_endpoint"):
        raise SignInError("server", f"It names no token endpoint ({url}).", next_step="Tell whoever runs it.")
    has_methods = isinstance(document.get("token_endpoint_auth_methods_supported"), list)
    has_pkce = isinstance(document.get("code_challenge_methods_supported"), list)
    return AuthorizationServer(
        issuer=found,
        authorization_endpoint=_text(document, "authorization_endpoint"),
        token_endpoint=_text(document, "token_endpoint"),
        registration_endpoint=_text(document, "registration_endpoint"),
        revocation_endpoint=_text(document, "revocation_endpoint"),
        scopes_supported=_texts(document, "scopes_supported"),
        token_auth_methods=_texts(document, "token_endpoint_auth_methods_supported") if has_methods else None,
        signing_algs=_texts(document, "token_endpoint_auth_signing_alg_values_supported"),
        pkce_methods=_texts(document, "code_challenge_methods_supported") if has_pkce else None,
        takes_documents=document.get("client_id_metadata_document_supported") is True,
        iss_supported=document.get("authorization_response_iss_parameter_supported") is True,
        dpop_algs=_texts(document, "dpop_signing_alg_values_supported"),
        url=url,
        document=document,
    )


def assumed_server(server_url: str) -> AuthorizationServer:
    """The default endpoints of 2025-03-26, for servers that publish no metadata at all."""
    base = origin(server_url)
    return AuthorizationServer(
        issuer=base,
        authorization_endpoint=f"{base}/authorize",
        token_endpoint=f"{base}/token",
        registration_endpoint=f"{base}/register",
        token_auth_methods=None,
    )
