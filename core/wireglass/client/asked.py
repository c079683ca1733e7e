"""What a client answers and hears: the questions of handshake-era servers, their tasks, and notifications."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from typing import Any

from wireglass.client.capabilities import client_capabilities
from wireglass.client.following import VisitedPages
from wireglass.client.handlers import (
    LogMessage,
    ServerMessage,
    elicitation_responder,
    log_to_python,
    roots_responder,
    sampling_responder,
)
from wireglass.client.inputs import KINDS, InputBroker, InputRequest
from wireglass.client.own_tasks import OwnTasks
from wireglass.client.rounds import called
from wireglass.client.skills import SkillCalls
from wireglass.client.tasks import TaskNews
from wireglass.errors import INVALID_PARAMS, METHOD_NOT_FOUND, McpError
from wireglass.protocol.messages import JsonObject, RequestId, as_object
from wireglass.protocol.questions import declares, unbalanced_tools
from wireglass.protocol.versions import LATEST_HANDSHAKE

__all__ = ["AnswersServer"]


class AnswersServer(SkillCalls):
    """The side of a client that a server talks to. `Connecting` adds the connection."""

    inputs: InputBroker
    _visited: VisitedPages
    _news: TaskNews
    _own_tasks: OwnTasks | None
    _calls: dict[RequestId, JsonObject]
    _sampling_capabilities: Any
    _extensions: JsonObject | None
    _log_handler: Callable[[LogMessage], Any] | None
    _message_handler: Callable[..., Any] | None

    def set_elicitation_callback(self, handler: Callable[..., Any]) -> None:
        """Answers elicitations with `handler`. Capabilities are declared when the connection is opened."""
        self.inputs.respond("elicitation", elicitation_responder(handler))

    def set_sampling_callback(self, handler: Callable[..., Any], sampling_capabilities: Any = None) -> None:
        """Answers sampling requests with `handler`."""
        if sampling_capabilities is not None:
            self._sampling_capabilities = sampling_capabilities
        self.inputs.respond("sampling", sampling_responder(handler))

    def set_roots(self, roots: Sequence[Any] | Callable[..., Any]) -> None:
        """Answers `roots/list` with `roots`."""
        self.inputs.respond("roots", roots_responder(roots))

    def _capabilities(self, version: str) -> JsonObject:
        sampling = self._sampling_capabilities
        return client_capabilities(version, self.inputs, sampling=sampling, extensions=self._extensions)

    async def _asked(self, method: str, params: JsonObject, id: RequestId) -> JsonObject:
        """A request of a handshake-era server."""
        if method.startswith("tasks/") and self._own_tasks is not None:
            return await self._own_tasks.answer(method, params)
        kind = KINDS.get(method)
        if kind is None or not self.inputs.handles(kind):
            raise McpError(METHOD_NOT_FOUND, f"This client does not answer {method}.")
        if not declares(self.session.capabilities, method, params):
            raise McpError(INVALID_PARAMS, f"This client did not declare that it answers such a {method}.")
        if kind == "sampling" and (wrong := unbalanced_tools(params.get("messages"))) is not None:
            raise McpError(INVALID_PARAMS, wrong)
        in_flight = self.session.connection.in_flight()
        origin = in_flight[0] if len(in_flight) == 1 else None
        running = [self._calls[id] for id in in_flight if id in self._calls]
        call = running[0] if running and all(called(one) == called(running[0]) for one in running) else None
        if call is None and len({called(one)["tool"] for one in running}) == 1:
            call = {"name": called(running[0])["tool"]}  # several calls of one tool: the tool is known all the same
        asked = {name: value for name, value in params.items() if name != "task"}
        request = InputRequest(
            self.inputs.new_id(),
            kind,
            asked,
            server=self._server_name,
            origin_request_id=origin,
            in_flight=in_flight,
            **called(call),
        )
        work = self._put(request, in_flight)
        if "task" in params and kind != "roots" and self.session.version == LATEST_HANDSHAKE:
            if self._own_tasks is None:
                self._own_tasks = OwnTasks(self.session.notify)
            return self._own_tasks.begin(work, params["task"])
        return await work

    async def _put(self, request: InputRequest, in_flight: Sequence[RequestId]) -> JsonObject:
        """The answer to a question; while people think about it, no request in flight runs out of time."""
        session = self.session
        with ExitStack() as stack:
            request.on_people(lambda: stack.enter_context(session.patience(in_flight)))
            return await self.inputs.ask(request)

    async def _close_own_tasks(self) -> None:
        """Called before a connection is closed."""
        own, self._own_tasks = self._own_tasks, None
        if own is not None:
            await own.aclose()

    def _notified(self, method: str, params: JsonObject) -> Awaitable[object] | None:
        self._note_change(method, params)
        self._visited.heard(method, params)
        self._news.heard(method, params)
        work: list[Any] = []
        if method == "notifications/message":
            work.append(_log(self._log_handler, params))
        if self._message_handler is not None:
            work.append(self._message_handler(ServerMessage(method, params)))
        waits = [item for item in work if inspect.isawaitable(item)]
        return _all(waits) if waits else None


def _log(handler: Callable[[LogMessage], Any] | None, params: JsonObject) -> Any:
    message = LogMessage(
        str(params.get("level", "info")), params.get("data"), params.get("logger"), as_object(params.get("_meta"))
    )
    return (handler or log_to_python)(message)


async def _all(waits: list[Awaitable[object]]) -> None:
    for item in waits:
        await item
