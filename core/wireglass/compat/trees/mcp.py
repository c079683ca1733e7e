"""`mcp` and `mcp_types`: the names of the SDK 1.x and 2.x that servers use, and where ours live."""

from wireglass.compat.trees import Tree, parse_modules, parse_names
from wireglass.compat.trees.mcp_modules import MODULES

__all__ = ["TREE", "TYPES"]

_TYPES = parse_names(
    """
    wireglass.protocol.content: Annotations TextContent ImageContent AudioContent EmbeddedResource ResourceLink
    wireglass.protocol.content: TextResourceContents BlobResourceContents ResourceContents
    wireglass.protocol.content: ToolUseContent ToolResultContent
    wireglass.errors: PARSE_ERROR INVALID_REQUEST METHOD_NOT_FOUND INVALID_PARAMS INTERNAL_ERROR
    wireglass.media: Icon
    """
)

_NAMES = _TYPES | parse_names(
    """
    wireglass.server.app: FastMCP MCPServer=FastMCP
    wireglass.server.context: Context
    wireglass.media: Image Audio
    wireglass.errors: McpError MCPError=McpError
    """
)

_SPECIAL = {
    "mcp.server.fastmcp.exceptions": parse_names(
        """
        wireglass.errors: ToolError ResourceError ValidationError InvalidSignature FastMCPError
        """
    ),
}

TREE = Tree("mcp", "mcp", parse_modules(MODULES), _NAMES, _SPECIAL)
TYPES = Tree("mcp_types", "mcp-types", frozenset({"jsonrpc", "methods", "version"}), _TYPES)
