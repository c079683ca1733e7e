"""Rate limits: token bucket or sliding window, for each client, each tool or all, in one process or exact over many.

Over many processes the count is kept in Redis by one script, which uses Redis' clock: clocks of the workers do not
matter, and a clock that goes back only stands still. `initialize`, `server/discover` and `ping` are not counted.
"""

import inspect
import math
import warnings
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Literal, Protocol
from uuid import uuid4

from wireglass.errors import FastMCPDeprecationWarning, McpError
from wireglass.middleware.base import CallNext, Middleware, MiddlewareContext
from wireglass.settings import runs_a_file_of
from wireglass.tracing import note

__all__ = ["RateLimitError", "RateLimitingMiddleware", "SlidingWindowRateLimitingMiddleware"]

Algorithm = Literal["token_bucket", "sliding_window"]
RATE_LIMITED = -32000
"""The code that clients of FastMCP servers know."""
MOST_CLIENTS = 10_000
"""Clients whose use is remembered in memory; the one unseen for longest is forgotten first."""
_UNCOUNTED = frozenset({"initialize", "server/discover", "ping"})


class RateLimitError(McpError):
    """Too many requests. `data` says when to come back (`retryAfterMs`); no data: never."""

    def __init__(self, message: str = "Rate limit exceeded", *, retry_after: float = 0.0) -> None:
        data = {"retryAfterMs": math.ceil(retry_after * 1000)} if math.isfinite(retry_after) else None
        super().__init__(RATE_LIMITED, message, data)


@dataclass(frozen=True, slots=True)
class _Limit:
    """`most` requests in `seconds`. A bucket refills all the time; a window counts back from now."""

    most: float
    seconds: float
    algorithm: Algorithm


class _Counter(Protocol):
    async def take(self, key: str, limit: _Limit) -> float:
        """Counts one request. Returns 0, or the seconds to wait when it is one too many (then it is not counted)."""
        ...


