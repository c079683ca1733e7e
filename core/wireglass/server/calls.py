"""Finding components of a server and using them: the one place where errors of authors' code are given their form."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from wireglass import telemetry
from wireglass.errors import (
    INVALID_PARAMS,
    MISSING_CLIENT_CAPABILITY,
    URL_ELICITATION_REQUIRED,
    FastMCPError,
    McpError,
    NotFoundError,
    PromptError,
    ResourceError,
    ToolError,
    ValidationError,
)
from wireglass.middleware.base import MiddlewareContext
from wireglass.middleware.chain import Measured, assemble, begin
from wireglass.protocol.spans import label
from wireglass.server.components import Component
from wireglass.server.context import Context, current_context
from wireglass.server.failures import log_failure, log_unexpected
from wireglass.server.providers.base import found_or_warned, listed_or_warned, pick
from wireglass.server.results import ToolResult
from wireglass.server.spans import call_span, found, list_span
from wireglass.server.tools import Tool
from wireglass.server.versions import VersionSpec
from wireglass.tracing import active, current_trace, span, within

if TYPE_CHECKING:
    from wireglass.protocol.requests import RequestParams
    from wireglass.server.app import FastMCP
    from wireglass.server.prompts import Prompt, PromptResult
    from wireglass.server.resource_results import ResourceResult
    from wireglass.server.resources import Resource, ResourceTemplate

__all__ = [
    "as_tool_result",
    "call_tool",
    "everything",
    "find",
    "list_all",
    "newest_by",
    "newest_only",
    "read_resource",
    "render_prompt",
    "through_middleware",
]

C = TypeVar("C", bound=Component)
E = TypeVar("E", bound=FastMCPError)


def through_middleware(
    server: FastMCP,
    method: str,
    message: RequestParams,
    end: Callable[[MiddlewareContext[Any]], Any],
    *,
    kind: Literal["request", "notification"] = "request",
    chain: Sequence[Any] | None = None,
) -> Awaitable[Any]:
    """Runs `end` inside the server's middleware (or that of `chain`), when it is awaited."""
    context: MiddlewareContext[Any] = MiddlewareContext(  # no `[Any]` here: it would take longer than all the rest
        message=message, fastmcp_context=current_context.get(), method=method, type=kind
    )
    return begin(server.middleware if chain is None else chain, end, _how_measured(), context)


def _how_measured() -> Measured:
    trace = current_trace()
    return "no" if trace is None else "hooks" if trace.hooks else "links"


def _meta_of(version: VersionSpec | None) -> dict[str, Any] | None:
    """How middleware learns which version of a component was asked for: as a client would write it."""
    return None if version is None else {"fastmcp": {"version": version.eq or str(version)}}


def context_for(server: FastMCP) -> Context:
    """The running request's context, seen from `server`; a new one for calls made in Python."""
    current = current_context.get()
    if current is not None and current.fastmcp is server:
        return current
    return Context(server, parent=current)


# Lists


async def list_all(server: FastMCP, kind: str, *, run_middleware: bool = True) -> Sequence[Any]:
    """All components of a kind ("tools", "resources", "resource_templates", "prompts") that the caller may see."""
    method = {"resource_templates": "resources/templates/list"}.get(kind, f"{kind}/list")
    with context_for(server).active():
        if not run_middleware or not server.middleware:
            return await _list(server, kind, method)

        from wireglass.protocol.requests import ListRequestParams

        async def end(_context: MiddlewareContext[Any]) -> Sequence[Any]:
            return await _list(server, kind, method)

        return _as_components(await through_middleware(server, method, ListRequestParams(), end), kind)


def _as_components(items: Any, kind: str) -> Sequence[Any]:
    if isinstance(items, dict):  # a positional hook may return the protocol's result
        return cast("Any", items).get(kind, [])
    return items


async def everything(server: FastMCP, kind: str) -> Sequence[Any]:
    """As `list_all`, whoever asks: also what is switched off, and without middleware."""
    with context_for(server).active():
        return await _shown(server, kind)


async def _list(server: FastMCP, kind: str, method: str) -> Sequence[Any]:
    if not telemetry.is_on():
        return await _collect(server, kind)
    with list_span(server.name, method, kind):
        return await _collect(server, kind)


async def _collect(server: FastMCP, kind: str) -> Sequence[Any]:
    shown = await _shown(server, kind)
    for rule in _session_rules():
        shown = await getattr(rule, f"list_{kind}")(shown)
    return await server.gate.visible(shown)


