"""Install links: how each host wants a server written into a URL. Pure.

A link ends up in shell histories and logs, so values that may be secret never enter one.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from wireglass.targets.servers import RemoteServer, Server, StdioServer, looks_secret

__all__ = ["base64_json", "compact", "has_secrets", "percent", "without_secrets"]


def percent(text: str) -> str:
    """Percent-encoded, everything but letters, digits and `-._~`."""
    return quote(text, safe="")


def compact(value: Mapping[str, Any]) -> str:
    """JSON without blanks, unescaped UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def base64_json(value: Mapping[str, Any]) -> str:
    """Compact JSON in the standard alphabet with padding, percent-encoded: a bare + would be read as a blank."""
    return percent(base64.b64encode(compact(value).encode()).decode())


def has_secrets(server: Server) -> bool:
    """Whether the server carries values that must not be put into a link or a command line."""
    if isinstance(server, RemoteServer):
        return bool(server.variables) or any(looks_secret(name, value) for name, value in server.headers.items())
    return bool(server.secret_env) or any(looks_secret(name, value) for name, value in server.env.items())


def without_secrets(server: Server) -> Server:
    """The same server without the values that look like secrets."""
    if isinstance(server, StdioServer):
        kept = {k: v for k, v in server.env.items() if k not in server.secret_env and not looks_secret(k, v)}
        return replace(server, env=kept, secret_env=frozenset[str]())
    headers = {k: v for k, v in server.headers.items() if not looks_secret(k, v) and not _refers(v, server.variables)}
    return replace(server, headers=headers, variables=dict[str, str]())


def _refers(text: str, variables: Mapping[str, str]) -> bool:
    return any(f"${{{name}}}" in text for name in variables)
