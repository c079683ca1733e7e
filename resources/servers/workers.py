"""A ticket office for many workers: state, limits, cache and questions that hold whichever worker gets a request.

Start Redis, then as many processes as you like behind any round robin, or several workers at once:

    export WIREGLASS_STORAGE=redis://127.0.0.1:6379
    wireglass run workers.py --transport http --workers 2

Without the variable it is an ordinary server in one process. See "Many workers" in the documentation.
"""

import os

from wireglass import Context, FastMCP
from wireglass.middleware.caching import ResponseCachingMiddleware
from wireglass.middleware.rate_limit import RateLimitingMiddleware
from wireglass.storage.stores import MemoryStore, open_store

words = os.environ.get("WIREGLASS_STORAGE", "")
store = open_store(words) if words else MemoryStore()
limits = words if words.startswith("redis") else None  # exact counting over processes needs Redis

mcp = FastMCP("ticket office", version="1.0.0", storage=store)
mcp.add_middleware(
    RateLimitingMiddleware(max_requests=600, window_seconds=60, tool_limits={"print": 3}, storage=limits)
)
mcp.add_middleware(
    ResponseCachingMiddleware(ttl_seconds=60, storage=store, call_tool_settings={"included_tools": ["price"]})
)


@mcp.tool
async def take(ctx: Context) -> int:
    """Takes a ticket; each session counts its own."""
    number = (await ctx.get_state("tickets") or 0) + 1
    await ctx.set_state("tickets", number)
    return number


@mcp.tool
async def open_basket(ctx: Context) -> str:
    """A handle for `basket`: what a client of 2026-07-28, which has no session, brings along to be known again."""
    return ctx.new_state_handle()


@mcp.tool
async def basket(handle: str, ctx: Context, add: str | None = None) -> list[str]:
    """What lies in a basket, after adding something."""
    await ctx.use_state(handle)
    items = [*(await ctx.get_state("items") or []), *([add] if add else [])]
    await ctx.set_state("items", items)
    return items


@mcp.tool
async def price(train: str) -> str:
    """Looked up once a minute, whichever worker is asked; says which process did."""
    return f"{train}: {len(train) * 7} crowns, looked up by process {os.getpid()}"


@mcp.tool(name="print")
async def print_ticket() -> str:
    """May be called three times a minute by each client, over all workers."""
    return "printed"


@mcp.tool
async def book(ctx: Context) -> str:
    """Asks two questions; the answers may reach another worker than the one that asked."""
    place = await ctx.elicit("Where to?", str)
    seat = await ctx.elicit(f"A window seat to {getattr(place, 'data', '?')}?", bool)
    if place.action != "accept" or seat.action != "accept":
        return "not booked"
    return f"to {place.data}, {'window' if seat.data else 'aisle'}"


@mcp.tool
async def process() -> int:
    """The process that answers."""
    return os.getpid()
