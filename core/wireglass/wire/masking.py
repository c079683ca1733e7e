"""Takes secrets out of URLs and headers before they are recorded. Pure."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

__all__ = ["MASK", "mask_headers", "mask_url"]

MASK = "***"

_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "mcp-session-id", "dpop"})
_SECRET_NAME = re.compile(
    r"(^|[-_])(auth|token|secret|password|passwd|session|signature|credential|api-?key|key)s?($|[-_])|apikey|token$",
    re.I,
)
# Values that say nothing: the mirrored method and name are protocol facts that an inspector has to show.
_OPEN_HEADERS = re.compile(r"(sec-websocket-|idempotency-key$|mcp-(method|name|protocol-version)$)", re.I)


def mask_headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The headers with lower-case names, the values of those that carry secrets replaced. A scheme such as `Bearer`
    stays, because it tells the reader what kind of credential was sent."""
    return tuple((name.lower(), _masked(name.lower(), value)) for name, value in headers)


def _masked(name: str, value: str) -> str:
    if name not in _SECRET_HEADERS and (not _SECRET_NAME.search(name) or _OPEN_HEADERS.match(name)):
        return value
    scheme, blank, _ = value.partition(" ")
    if name.endswith("authorization") and blank and scheme.isalnum():
        return f"{scheme} {MASK}"
    return MASK


def mask_url(url: str) -> str:
    """The URL without its user name and password, and with the values of secret-looking query parameters replaced."""
    parts = urlsplit(url)
    netloc = parts.netloc
    if "@" in netloc:
        netloc = f"{MASK}@{netloc.rpartition('@')[2]}"
    query = parts.query
    if query:
        query = "&".join(map(_masked_pair, query.split("&")))
    return urlunsplit((parts.scheme, netloc, parts.path, query, parts.fragment))


def _masked_pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    if equals and value and (_SECRET_NAME.search(name) or name.lower() in {"code", "sig", "sessionid", "session_id"}):
        return f"{name}={MASK}"
    return pair
