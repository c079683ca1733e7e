"""Questions in the stateless era: the call waits here while its `input_required` result travels to the user and back.

A question parks the running coroutine and ends the request with a sealed `requestState`; the retry wakes it up. If
the retry reaches another worker, or the process restarted, the call runs again from the start and is given the answers
so far in the order it asks for them: they travel, sealed, in the state.
"""

import asyncio
import contextlib
import hashlib
import logging
import secrets
import sys
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, cast

from pydantic_core import to_json

from wireglass.errors import INTERNAL_ERROR, INVALID_PARAMS, McpError, StateUnavailable
from wireglass.records import field, record
from wireglass.server.asking import can_be_asked
from wireglass.server.sealing import LIFETIME_SECONDS, Seal
from wireglass.server.single_use import Tickets
from wireglass.session.scope import RequestScope
from wireglass.tracing import Trace, current_trace

if TYPE_CHECKING:
    from wireglass.server.context import Context

__all__ = ["MAX_PARKED", "Parking", "read_responses"]

log = logging.getLogger("wireglass.server")

MAX_PARKED = 1000
"""Calls that wait at once; the oldest is ended for a new one, and its retry runs it again."""
_USED = "Invalid requestState: it was already used."
Work = Callable[[], Awaitable[dict[str, Any]]]


class _MovingScope:
    """The request in hand of a call that outlives requests."""

    def __init__(self, scope: RequestScope) -> None:
        self.current = scope

    def __getattr__(self, name: str) -> Any:
        return getattr(self.current, name)


@record(eq=False)
class _Question:
    method: str
    params: dict[str, Any]
    digest: str
    answer: asyncio.Future[dict[str, Any]]


@record(eq=False)
class _Call:
    """One call, over as many rounds as it takes."""

    id: str
    """Empty until it is parked: most calls never ask."""
    scope: _MovingScope
    answers: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    """Key to digest and answer, in the order they were asked."""
    open: dict[str, _Question] = field(default_factory=dict[str, _Question])
    round: int = 0
    asked: int = 0
    busy: bool = True
    """A request is waiting for it."""
    parked_at: float = 0.0
    task: "asyncio.Task[dict[str, Any]] | None" = None
    turn: "asyncio.Future[None] | None" = None
    trace: Trace | None = None

    async def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """One question. Raises McpError when a call that runs again asks something else than before."""
        self.asked += 1
        key, digest = f"q{self.asked}", _question_digest(method, params)
        if key in self.answers:
            before, answer = self.answers[key]
            if before != digest:
                raise McpError(
                    INVALID_PARAMS,
                    f"The call was begun again and its question {self.asked} differs from the one that was answered. "
                    "A function that asks must ask the same things in the same order when it runs again.",
                )
            return answer
        loop = asyncio.get_running_loop()
        question = _Question(method, params, digest, loop.create_future())
        self.open[key] = question
        # Questions that are asked together (`asyncio.gather`) travel in one round: let the others speak first.
        loop.call_soon(loop.call_soon, self.speak)
        return await question.answer

    def speak(self) -> None:
        """Lets the request that waits for this call look at it: it asked something, or it ended."""
        if self.turn is not None and not self.turn.done():
            self.turn.set_result(None)

    def take(self, responses: dict[str, Any]) -> None:
        """Hands out answers. Raises McpError for one that is no object."""
        for key, question in list(self.open.items()):
            if key not in responses:
                continue
            answer = responses[key]
            if not isinstance(answer, dict):
                raise McpError(INVALID_PARAMS, f"inputResponses[{key!r}] must be an object.")
            del self.open[key]
            self.answers[key] = [question.digest, answer]
            if not question.answer.done():
                question.answer.set_result(cast("dict[str, Any]", answer))


def _question_digest(method: str, params: dict[str, Any]) -> str:
    return hashlib.sha256(to_json([method, params])).hexdigest()[:16]


def _start(
    loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, dict[str, Any]]
) -> "asyncio.Task[dict[str, Any]]":
    """The call's own task, so that it can outlive the request. From Python 3.12 on it runs at once up to its first
    wait, and most calls end there, without a turn of the event loop."""
    if sys.version_info >= (3, 12) and loop.get_task_factory() is None:
        return asyncio.Task(work, loop=loop, eager_start=True)
    return loop.create_task(work)


