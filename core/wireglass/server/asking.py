"""Questions from the server to the client, whichever era: capability check, then the request or the input round."""

from typing import TYPE_CHECKING, Any

from wireglass.errors import METHOD_NOT_FOUND, MISSING_CLIENT_CAPABILITY, McpError
from wireglass.protocol.messages import SpanKind, as_object, is_object
from wireglass.protocol.questions import declares, fit_answer, fit_question, required_capability
from wireglass.protocol.versions import LATEST_HANDSHAKE
from wireglass.tracing import span

if TYPE_CHECKING:
    from wireglass.server.context import Context
    from wireglass.session.scope import RequestScope

__all__ = ["ask_client", "can_be_asked"]

TASK_TTL_MS = 60 * 60 * 1000
"""How long a client is asked to keep a question that it has taken as a task: people take their time."""


def can_be_asked(declared: dict[str, Any]) -> bool:
    """Whether a client that declared this answers any question at all."""
    return "elicitation" in declared or "sampling" in declared or "roots" in declared


_NAMES = {
    "elicitation/create": "elicitation",
    "sampling/createMessage": "sampling",
    "roots/list": "roots",
}


_WAITS_FOR: dict[str, SpanKind] = {"elicitation/create": "human", "sampling/createMessage": "model"}


async def ask_client(context: "Context", method: str, params: dict[str, Any], *, task: bool = False) -> dict[str, Any]:
    """Asks and waits. With `task`, clients of 2025-11-25 that take such questions as tasks get it as one, and are asked
    for the answer. Raises McpError -32021 (stateless) or -32601 when the client did not declare that it can answer,
    and what the transport raises."""
    scope = context.require_scope()
    if not declares(scope.client_capabilities, method, params):
        wanted = required_capability(method, params)
        what = f"{_NAMES.get(method, method).capitalize()} not supported: the client did not declare it."
        if scope.stateless:
            raise McpError(MISSING_CLIENT_CAPABILITY, what, {"requiredCapabilities": wanted})
        raise McpError(METHOD_NOT_FOUND, what, {"requiredCapabilities": wanted})
    asked, params = params, fit_question(method, params, scope.version)
    with span(_NAMES.get(method, method), _WAITS_FOR.get(method, "server")):
        if not scope.stateless:
            if task and _takes_tasks(scope, method):
                return await _ask_by_task(scope, method, params)
            return fit_answer(method, asked, await scope.request(method, params), scope.version)
        if context.asking is None:
            raise McpError(METHOD_NOT_FOUND, f"{scope.method} cannot ask for input; tools, resources and prompts can.")
        return await context.asking(method, params)


def _takes_tasks(scope: "RequestScope", method: str) -> bool:
    """Whether the client declared that it answers this method with a task when asked to (2025-11-25 only)."""
    requests = as_object(as_object(scope.client_capabilities.get("tasks")).get("requests"))
    family, _, verb = method.partition("/")
    return scope.version == LATEST_HANDSHAKE and is_object(as_object(requests.get(family)).get(verb))


async def _ask_by_task(scope: "RequestScope", method: str, params: dict[str, Any]) -> dict[str, Any]:
    """The answer of a client that answers with a task first. Cancelling the wait cancels the task."""
    from wireglass.client.tasks import finish_handshake_task

    reply = await scope.request(method, {**params, "task": {"ttl": TASK_TTL_MS}})
    made = as_object(reply.get("task"))
    if not isinstance(made.get("taskId"), str):
        return reply  # it answered at once
    return await finish_handshake_task(made, scope.request)
