"""Any mcp.json of a project: FastMCP, SDK clients, one-off files."""

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]

TARGET = Target("generic-mcp-json", Shape(type_key="transport", http_type="http", sse_type="sse", cwd="cwd"))
