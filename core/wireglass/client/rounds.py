"""Multi round-trip requests: a result that says `input_required`, the questions, and the retry (2026-07-28, MRTR)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from wireglass.client.inputs import KINDS, InputBroker, InputRequest
from wireglass.errors import ProtocolError
from wireglass.protocol.messages import JsonObject, RequestId, as_object

__all__ = ["Send", "called", "finish_rounds", "questions"]

Send = Callable[[JsonObject], Awaitable[JsonObject]]
"""Sends the request with these params as a new request and returns its result."""

DEFAULT_ROUNDS: Final = 10
_BACK_OFF_SECONDS: Final = (0.0, 0.05, 0.2, 0.5, 1.0)


async def finish_rounds(
    result: JsonObject,
    params: JsonObject,
    send: Send,
    broker: InputBroker,
    *,
    server: str = "",
    rounds: int = DEFAULT_ROUNDS,
    origin: Callable[[], RequestId | None] = lambda: None,
) -> JsonObject:
    """Answers the questions in `result` and retries `params` until the result is complete.

    Raises ProtocolError after `rounds` retries or for a result that asks for nothing, and McpError when an answer
    other than an elicitation's was refused: then the call is simply not retried.
    """
    for number in range(1, rounds + 1):
        if result.get("resultType") != "input_required":
            return result
        retry = {name: value for name, value in params.items() if name not in ("inputResponses", "requestState")}
        asked, state = as_object(result.get("inputRequests")), result.get("requestState")
        if not asked and state is None:
            raise ProtocolError("The server requires input but names neither a question nor a state.")
        if asked:
            requests = questions(
                asked, broker, server=server, round=number, rounds=rounds, origin=origin(), call=params
            )
            answers = await broker.ask_all(list(requests.values()))
            retry["inputResponses"] = dict(zip(requests, answers, strict=True))
        else:
            await asyncio.sleep(_BACK_OFF_SECONDS[min(number, len(_BACK_OFF_SECONDS)) - 1])
        if state is not None:
            retry["requestState"] = state
        result = await send(retry)
    if result.get("resultType") != "input_required":
        return result
    raise ProtocolError(
        f"The server still requires input after {rounds} rounds.",
        next_step="Raise input_required_max_rounds if that many questions are expected.",
    )


def questions(
    asked: JsonObject,
    broker: InputBroker,
    *,
    server: str,
    round: int,
    origin: RequestId | None,
    rounds: int = 0,
    call: JsonObject | None = None,
) -> dict[str, InputRequest]:
    """`call` are the params of the request that is answered with questions.

    The members of `inputRequests` as questions, by their keys. Raises ProtocolError for one we cannot read."""
    group = broker.new_id()
    made: dict[str, InputRequest] = {}
    for key, value in asked.items():
        kind = KINDS.get(str(as_object(value).get("method")))
        if kind is None:
            raise ProtocolError(f"The server asks for {as_object(value).get('method')!r}, which no client can answer.")
        params: dict[str, Any] = as_object(as_object(value).get("params"))
        made[key] = InputRequest(
            broker.new_id(),
            kind,
            params,
            server=server,
            round=round,
            rounds=rounds,
            group=group,
            group_size=len(asked),
            origin_request_id=origin,
            **called(call),
        )
    return made


def called(call: JsonObject | None) -> dict[str, Any]:
    """What `InputRequest` tells of the call behind it: its tool, prompt or URI, and its arguments."""
    facts = call or {}
    return {"tool": str(facts.get("name", facts.get("uri", ""))), "arguments": as_object(facts.get("arguments"))}
