"""`mcp` and `mcp_types`: the names of the SDK 1.x and 2.x that servers use, and where ours live."""

from wireglass.compat.trees import Tree, parse_modules, parse_names
from wireglass.compat.trees.mcp_modules import MODULES

__all__ = ["TREE", "TYPES"]

_TYPES = parse_names(
    """
    wireglass.protocol.content: Annotations TextContent ImageContent AudioContent EmbeddedResource ResourceLink
    wireglass.protocol.content: TextResourceContents BlobResourceContents ResourceContents ContentBlock
    wireglass.protocol.content: ToolUseContent ToolResultContent
    wireglass.protocol.tools: Tool ToolAnnotations ToolExecution CallToolResult
    wireglass.protocol.resources: Resource ResourceTemplate
    wireglass.protocol.prompts: Prompt PromptArgument PromptMessage
    wireglass.protocol.inputs: ElicitRequestParams ElicitRequestFormParams=ElicitRequestParams ElicitResult
    wireglass.protocol.inputs: CreateMessageRequestParams CreateMessageResult SamplingMessage ModelHint
    wireglass.protocol.inputs: CreateMessageResultWithTools=CreateMessageResult
    wireglass.protocol.inputs: ModelPreferences Root
    wireglass.protocol.requests: CallToolRequestParams GetPromptRequestParams ReadResourceRequestParams RequestParams
    wireglass.protocol.lifecycle: Implementation ServerCapabilities ClientCapabilities InitializeRequestParams
    wireglass.protocol.lifecycle: InitializeResult DiscoverResult
    wireglass.protocol.completion: PromptReference ResourceTemplateReference CompletionArgument CompletionContext
    wireglass.protocol.completion: Completion CompleteResult ResourceReference=ResourceTemplateReference
    wireglass.protocol.listings: EmptyResult ListToolsResult ListResourcesResult ListResourceTemplatesResult
    wireglass.protocol.listings: ElicitRequest CreateMessageRequest ListRootsRequest
    wireglass.protocol.listings: ListPromptsResult ReadResourceResult InputRequiredResult
    wireglass.protocol.envelopes: CallToolRequest CancelledNotification CancelledNotificationParams ClientResult
    wireglass.protocol.envelopes: CompleteRequest CompleteRequestParams DiscoverRequest GetPromptRequest IconTheme
    wireglass.protocol.envelopes: InitializeRequest InitializedNotification InputResponses JSONRPCError
    wireglass.protocol.envelopes: JSONRPCMessage JSONRPCNotification JSONRPCRequest JSONRPCResponse
    wireglass.protocol.envelopes: ListPromptsRequest ListResourceTemplatesRequest ListResourcesRequest
    wireglass.protocol.envelopes: ListToolsRequest LoggingMessageNotification LoggingMessageNotificationParams
    wireglass.protocol.envelopes: Notification NotificationParams PaginatedRequestParams PaginatedResult PingRequest
    wireglass.protocol.envelopes: ProgressNotification ProgressNotificationParams PromptListChangedNotification
    wireglass.protocol.envelopes: ReadResourceRequest Request ResourceListChangedNotification
    wireglass.protocol.envelopes: ResourceUpdatedNotification ResourceUpdatedNotificationParams Result
    wireglass.protocol.envelopes: RootsListChangedNotification SamplingCapability SamplingToolsCapability
    wireglass.protocol.envelopes: ServerNotification SetLevelRequest SetLevelRequestParams SubscribeRequest
    wireglass.protocol.envelopes: SubscribeRequestParams ToolListChangedNotification UnsubscribeRequest
    wireglass.protocol.envelopes: UnsubscribeRequestParams SamplingContextCapability
    wireglass.protocol.inputs: ListRootsResult
    wireglass.client.results: GetPromptResult
    wireglass.client.background: GetTaskResult=TaskState
    wireglass.errors: ErrorData
    wireglass.server.context: LoggingLevel=Level
    wireglass.protocol.content: Icon=WireIcon
    wireglass.errors: PARSE_ERROR INVALID_REQUEST METHOD_NOT_FOUND INVALID_PARAMS INTERNAL_ERROR
    wireglass.errors: MISSING_REQUIRED_CLIENT_CAPABILITY=MISSING_CLIENT_CAPABILITY HEADER_MISMATCH
    wireglass.errors: UNSUPPORTED_PROTOCOL_VERSION URL_ELICITATION_REQUIRED
    wireglass.protocol.versions: SERVER_INFO_META_KEY=META_SERVER_INFO CLIENT_INFO_META_KEY=META_CLIENT_INFO
    wireglass.protocol.versions: CLIENT_CAPABILITIES_META_KEY=META_CLIENT_CAPABILITIES
    wireglass.protocol.versions: PROTOCOL_VERSION_META_KEY=META_PROTOCOL_VERSION LOG_LEVEL_META_KEY=META_LOG_LEVEL
    wireglass.protocol.versions: LATEST_HANDSHAKE_VERSION=LATEST_HANDSHAKE LATEST_MODERN_VERSION=LATEST_STATELESS
    wireglass.protocol.versions: MODERN_PROTOCOL_VERSIONS=STATELESS_VERSIONS
    wireglass.protocol.versions: LATEST_PROTOCOL_VERSION=LATEST_HANDSHAKE
    """
)

_NAMES = _TYPES | parse_names(
    """
    wireglass.server.app: FastMCP MCPServer=FastMCP
    wireglass.server.context: Context
    wireglass.server.extensions: ServerRequestContext
    wireglass.server.auth_checks: AccessToken
    wireglass.server.prompts: UserMessage AssistantMessage
    wireglass.media: Image Audio
    wireglass.compat.shims.sdk_memory: create_connected_server_and_client_session
    wireglass.server.event_stores: EventStore EventMessage
    wireglass.middleware.caching: ReadResourceContents
    wireglass.server.path_security: PathEscapeError safe_join contains_path_traversal is_absolute_path
    wireglass.errors: McpError MCPError=McpError ToolError ResourceError InvalidSignature
    """
)

_ONE_PROMPTS = parse_names("wireglass.server.prompts: Prompt Message UserMessage AssistantMessage PromptArgument")
_ONE_RESOURCES = parse_names(
    """
    wireglass.server.resources: Resource ResourceTemplate
    wireglass.server.function_resources: FunctionResource
    wireglass.server.resource_kinds: TextResource BinaryResource FileResource HttpResource DirectoryResource
    """
)

_SPECIAL = {
    "mcp.server.fastmcp.exceptions": parse_names(
        """
        wireglass.errors: ToolError ResourceError ValidationError InvalidSignature FastMCPError FastMCPError
        """
    ),
    "mcp.server.fastmcp.prompts": _ONE_PROMPTS,
    "mcp.server.fastmcp.prompts.base": _ONE_PROMPTS,
    "mcp.server.fastmcp.resources": _ONE_RESOURCES,
    "mcp.server.fastmcp.resources.base": _ONE_RESOURCES,
    "mcp.server.fastmcp.resources.types": _ONE_RESOURCES,
    "mcp.server.fastmcp.tools": parse_names("wireglass.server.tools: Tool"),
    "mcp.server.fastmcp.tools.base": parse_names("wireglass.server.tools: Tool"),
}

TREE = Tree("mcp", "mcp", parse_modules(MODULES), _NAMES, _SPECIAL)
TYPES = Tree("mcp_types", "mcp-types", frozenset({"jsonrpc", "methods", "version"}), _TYPES)
