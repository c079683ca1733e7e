"""What the frames so far tell of a connection: which revision was agreed on, what both sides can do, which tools
promise which results. For the judge; it knows nothing that did not cross the wire."""

from dataclasses import dataclass, field
from typing import Any

from wireglass.protocol.messages import JsonObject, as_object, is_object
from wireglass.protocol.versions import (
    LATEST_HANDSHAKE,
    LATEST_STATELESS,
    META_CLIENT_CAPABILITIES,
    is_known,
    is_stateless,
    requested_version,
)
from wireglass.recording.entries import Entry, Exchange

__all__ = ["Learnt", "learn", "version_of"]

_OPENING = frozenset({"initialize", "server/discover"})
_MOST_TOOLS = 10_000
"""Output schemas that are remembered for a connection."""


@dataclass(slots=True)
class Learnt:
    """What is known of one connection so far."""

    first_id: int | None = None
    """Of the first request of the client, while its ids are numbers."""
    version: str | None = None
    initialize_answered: bool = False
    initialized: bool = False
    client_can: JsonObject | None = None
    """None while not told."""
    server_can: JsonObject | None = None
    output_schemas: dict[str, Any] = field(default_factory=dict[str, Any])
    asked_with: dict[int, tuple[str, JsonObject | None]] = field(
        default_factory=dict[int, tuple[str, JsonObject | None]]
    )
    """Version and client capabilities of each open request, by the number of its exchange."""
    progress: dict[int, float] = field(default_factory=dict[int, float])

    def opened_anew(self, entry: Entry, message: Any) -> bool:
        """Whether the frame begins the connection again: clients count their ids up, so one that opens with an id no
        higher than its first has a server that was started again, or another session."""
        if entry.method not in _OPENING or self.first_id is None:
            return False
        id = _id_of_client(entry, message)
        return id is not None and id <= self.first_id

    def count_ids(self, entry: Entry, message: Any) -> None:
        """Remembers the first id of the client."""
        if self.first_id is None:
            self.first_id = _id_of_client(entry, message)


def _id_of_client(entry: Entry, message: Any) -> int | None:
    if entry.kind != "request" or entry.sender != "client":
        return None
    id = as_object(message).get("id")
    return id if isinstance(id, int) else None


def version_of(entry: Entry, message: Any, known: Learnt) -> str:
    """The revision that a frame is to be judged by."""
    exchange = entry.exchange
    if entry.kind in ("result", "error") and exchange is not None and exchange.number in known.asked_with:
        return known.asked_with[exchange.number][0]
    params = as_object(as_object(message).get("params"))
    own = requested_version(params)
    if own is not None and is_known(own):
        return own
    if entry.method == "server/discover":
        return LATEST_STATELESS
    if entry.method == "initialize":
        wanted = params.get("protocolVersion")
        return wanted if isinstance(wanted, str) and is_known(wanted) else LATEST_HANDSHAKE
    return known.version or LATEST_HANDSHAKE


def learn(entry: Entry, message: JsonObject, known: Learnt) -> None:
    """Takes from a frame what it tells; after it was judged, in the order of recording."""
    exchange = entry.exchange
    if entry.kind == "request" and exchange is not None:
        version = version_of(entry, message, known)
        meta = as_object(as_object(message.get("params")).get("_meta"))
        capabilities = meta.get(META_CLIENT_CAPABILITIES)
        known.asked_with[exchange.number] = (version, capabilities if is_object(capabilities) else None)
        if is_stateless(version) and entry.method != "server/discover":
            known.version = version
        if entry.method == "initialize":
            known.client_can = as_object(as_object(message.get("params")).get("capabilities"))
    elif entry.kind == "notification" and entry.method == "notifications/initialized":
        known.initialized = True
    elif entry.kind in ("result", "error") and exchange is not None:
        known.asked_with.pop(exchange.number, None)
        known.progress.pop(exchange.number, None)
        if entry.kind == "result":
            _from_result(entry.method, exchange, as_object(message.get("result")), known)


def _from_result(method: str, exchange: Exchange, result: JsonObject, known: Learnt) -> None:
    if method in ("initialize", "server/discover"):
        known.server_can = as_object(result.get("capabilities"))
    if method == "initialize":
        known.initialize_answered = True
        version = result.get("protocolVersion")
        known.version = version if isinstance(version, str) else known.version
    elif method == "server/discover":
        known.version = requested_version(exchange.params) or LATEST_STATELESS
    elif method == "tools/list":
        for tool in result["tools"] if isinstance(result.get("tools"), list) else ():
            name = as_object(tool).get("name")
            if isinstance(name, str) and len(known.output_schemas) < _MOST_TOOLS:
                known.output_schemas[name] = as_object(tool).get("outputSchema")
