"""What every source of components promises. Subclasses fill in the methods with an underscore."""

from __future__ import annotations

import functools
import logging
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from wireglass.server.components import Component
from wireglass.server.tools import Tool
from wireglass.server.transforms.base import Transform
from wireglass.server.versions import VersionSpec, newest

if TYPE_CHECKING:
    from wireglass.protocol.skills import Skill
    from wireglass.server.prompts import Prompt
    from wireglass.server.resources import Resource, ResourceTemplate
    from wireglass.server.watching import Stop

__all__ = ["ErrorStrategy", "Provider", "found_or_warned", "listed_or_warned"]

log = logging.getLogger("wireglass.server")
C = TypeVar("C", bound=Component)


ErrorStrategy = Literal["warn", "raise"]
"""What a provider that fails does to the others: "warn" logs it and goes on without it, "raise" fails the request."""


async def listed_or_warned(provider: Provider, method: str, strategy: ErrorStrategy) -> Sequence[Any]:
    """One of a provider's lists; empty for one that failed, if that is only to be logged."""
    if strategy == "raise":
        return await getattr(provider, method)()
    try:
        return await getattr(provider, method)()
    except Exception as error:  # boundary: one source of several, and the others still have something to offer
        log.warning("%r was left out of %s: %s", provider, method, error)
        return []


async def found_or_warned(providers: Sequence[Provider], strategy: ErrorStrategy, method: str, *args: Any) -> list[Any]:
    """What providers have under a name. One that fails is left out, unless nobody else has it: then that is why."""
    found: list[Any] = []
    failure: Exception | None = None
    for provider in providers:
        try:
            component = await getattr(provider, method)(*args)
        except Exception as error:  # boundary: as above
            if strategy == "raise":
                raise
            log.warning("%r was left out of %s: %s", provider, method, error)
            failure = failure or error
            continue
        if component is not None:
            found.append(component)
    if failure is not None and not found:
        raise failure
    return found


