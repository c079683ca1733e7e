"""What a server asks of the client's side: elicitation, sampling, roots (client features of every revision)."""

from typing import Any, Literal

from pydantic import Field, field_validator

from wireglass.protocol.content import parse_block
from wireglass.protocol.messages import is_object
from wireglass.protocol.model import WireModel

__all__ = [
    "CreateMessageRequest",
    "CreateMessageRequestParams",
    "CreateMessageResult",
    "ElicitRequest",
    "ElicitRequestParams",
    "ElicitResult",
    "InputRequiredResult",
    "ListRootsRequest",
    "ListRootsResult",
    "ModelHint",
    "ModelPreferences",
    "Root",
    "SamplingMessage",
]

Meta = dict[str, Any]


class ElicitRequestParams(WireModel):
    """A question to the user: a form (`mode` absent or "form") or a page to visit ("url", 2025-11-25)."""

    mode: Literal["form", "url"] = "form"
    message: str = ""
    requested_schema: dict[str, Any] | None = None
    url: str | None = None
    elicitation_id: str | None = None
    meta: Meta | None = Field(default=None, alias="_meta")


class ElicitResult(WireModel):
    """The user's answer. `content` only with `accept` of a form."""

    action: Literal["accept", "decline", "cancel"]
    content: dict[str, Any] | None = None
    meta: Meta | None = Field(default=None, alias="_meta")


class _HasContent(WireModel):
    content: Any

    @field_validator("content", mode="before")
    @classmethod
    def _as_blocks(cls, value: Any) -> Any:
        if isinstance(value, list):
            return [parse_block(item) if is_object(item) else item for item in value]
        return parse_block(value) if is_object(value) else value


class SamplingMessage(_HasContent):
    """One message of a conversation: `content` is a block, or a list of them (2025-11-25)."""

    role: Literal["user", "assistant"]
    meta: Meta | None = Field(default=None, alias="_meta")


class ModelHint(WireModel):
    """Part of a model's name."""

    name: str | None = None


class ModelPreferences(WireModel):
    """What matters in the choice of a model, each from 0 to 1."""

    hints: list[ModelHint] | None = None
    cost_priority: float | None = None
    speed_priority: float | None = None
    intelligence_priority: float | None = None


class CreateMessageRequestParams(WireModel):
    """A request to sample from the client's model."""

    messages: list[SamplingMessage] = Field(default_factory=list[SamplingMessage])
    max_tokens: int = 0
    model_preferences: ModelPreferences | None = None
    system_prompt: str | None = None
    include_context: str | None = None
    temperature: float | None = None
    stop_sequences: list[str] | None = None
    metadata: dict[str, Any] | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: dict[str, Any] | None = None
    meta: Meta | None = Field(default=None, alias="_meta")


class CreateMessageResult(_HasContent):
    """What the model said."""

    role: Literal["user", "assistant"] = "assistant"
    model: str = "unknown"
    stop_reason: str | None = None
    meta: Meta | None = Field(default=None, alias="_meta")


class Root(WireModel):
    """A folder or file that the client lets the server work in."""

    uri: str
    name: str | None = None
    meta: Meta | None = Field(default=None, alias="_meta")


class ListRootsResult(WireModel):
    """The client's answer to `roots/list`."""

    roots: list[Root] = Field(default_factory=list[Root])
    meta: Meta | None = Field(default=None, alias="_meta")


class ElicitRequest(WireModel):
    """A question, as a member of `inputRequests` (2026-07-28) or as a request."""

    method: Literal["elicitation/create"] = "elicitation/create"
    params: ElicitRequestParams


class CreateMessageRequest(WireModel):
    """A request to sample, as a member of `inputRequests` or as a request."""

    method: Literal["sampling/createMessage"] = "sampling/createMessage"
    params: CreateMessageRequestParams


class ListRootsRequest(WireModel):
    """A request for the roots, as a member of `inputRequests` or as a request."""

    method: Literal["roots/list"] = "roots/list"
    params: dict[str, Any] | None = None


class InputRequiredResult(WireModel):
    """A result that asks the client for input and to come again with the answers (MRTR, 2026-07-28).

    A tool, resource or prompt may return it: the answers are `ctx.input_responses` of the next round, under the same
    keys, and `request_state` comes back as `ctx.request_state`.
    """

    result_type: Literal["input_required"] = "input_required"
    input_requests: dict[str, Any] | None = None
    request_state: str | None = None
    meta: Meta | None = Field(default=None, alias="_meta")