class RateLimitingMiddleware(Middleware):
    """Refuses requests beyond a limit with `RateLimitError`.

    Either `max_requests` in `window_seconds` (or `window_minutes`) with `algorithm` "token_bucket" or
    "sliding_window", or `max_requests_per_second` with `burst_capacity` (default: twice the rate); never both. Without
    any of them: 10 requests a second. A rate of 0 refuses everything.

    Each client has a limit of its own: by `get_client_id(context)`, else the token's subject or client, else the
    session; `global_limit` makes one for all. `tool_limits` are further limits for single tools, in requests per window
    (or per second). `storage` makes it exact over many processes: a `RedisStore`, a client of redis.asyncio or a URL.
    When Redis cannot be reached, `on_store_failure` decides: "open" lets requests pass, "closed" refuses them.

    Raises ValueError for an unknown algorithm, contradicting parameters, or a limit that is not positive.
    """

    def __init__(
        self,
        max_requests_per_second: float | None = None,
        burst_capacity: float | None = None,
        get_client_id: Callable[[MiddlewareContext[Any]], Any] | None = None,
        global_limit: bool = False,
        *,
        max_requests: int | None = None,
        window_seconds: float | None = None,
        window_minutes: float | None = None,
        algorithm: str | None = None,
        tool_limits: Mapping[str, int] | None = None,
        storage: Any = None,
        on_store_failure: Literal["open", "closed"] = "closed",
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._limit = _limit(
            max_requests_per_second, burst_capacity, max_requests, window_seconds, window_minutes, algorithm
        )
        self._tool_limits = {
            name: _Limit(_positive(most, f"tool_limits[{name!r}]"), self._limit.seconds, self._limit.algorithm)
            for name, most in (tool_limits or {}).items()
        }
        if on_store_failure not in ("open", "closed"):
            raise ValueError('on_store_failure must be "open" or "closed".')
        self.max_requests_per_second = self._limit.most / self._limit.seconds
        if max_requests_per_second is not None:
            self.max_requests_per_second = max_requests_per_second
        self.burst_capacity = burst_capacity or self._limit.most
        self.get_client_id = get_client_id
        self.global_limit = global_limit
        self._fails_open = on_store_failure == "open"
        self._local = _InMemory(clock) if storage is None else None
        self._counter: _Counter = self._local or _InRedis(_redis_client(storage))

    async def on_request(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Counts one request, and refuses it when it is one too many."""
        if context.method in _UNCOUNTED:
            return await call_next(context)
        if self.global_limit:
            client = "all"
        elif self.get_client_id is None:
            client = _known_client(getattr(context, "fastmcp_context", None))
        else:
            found = self.get_client_id(context)
            client = str(await found if inspect.isawaitable(found) else found)
        if self._local is not None:
            wait = self._local.take_now("client:" + client, self._limit)
        else:
            wait = await self._taken(f"client:{client}", self._limit)
        if wait > 0:
            if self.global_limit:
                raise _refusal(self._limit, wait, "", "Global rate limit exceeded")
            raise _refusal(self._limit, wait, f" for client: {client}")
        if context.method == "tools/call" and self._tool_limits:
            tool = getattr(context.message, "name", "")
            limit = self._tool_limits.get(tool)
            if limit is not None:
                wait = await self._taken(f"tool:{tool}:{client}", limit)
                if wait > 0:
                    raise _refusal(limit, wait, f" for tool: {tool}")
        return await call_next(context)

    async def _taken(self, key: str, limit: _Limit) -> float:
        try:
            return await self._counter.take(key, limit)
        except (OSError, ConnectionError, TimeoutError, _StoreFailure) as error:
            if self._fails_open:
                return 0.0
            raise RateLimitError("Rate limit cannot be checked now; try again later.", retry_after=1.0) from error


def _refusal(limit: _Limit, wait: float, whom: str, text: str = "Rate limit exceeded") -> RateLimitError:
    note(reason=f"The limit of {limit.most:g} calls in {limit.seconds:g} s{whom} was used up.", refused=True)
    return RateLimitError(f"{text}{whom}", retry_after=wait)


def _known_client(caller: Any) -> str:
    scope = getattr(caller, "scope", None)
    if scope is None:
        return "global"
    known = getattr(scope, "principal", None) or caller.client_id or scope.session.id
    return "global" if known is None else str(known)


class SlidingWindowRateLimitingMiddleware(RateLimitingMiddleware):
    """`RateLimitingMiddleware(algorithm="sliding_window")` under the name that other servers use."""

    def __init__(
        self,
        max_requests: int,
        window_minutes: float | None = None,
        get_client_id: Callable[[MiddlewareContext[Any]], Any] | None = None,
        *,
        window_seconds: float | None = None,
        **options: Any,
    ) -> None:
        if window_minutes is None and window_seconds is None:
            window_minutes = 1
        super().__init__(
            max_requests=max_requests,
            window_minutes=window_minutes,
            window_seconds=window_seconds,
            get_client_id=get_client_id,
            algorithm="sliding_window",
            **options,
        )


def _limit(
    per_second: float | None,
    burst: float | None,
    most: int | None,
    seconds: float | None,
    minutes: float | None,
    algorithm: str | None,
) -> _Limit:
    windowed = any(value is not None for value in (most, seconds, minutes))
    if windowed and (per_second is not None or burst is not None):
        raise ValueError(
            "Give either max_requests with window_seconds, or max_requests_per_second with burst_capacity, not both."
        )
    if algorithm not in (None, "token_bucket", "sliding_window"):
        raise ValueError(f'Unknown algorithm {algorithm!r}. Known: "token_bucket", "sliding_window".')
    if seconds is not None and minutes is not None:
        raise ValueError("Give either window_seconds or window_minutes, not both.")
    if windowed:
        if most is None:
            raise ValueError("max_requests is missing.")
        length = minutes * 60 if minutes is not None else (60 if seconds is None else seconds)
        return _Limit(
            _positive(most, "max_requests"),
            _positive(length, "the window"),
            "sliding_window" if algorithm == "sliding_window" else "token_bucket",
        )
    if algorithm == "sliding_window":
        raise ValueError("A sliding window needs max_requests and window_seconds.")
    if per_second == 0:
        if burst is not None and burst < 1 and runs_a_file_of("4"):
            _warn("burst_capacity below 1 is deprecated. A rate of 0 refuses everything: omit burst_capacity.")
        return _Limit(0, 1.0, "token_bucket")
    rate = _positive(10.0 if per_second is None else per_second, "max_requests_per_second")
    capacity = max(1, int(rate * 2)) if burst is None else burst
    if burst is not None and burst < 1 and runs_a_file_of("4"):
        _warn("burst_capacity below 1 is deprecated. Use burst_capacity=1 for the smallest burst.")
        if burst:
            return _Limit(0, 1.0, "token_bucket")  # a bucket that holds less than one token admits nothing
        capacity = max(1, int(rate * 2))
    elif _positive(capacity, "burst_capacity") < 1:
        raise ValueError("burst_capacity must be at least 1: a smaller bucket admits nothing.")
    return _Limit(capacity, capacity / rate, "token_bucket")


def _warn(text: str) -> None:
    warnings.warn(text, FastMCPDeprecationWarning, stacklevel=4)


def _positive(value: Any, name: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise ValueError(f"{name} must be more than 0.")
    return value


class _InMemory:
    """Counts in this process. `clock` may stand still but is not believed when it goes back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._now = clock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """What is left, and when that was."""
        self._windows: OrderedDict[str, deque[float]] = OrderedDict()

    async def take(self, key: str, limit: _Limit) -> float:
        return self.take_now(key, limit)

    def take_now(self, key: str, limit: _Limit) -> float:
        """As `take`: there is nobody to wait for."""
        now = self._clock()
        if now > self._now:
            self._now = now
        if limit.algorithm == "sliding_window":
            return self._take_from_window(key, limit)
        return self._take_from_bucket(key, limit)

    def _take_from_bucket(self, key: str, limit: _Limit) -> float:
        if limit.most == 0:
            return math.inf
        now, rate, buckets = self._now, limit.most / limit.seconds, self._buckets
        kept = buckets.get(key)
        if kept is None:
            left: float = limit.most
            if len(buckets) >= MOST_CLIENTS:
                buckets.popitem(last=False)
        else:
            left = kept[0] + (now - kept[1]) * rate
            if left > limit.most:
                left = limit.most
            buckets.move_to_end(key)
        if left < 1:
            if limit.most < 1:
                return math.inf
            buckets[key] = (left, now)
            return (1 - left) / rate
        buckets[key] = (left - 1, now)
        return 0.0

    def _take_from_window(self, key: str, limit: _Limit) -> float:
        taken = self._windows.pop(key, None) or deque[float]()
        self._windows[key] = taken
        while taken and taken[0] <= self._now - limit.seconds:
            taken.popleft()
        if len(self._windows) > MOST_CLIENTS:
            self._windows.popitem(last=False)
        if len(taken) < limit.most:
            taken.append(self._now)
            return 0.0
        return max(taken[0] + limit.seconds - self._now, 0.001)


class _StoreFailure(Exception):
    """Redis could not be asked."""


_NOW = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
"""
_BUCKET = (
    _NOW
    + """
local most, seconds = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 'left', 'at')
local left, at = tonumber(kept[1]) or most, tonumber(kept[2]) or now
if now < at then now = at end
local rate = most / seconds
left = math.min(most, left + (now - at) * rate)
local wait = 0
if left >= 1 then left = left - 1 else wait = (1 - left) / rate end
redis.call('HSET', KEYS[1], 'left', string.format('%.9f', left), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(seconds * 1000) + 1000)
return string.format('%.6f', wait)
"""
)
_WINDOW = (
    _NOW
    + """
local most, seconds = tonumber(ARGV[1]), tonumber(ARGV[2])
local newest = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if newest[2] and now < tonumber(newest[2]) then now = tonumber(newest[2]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.6f', now - seconds))
local wait = 0
if redis.call('ZCARD', KEYS[1]) < most then
  redis.call('ZADD', KEYS[1], string.format('%.6f', now), ARGV[3])
else
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  wait = math.max(tonumber(oldest[2]) + seconds - now, 0.001)
end
redis.call('PEXPIRE', KEYS[1], math.ceil(seconds * 1000) + 1000)
return string.format('%.6f', wait)
"""
)


class _InRedis:
    """Counts in Redis: one script for each request, so that workers never race."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._scripts = {
            "token_bucket": client.register_script(_BUCKET),
            "sliding_window": client.register_script(_WINDOW),
        }

    async def take(self, key: str, limit: _Limit) -> float:
        if limit.most == 0:
            return math.inf
        name = f"wireglass:rate:{limit.algorithm}:{limit.most}:{limit.seconds:g}:{key}"
        arguments = [limit.most, limit.seconds, uuid4().hex]
        try:
            return float(await self._scripts[limit.algorithm](keys=[name], args=arguments))
        except Exception as error:
            if type(error).__module__.startswith("redis"):
                raise _StoreFailure(str(error)) from error
            raise


def _redis_client(storage: Any) -> Any:
    if isinstance(storage, str):
        import redis.asyncio

        return redis.asyncio.Redis.from_url(storage, decode_responses=True)
    while hasattr(storage, "key_value"):  # a wrapper that encrypts or renames: counts are no secrets
        storage = storage.key_value
    client = getattr(storage, "_client", storage)
    if not hasattr(client, "register_script"):
        raise ValueError(
            f"Limits over many processes need Redis; {type(storage).__name__} cannot count exactly. "
            "Give a RedisStore, a redis.asyncio client or a redis:// URL."
        )
    return client
