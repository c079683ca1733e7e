"""Requests and notifications as whole models (`method`, `params`), for code that sends them by hand.

One class a method, named as the schema names it. The hot paths use plain dicts instead (see `methods.py`).
"""

from typing import Any, Literal

from pydantic import Field

from wireglass.protocol.completion import CompletionArgument, CompletionContext
from wireglass.protocol.inputs import CreateMessageResult, ElicitResult, ListRootsResult
from wireglass.protocol.lifecycle import InitializeRequestParams
from wireglass.protocol.listings import EmptyResult
from wireglass.protocol.model import WireModel
from wireglass.protocol.requests import (
    CallToolRequestParams,
    GetPromptRequestParams,
    ListRequestParams,
    ReadResourceRequestParams,
    RequestParams,
)

__all__ = [
    "CallToolRequest",
    "CancelledNotification",
    "CancelledNotificationParams",
    "ClientResult",
    "CompleteRequest",
    "CompleteRequestParams",
    "DiscoverRequest",
    "GetPromptRequest",
    "IconTheme",
    "InitializeRequest",
    "InitializedNotification",
    "InputResponses",
    "JSONRPCError",
    "JSONRPCMessage",
    "JSONRPCNotification",
    "JSONRPCRequest",
    "JSONRPCResponse",
    "ListPromptsRequest",
    "ListResourceTemplatesRequest",
    "ListResourcesRequest",
    "ListToolsRequest",
    "LoggingMessageNotification",
    "LoggingMessageNotificationParams",
    "Notification",
    "NotificationParams",
    "PaginatedRequestParams",
    "PaginatedResult",
    "PingRequest",
    "ProgressNotification",
    "ProgressNotificationParams",
    "PromptListChangedNotification",
    "ReadResourceRequest",
    "Request",
    "ResourceListChangedNotification",
    "ResourceUpdatedNotification",
    "ResourceUpdatedNotificationParams",
    "Result",
    "RootsListChangedNotification",
    "SamplingCapability",
    "SamplingContextCapability",
    "SamplingToolsCapability",
    "ServerNotification",
    "SetLevelRequest",
    "SetLevelRequestParams",
    "SubscribeRequest",
    "SubscribeRequestParams",
    "ToolListChangedNotification",
    "UnsubscribeRequest",
    "UnsubscribeRequestParams",
]

IconTheme = Literal["light", "dark"]
InputResponses = dict[str, ElicitResult | CreateMessageResult | ListRootsResult]
"""The answers of a round, under the keys of its questions."""
ClientResult = ElicitResult | CreateMessageResult | ListRootsResult | EmptyResult


class Result(EmptyResult):
    """Any result."""


class PaginatedResult(Result):
    """A page of a list."""

    next_cursor: str | None = None


class _Request(WireModel):
    pass


class _Notification(WireModel):
    pass


class Request(_Request):
    """Any request."""

    method: str
    params: Any = None


class Notification(_Notification):
    """Any notification."""

    method: str
    params: Any = None


ServerNotification = Notification


class NotificationParams(WireModel):
    """What every notification may carry."""

    meta: dict[str, Any] | None = Field(default=None, alias="_meta")


PaginatedRequestParams = ListRequestParams


# Requests of a client


class InitializeRequest(_Request):
    """Opens a connection (handshake era)."""

    method: Literal["initialize"] = "initialize"
    params: InitializeRequestParams


class DiscoverRequest(_Request):
    """Asks who the server is (stateless era)."""

    method: Literal["server/discover"] = "server/discover"
    params: RequestParams | None = None


class PingRequest(_Request):
    """Asks whether the other side is there (handshake era)."""

    method: Literal["ping"] = "ping"
    params: RequestParams | None = None


class ListToolsRequest(_Request):
    """Asks for a page of tools."""

    method: Literal["tools/list"] = "tools/list"
    params: ListRequestParams | None = None


class CallToolRequest(_Request):
    """Calls a tool."""

    method: Literal["tools/call"] = "tools/call"
    params: CallToolRequestParams


class ListResourcesRequest(_Request):
    """Asks for a page of resources."""

    method: Literal["resources/list"] = "resources/list"
    params: ListRequestParams | None = None


class ListResourceTemplatesRequest(_Request):
    """Asks for a page of resource templates."""

    method: Literal["resources/templates/list"] = "resources/templates/list"
    params: ListRequestParams | None = None


class ReadResourceRequest(_Request):
    """Reads a resource."""

    method: Literal["resources/read"] = "resources/read"
    params: ReadResourceRequestParams


class SubscribeRequestParams(RequestParams):
    """`resources/subscribe`."""

    uri: str


