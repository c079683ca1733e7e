"""Transforms that show something else than the real lists, and still have to read those."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, cast

from wireglass.server.components import Component
from wireglass.server.finding import newest_only
from wireglass.server.prompts import Prompt
from wireglass.server.resources import Resource, ResourceTemplate
from wireglass.server.tools import Tool
from wireglass.server.transforms.base import Transform

if TYPE_CHECKING:
    from wireglass.server.context import Context

__all__ = ["CatalogTransform", "is_model_visible"]

_reading: ContextVar[frozenset[int]] = ContextVar("wireglass_catalog_reading", default=frozenset())
"""Which transforms (by id) are asking for the real lists right now."""


def is_model_visible(component: Component) -> bool:
    """False for what its author offers to the program's own interface only (MCP Apps: `_meta.ui.visibility`).

    Hosts hide such tools from the model when they list them. What a tool tells of them is past that door.
    """
    ui = (component.meta or {}).get("ui")
    visibility = cast("dict[str, Any]", ui).get("visibility") if isinstance(ui, dict) else None
    return not isinstance(visibility, (list, tuple)) or "model" in cast("Sequence[Any]", visibility)


class CatalogTransform(Transform):
    """Base of such transforms: override `transform_tools` and the like; `get_tool_catalog` and the like give what is
    really there, without this transform and with everything else between (rules, gates, middleware)."""

    async def transform_tools(self, tools: Sequence[Tool]) -> Sequence[Tool]:
        """The tools to show."""
        return tools

    async def transform_resources(self, resources: Sequence[Resource]) -> Sequence[Resource]:
        """The resources to show."""
        return resources

    async def transform_resource_templates(self, templates: Sequence[ResourceTemplate]) -> Sequence[ResourceTemplate]:
        """The templates to show."""
        return templates

    async def transform_prompts(self, prompts: Sequence[Prompt]) -> Sequence[Prompt]:
        """The prompts to show."""
        return prompts

    async def list_tools(self, tools: Sequence[Tool]) -> Sequence[Tool]:
        return tools if self._is_reading() else await self.transform_tools(tools)

    async def list_resources(self, resources: Sequence[Resource]) -> Sequence[Resource]:
        return resources if self._is_reading() else await self.transform_resources(resources)

    async def list_resource_templates(self, templates: Sequence[ResourceTemplate]) -> Sequence[ResourceTemplate]:
        return templates if self._is_reading() else await self.transform_resource_templates(templates)

    async def list_prompts(self, prompts: Sequence[Prompt]) -> Sequence[Prompt]:
        return prompts if self._is_reading() else await self.transform_prompts(prompts)

    async def get_tool_catalog(self, ctx: "Context", *, run_middleware: bool = True) -> Sequence[Tool]:
        """The real tools that the caller may use and the model may know, each in its newest version."""
        with self._real():
            tools = newest_only(await ctx.fastmcp.list_tools(run_middleware=run_middleware))
        # After choosing the version: its name reaches the newest, so that is the one whose wish counts.
        return [tool for tool in tools if is_model_visible(tool)]

    async def get_resource_catalog(self, ctx: "Context", *, run_middleware: bool = True) -> Sequence[Resource]:
        """The real resources, each in its newest version."""
        with self._real():
            return newest_only(await ctx.fastmcp.list_resources(run_middleware=run_middleware))

    async def get_resource_template_catalog(
        self, ctx: "Context", *, run_middleware: bool = True
    ) -> Sequence[ResourceTemplate]:
        """The real templates, each in its newest version."""
        with self._real():
            return newest_only(await ctx.fastmcp.list_resource_templates(run_middleware=run_middleware))

    async def get_prompt_catalog(self, ctx: "Context", *, run_middleware: bool = True) -> Sequence[Prompt]:
        """The real prompts, each in its newest version."""
        with self._real():
            return newest_only(await ctx.fastmcp.list_prompts(run_middleware=run_middleware))

    def _is_reading(self) -> bool:
        return id(self) in _reading.get()

    @contextmanager
    def _real(self) -> Generator[None, None, None]:
        token = _reading.set(_reading.get() | {id(self)})
        try:
            yield
        finally:
            _reading.reset(token)
