"""`fastmcp`: the names of FastMCP 2.x to 4.x and of the reference guide, and where ours live."""

from wireglass.compat.trees import Tree, parse_modules, parse_names
from wireglass.compat.trees.fastmcp_modules import MODULES
from wireglass.compat.trees.mcp import TYPES

__all__ = ["TREE"]

# Its modules import the protocol's types, and many files take them from there.
_NAMES = TYPES.names | parse_names(
    """
    wireglass.server.app: FastMCP
    wireglass.server.context: Context get_context current_context set_transport reset_transport
    wireglass.server.identity: Identity
    wireglass.server.tools: Tool
    wireglass.server.function_tools: FunctionTool
    wireglass.server.results: ToolResult
    wireglass.server.resources: Resource ResourceTemplate
    wireglass.server.function_resources: FunctionResource FunctionResourceTemplate=FunctionTemplate
    wireglass.server.resource_results: ResourceContent ResourceResult
    wireglass.server.prompts: Prompt FunctionPrompt Message PromptResult PromptArgument UserMessage AssistantMessage
    wireglass.server.components: FastMCPComponent=Component TaskConfig
    wireglass.server.elicitation: AcceptedElicitation DeclinedElicitation CancelledElicitation ElicitationResult
    wireglass.server.dependencies: get_http_request get_http_headers get_access_token get_server CurrentContext
    wireglass.server.dependencies: CurrentFastMCP CurrentRequest CurrentHeaders CurrentAccessToken TokenClaim Progress
    wireglass.server.dependencies: _CurrentAccessToken _TokenClaim
    wireglass.server.path_security: ResourceSecurity ResourceSecurityError INHERIT_SECURITY DEFAULT_RESOURCE_SECURITY
    wireglass.server.transforms.as_tools: ResourcesAsTools PromptsAsTools
    wireglass.server.transforms.catalog: CatalogTransform is_model_visible
    wireglass.server.transforms.search: BaseSearchTransform SearchResultSerializer serialize_tools_for_output_json
    wireglass.server.transforms.search: serialize_tools_for_output_markdown
    wireglass.server.transforms.search_regex: RegexSearchTransform
    wireglass.server.transforms.search_bm25: BM25SearchTransform
    wireglass.server.injection: Depends Dependency Shared CallArgument CycleError
    wireglass.server.extensions: ServerExtension MethodBinding read_client_extension_settings
    wireglass.server.auth_checks: AccessToken AuthCheck StaticTokenVerifier require_roles require_scopes restrict_tag
    wireglass.server.gate: AuthContext run_auth_checks
    wireglass.server.lifespans: Lifespan lifespan combine_lifespans
    wireglass.server.providers.base: Provider
    wireglass.server.providers.local: LocalProvider DuplicateBehavior
    wireglass.server.providers.filesystem: FileSystemProvider DiscoveryResult discover_and_import discover_files
    wireglass.server.providers.filesystem: extract_components import_module_from_file
    wireglass.server.providers.aggregate: AggregateProvider
    wireglass.server.providers.mounted: FastMCPProvider
    wireglass.server.providers.skills: SkillProvider SkillsDirectoryProvider SkillResource SkillFileResource
    wireglass.server.providers.skills: SkillFileTemplate SkillInfo SkillFileInfo
    wireglass.server.providers.skill_vendors: ClaudeSkillsProvider CodexSkillsProvider CopilotSkillsProvider
    wireglass.server.providers.skill_vendors: CursorSkillsProvider GeminiSkillsProvider GooseSkillsProvider
    wireglass.server.providers.skill_vendors: OpenCodeSkillsProvider VSCodeSkillsProvider
    wireglass.server.proxy: ProxyProvider FastMCPProxy create_proxy
    wireglass.server.proxy_components: ProxyTool ProxyResource ProxyTemplate ProxyPrompt
    wireglass.server.proxy_metadata: ProxyMetadataMiddleware ProxyInitializeMiddleware=ProxyMetadataMiddleware
    wireglass.server.transforms.namespace: Namespace
    wireglass.server.transforms.selection: Visibility VersionFilter is_enabled
    wireglass.server.transforms.base: Transform GetToolNext GetResourceNext GetResourceTemplateNext GetPromptNext
    wireglass.server.versions: VersionSpec
    wireglass.server.sampling: SamplingResult SampleStep
    wireglass.server.sessions: SESSION_ID_DESCRIPTION InvalidSession Session SessionId SessionProvider UserSession
    wireglass.server.sessions: current_principal get_session session_id_parameter_names
    wireglass.server.transforms.tool_transform: ArgTransform ArgTransformConfig ToolTransform ToolTransformConfig
    wireglass.server.transforms.tool_transform: TransformedTool apply_transformations_to_tools forward forward_raw
    wireglass.server.results: InputRequiredToolResult
    wireglass.server.resource_results: InputRequiredResourceResult
    wireglass.server.prompts: InputRequiredPromptResult

    wireglass.middleware.base: Middleware BaseMiddleware MiddlewareContext CallNext
    wireglass.middleware.timing: TimingMiddleware DetailedTimingMiddleware
    wireglass.middleware.request_log: LoggingMiddleware StructuredLoggingMiddleware
    wireglass.middleware.rate_limit: RateLimitingMiddleware SlidingWindowRateLimitingMiddleware RateLimitError
    wireglass.middleware.caching: ResponseCachingMiddleware CallToolSettings MethodSettings
    wireglass.middleware.caching: ReadResourceSettings=MethodSettings GetPromptSettings=MethodSettings
    wireglass.middleware.caching: ListToolsSettings=MethodSettings ListResourcesSettings=MethodSettings
    wireglass.middleware.caching: ListPromptsSettings=MethodSettings SharedMethodSettings=MethodSettings
    wireglass.middleware.error_handling: ErrorHandlingMiddleware RetryMiddleware
    wireglass.middleware.tool_injection: ToolInjectionMiddleware
    wireglass.middleware.ping: PingMiddleware
    wireglass.middleware.prompt_tools: PromptToolMiddleware
    wireglass.middleware.resource_tools: ResourceToolMiddleware
    wireglass.middleware.response_limiting: ResponseLimitingMiddleware
    wireglass.middleware.ping: PingMiddleware

    wireglass.client.client: Client
    wireglass.client.group: ClientGroup ToolRoute
    wireglass.client.results: CallToolResult
    wireglass.auth.assertions: SignedJWTParameters static_assertion_provider
    wireglass.auth.machine: ClientCredentialsOAuthProvider PrivateKeyJWTOAuthProvider
    wireglass.auth.signin: OAuth
    wireglass.client.bearer: BearerAuth
    wireglass.client.background: ToolTask ResourceTask PromptTask Task=BackgroundCall
    wireglass.client.handlers: MessageHandler LogMessage
    wireglass.client.transports: ClientTransport FastMCPTransport MCPConfigTransport NodeStdioTransport
    wireglass.client.transports: NpxStdioTransport
    wireglass.client.transports: PythonStdioTransport SSETransport StdioTransport StreamableHttpTransport
    wireglass.client.transports: UvStdioTransport UvxStdioTransport infer_transport
    wireglass.compat.shims.client_names: ElicitResult ProxyClient StatefulProxyClient default_progress_handler
    wireglass.protocol.inputs: ElicitRequestParams SamplingMessage
    wireglass.protocol.inputs: SamplingParams=CreateMessageRequestParams
    wireglass.client.handlers: RequestContext=HandlerContext

    wireglass.media: Image Audio File Icon
    wireglass.errors: FastMCPError ToolError ResourceError PromptError ValidationError NotFoundError DisabledError
    wireglass.errors: InvalidSignature McpError MCPError=McpError
    wireglass.testing: create_test_client

    wireglass.server.resource_kinds: TextResource BinaryResource FileResource HttpResource DirectoryResource
    wireglass.server.workers: run_in_worker

    wireglass.compat.shims.errors: FastMCPDeprecationWarning MCPDeprecationWarning ClientError AuthorizationError
    wireglass.compat.shims.errors: InsufficientScopeError to_mcp_error
    wireglass.compat.shims.type_tools: FastMCPBaseModel NotSet NotSetT create_function_without_params
    wireglass.compat.shims.type_tools: find_kwarg_by_type get_cached_typeadapter is_class_member_of_type
    wireglass.compat.shims.type_tools: issubclass_safe replace_type
    wireglass.compat.shims.mixin: MCPMixin mcp_tool mcp_resource mcp_prompt BulkToolCaller CallToolRequest
    wireglass.compat.shims.mixin: CallToolRequestResult _DEFAULT_SEPARATOR_TOOL=DEFAULT_SEPARATOR_TOOL
    wireglass.compat.shims.mixin: _DEFAULT_SEPARATOR_RESOURCE=DEFAULT_SEPARATOR_RESOURCE
    wireglass.compat.shims.mixin: _DEFAULT_SEPARATOR_PROMPT=DEFAULT_SEPARATOR_PROMPT
    wireglass.compat.shims.mixin: _TOOL_VALID_KWARGS=TOOL_OPTIONS _RESOURCE_VALID_KWARGS=RESOURCE_OPTIONS
    wireglass.compat.shims.mixin: _PROMPT_VALID_KWARGS=PROMPT_OPTIONS
    wireglass.compat.shims.mcp_config: MCPConfig CanonicalMCPConfig StdioMCPServer RemoteMCPServer
    wireglass.compat.shims.mcp_config: TransformingStdioMCPServer TransformingRemoteMCPServer MCPServerTypes
    wireglass.compat.shims.mcp_config: CanonicalMCPServerTypes infer_transport_type_from_url update_config_file
    wireglass.compat.shims.uri_names: match_uri_template extract_query_params
    wireglass.compat.shims.uri_names: add_resource_prefix has_resource_prefix remove_resource_prefix
    wireglass.server.managers: ToolManager ResourceManager PromptManager
    wireglass.server.sampling_tools: SamplingTool
    wireglass.server.component_routes: set_up_component_manager
    wireglass.server.event_stores: EventStore EventEntry StreamEventList
    wireglass.compat.shims.json_schema: compress_schema dereference_refs resolve_root_ref
    wireglass.compat.shims.json_schema: require_discriminator_property _prune_param
    wireglass.compat.shims.json_schema_type: json_schema_to_type _hash_schema _merge_defaults
    wireglass.compat.shims.mcp_server_config: MCPServerConfig FileSystemSource load_mcp_server_config is_url
    wireglass.compat.shims.mcp_server_config: create_mcp_config_server create_client_server
    wireglass.launch.project_file: Deployment Environment UVEnvironment Source generate_schema
    wireglass.compat.shims.standalone: ToolMeta ResourceMeta PromptMeta DecoratedTool DecoratedResource DecoratedPrompt
    wireglass.compat.shims.settings: Settings settings temporary_settings
    wireglass.compat.shims.elicitation: get_elicitation_schema handle_elicit_accept parse_elicit_response_type
    wireglass.compat.shims.elicitation: validate_elicitation_json_schema
    wireglass.compat.shims.versions: VersionKey compare_versions dedupe_with_versions is_version_greater max_version
    wireglass.compat.shims.versions: min_version parse_version_key version_sort_key
    wireglass.compat.shims.pagination: CursorState paginate_sequence
    wireglass.compat.shims.inspecting: FastMCPInfo InspectFormat PromptInfo ResourceInfo TemplateInfo ToolInfo
    wireglass.compat.shims.inspecting: format_fastmcp_info format_info format_mcp_info inspect_fastmcp
    wireglass.compat.shims.inspecting: inspect_fastmcp_v1 inspect_fastmcp_v2
    wireglass.compat.shims.waiting: gather is_coroutine_function
    wireglass.compat.shims.logs: get_logger configure_logging
    wireglass.compat.shims.testing: ASGIServer asgi_client asgi_server find_available_port run_server_async
    wireglass.compat.shims.testing: run_server_in_process caplog_for_fastmcp
    wireglass.compat.shims.asgi_transport: StreamingASGITransport run_asgi_lifespan
    wireglass.telemetry: INSTRUMENTATION_NAME TRACE_PARENT_KEY TRACE_STATE_KEY extract_trace_context get_tracer
    wireglass.telemetry: inject_trace_context native_spans_enabled suppress_fastmcp_telemetry=suppress_telemetry
    wireglass.telemetry: telemetry_mode client_span delegate_span
    wireglass.server.spans: get_auth_span_attributes seam_span server_span
    """
)

