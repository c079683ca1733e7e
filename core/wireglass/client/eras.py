"""Remembers which era a server spoke, so that the next connection need not find out again. In this process only.

Source: "Backward compatibility" of the 2026-07-28 lifecycle: the verdict is kept per origin (HTTP) or per server
process (stdio), and found out again when it fails. What is remembered here:

- HTTP: every verdict, by origin and path, since a gateway has many servers under one origin;
- stdio: handshakes whose probe cost something (it was never answered, or it ended the process), by command, arguments,
  folder, and when the files among the arguments last changed.

A process that runs keeps its own verdict: the session knows its version. A verdict is dropped when the server refuses
what it says, when another server answers, and after a while, so that a server which learns the newer era is found out.
"""

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from wireglass.client.expiring import Expiring
from wireglass.errors import HEADER_MISMATCH, INVALID_REQUEST, UNSUPPORTED_PROTOCOL_VERSION, McpError
from wireglass.protocol.messages import JsonObject
from wireglass.protocol.versions import HEADER_PROTOCOL_VERSION, META_PROTOCOL_VERSION

__all__ = ["SHARED", "EraMemory", "Verdict", "http_key", "identity_of", "refutes", "stdio_key"]

SECONDS: Final = 3600.0
LOOPBACK_SECONDS: Final = 300.0
"""On this machine servers are edited and started again, and asking costs nothing."""
_ENTRIES: Final = 256
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a server spoke when it was last connected to."""

    version: str
    stateless: bool
    sse: bool = False
    """Whether it was reached over HTTP+SSE of 2024-11-05."""
    server: tuple[str, str] = ("", "")
    """Its name and version: if another answers, nothing is known."""


class EraMemory:
    """Verdicts by key. `clock` is in seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._kept = Expiring[Hashable | None, Verdict](_ENTRIES, clock)

    def recall(self, key: Hashable | None) -> Verdict | None:
        """The verdict, unless there is none or it is too old. None as the key remembers nothing."""
        return self._kept.get(key)

    def keep(self, key: Hashable | None, verdict: Verdict) -> None:
        """Keeps a verdict for an hour; for five minutes if the server is on this machine and speaks HTTP."""
        if key is None:
            return
        here = isinstance(key, tuple) and key[:1] == ("http",) and urlsplit(str(key[1])).hostname in _HERE
        self._kept.keep(key, verdict, LOOPBACK_SECONDS if here else SECONDS)

    def forget(self, key: Hashable | None) -> None:
        """The verdict is wrong."""
        self._kept.forget(lambda each: each == key)


SHARED: Final = EraMemory()
"""The memory of clients that are given none."""


def http_key(url: str, network: Any = None) -> Hashable | None:
    """The key of an HTTP server; `network` is what reaches it, if that is not the usual one."""
    parts = urlsplit(url)
    key = ("http", f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}", parts.path, network)
    try:
        hash(key)
    except TypeError:
        return None
    return key


def stdio_key(command: str, args: Sequence[str], cwd: str | None) -> Hashable:
    """The key of a command. A file among its arguments that was edited since makes it another one."""
    return ("stdio", command, tuple(args), cwd, tuple(_changed_at(word, cwd) for word in args))


def _changed_at(word: str, cwd: str | None) -> int:
    try:
        return Path(cwd or ".", word).stat().st_mtime_ns
    except (OSError, ValueError):
        return 0


_HANDSHAKE_REFUSALS: Final = (INVALID_REQUEST, *range(-32019, -31999))
"""What servers of the handshake eras say to a request without a session."""


def refutes(error: McpError, *, stateless: bool, written: Collection[str]) -> Literal["now", "next time", ""]:
    """Whether an answer within a connection says that its server no longer speaks the version of it: then it is found
    out anew, "now" if nothing else can be meant. `written` are the `_meta` keys and headers that the caller wrote on
    the request: a version among them is the caller's business."""
    if any(name == META_PROTOCOL_VERSION or name.lower() == HEADER_PROTOCOL_VERSION for name in written):
        return ""
    if error.code == UNSUPPORTED_PROTOCOL_VERSION or (error.code == HEADER_MISMATCH and not stateless):
        return "now"
    return "next time" if stateless and error.code in _HANDSHAKE_REFUSALS else ""


def identity_of(info: JsonObject) -> tuple[str, str]:
    """What a server says it is, as far as it matters here."""
    return str(info.get("name", "")), str(info.get("version", ""))
