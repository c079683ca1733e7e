"""What was settled when a client's connection was opened, as its properties. None while there is no connection."""

from wireglass.client import typed
from wireglass.client.opening import ConnectionFacts
from wireglass.client.raw_results import RawResult
from wireglass.errors import TransportClosed
from wireglass.protocol.messages import JsonObject

__all__ = ["Settled"]


class Settled:
    """The facts of a connection. `Client` keeps them up to date."""

    _facts: ConnectionFacts | None = None
    _opening_result: RawResult | None = None

    @property
    def facts(self) -> ConnectionFacts:
        """What was settled when the connection was opened; kept after it is closed. Raises TransportClosed before."""
        if self._facts is None:
            raise TransportClosed("The client has not been connected.", next_step="Use it inside `async with client:`.")
        return self._facts

    def is_connected(self) -> bool:
        """Whether requests can be sent."""
        raise NotImplementedError

    @property
    def _current(self) -> ConnectionFacts | None:
        return self._facts if self.is_connected() else None

    @property
    def protocol_version(self) -> str | None:
        """The version in use."""
        current = self._current
        return None if current is None else current.version

    @property
    def server_info(self) -> "typed.Implementation | None":
        """Name and version of the server, as it says."""
        current = self._current
        return typed.Implementation.read(current.server_info) if current is not None and current.server_info else None

    @property
    def server_capabilities(self) -> "typed.ServerCapabilities | None":
        """What the server offers."""
        current = self._current
        return None if current is None else typed.ServerCapabilities.read(current.capabilities)

    @property
    def instructions(self) -> str | None:
        """The server's hints for models."""
        current = self._current
        return None if current is None else current.instructions

    @property
    def initialize_result(self) -> RawResult | None:
        """The raw result of `initialize`. A stateless connection has none (`discover_result` is its counterpart)."""
        current = self._current
        return None if current is None or current.stateless else self._opening_result

    @property
    def discover_result(self) -> RawResult | None:
        """The raw result of `server/discover`. A handshake connection has none."""
        current = self._current
        return self._opening_result if current is not None and current.stateless else None

    def _settle(self, facts: ConnectionFacts) -> None:
        self._facts = facts
        self._opening_result = RawResult(facts.result)

    @property
    def _offered(self) -> JsonObject:
        return {} if self._facts is None else self._facts.capabilities
