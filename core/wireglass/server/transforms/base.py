"""Transforms: what stands between a provider's components and those who ask for them."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Protocol

from wireglass.server.tools import Tool
from wireglass.server.versions import VersionSpec

if TYPE_CHECKING:
    from wireglass.protocol.skills import Skill
    from wireglass.server.prompts import Prompt
    from wireglass.server.resources import Resource, ResourceTemplate

__all__ = ["GetPromptNext", "GetResourceNext", "GetResourceTemplateNext", "GetToolNext", "Transform"]


class GetToolNext(Protocol):
    """Asks what is behind the transform for a tool."""

    def __call__(self, name: str, *, version: VersionSpec | None = None) -> Awaitable[Tool | None]: ...


class GetResourceNext(Protocol):
    """Asks what is behind the transform for a resource."""

    def __call__(self, uri: str, *, version: VersionSpec | None = None) -> Awaitable[Resource | None]: ...


class GetResourceTemplateNext(Protocol):
    """Asks what is behind the transform for the template of a URI."""

    def __call__(self, uri: str, *, version: VersionSpec | None = None) -> Awaitable[ResourceTemplate | None]: ...


class GetPromptNext(Protocol):
    """Asks what is behind the transform for a prompt."""

    def __call__(self, name: str, *, version: VersionSpec | None = None) -> Awaitable[Prompt | None]: ...


class Transform:
    """Base of all transforms: changes lists after they are made, and look-ups before and after they happen."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    async def list_tools(self, tools: Sequence[Tool]) -> Sequence[Tool]:
        """The tools to show."""
        return tools

    async def get_tool(self, name: str, call_next: GetToolNext, *, version: VersionSpec | None = None) -> Tool | None:
        """The tool behind a shown name."""
        return await call_next(name, version=version)

    async def list_resources(self, resources: Sequence[Resource]) -> Sequence[Resource]:
        """The resources to show."""
        return resources

    async def get_resource(
        self, uri: str, call_next: GetResourceNext, *, version: VersionSpec | None = None
    ) -> Resource | None:
        """The resource behind a shown URI."""
        return await call_next(uri, version=version)

    async def list_resource_templates(self, templates: Sequence[ResourceTemplate]) -> Sequence[ResourceTemplate]:
        """The templates to show."""
        return templates

    async def get_resource_template(
        self, uri: str, call_next: GetResourceTemplateNext, *, version: VersionSpec | None = None
    ) -> ResourceTemplate | None:
        """The template that a shown URI belongs to."""
        return await call_next(uri, version=version)

    async def list_skills(self, skills: Sequence[Skill]) -> Sequence[Skill]:
        """The skills to show. Their files are resources: who changes URIs there changes them here."""
        return skills

    async def list_prompts(self, prompts: Sequence[Prompt]) -> Sequence[Prompt]:
        """The prompts to show."""
        return prompts

    async def get_prompt(
        self, name: str, call_next: GetPromptNext, *, version: VersionSpec | None = None
    ) -> Prompt | None:
        """The prompt behind a shown name."""
        return await call_next(name, version=version)
