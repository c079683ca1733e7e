"""Several providers as one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from wireglass.server.components import Component
from wireglass.server.providers.base import ErrorStrategy, Provider, found_or_warned, listed_or_warned, pick
from wireglass.server.tools import Tool
from wireglass.server.transforms.base import Transform
from wireglass.server.transforms.namespace import Namespace
from wireglass.server.versions import VersionSpec
from wireglass.server.watching import Stop, watch_all

if TYPE_CHECKING:
    from wireglass.protocol.skills import Skill
    from wireglass.server.prompts import Prompt
    from wireglass.server.resources import Resource, ResourceTemplate

__all__ = ["AggregateProvider", "Wrapped"]


class AggregateProvider(Provider):
    """The components of several providers, in order; the first with a name wins."""

    def __init__(self, providers: Sequence[Provider] = (), *, provider_error_strategy: ErrorStrategy = "warn") -> None:
        super().__init__()
        self.provider_error_strategy: ErrorStrategy = provider_error_strategy
        self.providers: list[Provider] = []
        for provider in providers:
            self.add_provider(provider)

    def __repr__(self) -> str:
        return f"AggregateProvider({self.providers!r})"

    def offers_tasks(self) -> bool:
        return any(provider.offers_tasks() for provider in self.providers)

    def offers_skills(self) -> bool:
        return any(provider.offers_skills() for provider in self.providers)

    def add_provider(self, provider: Provider, *, namespace: str = "") -> None:
        """Adds a provider, under a prefix if one is given."""
        chosen = Wrapped(provider, Namespace(namespace)) if namespace else provider
        self.providers.append(chosen)
        chosen.listeners.append(self.changed)

    async def watch(self, tell: Callable[[str], None]) -> Stop | None:
        return await watch_all(self.providers, tell)

    async def _all(self, method: str) -> list[Any]:
        seen: dict[str, Component] = {}
        for provider in self.providers:
            for component in await listed_or_warned(provider, method, self.provider_error_strategy):
                seen.setdefault(component.key, component)
        return list(seen.values())

    async def _first(self, method: str, identifier: str, version: VersionSpec | None) -> Any:
        strategy = self.provider_error_strategy
        candidates = await found_or_warned(self.providers, strategy, method, identifier, version)
        return pick(candidates, version) if candidates else None

    async def _list_tools(self) -> Sequence[Tool]:
        return await self._all("list_tools")

    async def _get_tool(self, name: str, version: VersionSpec | None = None) -> Tool | None:
        return await self._first("get_tool", name, version)

    async def _list_resources(self) -> Sequence[Resource]:
        return await self._all("list_resources")

    async def _get_resource(self, uri: str, version: VersionSpec | None = None) -> Resource | None:
        return await self._first("get_resource", uri, version)

    async def _list_resource_templates(self) -> Sequence[ResourceTemplate]:
        return await self._all("list_resource_templates")

    async def _get_resource_template(self, uri: str, version: VersionSpec | None = None) -> ResourceTemplate | None:
        return await self._first("get_resource_template", uri, version)

    async def _list_prompts(self) -> Sequence[Prompt]:
        return await self._all("list_prompts")

    async def _get_prompt(self, name: str, version: VersionSpec | None = None) -> Prompt | None:
        return await self._first("get_prompt", name, version)

    async def _list_skills(self) -> Sequence[Skill]:
        seen: dict[str, Skill] = {}
        for provider in self.providers:
            for skill in await provider.list_skills():
                seen.setdefault(skill.uri, skill)
        return list(seen.values())

    @asynccontextmanager
    async def lifespan(self) -> AsyncGenerator[None, None]:
        async with AsyncExitStack() as stack:
            for provider in self.providers:
                await stack.enter_async_context(provider.lifespan())
            yield


class Wrapped(AggregateProvider):
    """One provider seen through further transforms, which its other users do not see."""

    def __init__(self, inner: Provider, *transforms: Transform) -> None:
        super().__init__([inner])
        self.inner = inner
        self._transforms += transforms

    def __repr__(self) -> str:
        return f"{self.inner!r} through {self._transforms!r}"

    @property
    def server(self) -> Any:
        """The server behind it, if there is one."""
        return getattr(self.inner, "server", None)
