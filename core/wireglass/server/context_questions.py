"""What a function may ask of the client: the user, the client's model, its roots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from wireglass.errors import ElicitationCancelled, ElicitationDeclined
from wireglass.server.context_state import StateAccess
from wireglass.settings import dialect

if TYPE_CHECKING:
    from wireglass.server.context import Context
    from wireglass.server.elicitation import ElicitationResult

__all__ = ["Questions"]

_UNSAID: Any = object()


class Questions(StateAccess):
    """The part of a context that asks."""

    async def ask(self, method: str, params: dict[str, Any], *, task: bool = False) -> dict[str, Any]:
        """One question to the client: a request in the handshake era, an input round in the stateless one.

        `task` makes it a task where both sides can (2025-11-25): the question then outlives a broken connection.
        Raises McpError when the client did not declare that it can answer.
        """
        from wireglass.server.asking import ask_client

        await self.flush_state()  # the answer may take long, and come back to another worker
        return await ask_client(cast("Context", self), method, params, task=task)

    async def elicit(
        self,
        message: str,
        response_type: Any = _UNSAID,
        *,
        schema: Any = None,
        response_title: str | None = None,
        response_description: str | None = None,
    ) -> ElicitationResult[Any]:
        """Asks the user and waits for the answer, in every protocol version.

        `response_type` is None (yes or no), str, int, float, bool, a Literal, enum, list of choices, dataclass,
        TypedDict or flat pydantic model. Returns Accepted-, Declined- or CancelledElicitation. Raises TypeError for a
        type that a form cannot show, McpError when the client cannot ask, ToolError when the answer does not fit.
        """
        from wireglass.server.elicitation import plan_question

        if response_type is _UNSAID:
            if schema is None and dialect() == "4":
                raise TypeError("elicit() needs a response_type; pass response_type=None to ask without fields.")
            response_type = None
        chosen = schema if schema is not None else response_type
        question = plan_question(chosen, title=response_title, description=response_description)
        answer = await self.ask("elicitation/create", {"message": message, "requestedSchema": question.schema})
        return question.outcome(answer)

    async def request_elicitation(self, prompt: str, response_type: Any = None, **options: Any) -> Any:
        """As `elicit`, but returns the answer itself. Raises ElicitationDeclined or ElicitationCancelled."""
        from wireglass.server.elicitation import AcceptedElicitation, CancelledElicitation

        outcome = await self.elicit(prompt, response_type, **options)
        if isinstance(outcome, AcceptedElicitation):
            return outcome.data
        if isinstance(outcome, CancelledElicitation):
            raise ElicitationCancelled("The user dismissed the question.")
        raise ElicitationDeclined("The user declined to answer.")

    async def sample(self, messages: Any, **options: Any) -> Any:
        """Samples the client's model; returns a `SamplingResult` (see `sampling.sample`)."""
        from wireglass.server import sampling

        return await sampling.sample(cast("Context", self), messages, **options)

    async def sample_step(self, messages: Any, **options: Any) -> Any:
        """One turn of the client's model. See `sampling.sample_step`."""
        from wireglass.server import sampling

        return await sampling.sample_step(cast("Context", self), messages, **options)

    async def request_sampling(self, messages: Any, **options: Any) -> Any:
        """Samples the client's model; returns a dict whose `content` is the text. See `sampling.request_sampling`."""
        from wireglass.server import sampling

        return await sampling.request_sampling(cast("Context", self), messages, **options)

    async def list_roots(self) -> list[Any]:
        """The folders and files the client lets the server work in. Raises McpError when it offers none."""
        from wireglass.protocol.inputs import ListRootsResult

        return list(ListRootsResult.model_validate(await self.ask("roots/list", {})).roots)
