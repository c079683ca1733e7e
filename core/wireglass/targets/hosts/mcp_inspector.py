"""MCP Inspector."""

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]

TARGET = Target("mcp-inspector", Shape(stdio_type="stdio", http_type="streamable-http", sse_type="sse", cwd="cwd"))
