"""Suggestions while an argument is typed: `completion/complete` (server/utilities/completion)."""

from typing import Any, Literal

from pydantic import Field

from wireglass.protocol.model import WireModel

__all__ = [
    "CompleteResult",
    "Completion",
    "CompletionArgument",
    "CompletionContext",
    "PromptReference",
    "ResourceTemplateReference",
    "read_reference",
]


class PromptReference(WireModel):
    """The prompt whose argument is typed."""

    type: Literal["ref/prompt"] = "ref/prompt"
    name: str
    title: str | None = None


class ResourceTemplateReference(WireModel):
    """The template whose variable is typed; `uri` is the template as it is listed."""

    type: Literal["ref/resource"] = "ref/resource"
    uri: str


class CompletionArgument(WireModel):
    """What is typed: the argument's name and its value so far."""

    name: str
    value: str


class CompletionContext(WireModel):
    """The arguments that are settled already (2025-06-18)."""

    arguments: dict[str, str] | None = None


class Completion(WireModel):
    """The suggestions: at most 100, best first."""

    values: list[str] = Field(default_factory=list[str])
    total: int | None = None
    has_more: bool | None = None


class CompleteResult(WireModel):
    """The answer to `completion/complete`."""

    completion: Completion
    meta: dict[str, Any] | None = Field(default=None, alias="_meta")


def read_reference(data: dict[str, Any]) -> PromptReference | ResourceTemplateReference:
    """The reference of a JSON object. Raises pydantic.ValidationError."""
    return PromptReference.read(data) if data.get("type") == "ref/prompt" else ResourceTemplateReference.read(data)
