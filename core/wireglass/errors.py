"""Every exception that Wireglass raises, and what its reader can do about it.

    WireglassError
    ├── ProtocolError               the peer broke the protocol, or we would have
    │   ├── McpError                a JSON-RPC error, as sent or received (code, message, data)
    │   ├── NoCommonVersion         both ends work, and speak no version that the other knows
    │   └── SkillError              a skill is not what its entry says, or cannot be one
    ├── TransportError              bytes could not be moved
    │   ├── TransportClosed         the other side is gone
    │   ├── OlderTransport          the address speaks HTTP+SSE, which was not agreed to
    │   ├── SignInError             no token: which step of the sign-in failed, and what to do
    │   └── HttpStatusError         an HTTP answer that carries no MCP message
    │       └── SessionLost         the server has forgotten our session: initialise again
    ├── RequestTimeout              no answer in time (local: never looks like a peer's error)
    ├── FastMCPError                raised by server authors; its text reaches the client as written
    │   ├── ValidationError
    │   ├── ToolError
    │   │   ├── ElicitationDeclined
    │   │   └── ElicitationCancelled
    │   ├── ResourceError
    │   ├── PromptError
    │   ├── NotFoundError
    │   │   └── DisabledError
    │   └── InvalidSignature
    ├── StateUnavailable            the store of the session state does not answer
    ├── RegistrationError           a component that can never work, found when it is registered
    ├── LaunchError                 a server that could not be found or started
    └── ConfigError                 a configuration file that cannot be read or edited

The JSON-RPC codes are those of JSON-RPC 2.0 section 5.1 and of the MCP specification.
"""

from collections.abc import Sequence
from typing import Any

from wireglass.records import record

__all__ = [
    "HEADER_MISMATCH",
    "INTERNAL_ERROR",
    "INVALID_PARAMS",
    "INVALID_REQUEST",
    "METHOD_NOT_FOUND",
    "MISSING_CLIENT_CAPABILITY",
    "PARSE_ERROR",
    "RESOURCE_NOT_FOUND",
    "UNSUPPORTED_PROTOCOL_VERSION",
    "URL_ELICITATION_REQUIRED",
    "USER_REJECTED",
    "ConfigError",
    "DisabledError",
    "ElicitationCancelled",
    "ElicitationDeclined",
    "ErrorData",
    "FastMCPDeprecationWarning",
    "FastMCPError",
    "HttpStatusError",
    "InvalidSignature",
    "LaunchError",
    "McpError",
    "NoCommonVersion",
    "NotFoundError",
    "OlderTransport",
    "PromptError",
    "ProtocolError",
    "RegistrationError",
    "RequestTimeout",
    "ResourceError",
    "SessionLost",
    "SignInError",
    "SkillError",
    "StateUnavailable",
    "ToolError",
    "TransportClosed",
    "TransportError",
    "ValidationError",
    "WireglassError",
]

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
RESOURCE_NOT_FOUND = -32002
"""Handshake versions only; 2026-07-28 answers INVALID_PARAMS."""
HEADER_MISMATCH = -32020
MISSING_CLIENT_CAPABILITY = -32021
UNSUPPORTED_PROTOCOL_VERSION = -32022
URL_ELICITATION_REQUIRED = -32042
"""2025-11-25 only."""
USER_REJECTED = -1


_NOTED_LINES = 20
"""Of a server's stderr, in the note of an error."""


