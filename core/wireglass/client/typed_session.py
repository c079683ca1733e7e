"""`client.session`: one request each, typed, as code for the SDK's session writes them.

No rounds, no cache, no pages: what `Client` does on top. A round of questions comes back as an `InputRequiredResult`.
"""

from typing import TYPE_CHECKING, Any, cast

from wireglass.client import typed
from wireglass.client.opening import ConnectionFacts
from wireglass.client.raw_results import RawResult
from wireglass.errors import ProtocolError
from wireglass.protocol.messages import JsonObject
from wireglass.session import ClientSession

if TYPE_CHECKING:
    from pydantic import AnyUrl  # brings importlib.metadata and email along: 2 MB for a name

__all__ = ["TypedSession"]


class TypedSession(ClientSession):
    """A client's session with a method for each request, and what was settled when it was opened."""

    facts: ConnectionFacts | None = None
    """Set by the client once the connection is open."""

    # What was settled

    @property
    def protocol_version(self) -> str | None:
        """The version in use."""
        return self.version

    @property
    def server_info(self) -> "typed.Implementation | None":
        """Name and version of the server, as it says."""
        return (
            typed.Implementation.read(self.facts.server_info)
            if self.facts is not None and self.facts.server_info
            else None
        )

    @property
    def server_capabilities(self) -> "typed.ServerCapabilities | None":
        """What the server offers."""
        return None if self.facts is None else typed.ServerCapabilities.read(self.facts.capabilities)

    def get_server_capabilities(self) -> "typed.ServerCapabilities | None":
        """What the server offers."""
        return self.server_capabilities

    @property
    def instructions(self) -> str | None:
        """The server's hints for models."""
        return None if self.facts is None else self.facts.instructions

    async def initialize(self) -> "typed.InitializeResult | None":
        """What the handshake brought. It was made when the connection opened: nothing is sent."""
        return self.initialize_result

    @property
    def initialize_result(self) -> "typed.InitializeResult | None":
        """What opened a connection of the handshake era."""
        if self.facts is None or self.facts.stateless:
            return None
        return typed.InitializeResult.read(self.facts.result)

    @property
    def discover_result(self) -> "typed.DiscoverResult | None":
        """What opened a stateless connection."""
        return typed.DiscoverResult.read(self.facts.result) if self.facts is not None and self.facts.stateless else None

    # Requests

    async def send_request(
        self, request: Any, result_type: "type[typed.BaseModel] | None" = None, **_options: Any
    ) -> Any:
        """Sends a request model (`method`, `params`); returns the raw result, or one of `result_type`."""
        plain = _message(request)
        result = await self.request(plain["method"], plain.get("params"))
        return RawResult(result) if result_type is None else _read(result_type, result)

    async def send_notification(self, notification: Any, related_request_id: Any = None) -> None:
        """Sends a notification model (`method`, `params`)."""
        plain = _message(notification)
        await self.notify(plain["method"], plain.get("params"), related=related_request_id)

    async def send_discover(self, version: str | None = None) -> JsonObject:
        """The raw result of `server/discover`."""
        return await self.request("server/discover", {})

    async def send_ping(self) -> "typed.EmptyResult":
        """Whether the server is there (handshake era)."""
        return _read(typed.EmptyResult, await self.request("ping", {}))

    async def set_logging_level(self, level: str) -> "typed.EmptyResult":
        """The lowest level of log messages wanted from here on (handshake era)."""
        return _read(typed.EmptyResult, await self.request("logging/setLevel", {"level": level}))

    async def _page(self, model: type[Any], method: str, cursor: str | None, params: Any) -> Any:
        sent: JsonObject = dict(params.wire()) if isinstance(params, typed.WireModel) else dict(params or {})
        if cursor is not None:
            sent["cursor"] = cursor
        return _read(model, await self.request(method, sent))

    async def list_tools(self, cursor: str | None = None, *, params: Any = None) -> "typed.ListToolsResult":
        """One page of tools."""
        return await self._page(typed.ListToolsResult, "tools/list", cursor, params)

    async def list_resources(self, cursor: str | None = None, *, params: Any = None) -> "typed.ListResourcesResult":
        """One page of resources."""
        return await self._page(typed.ListResourcesResult, "resources/list", cursor, params)

    async def list_resource_templates(
        self, cursor: str | None = None, *, params: Any = None
    ) -> "typed.ListResourceTemplatesResult":
        """One page of resource templates."""
        return await self._page(typed.ListResourceTemplatesResult, "resources/templates/list", cursor, params)

    async def list_prompts(self, cursor: str | None = None, *, params: Any = None) -> "typed.ListPromptsResult":
        """One page of prompts."""
        return await self._page(typed.ListPromptsResult, "prompts/list", cursor, params)

    async def call_tool(
        self,
        name: str,
        arguments: JsonObject | None = None,
        read_timeout_seconds: Any = None,
        progress_callback: Any = None,
        *,
        meta: JsonObject | None = None,
        input_responses: Any = None,
        request_state: str | None = None,
        allow_input_required: bool = False,
    ) -> "typed.CallToolReply | typed.InputRequiredResult":
        """Calls a tool once. A round of questions is returned if `allow_input_required`, else a ProtocolError."""
        options: dict[str, Any] = {"timeout": _seconds(read_timeout_seconds), "meta": meta}
        if progress_callback is not None:
            from wireglass.client.handlers import progress_listener

            options["on_progress"] = progress_listener(progress_callback)
        params = {"name": name, "arguments": arguments or {}}
        result = await self.request("tools/call", params | _round(input_responses, request_state), **options)
        return _once(typed.CallToolReply, result, allow_input_required)

    async def read_resource(
        self,
        uri: "str | AnyUrl",
        *,
        meta: JsonObject | None = None,
        input_responses: Any = None,
        request_state: str | None = None,
        allow_input_required: bool = False,
    ) -> "typed.ReadResourceResult | typed.InputRequiredResult":
        """Reads a resource once; rounds as in `call_tool`."""
        params = {"uri": str(uri)} | _round(input_responses, request_state)
        return _once(
            typed.ReadResourceResult, await self.request("resources/read", params, meta=meta), allow_input_required
        )

    async def get_prompt(
        self,
        name: str,
        arguments: dict[str, str] | None = None,
        *,
        meta: JsonObject | None = None,
        input_responses: Any = None,
        request_state: str | None = None,
        allow_input_required: bool = False,
    ) -> "typed.GetPromptResult | typed.InputRequiredResult":
        """Renders a prompt once; rounds as in `call_tool`."""
        params: JsonObject = {"name": name} | ({"arguments": arguments} if arguments else {})
        params |= _round(input_responses, request_state)
        return _once(typed.GetPromptResult, await self.request("prompts/get", params, meta=meta), allow_input_required)

    async def complete(
        self, ref: Any, argument: dict[str, str], context_arguments: dict[str, str] | None = None
    ) -> "typed.CompleteResult":
        """Suggestions for an argument."""
        params: JsonObject = {"ref": ref.wire() if isinstance(ref, typed.WireModel) else ref, "argument": argument}
        if context_arguments:
            params["context"] = {"arguments": context_arguments}
        return _read(typed.CompleteResult, await self.request("completion/complete", params))

    async def subscribe_resource(self, uri: "str | AnyUrl") -> "typed.EmptyResult":
        """Asks to hear of updates (handshake era)."""
        return _read(typed.EmptyResult, await self.request("resources/subscribe", {"uri": str(uri)}))

    async def unsubscribe_resource(self, uri: "str | AnyUrl") -> "typed.EmptyResult":
        """No longer hears of updates (handshake era)."""
        return _read(typed.EmptyResult, await self.request("resources/unsubscribe", {"uri": str(uri)}))


def _message(model: Any) -> JsonObject:
    plain = model if isinstance(model, dict) else model.model_dump(by_alias=True, mode="json", exclude_none=True)
    return cast("JsonObject", plain.get("root", plain))


def _read(model: type[Any], result: JsonObject) -> Any:
    return model.model_validate(result)


def _once(model: type[Any], result: JsonObject, allow_input_required: bool) -> Any:
    if result.get("resultType") != "input_required":
        return _read(model, result)
    if allow_input_required:
        return _read(typed.InputRequiredResult, result)
    raise ProtocolError(
        "The server asks for input before it answers.",
        next_step="Pass allow_input_required=True, or use the client's own methods, which answer questions.",
    )


def _round(responses: Any, state: str | None) -> JsonObject:
    params: JsonObject = {}
    if responses is not None:
        params["inputResponses"] = {
            name: answer.wire() if isinstance(answer, typed.WireModel) else answer
            for name, answer in dict(responses).items()
        }
    if state is not None:
        params["requestState"] = state
    return params


def _seconds(value: Any) -> float | None:
    return value.total_seconds() if hasattr(value, "total_seconds") else value
