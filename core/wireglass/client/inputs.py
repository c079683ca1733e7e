"""What a server wants from the people on the client's side: one broker for both eras.

A request of the handshake era (`elicitation/create`, `sampling/createMessage`, `roots/list`) and a member of
`inputRequests` of the stateless era both become an `InputRequest`. A rule answers it, else a responder (code), else
whoever watches (a window). If nobody can, it is refused.
"""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Literal

from wireglass.errors import METHOD_NOT_FOUND, USER_REJECTED, McpError, TransportClosed
from wireglass.protocol.messages import JsonObject, RequestId

if TYPE_CHECKING:
    from wireglass.client.answering import RuleAnswers

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
        group_size: int = 1,
        rounds: int = 0,
        origin_request_id: RequestId | None = None,
        tool: str = "",
        arguments: JsonObject | None = None,
        page_first: bool = False,
        in_flight: Sequence[RequestId] = (),
    ) -> None:
        self.asked_ns = perf_counter_ns()
        """When it came, on the clock of the frames: whoever shows it may come to that a little later."""
        self.id = id
        self.kind: InputKind = kind
        self.params = params
        self.server = server
        """The name of the server that asks, to show."""
        self.round = round
        """Counts the rounds of one call, from 1."""
        self.rounds = rounds
        """How many rounds we go along with; 0 when the era knows no rounds."""
        self.group = group or id
        """Questions of one group arrived together and are answered together."""
        self.group_size = group_size
        self.origin_request_id = origin_request_id
        """Our request that the question belongs to, where that is known."""
        self.in_flight = tuple(in_flight)
        """Our requests that it may belong to, oldest first, where the handshake eras do not say which one."""
        self.tool = tool
        """The tool, prompt or URI of that request, or empty."""
        self.arguments: JsonObject = arguments or {}
        """The arguments of that request."""
        self.page_first = page_first
        """The server refused a call until a page is visited (-32042): no answer is sent, the call is repeated."""
        self.visited = False
        """The page is done, the user says: the call is repeated without waiting for the server to report it."""
        self.rule = ""
        """The rule that is about to answer; empty when it is for people."""
        self.rule_problem = ""
        """Why a rule that fits could not answer, a sentence."""
        self.by = ""
        """Who answered: "you", "code", or "rule NAME"."""
        self._future: asyncio.Future[JsonObject] = asyncio.get_running_loop().create_future()
        self._withdrawn = False
        self._on_end: list[Callable[[InputRequest], object]] = []
        self._on_people: list[Callable[[], object]] = []

    def answer(self, result: JsonObject, *, by: str = "you") -> bool:
        """Answers with a protocol result (`ElicitResult`, `CreateMessageResult`, ...). False when it had ended."""
        if self._future.done():
            return False
        self.by = by
        self._future.set_result(result)
        self._tell()
        return True

    def refuse(self, reason: str = "", *, action: Literal["decline", "cancel"] = "decline", by: str = "you") -> bool:
        """Says no: an elicitation is declined or cancelled, anything else becomes the error -1 "User rejected"."""
        if self.kind == "elicitation":
            return self.answer({"action": action}, by=by)
        if self._future.done():
            return False
        self.by = by
        self._future.set_exception(McpError(USER_REJECTED, reason or "User rejected the request"))
        self._tell()
        return True

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

    @property
    def outcome(self) -> JsonObject | None:
        """The answer, or None while it waits and when it ended without one."""
        over = self._future.done() and not self._future.cancelled() and self._future.exception() is None
        return self._future.result() if over else None

    def on_people(self, callback: Callable[[], object]) -> None:
        """Calls `callback` when the question is given to people, who take their time."""
        self._on_people.append(callback)

    def to_people(self) -> None:
        """From here on people answer it; any rule has stepped back."""
        self.rule = ""
        for callback in self._on_people:
            callback()

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
        self._automatic: list[Callable[[InputRequest], object]] = []
        self._responders: dict[InputKind, Responder] = {}
        self.rules: RuleAnswers | None = None
        """Answers before anybody else does."""
        self._open: dict[str, InputRequest] = {}
        self._count = 0

    def on_request(self, callback: Callable[[InputRequest], object]) -> None:
        """Calls `callback` with each question that no responder takes, on the loop's thread."""
        self._watchers.append(callback)

    def on_automatic(self, callback: Callable[[InputRequest], object]) -> None:
        """Calls `callback` with each question that a rule is about to answer (its `rule` says which)."""
        self._automatic.append(callback)

    def respond(self, kind: InputKind, responder: Responder | None) -> None:
        """Lets `responder` answer one kind; None removes it."""
        if responder is None:
            self._responders.pop(kind, None)
        else:
            self._responders[kind] = responder

    def handles(self, kind: InputKind) -> bool:
        """Whether anybody could answer this kind; decides which capabilities the client declares."""
        return kind in self._responders or bool(self._watchers) or (self.rules is not None and self.rules.covers(kind))

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
        if await self._put_to_rules(request) or await self._put_to_code(request):
            return
        if not self._watchers:
            self._nobody(request)
            return
        request.to_people()
        for watcher in self._watchers:
            outcome: Any = watcher(request)
            if inspect.isawaitable(outcome):
                await outcome

    async def _put_to_rules(self, request: InputRequest) -> bool:
        rule = self.rules.rule_for(request) if self.rules is not None else None
        if self.rules is None or rule is None:
            return False
        request.rule = rule.name
        for callback in self._automatic:
            callback(request)
        return await self.rules.answer(rule, request)

    async def _put_to_code(self, request: InputRequest) -> bool:
        responder = self._responders.get(request.kind)
        if responder is None:
            return False
        try:
            result = await responder(request)
        except McpError as error:
            request.fail(error)
            return True
        except Exception as error:
            logger.exception("The %s handler failed", request.kind)
            request.fail(McpError(-32603, f"The client's {request.kind} handler failed: {type(error).__name__}"))
            return True
        if result is not None:
            request.answer(result, by="code")
        return result is not None

    def _nobody(self, request: InputRequest) -> None:
        """Rules that do not fit leave an elicitation without a choice ("cancel"), and refuse the rest."""
        if self.rules is None:
            request.fail(McpError(METHOD_NOT_FOUND, f"This client does not support {request.kind}."))
        else:
            reason = request.rule_problem or "No rule answers this, and nobody is there to ask."
            request.refuse(reason, action="cancel", by="nobody")
