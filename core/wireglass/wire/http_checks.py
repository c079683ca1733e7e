"""What an HTTP request must look like before an MCP server reads it: host, origin, media types, mirrored headers. Pure.

Sources: security and header rules of the transports pages, 2025-03-26 to 2026-07-28.
"""

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from wireglass.protocol.messages import JsonObject
from wireglass.protocol.methods import header_name
from wireglass.protocol.versions import (
    HEADER_METHOD,
    HEADER_NAME,
    HEADER_PARAM_PREFIX,
    HEADER_PROTOCOL_VERSION,
    decode_header_value,
)

__all__ = [
    "LOOPBACK_HOSTS",
    "NO_BATCHES",
    "Admission",
    "accepts",
    "duplicated_header",
    "header_mismatch",
    "is_json",
]

NO_BATCHES: Final = "An array is no message in this version: batches exist only in 2025-03-26."
LOOPBACK_HOSTS: Final = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may talk to the server. Guards servers on this machine against web pages (DNS rebinding).

    `hosts` are names as in `Host`, with or without a port, `*.example.com` for subdomains, `*` for any. `origins` are
    whole origins such as `https://app.example.com`, or `*`. A page of an allowed host is an allowed origin too.
    """

    hosts: Sequence[str] = LOOPBACK_HOSTS
    origins: Sequence[str] = ()
    _known: dict[tuple[str | None, str | None], tuple[int, str] | None] = field(
        default_factory=dict[tuple[str | None, str | None], tuple[int, str] | None], compare=False
    )

    def refusal(self, host: str | None, origin: str | None) -> tuple[int, str] | None:
        """The status and the reason to refuse, or None. A request without `Origin` comes from no web page."""
        key = (host, origin)
        if key in self._known:
            return self._known[key]
        if len(self._known) > 255:
            self._known.clear()  # hostile clients must not fill the memory
        self._known[key] = verdict = self._judge(host, origin)
        return verdict

    def _judge(self, host: str | None, origin: str | None) -> tuple[int, str] | None:
        if not self._host_allowed(host or ""):
            return 421, f"The host {host!r} is not allowed here. Add it to allowed_hosts."
        if origin is not None and not self._origin_allowed(origin):
            return 403, f"The origin {origin!r} is not allowed here. Add it to allowed_origins."
        return None

    def _host_allowed(self, host: str) -> bool:
        if host in self.hosts or "*" in self.hosts:
            return True
        name = _without_port(host.lower())
        return any(_matches(allowed.lower(), host.lower(), name) for allowed in self.hosts)

    def _origin_allowed(self, origin: str) -> bool:
        if origin in self.origins or "*" in self.origins:
            return True
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            return False
        return "*" not in self.hosts and self._host_allowed(parts.netloc)


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host


def _matches(allowed: str, host: str, name: str) -> bool:
    if allowed in (host, name):
        return True
    if allowed.startswith("*."):
        return name.endswith(allowed[1:])
    return allowed in LOOPBACK_HOSTS and _is_loopback(name)


def _is_loopback(name: str) -> bool:
    """127.0.0.0/8 and every spelling of ::1 are this machine."""
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


@lru_cache(256)
def accepts(header: str | None, media_type: str) -> bool:
    """Whether an `Accept` header allows a media type: any order, several ranges, parameters; q=0 forbids.

    The most specific range decides (RFC 9110 section 12.5.1). No header accepts everything.
    """
    if header is None or not header.strip():
        return True
    best, allowed = 0, False
    for part in header.split(","):
        kind, *parameters = part.split(";")
        rank = _rank(kind.strip().lower(), media_type)
        if rank > best:
            best, allowed = rank, not _is_zero(parameters)
    return allowed


def _rank(kind: str, media_type: str) -> int:
    if kind == media_type:
        return 3
    if kind == media_type.partition("/")[0] + "/*":
        return 2
    return 1 if kind == "*/*" else 0


def _is_zero(parameters: Iterable[str]) -> bool:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            return not value.strip().strip("0.")
    return False


def is_json(content_type: str | None) -> bool:
    """Whether a `Content-Type` is JSON, whatever its parameters."""
    return content_type is not None and content_type.partition(";")[0].strip().lower() == "application/json"


def duplicated_header(names: Iterable[bytes]) -> str | None:
    """A protocol header that came twice, so that two readers could see two values; None if all is well."""
    seen: set[bytes] = set()
    for name in names:
        if name.startswith(b"mcp-"):
            if name in seen and name.startswith(_ONCE):
                return name.decode("latin-1")
            seen.add(name)
    return None


_ONCE: Final = tuple(
    name.encode() for name in (HEADER_METHOD, HEADER_NAME, HEADER_PARAM_PREFIX, HEADER_PROTOCOL_VERSION)
)


def header_mismatch(headers: Mapping[str, str], message: JsonObject, version: str) -> str | None:
    """How the headers of a stateless request contradict its body, in words; None when they mirror it.

    `version` is what the body claims. Header values are case-sensitive, blanks around them are not part of them.
    """
    said = headers.get(HEADER_PROTOCOL_VERSION)
    if said is None:
        return f"The header {HEADER_PROTOCOL_VERSION} is missing."
    if said.strip(" \t") != version:
        return f"The header {HEADER_PROTOCOL_VERSION} says {said!r}, the body {version!r}."
    method = message.get("method")
    if "id" not in message or not isinstance(method, str):
        return None  # header rules for notifications are not defined
    said = headers.get(HEADER_METHOD)
    if said is None:
        return f"The header {HEADER_METHOD} is missing."
    if said.strip(" \t") != method:
        return f"The header {HEADER_METHOD} says {said!r}, the body {method!r}."
    params = message.get("params")
    return _name_mismatch(headers.get(HEADER_NAME), header_name(method, params if isinstance(params, dict) else None))


def _name_mismatch(said: str | None, name: str | None) -> str | None:
    if name is None:
        return None
    if said is None:
        return f"The header {HEADER_NAME} is missing."
    try:
        decoded = decode_header_value(said)
    except ValueError as error:
        return f"The header {HEADER_NAME} cannot be read: {error}"
    return None if decoded == name else f"The header {HEADER_NAME} says {decoded!r}, the body {name!r}."
