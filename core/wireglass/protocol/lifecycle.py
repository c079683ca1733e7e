"""Who is speaking and what they can do: `initialize` and `server/discover` (basic/lifecycle, every revision)."""

from typing import Any

from pydantic import Field

from wireglass.protocol.content import WireIcon
from wireglass.protocol.model import WireModel

__all__ = [
    "ClientCapabilities",
    "DiscoverResult",
    "Implementation",
    "InitializeRequestParams",
    "InitializeResult",
    "ServerCapabilities",
]


class Implementation(WireModel):
    """A client or server by name and version."""

    name: str
    version: str = ""
    title: str | None = None
    description: str | None = None
    website_url: str | None = None
    icons: list[WireIcon] | None = None


class Capability(WireModel):
    """The options of one capability; all members are optional."""

    list_changed: bool | None = None
    subscribe: bool | None = None


class ServerCapabilities(WireModel):
    """What a server offers. A member that is None is not offered."""

    tools: Capability | None = None
    resources: Capability | None = None
    prompts: Capability | None = None
    logging: dict[str, Any] | None = None
    completions: dict[str, Any] | None = None
    tasks: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None
    experimental: dict[str, Any] | None = None


class ClientCapabilities(WireModel):
    """What a client can answer."""

    roots: Capability | None = None
    sampling: dict[str, Any] | None = None
    elicitation: dict[str, Any] | None = None
    tasks: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None
    experimental: dict[str, Any] | None = None


class InitializeRequestParams(WireModel):
    """`initialize`, handshake era."""

    protocol_version: str
    capabilities: ClientCapabilities = Field(default_factory=ClientCapabilities)
    client_info: Implementation
    meta: dict[str, Any] | None = Field(default=None, alias="_meta")


class InitializeResult(WireModel):
    """The answer to `initialize`."""

    protocol_version: str
    capabilities: ServerCapabilities = Field(default_factory=ServerCapabilities)
    server_info: Implementation
    instructions: str | None = None
    meta: dict[str, Any] | None = Field(default=None, alias="_meta")


class DiscoverResult(WireModel):
    """The answer to `server/discover` (2026-07-28)."""

    supported_versions: list[str] = Field(default_factory=list[str])
    capabilities: ServerCapabilities = Field(default_factory=ServerCapabilities)
    server_info: Implementation | None = None
    instructions: str | None = None
    meta: dict[str, Any] | None = Field(default=None, alias="_meta")
