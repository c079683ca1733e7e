"""What the negotiated era gives a session beyond its calls: the log level, pings, the listen stream. No widget.

The listen stream is read from the frames, so that a recording tells of it too.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from wireglass.protocol.messages import RequestId
from wireglass.recording.entries import Entry

__all__ = ["LEVELS", "ListenStream", "Ping"]

LEVELS = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")
"""Of the specification, the lowest first."""
_LISTS = (
    ("toolsListChanged", "changed tools"),
    ("promptsListChanged", "changed prompts"),
    ("resourcesListChanged", "changed resources"),
)


@dataclass(frozen=True, slots=True)
class Ping:
    """How long the server took to answer, on the runtime thread's clock."""

    at: float
    """Seconds since the epoch."""
    milliseconds: float


@dataclass(slots=True)
class ListenStream:
    """`subscriptions/listen` of 2026-07-28: one at a time, opened again when its filters change."""

    id: RequestId | None = None
    wanted: dict[str, Any] = field(default_factory=dict[str, Any])
    """The filters that were asked for."""
    accepted: dict[str, Any] | None = None
    """Those that the server agreed to; None until it has."""
    opened_at: float = 0.0
    """Seconds since the epoch."""
    times: int = 0
    """How often one was opened."""
    ended: str = ""
    """Why nothing is listened to any more; empty while the stream is open, and before there was one."""

    @property
    def open(self) -> bool:
        return self.times > 0 and not self.ended

    def take(self, entry: Entry, wall_ns: Callable[[int], int]) -> bool:
        """Whether the frame told something of the stream. `wall_ns` gives the time of day of a frame."""
        if entry.method == "subscriptions/listen":
            return self._opened(entry, wall_ns) if entry.kind == "request" else self._answered(entry)
        if entry.method == "notifications/subscriptions/acknowledged":
            return self._acknowledged(entry)
        if entry.method != "notifications/cancelled" or not self.open or _params(entry).get("requestId") != self.id:
            return False
        self.ended = "ended by the server" if entry.sender == "server" else "closed by Wireglass"
        return True

    def _opened(self, entry: Entry, wall_ns: Callable[[int], int]) -> bool:
        filters = _params(entry).get("notifications")
        self.id, self.ended, self.accepted = entry.id, "", None
        self.wanted = filters if isinstance(filters, dict) else {}
        self.opened_at = wall_ns(entry.at_ns) / 1e9
        self.times += 1
        return True

    def _answered(self, entry: Entry) -> bool:
        if entry.id != self.id:
            return False  # of an older stream, which the newer one has replaced
        self.ended = "refused by the server" if entry.kind == "error" else "ended by the server"
        return True

    def _acknowledged(self, entry: Entry) -> bool:
        filters = _params(entry).get("notifications")
        if self.open:
            self.accepted = filters if isinstance(filters, dict) else {}
        return self.open

    def filters(self) -> list[tuple[str, bool | None]]:
        """What is listened to, in words, and whether the server agreed; None while it has not said."""
        agreed = self.accepted
        found: list[tuple[str, bool | None]] = [
            (words, None if agreed is None else agreed.get(key) is True)
            for key, words in _LISTS
            if self.wanted.get(key) is True
        ]
        uris = self.wanted.get("resourceSubscriptions")
        known = agreed.get("resourceSubscriptions") if agreed is not None else None
        for uri in uris if isinstance(uris, list) else ():
            found.append((str(uri), None if agreed is None else isinstance(known, list) and uri in known))
        return found


def _params(entry: Entry) -> dict[str, Any]:
    message = entry.message
    params = message.get("params") if isinstance(message, dict) else None
    return params if isinstance(params, dict) else {}
