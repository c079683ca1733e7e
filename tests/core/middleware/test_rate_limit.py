"""Rate limits in one process; those over Redis are among the peers."""

from typing import Any

import pytest

from wireglass import FastMCP
from wireglass.errors import FastMCPDeprecationWarning, McpError
from wireglass.middleware.base import MiddlewareContext
from wireglass.middleware.rate_limit import (
    MOST_CLIENTS,
    RateLimitError,
    RateLimitingMiddleware,
    SlidingWindowRateLimitingMiddleware,
)
from wireglass.testing import create_test_client

pytestmark = pytest.mark.anyio


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Message:
    def __init__(self, name: str) -> None:
        self.name = name


async def passes(limiter: RateLimitingMiddleware, *, method: str = "tools/call", name: str = "a") -> bool:
    async def call_next(context: MiddlewareContext[Any]) -> str:
        return "done"

    context = MiddlewareContext[Any](message=Message(name), method=method)
    try:
        return await limiter(context, call_next) == "done"
    except RateLimitError:
        return False


async def count(limiter: RateLimitingMiddleware, times: int, **facts: Any) -> int:
    return sum([await passes(limiter, **facts) for _ in range(times)])


async def test_a_bucket_refills_with_time() -> None:
    clock = Clock()
    limiter = RateLimitingMiddleware(max_requests=10, window_seconds=10, algorithm="token_bucket", clock=clock)
    assert await count(limiter, 15) == 10
    clock.now += 2
    assert await count(limiter, 15) == 2
    clock.now += 1000
    assert await count(limiter, 15) == 10


async def test_a_window_counts_back_from_now() -> None:
    clock = Clock()
    limiter = SlidingWindowRateLimitingMiddleware(max_requests=3, window_seconds=10, clock=clock)
    assert await count(limiter, 2) == 2
    clock.now += 6
    assert await count(limiter, 5) == 1
    clock.now += 5
    assert await count(limiter, 5) == 2


async def test_the_other_dialect_has_rate_and_burst() -> None:
    clock = Clock()
    limiter = RateLimitingMiddleware(max_requests_per_second=2, burst_capacity=5, clock=clock)
    assert await count(limiter, 9) == 5
    clock.now += 1
    assert await count(limiter, 9) == 2
    assert await count(RateLimitingMiddleware(clock=clock), 50) == 20


@pytest.mark.parametrize("algorithm", ["token_bucket", "sliding_window"])
async def test_a_clock_that_goes_back_opens_nothing(algorithm: str) -> None:
    clock = Clock()
    limiter = RateLimitingMiddleware(max_requests=5, window_seconds=10, algorithm=algorithm, clock=clock)
    assert await count(limiter, 9) == 5
    clock.now -= 500
    assert await count(limiter, 9) == 0
    clock.now += 511
    assert await count(limiter, 9) == 5


async def test_each_client_and_each_tool_has_its_own() -> None:
    clients = iter(["a", "b", "a", "b", "a"])
    limiter = RateLimitingMiddleware(
        max_requests=2, window_seconds=10, get_client_id=lambda context: next(clients), clock=Clock()
    )
    assert [await passes(limiter) for _ in range(5)] == [True, True, True, True, False]
    limited = RateLimitingMiddleware(max_requests=100, window_seconds=10, tool_limits={"slow": 1}, clock=Clock())
    assert await count(limited, 3, name="slow") == 1
    assert await count(limited, 3, name="quick") == 3


async def test_an_async_client_id_and_a_global_limit() -> None:
    async def who(context: MiddlewareContext[Any]) -> str:
        return "x"

    assert await count(RateLimitingMiddleware(max_requests=1, get_client_id=who, clock=Clock()), 2) == 1
    everybody = RateLimitingMiddleware(max_requests=1, global_limit=True, clock=Clock())
    assert await count(everybody, 2) == 1
    with pytest.raises(RateLimitError, match="Global rate limit exceeded"):
        await everybody(MiddlewareContext(message={}, method="tools/list"), _never)


async def _never(context: MiddlewareContext[Any]) -> Any:
    raise AssertionError("refused requests do not go on")


async def test_opening_and_ping_are_not_counted() -> None:
    limiter = RateLimitingMiddleware(max_requests=1, window_seconds=10, clock=Clock())
    for method in ("initialize", "server/discover", "ping"):
        assert await count(limiter, 3, method=method) == 3
    assert await passes(limiter)


