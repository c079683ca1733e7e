"""Results that carry lists or contents, for code that handles them whole: middleware, raw handlers, caches."""

from typing import Any

from pydantic import Field

from wireglass.protocol.content import BlobResourceContents, TextResourceContents
from wireglass.protocol.model import WireModel
from wireglass.protocol.prompts import Prompt
from wireglass.protocol.resources import Resource, ResourceTemplate
from wireglass.protocol.tools import Tool

__all__ = [
    "CreateMessageRequest",
    "ElicitRequest",
    "EmptyResult",
    "InputRequiredResult",
    "ListPromptsResult",
    "ListResourceTemplatesResult",
    "ListResourcesResult",
    "ListRootsRequest",
    "ListToolsResult",
    "ReadResourceResult",
]


class EmptyResult(WireModel):
    """Nothing but `_meta`."""

    meta: dict[str, Any] | None = Field(default=None, alias="_meta")


class _Page(EmptyResult):
    next_cursor: str | None = None
    ttl_ms: int | None = None
    cache_scope: str | None = None


class ListToolsResult(_Page):
    """One page of `tools/list`."""

    tools: list[Tool] = Field(default_factory=list[Tool])


class ListResourcesResult(_Page):
    """One page of `resources/list`."""

    resources: list[Resource] = Field(default_factory=list[Resource])


class ListResourceTemplatesResult(_Page):
    """One page of `resources/templates/list`."""

    resource_templates: list[ResourceTemplate] = Field(default_factory=list[ResourceTemplate])


class ListPromptsResult(_Page):
    """One page of `prompts/list`."""

    prompts: list[Prompt] = Field(default_factory=list[Prompt])


class ReadResourceResult(_Page):
    """The answer to `resources/read`."""

    contents: list[TextResourceContents | BlobResourceContents] = Field(
        default_factory=list[TextResourceContents | BlobResourceContents]
    )


class ElicitRequest(WireModel):
    """A question to the user inside an `InputRequiredResult`."""

    method: str = "elicitation/create"
    params: Any = None


class CreateMessageRequest(WireModel):
    """A request for a model's answer inside an `InputRequiredResult`."""

    method: str = "sampling/createMessage"
    params: Any = None


class ListRootsRequest(WireModel):
    """A request for the client's roots inside an `InputRequiredResult`."""

    method: str = "roots/list"
    params: Any = None


class InputRequiredResult(EmptyResult):
    """A round of a multi-round request (2026-07-28): what the client must answer before it asks again."""

    result_type: str = "input_required"
    input_requests: dict[str, Any] | None = None
    request_state: str | None = None
