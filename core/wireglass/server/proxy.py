"""Another server behind a client, as a server of ours: what it offers, what it asks, what it reports, all forwarded."""

import secrets
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

from wireglass.errors import METHOD_NOT_FOUND, McpError
from wireglass.protocol.messages import as_object
from wireglass.protocol.versions import TASKS_EXTENSION
from wireglass.server.app import FastMCP
from wireglass.server.components import TaskConfig
from wireglass.server.prompts import Prompt
from wireglass.server.providers.base import Provider, pick
from wireglass.server.proxy_backends import Backends
from wireglass.server.proxy_components import TaskKind, prompt_of, resource_of, task_support, template_of, tool_of
from wireglass.server.proxy_metadata import ProxyIdentity, ProxyMetadataMiddleware
from wireglass.server.resources import Resource, ResourceTemplate
from wireglass.server.tools import Tool
from wireglass.server.versions import VersionSpec
from wireglass.server.watching import Stop

if TYPE_CHECKING:
    from wireglass.client.client import Client

__all__ = ["FastMCPProxy", "ProxyProvider", "create_proxy"]

_POLL = timedelta(seconds=1)
_CACHE_SECONDS = 300.0


class ProxyProvider(Provider):
    """The components of the server behind `client_factory`, which returns a client for each connection."""

    def __init__(self, client_factory: Callable[[], Any], *, cache_ttl: float | None = None) -> None:
        """`cache_ttl` is how many seconds a component found once is found again without asking (default: 300; 0:
        never). What clients list is always asked for."""
        super().__init__()
        self._backends = Backends(client_factory, self._stale)
        self._cache_ttl = _CACHE_SECONDS if cache_ttl is None else cache_ttl
        self._known: dict[str, tuple[float, Sequence[Any]]] = {}
        self._has_tasks: bool | None = None
        """Whether the other server has tasks; None until it was asked for its tools."""

    def offers_tasks(self) -> bool:
        """Whether the other server has tasks: yes until it is known, because ours introduces itself first."""
        return self._has_tasks is not False

    def __repr__(self) -> str:
        return "ProxyProvider()"

    async def watch(self, tell: Callable[[str], None]) -> Stop | None:
        return await self._backends.watch(None, tell)

    def _stale(self, kind: str) -> None:
        """The other server says that a list changed, to who listens as well."""
        for each in ("resources", "resource_templates") if kind == "resource" else (f"{kind}s",):
            self._known.pop(each, None)
        self.changed("told")

    def connected(self) -> "AbstractAsyncContextManager[Client]":
        """A client on the other server; see `Backends.connected`."""
        return self._backends.connected()

    @asynccontextmanager
    async def lifespan(self) -> AsyncGenerator[None, None]:
        """At the end, waits for the connections of sessions that are gone."""
        async with self._backends.kept():
            yield

    async def _listed(self, method: str, learn: "Callable[[Client], None] | None" = None) -> list[Any]:
        async with self.connected() as client:
            if learn is not None:
                learn(client)
            try:
                return await getattr(client, method)()
            except McpError as error:
                if error.code == METHOD_NOT_FOUND:
                    return []  # a server without resources need not know the method
                raise

    async def _list_tools(self) -> Sequence[Tool]:
        runs: TaskKind = None

        def learn(client: "Client") -> None:
            nonlocal runs
            runs = _task_config(client)
            if self._has_tasks != (runs is not None):
                self._has_tasks = runs is not None
                self.changed("task")

        tools = await self._listed("list_tools", learn)
        return self._know("tools", [tool_of(self._backends, listed, runs) for listed in tools])

    async def _list_resources(self) -> Sequence[Resource]:
        listed = await self._listed("list_resources")
        return self._know("resources", [resource_of(self._backends, item) for item in listed])

    async def _list_resource_templates(self) -> Sequence[ResourceTemplate]:
        listed = await self._listed("list_resource_templates")
        return self._know("resource_templates", [template_of(self._backends, item) for item in listed])

    async def _list_prompts(self) -> Sequence[Prompt]:
        return self._know("prompts", [prompt_of(self._backends, item) for item in await self._listed("list_prompts")])

    def _know(self, kind: str, items: list[Any]) -> list[Any]:
        if self._cache_ttl > 0:
            self._known[kind] = (monotonic(), items)
        return items

    async def _find(self, kind: str, fits: Callable[[Any], bool], version: VersionSpec | None) -> Any:
        """Among what was listed not long ago; what is not there is looked for anew."""
        since, known = self._known.get(kind, (0.0, ()))
        if known and monotonic() - since < self._cache_ttl:
            found = pick([item for item in known if fits(item)], version)
            if found is not None:
                return found
        return pick([item for item in await getattr(self, f"_list_{kind}")() if fits(item)], version)

    async def _get_tool(self, name: str, version: VersionSpec | None = None) -> Tool | None:
        return await self._find("tools", lambda item: item.name == name, version)

    async def _get_resource(self, uri: str, version: VersionSpec | None = None) -> Resource | None:
        return await self._find("resources", lambda item: item.uri == uri, version)

    async def _get_prompt(self, name: str, version: VersionSpec | None = None) -> Prompt | None:
        return await self._find("prompts", lambda item: item.name == name, version)


