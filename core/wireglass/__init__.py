"""Wireglass: a Model Context Protocol runtime that sees the wire. Names load when first used."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Audio": "wireglass.media",
    "Client": "wireglass.client.client",
    "ClientGroup": "wireglass.client.group",
    "ConnectionFacts": "wireglass.client.opening",
    "Context": "wireglass.server.context",
    "CurrentContext": "wireglass.server.dependencies",
    "Depends": "wireglass.server.injection",
    "FastMCP": "wireglass.server.app",
    "File": "wireglass.media",
    "Icon": "wireglass.media",
    "Image": "wireglass.media",
    "InputBroker": "wireglass.client.inputs",
    "InputRequest": "wireglass.client.inputs",
    "McpError": "wireglass.errors",
    "Middleware": "wireglass.middleware.base",
    "ResourceError": "wireglass.errors",
    "ToolError": "wireglass.errors",
    "ToolResult": "wireglass.server.results",
    "create_proxy": "wireglass.server.proxy",
    "get_access_token": "wireglass.server.dependencies",
    "get_context": "wireglass.server.context",
    "get_http_headers": "wireglass.server.dependencies",
}
"""Public name to the module that defines it. One line for each; a name may be public only here."""

__all__ = ["__version__", *_HOMES]  # pyright: ignore[reportUnsupportedDunderAll]  # resolved by __getattr__


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"wireglass has no {name!r}")
    from wireglass.loading import uncollected

    with uncollected():
        value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