class WireglassError(Exception):
    """Base of everything we raise. `next_step` is a sentence for the reader, or empty; tracebacks show it too."""

    def __init__(self, message: str = "", *, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        if next_step:
            self.add_note(next_step)


class ProtocolError(WireglassError):
    """The protocol was, or would have been, broken."""


class FastMCPDeprecationWarning(DeprecationWarning):
    """Something that the next release of FastMCP no longer takes; its own name, so that it can be filtered."""


@record
class ErrorData:
    """The members of a JSON-RPC error object."""

    code: int
    message: str
    data: Any = None


class McpError(ProtocolError):
    """A JSON-RPC error object: `code`, `message` and optional `data`, exactly as on the wire.

    `McpError(ErrorData(...))`, the spelling of the 1.x SDK, is understood too.
    """

    def __init__(self, code: int | ErrorData, message: str = "", data: Any = None, *, next_step: str = "") -> None:
        if not isinstance(code, int):
            code, message, data = code.code, code.message, code.data
        super().__init__(message, next_step=next_step)
        self.code: int = code
        self.data = data
        self.http_status: int | None = None
        """The status of the HTTP answer that carried a received error."""

    @property
    def error(self) -> ErrorData:
        """The three members in one object, as other clients know them."""
        return ErrorData(self.code, self.message, self.data)

    def to_dict(self) -> dict[str, Any]:
        """The JSON-RPC `error` member; `data` is left out when it is None."""
        body: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.data is not None:
            body["data"] = self.data
        return body


class NoCommonVersion(ProtocolError):
    """The server speaks `theirs`, we speak `ours` (protocol versions), and no version is in both."""

    def __init__(self, theirs: Sequence[str], ours: Sequence[str]) -> None:
        self.theirs = tuple(theirs)
        self.ours = tuple(ours)
        shown = ours[0] if len(ours) == 1 else f"{ours[0]} to {ours[-1]}"
        super().__init__(
            f"No common protocol version. Server: {', '.join(theirs) or 'none'}. Wireglass: {shown}.",
            next_step="Update the older of the two.",
        )


class SkillError(ProtocolError):
    """A skill that is not what its entry says, or a folder that cannot be one (SEP-2640): it must not be loaded."""


class TransportError(WireglassError, RuntimeError):
    """Bytes could not be moved. A RuntimeError too: what code for other clients catches."""


class TransportClosed(TransportError):
    """The connection is over. `exit_status` and `stderr_tail` are set when a child process ended."""

    def __init__(
        self,
        message: str = "The connection is closed.",
        *,
        exit_status: int | None = None,
        stderr_tail: str = "",
        next_step: str = "",
    ) -> None:
        super().__init__(message, next_step=next_step)
        self.exit_status = exit_status
        self.stderr_tail = stderr_tail
        if stderr_tail:
            self.add_note(f"The end of the server's stderr:\n{_indented(stderr_tail)}")


def _indented(text: str) -> str:
    """Without control characters, which could rule the terminal that shows it."""
    lines = text.splitlines()[-_NOTED_LINES:]
    return "\n".join("    " + "".join(one if one.isprintable() else "\ufffd" for one in line) for line in lines)


class OlderTransport(TransportError):
    """Streamable HTTP is refused at `url`, and HTTP+SSE of 2024-11-05 is answered."""

    def __init__(self, url: str) -> None:
        super().__init__(
            "This address speaks the older SSE transport. It still works, but is deprecated.",
            next_step="Connect with the SSE transport.",
        )
        self.url = url


class SignInError(TransportError):
    """Authorization did not succeed. `step` names the step (a key of `wireglass.auth.steps.TITLES`), `code` is the
    authorization server's error code (RFC 6749 sections 4.1.2.1 and 5.2) or empty. Its text never holds a secret."""

    def __init__(self, step: str, message: str, *, next_step: str = "", code: str = "") -> None:
        super().__init__(message, next_step=next_step)
        self.step = step
        self.code = code


class HttpStatusError(TransportError):
    """An HTTP answer that carries no MCP message: `status`, `headers` (lower-case names) and the start of the body."""

    def __init__(
        self, status: int, message: str, *, headers: dict[str, str] | None = None, body: str = "", next_step: str = ""
    ) -> None:
        super().__init__(message, next_step=next_step)
        self.status = status
        self.headers = headers or {}
        self.body = body


class SessionLost(HttpStatusError):
    """404 to a request that named a session: the server has ended or forgotten it. The transport has dropped its id,
    so that the next `initialize` opens a new session (Streamable HTTP, session management).

    `begun`: the request had been accepted, and was lost when its answer was fetched. It may have been carried out.
    """

    def __init__(self, *, headers: dict[str, str] | None = None, body: str = "", begun: bool = False) -> None:
        text = "The server no longer knows this session (HTTP 404 Not Found)"
        step = "Connect again; the server was probably restarted."
        if begun:
            text += ", and with it the request that it worked on: what it did is unknown"
            step = "The server was probably restarted. Look at what the call did before you run it again."
        super().__init__(404, text, headers=headers, body=body, next_step=step)
        self.begun = begun


class RequestTimeout(WireglassError):
    """No answer within `seconds`; the request was cancelled and its late answer will be ignored."""

    def __init__(self, method: str, seconds: float) -> None:
        super().__init__(
            f"No answer to {method} within {seconds:g} s; the request was cancelled.",
            next_step="Run it again with a longer time-out, or look at the frames to see what the server did.",
        )
        self.method = method
        self.seconds = seconds


class FastMCPError(WireglassError):
    """Raised by server authors; the text reaches the client as written.

    `log_level` (of `logging`) is how the server's own log takes it.
    """

    logged: bool = False
    """Whether a server has logged it: one that passes several is logged once."""

    def __init__(self, message: str = "", *, next_step: str = "", log_level: int = 40) -> None:
        super().__init__(message, next_step=next_step)
        self.log_level = log_level


class ValidationError(FastMCPError):
    """Arguments or a result do not fit."""


class ToolError(FastMCPError):
    """A tool failed; becomes a result with `isError: true`."""


class ElicitationDeclined(ToolError):
    """The user read the question and said no."""


class ElicitationCancelled(ToolError):
    """The user dismissed the question."""


class ResourceError(FastMCPError):
    """A resource could not be read."""


class PromptError(FastMCPError):
    """A prompt could not be rendered."""


class NotFoundError(FastMCPError):
    """No tool, resource or prompt has this name."""


class DisabledError(NotFoundError):
    """The component exists but is disabled."""


class InvalidSignature(FastMCPError):
    """A function cannot be made into a component."""


class StateUnavailable(WireglassError):
    """The store of the session state does not answer, so nothing was kept (`doing`: "read", "written", "deleted")."""

    def __init__(self, doing: str) -> None:
        step = "Look at the server's log and at the store it names; then call again."
        super().__init__(f"The session's state cannot be {doing}: its store does not answer.", next_step=step)


class RegistrationError(WireglassError, ValueError):
    """A component that can never work; the message names the function, its file and line."""


class LaunchError(WireglassError):
    """A server file or command that could not be found or started."""


class ConfigError(WireglassError):
    """A configuration file that cannot be read or edited: names file, line and column where known."""
