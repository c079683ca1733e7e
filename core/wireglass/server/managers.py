"""The managers of FastMCP 2.x: the tools, resources or prompts of one server, by name.

A manager made on its own has a server of its own, so that there is one way components are kept and used.
"""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from wireglass.errors import NotFoundError
from wireglass.server import calls, finding
from wireglass.server.components import Component
from wireglass.server.function_resources import component_from_function
from wireglass.server.function_tools import FunctionTool
from wireglass.server.prompts import FunctionPrompt, Prompt
from wireglass.server.providers.local import LocalProvider
from wireglass.server.resources import Resource, ResourceTemplate
from wireglass.server.tools import Tool

if TYPE_CHECKING:
    from wireglass.server.app import FastMCP

__all__ = ["PromptManager", "ResourceManager", "ToolManager"]

log = logging.getLogger("wireglass.server")
_BEHAVIORS = ("error", "warn", "replace", "ignore")


class _Manager:
    def __init__(self, duplicate_behavior: str | None = None, mask_error_details: bool | None = None) -> None:
        """Raises ValueError for a behaviour that is not one of error, warn, replace, ignore."""
        from wireglass.server.app import FastMCP

        if duplicate_behavior is not None and duplicate_behavior not in _BEHAVIORS:
            raise ValueError(
                f"Invalid duplicate_behavior: {duplicate_behavior!r}. Must be one of: {', '.join(_BEHAVIORS)}"
            )
        self.duplicate_behavior = duplicate_behavior or "warn"
        self.mask_error_details = bool(mask_error_details)
        self._server = FastMCP(type(self).__name__, mask_error_details=mask_error_details, on_duplicate="replace")

    @classmethod
    def of(cls, server: "FastMCP") -> Self:
        """The manager of a server's own components."""
        made = cls.__new__(cls)
        made._server = server
        made.duplicate_behavior = "warn"
        made.mask_error_details = server.mask_error_details
        return made

    @property
    def _shelves(self) -> LocalProvider:
        return self._server.local_provider

    def _add(self, component: Any, kind: str, known: dict[str, Any]) -> Any:
        """Adds it, unless there is one of that name and duplicates are not to be taken."""
        old = known.get(component.identifier)
        if old is not None:
            if self.duplicate_behavior == "error":
                raise ValueError(f"{kind} already exists: {component.identifier}")
            if self.duplicate_behavior == "ignore":
                return old
            if self.duplicate_behavior == "warn":
                log.warning("%s already exists: %s", kind, component.identifier)
        return self._shelves.put(component)


class ToolManager(_Manager):
    """The tools."""

    @property
    def _tools(self) -> dict[str, Tool]:
        return self._shelves.by_name("tool")

    def add_tool(self, tool: Tool) -> Tool:
        """Adds a tool. Raises ValueError for a duplicate when duplicates are errors."""
        return self._add(tool, "Tool", self._tools)

    def add_tool_from_fn(self, fn: Callable[..., Any], name: str | None = None, description: str | None = None) -> Tool:
        """Adds a function."""
        return self.add_tool(FunctionTool.from_function(fn, name=name, description=description))

    def add_tool_transformation(self, tool_name: str, transformation: Any) -> None:
        """Transforms one tool by name."""
        self._server.add_tool_transformation(tool_name, transformation)

    def remove_tool_transformation(self, tool_name: str) -> None:
        """Takes that back."""
        self._server.remove_tool_transformation(tool_name)

    def remove_tool(self, key: str) -> None:
        """Raises NotFoundError."""
        self._shelves.remove_tool(key)

    async def has_tool(self, key: str) -> bool:
        """Whether there is a tool of this name."""
        return key in await self.get_tools()

    async def get_tools(self) -> dict[str, Tool]:
        """Tools by name."""
        return await self._server.get_tools()

    async def get_tool(self, key: str) -> Tool:
        """One tool. Raises NotFoundError."""
        return _found(await self.get_tools(), key, "Tool")

    def list_tools(self) -> list[Tool]:
        """The tools, in the order of registration."""
        return list(self._tools.values())

    async def call_tool(self, key: str, arguments: dict[str, Any]) -> Any:
        """Calls a tool without middleware. Raises NotFoundError, ValidationError, ToolError."""
        return await calls.call_tool(self._server, key, arguments, run_middleware=False)


