"""What middleware spans cost: a call with five middleware that asks for them against one that does not, and a call that
does not ask against the same code without any measuring in it.

    python tests/benchmarks/spans.py [ROUNDS] [CALLS]    (default 11 rounds of 400 calls)

Asked and not asked take turns call by call, in memory and over stdio, with the server in a process of its own as people
run it. "Not asked" is compared, by CPU time and the best of many rounds, with a tracing module whose functions do
nothing at all. Targets: asked, under 5 % of a call over
stdio (in memory the same microseconds are a larger part of a call that crosses nothing: told beside it); not asked,
nothing that stands out of the noise (how far two equal series differ).
"""

import asyncio
import logging
import os
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

logging.disable(logging.INFO)

from wireglass import Client, FastMCP  # noqa: E402 - the loggers are quiet first
from wireglass.client.transports import StdioTransport  # noqa: E402
from wireglass.middleware.caching import ResponseCachingMiddleware  # noqa: E402
from wireglass.middleware.error_handling import ErrorHandlingMiddleware  # noqa: E402
from wireglass.middleware.rate_limit import RateLimitingMiddleware  # noqa: E402
from wireglass.middleware.request_log import LoggingMiddleware  # noqa: E402
from wireglass.middleware.timing import TimingMiddleware  # noqa: E402
from wireglass.protocol.spans import TRACE_KEY  # noqa: E402

WORK = 3_000
"""Steps of a small computation in the tool: a call that does something, some 0.3 ms, not an empty function."""


def server() -> FastMCP:
    chain: list[Any] = [
        ErrorHandlingMiddleware(),
        TimingMiddleware(),
        LoggingMiddleware(),
        RateLimitingMiddleware(max_requests_per_second=1e9, burst_capacity=10**9),
        ResponseCachingMiddleware(call_tool_settings={"enabled": False}),
    ]
    mcp = FastMCP("bench", middleware=chain)

    @mcp.tool
    async def quote(parcel: int) -> dict[str, Any]:
        total = 0
        for step in range(WORK):
            total += step * parcel % 7
        return {"total": total, "lines": [{"n": n, "price": n * 1.5} for n in range(20)]}

    return mcp


async def microseconds(
    client: Any, calls: int, meta: dict[str, Any] | None, clock: Callable[[], float] = time.process_time
) -> float:
    begin = clock()
    for number in range(calls):
        await client.request("tools/call", {"name": "quote", "arguments": {"parcel": number}}, meta=meta)
    return (clock() - begin) / calls * 1e6


class _Nothing(nullcontext[None]):
    def __init__(self, *_args: Any, **_facts: Any) -> None:
        super().__init__()


def without_tracing() -> dict[str, Any]:
    """The same modules with tracing that does nothing; returns what undoes it."""
    from wireglass.middleware import caching
    from wireglass.server import asking, calls, injection, lifespans, tools

    kept: dict[Any, dict[str, Any]] = {}
    for module in (caching, asking, calls, injection, lifespans, tools):
        kept[module] = {name: getattr(module, name) for name in ("span", "note", "active") if hasattr(module, name)}
        for name in kept[module]:
            replacement: Any = {"span": _Nothing, "note": lambda **_facts: None, "active": lambda: False}[name]
            setattr(module, name, replacement)
    return kept


def put_back(kept: dict[Any, dict[str, Any]]) -> None:
    for module, names in kept.items():
        for name, value in names.items():
            setattr(module, name, value)


async def taking_turns(client: Any, calls: int) -> tuple[float, float]:
    """Microseconds of a call without and with spans. Single calls take turns, and of each kind the one that a tenth of
    them beat counts: what else the machine does meanwhile hits both alike, and mostly the slower nine tenths."""
    plain: list[float] = []
    asked: list[float] = []
    await microseconds(client, 50, {TRACE_KEY: True})
    for _ in range(calls):
        plain.append(await microseconds(client, 1, None, time.perf_counter))
        asked.append(await microseconds(client, 1, {TRACE_KEY: True}, time.perf_counter))
    return sorted(plain)[calls // 10], sorted(asked)[calls // 10]


async def over_stdio(calls: int) -> tuple[float, float]:
    """The same with the server in a child process."""
    async with Client(StdioTransport(sys.executable, [__file__, "serve"], dict(os.environ))) as client:
        return await taking_turns(client, calls)


async def main(rounds: int, calls: int) -> None:
    best: dict[str, float] = {}

    def took(name: str, figure: float) -> None:
        best[name] = min(figure, best.get(name, figure))

    async with Client(server()) as client:
        await microseconds(client, calls, {TRACE_KEY: True})
        for _ in range(rounds):
            took("plain", await microseconds(client, calls, None))
            took("again", await microseconds(client, calls, None))
            kept = without_tracing()
            try:
                took("bare", await microseconds(client, calls, None))
            finally:
                put_back(kept)
        base, asked = await taking_turns(client, rounds * calls // 2)
    plain = min(best["plain"], best["again"])
    noise = abs(best["plain"] - best["again"]) / plain * 100
    print(f"a call with five middleware, spans not asked for   {plain:8.1f} us")
    print(f"the same without any tracing code                  {best['bare']:8.1f} us")
    print(f"in memory: {base:.0f} us without, {asked:.0f} us with spans, {(asked / base - 1) * 100:+.1f} % of a call")
    unasked = (plain - best["bare"]) / best["bare"] * 100
    mark = "ok" if unasked <= max(1.0, 2 * noise) else "over"
    print(f"not asked: {unasked:+.2f} % (two equal series differ by {noise:.2f} %)   {mark}")
    base, timed = await over_stdio(rounds * calls // 2)
    share = (timed - base) / base * 100
    print(f"over stdio: {base:.0f} us without, {timed:.0f} us with spans, {share:+.1f} % of a call", end="   ")
    print(f"target under 5   {'ok' if share < 5 else 'over'}")


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        server().run(show_banner=False)
    else:
        numbers = [int(one) for one in sys.argv[1:]]
        asyncio.run(main(*(numbers + [11, 400][len(numbers) :])))
