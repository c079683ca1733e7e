"""Handlers as server authors know them, turned into responders and listeners of the engine.

    sampling_handler(messages, params, context) -> str | CreateMessageResult | dict
    elicitation_handler(message, response_type, params, context) -> content | ElicitResult
    roots: list of URIs, paths or Root, or a callable (context) that returns one
    log_handler(message)     with .level .logger .data
    progress_handler(progress, total, message)
    message_handler(message) or a MessageHandler
Each may be async or not.
"""

import inspect
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any, cast

from pydantic_core import ValidationError

from wireglass.client import typed
from wireglass.client.inputs import InputRequest, Responder
from wireglass.errors import INVALID_PARAMS, McpError
from wireglass.protocol.messages import JsonObject, RequestId, as_object, is_object
from wireglass.session import Progressed

__all__ = [
    "HandlerContext",
    "LogMessage",
    "MessageHandler",
    "ServerMessage",
    "elicitation_responder",
    "log_to_python",
    "progress_listener",
    "roots_responder",
    "sampling_responder",
]

logger = logging.getLogger("wireglass.client")

PYTHON_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "notice": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
    "alert": logging.CRITICAL,
    "emergency": logging.CRITICAL,
}


@dataclass(frozen=True, slots=True)
class HandlerContext:
    """What a handler may know besides the question."""

    request_id: RequestId | str
    server: str = ""
    meta: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class LogMessage:
    """A log message of the server; `data` is any JSON value."""

    level: str
    data: Any
    logger: str | None = None
    meta: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class ServerMessage:
    """A notification of the server."""

    method: str
    params: JsonObject

    @property
    def root(self) -> "ServerMessage":
        """Itself; other clients wrap their notifications."""
        return self


class MessageHandler:
    """Override what you want to hear of."""

    async def __call__(self, message: Any) -> None:
        await self.dispatch(message)

    async def dispatch(self, message: Any) -> None:
        """Calls the method for one notification."""
        await self.on_message(message)
        await self.on_notification(message)
        name = {
            "notifications/tools/list_changed": "on_tool_list_changed",
            "notifications/resources/list_changed": "on_resource_list_changed",
            "notifications/prompts/list_changed": "on_prompt_list_changed",
            "notifications/resources/updated": "on_resource_updated",
            "notifications/message": "on_logging_message",
            "notifications/progress": "on_progress",
            "notifications/cancelled": "on_cancelled",
        }.get(message.method)
        if name is not None:
            await getattr(self, name)(message)

    async def on_message(self, message: Any) -> None:
        """Anything."""

    async def on_notification(self, message: Any) -> None:
        """Any notification."""

    async def on_tool_list_changed(self, message: Any) -> None:
        """The list of tools has changed."""

    async def on_resource_list_changed(self, message: Any) -> None:
        """The list of resources has changed."""

    async def on_prompt_list_changed(self, message: Any) -> None:
        """The list of prompts has changed."""

    async def on_resource_updated(self, message: Any) -> None:
        """A resource that we subscribed to has changed."""

    async def on_logging_message(self, message: Any) -> None:
        """A log message."""

    async def on_progress(self, message: Any) -> None:
        """Progress that belongs to no request in flight."""

    async def on_cancelled(self, message: Any) -> None:
        """The server cancelled something."""


def _context(request: InputRequest) -> HandlerContext:
    origin = request.origin_request_id
    return HandlerContext(
        request.id if origin is None else origin, request.server, as_object(request.params.get("_meta"))
    )