class Parking:
    """The waiting calls of one server."""

    def __init__(self, seal: Seal | None = None, tickets: Callable[[], Tickets | None] = lambda: None) -> None:
        """`tickets` are those that all workers know; None where this is the only one."""
        self._given = seal
        self._find_tickets = tickets
        self._chores: set[asyncio.Task[None]] = set()
        self._waiting: OrderedDict[str, _Call] = OrderedDict()
        self._over: OrderedDict[str, None] = OrderedDict()
        """Calls that ended here: their states must not run them again."""

    @property
    def seal(self) -> Seal:
        """Made when it is first needed: cryptography is slow to import."""
        if self._given is None:
            self._given = Seal()
        return self._given

    async def run(self, context: "Context", work: Work) -> dict[str, Any]:
        """The result of a call, or of one round of it. Raises what `work` raises, and McpError for a bad state."""
        scope = context.require_scope()
        if not scope.stateless:
            return await work()
        payload, responses = self.read_round(context)
        if not payload and not can_be_asked(scope.client_capabilities):
            return await work()  # nothing can be asked, so it need not outlive its request in a task of its own
        return await self._round(context, payload, responses, work)

    def read_round(self, context: "Context") -> tuple[dict[str, Any], dict[str, Any]]:
        """What a request brings from the round before: the payload of a parked call and the answers, both empty for a
        call that begins. Of the guard style the context gets them. Raises McpError -32602 for a bad state."""
        scope = context.require_scope()
        state, responses = scope.params.get("requestState"), scope.params.get("inputResponses")
        if responses is not None and not isinstance(responses, dict):
            raise McpError(INVALID_PARAMS, "Invalid request parameters: `inputResponses` must be an object.")
        payload = self.seal.open(scope, state) if state is not None else {}
        if "explicit" in payload or state is None:
            context.input_responses = read_responses(cast("dict[str, Any] | None", responses))
            context.request_state = payload.get("explicit")
            payload = {}
        return payload, cast("dict[str, Any]", responses or {})

    async def _round(
        self, context: "Context", payload: dict[str, Any], responses: dict[str, Any], work: Work
    ) -> dict[str, Any]:
        for key in payload.get("open") or ():
            if not isinstance(responses.get(key, {}), dict):
                raise McpError(INVALID_PARAMS, f"inputResponses[{key!r}] must be an object.")
        tickets = self._tickets if payload else None
        self._refuse_used(payload)
        if tickets is not None and not await tickets.take(payload["call"], payload["round"]):
            raise McpError(INVALID_PARAMS, _USED)
        try:
            call = self._resume(payload, context.require_scope())
            if call is None:
                call = self._begin(context, payload, responses, work)
            else:
                call.take(responses)
            return await self._until_it_speaks(call)
        except asyncio.CancelledError:
            if tickets is not None:
                # The client lost this request before it had an answer: it may send it again.
                self._chores.add(chore := asyncio.get_running_loop().create_task(self._give_back(tickets, payload)))
                chore.add_done_callback(self._chores.discard)
            raise

    @property
    def _tickets(self) -> Tickets | None:
        return self._find_tickets() if self.seal.is_shared else None

    async def _give_back(self, tickets: Tickets, payload: dict[str, Any]) -> None:
        with contextlib.suppress(StateUnavailable):
            await tickets.issue(payload["call"], payload["round"])

    def _refuse_used(self, payload: dict[str, Any]) -> None:
        """Raises McpError for a state that this worker knows to be used up."""
        name = payload.get("call")
        call = self._waiting.get(name) if name is not None else None
        stale = call is not None and not call.busy and call.round < payload["round"]
        if name in self._over or (call is not None and not stale and (call.busy or call.round != payload["round"])):
            raise McpError(INVALID_PARAMS, _USED)

    def _resume(self, payload: dict[str, Any], scope: RequestScope) -> _Call | None:
        name = payload.get("call")
        if name is None:
            return None
        call = self._waiting.get(name)
        if call is not None and not call.busy and call.round < payload["round"]:
            # Its last rounds went to another worker, where it ran again: this copy will never be asked for.
            self._forget(call)
            if call.task is not None:
                call.task.cancel()
            return None
        self._refuse_used(payload)
        if call is None:
            return None
        self._waiting.move_to_end(name)
        call.scope.current = scope
        call.busy = True
        trace = current_trace()
        if trace is not None and call.trace is not None:
            trace.adopt(call.trace)
        return call

    def _begin(self, context: "Context", payload: dict[str, Any], responses: dict[str, Any], work: Work) -> _Call:
        scope = _MovingScope(context.require_scope())
        call = _Call(payload.get("call") or "", scope, round=payload.get("round", 0))
        call.answers = dict(payload.get("answers") or {})
        for key, digest in (payload.get("open") or {}).items():
            if isinstance(responses.get(key), dict):
                call.answers[key] = [digest, responses[key]]
        context.scope = cast("RequestScope", scope)
        context.asking = call.ask
        call.trace = current_trace()
        loop = asyncio.get_running_loop()
        call.turn = loop.create_future()

        async def run() -> dict[str, Any]:
            if call.trace is not None:
                call.trace.follow()
            try:
                return await work()
            finally:
                call.speak()

        call.task = _start(loop, run())
        return call

    async def _until_it_speaks(self, call: _Call) -> dict[str, Any]:
        task = cast("asyncio.Task[dict[str, Any]]", call.task)
        if call.turn is None or call.turn.done():
            call.turn = asyncio.get_running_loop().create_future()
        try:
            # With a question that the client left unanswered it is asked again at once.
            if not call.open and not task.done():
                await call.turn
        except asyncio.CancelledError:
            self._forget(call)
            task.cancel()
            raise
        if task.done():
            self._forget(call, over=call.round > 0)
            return task.result()
        return await self._park(call)

    async def _park(self, call: _Call) -> dict[str, Any]:
        call.id = call.id or secrets.token_urlsafe(12)
        call.round += 1
        if (tickets := self._tickets) is not None:
            try:
                await tickets.issue(call.id, call.round)
            except BaseException:
                self._forget(call)
                if call.task is not None:
                    call.task.cancel()
                raise
        call.busy = False
        call.parked_at = time.monotonic()
        self._waiting[call.id] = call
        self._waiting.move_to_end(call.id)
        self._make_room()
        payload = {
            "call": call.id,
            "round": call.round,
            "answers": call.answers,
            "open": {key: question.digest for key, question in call.open.items()},
        }
        return {
            "resultType": "input_required",
            "inputRequests": {k: {"method": q.method, "params": q.params} for k, q in call.open.items()},
            "requestState": self.seal.close(call.scope.current, payload),
        }

    def _make_room(self) -> None:
        now = time.monotonic()
        for call in list(self._waiting.values()):
            if call.busy:
                continue
            if len(self._waiting) <= MAX_PARKED and now - call.parked_at < LIFETIME_SECONDS:
                break
            self._forget(call)
            if call.task is not None:
                call.task.cancel()

    def _forget(self, call: _Call, *, over: bool = False) -> None:
        self._waiting.pop(call.id, None)
        if over:
            self._over[call.id] = None
            while len(self._over) > 10 * MAX_PARKED:
                self._over.popitem(last=False)

    async def aclose(self) -> None:
        """Ends every waiting call: the server stops."""
        tasks = [call.task for call in self._waiting.values() if call.task is not None]
        self._waiting.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def explicit_round(self, context: "Context", request: Any, what: str) -> dict[str, Any]:
        """The result for a function that returned an `InputRequiredResult` itself (the guard style).

        Raises McpError in the handshake era, and -32021 when the client can answer none of it.
        """
        scope = context.require_scope()
        if not scope.stateless:
            raise McpError(
                INTERNAL_ERROR,
                f"{what} returned an InputRequiredResult to request client input, but the connection speaks "
                f"{scope.version}, which has no such result. It needs 2026-07-28; ctx.elicit() works in every version.",
            )
        plain = (
            request if isinstance(request, dict) else request.model_dump(mode="json", by_alias=True, exclude_none=True)
        )
        requests = _answerable(scope, cast("dict[str, Any]", plain.get("inputRequests") or {}))
        result: dict[str, Any] = {"resultType": "input_required"}
        if requests:
            result["inputRequests"] = requests
        state = plain.get("requestState")
        if state is not None:
            scope_now = scope.current if isinstance(scope, _MovingScope) else scope
            result["requestState"] = self.seal.close(scope_now, {"explicit": state})
        return result