async def test_a_rate_of_zero_refuses_everything() -> None:
    limiter = RateLimitingMiddleware(max_requests_per_second=0, clock=Clock())
    assert await count(limiter, 3) == 0


async def test_memory_is_bounded() -> None:
    numbers = iter(range(10**6))
    limiter = RateLimitingMiddleware(
        max_requests=1, algorithm="sliding_window", get_client_id=lambda context: next(numbers), clock=Clock()
    )
    for _ in range(MOST_CLIENTS + 10):
        await passes(limiter)
    assert len(limiter._counter._windows) == MOST_CLIENTS  # type: ignore[attr-defined]  # the bound is the point


async def test_the_client_is_told() -> None:
    mcp = FastMCP("s")
    mcp.add_middleware(RateLimitingMiddleware(max_requests=2, window_seconds=60))
    mcp.tool(lambda: "x", name="a")
    async with create_test_client(mcp) as client:
        for _ in range(2):
            await client.call_tool("a")
        with pytest.raises(McpError, match="Rate limit exceeded") as caught:
            await client.call_tool("a")
    assert 0 < caught.value.data["retryAfterMs"] <= 30_000


@pytest.mark.parametrize(
    "options",
    [
        {"algorithm": "leaky_bucket", "max_requests": 1},
        {"max_requests": 1, "max_requests_per_second": 1.0},
        {"max_requests": 1, "window_seconds": 1, "window_minutes": 1},
        {"window_seconds": 5},
        {"algorithm": "sliding_window"},
        {"max_requests": 0},
        {"max_requests_per_second": -1.0},
        {"max_requests": 1, "window_seconds": 0},
        {"max_requests": 1, "tool_limits": {"a": 0}},
        {"max_requests": 1, "on_store_failure": "maybe"},
        {"max_requests": 1, "storage": object()},
    ],
)
def test_contradictions_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has words of its own
        RateLimitingMiddleware(**options)


@pytest.mark.parametrize(("burst", "capacity", "passes"), [(0, 20, True), (-1, -1, False), (0.5, 0.5, False)])
async def test_a_burst_below_one_warns_and_does_what_it_always_did(
    monkeypatch: pytest.MonkeyPatch, burst: float, capacity: float, passes: bool
) -> None:
    """In files of FastMCP 4: deprecated; 0 counts as not given, the others admit nothing. Elsewhere it is refused."""
    with pytest.raises(ValueError, match="burst_capacity must be"):
        RateLimitingMiddleware(max_requests_per_second=10, burst_capacity=burst)
    monkeypatch.setattr("wireglass.middleware.rate_limit.runs_a_file_of", lambda dialect: dialect == "4")
    with pytest.warns(FastMCPDeprecationWarning, match="burst_capacity=1"):
        limiter = RateLimitingMiddleware(max_requests_per_second=10, burst_capacity=burst)
    assert limiter.burst_capacity == capacity

    async def call_next(context: MiddlewareContext[object]) -> str:
        return "passed"

    if passes:
        assert await limiter(MiddlewareContext(message={}, method="tools/list"), call_next) == "passed"
    else:
        with pytest.raises(RateLimitError):
            await limiter(MiddlewareContext(message={}, method="tools/list"), call_next)


def test_no_rate_and_no_burst_point_to_leaving_the_burst_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wireglass.middleware.rate_limit.runs_a_file_of", lambda dialect: dialect == "4")
    with pytest.warns(FastMCPDeprecationWarning, match="omit burst_capacity"):
        assert RateLimitingMiddleware(max_requests_per_second=0, burst_capacity=0).burst_capacity == 0
    assert RateLimitingMiddleware(max_requests_per_second=0).burst_capacity == 0


async def test_an_encrypted_store_is_counted_in_as_well() -> None:
    """Limits are counted by Redis itself, so a wrapper around it is taken off."""

    class Client:
        def register_script(self, script: str) -> Any:
            async def run(keys: list[str], args: list[Any]) -> bytes:
                return b"0"

            return run

    class Store:
        _client = Client()

    class Wrapper:
        key_value = Store()

    async def call_next(context: MiddlewareContext[object]) -> str:
        return "passed"

    limiter = RateLimitingMiddleware(max_requests=1, storage=Wrapper())
    assert await limiter(MiddlewareContext(message={}, method="tools/list"), call_next) == "passed"
    with pytest.raises(ValueError, match="cannot count exactly"):
        RateLimitingMiddleware(max_requests=1, storage=object())
