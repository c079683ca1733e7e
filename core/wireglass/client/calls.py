"""The typed calls of a client: lists with all their pages, tools, resources, prompts, completion, logging."""

import itertools
import logging
from collections.abc import Callable
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError

from wireglass.client.catalogue import Catalogue
from wireglass.client.handlers import progress_listener
from wireglass.client.listening import Listening
from wireglass.client.raw_results import RawResult
from wireglass.client.results import CallToolResult, Completion, GetPromptResult, read_call_result, read_contents
from wireglass.client.typed_data import hydrate
from wireglass.errors import HEADER_MISMATCH, McpError, ProtocolError, ToolError
from wireglass.protocol.messages import JsonObject, RequestId, as_object, is_object
from wireglass.protocol.model import WireModel
from wireglass.protocol.param_headers import faults, param_headers
from wireglass.protocol.prompts import Prompt
from wireglass.protocol.resources import Resource, ResourceTemplate
from wireglass.protocol.tools import Tool
from wireglass.protocol.versions import LATEST_HANDSHAKE
from wireglass.session import ClientSession, Progressed

__all__ = ["TypedCalls"]

logger = logging.getLogger("wireglass.client")

MAX_PAGES = 250
_names = itertools.count(1)
M = TypeVar("M", bound=WireModel)


