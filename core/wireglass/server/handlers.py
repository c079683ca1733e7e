"""The methods a server answers: one function each, from parameters to the plain result."""

import functools
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

from wireglass import telemetry
from wireglass.errors import INVALID_PARAMS, RESOURCE_NOT_FOUND, FastMCPError, McpError, NotFoundError
from wireglass.middleware.chain import to_blame
from wireglass.protocol.versions import ALL_VERSIONS, negotiate
from wireglass.server import spans, watching
from wireglass.server.components import META_KEY, TaskConfig
from wireglass.server.context import Context
from wireglass.server.finding import newest_only
from wireglass.server.pages import page
from wireglass.server.results import InputRequiredToolResult
from wireglass.server.versions import VersionSpec
from wireglass.settings import dialect

if TYPE_CHECKING:
    from wireglass.server.app import FastMCP

__all__ = ["HANDLERS", "MethodHandler"]

_OLD_META_KEY = "_fastmcp"

Work = Callable[[], Awaitable[dict[str, Any]]]
MethodHandler = Callable[["FastMCP", Context, dict[str, Any]], Awaitable[dict[str, Any]]]


def _text(params: dict[str, Any], name: str) -> str:
    value = params.get(name)
    if not isinstance(value, str):
        raise McpError(INVALID_PARAMS, f"Invalid request parameters: `{name}` must be a string.")
    return value


def _object(params: dict[str, Any], name: str) -> dict[str, Any]:
    value = params.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise McpError(INVALID_PARAMS, f"Invalid request parameters: `{name}` must be an object.")
    return cast("dict[str, Any]", value)


def _wanted_version(context: Context) -> VersionSpec | None:
    """The component version a client asks for in `_meta.fastmcp.version`."""
    meta = context.require_scope().meta.get("fastmcp")
    version = cast("dict[str, Any]", meta).get("version") if isinstance(meta, dict) else None
    return VersionSpec(eq=str(version)) if version is not None else None


def _kept(context: Context, work: Work) -> Work:
    """With a store: what `work` set is there when it ends, also in a call that was parked or became a task."""
    if context.fastmcp.state_store is None:
        return work

    async def run() -> dict[str, Any]:
        try:
            return await work()
        finally:
            await context.flush_state()

    return run


# Opening


