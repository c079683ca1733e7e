"""What a program in front of a person may want otherwise when a connection is opened."""

from dataclasses import dataclass

from wireglass.protocol.versions import HANDSHAKE_VERSIONS

__all__ = ["OpeningRules", "nearest_handshake"]


@dataclass(frozen=True, slots=True)
class OpeningRules:
    """The defaults are for programs that nobody watches."""

    probe_seconds: float | None = None
    """How long `server/discover` may stay unanswered before `initialize` is tried; None leaves it at ten seconds."""
    older_sse: bool = True
    """Whether HTTP+SSE of 2024-11-05 is spoken where Streamable HTTP is refused; else OlderTransport is raised."""
    any_version: bool = False
    """Whether a handshake goes on at a version that we do not know, spoken as the nearest one that we do."""


def nearest_handshake(version: str) -> str:
    """The version of the handshake eras that a version which we do not know is spoken as. Revisions are dates."""
    return next((known for known in HANDSHAKE_VERSIONS if version <= known), HANDSHAKE_VERSIONS[-1])
