"""What a tool says about itself besides its schemas (server/tools, 2025-03-26 and later)."""

from typing import Literal

from wireglass.protocol.model import WireModel

__all__ = ["ToolAnnotations", "ToolExecution"]


class ToolAnnotations(WireModel):
    """Untrusted hints about what a tool does (2025-03-26)."""

    title: str | None = None
    read_only_hint: bool | None = None
    destructive_hint: bool | None = None
    idempotent_hint: bool | None = None
    open_world_hint: bool | None = None


class ToolExecution(WireModel):
    """Whether a tool may run as a task (2025-11-25 only)."""

    task_support: Literal["forbidden", "optional", "required"] | None = None