# Names that stand for something else in one module, and names that a submodule of the same name would hide.
_SPECIAL: dict[str, dict[str, str]] = {
    "fastmcp": parse_names(
        """
        wireglass.server.app: FastMCP
        wireglass.server.context: Context
        wireglass.client.client: Client
        wireglass.media: Image Icon
        wireglass.compat.shims.settings: settings
        """
    ),
    "fastmcp.prompts": parse_names(
        """
        wireglass.server.prompts: Prompt Message PromptMessage=Message
        wireglass.compat.shims.standalone: prompt
        """
    ),
    "fastmcp.resources": parse_names("wireglass.compat.shims.standalone: resource"),
    "fastmcp.tools": parse_names("wireglass.compat.shims.standalone: tool"),
    "fastmcp.tools.function_tool": parse_names("wireglass.compat.shims.standalone: tool"),
    "fastmcp.prompts.function_prompt": parse_names("wireglass.compat.shims.standalone: prompt"),
    "fastmcp.resources.function_resource": parse_names("wireglass.compat.shims.standalone: resource"),
    "fastmcp.utilities.skills": parse_names(
        """
        wireglass.client.skill_downloads: SkillFile SkillManifest SkillSummary download_skill get_skill_manifest
        wireglass.client.skill_downloads: list_skills sync_skills
        """
    ),
    "fastmcp.decorators": parse_names("wireglass.compat.shims.standalone: tool resource prompt"),
}

TREE = Tree("fastmcp", "fastmcp", parse_modules(MODULES), _NAMES, _SPECIAL)
