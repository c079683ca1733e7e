"""What the HTTP endpoints need from the layers above: somebody who answers, and who is asking."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from wireglass.protocol.messages import JsonObject, RequestId
from wireglass.wire.base import HttpContext, Transport
from wireglass.wire.held_answer import Receive, Send

__all__ = ["Directory", "Identify", "Serving", "lifespan", "scope_identity"]

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

    async def serve(self, transport: Transport, session_id: str, known: JsonObject) -> None:
        """Serves a session of the handshake eras until its transport ends.

        `known` is what another worker already settled with the client, empty for a new session; both sides keep it
        up to date.
        """
        ...


class Directory(Protocol):
    """Sessions as all workers know them. Without one they live and end with their process."""

    async def find(self, id: str) -> JsonObject | None:
        """What is known of a session, or None."""
        ...

    async def save(self, id: str, known: JsonObject, seconds: float | None) -> None:
        """Keeps what is known; forgotten after so many seconds without another `save`."""
        ...

    async def end(self, id: str) -> None:
        """Forgets a session."""
        ...

    async def leave(self, id: str, about: RequestId, message: JsonObject) -> None:
        """Leaves a message for the worker that has the request in hand or asked it."""
        ...

    async def collect(self, id: str, about: Sequence[RequestId]) -> list[JsonObject]:
        """Takes the messages left about these requests."""
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
