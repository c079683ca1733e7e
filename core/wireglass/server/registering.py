"""How components get onto a server: the decorators and `add_...` of `FastMCP`. The logic is in `registration.py`."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, cast

from wireglass.server.completions import Completions
from wireglass.server.options import serializer_of, task_default
from wireglass.server.providers.local import LocalProvider
from wireglass.server.registration import decorate, register_resource
from wireglass.server.tools import NOT_SET, Tool

if TYPE_CHECKING:
    from wireglass.server.prompts import Prompt
    from wireglass.server.resources import ResourceTemplate

__all__ = ["Registering"]


class Registering:
    """The part of a server that authors fill. `FastMCP` sets the attributes."""

    local_provider: LocalProvider
    completions: Completions
    settings_given: dict[str, Any]

    def tool(
        self,
        name_or_fn: str | Callable[..., Any] | None = None,
        *,
        name: str | None = None,
        version: str | int | None = None,
        title: str | None = None,
        description: str | None = None,
        icons: list[Any] | None = None,
        tags: Collection[str] | None = None,
        output_schema: Any = NOT_SET,
        annotations: Any = None,
        exclude_args: list[str] | None = None,
        meta: dict[str, Any] | None = None,
        enabled: bool | None = None,
        task: Any = None,
        timeout: float | None = None,
        auth: Any = None,
        run_in_thread: bool = True,
        **more: Any,
    ) -> Any:
        """Registers a tool: `@mcp.tool`, `@mcp.tool()`, `@mcp.tool("name")`, `mcp.tool(fn, name=...)`.

        Returns the function. Raises RegistrationError naming the function, its file and line.
        """
        options = {
            "name": name,
            "version": version,
            "title": title,
            "description": description,
            "icons": icons,
            "tags": tags,
            "annotations": annotations,
            "exclude_args": exclude_args,
            "meta": meta,
            "enabled": enabled,
            "task": task_default(self.settings_given) if task is None else task,
            "timeout": timeout,
            "auth": auth,
            "serializer": serializer_of(self.settings_given),
            **more,
        }
        if output_schema is not NOT_SET:
            options["output_schema"] = output_schema or False
        if not run_in_thread:
            options["run_in_thread"] = False
        return decorate("tool", self.add_tool, name_or_fn, options)

    def resource(
        self,
        uri: str,
        *,
        name: str | None = None,
        version: str | int | None = None,
        title: str | None = None,
        description: str | None = None,
        icons: list[Any] | None = None,
        mime_type: str | None = None,
        tags: Collection[str] | None = None,
        annotations: Any = None,
        meta: dict[str, Any] | None = None,
        enabled: bool | None = None,
        task: Any = None,
        auth: Any = None,
        **more: Any,
    ) -> Callable[[Any], Any]:
        """Registers a resource, or a template when the URI has `{parameters}`.

        Returns the function. Raises RegistrationError naming the function, its file and line.
        """
        options = {
            "name": name,
            "version": version,
            "title": title,
            "description": description,
            "icons": icons,
            "mime_type": mime_type,
            "tags": tags,
            "annotations": annotations,
            "meta": meta,
            "enabled": enabled,
            "task": task_default(self.settings_given) if task is None else task,
            "auth": auth,
            **more,
        }
        return register_resource(self.add_resource, uri, options)

    def prompt(
        self,
        name_or_fn: str | Callable[..., Any] | None = None,
        *,
        name: str | None = None,
        version: str | int | None = None,
        title: str | None = None,
        description: str | None = None,
        icons: list[Any] | None = None,
        tags: Collection[str] | None = None,
        meta: dict[str, Any] | None = None,
        enabled: bool | None = None,
        task: Any = None,
        auth: Any = None,
    ) -> Any:
        """Registers a prompt, in the same spellings as `tool`. Returns the function."""
        options = {
            "name": name,
            "version": version,
            "title": title,
            "description": description,
            "icons": icons,
            "tags": tags,
            "meta": meta,
            "enabled": enabled,
            "task": task_default(self.settings_given) if task is None else task,
            "auth": auth,
        }
        return decorate("prompt", self.add_prompt, name_or_fn, options)

    def add_tool(self, tool: Tool | Callable[..., Any], name: str | None = None, **options: Any) -> Tool:
        """Adds a tool (or makes one of a function, with the options of `@tool`)."""
        if name is not None or options:
            tool = Tool.from_function(cast("Callable[..., Any]", tool), name=name, **options)
        return self.local_provider.add_tool(tool)

    def add_resource(self, resource: Any) -> Any:
        """Adds a resource or template."""
        return self.local_provider.add_resource(resource)

    def add_template(self, template: ResourceTemplate) -> ResourceTemplate:
        """Adds a template."""
        return self.local_provider.add_template(template)

    def add_prompt(self, prompt: Prompt | Callable[..., Any]) -> Prompt:
        """Adds a prompt (or makes one of a function)."""
        return self.local_provider.add_prompt(prompt)

    @staticmethod
    def make_tool(tool: Tool | Callable[..., Any]) -> Tool:
        """A tool of a function, not added anywhere; a tool stays as it is."""
        return tool if isinstance(tool, Tool) else Tool.from_function(tool)

    def remove_tool(self, name: str, version: str | None = None) -> None:
        """Removes a tool. Raises NotFoundError."""
        self.local_provider.remove_tool(name, version)

    def completion(self, handler: Callable[..., Any] | None = None) -> Any:
        """Registers a completion handler `(reference, argument, context)`: `@mcp.completion` or `@mcp.completion()`."""
        if handler is None:
            return self.completion
        self.add_completion_handler(handler)
        return handler

    def add_completion_handler(self, handler: Callable[..., Any]) -> None:
        """Registers a completion handler; the first that returns something wins."""
        self.completions.handlers.append(handler)
