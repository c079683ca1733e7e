"""`ClientGroup`: the tools of several clients in one list. Each keeps its own connection, era, handlers and cache."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

from wireglass.client.client import Client
from wireglass.client.results import CallToolResult
from wireglass.client.transports import transport_of
from wireglass.errors import ConfigError
from wireglass.protocol.messages import JsonObject
from wireglass.protocol.tools import Tool

__all__ = ["ClientGroup", "ToolRoute"]


@dataclass(frozen=True, slots=True)
class ToolRoute:
    """Where a tool of the group really is."""

    server_name: str
    client: Client
    upstream_name: str


class ClientGroup:
    """Several clients, entered and left together; a tool's name has its client's name and `_` in front."""

    def __init__(self, clients: Mapping[str, Client]) -> None:
        """Raises ValueError for an empty group."""
        if not clients:
            raise ValueError("A ClientGroup needs at least one client.")
        self.clients: Mapping[str, Client] = MappingProxyType(dict(clients))
        self._stack: AsyncExitStack | None = None
        self._users = 0
        self._gate = asyncio.Lock()
        self._looking = asyncio.Lock()
        self._routes: dict[str, ToolRoute] | None = None

    @classmethod
    def from_config(cls, config: Any, **options: Any) -> Self:
        """A group of the servers of an `mcpServers` configuration. An entry's `mode` is its client's.

        `options` go to every client. Raises ConfigError.
        """
        found = config.get("mcpServers", config) if isinstance(config, Mapping) else config.mcpServers
        servers: dict[str, Any] = {str(name): entry for name, entry in dict(found).items()}
        if not servers:
            raise ConfigError("The configuration names no servers.", next_step='Add one below "mcpServers".')
        return cls(
            {
                name: Client(transport_of(name, entry), **{**options, **_own_mode(entry)})
                for name, entry in servers.items()
            }
        )

    # Life

    async def __aenter__(self) -> Self:
        async with self._gate:
            if self._users == 0:
                async with AsyncExitStack() as stack:
                    for client in self.clients.values():
                        await stack.enter_async_context(client)
                    self._stack = stack.pop_all()
            self._users += 1
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        async with self._gate:
            self._users = max(0, self._users - 1)
            if self._users == 0 and self._stack is not None:
                stack, self._stack = self._stack, None
                self._routes = None
                await stack.aclose()

    def _require_connected(self) -> None:
        missing = [repr(name) for name, client in self.clients.items() if not client.is_connected()]
        if missing:
            raise RuntimeError(f"ClientGroup clients are not connected: {', '.join(missing)}")

    @property
    def protocol_versions(self) -> dict[str, str | None]:
        """The version each client settled on, by name."""
        return {name: client.protocol_version for name, client in self.clients.items()}

    # Tools

    async def list_tools(self) -> list[Tool]:
        """The tools of all, asked for anew.

        Raises RuntimeError when a client is not connected, ValueError when two tools get the same name.
        """
        self._require_connected()
        async with self._looking:
            return await self._look()

    async def _look(self) -> list[Tool]:
        try:
            async with asyncio.TaskGroup() as group:
                listing = {
                    name: group.create_task(client.list_tools(cache_mode="refresh"))
                    for name, client in self.clients.items()
                }
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None
        routes: dict[str, ToolRoute] = {}
        tools: list[Tool] = []
        for name, listed in listing.items():
            for tool in listed.result():
                shown = f"{name}_{tool.name}"
                if shown in routes:
                    raise ValueError(f"Tool name collision: {shown!r}")
                routes[shown] = ToolRoute(name, self.clients[name], tool.name)
                tools.append(tool.model_copy(update={"name": shown}))
        self._routes = routes
        return tools

    async def resolve_tool(self, name: str) -> ToolRoute:
        """Where a tool is. Lists the tools once if that has not been done. Raises KeyError for an unknown one."""
        if self._routes is None:
            self._require_connected()
            async with self._looking:
                if self._routes is None:
                    await self._look()
        route = (self._routes or {}).get(name)
        if route is None:
            raise KeyError(f"Unknown tool: {name!r}")
        return route

    async def call_tool(self, name: str, arguments: JsonObject | None = None, **options: Any) -> CallToolResult:
        """Calls a tool; options and errors as in `Client.call_tool`. Raises KeyError for an unknown tool."""
        route = await self.resolve_tool(name)
        if not route.client.is_connected():
            raise RuntimeError(f"ClientGroup clients are not connected: {route.server_name!r}")
        return await route.client.call_tool(route.upstream_name, arguments, **options)


def _own_mode(entry: Any) -> dict[str, Any]:
    mode = entry.get("mode") if isinstance(entry, Mapping) else getattr(entry, "mode", None)
    return {} if mode is None else {"mode": mode}