def _answerable(scope: RequestScope, requests: dict[str, Any]) -> dict[str, Any]:
    """Those that the client declared it can answer. Raises McpError -32021 when that leaves none."""
    from wireglass.errors import MISSING_CLIENT_CAPABILITY
    from wireglass.protocol.questions import declares, required_capability

    kept: dict[str, Any] = {}
    missing: dict[str, Any] = {}
    for key, request in requests.items():
        params = request.get("params") or {}
        if declares(scope.client_capabilities, request["method"], params):
            kept[key] = {"method": request["method"], "params": params}
        else:
            missing |= required_capability(request["method"], params)
    if requests and not kept:
        text = f"The client does not support {', '.join(missing)}, which this call needs."
        raise McpError(MISSING_CLIENT_CAPABILITY, text, {"requiredCapabilities": missing})
    return kept


def read_responses(responses: dict[str, Any] | None) -> dict[str, Any] | None:
    """The client's answers as models, told apart by their members."""
    if responses is None:
        return None
    from wireglass.protocol.inputs import CreateMessageResult, ElicitResult
    from wireglass.protocol.model import WireModel

    read: dict[str, Any] = {}
    for key, answer in responses.items():
        members = cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}
        kind = ElicitResult if "action" in members else CreateMessageResult if "role" in members else WireModel
        try:
            read[key] = kind.model_validate(answer)
        except ValueError as error:
            raise McpError(INVALID_PARAMS, f"inputResponses[{key!r}] is malformed.") from error
    return read
