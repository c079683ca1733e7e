"""A server of ours with middleware in an order that is known to be wrong."""

from wireglass import FastMCP
from wireglass.middleware.caching import ResponseCachingMiddleware
from wireglass.middleware.request_log import LoggingMiddleware

mcp = FastMCP("chain", middleware=[ResponseCachingMiddleware(), LoggingMiddleware()])


@mcp.tool
async def quote() -> int:
    """A price."""
    return 7


if __name__ == "__main__":
    mcp.run(show_banner=False)
