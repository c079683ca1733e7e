"""`mcp.shared.memory`: a session with a server in the same process, as tests of 1.x servers have it."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from wireglass.client.client import Client

__all__ = ["create_connected_server_and_client_session"]


@asynccontextmanager
async def create_connected_server_and_client_session(
    server: Any,
    read_timeout_seconds: timedelta | float | None = None,
    sampling_callback: Callable[..., Any] | None = None,
    list_roots_callback: Callable[..., Any] | None = None,
    logging_callback: Callable[..., Any] | None = None,
    message_handler: Any = None,
    client_info: Any = None,
    raise_exceptions: bool = False,
    elicitation_callback: Callable[..., Any] | None = None,
) -> AsyncGenerator[Any, None]:
    """A session that has shaken hands. Callbacks take the SDK's arguments, the context first."""
    options: dict[str, Any] = {"timeout": read_timeout_seconds, "client_info": client_info}
    if sampling_callback is not None:
        sample = sampling_callback
        options["sampling_handler"] = lambda _messages, params, context: sample(context, params)
    if elicitation_callback is not None:
        elicit = elicitation_callback
        options["elicitation_handler"] = lambda _message, _type, params, context: elicit(context, params)
    if list_roots_callback is not None:
        options["roots"] = list_roots_callback
    if logging_callback is not None:
        options["log_handler"] = logging_callback
    if message_handler is not None:
        options["message_handler"] = message_handler
    async with Client(server, mode="handshake", **options) as client:
        yield client.session
