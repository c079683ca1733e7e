"""What happens in a session beside the frames: lines of stderr, starts and reloads, HTTP exchanges, sign-ins. Pure."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from wireglass.protocol.messages import JsonObject

__all__ = ["EVENT_KINDS", "EventKind", "SessionEvent"]

EventKind = Literal["stderr", "start", "reload", "end", "http", "sign-in", "question"]
"""`start` and `reload` last from the launch to the answer that made the connection usable; `question` tells who
answered a question of the server."""
EVENT_KINDS: frozenset[str] = frozenset(get_args(EventKind))


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """Times are nanoseconds on the frames' clock."""

    connection: str
    kind: EventKind
    at_ns: int
    until_ns: int | None = None
    """When it ended; None for a moment."""
    text: str = ""
    facts: JsonObject = field(default_factory=dict)
