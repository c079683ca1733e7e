"""What the HTTP endpoints need from the layers above: somebody who answers, and who is asking."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from wireglass.protocol.messages import JsonObject
from wireglass.wire.base import HttpContext, Transport
from wireglass.wire.held_answer import Receive, Send

__all__ = ["Identify", "Serving", "lifespan", "scope_identity"]

Identify = Callable[[Mapping[str, Any]], tuple[str | None, Any]]
"""From an ASGI scope to the principal and its access token, as an authentication layer in front left them there."""


class Serving(Protocol):
    """What answers the messages: `wireglass.session.http_serving` makes one from a handler."""

    async def answer(
        self,
        message: Any,
        *,
        notify: Callable[[JsonObject], Awaitable[None]],
        http: HttpContext,
        version: str | None,
    ) -> JsonObject | None:
        """Answers one message that needs no session; None for a notification. `version` None: the stateless era."""
        ...

    async def serve(self, transport: Transport, session_id: str) -> None:
        """Serves a session of the handshake eras until its transport ends."""
        ...


def scope_identity(scope: Mapping[str, Any]) -> tuple[str | None, Any]:
    """The principal and the access token under the names that our own authentication uses; None without it."""
    return scope.get("wireglass.principal"), scope.get("wireglass.access_token")


async def lifespan(receive: Receive, send: Send, aclose: Callable[[], Awaitable[None]]) -> None:
    """The ASGI lifespan of an endpoint that runs on its own: nothing to start, `aclose` at the end."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await aclose()
            await send({"type": "lifespan.shutdown.complete"})
            return
