"""Joins a handler to the HTTP endpoints of `wire`, which know no sessions of their own."""

from collections.abc import Awaitable, Callable
from typing import Any

from wireglass.protocol.messages import JsonObject
from wireglass.session.scope import Handler, NotificationHandler
from wireglass.session.server_end import ServerSession, answer_one
from wireglass.wire.base import HttpContext, Transport

__all__ = ["HttpServing"]


class HttpServing:
    """What `wireglass.wire.asgi.McpEndpoint` and `wireglass.wire.sse_server.SseEndpoint` ask for their answers."""

    def __init__(self, handler: Handler, *, on_notification: NotificationHandler | None = None) -> None:
        self._handler = handler
        self._on_notification = on_notification

    async def answer(
        self,
        message: Any,
        *,
        notify: Callable[[JsonObject], Awaitable[None]],
        http: HttpContext,
        version: str | None,
    ) -> JsonObject | None:
        """Answers one message that needs no session; see `answer_one`."""
        return await answer_one(
            self._handler,
            message,
            notify=notify,
            http=http,
            version=version,
            on_notification=self._on_notification,
        )

    async def serve(self, transport: Transport, session_id: str, known: JsonObject) -> None:
        """Serves one session until its transport ends; see `ServerSession` for `known`."""
        session = ServerSession(
            self._handler, transport, on_notification=self._on_notification, session_id=session_id, known=known
        )
        await session.run()
