"""Pings each client from time to time, so that idle connections of the handshake era are not cut on the way."""

import asyncio
import logging
from typing import Any

from wireglass.middleware.base import CallNext, Middleware, MiddlewareContext

__all__ = ["PingMiddleware"]

log = logging.getLogger(__name__)


class PingMiddleware(Middleware):
    """Sends `ping` every `interval_ms` milliseconds from a session's first message until it ends.

    The stateless era has neither sessions nor pings: there it does nothing.
    """

    def __init__(self, interval_ms: int = 30_000) -> None:
        """Raises ValueError for an interval that is not positive."""
        if interval_ms <= 0:
            raise ValueError("interval_ms must be positive")
        self.interval_ms = interval_ms
        self._active_sessions: set[int] = set()
        self._pinging: set[asyncio.Task[None]] = set()

    async def on_message(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Starts to ping a session that is new."""
        self._begin(context.fastmcp_context)
        return await call_next(context)

    def _begin(self, context: Any) -> None:
        scope = context.scope if context is not None else None
        if context is None or scope is None or id(scope.session) in self._active_sessions or not _can_be_asked(scope):
            return
        key = id(scope.session)
        self._active_sessions.add(key)
        task = asyncio.get_running_loop().create_task(self._ping_loop(context.session, key))
        self._pinging.add(task)
        task.add_done_callback(self._pinging.discard)
        scope.session.closed.append(task.cancel)

    async def _ping_loop(self, session: Any, session_id: int) -> None:
        """Until it is cancelled, which the session's end does, or the client no longer answers."""
        try:
            while True:
                await asyncio.sleep(self.interval_ms / 1000)
                await session.send_ping()
        except Exception as error:  # boundary: an unreachable client is the session's matter, not ours
            log.debug("A client did not answer a ping: %s", error)
        finally:
            self._active_sessions.discard(session_id)


def _can_be_asked(scope: Any) -> bool:
    """Not in the stateless era, nor where an HTTP server keeps no sessions: such a loop would never end."""
    return not scope.stateless and (scope.session.transport != "streamable-http" or scope.session.id is not None)
