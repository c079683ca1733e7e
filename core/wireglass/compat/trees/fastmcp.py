"""`fastmcp`: the names of FastMCP 2.x to 4.x and of the reference guide, and where ours live."""

from wireglass.compat.trees import Tree, parse_modules, parse_names
from wireglass.compat.trees.fastmcp_modules import MODULES

__all__ = ["TREE"]

_NAMES = parse_names(
    """
    wireglass.server.app: FastMCP
    wireglass.server.context: Context get_context current_context
    wireglass.server.identity: Identity
    wireglass.server.tools: Tool FunctionTool
    wireglass.server.results: ToolResult
    wireglass.server.resources: Resource FunctionResource ResourceTemplate FunctionResourceTemplate=FunctionTemplate
    wireglass.server.resources: ResourceContent ResourceResult
    wireglass.server.prompts: Prompt FunctionPrompt Message PromptResult PromptArgument UserMessage AssistantMessage
    wireglass.server.components: FastMCPComponent=Component TaskConfig
    wireglass.server.elicitation: AcceptedElicitation DeclinedElicitation CancelledElicitation ElicitationResult
    wireglass.server.injection: Depends Dependency Shared CallArgument CycleError
    wireglass.server.gate: AuthContext run_auth_checks
    wireglass.server.lifespans: Lifespan lifespan combine_lifespans
    wireglass.server.providers.base: Provider
    wireglass.server.providers.local: LocalProvider DuplicateBehavior
    wireglass.server.transforms.base: Transform GetToolNext GetResourceNext GetResourceTemplateNext GetPromptNext
    wireglass.server.versions: VersionSpec

    wireglass.middleware.base: Middleware BaseMiddleware MiddlewareContext CallNext

    wireglass.client.client: Client
    wireglass.client.results: CallToolResult
    wireglass.client.bearer: BearerAuth
    wireglass.client.handlers: MessageHandler LogMessage
    wireglass.client.transports: ClientTransport FastMCPTransport MCPConfigTransport NodeStdioTransport
    wireglass.client.transports: NpxStdioTransport
    wireglass.client.transports: PythonStdioTransport SSETransport StdioTransport StreamableHttpTransport
    wireglass.client.transports: UvStdioTransport UvxStdioTransport infer_transport
    wireglass.protocol.inputs: ElicitResult ElicitRequestParams SamplingMessage
    wireglass.protocol.inputs: SamplingParams=CreateMessageRequestParams
    wireglass.client.handlers: RequestContext=HandlerContext

    wireglass.media: Image Audio File Icon
    wireglass.errors: FastMCPError ToolError ResourceError PromptError ValidationError NotFoundError DisabledError
    wireglass.errors: InvalidSignature McpError MCPError=McpError
    wireglass.testing: create_test_client

    wireglass.compat.shims.settings: Settings settings temporary_settings
    wireglass.compat.shims.logs: get_logger configure_logging
    wireglass.compat.shims.testing: ASGIServer asgi_client asgi_server find_available_port run_server_async
    wireglass.compat.shims.testing: run_server_in_process
    wireglass.compat.shims.asgi_transport: StreamingASGITransport run_asgi_lifespan
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
    "fastmcp.prompts": parse_names("wireglass.server.prompts: Prompt Message PromptMessage=Message"),
}

TREE = Tree("fastmcp", "fastmcp", parse_modules(MODULES), _NAMES, _SPECIAL)
