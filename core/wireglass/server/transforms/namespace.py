"""A prefix for everything a provider offers: `weather_forecast`, `data://weather/cities`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from wireglass.server.tools import Tool
from wireglass.server.transforms.base import (
    GetPromptNext,
    GetResourceNext,
    GetResourceTemplateNext,
    GetToolNext,
    Transform,
)
from wireglass.server.versions import VersionSpec
from wireglass.settings import dialect

if TYPE_CHECKING:
    from wireglass.protocol.skills import Skill
    from wireglass.server.prompts import Prompt
    from wireglass.server.resources import Resource, ResourceTemplate

__all__ = ["Namespace"]

_URI = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://(.*)", re.DOTALL)


class Namespace(Transform):
    """Prefixes names with `prefix` and URIs with `prefix/` (format "path") or `prefix+` ("protocol").

    Calls find a name by either separator, `_` or `.`; lists show `separator`. Raises ValueError for another format.
    """

    def __init__(
        self,
        prefix: str,
        *,
        separator: str = "_",
        resource_prefix_format: Literal["path", "protocol"] = "path",
        tool_names: dict[str, str] | None = None,
    ) -> None:
        if resource_prefix_format not in ("path", "protocol"):
            raise ValueError(
                f"resource_prefix_format must be 'path' or 'protocol', not {resource_prefix_format!r} "
                f"(for the prefix {prefix!r})."
            )
        self.prefix = prefix
        self.separator = separator
        self._format = resource_prefix_format
        self._renamed = dict(tool_names or {})
        self._original = {shown: original for original, shown in self._renamed.items()}

    def __repr__(self) -> str:
        return f"Namespace({self.prefix!r})"

    def shown_name(self, name: str) -> str:
        """The name as it is listed."""
        return f"{self.prefix}{self.separator}{name}" if self.prefix else name

    def original_name(self, name: str) -> str | None:
        """The provider's own name, None for a name outside the namespace."""
        if not self.prefix:
            return name
        for separator in {self.separator, "_", "."}:
            if name.startswith(self.prefix + separator):
                return name[len(self.prefix) + len(separator) :]
        return None

    def shown_uri(self, uri: str) -> str:
        """The URI as it is listed."""
        if not self.prefix:
            return uri
        if self._format == "protocol":
            return f"{self.prefix}+{uri}"
        found = _URI.fullmatch(uri)
        return f"{found.group(1)}://{self.prefix}/{found.group(2)}" if found else f"{self.prefix}+{uri}"

    def original_uri(self, uri: str) -> str | None:
        """The provider's own URI, None for one outside the namespace."""
        if not self.prefix:
            return uri
        if self._format == "protocol":
            return uri.removeprefix(f"{self.prefix}+") if uri.startswith(f"{self.prefix}+") else None
        found = _URI.fullmatch(uri)
        if found is None or not found.group(2).startswith(f"{self.prefix}/"):
            return None
        return f"{found.group(1)}://{found.group(2)[len(self.prefix) + 1 :]}"

    def _show_tool(self, tool: Tool) -> Tool:
        if tool.name in self._renamed:
            return tool.model_copy(update={"name": self._renamed[tool.name]})
        if not self.prefix:
            return tool
        update: dict[str, object] = {"name": self.shown_name(tool.name)}
        if dialect() == "R" and tool.title is None:
            update["title"] = f"{self.prefix}.{tool.name}"
        return tool.model_copy(update=update)

    async def list_tools(self, tools: Sequence[Tool]) -> Sequence[Tool]:
        return [self._show_tool(tool) for tool in tools]

    async def get_tool(self, name: str, call_next: GetToolNext, *, version: VersionSpec | None = None) -> Tool | None:
        original = self._original.get(name) or self.original_name(name)
        if original is None or (original in self._renamed and name != self._renamed[original]):
            return None
        tool = await call_next(original, version=version)
        return None if tool is None else self._show_tool(tool)

    async def list_resources(self, resources: Sequence[Resource]) -> Sequence[Resource]:
        return [self._show_resource(resource, self.shown_uri(resource.uri)) for resource in resources]

    async def get_resource(
        self, uri: str, call_next: GetResourceNext, *, version: VersionSpec | None = None
    ) -> Resource | None:
        original = self.original_uri(uri)
        resource = None if original is None else await call_next(original, version=version)
        return None if resource is None else self._show_resource(resource, uri)

    def _show_resource(self, resource: Resource, uri: str) -> Resource:
        return resource.model_copy(update={"uri": uri, **self._shown_label(resource.name)})

    async def list_resource_templates(self, templates: Sequence[ResourceTemplate]) -> Sequence[ResourceTemplate]:
        return [self._show_template(template) for template in templates]

    async def get_resource_template(
        self, uri: str, call_next: GetResourceTemplateNext, *, version: VersionSpec | None = None
    ) -> ResourceTemplate | None:
        original = self.original_uri(uri)
        template = None if original is None else await call_next(original, version=version)
        return None if template is None else self._show_template(template)

    def _show_template(self, template: ResourceTemplate) -> ResourceTemplate:
        return template.model_copy(
            update={"uri_template": self.shown_uri(template.uri_template), **self._shown_label(template.name)}
        )

    def _shown_label(self, name: str) -> dict[str, str]:
        """2.x prefixes the names of resources too, though nobody calls them by these."""
        return {"name": self.shown_name(name)} if dialect() == "2" else {}

    async def list_skills(self, skills: Sequence[Skill]) -> Sequence[Skill]:
        return [self._show_skill(skill) for skill in skills] if self.prefix else skills

    def _show_skill(self, skill: Skill) -> Skill:
        files = [file.model_copy(update={"uri": self.shown_uri(file.uri)}) for file in skill.files]
        resources = skill.resources if skill.is_dynamic else files
        return skill.model_copy(update={"uri": self.shown_uri(skill.uri), "resources": resources})

    async def list_prompts(self, prompts: Sequence[Prompt]) -> Sequence[Prompt]:
        return [prompt.model_copy(update={"name": self.shown_name(prompt.name)}) for prompt in prompts]

    async def get_prompt(
        self, name: str, call_next: GetPromptNext, *, version: VersionSpec | None = None
    ) -> Prompt | None:
        original = self.original_name(name)
        prompt = None if original is None else await call_next(original, version=version)
        return None if prompt is None else prompt.model_copy(update={"name": self.shown_name(prompt.name)})