def _task_config(client: "Client") -> TaskKind:
    """How tools of this server may run as tasks: a function of each, None when it has no tasks.

    At 2025-11-25 each tool says so. Since 2026-07-28 the server decides call by call, so any call may become a task
    here too; what it answers at once we answer at once.
    """
    capabilities = client.facts.capabilities
    if client.facts.stateless:
        if TASKS_EXTENSION not in as_object(capabilities.get("extensions")):
            return None
        relayed = TaskConfig(mode="optional", poll_interval=_POLL, at_once=True)
        return lambda _listed: relayed
    if "call" not in as_object(as_object(as_object(capabilities.get("tasks")).get("requests")).get("tools")):
        return None
    optional = TaskConfig(mode="optional", poll_interval=_POLL)
    return lambda listed: optional if task_support(listed) in ("optional", "required") else TaskConfig()


class FastMCPProxy(FastMCP):
    """A server that forwards to another: `FastMCPProxy(client_factory=lambda: Client(...), name="front")`."""

    def __init__(
        self,
        client: Any = None,
        *,
        client_factory: Callable[[], Any] | None = None,
        identity: ProxyIdentity = "proxy",
        **settings: Any,
    ) -> None:
        """`identity="upstream"` shows clients the other server's name and looks instead of the proxy's own."""
        if client_factory is None:
            if client is None:
                raise ValueError("FastMCPProxy needs a client_factory.")
            client_factory = _factory_of(client)
        # It has one source: an empty list in place of that source's failure would be a lie.
        usual: dict[str, Any] = {"name": f"FastMCPProxy-{secrets.token_hex(2)}", "provider_error_strategy": "raise"}
        super().__init__(**{**usual, **settings})
        self.client_factory = client_factory
        provider = ProxyProvider(client_factory)
        self.add_provider(provider)
        self.introductions.append(ProxyMetadataMiddleware(provider, identity))


def _factory_of(target: Any, mode: str | None = None) -> Callable[[], Any]:
    from wireglass.client.client import Client

    if isinstance(target, Client):
        return lambda: target
    recipe: Any = target
    return lambda: Client(recipe, mode=mode or "auto")


def create_proxy(target: Any, *, mode: str | None = None, **settings: Any) -> FastMCPProxy:
    """A server that forwards everything to `target`: a client, transport, URL, path, configuration or server.

    Settings are those of `FastMCP`. Raises ConfigError when no transport can be made.
    """
    return FastMCPProxy(client_factory=_factory_of(target, mode), **settings)
