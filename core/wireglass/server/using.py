"""A server used from Python: its lists, one component, a call. Requests of clients pass here too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from wireglass.server import calls, finding
from wireglass.server.older_names import found_or_raise

if TYPE_CHECKING:
    from wireglass.server.app import FastMCP
    from wireglass.server.prompts import Prompt
    from wireglass.server.resources import Resource, ResourceTemplate
    from wireglass.server.tools import Tool
    from wireglass.server.versions import VersionSpec

__all__ = ["Using"]


class Using:
    """The part of a server that lists, finds and calls."""

    async def list_tools(self, *, run_middleware: bool = True) -> Sequence[Tool]:
        """The tools the caller may see."""
        return await finding.list_all(cast("FastMCP", self), "tools", run_middleware=run_middleware)

    async def list_resources(self, *, run_middleware: bool = True) -> Sequence[Resource]:
        """The resources the caller may see."""
        return await finding.list_all(cast("FastMCP", self), "resources", run_middleware=run_middleware)

    async def list_resource_templates(self, *, run_middleware: bool = True) -> Sequence[ResourceTemplate]:
        """The templates the caller may see."""
        return await finding.list_all(cast("FastMCP", self), "resource_templates", run_middleware=run_middleware)

    async def list_prompts(self, *, run_middleware: bool = True) -> Sequence[Prompt]:
        """The prompts the caller may see."""
        return await finding.list_all(cast("FastMCP", self), "prompts", run_middleware=run_middleware)

    async def list_components(self, kind: str) -> Sequence[Any]:
        """Any of the lists, by its name: "tools", "resources", "resource_templates", "prompts"."""
        return await getattr(self, f"list_{kind}")()

    async def find(self, kind: str, identifier: str, version: VersionSpec | None = None) -> Any:
        """One "tool", "resource", "resource_template" (by a URI of its) or "prompt", or None, in every dialect."""
        return await finding.find(cast("FastMCP", self), kind, identifier, version)

    async def get_tool(self, name: str, version: VersionSpec | None = None) -> Tool | None:
        """One tool, or None. In dialect 2, raises NotFoundError instead."""
        return found_or_raise("tool", name, await finding.find(cast("FastMCP", self), "tool", name, version))

    async def get_resource(self, uri: str, version: VersionSpec | None = None) -> Resource | None:
        """One resource, or None. In dialect 2, raises NotFoundError instead."""
        return found_or_raise("resource", uri, await finding.find(cast("FastMCP", self), "resource", str(uri), version))

    async def get_resource_template(self, uri: str, version: VersionSpec | None = None) -> ResourceTemplate | None:
        """The template that a URI belongs to, or None. In dialect 2, raises NotFoundError instead."""
        template = await finding.find(cast("FastMCP", self), "resource_template", str(uri), version)
        return found_or_raise("resource template", uri, template)

    async def get_prompt(self, name: str, version: VersionSpec | None = None) -> Prompt | None:
        """One prompt, or None. In dialect 2, raises NotFoundError instead."""
        return found_or_raise("prompt", name, await finding.find(cast("FastMCP", self), "prompt", name, version))

    async def call_tool(
        self,
        name: str,
        arguments: dict[str, Any] | None = None,
        *,
        version: VersionSpec | None = None,
        run_middleware: bool = True,
    ) -> Any:
        """Calls a tool. Raises NotFoundError, ValidationError, ToolError."""
        return await calls.call_tool(
            cast("FastMCP", self), name, arguments, version=version, run_middleware=run_middleware
        )

    async def read_resource(self, uri: str, *, version: VersionSpec | None = None, run_middleware: bool = True) -> Any:
        """Reads a resource. Raises NotFoundError, ResourceError."""
        return await calls.read_resource(
            cast("FastMCP", self), str(uri), version=version, run_middleware=run_middleware
        )

    async def render_prompt(
        self,
        name: str,
        arguments: dict[str, Any] | None = None,
        *,
        version: VersionSpec | None = None,
        run_middleware: bool = True,
    ) -> Any:
        """Renders a prompt. Raises NotFoundError, PromptError."""
        return await calls.render_prompt(
            cast("FastMCP", self), name, arguments, version=version, run_middleware=run_middleware
        )
