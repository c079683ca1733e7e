"""Which addresses a sign-in may touch, and where metadata is looked for. Pure.

Sources: RFC 9728 section 3.1, RFC 8414 section 3.1, OpenID Connect Discovery section 4, RFC 8252 section 7.3.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit, urlunsplit

__all__ = [
    "authorization_server_urls",
    "covers",
    "is_loopback",
    "is_secure",
    "may_fetch",
    "origin",
    "protected_resource_urls",
    "resource_identifier",
]

_PRM = "/.well-known/oauth-protected-resource"
_RFC8414 = "/.well-known/oauth-authorization-server"
_OIDC = "/.well-known/openid-configuration"
_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_loopback(url: str) -> bool:
    """Whether the host of the URL is this machine, by its name or address."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_secure(url: str) -> bool:
    """https, or http on this machine; with a host, and without a user name."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    if not parts.hostname or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))


def may_fetch(url: str, server_url: str) -> bool:
    """Whether an address that a server named may be fetched: secure, and on this machine only if the server is too.

    A server elsewhere must not make us talk to what listens here.
    """
    return is_secure(url) and (not is_loopback(url) or is_loopback(server_url))


def origin(url: str) -> str:
    """Scheme, host and port of the URL, without a path."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _authority(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme)


def resource_identifier(url: str) -> str:
    """The canonical URI of a server: without fragment and query, scheme and host in lower case."""
    parts = urlsplit(url)
    path = parts.path if parts.path != "/" else ""
    return urlunsplit((parts.scheme.lower(), parts.netloc.rpartition("@")[2].lower(), path, "", ""))


def covers(resource: str, server_url: str) -> bool:
    """Whether metadata for `resource` speaks for `server_url`: same origin, and a path that contains the server's."""
    try:
        if _authority(resource) != _authority(server_url):
            return False
    except ValueError:
        return False
    ours, theirs = urlsplit(server_url).path.rstrip("/"), urlsplit(resource).path.rstrip("/")
    return ours == theirs or ours.startswith(theirs + "/")


def protected_resource_urls(server_url: str, named: str = "") -> tuple[str, ...]:
    """Where a server's own metadata may be, in the order to try: as the server says, else below its path, else at
    the root."""
    base, path = origin(server_url), urlsplit(server_url).path.rstrip("/")
    places = [named] if named else []
    places += [f"{base}{_PRM}{path}", f"{base}{_PRM}"]
    return tuple(dict.fromkeys(places))


def authorization_server_urls(issuer: str) -> tuple[str, ...]:
    """Where the metadata of an issuer may be, in the specification's order.

    For an issuer with a path the root forms are not tried: they belong to another issuer.
    """
    base, path = origin(issuer), urlsplit(issuer).path.rstrip("/")
    if not path:
        return f"{base}{_RFC8414}", f"{base}{_OIDC}"
    return f"{base}{_RFC8414}{path}", f"{base}{_OIDC}{path}", f"{base}{path}{_OIDC}"
