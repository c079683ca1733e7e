"""The typed calls of a client: tools, resources, prompts, completion, logging, ping."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, cast

from pydantic_core import ValidationError, to_json

from wireglass.client import typed
from wireglass.client.handlers import progress_listener
from wireglass.client.lists import Lists
from wireglass.client.raw_results import RawResult
from wireglass.errors import HEADER_MISMATCH, McpError, ProtocolError, ToolError
from wireglass.protocol.messages import JsonObject, RequestId, as_object, is_object
from wireglass.protocol.param_headers import param_headers
from wireglass.protocol.versions import LATEST_HANDSHAKE
from wireglass.session import Progressed
from wireglass.settings import dialect

__all__ = ["TypedCalls"]

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class TypedCalls(Lists):
    """Everything that is built on `request`. `Client` adds the connection."""

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
        offered = as_object(as_object(self._offered.get("tasks")).get("requests")).get("tools")
        if task is False or self.session.version != LATEST_HANDSHAKE or offered is None:
            return False
        if task is None and name not in self._tools:
            await self.list_tools()
        tool = self._tools.get(name)
        execution = tool.execution if tool is not None else None
        return task is True or (execution is not None and execution.task_support == "required")

    async def _param_headers(self, name: str, arguments: JsonObject) -> dict[str, str]:
        try:
            tool = await self._known_tool(name)
        except McpError:
            return {}
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
        **task_options: Any,
    ) -> "typed.CallToolResult":
        """Calls a tool. In dialect 2, `task=True` returns a `ToolTask` at once, whose result this is.

        Raises ToolError for a result that is an error, unless `raise_on_error` is False; McpError for an error of
        the protocol; RequestTimeout; TransportClosed.
        """
        _check_task_options(task_options)
        call = self.call_tool_mcp(
            name,
            arguments,
            progress_handler=progress_handler,
            timeout=timeout,
            meta=meta,
            version=version,
            on_sent=on_sent,
            task=task,
        )
        done = self._call_result(name, call, raise_on_error)
        if task and dialect() == "2":
            from wireglass.client.background import ToolTask, begin

            return cast("Any", await begin(ToolTask, self, done))
        return await done

    async def _call_result(self, name: str, call: Awaitable[RawResult], raise_on_error: bool) -> "typed.CallToolResult":
        from wireglass.client.results import read_call_result

        raw = await call
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
        from wireglass.client.typed_data import hydrate

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

    async def read_resource(
        self,
        uri: Any,
        *,
        version: str | None = None,
        meta: JsonObject | None = None,
        task: bool | None = None,
        **task_options: Any,
    ) -> list[Any]:
        """The parts of a resource: objects with `.text` or `.blob`. In dialect 2, `task=True` returns a `ResourceTask`.

        Raises ValueError for a URI without a scheme (`read_resource_mcp` sends any), McpError when there is none.
        """
        if not _SCHEME.match(str(uri)):
            raise ValueError(f"Provided resource URI is invalid: {str(uri)!r} has no scheme, as in config://app.")
        if version is not None:
            meta = {**(meta or {}), "fastmcp": {"version": version}}
        _check_task_options(task_options)
        done = self._contents(self.read_resource_mcp(uri, meta))
        if task and dialect() == "2":
            from wireglass.client.background import ResourceTask, begin

            return cast("Any", await begin(ResourceTask, self, done))
        return await done

    async def _contents(self, reading: Awaitable[RawResult]) -> list[Any]:
        from wireglass.client.results import read_contents

        return cast("list[Any]", read_contents(await reading))

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
        task: bool | None = None,
        **task_options: Any,
    ) -> "typed.GetPromptResult":
        """Renders a prompt. Values that are not strings are sent as JSON. In dialect 2, `task=True` returns a
        `PromptTask`. Raises McpError, ProtocolError."""
        if version is not None:
            meta = {**(meta or {}), "fastmcp": {"version": version}}
        _check_task_options(task_options)
        done = self._prompt_result(name, self.get_prompt_mcp(name, arguments, meta))
        if task and dialect() == "2":
            from wireglass.client.background import PromptTask, begin

            return cast("Any", await begin(PromptTask, self, done))
        return await done

    async def _prompt_result(self, name: str, rendering: Awaitable[RawResult]) -> "typed.GetPromptResult":
        raw = await rendering
        try:
            return typed.GetPromptResult.model_validate(raw)
        except ValidationError as error:
            raise ProtocolError(f"The prompt {name} cannot be read: {error.errors()[0]['msg']}.") from error

    # Completion, logging, ping

    async def complete_mcp(
        self, ref: Any, argument: dict[str, str], context_arguments: dict[str, Any] | None = None
    ) -> RawResult:
        """Asks for suggestions and returns the raw result. Servers older than 2025-06-18 know no other arguments."""
        params: JsonObject = {"ref": ref.wire() if isinstance(ref, typed.WireModel) else ref, "argument": argument}
        if context_arguments and (self.session.version or "") >= "2025-06-18":
            params["context"] = {"arguments": context_arguments}
        return RawResult(await self.request("completion/complete", params))

    async def complete(
        self, ref: Any, argument: dict[str, str], context_arguments: dict[str, Any] | None = None
    ) -> "typed.Completion":
        """Suggestions for one argument of a prompt or resource template."""
        raw = await self.complete_mcp(ref, argument, context_arguments)
        return typed.Completion.model_validate(as_object(raw.get("completion")))

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
        if message is not None and self.session.version != "2024-11-05":  # which has no messages yet
            params["message"] = message
        await self.session.notify("notifications/progress", params)

    async def cancel(self, request_id: RequestId, reason: str | None = None) -> None:
        """Cancels a request by its id. Cancelling the await that sent it is the better way."""
        await self.session.cancel(request_id, reason or "")


def _check_task_options(options: dict[str, Any]) -> None:
    """2.x has wishes about tasks (`ttl`, `task_id`), which servers are free to ignore. Raises TypeError for others."""
    unknown = sorted(set(options) - {"ttl", "task_id"})
    if unknown:
        raise TypeError(f"There is no option {', '.join(unknown)}.")


def _plain_arguments(arguments: JsonObject | None) -> JsonObject:
    """Arguments as JSON: models and dataclasses are written out."""
    if not arguments:
        return {}
    return {
        name: value.model_dump(mode="json", by_alias=True) if isinstance(value, typed.BaseModel) else value
        for name, value in arguments.items()
    }


def _text_arguments(arguments: JsonObject) -> dict[str, str]:
    return {name: value if isinstance(value, str) else to_json(value).decode() for name, value in arguments.items()}