async def _settled(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


# Elicitation


def elicitation_responder(handler: Callable[..., Any]) -> Responder:
    """Answers forms and pages with `handler`."""

    from wireglass.client.typed_data import python_type

    async def respond(request: InputRequest) -> JsonObject:
        params = typed.ElicitRequestParams.model_validate(request.params)
        schema = params.requested_schema
        kind = python_type(schema) if schema and schema.get("properties") else None
        answer = await _settled(handler(params.message, kind, params, _context(request)))
        return _elicit_result(answer, schema)

    return respond


def _elicit_result(answer: Any, schema: JsonObject | None) -> JsonObject:
    action = answer.get("action") if is_object(answer) else getattr(answer, "action", None)
    if action in ("accept", "decline", "cancel") and (not is_object(answer) or set(answer) <= {"action", "content"}):
        content = answer.get("content") if is_object(answer) else getattr(answer, "content", None)
        return {"action": action} if action != "accept" or content is None else _accepted(content, schema)
    if answer is None:
        return {"action": "accept", "content": {}} if schema is not None else {"action": "accept"}
    return _accepted(answer, schema)


def _accepted(content: Any, schema: JsonObject | None) -> JsonObject:
    plain = _plain(content)
    if not is_object(plain):
        names = list(as_object(as_object(schema).get("properties")))
        if len(names) != 1:
            text = (
                f"Elicitation responses must be serializable as a JSON object; the handler returned "
                f"{type(content).__name__}."
            )
            raise McpError(INVALID_PARAMS, text)
        plain = {names[0]: plain}
    return {"action": "accept", "content": {name: value for name, value in plain.items() if value is not None}}


def _plain(value: Any) -> Any:
    if isinstance(value, typed.BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return value


# Sampling


def sampling_responder(handler: Callable[..., Any]) -> Responder:
    """Answers sampling requests with `handler`."""

    async def respond(request: InputRequest) -> JsonObject:
        try:
            params = typed.CreateMessageRequestParams.model_validate(request.params)
        except ValidationError as error:
            raise McpError(
                INVALID_PARAMS, f"The sampling request is malformed: {error.error_count()} errors"
            ) from error
        return _message_result(await _settled(handler(params.messages, params, _context(request))))

    return respond


def _message_result(answer: Any) -> JsonObject:
    if isinstance(answer, typed.BaseModel):
        answer = answer.model_dump(mode="json", by_alias=True, exclude_none=True)
    if isinstance(answer, str):
        answer = typed.CreateMessageResult(content=typed.TextContent(text=answer), stop_reason="endTurn").wire()
    if is_object(answer) and "role" not in answer and "type" in answer:
        answer = {"role": "assistant", "content": answer, "model": "unknown"}
    if not is_object(answer):
        raise McpError(INVALID_PARAMS, f"A sampling handler returned {type(answer).__name__}, which is no message.")
    return answer


# Roots

RootsGiven = Sequence[Any] | Callable[..., Any]


def roots_responder(roots: RootsGiven) -> Responder:
    """Answers `roots/list` with `roots`."""

    async def respond(request: InputRequest) -> JsonObject:
        found = roots
        if callable(roots):
            wants = bool(inspect.signature(roots).parameters)
            found = await _settled(roots(_context(request)) if wants else roots())
        return {"roots": [_root(item) for item in cast("Sequence[Any]", found)]}

    return respond


def _root(item: Any) -> JsonObject:
    if is_object(item):
        return item
    if not isinstance(item, str | os.PathLike) and isinstance(item, typed.Root):
        return item.wire()
    text = os.fspath(item) if isinstance(item, os.PathLike) else str(getattr(item, "uri", item))
    if "://" not in text:
        text = Path(text).expanduser().absolute().as_uri()
    return {"uri": text}


# Progress and logs


def progress_listener(handler: Callable[..., Any]) -> Progressed:
    """Hears progress params and calls `handler(progress, total, message)`."""

    def hear(params: JsonObject) -> Awaitable[object] | None:
        outcome = handler(params["progress"], params.get("total"), params.get("message"))
        return outcome if inspect.isawaitable(outcome) else None

    return hear


def log_to_python(message: LogMessage) -> None:
    """The default log handler: the server's messages go to the logger `wireglass.client.server`."""
    level = PYTHON_LEVELS.get(message.level, logging.INFO)
    logging.getLogger("wireglass.client.server").log(level, "%s", message.data)
