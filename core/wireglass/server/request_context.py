"""The request and the session as server authors see them: `ctx.request_context` and `ctx.session`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wireglass.protocol.inputs import CreateMessageResult, ElicitResult, ListRootsResult
    from wireglass.server.context import Context
    from wireglass.server.request_facts import ClientParams, RequestMeta

__all__ = ["RequestContext", "ServerSession"]


class RequestContext:
    """Facts of the request in hand."""

    def __init__(self, context: "Context") -> None:
        self._context = context
        self._scope = context.require_scope()

    @property
    def request_id(self) -> str | int:
        """The JSON-RPC id."""
        return self._scope.request_id

    @property
    def meta(self) -> "RequestMeta | None":
        """`params._meta`, or None."""
        from wireglass.server.request_facts import RequestMeta

        return RequestMeta.model_validate(self._scope.meta) if self._scope.meta else None

    @property
    def session(self) -> "ServerSession":
        """The client's session."""
        return self._context.session

    @property
    def lifespan_context(self) -> Any:
        """What the server's lifespan yielded."""
        return self._context.lifespan_context

    @property
    def protocol_version(self) -> str:
        """The protocol version of this request."""
        return self._scope.version

    @property
    def request(self) -> Any:
        """The HTTP request (Starlette's), or None on other transports."""
        return self._context.http_request_or_none()


class ServerSession:
    """The connection of one client: what may be sent on it besides results."""

    def __init__(self, context: "Context") -> None:
        self._context = context

    @property
    def client_params(self) -> "ClientParams | None":
        """Who the client is and what it can do."""
        from wireglass.protocol.model import WireModel
        from wireglass.server.request_facts import ClientParams

        scope = self._context.scope
        if scope is None:
            return None
        return ClientParams(
            protocol_version=scope.version,
            client_info=WireModel.model_validate(scope.client_info or {}),
            capabilities=WireModel.model_validate(scope.client_capabilities),
        )

    @property
    def id(self) -> str | None:
        """The session's id where the transport has one."""
        scope = self._context.scope
        return scope.session.id if scope is not None else None

    async def send_notification(self, notification: Any, related_request_id: Any = None) -> None:
        """Sends a notification: a model with `method` and `params`, or a dict."""
        await self._context.send_notification(notification)

    async def send_log_message(
        self, level: str, data: Any, logger: str | None = None, related_request_id: Any = None
    ) -> None:
        """Sends a log message with any JSON as its data."""
        await self._context.log_data(level, data, logger)

    async def send_progress_notification(
        self,
        progress_token: str | int,
        progress: float,
        total: float | None = None,
        message: str | None = None,
        related_request_id: Any = None,
    ) -> None:
        """Sends progress for a token the client gave."""
        params: dict[str, Any] = {"progressToken": progress_token, "progress": progress}
        if total is not None:
            params["total"] = total
        if message is not None:
            params["message"] = message
        await self._context.require_scope().notify("notifications/progress", params)

    async def send_resource_updated(self, uri: Any) -> None:
        """Tells subscribers that a resource changed."""
        await self._context.fastmcp.notify_resource_updated(str(uri))

    async def send_tool_list_changed(self) -> None:
        """Tells this client to list tools again."""
        await self._context.require_scope().session.notify("notifications/tools/list_changed", None)

    async def send_resource_list_changed(self) -> None:
        """Tells this client to list resources again."""
        await self._context.require_scope().session.notify("notifications/resources/list_changed", None)

    async def send_prompt_list_changed(self) -> None:
        """Tells this client to list prompts again."""
        await self._context.require_scope().session.notify("notifications/prompts/list_changed", None)

    async def send_ping(self) -> Any:
        """Asks the client whether it is there (handshake era)."""
        return await self._context.require_scope().request("ping", {})

    # Questions

    async def list_roots(self) -> "ListRootsResult":
        """The folders and files the client lets the server work in. Raises McpError when it offers none."""
        from wireglass.protocol.inputs import ListRootsResult

        return ListRootsResult.read(await self._context.ask("roots/list", {}))

    async def create_message(
        self,
        messages: Sequence[Any],
        *,
        max_tokens: int,
        system_prompt: str | None = None,
        include_context: str | None = None,
        temperature: float | None = None,
        stop_sequences: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        model_preferences: Any = None,
        tools: list[Any] | None = None,
        tool_choice: Any = None,
        related_request_id: Any = None,
    ) -> "CreateMessageResult":
        """Samples the client's model once. Raises McpError when it cannot be sampled."""
        from wireglass.protocol.inputs import CreateMessageRequestParams, CreateMessageResult

        params = CreateMessageRequestParams(
            messages=list(messages),
            max_tokens=max_tokens,
            system_prompt=system_prompt,
            include_context=include_context,
            temperature=temperature,
            stop_sequences=stop_sequences,
            metadata=metadata,
            model_preferences=model_preferences,
            tools=None if tools is None else [_plain(tool) for tool in tools],
            tool_choice=_plain(tool_choice),
        )
        return CreateMessageResult.read(await self._context.ask("sampling/createMessage", params.wire()))

    async def elicit_form(
        self, message: str, requested_schema: dict[str, Any], related_request_id: Any = None
    ) -> "ElicitResult":
        """Asks the user to fill in a form. Raises McpError when the client cannot ask."""
        from wireglass.protocol.inputs import ElicitResult

        params = {"message": message, "requestedSchema": requested_schema}
        return ElicitResult.read(await self._context.ask("elicitation/create", params))

    async def elicit(
        self, message: str, requested_schema: dict[str, Any], related_request_id: Any = None
    ) -> "ElicitResult":
        """As `elicit_form`."""
        return await self.elicit_form(message, requested_schema)

    async def elicit_url(
        self, message: str, url: str, elicitation_id: str, related_request_id: Any = None
    ) -> "ElicitResult":
        """Asks the user to visit a page (since 2025-11-25). Raises McpError when the client cannot ask."""
        from wireglass.protocol.inputs import ElicitResult

        params = {"mode": "url", "message": message, "url": url, "elicitationId": elicitation_id}
        return ElicitResult.read(await self._context.ask("elicitation/create", params))

    def check_client_capability(self, capability: Any) -> bool:
        """Whether the client declared everything in `capability` (a model or dict)."""
        wanted = capability if isinstance(capability, dict) else capability.model_dump(by_alias=True, exclude_none=True)
        scope = self._context.scope
        return scope is not None and _covers(scope.client_capabilities, wanted)


def _plain(value: Any) -> Any:
    from wireglass.protocol.model import WireModel

    return value.wire() if isinstance(value, WireModel) else value


def _covers(have: Any, wanted: Any) -> bool:
    if not isinstance(wanted, dict):
        return True
    return isinstance(have, dict) and all(
        key in have and _covers(have[key], value) for key, value in wanted.items() if value is not None
    )