async def _shown(server: FastMCP, kind: str) -> Sequence[Any]:
    items: list[Component] = []
    seen: set[str] = set()
    for provider in server.providers:
        for component in await listed_or_warned(provider, f"list_{kind}", server.provider_error_strategy):
            if component.key not in seen:
                seen.add(component.key)
                items.append(component)
    shown: Sequence[Component] = items
    for transform in server.transforms:
        shown = await getattr(transform, f"list_{kind}")(shown)
    return shown


def _session_rules() -> list[Any]:
    """What this session switched on and off. Mounted servers are seen through their parent's rules only."""
    context = current_context.get()
    if context is None or context.scope is None or context.parent is not None:
        return []
    return context.scope.session.attributes.get("wireglass.visibility") or []


def newest_only(items: Sequence[C]) -> list[C]:
    """Of several versions only the newest is listed; it tells the others in its `_meta`."""
    if all(item.version is None for item in items):
        return list(items)
    return newest_by(items, lambda item: item.identifier)


def newest_by(items: Sequence[C], key: Callable[[C], str]) -> list[C]:
    """As `newest_only`, for items that `key` says are versions of one another."""
    groups: dict[str, list[C]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    chosen: list[C] = []
    for versions in groups.values():
        best = cast("C", pick(versions, None))
        others = _ordered_versions(versions)
        if others:
            inner = {**((best.meta or {}).get("fastmcp") or {}), "versions": others}
            best = best.model_copy(update={"meta": {**(best.meta or {}), "fastmcp": inner}})
        chosen.append(best)
    return chosen


def _ordered_versions(items: Sequence[Component]) -> list[str]:
    from wireglass.server.versions import sort_key

    return sorted((v for v in {item.version for item in items} if v is not None), key=sort_key, reverse=True)


def _told(error: E) -> E:
    """Marks an error whose cause has just been logged."""
    error.logged = True
    return error


# One component


async def find(server: FastMCP, kind: str, identifier: str, version: VersionSpec | None = None) -> Any:
    """One component ("tool", "resource", "resource_template", "prompt") that the caller may use, or None."""
    rules = _session_rules()
    if kind == "tool" and server.is_plain and not rules:
        tool = server.local_provider.find_tool(identifier, version)
        return tool if tool is not None and tool.enabled else None

    async def innermost(name: str, *, version: VersionSpec | None = None) -> Any:
        strategy = server.provider_error_strategy
        candidates = await found_or_warned(server.providers, strategy, f"get_{kind}", name, version)
        if kind == "resource_template":
            candidates = candidates[:1]
        return pick(candidates, version) if candidates else None

    chain: Any = innermost
    for transform in (*server.transforms, *rules):
        chain = _behind(getattr(transform, f"get_{kind}"), chain)
    component = await chain(identifier, version=version)
    while component is not None and not await server.gate.admits(component):
        if component.version is None or (version is not None and version.eq is not None):
            return None
        # The newest version is switched off: an older one may still be there.
        component = await chain(identifier, version=VersionSpec(lt=component.version).intersect(version))
    return component


def _behind(method: Any, chain: Any) -> Any:
    async def call(identifier: str, *, version: VersionSpec | None = None) -> Any:
        return await method(identifier, chain, version=version)

    return call


async def _traced(use: Callable[..., Awaitable[Any]], method: str, server: FastMCP, subject: str, *rest: Any) -> Any:
    """`use`, in a span where spans are collected."""
    if not telemetry.is_on():
        return await use(server, subject, *rest)
    with call_span(server.name, method, subject):
        return await use(server, subject, *rest)


# Tools


async def call_tool(
    server: FastMCP,
    name: str,
    arguments: dict[str, Any] | None = None,
    *,
    version: VersionSpec | None = None,
    run_middleware: bool = True,
) -> ToolResult:
    """Calls a tool. A round that asks for input returns an `InputRequiredToolResult`.

    Raises NotFoundError, ValidationError, ToolError, McpError.
    """
    current = current_context.get()
    if current is not None and current.fastmcp is server:  # as it is for every request
        return await _call_inside(server, name, arguments or {}, version, run_middleware)
    with Context(server, parent=current).active():
        return await _call_inside(server, name, arguments or {}, version, run_middleware)


def _call_inside(
    server: FastMCP, name: str, arguments: dict[str, Any], version: VersionSpec | None, run_middleware: bool
) -> Awaitable[ToolResult]:
    """The call, inside the server's own context."""
    if run_middleware and server.middleware:
        return _call_through_middleware(server, name, arguments, version)
    if telemetry.is_on():
        return _traced(_call_tool, "tools/call", server, name, arguments, version, True)
    return _call_tool(server, name, arguments, version)


async def _call_through_middleware(
    server: FastMCP, name: str, arguments: dict[str, Any], version: VersionSpec | None
) -> ToolResult:
    kept = server.tool_chain
    if kept is None or kept[0] != server.middleware:
        kept = server.tool_chain = _tool_chain(server)
    _, chain, traced, params = kept
    message = params(name, arguments, _meta_of(version))
    trace = current_trace()
    if version is None and (trace is None or not trace.hooks):
        context: MiddlewareContext[Any] = MiddlewareContext(
            message=message, fastmcp_context=current_context.get(), method="tools/call"
        )
        return as_tool_result(await (chain if trace is None else traced)(context))
    end = functools.partial(_end_of_tool_call, server, version)
    return as_tool_result(await through_middleware(server, "tools/call", message, end))


_Chain = Callable[[MiddlewareContext[Any]], Awaitable[Any]]
ToolChain = tuple[list[Any], _Chain, _Chain, Callable[..., Any]]
"""The middleware that were there, their chain for `tools/call`, the same that measures its links, and what makes its
parameters."""


_BOTH: tuple[Measured, Measured] = "no", "links"


def _tool_chain(server: FastMCP) -> ToolChain:
    """Made once for all calls that ask neither for a version nor for hooks: most of what a server does."""
    from wireglass.protocol.requests import CallToolRequestParams

    end = functools.partial(_end_of_tool_call, server, None)
    plain, traced = (assemble(server.middleware, end, measure, "tools/call", "request") for measure in _BOTH)
    return list(server.middleware), plain, traced, CallToolRequestParams.of


def _end_of_tool_call(server: FastMCP, version: VersionSpec | None, context: MiddlewareContext[Any]) -> Awaitable[Any]:
    call = context.message
    if telemetry.is_on():
        return _traced(_call_tool, "tools/call", server, call.name, call.arguments or {}, version, True)
    return _call_tool(server, call.name, call.arguments or {}, version)


def as_tool_result(result: Any) -> ToolResult:
    """What a middleware or extension returned as a tool's result."""
    if isinstance(result, ToolResult):
        return result
    if isinstance(result, dict) and isinstance(cast("dict[str, Any]", result).get("content"), list):
        return ToolResult.from_wire(cast("dict[str, Any]", result))
    structured = cast("dict[str, Any]", result) if isinstance(result, dict) else None
    return ToolResult(content=result if result is not None else [], structured_content=structured)


_ABOUT_THE_REQUEST = (INVALID_PARAMS, MISSING_CLIENT_CAPABILITY, URL_ELICITATION_REQUIRED)
"""Codes that say something about the request as a whole. Any other error of the protocol under a tool (the client
refused a question, an upstream server failed) tells how the call went and becomes its result."""


async def _call_tool(
    server: FastMCP, name: str, arguments: dict[str, Any], version: VersionSpec | None, spanned: bool = False
) -> Any:
    """`spanned`: there is a span that wants to know which tool it is."""
    tool: Tool | None = await find(server, "tool", name, version)
    if tool is None:
        raise NotFoundError(f"Unknown tool: {name!r}")
    if spanned:
        found(tool)
    try:
        if not active():
            return await tool.run(arguments)
        return await within(label("handler", name), None, tool.run, arguments)
    except (ToolError, ValidationError) as error:
        log_failure("calling tool", name, error)
        raise
    except NotFoundError as error:  # of something that the tool looked for: the tool itself was found
        log_failure("calling tool", name, error)
        raise ToolError(str(error)) from error
    except FastMCPError:
        raise
    except Exception as error:  # boundary: the author's code may raise anything
        if isinstance(error, McpError) and error.code in _ABOUT_THE_REQUEST:
            raise
        log_unexpected("calling tool", name, error)
        if server.mask_error_details:
            raise _told(ToolError(f"Error calling tool {name!r}")) from error
        raise _told(ToolError(f"Error calling tool {name!r}: {error}")) from error


# Resources


async def read_resource(
    server: FastMCP, uri: str, *, version: VersionSpec | None = None, run_middleware: bool = True
) -> ResourceResult:
    """Reads a resource. A round that asks for input returns an `InputRequiredResourceResult`.

    Raises NotFoundError, ResourceError, McpError.
    """
    with context_for(server).active():
        if not run_middleware or not server.middleware:
            return await _traced(_read_resource, "resources/read", server, uri, version)

        async def end(context: MiddlewareContext[Any]) -> Any:
            return await _traced(_read_resource, "resources/read", server, str(context.message.uri), version)

        from wireglass.protocol.requests import ReadResourceRequestParams

        message = ReadResourceRequestParams(uri=uri, _meta=_meta_of(version))
        result = await through_middleware(server, "resources/read", message, end)
        return _as_resource_result(result)


def _as_resource_result(result: Any) -> ResourceResult:
    from wireglass.server.resource_results import ResourceResult
    from wireglass.server.resources import Resource

    if isinstance(result, ResourceResult):
        return result
    return Resource(uri="data://result", name="result").convert_result(result)


async def _is_hidden(server: FastMCP, uri: str) -> bool:
    """Whether there is a resource of exactly this URI that was switched off: no template may serve it instead."""
    if not server.transforms and not _session_rules():
        return False
    for provider in server.providers:
        if await provider.get_resource(uri) is not None:
            return True
    return False


async def _read_resource(server: FastMCP, uri: str, version: VersionSpec | None) -> Any:
    resource: Resource | None = await find(server, "resource", uri, version)
    template: ResourceTemplate | None = None
    if resource is None:
        template = await find(server, "resource_template", uri, version)
        if template is None or await _is_hidden(server, uri):
            raise NotFoundError(f"Unknown resource: {uri!r}")
    if telemetry.is_on():
        found(resource or cast("ResourceTemplate", template))
    try:
        with span(uri, "handler"):
            if resource is not None:
                return await resource.read_result()
            chosen = cast("ResourceTemplate", template)
            return await chosen.read_result(uri, server.check_template_values(chosen, uri))
    except (McpError, FastMCPError) as error:
        log_failure("reading resource", uri, error)
        raise
    except Exception as error:  # boundary: the author's code may raise anything
        log_unexpected("reading resource", uri, error)
        if server.mask_error_details:
            raise _told(ResourceError(f"Error reading resource {uri!r}")) from error
        raise _told(ResourceError(f"Error reading resource {uri!r}: {error}")) from error


# Prompts


async def render_prompt(
    server: FastMCP,
    name: str,
    arguments: dict[str, Any] | None = None,
    *,
    version: VersionSpec | None = None,
    run_middleware: bool = True,
) -> PromptResult:
    """Renders a prompt. A round that asks for input returns an `InputRequiredPromptResult`.

    Raises NotFoundError, PromptError, ValidationError, McpError.
    """
    with context_for(server).active():
        if not run_middleware or not server.middleware:
            return await _traced(_render_prompt, "prompts/get", server, name, arguments, version)
        from wireglass.protocol.requests import GetPromptRequestParams
        from wireglass.server.prompts import Prompt, PromptResult

        message = GetPromptRequestParams(name=name, arguments=arguments, _meta=_meta_of(version))

        async def end(context: MiddlewareContext[Any]) -> Any:
            wanted = context.message
            return await _traced(_render_prompt, "prompts/get", server, wanted.name, wanted.arguments, version)

        result = await through_middleware(server, "prompts/get", message, end)
        if isinstance(result, PromptResult):
            return result
        return Prompt(name=name).convert_result(result)


async def _render_prompt(
    server: FastMCP, name: str, arguments: dict[str, Any] | None, version: VersionSpec | None
) -> Any:
    prompt: Prompt | None = await find(server, "prompt", name, version)
    if prompt is None:
        raise NotFoundError(f"Unknown prompt: {name!r}")
    if telemetry.is_on():
        found(prompt)
    try:
        with span(name, "handler"):
            return await prompt.render_result(arguments)
    except (McpError, FastMCPError) as error:
        log_failure("rendering prompt", name, error)
        raise
    except Exception as error:  # boundary: the author's code may raise anything
        log_unexpected("rendering prompt", name, error)
        if server.mask_error_details:
            raise _told(PromptError(f"Error rendering prompt {name!r}")) from error
        raise _told(PromptError(f"Error rendering prompt {name!r}: {error}")) from error
