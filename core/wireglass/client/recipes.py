"""What every way to a server is: a recipe, which makes a fresh transport for each connection."""

from collections.abc import Callable, Hashable
from typing import Any

from wireglass.wire.base import Tap, Transport

__all__ = ["ClientTransport", "OnStderr"]

OnStderr = Callable[[str], object]
"""Gets each line that a child writes to stderr, without its end."""


class ClientTransport:
    """A recipe for connections to one server."""

    label: str = ""
    """For people: a URL, a command line, a server's name."""
    legacy_only: bool = False
    """Whether it can only carry the handshake era: automatic mode does not probe then."""

    @property
    def era_key(self) -> Hashable | None:
        """Under what the era of the server is remembered; None: not at all."""
        return None

    def set_auth(self, auth: Any) -> None:
        """How requests are authorized. Raises ValueError where that has no meaning."""
        if not hasattr(self, "auth"):
            raise ValueError(f"{type(self).__name__} does not support auth: only HTTP requests carry it.")
        self.auth = auth

    def make(self, *, tap: Tap | None = None, on_stderr: OnStderr | None = None, sse: bool = False) -> Transport:
        """A transport that is not yet started. `sse` asks an HTTP recipe for HTTP+SSE of 2024-11-05."""
        raise NotImplementedError
