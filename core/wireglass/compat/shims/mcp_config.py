"""`fastmcp.mcp_config`: the `mcpServers` configuration as models."""

import json
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from wireglass.client.transports import SSETransport, StdioTransport, StreamableHttpTransport

__all__ = [
    "CanonicalMCPConfig",
    "CanonicalMCPServerTypes",
    "MCPConfig",
    "MCPServerTypes",
    "RemoteMCPServer",
    "StdioMCPServer",
    "TransformingRemoteMCPServer",
    "TransformingStdioMCPServer",
    "infer_transport_type_from_url",
    "update_config_file",
]


def infer_transport_type_from_url(url: Any) -> Literal["http", "sse"]:
    """ "sse" for a path that ends in /sse, else "http". Raises ValueError for anything but http and https."""
    text = str(url)
    if not text.startswith(("http://", "https://")):
        raise ValueError(f"Invalid URL: {text}")
    return "sse" if "/sse" in text.partition("?")[0].partition("&")[0][-5:] else "http"


class _Server(BaseModel):
    """What both kinds have. Members we do not know are kept."""

    model_config = ConfigDict(extra="allow", arbitrary_types_allowed=True)

    timeout: int | None = None
    description: str | None = None
    icon: str | None = None
    authentication: dict[str, Any] | None = None


class StdioMCPServer(_Server):
    """A server that is started as a process."""

    command: str
    args: list[str] = Field(default_factory=list[str])
    env: dict[str, Any] = Field(default_factory=dict[str, Any])
    transport: Literal["stdio"] = "stdio"
    type: Literal["stdio"] | None = None
    cwd: str | None = None
    keep_alive: bool | None = None

    def to_transport(self) -> Any:
        """The client's transport."""
        return StdioTransport(self.command, self.args, self.env, self.cwd, self.keep_alive)


class RemoteMCPServer(_Server):
    """A server at a URL."""

    url: str
    transport: Literal["http", "streamable-http", "sse"] | None = None
    type: Literal["http", "streamable-http", "sse"] | None = None
    headers: dict[str, str] = Field(default_factory=dict[str, str])
    auth: Any = None
    sse_read_timeout: Any = None

    def to_transport(self) -> Any:
        """The client's transport."""
        kind = self.transport or self.type or infer_transport_type_from_url(self.url)
        made = SSETransport if kind == "sse" else StreamableHttpTransport
        return made(self.url, self.headers, self.auth)


class TransformingStdioMCPServer(StdioMCPServer):
    """As above, with renamed or hidden tools."""

    tools: dict[str, Any] = Field(default_factory=dict[str, Any])
    include_tags: set[str] | None = None
    exclude_tags: set[str] | None = None


class TransformingRemoteMCPServer(RemoteMCPServer):
    """As above, with renamed or hidden tools."""

    tools: dict[str, Any] = Field(default_factory=dict[str, Any])
    include_tags: set[str] | None = None
    exclude_tags: set[str] | None = None


CanonicalMCPServerTypes = StdioMCPServer | RemoteMCPServer
MCPServerTypes = TransformingStdioMCPServer | TransformingRemoteMCPServer | StdioMCPServer | RemoteMCPServer


class MCPConfig(BaseModel):
    """A whole configuration. Members beside `mcpServers` are kept."""

    model_config = ConfigDict(extra="allow")

    mcpServers: dict[str, Any] = Field(default_factory=dict[str, Any])

    @model_validator(mode="before")
    @classmethod
    def _bare_servers(cls, data: Any) -> Any:
        """Servers may stand at the top, without `mcpServers` around them."""
        if isinstance(data, dict) and "mcpServers" not in data and any(_is_entry(value) for value in data.values()):
            return {"mcpServers": data}
        return data

    @model_validator(mode="after")
    def _read_servers(self) -> Self:
        self.mcpServers = {name: self._server(entry) for name, entry in self.mcpServers.items()}
        return self

    @classmethod
    def _server(cls, entry: Any) -> Any:
        if not isinstance(entry, dict):
            return entry
        transforms = any(entry.get(key) for key in ("tools", "include_tags", "exclude_tags"))
        if "url" in entry:
            return (TransformingRemoteMCPServer if transforms else RemoteMCPServer).model_validate(entry)
        return (TransformingStdioMCPServer if transforms else StdioMCPServer).model_validate(entry)

    def add_server(self, name: str, server: Any) -> None:
        """Adds or replaces one server."""
        self.mcpServers[name] = server

    @classmethod
    def from_dict(cls, config: dict[str, Any]) -> Self:
        """Reads a dict. Raises pydantic.ValidationError."""
        return cls.model_validate(config)

    def to_dict(self) -> dict[str, Any]:
        """A dict of JSON values, without members that are None."""
        return self.model_dump(mode="json", exclude_none=True)

    @classmethod
    def from_file(cls, file_path: Path) -> Self:
        """Reads a file; one that is missing or empty has no servers."""
        text = file_path.read_text(encoding="utf-8").strip() if file_path.exists() else ""
        return cls.model_validate_json(text) if text else cls(mcpServers={})

    def write_to_file(self, file_path: Path) -> None:
        """Writes the file, and its folders if they are missing."""
        file_path.parent.mkdir(parents=True, exist_ok=True)
        file_path.write_text(json.dumps(self.to_dict(), indent=2, ensure_ascii=False), encoding="utf-8")


class CanonicalMCPConfig(MCPConfig):
    """A configuration as every host understands it."""


def _is_entry(value: Any) -> bool:
    return isinstance(value, BaseModel) or (isinstance(value, dict) and bool({"command", "url"} & set(value)))


def update_config_file(file_path: Path, server_name: str, server_config: Any) -> None:
    """Adds or replaces one server in a file; members of its entry that are not given stay."""
    config = MCPConfig.from_file(file_path)
    old = config.mcpServers.get(server_name)
    if isinstance(old, BaseModel):
        merged = old.model_dump(exclude_none=True) | server_config.model_dump(exclude_unset=True)
        config.mcpServers[server_name] = type(server_config).model_validate(merged)
    else:
        config.mcpServers[server_name] = server_config
    config.write_to_file(file_path)