class Provider:
    """A source of tools, resources, templates and prompts."""

    def __init__(self) -> None:
        self._transforms: list[Transform] = []

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @property
    def transforms(self) -> list[Transform]:
        """This provider's transforms, innermost first."""
        return self._transforms

    def add_transform(self, transform: Transform) -> None:
        """Adds a transform outside those that are there."""
        self._transforms.append(transform)
        self.changed()

    def offers_tasks(self) -> bool:
        """Whether any of its tools may run as a task in this process; asked when a server introduces itself."""
        return False

    def offers_skills(self) -> bool:
        """Whether it serves skills (SEP-2640); asked when a server introduces itself."""
        return False

    def changed(self, kind: str | None = None) -> None:
        """Called when what is offered may have changed; servers tell their clients."""
        for listener in self.listeners:
            listener(kind)

    async def watch(self, tell: Callable[[str], None]) -> Stop | None:
        """Has a source that is elsewhere report changed lists to one listener, in the context of its request.

        `tell` gets the kind: "tool", "resource" or "prompt". None where all that changes is told by `changed`.
        """
        return None

    @property
    def listeners(self) -> list[Any]:
        """Called with the kind that changed ("tool", "resource", "prompt"), or None for any. Two more kinds say that
        there is nobody to tell: "task", only how tools run, and "told", whoever listens knows already."""
        return self.__dict__.setdefault("_listeners", [])

    def enable(
        self,
        *,
        names: Collection[str] | None = None,
        keys: Collection[str] | None = None,
        version: VersionSpec | None = None,
        tags: Collection[str] | None = None,
        components: Collection[str] | None = None,
        only: bool = False,
    ) -> Provider:
        """Switches matching components on; with `only`, everything else off."""
        from wireglass.server.transforms.selection import Visibility

        if only:
            self.add_transform(Visibility(False, match_all=True))
        self.add_transform(Visibility(True, names=names, keys=keys, version=version, tags=tags, components=components))
        return self

    def disable(
        self,
        *,
        names: Collection[str] | None = None,
        keys: Collection[str] | None = None,
        version: VersionSpec | None = None,
        tags: Collection[str] | None = None,
        components: Collection[str] | None = None,
    ) -> Provider:
        """Switches matching components off: not listed, not callable."""
        from wireglass.server.transforms.selection import Visibility

        self.add_transform(Visibility(False, names=names, keys=keys, version=version, tags=tags, components=components))
        return self

    # What subclasses provide

    async def _list_tools(self) -> Sequence[Tool]:
        return []

    async def _get_tool(self, name: str, version: VersionSpec | None = None) -> Tool | None:
        return pick([tool for tool in await self._list_tools() if tool.name == name], version)

    async def _list_resources(self) -> Sequence[Resource]:
        return []

    async def _get_resource(self, uri: str, version: VersionSpec | None = None) -> Resource | None:
        return pick([item for item in await self._list_resources() if item.uri == uri], version)

    async def _list_resource_templates(self) -> Sequence[ResourceTemplate]:
        return []

    async def _get_resource_template(self, uri: str, version: VersionSpec | None = None) -> ResourceTemplate | None:
        matching = [t for t in await self._list_resource_templates() if t.matches(uri) is not None]
        return pick([t for t in matching if t.uri_template == matching[0].uri_template], version)

    async def _list_prompts(self) -> Sequence[Prompt]:
        return []

    async def _get_prompt(self, name: str, version: VersionSpec | None = None) -> Prompt | None:
        return pick([prompt for prompt in await self._list_prompts() if prompt.name == name], version)

    async def _list_skills(self) -> Sequence[Skill]:
        """Entries of the skills whose files are among its resources (`wireglass.skill_files.skill_entry` makes one).

        The resources must give the very bytes that the entry counts: no other line ends, no other encoding. Those of a
        `SKILL.md` should have its name and description, the type text/markdown, and in `_meta` only keys that begin
        with `io.modelcontextprotocol.skills/` (override `get_meta`).
        """
        return []

    @asynccontextmanager
    async def lifespan(self) -> AsyncGenerator[None, None]:
        """Entered once while the server runs."""
        yield

    async def get_tasks(self) -> Sequence[Component]:
        """Components that may run as tasks."""
        groups = (
            await self.list_tools(),
            await self.list_resources(),
            await self.list_resource_templates(),
            await self.list_prompts(),
        )
        return [item for group in groups for item in group if item.task_config.supports_tasks()]

    # What others call: the same, seen through the transforms

    async def list_tools(self) -> Sequence[Tool]:
        """Tools, in the order they were registered."""
        tools = await self._list_tools()
        for transform in self._transforms:
            tools = await transform.list_tools(tools)
        return tools

    async def get_tool(self, name: str, version: VersionSpec | None = None) -> Tool | None:
        """One tool, its newest version unless `version` says otherwise; None when there is none."""
        return await self._chain("get_tool", self._get_tool)(name, version=version)

    async def list_resources(self) -> Sequence[Resource]:
        """Resources, in the order they were registered."""
        resources = await self._list_resources()
        for transform in self._transforms:
            resources = await transform.list_resources(resources)
        return resources

    async def get_resource(self, uri: str, version: VersionSpec | None = None) -> Resource | None:
        """One resource by its URI, or None."""
        return await self._chain("get_resource", self._get_resource)(uri, version=version)

    async def list_resource_templates(self) -> Sequence[ResourceTemplate]:
        """Templates, in the order they were registered."""
        templates = await self._list_resource_templates()
        for transform in self._transforms:
            templates = await transform.list_resource_templates(templates)
        return templates

    async def get_resource_template(self, uri: str, version: VersionSpec | None = None) -> ResourceTemplate | None:
        """The template that `uri` belongs to, or None."""
        return await self._chain("get_resource_template", self._get_resource_template)(uri, version=version)

    async def list_prompts(self) -> Sequence[Prompt]:
        """Prompts, in the order they were registered."""
        prompts = await self._list_prompts()
        for transform in self._transforms:
            prompts = await transform.list_prompts(prompts)
        return prompts

    async def get_prompt(self, name: str, version: VersionSpec | None = None) -> Prompt | None:
        """One prompt, or None."""
        return await self._chain("get_prompt", self._get_prompt)(name, version=version)

    async def list_skills(self) -> Sequence[Skill]:
        """Skills, in the provider's order."""
        skills = await self._list_skills()
        for transform in self._transforms:
            skills = await transform.list_skills(skills)
        return skills

    def _chain(self, method: str, innermost: Any) -> Any:
        async def call(identifier: str, *, version: VersionSpec | None = None) -> Any:
            return await innermost(identifier, version)

        chain: Any = call
        for transform in self._transforms:
            chain = functools.partial(_through, getattr(transform, method), chain)
        return chain


async def _through(method: Any, chain: Any, identifier: str, *, version: VersionSpec | None = None) -> Any:
    return await method(identifier, chain, version=version)


def pick(candidates: Sequence[C], version: VersionSpec | None) -> C | None:
    """The newest of the candidates that `version` means."""
    if len(candidates) == 1 and version is None:
        return candidates[0]
    return newest([(item.version, item) for item in candidates], version)


def kind_of(component: Component) -> str:
    """ "tool", "resource" (templates too) or "prompt": what a `list_changed` notification is about."""
    kind = component.COMPONENT_TYPE
    return kind if kind in ("tool", "prompt") else "resource"
