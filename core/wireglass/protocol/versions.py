"""The five released revisions, their eras, and the reserved names of each: `_meta` keys, HTTP headers, header values.

Sources: lifecycle and transport pages of every revision; "Request metadata" and "Header encoding" of 2026-07-28.
"""

import base64
import binascii
import re
from typing import Any, Final

from wireglass.protocol.messages import as_object

__all__ = [
    "ALL_VERSIONS",
    "ASSUMED_HTTP_VERSION",
    "BATCH_VERSION",
    "HANDSHAKE_VERSIONS",
    "HEADER_LAST_EVENT_ID",
    "HEADER_METHOD",
    "HEADER_NAME",
    "HEADER_PARAM_PREFIX",
    "HEADER_PROTOCOL_VERSION",
    "HEADER_SESSION_ID",
    "LATEST_HANDSHAKE",
    "LATEST_STATELESS",
    "META_CLIENT_CAPABILITIES",
    "META_CLIENT_INFO",
    "META_LOG_LEVEL",
    "META_PROTOCOL_VERSION",
    "META_RELATED_TASK",
    "META_SERVER_INFO",
    "META_SUBSCRIPTION_ID",
    "SKILLS_EXTENSION",
    "STATELESS_VERSIONS",
    "TASKS_EXTENSION",
    "at_least",
    "decode_header_value",
    "encode_header_value",
    "is_known",
    "is_reserved_meta_key",
    "is_stateless",
    "negotiate",
    "requested_version",
]

HANDSHAKE_VERSIONS: Final = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
"""Opened with `initialize`; oldest first."""
STATELESS_VERSIONS: Final = ("2026-07-28",)
"""Every request speaks for itself; oldest first."""
ALL_VERSIONS: Final = HANDSHAKE_VERSIONS + STATELESS_VERSIONS
LATEST_HANDSHAKE: Final = HANDSHAKE_VERSIONS[-1]
LATEST_STATELESS: Final = STATELESS_VERSIONS[-1]
ASSUMED_HTTP_VERSION: Final = "2025-03-26"
"""What a server assumes of an HTTP request without a version header (transports page, 2025-06-18)."""

BATCH_VERSION: Final = "2025-03-26"
"""The only revision in which an array of messages is a message."""

META_PROTOCOL_VERSION: Final = "io.modelcontextprotocol/protocolVersion"
META_CLIENT_CAPABILITIES: Final = "io.modelcontextprotocol/clientCapabilities"
META_CLIENT_INFO: Final = "io.modelcontextprotocol/clientInfo"
META_LOG_LEVEL: Final = "io.modelcontextprotocol/logLevel"
META_SERVER_INFO: Final = "io.modelcontextprotocol/serverInfo"
META_SUBSCRIPTION_ID: Final = "io.modelcontextprotocol/subscriptionId"
META_RELATED_TASK: Final = "io.modelcontextprotocol/related-task"
TASKS_EXTENSION: Final = "io.modelcontextprotocol/tasks"
SKILLS_EXTENSION: Final = "io.modelcontextprotocol/skills"

HEADER_PROTOCOL_VERSION: Final = "mcp-protocol-version"
HEADER_SESSION_ID: Final = "mcp-session-id"
HEADER_METHOD: Final = "mcp-method"
HEADER_NAME: Final = "mcp-name"
HEADER_PARAM_PREFIX: Final = "mcp-param-"
HEADER_LAST_EVENT_ID: Final = "last-event-id"

_ORDER: Final = {version: index for index, version in enumerate(ALL_VERSIONS)}
_SENTINEL: Final = r"(?s:=\?base64\?(.*)\?=)"
_PLAIN: Final = r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?"


def is_known(version: str) -> bool:
    """Whether `version` is a released revision."""
    return version in _ORDER


def is_stateless(version: str | None) -> bool:
    """Whether `version` belongs to the stateless era. Revisions are dates, so an unknown later one counts too."""
    return version is not None and version >= STATELESS_VERSIONS[0]


def at_least(version: str, since: str) -> bool:
    """Whether `version` is `since` or later."""
    return version >= since


def negotiate(requested: object) -> str:
    """The version with which a server answers `initialize`: the one asked for, else its newest handshake version."""
    return requested if requested in HANDSHAKE_VERSIONS else LATEST_HANDSHAKE


def requested_version(params: dict[str, Any] | None) -> str | None:
    """The protocol version in `params._meta`, or None for a message of the handshake era."""
    version = as_object(as_object(params).get("_meta")).get(META_PROTOCOL_VERSION)
    return version if isinstance(version, str) else None


def is_reserved_meta_key(key: str) -> bool:
    """Whether the prefix of a `_meta` key is kept for the specification: its second label is one of MCP's names."""
    prefix, slash, _ = key.partition("/")
    labels = prefix.split(".")
    return bool(slash) and len(labels) > 1 and labels[1] in ("modelcontextprotocol", "mcp")


def encode_header_value(value: str) -> str:
    """`value` as an HTTP header: as it is when that is safe, otherwise Base64 of its UTF-8 between sentinels."""
    if value == "" or (re.fullmatch(_PLAIN, value) and not re.fullmatch(_SENTINEL, value)):
        return value
    return f"=?base64?{base64.b64encode(value.encode()).decode('ascii')}?="


def decode_header_value(value: str) -> str:
    """The text behind a header. Optional whitespace around it is dropped; half a sentinel is a literal.

    Raises ValueError for Base64 with a wrong alphabet or padding, or bytes that are not UTF-8.
    """
    text = value.strip(" \t")
    found = re.fullmatch(_SENTINEL, text) if text.startswith("=?") else None
    if found is None:
        return text
    try:
        return base64.b64decode(found[1].encode("ascii"), validate=True).decode()
    except (binascii.Error, UnicodeError) as error:
        raise ValueError(f"the header value is not valid Base64 of UTF-8 text: {error}") from error
