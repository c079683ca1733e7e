"""`fastmcp`: the names of FastMCP 2.x to 4.x and of the reference guide, and where ours live."""

from wireglass.compat.trees import Tree, parse_modules, parse_names
from wireglass.compat.trees.fastmcp_modules import MODULES

__all__ = ["TREE"]

_NAMES = parse_names(
    """
    wireglass.server.app: FastMCP
    wireglass.server.context: Context
    wireglass.client.client: Client
    wireglass.media: Image Audio File Icon
    wireglass.errors: FastMCPError ToolError ResourceError PromptError ValidationError NotFoundError DisabledError
    wireglass.errors: InvalidSignature McpError
    wireglass.testing: create_test_client
    """
)

_SPECIAL: dict[str, dict[str, str]] = {
    "fastmcp": parse_names(
        """
        wireglass.server.app: FastMCP
        wireglass.server.context: Context
        wireglass.client.client: Client
        wireglass.media: Image Icon
        """
    ),
}

TREE = Tree("fastmcp", "fastmcp", parse_modules(MODULES), _NAMES, _SPECIAL)
