"""What happens in a session beside the frames: lines of stderr, starts and reloads, HTTP exchanges, sign-ins. Pure."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from wireglass.protocol.messages import HttpExchange, JsonObject

__all__ = ["EVENT_KINDS", "EventKind", "SessionEvent", "http_event"]

EventKind = Literal["stderr", "start", "reload", "end", "http", "sign-in", "question"]
"""`start` and `reload` last from the launch to the answer that made the connection usable; `question` tells who
answered a question of the server. `sign-in` is one step of getting a token: `facts` has step (a key of
`wireglass.auth.steps.TITLES`), state, detail, human (whether its time was a person's) and run; never a secret."""
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


_PHASES = ("connect_ns", "connected_ns", "secure_ns", "secured_ns", "sent_ns", "head_ns")


def http_event(connection: str, exchange: HttpExchange) -> SessionEvent:
    """An HTTP exchange as an event. Its `channel` is that of the frames it carried; many carry none.

    `facts`: verb, url, channel, status, httpVersion, sent and received (bytes of the bodies), requestHeaders and
    responseHeaders (pairs), error, and the phases that happened, in nanoseconds since the event's `at_ns`.
    """
    phases = {name.removesuffix("_ns"): getattr(exchange, name) for name in _PHASES}
    facts: JsonObject = {
        "verb": exchange.verb,
        "url": exchange.url,
        "channel": exchange.channel,
        "status": exchange.status,
        "httpVersion": exchange.http_version,
        "sent": exchange.sent_bytes,
        "received": exchange.received_bytes,
        "requestHeaders": [list(pair) for pair in exchange.request_headers],
        "responseHeaders": [list(pair) for pair in exchange.response_headers],
        "error": exchange.error,
        "phases": {name: at - exchange.queued_ns for name, at in phases.items() if at is not None},
    }
    said = "no answer" if exchange.status is None else str(exchange.status)
    return SessionEvent(
        connection=connection,
        kind="http",
        at_ns=exchange.queued_ns,
        until_ns=exchange.done_ns,
        text=f"{exchange.verb} {exchange.url}: {said}",
        facts={name: value for name, value in facts.items() if value not in (None, "", [], {})},
    )
