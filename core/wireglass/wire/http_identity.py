"""Who a handshake session is over HTTP: its id and version, learnt from the answer that opened it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wireglass.errors import SessionLost
from wireglass.protocol.versions import HEADER_PROTOCOL_VERSION, HEADER_SESSION_ID

if TYPE_CHECKING:
    import httpx

__all__ = ["HttpIdentity"]


@dataclass(slots=True)
class HttpIdentity:
    """What every request of the session says in its headers, and what is known of its end."""

    session_id: str | None = None
    version: str | None = None
    lost: SessionLost | None = None
    """Set when the server has forgotten the session; then nothing may be sent until the next `initialize`."""

    def add_to(self, headers: dict[str, str]) -> None:
        """Adds the headers that are not there yet."""
        if self.session_id is not None:
            headers.setdefault(HEADER_SESSION_ID, self.session_id)
        if self.version is not None:
            headers.setdefault(HEADER_PROTOCOL_VERSION, self.version)

    def learn(self, message: Any, response: "httpx.Response") -> None:
        """Only a successful InitializeResult may name a session: the id on an error belongs to nobody."""
        result = message.get("result") if isinstance(message, dict) else None
        if not isinstance(result, dict):
            return
        version: Any = result.get("protocolVersion")
        self.version = version if isinstance(version, str) else None
        id = response.headers.get(HEADER_SESSION_ID)
        self.session_id = id if id and all("\x21" <= letter <= "\x7e" for letter in id) else None

    def forget(self, lost: SessionLost) -> None:
        """The server no longer knows the session."""
        self.session_id = self.version = None
        self.lost = lost
