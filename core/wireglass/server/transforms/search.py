"""A large catalogue of tools behind two: one that finds tools, one that calls what was found."""

import copy
import inspect
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, cast

from wireglass.errors import ToolError
from wireglass.server.context import Context
from wireglass.server.function_tools import FunctionTool
from wireglass.server.tools import Tool
from wireglass.server.transforms.base import GetToolNext
from wireglass.server.transforms.catalog import CatalogTransform
from wireglass.server.versions import VersionSpec

__all__ = [
    "BaseSearchTransform",
    "SearchResultSerializer",
    "searchable_text",
    "serialize_tools_for_output_json",
    "serialize_tools_for_output_markdown",
]

SearchResultSerializer = Callable[[Sequence[Tool]], Any]
"""What the search tool returns of the tools it found; may be async."""


class BaseSearchTransform(CatalogTransform):
    """Lists the tools of `always_visible`, a search tool and a call tool. The others stay callable.

    What can be found is what the caller could list: rules, gates and middleware are asked at each search. Subclasses
    implement `_make_search_tool` and `_search`. Raises ValueError when both tools would have one name.
    """

    def __init__(
        self,
        *,
        max_results: int = 5,
        always_visible: Sequence[str] | None = None,
        search_tool_name: str = "search_tools",
        call_tool_name: str = "call_tool",
        search_result_serializer: SearchResultSerializer | None = None,
    ) -> None:
        if search_tool_name == call_tool_name:
            raise ValueError(f"The search tool and the call tool cannot both be named {call_tool_name!r}.")
        self._max_results = max_results
        self._always_visible = frozenset(always_visible or ())
        self._search_tool_name = search_tool_name
        self._call_tool_name = call_tool_name
        self._serializer = search_result_serializer or serialize_tools_for_output_json
        self._own: dict[str, Tool] = {}

    def _make_search_tool(self) -> Tool:
        """The tool that is listed as the search."""
        raise NotImplementedError(f"{type(self).__name__} must implement _make_search_tool().")

    async def _search(self, tools: Sequence[Tool], query: str) -> Sequence[Tool]:
        """The tools that fit, best first, at most `max_results`."""
        raise NotImplementedError(f"{type(self).__name__} must implement _search().")

    async def transform_tools(self, tools: Sequence[Tool]) -> Sequence[Tool]:
        pinned = [tool for tool in tools if tool.name in self._always_visible]
        return [*pinned, *self._own_tools().values()]

    async def get_tool(self, name: str, call_next: GetToolNext, *, version: VersionSpec | None = None) -> Tool | None:
        return self._own_tools().get(name) or await call_next(name, version=version)

    def _own_tools(self) -> dict[str, Tool]:
        if not self._own:
            self._own = {
                self._search_tool_name: self._make_search_tool(),
                self._call_tool_name: self._make_call_tool(),
            }
        return self._own

    async def _get_visible_tools(self, ctx: Context) -> Sequence[Tool]:
        """What may be found: the catalogue without what is listed anyway."""
        shown = self._always_visible | self._own_tools().keys()
        return [tool for tool in await self.get_tool_catalog(ctx) if tool.name not in shown]

    async def _render_results(self, tools: Sequence[Tool]) -> Any:
        made = self._serializer(tools)
        return await made if inspect.isawaitable(made) else made

    async def _find(self, ctx: Context, query: str) -> Any:
        """What the search tool returns."""
        found = await self._search(await self._get_visible_tools(ctx), query)
        return await self._render_results(found)

    def _make_call_tool(self) -> Tool:
        transform = self

        async def call_tool(
            name: Annotated[str, "The name of the tool to call"],
            arguments: Annotated[dict[str, Any] | None, "Arguments to pass to the tool"] = None,
            *,
            ctx: Context,
        ) -> Any:
            """Call a tool by name with the given arguments.

            Use this to execute tools discovered via search.
            """
            return await transform._call(ctx, name, arguments)

        return FunctionTool.from_function(call_tool, name=self._call_tool_name)

    async def _call(self, ctx: Context, name: str, arguments: dict[str, Any] | None) -> Any:
        if name in self._own_tools():
            raise ToolError(
                f"{name!r} is a synthetic search tool and cannot be called via the call_tool proxy. "
                f"Name a tool that {self._search_tool_name!r} found."
            )
        if not any(tool.name == name for tool in await self.get_tool_catalog(ctx)):
            raise ToolError(f"Unknown tool: {name!r}. Search with {self._search_tool_name!r} first.")
        return await ctx.fastmcp.call_tool(name, arguments or {})


def searchable_text(tool: Tool) -> str:
    """What a search looks at: name, description, names and descriptions of the parameters."""
    parts = [tool.name, tool.description or ""]
    properties = tool.parameters.get("properties")
    for name, schema in cast("dict[str, Any]", properties if isinstance(properties, dict) else {}).items():
        described = cast("dict[str, Any]", schema).get("description") if isinstance(schema, dict) else None
        parts += [name, described if isinstance(described, str) else ""]
    return " ".join(part for part in parts if part)


def serialize_tools_for_output_json(tools: Sequence[Tool]) -> list[dict[str, Any]]:
    """As `tools/list` shows them."""
    return [copy.deepcopy(tool.wire()) for tool in tools]


def serialize_tools_for_output_markdown(tools: Sequence[Tool]) -> str:
    """As headings with lists of parameters: some two thirds shorter than JSON."""
    return "\n\n".join(map(_as_markdown, tools)) or "No tools matched the query."


def _as_markdown(tool: Tool) -> str:
    lines = [f"### {tool.name}"]
    if tool.description:
        lines += ["", tool.description.strip()]
    for title, schema in (("Parameters", tool.parameters), ("Returns", tool.output_schema)):
        members = _members(schema)
        if members:
            lines += ["", f"**{title}**", *members]
    return "\n".join(lines)


def _members(schema: dict[str, Any] | None) -> list[str]:
    properties = (schema or {}).get("properties")
    if not isinstance(properties, dict):
        return []
    required = (schema or {}).get("required", ())
    return [
        _member(name, member if isinstance(member, dict) else {}, name in required)
        for name, member in cast("dict[str, Any]", properties).items()
    ]


def _member(name: str, schema: dict[str, Any], required: bool) -> str:
    line = f"- `{name}` ({type_words(schema)}{', required' if required else ''})"
    described = schema.get("description")
    if isinstance(described, str):
        line += f": {' '.join(described.split())}"
    if "default" in schema:
        line += f" (default: `{json.dumps(schema['default'], ensure_ascii=False)}`)"
    return line


def type_words(schema: dict[str, Any]) -> str:
    """A schema's type in a few characters: `string[]`, `integer or null`, `"a" or "b"`."""
    if "enum" in schema:
        return " or ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
    for key in ("anyOf", "oneOf"):
        branches = schema.get(key)
        if isinstance(branches, list):
            words = [type_words(branch) for branch in cast("list[Any]", branches) if isinstance(branch, dict)]
            return " or ".join(dict.fromkeys(words)) or "any"
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        return " or ".join(map(str, cast("list[Any]", kind)))
    items = schema.get("items")
    if kind == "array" and isinstance(items, dict):
        return f"{type_words(cast('dict[str, Any]', items))}[]"
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    return str(kind)