class TypedCalls:
    """Everything that is built on `request`. `Client` adds the connection."""

    def __init__(self, *, cache: bool, timeout: float | None) -> None:
        self._cache = cache
        self._listen = False
        self._listening: Listening | None = None
        self._timeout = timeout
        self._log_level: str | None = None
        self._reset_calls()

    def _reset_calls(self) -> None:
        self._tools: dict[str, Tool] = {}
        self._catalogue = Catalogue()
        self._listening = None
        self.skipped: list[tuple[str, Any, str]] = []
        """List entries that could not be read: method, the entry, and why."""

    async def request(
        self,
        method: str,
        params: JsonObject | None = None,
        *,
        timeout: Any = None,
        on_progress: Progressed | None = None,
        meta: JsonObject | None = None,
        on_sent: Callable[[RequestId], object] | None = None,
        headers: dict[str, str] | None = None,
    ) -> JsonObject:
        raise NotImplementedError

    @property
    def session(self) -> ClientSession:
        raise NotImplementedError

    @classmethod
    def generate_name(cls, name: str | None = None) -> str:
        """A name for a client, unique in this process."""
        return f"{name or 'client'}-{next(_names)}"

    async def _complete(self, method: str, params: JsonObject | None = None) -> tuple[JsonObject, bool]:
        """As `request`; also whether it took several requests."""
        raise NotImplementedError

    async def _opened(self) -> None:
        """Called when a connection has been opened."""
        self._reset_calls()
        if self.session.stateless:
            self._listening = Listening(self.session, self.server_capabilities, self._missed_changes)
            if self._listen:
                try:
                    await self._listening.want_lists()
                except (McpError, TimeoutError) as error:
                    logger.debug("The server does not announce changes: %s", error)

    async def _close_calls(self) -> None:
        """Called before a connection is closed."""
        listening, self._listening = self._listening, None
        if listening is not None:
            await listening.aclose()

    def _note_change(self, method: str, params: JsonObject) -> None:
        """Hears every notification before any handler does."""
        self._catalogue.heard(method, params)
        if method == "notifications/tools/list_changed":
            self._tools = {}
        if self._listening is not None:
            self._listening.heard(method, params)

    def _missed_changes(self) -> None:
        """A listen stream dropped: anything may have changed meanwhile."""
        self._catalogue.clear()
        self._tools = {}

    @property
    def server_capabilities(self) -> JsonObject:
        raise NotImplementedError

    async def _cached(
        self, method: str, params: JsonObject, mode: str | None, meta: JsonObject | None = None
    ) -> JsonObject:
        """A result from the catalogue or the server. `mode`: "use" (default), "refresh" or "bypass"."""
        if not self._cache or mode == "bypass" or meta:
            return await self.request(method, params, meta=meta)
        if mode != "refresh" and (found := self._catalogue.get(method, params)) is not None:
            return found
        generation = self._catalogue.generation
        result, retried = await self._complete(method, params)
        if not retried:
            self._catalogue.keep(method, params, result, generation=generation)
        return result

    # Lists

    async def _pages(self, method: str, key: str, max_pages: int, cache_mode: str | None = None) -> list[Any]:
        """All entries of a paginated list. Raises ProtocolError when the pages never end."""
        entries: list[Any] = []
        seen: set[str] = set()
        cursor: Any = None
        for _ in range(max_pages):
            result = await self._cached(method, {} if cursor is None else {"cursor": cursor}, cache_mode)
            page = result.get(key)
            if not isinstance(page, list):
                raise ProtocolError(f"The result of {method} has no list {key!r}.", next_step="Look at the frame.")
            entries += page
            cursor = result.get("nextCursor")
            if not isinstance(cursor, str):  # an empty string is a cursor too
                return entries
            if cursor in seen:
                raise ProtocolError(f"{method} returns the cursor {cursor!r} twice: its pages never end.")
            seen.add(cursor)
        raise ProtocolError(f"{method} has more than {max_pages} pages.", next_step="Raise max_pages.")

    async def _list(
        self, method: str, key: str, model: type[M], max_pages: int, cache_mode: str | None = None
    ) -> list[M]:
        entries = await self._pages(method, key, max_pages, cache_mode)
        return self._read(method, entries, model)

    def _read(self, method: str, entries: list[Any], model: type[M]) -> list[M]:
        """The readable entries; the others are noted in `skipped` and do not spoil the list."""
        self.skipped = [item for item in self.skipped if item[0] != method]
        good: list[M] = []
        for entry in entries:
            try:
                good.append(model.model_validate(entry))
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(map(str, first["loc"]))
                self.skipped.append((method, entry, f"{where}: {first['msg']}" if where else first["msg"]))
        return good

    async def list_tools(self, max_pages: int = MAX_PAGES, *, cache_mode: str | None = None) -> list[Tool]:
        """All tools. Over stateless HTTP, tools whose `x-mcp-header` is faulty are left out, as the protocol wants."""
        tools = await self._list("tools/list", "tools", Tool, max_pages, cache_mode)
        if self._mirrors_headers:
            tools = [tool for tool in tools if not self._faulty(tool)]
        self._tools = {tool.name: tool for tool in tools}
        return tools

    async def list_resources(self, max_pages: int = MAX_PAGES, *, cache_mode: str | None = None) -> list[Resource]:
        """All resources."""
        return await self._list("resources/list", "resources", Resource, max_pages, cache_mode)

    async def list_resource_templates(
        self, max_pages: int = MAX_PAGES, *, cache_mode: str | None = None
    ) -> list[ResourceTemplate]:
        """All resource templates."""
        return await self._list(
            "resources/templates/list", "resourceTemplates", ResourceTemplate, max_pages, cache_mode
        )

    async def list_prompts(self, max_pages: int = MAX_PAGES, *, cache_mode: str | None = None) -> list[Prompt]:
        """All prompts."""
        return await self._list("prompts/list", "prompts", Prompt, max_pages, cache_mode)

    async def _page(self, method: str, cursor: str | None, cache_mode: str | None) -> RawResult:
        return RawResult(await self._cached(method, {} if cursor is None else {"cursor": cursor}, cache_mode))

    async def list_tools_mcp(self, *, cursor: str | None = None, cache_mode: str | None = None) -> RawResult:
        """One page of tools, raw."""
        return await self._page("tools/list", cursor, cache_mode)

    async def list_resources_mcp(self, *, cursor: str | None = None, cache_mode: str | None = None) -> RawResult:
        """One page of resources, raw."""
        return await self._page("resources/list", cursor, cache_mode)

    async def list_resource_templates_mcp(
        self, *, cursor: str | None = None, cache_mode: str | None = None
    ) -> RawResult:
        """One page of resource templates, raw."""
        return await self._page("resources/templates/list", cursor, cache_mode)

    async def list_prompts_mcp(self, *, cursor: str | None = None, cache_mode: str | None = None) -> RawResult:
        """One page of prompts, raw."""
        return await self._page("prompts/list", cursor, cache_mode)

    # Header mirroring

    @property
    def _mirrors_headers(self) -> bool:
        session = self.session
        return session.stateless and session.transport.name == "streamable-http"

    def _faulty(self, tool: Tool) -> bool:
        reasons = faults(tool.input_schema)
        if reasons:
            self.skipped.append(("tools/list", tool.wire(), "; ".join(reasons)))
        return bool(reasons)

    # Tools

    async def call_tool_mcp(
        self,
        name: str,
        arguments: JsonObject | None = None,
        *,
        progress_handler: Callable[..., Any] | None = None,
        timeout: Any = None,
        meta: JsonObject | None = None,
        version: str | None = None,
        on_sent: Callable[[RequestId], object] | None = None,
        on_progress: Progressed | None = None,
        task: bool | None = None,
    ) -> RawResult:
        """Calls a tool and returns the raw result.

        `task` asks a server of 2025-11-25 to run it as a task; None does so where the tool requires it. Either way
        the result is the call's own.
        """
        params: JsonObject = {"name": name, "arguments": _plain_arguments(arguments)}
        if await self._as_task(name, task):
            params["task"] = {}
        if version is not None:
            meta = {**(meta or {}), "fastmcp": {"version": version}}
        listener = progress_listener(progress_handler) if progress_handler is not None else on_progress
        again = self._mirrors_headers
        while True:
            headers = await self._param_headers(name, params["arguments"]) if self._mirrors_headers else None
            try:
                raw = await self.request(
                    "tools/call", params, timeout=timeout, on_progress=listener, meta=meta, on_sent=on_sent,
                    headers=headers,
                )  # fmt: skip
                return RawResult(raw)
            except McpError as error:
                if error.code != HEADER_MISMATCH or not again:
                    raise
                again = False  # our idea of the schema is old: list again, try once more
                self._tools = {}

    async def _as_task(self, name: str, task: bool | None) -> bool:
        offered = as_object(as_object(self.server_capabilities.get("tasks")).get("requests")).get("tools")
        if task is False or self.session.version != LATEST_HANDSHAKE or offered is None:
            return False
        if task is None and name not in self._tools:
            await self.list_tools()
        tool = self._tools.get(name)
        execution = tool.execution if tool is not None else None
        return task is True or (execution is not None and execution.task_support == "required")

    async def _param_headers(self, name: str, arguments: JsonObject) -> dict[str, str]:
        if name not in self._tools:
            try:
                await self.list_tools()
            except McpError:
                return {}
        tool = self._tools.get(name)
        return {} if tool is None else param_headers(tool.input_schema, arguments)

    async def call_tool(
        self,
        name: str,
        arguments: JsonObject | None = None,
        *,
        version: str | None = None,
        timeout: Any = None,
        progress_handler: Callable[..., Any] | None = None,
        raise_on_error: bool = True,
        meta: JsonObject | None = None,
        on_sent: Callable[[RequestId], object] | None = None,
        task: bool | None = None,
    ) -> CallToolResult:
        """Calls a tool.

        Raises ToolError for a result that is an error, unless `raise_on_error` is False; McpError for an error of
        the protocol; RequestTimeout; TransportClosed.
        """
        raw = await self.call_tool_mcp(
            name,
            arguments,
            progress_handler=progress_handler,
            timeout=timeout,
            meta=meta,
            version=version,
            on_sent=on_sent,
            task=task,
        )
        if raw.get("isError") is True:
            result = read_call_result(raw)
            if raise_on_error:
                raise ToolError(result.text or f"The tool {name} failed and says nothing.")
            return result
        return read_call_result(raw, await self._data(name, raw))

    async def _data(self, name: str, raw: JsonObject) -> Any:
        structured = raw.get("structuredContent")
        if structured is None:
            return None
        wraps = as_object(as_object(raw.get("_meta")).get("fastmcp")).get("wrap_result") is True
        if name not in self._tools and self.session.is_open:
            try:
                await self.list_tools()
            except (McpError, ProtocolError):
                pass
        tool = self._tools.get(name)
        schema = tool.output_schema if tool is not None else None
        if schema is None and wraps and is_object(structured):
            return structured.get("result")
        return hydrate(structured, schema)

    # Resources and prompts

    async def read_resource_mcp(self, uri: Any, meta: JsonObject | None = None) -> RawResult:
        """Reads a resource and returns the raw result."""
        return RawResult(await self._cached("resources/read", {"uri": str(uri)}, None, meta))

    async def subscribe_resource(self, uri: Any) -> None:
        """Asks to hear of updates of a resource. Raises McpError when the server does not offer it."""
        if self._listening is not None:
            await self._listening.want_resource(str(uri))
        else:
            await self.request("resources/subscribe", {"uri": str(uri)})

    async def unsubscribe_resource(self, uri: Any) -> None:
        """No longer hears of updates of a resource."""
        if self._listening is not None:
            await self._listening.want_resource(str(uri), False)
        else:
            await self.request("resources/unsubscribe", {"uri": str(uri)})

    async def read_resource(self, uri: Any, *, version: str | None = None, meta: JsonObject | None = None) -> list[Any]:
        """The parts of a resource: objects with `.text` or `.blob`. Raises McpError when there is none."""
        if version is not None:
            meta = {**(meta or {}), "fastmcp": {"version": version}}
        return cast("list[Any]", read_contents(await self.read_resource_mcp(uri, meta)))

    async def get_prompt_mcp(
        self, name: str, arguments: JsonObject | None = None, meta: JsonObject | None = None
    ) -> RawResult:
        """Renders a prompt and returns the raw result."""
        params: JsonObject = {"name": name}
        if arguments:
            params["arguments"] = _text_arguments(arguments)
        return RawResult(await self.request("prompts/get", params, meta=meta))

    async def get_prompt(
        self,
        name: str,
        arguments: JsonObject | None = None,
        *,
        version: str | None = None,
        meta: JsonObject | None = None,
    ) -> GetPromptResult:
        """Renders a prompt. Values that are not strings are sent as JSON. Raises McpError, ProtocolError."""
        if version is not None:
            meta = {**(meta or {}), "fastmcp": {"version": version}}
        raw = await self.get_prompt_mcp(name, arguments, meta)
        try:
            return GetPromptResult.model_validate(raw)
        except ValidationError as error:
            raise ProtocolError(f"The prompt {name} cannot be read: {error.errors()[0]['msg']}.") from error

    # Completion, logging, ping

    async def complete_mcp(
        self, ref: Any, argument: dict[str, str], context_arguments: dict[str, Any] | None = None
    ) -> RawResult:
        """Asks for suggestions and returns the raw result."""
        params: JsonObject = {"ref": ref.wire() if isinstance(ref, WireModel) else ref, "argument": argument}
        if context_arguments:
            params["context"] = {"arguments": context_arguments}
        return RawResult(await self.request("completion/complete", params))

    async def complete(
        self, ref: Any, argument: dict[str, str], context_arguments: dict[str, Any] | None = None
    ) -> Completion:
        """Suggestions for one argument of a prompt or resource template."""
        raw = await self.complete_mcp(ref, argument, context_arguments)
        return Completion.model_validate(as_object(raw.get("completion")))

    async def ping(self) -> bool:
        """Whether the server answers. At 2026-07-28, which has no ping, `server/discover` is asked instead."""
        await self.request("server/discover" if self.session.stateless else "ping", {})
        return True

    async def set_logging_level(self, level: str) -> None:
        """The lowest level of log messages wanted from here on."""
        self._log_level = level
        self.session.log_level = level
        if not self.session.stateless:
            await self.request("logging/setLevel", {"level": level})

    async def send_roots_list_changed(self) -> None:
        """Tells a handshake-era server that the roots have changed."""
        if not self.session.stateless:
            await self.session.notify("notifications/roots/list_changed")

    async def progress(
        self, progress_token: str | int, progress: float, total: float | None = None, message: str | None = None
    ) -> None:
        """Tells a handshake-era server about progress."""
        params: JsonObject = {"progressToken": progress_token, "progress": progress}
        params |= {"total": total} if total is not None else {}
        params |= {"message": message} if message is not None else {}
        await self.session.notify("notifications/progress", params)

    async def cancel(self, request_id: RequestId, reason: str | None = None) -> None:
        """Cancels a request by its id. Cancelling the await that sent it is the better way."""
        await self.session.cancel(request_id, reason or "")


def _plain_arguments(arguments: JsonObject | None) -> JsonObject:
    """Arguments as JSON: models and dataclasses are written out."""
    if not arguments:
        return {}
    return {
        name: value.model_dump(mode="json", by_alias=True) if isinstance(value, BaseModel) else value
        for name, value in arguments.items()
    }


def _text_arguments(arguments: JsonObject) -> dict[str, str]:
    from pydantic_core import to_json

    return {name: value if isinstance(value, str) else to_json(value).decode() for name, value in arguments.items()}
