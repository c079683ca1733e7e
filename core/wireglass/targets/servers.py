"""A server as no host writes it: what every host's entry is made from and read back into. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["RemoteServer", "Server", "StdioServer", "looks_secret"]

_SECRET_WORDS = ("token", "secret", "password", "passwd", "apikey", "api_key", "api-key", "credential", "private_key")
_SECRET_HEADERS = ("authorization", "cookie", "x-api-key", "proxy-authorization")
_REFERENCES = ("${", "{env:", "{file:", "$(", "$")


@dataclass(frozen=True)
class StdioServer:
    """A program that the host starts. `cwd` None means: wherever the host happens to be."""

    name: str
    command: str
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    cwd: str | None = None
    needs_cwd: bool = False
    """It cannot work from another folder; else the folder is only written where the host has a key for it."""
    secret_env: frozenset[str] = frozenset()
    """Variables whose value must not be written: a reference is, where the host knows one."""


@dataclass(frozen=True)
class RemoteServer:
    """A server behind a URL; "http" is the Streamable HTTP transport, "sse" the one of 2024-11-05."""

    name: str
    url: str
    transport: Literal["http", "sse"] = "http"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


Server = StdioServer | RemoteServer


def looks_secret(name: str, value: str) -> bool:
    """Whether a variable or header seems to hold a secret in plain text. A reference to one is not a secret."""
    if not value or value.startswith(_REFERENCES) or "${" in value:
        return False
    lower = name.lower()
    if lower in _SECRET_HEADERS or lower.endswith(("_key", "-key", "_pat")) or lower in ("key", "pat", "pass"):
        return True
    if any(word in lower for word in _SECRET_WORDS):
        return True
    return value.startswith(("sk-", "ghp_", "github_pat_", "xoxb-", "glpat-", "AKIA")) and len(value) > 16
