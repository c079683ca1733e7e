"""A server as no host writes it: what every host's entry is made from and read back into. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["RemoteServer", "Server", "StdioServer", "hide_secrets", "looks_secret"]

_SECRET_WORDS = ("token", "secret", "password", "passwd", "apikey", "api_key", "api-key", "credential", "private_key")
_SECRET_HEADERS = ("authorization", "cookie", "x-api-key", "proxy-authorization")
_PAIR = re.compile(r"""(["']?)([\w.-]+)\1(\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'[^']*')""")
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
    variables: Mapping[str, str] = field(default_factory=dict[str, str], compare=False)
    """Values for the `${NAME}` in headers; written only where a host cannot refer to NAME itself."""


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


def hide_secrets(line: str) -> str:
    """A line of a configuration with values that look like secrets shown by their last four characters only."""

    def masked(found: re.Match[str]) -> str:
        quote, name, between, value = found.groups()
        if not looks_secret(name, value[1:-1]):
            return found.group()
        return f"{quote}{name}{quote}{between}{value[0]}{'•' * 8}{value[1:-1][-4:]}{value[-1]}"

    return _PAIR.sub(masked, line)