async def initialize(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    _text(params, "protocolVersion")
    version = negotiate(params["protocolVersion"])
    result: dict[str, Any] = {
        "protocolVersion": version,
        "capabilities": server.capabilities(version),
        "serverInfo": server.server_info(version),
    }
    if server.instructions is not None:
        result["instructions"] = server.instructions
    return result


async def discover(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "supportedVersions": list(ALL_VERSIONS),
        "capabilities": server.capabilities(context.require_scope().version),
    }
    if server.instructions is not None:
        result["instructions"] = server.instructions
    return result


async def ping(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    return {}


# Lists


def _with_old_key(entry: dict[str, Any]) -> dict[str, Any]:
    """Tags under the key that 2.x has for them, which hosts and clients of its time look for."""
    meta = {_OLD_META_KEY if key == META_KEY else key: value for key, value in (entry.get("_meta") or {}).items()}
    return {**entry, "_meta": meta}


def _lister(kind: str, member: str) -> MethodHandler:
    async def handler(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
        cursor = params.get("cursor")
        if cursor is not None and not isinstance(cursor, str):
            raise McpError(INVALID_PARAMS, "Invalid request parameters: `cursor` must be a string.")
        items, following = page(newest_only(await server.list_components(kind)), cursor, server.list_page_size)
        if kind == "tools":
            listed = [tool.wire(inline=server.dereference_schemas) for tool in items]
        else:
            listed = [item.wire() for item in items]
        if dialect() == "2":
            listed = [_with_old_key(entry) for entry in listed]
        result: dict[str, Any] = {member: listed}
        if following is not None:
            result["nextCursor"] = following
        return result

    return handler


# Tools


async def call_tool(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    scope = context.require_scope()
    if scope.stateless and scope.session.transport == "streamable-http":
        await _check_param_headers(server, context, params)

    tasks = server.tasks
    if not scope.stateless and server.state_store is None and not tasks.offered():
        return await _call_tool(server, context, params)  # nothing to park, to keep or to run as a task

    async def config() -> TaskConfig | None:
        tool = await server.find("tool", _text(params, "name"), _wanted_version(context))
        return None if tool is None else tool.task_config

    return await tasks.call(context, config, _kept(context, lambda: _call_tool(server, context, params)))


async def _check_param_headers(server: "FastMCP", context: Context, params: dict[str, Any]) -> None:
    """Arguments that the tool wants repeated in headers must be there (HTTP, 2026-07-28). Raises McpError."""
    tool = await server.find("tool", _text(params, "name"), _wanted_version(context))
    if tool is not None:
        from wireglass.protocol.param_headers import check_param_headers

        check_param_headers(tool.parameters, _object(params, "arguments"), context.require_scope().headers)


async def _call_tool(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    name, arguments = _text(params, "name"), _object(params, "arguments")
    try:
        version = _wanted_version(context)
        if not server.extensions.interceptors:
            result = await server.call_tool(name, arguments, version=version)
        else:
            call = functools.partial(server.call_tool, name, arguments, version=version)
            result = await server.extensions.call_tool(context, params, call)
    except NotFoundError as error:
        raise McpError(INVALID_PARAMS, str(error)) from error
    except McpError:
        raise
    except Exception as error:  # boundary: what a tool or middleware raised is the model's to read
        if telemetry.is_on() and not isinstance(error, FastMCPError):
            spans.failed(error)
        return _failed(server, name, error)
    if isinstance(result, InputRequiredToolResult):
        return server.parking.explicit_round(context, result.input_required, f"Tool {name!r}")
    return result.wire()


def _failed(server: "FastMCP", name: str, error: Exception) -> dict[str, Any]:
    if isinstance(error, FastMCPError):
        text = str(error)
    elif server.mask_error_details:
        text = f"Error calling tool {name!r}"
    else:
        culprit = to_blame(error)
        where = "" if culprit is None else f" in the middleware {culprit}"
        text = f"Error calling tool {name!r}{where}: {error}"
    return {"content": [{"type": "text", "text": text}], "isError": True}


# Resources


async def read_resource(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    return await server.parking.run(context, _kept(context, lambda: _read_resource(server, context, params)))


async def _read_resource(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    uri = _text(params, "uri")
    scope = context.require_scope()
    try:
        result = await server.read_resource(uri, version=_wanted_version(context))
    except NotFoundError as error:
        code = INVALID_PARAMS if scope.stateless else RESOURCE_NOT_FOUND
        raise McpError(code, str(error), {"uri": uri}) from error
    from wireglass.server.resource_results import InputRequiredResourceResult

    if isinstance(result, InputRequiredResourceResult):
        return server.parking.explicit_round(context, result.input_required, f"Resource {uri!r}")
    return result.wire(uri)


async def subscribe(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    scope, uri = context.require_scope(), _text(params, "uri")
    await watching.remember(server, scope, uri)
    server.subscriptions.subscribe(scope, uri)
    return {}


async def unsubscribe(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    scope, uri = context.require_scope(), _text(params, "uri")
    server.subscriptions.unsubscribe(scope, uri)
    await watching.forget(scope, uri)
    return {}


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in cast("list[Any]", value))


async def listen(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    scope, wanted = context.require_scope(), params.get("notifications")
    if not isinstance(wanted, dict):
        raise McpError(INVALID_PARAMS, "Invalid request parameters: `notifications` must be an object.")
    wanted = cast("dict[str, Any]", wanted)
    for name in ("resourceSubscriptions", "taskIds"):
        listed = wanted.get(name)
        if listed is not None and not _are_texts(listed):
            raise McpError(INVALID_PARAMS, f"Invalid request parameters: `{name}` must be a list of strings.")
    states = server.tasks.states(scope, wanted.get("taskIds"))
    return await server.subscriptions.listen(scope, wanted, states, functools.partial(watching.watching, server))


# Skills (extension)


def _cursor(params: dict[str, Any]) -> str | None:
    return None if params.get("cursor") is None else _text(params, "cursor")


async def list_skills(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    return await server.skills.list_entries(_cursor(params))


async def get_skill(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    return await server.skills.get_entry(_text(params, "uri"))


async def read_directory(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    return await server.skills.read_directory(_text(params, "uri"), _cursor(params))


# Prompts


async def get_prompt(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    return await server.parking.run(context, _kept(context, lambda: _get_prompt(server, context, params)))


async def _get_prompt(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    name, arguments = _text(params, "name"), _object(params, "arguments")
    result = await server.render_prompt(name, arguments, version=_wanted_version(context))
    from wireglass.server.prompts import InputRequiredPromptResult

    if isinstance(result, InputRequiredPromptResult):
        return server.parking.explicit_round(context, result.input_required, f"Prompt {name!r}")
    return result.wire()


# Tasks (extension, and 2025-11-25)


async def get_task(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    return await server.tasks.get(context)


async def update_task(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    return await server.tasks.update(context, params)


async def cancel_task(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    return await server.tasks.cancel(context)


async def task_result(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    return await server.tasks.handshake.result(context.require_scope())


async def list_tasks(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    return await server.tasks.handshake.list(context.require_scope(), server.list_page_size)


# The rest


async def complete(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    reference, argument = _object(params, "ref"), _object(params, "argument")
    known = _object(_object(params, "context"), "arguments")
    return await server.completions.complete(reference, _text(argument, "name"), _text(argument, "value"), known)


async def set_level(server: "FastMCP", context: Context, params: dict[str, Any]) -> dict[str, Any]:
    from wireglass.server.context import LEVEL_SET, LEVELS

    if params.get("level") not in LEVELS:
        raise McpError(INVALID_PARAMS, f"`level` must be one of {', '.join(LEVELS)}.")
    context.require_scope().session.attributes[LEVEL_SET] = True
    return {}


HANDLERS: dict[str, MethodHandler] = {
    "initialize": initialize,
    "server/discover": discover,
    "ping": ping,
    "tools/list": _lister("tools", "tools"),
    "tools/call": call_tool,
    "resources/list": _lister("resources", "resources"),
    "resources/templates/list": _lister("resource_templates", "resourceTemplates"),
    "resources/read": read_resource,
    "resources/subscribe": subscribe,
    "resources/unsubscribe": unsubscribe,
    "subscriptions/listen": listen,
    "resources/directory/read": read_directory,
    "skills/list": list_skills,
    "skills/get": get_skill,
    "prompts/list": _lister("prompts", "prompts"),
    "prompts/get": get_prompt,
    "tasks/get": get_task,
    "tasks/update": update_task,
    "tasks/cancel": cancel_task,
    "tasks/result": task_result,
    "tasks/list": list_tasks,
    "completion/complete": complete,
    "logging/setLevel": set_level,
}
