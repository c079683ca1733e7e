"""`fastmcp.contrib.mcp_mixin`: methods of an object as tools, resources and prompts; and calling tools in bulk."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel, Field

from wireglass.errors import ToolError
from wireglass.protocol.tools import CallToolResult
from wireglass.server.function_resources import component_from_function
from wireglass.server.function_tools import FunctionTool
from wireglass.server.prompts import FunctionPrompt, Prompt
from wireglass.server.tools import Tool

__all__ = [
    "BulkToolCaller",
    "CallToolRequest",
    "CallToolRequestResult",
    "MCPMixin",
    "mcp_prompt",
    "mcp_resource",
    "mcp_tool",
]

DEFAULT_SEPARATOR_TOOL = "_"
DEFAULT_SEPARATOR_RESOURCE = "+"
DEFAULT_SEPARATOR_PROMPT = "_"
_MARK = "_wireglass_mixin"


def _accepted(maker: Callable[..., Any], *also: str) -> frozenset[str]:
    """The options of a maker; `fn` and the receiver are not options."""
    names = {name for name in inspect.signature(maker).parameters if name not in {"fn", "cls", "self"}}
    return frozenset(names | {"enabled", *also})


TOOL_OPTIONS = _accepted(FunctionTool.from_function, "title", "meta", "auth", "timeout")
RESOURCE_OPTIONS = frozenset(
    {"uri", "name", "version", "title", "description", "icons", "mime_type", "tags", "annotations"}
    | {"meta", "enabled", "task", "auth"}
)
PROMPT_OPTIONS = _accepted(FunctionPrompt.from_function, "title", "meta", "auth")


def mcp_tool(name: str | None = None, **options: Any) -> Callable[[Any], Any]:
    """Marks a method as a tool. Raises TypeError for an option that tools do not have."""
    return _marker("tool", TOOL_OPTIONS, name, options)


def mcp_resource(uri: str, **options: Any) -> Callable[[Any], Any]:
    """Marks a method as a resource or template. Raises TypeError for an option that resources do not have."""
    name = options.pop("name", None)
    return _marker("resource", RESOURCE_OPTIONS, name, {"uri": uri, **options})


def mcp_prompt(name: str | None = None, **options: Any) -> Callable[[Any], Any]:
    """Marks a method as a prompt. Raises TypeError for an option that prompts do not have."""
    return _marker("prompt", PROMPT_OPTIONS, name, options)


def _marker(kind: str, known: frozenset[str], name: str | None, options: dict[str, Any]) -> Callable[[Any], Any]:
    unknown = sorted(set(options) - known)
    if unknown:
        raise TypeError(f"mcp_{kind}() got an unexpected keyword argument {unknown[0]!r}")
    given = {key: value for key, value in options.items() if value is not None}

    def mark(method: Any) -> Any:
        setattr(method, _MARK, (kind, {**given, "name": name or method.__name__}))
        return method

    return mark


class MCPMixin:
    """Give a class methods marked with `mcp_tool`, `mcp_resource` and `mcp_prompt`, then register an instance."""

    def register_tools(self, mcp_server: Any, prefix: str | None = None, separator: str = "_") -> None:
        """Adds the marked tools, named `prefix + separator + name`."""
        for method, options in self._marked("tool"):
            mcp_server.add_tool(Tool.from_function(method, **_prefixed(options, prefix, separator)))

    def register_resources(self, mcp_server: Any, prefix: str | None = None, separator: str = "+") -> None:
        """Adds the marked resources and templates; name and URI get the prefix."""
        for method, options in self._marked("resource"):
            made = _prefixed(options, prefix, separator)
            uri = made.pop("uri")
            component = component_from_function(method, f"{prefix}{separator}{uri}" if prefix else uri, **made)
            mcp_server.add_resource(component)

    def register_prompts(self, mcp_server: Any, prefix: str | None = None, separator: str = "_") -> None:
        """Adds the marked prompts, named `prefix + separator + name`."""
        for method, options in self._marked("prompt"):
            mcp_server.add_prompt(Prompt.from_function(method, **_prefixed(options, prefix, separator)))

    def register_all(
        self,
        mcp_server: Any,
        prefix: str | None = None,
        tool_separator: str = "_",
        resource_separator: str = "+",
        prompt_separator: str = "_",
    ) -> None:
        """All three."""
        self.register_tools(mcp_server, prefix, tool_separator)
        self.register_resources(mcp_server, prefix, resource_separator)
        self.register_prompts(mcp_server, prefix, prompt_separator)

    def _marked(self, kind: str) -> Iterator[tuple[Any, dict[str, Any]]]:
        for name in dir(type(self)):
            mark = getattr(inspect.getattr_static(self, name, None), _MARK, None)
            if mark is None or mark[0] != kind:
                continue
            options = dict(mark[1])
            if options.pop("enabled", True) is not False:
                yield getattr(self, name), options


def _prefixed(options: dict[str, Any], prefix: str | None, separator: str) -> dict[str, Any]:
    name = options["name"]
    return {**options, "name": f"{prefix}{separator}{name}" if prefix else name}


class CallToolRequest(BaseModel):
    """One call of a bulk."""

    tool: str = Field(description="The tool to call")
    arguments: dict[str, Any] = Field(description="Its arguments")


class CallToolRequestResult(CallToolResult):
    """A result and the call that it belongs to."""

    tool: str
    arguments: dict[str, Any] = Field(default_factory=dict[str, Any])
    is_error: bool | None = False


class BulkToolCaller(MCPMixin):
    """Two tools that call other tools of their server several times in one request."""

    def register_tools(self, mcp_server: Any, prefix: str | None = None, separator: str = "_") -> None:
        """Adds both tools and remembers the server."""
        self._server = mcp_server
        super().register_tools(mcp_server, prefix, separator)

    @mcp_tool()
    async def call_tools_bulk(
        self, tool_calls: list[CallToolRequest], continue_on_error: bool = True
    ) -> list[CallToolRequestResult]:
        """Call several tools, one after the other."""
        return await self._call_all([(call.tool, call.arguments) for call in tool_calls], continue_on_error)

    @mcp_tool()
    async def call_tool_bulk(
        self, tool: str, tool_arguments: list[dict[str, Any]], continue_on_error: bool = True
    ) -> list[CallToolRequestResult]:
        """Call one tool several times, with different arguments."""
        return await self._call_all([(tool, arguments) for arguments in tool_arguments], continue_on_error)

    async def _call_all(self, calls: list[tuple[str, dict[str, Any]]], go_on: bool) -> list[CallToolRequestResult]:
        results: list[CallToolRequestResult] = []
        for tool, arguments in calls:
            result = await self._call(tool, arguments)
            results.append(result)
            if result.is_error and not go_on:
                break
        return results

    async def _call(self, tool: str, arguments: dict[str, Any]) -> CallToolRequestResult:
        from wireglass.client.client import Client

        async with Client(self._server) as client:
            try:
                raw = await client.call_tool(tool, arguments, raise_on_error=False)
            except ToolError as error:
                content = [{"type": "text", "text": str(error)}]
                return CallToolRequestResult(tool=tool, arguments=arguments, is_error=True, content=content)
        return CallToolRequestResult(tool=tool, arguments=arguments, is_error=raw.is_error, content=raw.content)
