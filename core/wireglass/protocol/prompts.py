"""Prompts as they appear in `prompts/list`, and messages (server/prompts, every revision)."""

from typing import Any, Literal

from pydantic import Field, field_validator

from wireglass.protocol.content import WireIcon, parse_block
from wireglass.protocol.model import WireModel

__all__ = ["Prompt", "PromptArgument", "PromptMessage"]


class PromptArgument(WireModel):
    """One argument; its values are strings."""

    name: str
    title: str | None = None
    description: str | None = None
    required: bool | None = None


class Prompt(WireModel):
    """One prompt."""

    name: str
    title: str | None = None
    description: str | None = None
    arguments: list[PromptArgument] | None = None
    icons: list[WireIcon] | None = None
    meta: dict[str, Any] | None = Field(default=None, alias="_meta")


class PromptMessage(WireModel):
    """One message of a prompt: a role and one content block."""

    role: Literal["user", "assistant"]
    content: Any

    @field_validator("content", mode="before")
    @classmethod
    def _as_block(cls, value: Any) -> Any:
        return parse_block(value) if isinstance(value, dict) else value
