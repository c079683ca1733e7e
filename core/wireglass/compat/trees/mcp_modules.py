"""Every module name that the SDK 1.x and 2.x use below `mcp`. Names only, no behaviour."""

__all__ = ["MODULES"]

MODULES = """
client client._input_required client.auth client.auth.exceptions client.auth.extensions
client.auth.extensions.client_credentials client.auth.extensions.identity_assertion client.auth.oauth2
client.auth.utils client.caching client.client client.context client.experimental client.experimental.task_handlers
client.experimental.tasks client.extension client.session client.session_group client.sse client.stdio
client.streamable_http client.subscriptions client.websocket server server.apps server.auth server.auth.errors
server.auth.handlers server.auth.handlers.authorize server.auth.handlers.metadata server.auth.handlers.register
server.auth.handlers.revoke server.auth.handlers.token server.auth.json_response server.auth.middleware
server.auth.middleware.auth_context server.auth.middleware.bearer_auth server.auth.middleware.client_auth
server.auth.provider server.auth.routes server.auth.settings server.caching server.connection server.context
server.elicitation server.experimental server.experimental.request_context server.experimental.session_features
server.experimental.task_context server.experimental.task_result_handler server.experimental.task_scope
server.experimental.task_support server.extension server.fastmcp server.fastmcp.exceptions server.fastmcp.prompts
server.fastmcp.prompts.base server.fastmcp.prompts.manager server.fastmcp.resources server.fastmcp.resources.base
server.fastmcp.resources.resource_manager server.fastmcp.resources.templates server.fastmcp.resources.types
server.fastmcp.server server.fastmcp.tools server.fastmcp.tools.base server.fastmcp.tools.tool_manager
server.fastmcp.utilities server.fastmcp.utilities.context_injection server.fastmcp.utilities.func_metadata
server.fastmcp.utilities.logging server.fastmcp.utilities.types server.lowlevel server.lowlevel.experimental
server.lowlevel.func_inspection server.lowlevel.helper_types server.lowlevel.server server.mcpserver
server.mcpserver.context server.mcpserver.exceptions server.mcpserver.prompts server.mcpserver.prompts.base
server.mcpserver.prompts.manager server.mcpserver.resolve server.mcpserver.resources server.mcpserver.resources.base
server.mcpserver.resources.resource_manager server.mcpserver.resources.templates server.mcpserver.resources.types
server.mcpserver.server server.mcpserver.tools server.mcpserver.tools.base server.mcpserver.tools.tool_manager
server.mcpserver.utilities server.mcpserver.utilities.context_injection server.mcpserver.utilities.func_metadata
server.mcpserver.utilities.logging server.mcpserver.utilities.types server.models server.request_state server.runner
server.session server.sse server.stdio server.streamable_http server.streamable_http_manager server.subscriptions
server.transport_security server.validation server.websocket shared shared._httpx_utils shared.auth
shared.auth_utils shared.context shared.direct_dispatcher shared.dispatcher shared.exceptions shared.experimental
shared.experimental.tasks shared.experimental.tasks.capabilities shared.experimental.tasks.context
shared.experimental.tasks.helpers shared.experimental.tasks.in_memory_task_store
shared.experimental.tasks.message_queue shared.experimental.tasks.polling shared.experimental.tasks.resolver
shared.experimental.tasks.store shared.extension shared.inbound shared.jsonrpc_dispatcher shared.memory
shared.message shared.metadata_utils shared.path_security shared.peer shared.progress shared.response_router
shared.session shared.subscriptions shared.tool_name_validation shared.transport_context shared.uri_template
shared.version types types.jsonrpc types.methods types.version
"""
