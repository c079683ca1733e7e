"""What the HTTP endpoints need from the layers above: somebody who answers, and who is asking."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from wireglass.errors import INVALID_REQUEST
from wireglass.protocol.messages import JsonObject, RequestId
from wireglass.wire.base import HttpContext, Transport
from wireglass.wire.held_answer import Receive, Send, refuse
from wireglass.wire.http_checks import Admission

__all__ = ["Directory", "Identify", "Serving", "admitted", "scope_identity"]

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


async def admitted(
    scope: Mapping[str, Any], receive: Receive, send: Send, admission: Admission, aclose: Callable[[], Awaitable[None]]
) -> dict[str, str] | None:
    """The headers of an HTTP request that may come in. None when there is nothing more to do: the request was refused,
    or it was the life of the server, which an endpoint hears of when nothing is around it that watches it."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send, aclose)
    if scope["type"] != "http":
        return None
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    refusal = admission.refusal(headers.get("host"), headers.get("origin"))
    if refusal is None:
        return headers
    await refuse(send, refusal[0], INVALID_REQUEST, refusal[1])
    return None


async def _lifespan(receive: Receive, send: Send, aclose: Callable[[], Awaitable[None]]) -> None:
    """The ASGI lifespan of an endpoint that runs on its own: nothing to start, `aclose` at the end."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await aclose()
            await send({"type": "lifespan.shutdown.complete"})
            return