class SubscribeRequest(_Request):
    """Asks to hear of a resource's updates (handshake era)."""

    method: Literal["resources/subscribe"] = "resources/subscribe"
    params: SubscribeRequestParams


UnsubscribeRequestParams = SubscribeRequestParams


class UnsubscribeRequest(_Request):
    """No longer wants to hear of them (handshake era)."""

    method: Literal["resources/unsubscribe"] = "resources/unsubscribe"
    params: SubscribeRequestParams


class ListPromptsRequest(_Request):
    """Asks for a page of prompts."""

    method: Literal["prompts/list"] = "prompts/list"
    params: ListRequestParams | None = None


class GetPromptRequest(_Request):
    """Renders a prompt."""

    method: Literal["prompts/get"] = "prompts/get"
    params: GetPromptRequestParams


class CompleteRequestParams(RequestParams):
    """`completion/complete`."""

    ref: Any
    argument: CompletionArgument
    context: CompletionContext | None = None


class CompleteRequest(_Request):
    """Asks for suggestions."""

    method: Literal["completion/complete"] = "completion/complete"
    params: CompleteRequestParams


class SetLevelRequestParams(RequestParams):
    """`logging/setLevel`."""

    level: str


class SetLevelRequest(_Request):
    """The lowest level of log messages wanted (handshake era)."""

    method: Literal["logging/setLevel"] = "logging/setLevel"
    params: SetLevelRequestParams


# Notifications


class CancelledNotificationParams(NotificationParams):
    """Which request is no longer wanted."""

    request_id: str | int | None = None
    reason: str | None = None


class CancelledNotification(_Notification):
    """A request is no longer wanted."""

    method: Literal["notifications/cancelled"] = "notifications/cancelled"
    params: CancelledNotificationParams


class ProgressNotificationParams(NotificationParams):
    """How far a request is."""

    progress_token: str | int
    progress: float
    total: float | None = None
    message: str | None = None


class ProgressNotification(_Notification):
    """How far a request is."""

    method: Literal["notifications/progress"] = "notifications/progress"
    params: ProgressNotificationParams


class LoggingMessageNotificationParams(NotificationParams):
    """A log message."""

    level: str
    data: Any = None
    logger: str | None = None


class LoggingMessageNotification(_Notification):
    """A log message."""

    method: Literal["notifications/message"] = "notifications/message"
    params: LoggingMessageNotificationParams


class ResourceUpdatedNotificationParams(NotificationParams):
    """Which resource changed."""

    uri: str


class ResourceUpdatedNotification(_Notification):
    """A resource changed."""

    method: Literal["notifications/resources/updated"] = "notifications/resources/updated"
    params: ResourceUpdatedNotificationParams


class InitializedNotification(_Notification):
    """The client is ready (handshake era)."""

    method: Literal["notifications/initialized"] = "notifications/initialized"
    params: NotificationParams | None = None


class ToolListChangedNotification(_Notification):
    """The list of tools changed."""

    method: Literal["notifications/tools/list_changed"] = "notifications/tools/list_changed"
    params: NotificationParams | None = None


class ResourceListChangedNotification(_Notification):
    """The lists of resources or templates changed."""

    method: Literal["notifications/resources/list_changed"] = "notifications/resources/list_changed"
    params: NotificationParams | None = None


class PromptListChangedNotification(_Notification):
    """The list of prompts changed."""

    method: Literal["notifications/prompts/list_changed"] = "notifications/prompts/list_changed"
    params: NotificationParams | None = None


class RootsListChangedNotification(_Notification):
    """The client's roots changed (handshake era)."""

    method: Literal["notifications/roots/list_changed"] = "notifications/roots/list_changed"
    params: NotificationParams | None = None


# Whole JSON-RPC messages


class _Message(WireModel):
    jsonrpc: Literal["2.0"] = "2.0"


class JSONRPCRequest(_Message):
    """A request with its id."""

    id: str | int
    method: str
    params: dict[str, Any] | None = None


class JSONRPCNotification(_Message):
    """A notification."""

    method: str
    params: dict[str, Any] | None = None


class JSONRPCResponse(_Message):
    """An answer."""

    id: str | int
    result: dict[str, Any]


class JSONRPCError(_Message):
    """An answer that is an error."""

    id: str | int | None = None
    error: Any


JSONRPCMessage = JSONRPCRequest | JSONRPCNotification | JSONRPCResponse | JSONRPCError


# Capabilities of clients


class SamplingToolsCapability(WireModel):
    """The client can sample with tools."""


class SamplingContextCapability(WireModel):
    """The client can include the context of servers."""


class SamplingCapability(WireModel):
    """What the client can do beside plain sampling."""

    context: SamplingContextCapability | None = None
    tools: SamplingToolsCapability | None = None
