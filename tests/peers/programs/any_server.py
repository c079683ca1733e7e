"""One small server, written once for `wireglass`, `fastmcp` (2.x, 4.x) and `mcp` (1.x, 2.x).

python any_server.py PACKAGE stdio
python any_server.py PACKAGE http PORT
"""

import sys
from typing import Any, Literal

PACKAGE, TRANSPORT, *REST = sys.argv[1:]
PORT = int(REST[0]) if REST else 0


def make() -> Any:
    if PACKAGE == "wireglass":
        from wireglass import FastMCP
    elif PACKAGE == "fastmcp":
        from fastmcp import FastMCP
    else:
        try:
            from mcp.server import MCPServer as FastMCP
        except ImportError:
            from mcp.server.fastmcp import FastMCP

            return FastMCP("peer", host="127.0.0.1", port=PORT)
    return FastMCP("peer")


server = make()


@server.tool()
def every_kind(
    text: str,
    count: int,
    ratio: float,
    flag: bool,
    level: Literal["low", "high"],
    tags: list[str],
    extra: dict[str, Any],
    note: str = "none",
) -> str:
    """Repeats one argument of each kind."""
    return "|".join(map(repr, (text, count, ratio, flag, level, tags, extra, note)))


@server.tool()
def fail() -> str:
    """Fails."""
    raise ValueError("on purpose")


@server.resource("data://fixed")
def fixed() -> str:
    """A text."""
    return "fixed text"


@server.resource("data://item/{name}")
def item(name: str) -> str:
    """A text by name."""
    return f"item {name}"


@server.prompt()
def greet(name: str) -> str:
    """A greeting."""
    return f"Please greet {name}."


if TRANSPORT == "stdio":
    server.run(transport="stdio")
elif PACKAGE == "mcp":
    try:
        server.run(transport="streamable-http", host="127.0.0.1", port=PORT)
    except TypeError:  # 1.x takes the address when the server is made
        server.run(transport="streamable-http")
else:
    server.run(transport="http", host="127.0.0.1", port=PORT)
