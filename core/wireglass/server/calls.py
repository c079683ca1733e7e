"""Finding components of a server and using them: the one place where errors of authors' code are given their form."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

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
from wireglass.middleware.chain import Measured, assemble
from wireglass.protocol.spans import label
from wireglass.server.components import Component
from wireglass.server.context import Context, current_context
from wireglass.server.failures import log_failure, log_unexpected
from wireglass.server.finding import find, session_rules
from wireglass.server.function_tools import FunctionTool
from wireglass.server.passing import context_for, through_middleware, version_meta
from wireglass.server.results import ToolResult
from wireglass.server.spans import call_span, found
from wireglass.server.tools import Tool
from wireglass.server.versions import VersionSpec
from wireglass.tracing import active, current_trace, span, within

if TYPE_CHECKING:
    from wireglass.server.app import FastMCP
    from wireglass.server.prompts import Prompt, PromptResult
    from wireglass.server.resource_results import ResourceResult
    from wireglass.server.resources import Resource, ResourceTemplate

__all__ = ["ToolChain", "as_tool_result", "call_tool", "read_resource", "render_prompt"]

C = TypeVar("C", bound=Component)
E = TypeVar("E", bound=FastMCPError)


def _told(error: E) -> E:
    """Marks an error whose cause has just been logged."""
    error.logged = True
    return error


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
    message = params(name, arguments, version_meta(version))
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
        if not active() or type(tool).run is FunctionTool.run:  # which measures its steps itself
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

        message = ReadResourceRequestParams(uri=uri, _meta=version_meta(version))
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
    if not server.transforms and not session_rules():
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

        message = GetPromptRequestParams(name=name, arguments=arguments, _meta=version_meta(version))

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
