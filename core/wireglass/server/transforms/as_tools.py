"""Resources and prompts offered as tools too, for clients that know only tools."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from wireglass.server.function_tools import FunctionTool
from wireglass.server.tools import Tool
from wireglass.server.transforms.base import GetToolNext, Transform
from wireglass.server.versions import VersionSpec

if TYPE_CHECKING:
    from wireglass.server.app import FastMCP
    from wireglass.server.providers.base import Provider

__all__ = ["PromptsAsTools", "ResourcesAsTools"]

READ_ONLY = {"readOnlyHint": True}


class _Added(Transform):
    """Shows a few tools of its own after the others."""

    def __init__(self, provider: "FastMCP | Provider", *functions: Callable[..., Any]) -> None:
        if not hasattr(provider, "list_tools") or not hasattr(provider, "providers"):
            raise TypeError(
                f"{type(self).__name__} needs the server whose components it shows, not {type(provider).__name__}."
            )
        self._server: Any = provider
        made = [FunctionTool.from_function(function, annotations=READ_ONLY) for function in functions]
        self._tools = {tool.name: tool for tool in made}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._server!r})"

    async def list_tools(self, tools: Sequence[Tool]) -> Sequence[Tool]:
        return [*tools, *self._tools.values()]

    async def get_tool(self, name: str, call_next: GetToolNext, *, version: VersionSpec | None = None) -> Tool | None:
        return self._tools.get(name) or await call_next(name, version=version)


class ResourcesAsTools(_Added):
    """Adds the tools `list_resources` and `read_resource`."""

    def __init__(self, provider: "FastMCP") -> None:
        super().__init__(provider, self.list_resources_tool(), self.read_resource_tool())

    def list_resources_tool(self) -> Callable[..., Any]:
        """The function behind `list_resources`."""

        async def list_resources() -> str:
            """List all resources and resource templates as JSON.

            A resource has a uri, a template has a uri_template with variables to fill in.
            """
            fixed = [_resource_entry(resource) for resource in _newest(await self._server.list_resources(), "uri")]
            templates = _newest(await self._server.list_resource_templates(), "uri_template")
            return json.dumps([*fixed, *map(_template_entry, templates)], indent=2)

        return list_resources

    def read_resource_tool(self) -> Callable[..., Any]:
        """The function behind `read_resource`."""

        async def read_resource(uri: Annotated[str, "The URI of the resource to read"]) -> str:
            """Read a resource by its URI. Binary content comes back as base64."""
            result = await self._server.read_resource(uri)
            asked = getattr(result, "input_required", None)
            return asked if asked is not None else _as_text(result)

        return read_resource


class PromptsAsTools(_Added):
    """Adds the tools `list_prompts` and `get_prompt`."""

    def __init__(self, provider: "FastMCP") -> None:
        super().__init__(provider, self.list_prompts_tool(), self.get_prompt_tool())

    def list_prompts_tool(self) -> Callable[..., Any]:
        """The function behind `list_prompts`."""

        async def list_prompts() -> str:
            """List all prompts with their arguments as JSON."""
            prompts = _newest(await self._server.list_prompts(), "name")
            return json.dumps([_prompt_entry(prompt) for prompt in prompts], indent=2)

        return list_prompts

    def get_prompt_tool(self) -> Callable[..., Any]:
        """The function behind `get_prompt`."""

        async def get_prompt(
            name: Annotated[str, "The name of the prompt"],
            arguments: Annotated[dict[str, Any] | None, "Values for the prompt's arguments"] = None,
        ) -> str:
            """Render a prompt and return its messages as JSON."""
            result = await self._server.render_prompt(name, arguments=arguments or {})
            asked = getattr(result, "input_required", None)
            if asked is not None:
                return asked
            return json.dumps({"messages": [_message(message) for message in result.messages]}, indent=2)

        return get_prompt


def _newest(components: Sequence[Any], member: str) -> list[Any]:
    """One of each: lists give the newest version first."""
    found: dict[str, Any] = {}
    for component in components:
        found.setdefault(str(getattr(component, member)), component)
    return list(found.values())


def _entry(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _resource_entry(resource: Any) -> dict[str, Any]:
    return _entry(uri=resource.uri, name=resource.name, description=resource.description, mime_type=resource.mime_type)


def _template_entry(template: Any) -> dict[str, Any]:
    return _entry(uri_template=template.uri_template, name=template.name, description=template.description)


def _prompt_entry(prompt: Any) -> dict[str, Any]:
    arguments = [
        _entry(name=argument.name, description=argument.description, required=bool(argument.required))
        for argument in prompt.arguments or []
    ]
    return _entry(name=prompt.name, description=prompt.description) | {"arguments": arguments}


def _as_text(result: Any) -> str:
    """One text as it is; bytes as base64; several parts as a JSON list."""
    parts = [
        part.content if isinstance(part.content, str) else base64.b64encode(part.content).decode("ascii")
        for part in result.contents
    ]
    if len(parts) == 1:
        return parts[0]
    listed = [
        {("text" if isinstance(part.content, str) else "blob"): text, "mime_type": part.mime_type}
        for part, text in zip(result.contents, parts, strict=True)
    ]
    return json.dumps(listed, indent=2)


def _message(message: Any) -> dict[str, Any]:
    content = message.content
    return {"role": message.role, "content": content.text if hasattr(content, "text") else content.wire()}
