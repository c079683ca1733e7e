"""Every module name that FastMCP 2.x to 4.x and the reference guide use below `fastmcp`. Names only, no behaviour."""

__all__ = ["MODULES"]

MODULES = """
apps apps.app apps.approval apps.choice apps.config apps.file_upload apps.form apps.generative auth cli cli.apps_dev
cli.apps_dev_security cli.auth cli.cimd cli.cli cli.client cli.deploy cli.deploy.authentication cli.deploy.command
cli.deploy.configuration cli.deploy.credentials cli.deploy.horizon_client cli.deploy.output cli.deploy.state
cli.discovery cli.generate cli.install cli.install.claude_code cli.install.claude_desktop cli.install.cursor
cli.install.gemini_cli cli.install.goose cli.install.mcp_json cli.install.shared cli.install.stdio cli.run cli.tasks
client client.auth client.auth.bearer client.auth.client_credentials client.auth.oauth client.caching client.client
client.dependencies client.elicitation client.extension_hooks client.group client.logging client.messages
client.mixins client.mixins.prompts client.mixins.resources client.mixins.skills client.mixins.tools
client.oauth_callback client.progress client.roots client.sampling client.sampling.handlers
client.sampling.handlers.anthropic client.sampling.handlers.google_genai client.sampling.handlers.openai
client.tasks client.telemetry client.transports client.transports.base client.transports.config
client.transports.http client.transports.inference client.transports.memory client.transports.sse
client.transports.stdio contrib.bulk_tool_caller contrib.bulk_tool_caller.bulk_tool_caller contrib.component_manager
contrib.component_manager.component_manager contrib.component_manager.component_service contrib.mcp_mixin
contrib.mcp_mixin.mcp_mixin decorators dependencies exceptions experimental experimental.sampling
experimental.sampling.handlers experimental.sampling.handlers.openai experimental.server.openapi
experimental.transforms experimental.transforms.code_mode experimental.transforms.jev_search
experimental.utilities.openapi mcp_config middleware prompts prompts.base prompts.function_prompt prompts.prompt
prompts.prompt_manager resources resources.base resources.function_resource resources.resource
resources.resource_manager resources.security resources.template resources.types server server.auth server.auth.auth
server.auth.cimd server.auth.handlers server.auth.handlers.authorize server.auth.identity_assertion
server.auth.jwt_issuer server.auth.middleware server.auth.oauth_proxy server.auth.oauth_proxy.consent
server.auth.oauth_proxy.models server.auth.oauth_proxy.proxy server.auth.oauth_proxy.ui
server.auth.oauth_proxy.upstream server.auth.oidc_proxy server.auth.providers server.auth.providers.auth0
server.auth.providers.aws server.auth.providers.azure server.auth.providers.clerk server.auth.providers.debug
server.auth.providers.descope server.auth.providers.discord server.auth.providers.github
server.auth.providers.google server.auth.providers.huggingface server.auth.providers.in_memory
server.auth.providers.introspection server.auth.providers.jwt server.auth.providers.keycloak
server.auth.providers.oci server.auth.providers.propelauth server.auth.providers.scalekit
server.auth.providers.supabase server.auth.providers.workos server.auth.redirect_validation server.auth.ssrf
server.caching server.completions server.context server.dependencies server.elicitation server.event_store
server.extensions server.http server.lifespan server.low_level server.middleware server.middleware.authorization
server.middleware.caching server.middleware.dereference server.middleware.error_handling server.middleware.logging
server.middleware.middleware server.middleware.ping server.middleware.rate_limiting
server.middleware.response_limiting server.middleware.timing server.middleware.tool_injection server.mixins
server.mixins.extensions server.mixins.lifespan server.mixins.mcp_operations server.mixins.transport server.openapi
server.openapi.components server.openapi.routing server.openapi.server server.providers server.providers.addressing
server.providers.aggregate server.providers.base server.providers.fastmcp_provider server.providers.filesystem
server.providers.filesystem_discovery server.providers.local_provider server.providers.local_provider.decorators
server.providers.local_provider.decorators.prompts server.providers.local_provider.decorators.resources
server.providers.local_provider.decorators.tools server.providers.local_provider.local_provider
server.providers.openapi server.providers.openapi.components server.providers.openapi.provider
server.providers.openapi.routing server.providers.prefab_payload server.providers.prefab_synthesis
server.providers.proxy server.providers.skills server.providers.skills.claude_provider
server.providers.skills.directory_provider server.providers.skills.skill_provider
server.providers.skills.vendor_providers server.providers.wrapped_provider server.proxy server.sampling
server.sampling.run server.sampling.sampling_tool server.server server.session_scoped_event_store server.sessions
server.tasks server.tasks.capabilities server.tasks.config server.tasks.converters server.tasks.handlers
server.tasks.keys server.tasks.protocol server.tasks.subscriptions server.telemetry server.transforms
server.transforms.catalog server.transforms.namespace server.transforms.prompts_as_tools
server.transforms.resources_as_tools server.transforms.search server.transforms.search.base
server.transforms.search.bm25 server.transforms.search.regex server.transforms.tool_transform
server.transforms.version_filter server.transforms.visibility settings skills skills.client skills.extension
skills.models telemetry testing tools tools.base tools.function_parsing tools.function_tool tools.tool
tools.tool_manager tools.tool_transform types utilities utilities.asgi_transport utilities.async_utils
utilities.auth utilities.authorization utilities.cli utilities.components utilities.docstring_parsing
utilities.exceptions utilities.http utilities.inspect utilities.json_schema utilities.json_schema_type
utilities.lifespan utilities.logging utilities.mcp_config utilities.mcp_server_config utilities.mcp_server_config.v1
utilities.mcp_server_config.v1.environments utilities.mcp_server_config.v1.environments.base
utilities.mcp_server_config.v1.environments.uv utilities.mcp_server_config.v1.mcp_server_config
utilities.mcp_server_config.v1.sources utilities.mcp_server_config.v1.sources.base
utilities.mcp_server_config.v1.sources.filesystem utilities.mime utilities.openapi utilities.openapi.director
utilities.openapi.formatters utilities.openapi.json_schema_converter utilities.openapi.models
utilities.openapi.parser utilities.openapi.schemas utilities.pagination utilities.prefab utilities.skills
utilities.tasks utilities.tests utilities.timeout utilities.token_cache utilities.types utilities.ui
utilities.version_check utilities.versions
"""