class ResourceManager(_Manager):
    """The resources and templates."""

    @property
    def _resources(self) -> dict[str, Resource]:
        return self._shelves.by_name("resource")

    @property
    def _templates(self) -> dict[str, ResourceTemplate]:
        return self._shelves.by_name("template")

    def add_resource(self, resource: Resource) -> Resource:
        """Adds a resource. Raises ValueError for a duplicate when duplicates are errors."""
        return self._add(resource, "Resource", self._resources)

    def add_template(self, template: ResourceTemplate) -> ResourceTemplate:
        """Adds a template. Raises ValueError for a duplicate when duplicates are errors."""
        return self._add(template, "Template", self._templates)

    def add_resource_or_template_from_fn(self, fn: Callable[..., Any], uri: str, **options: Any) -> Any:
        """Adds a function as what its URI says."""
        made = component_from_function(fn, uri, **options)
        return self.add_template(made) if isinstance(made, ResourceTemplate) else self.add_resource(made)

    add_resource_from_fn = add_resource_or_template_from_fn
    add_template_from_fn = add_resource_or_template_from_fn

    async def has_resource(self, uri: Any) -> bool:
        """Whether a resource or a template answers for this URI."""
        return await self._find(str(uri)) is not None

    async def get_resources(self) -> dict[str, Any]:
        """Resources by URI."""
        return await self._server.get_resources()

    async def get_resource_templates(self) -> dict[str, Any]:
        """Templates by URI."""
        return await self._server.get_resource_templates()

    async def get_resource(self, uri: Any) -> Resource:
        """The resource at a URI, also one that a template makes. Raises NotFoundError."""
        found = await self._find(str(uri))
        if isinstance(found, ResourceTemplate):
            return await found.create_resource(str(uri), self._server.check_template_values(found, str(uri)))
        if found is None:
            raise NotFoundError(f"Unknown resource: {str(uri)!r}")
        return found

    async def read_resource(self, uri: Any) -> Any:
        """Reads without middleware: text or bytes. Raises NotFoundError, ResourceError."""
        result = await calls.read_resource(self._server, str(uri), run_middleware=False)
        return result.contents[0].content if len(result.contents) == 1 else result

    async def _find(self, uri: str) -> Any:
        found = (await self.get_resources()).get(uri)
        return found if found is not None else await finding.find(self._server, "resource_template", uri)


class PromptManager(_Manager):
    """The prompts."""

    @property
    def _prompts(self) -> dict[str, Prompt]:
        return self._shelves.by_name("prompt")

    def add_prompt(self, prompt: Prompt) -> Prompt:
        """Adds a prompt. Raises ValueError for a duplicate when duplicates are errors."""
        return self._add(prompt, "Prompt", self._prompts)

    def add_prompt_from_fn(self, fn: Callable[..., Any], **options: Any) -> Prompt:
        """Adds a function."""
        return self.add_prompt(FunctionPrompt.from_function(fn, **options))

    async def has_prompt(self, key: str) -> bool:
        """Whether there is a prompt of this name."""
        return key in await self.get_prompts()

    async def get_prompts(self) -> dict[str, Prompt]:
        """Prompts by name."""
        return await self._server.get_prompts()

    async def get_prompt(self, key: str) -> Prompt:
        """One prompt. Raises NotFoundError."""
        return _found(await self.get_prompts(), key, "prompt")

    async def render_prompt(self, name: str, arguments: dict[str, Any] | None = None) -> Any:
        """Renders without middleware. Raises NotFoundError, PromptError."""
        return await calls.render_prompt(self._server, name, arguments, run_middleware=False)


def _found(components: dict[str, Any], key: str, kind: str) -> Any:
    component: Component | None = components.get(key)
    if component is None:
        known = "Unknown prompt" if kind == "prompt" else f"{kind} {key!r} not found"
        raise NotFoundError(f"{known}: {key}" if kind == "prompt" else known)
    return component
