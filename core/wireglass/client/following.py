"""Follows one call to its complete result: questions on the way, pages to visit, tasks to wait for."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

from wireglass.client.inputs import InputBroker, InputRequest
from wireglass.client.rounds import called, finish_rounds
from wireglass.client.tasks import OnStatus, TaskNews, finish_extension_task, finish_handshake_task, is_extension_task
from wireglass.errors import URL_ELICITATION_REQUIRED, McpError, ProtocolError
from wireglass.protocol import methods
from wireglass.protocol.messages import JsonObject, RequestId, as_object, is_object

__all__ = ["Follower", "VisitedPages", "watcher"]

Send = Callable[[JsonObject], Awaitable[JsonObject]]
Ask = Callable[[str, JsonObject], Awaitable[JsonObject]]

watcher: ContextVar[Callable[[JsonObject], None] | None] = ContextVar("wireglass_background_call", default=None)
"""Takes note of how the task stands that a call became: set by the background call which that call belongs to."""

_PAGE_SECONDS: Final = 300.0
"""How long a page that the user agreed to visit may take before the call is tried again anyway."""


class VisitedPages:
    """Which pages of URL elicitations the server has reported as done (2025-11-25)."""

    def __init__(self) -> None:
        self._done: dict[str, asyncio.Event] = {}

    def heard(self, method: str, params: JsonObject) -> None:
        """Takes note of `notifications/elicitation/complete`. Ids that nobody waits for are ignored."""
        if method == "notifications/elicitation/complete":
            event = self._done.get(str(params.get("elicitationId")))
            if event is not None:
                event.set()

    async def wait(self, ids: list[str]) -> None:
        """Waits until all of them are done, or for five minutes."""
        for id in ids:
            self._done.setdefault(id, asyncio.Event())
        try:
            async with asyncio.timeout(_PAGE_SECONDS):
                for id in ids:
                    await self._done[id].wait()
        except TimeoutError:
            pass

    def forget(self, ids: list[str]) -> None:
        """Nobody waits for these any more."""
        for id in ids:
            self._done.pop(id, None)

    def expect(self, ids: list[str]) -> None:
        """From here on the reports for `ids` count, even before `wait`."""
        for id in ids:
            self._done.setdefault(id, asyncio.Event())


@dataclass
class Follower:
    """What a client needs to follow its calls."""

    broker: InputBroker
    pages: VisitedPages
    ask: Ask
    server: Callable[[], str]
    rounds: int
    on_task: OnStatus | None = None
    news: TaskNews = field(default_factory=TaskNews)

    async def run(
        self, method: str, params: JsonObject, send: Send, origin: Callable[[], RequestId | None]
    ) -> tuple[JsonObject, bool]:
        """The complete result, and whether it took more than one request (then it is never cached).

        Raises McpError, ProtocolError and whatever `send` raises.
        """
        result, retried = await self._past_pages(params, send, origin)
        kind = result.get("resultType")
        if kind == "complete":
            return result, retried
        if kind is None:
            return await self._handshake_task(params, result), retried
        if kind == "input_required" and methods.may_ask_for_input(method):
            result = await finish_rounds(
                result, params, send, self.broker, server=self.server(), rounds=self.rounds, origin=origin
            )
        if is_extension_task(result):
            result = await finish_extension_task(
                result,
                self.ask,
                self.broker,
                server=self.server(),
                on_status=self._heard,
                call=params,
                wait=self.news.wait,
                origin=origin,
            )
        if result.get("resultType", "complete") != "complete":
            kind = result["resultType"]
            raise ProtocolError(f"The result of {method} has the type {kind!r}.", next_step="Look at the frame.")
        return result, True

    def _heard(self, state: JsonObject) -> None:
        watch = watcher.get()
        if watch is not None:
            watch(state)
        if self.on_task is not None:
            self.on_task(state)

    async def _handshake_task(self, params: JsonObject, result: JsonObject) -> JsonObject:
        task = result.get("task")
        if "task" not in params or not is_object(task) or "taskId" not in task:
            return result
        return await finish_handshake_task(task, self.ask, on_status=self._heard, wait=self.news.wait)

    # Pages that the server wants visited first (-32042, 2025-11-25 only)

    async def _past_pages(
        self, params: JsonObject, send: Send, origin: Callable[[], RequestId | None]
    ) -> tuple[JsonObject, bool]:
        for number in range(1, self.rounds + 1):
            try:
                return await send(params), number > 1
            except McpError as error:
                pages = as_object(error.data).get("elicitations")
                if error.code != URL_ELICITATION_REQUIRED or not isinstance(pages, list) or not pages:
                    raise
                if not self.broker.handles("elicitation"):
                    raise
                if not await self._visit([as_object(page) for page in pages], number, origin(), params):
                    raise
        raise ProtocolError(f"The server still wants pages visited after {self.rounds} rounds.")

    async def _visit(self, pages: list[JsonObject], number: int, origin: RequestId | None, params: JsonObject) -> bool:
        """Whether the user agreed to all of them; then they have been visited, as the server or the user says."""
        ids = [str(page["elicitationId"]) for page in pages if "elicitationId" in page]
        self.pages.expect(ids)
        group = self.broker.new_id()
        requests = [
            InputRequest(
                self.broker.new_id(),
                "elicitation",
                {**page, "mode": "url"},
                server=self.server(),
                round=number,
                rounds=self.rounds,
                group=group,
                group_size=len(pages),
                origin_request_id=origin,
                page_first=True,
                **called(params),
            )
            for page in pages
        ]
        try:
            answers: list[dict[str, Any]] = await self.broker.ask_all(requests)
            if any(answer.get("action") != "accept" for answer in answers):
                return False
            open_pages = [request.params for request in requests if not request.visited]
            await self.pages.wait([str(page["elicitationId"]) for page in open_pages if "elicitationId" in page])
        finally:
            self.pages.forget(ids)
        return True
