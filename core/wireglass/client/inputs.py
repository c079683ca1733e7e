"""What a server wants from the people on the client's side: one broker for both eras.

A request of the handshake era (`elicitation/create`, `sampling/createMessage`, `roots/list`) and a member of
`inputRequests` of the stateless era both become an `InputRequest`. A responder (code) answers it, or whoever watches
(a window) does. If nobody can, it is refused.
"""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal

from wireglass.errors import METHOD_NOT_FOUND, USER_REJECTED, McpError, TransportClosed
from wireglass.protocol.messages import JsonObject, RequestId

__all__ = ["KINDS", "InputBroker", "InputKind", "InputRequest", "Responder"]

logger = logging.getLogger("wireglass.client")

InputKind = Literal["elicitation", "sampling", "roots"]
KINDS: dict[str, InputKind] = {
    "elicitation/create": "elicitation",
    "sampling/createMessage": "sampling",
    "roots/list": "roots",
}
"""The methods through which a server asks."""


class InputRequest:
    """One question of a server. Ends once: answered, refused, or withdrawn by the server or the connection."""

    def __init__(
        self,
        id: str,
        kind: InputKind,
        params: JsonObject,
        *,
        server: str = "",
        round: int = 1,
        group: str = "",
        origin_request_id: RequestId | None = None,
    ) -> None:
        self.id = id
        self.kind: InputKind = kind
        self.params = params
        self.server = server
        """The name of the server that asks, to show."""
        self.round = round
        """Counts the rounds of one call, from 1."""
        self.group = group or id
        """Questions of one group arrived together and are best shown together."""
        self.origin_request_id = origin_request_id
        """Our request that the question belongs to, where that is known."""
        self._future: asyncio.Future[JsonObject] = asyncio.get_running_loop().create_future()
        self._withdrawn = False
        self._on_end: list[Callable[[InputRequest], object]] = []

    def answer(self, result: JsonObject) -> None:
        """Answers with a protocol result (`ElicitResult`, `CreateMessageResult`, ...). Later calls do nothing."""
        if not self._future.done():
            self._future.set_result(result)
            self._tell()

    def refuse(self, reason: str = "", *, action: Literal["decline", "cancel"] = "decline") -> None:
        """Says no: an elicitation is declined or cancelled, anything else becomes the error -1 "User rejected"."""
        if self.kind == "elicitation":
            self.answer({"action": action})
        elif not self._future.done():
            self._future.set_exception(McpError(USER_REJECTED, reason or "User rejected the request"))
            self._tell()

    def fail(self, error: Exception) -> None:
        """Ends with an error of ours, which is raised in the call that asked."""
        if not self._future.done():
            self._future.set_exception(error)
            self._tell()

    def withdraw(self) -> None:
        """The server no longer wants to know, or is gone."""
        if not self._future.done():
            self._withdrawn = True
            self._future.cancel()
            self._tell()

    @property
    def withdrawn(self) -> bool:
        """Whether it ended without anybody's answer."""
        return self._withdrawn

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self._future.done()

    def on_end(self, callback: Callable[["InputRequest"], object]) -> None:
        """Calls `callback` when it ends, however it does; at once if it has ended."""
        if self.done:
            callback(self)
        else:
            self._on_end.append(callback)

    def _tell(self) -> None:
        callbacks, self._on_end = self._on_end, []
        for callback in callbacks:
            callback(self)

    async def result(self) -> JsonObject:
        """Waits for the answer. Cancelling the wait withdraws the question.

        Raises McpError when it was refused, TransportClosed when it was withdrawn by somebody else.
        """
        try:
            return await asyncio.shield(self._future)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._withdrawn and (task is None or not task.cancelling()):
                raise TransportClosed("The question was withdrawn: the connection has ended.") from None
            self.withdraw()
            raise


Responder = Callable[[InputRequest], Awaitable[JsonObject | None]]
"""Answers one kind of question with a result; None leaves it to whoever watches."""


class InputBroker:
    """Where the questions of one client arrive."""

    def __init__(self, on_request: Callable[[InputRequest], object] | None = None) -> None:
        self._watchers: list[Callable[[InputRequest], object]] = [on_request] if on_request else []
        self._responders: dict[InputKind, Responder] = {}
        self._open: dict[str, InputRequest] = {}
        self._count = 0

    def on_request(self, callback: Callable[[InputRequest], object]) -> None:
        """Calls `callback` with each question that no responder takes, on the loop's thread."""
        self._watchers.append(callback)

    def respond(self, kind: InputKind, responder: Responder | None) -> None:
        """Lets `responder` answer one kind; None removes it."""
        if responder is None:
            self._responders.pop(kind, None)
        else:
            self._responders[kind] = responder

    def handles(self, kind: InputKind) -> bool:
        """Whether anybody could answer this kind; decides which capabilities the client declares."""
        return kind in self._responders or bool(self._watchers)

    @property
    def open(self) -> tuple[InputRequest, ...]:
        """The questions that wait for an answer, oldest first."""
        return tuple(self._open.values())

    def new_id(self) -> str:
        """An id for the next question."""
        self._count += 1
        return f"input-{self._count}"

    async def ask(self, request: InputRequest) -> JsonObject:
        """Puts one question and waits for its answer. Raises McpError when it is refused or nobody can answer."""
        self._open[request.id] = request
        request.on_end(lambda ended: self._open.pop(ended.id, None))
        responding = asyncio.get_running_loop().create_task(self._put(request))
        try:
            return await request.result()
        finally:
            responding.cancel()
            await asyncio.wait([responding])

    async def ask_all(self, requests: Sequence[InputRequest]) -> list[JsonObject]:
        """Puts several questions at once. The first refusal withdraws the others and is raised."""
        tasks = [asyncio.ensure_future(self.ask(request)) for request in requests]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def withdraw_all(self) -> None:
        """Ends every open question: the connection is gone."""
        for request in self.open:
            request.withdraw()

    async def _put(self, request: InputRequest) -> None:
        responder = self._responders.get(request.kind)
        if responder is not None:
            try:
                result = await responder(request)
            except McpError as error:
                request.fail(error)
                return
            except Exception as error:
                logger.exception("The %s handler failed", request.kind)
                request.fail(McpError(-32603, f"The client's {request.kind} handler failed: {type(error).__name__}"))
                return
            if result is not None:
                request.answer(result)
                return
        if not self._watchers:
            request.fail(McpError(METHOD_NOT_FOUND, f"This client does not support {request.kind}."))
            return
        for watcher in self._watchers:
            outcome: Any = watcher(request)
            if inspect.isawaitable(outcome):
                await outcome
