"""The typed client and the broker for what servers ask of a human."""

from importlib import import_module
from typing import Any

_HOMES = {
    "CallToolResult": "wireglass.client.results",
    "Client": "wireglass.client.client",
    "ClientTransport": "wireglass.client.transports",
    "ConnectionFacts": "wireglass.client.opening",
    "FastMCPTransport": "wireglass.client.transports",
    "InputBroker": "wireglass.client.inputs",
    "InputRequest": "wireglass.client.inputs",
    "MCPConfigTransport": "wireglass.client.transports",
    "NodeStdioTransport": "wireglass.client.transports",
    "NpxStdioTransport": "wireglass.client.transports",
    "PythonStdioTransport": "wireglass.client.transports",
    "SSETransport": "wireglass.client.transports",
    "StdioTransport": "wireglass.client.transports",
    "StreamableHttpTransport": "wireglass.client.transports",
    "UvStdioTransport": "wireglass.client.transports",
    "UvxStdioTransport": "wireglass.client.transports",
}

__all__ = [*_HOMES]  # pyright: ignore[reportUnsupportedDunderAll]  # resolved by __getattr__


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"wireglass.client has no {name!r}")
    return getattr(import_module(home), name)
